#include "cmpi.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_access.h"

#ifndef OMPI_MAJOR_VERSION
#error "mpi.h is not Open MPI's; run launch/setup"
#endif

_Static_assert(MPI_VERSION >= 3, "MPI 3 or newer is needed for the tools interface");
_Static_assert(sizeof(MPI_Request) <= sizeof(uint64_t), "a request must fit into its handle");

/// Returns from the calling function with the first status that is not success.
#define TRY(call)                                                                                  \
  do {                                                                                             \
    int status_ = (call);                                                                          \
    if (status_ != MPI_SUCCESS) return status_;                                                    \
  } while (0)

static int32_t check_count(size_t count) { return count > INT_MAX ? MPI_ERR_COUNT : MPI_SUCCESS; }

static MPI_Request load(const cmpi_request *request) {
  MPI_Request value;
  memcpy(&value, &request->handle, sizeof value);
  return value;
}

static void store(cmpi_request *request, MPI_Request value) {
  request->handle = 0;
  memcpy(&request->handle, &value, sizeof value);
}

/// The variable that Open MPI 4 sets to what its shared-memory transport found to work.
static const char single_copy_variable[] = "btl_vader_single_copy_mechanism";

/// Whether this program has told Open MPI to copy messages twice.
static bool single_copy_is_forbidden = false;

/// Open MPI 4 does not find out by itself that ranks may not read each other's memory, and fails with
/// "Read -1, expected N, errno = 1"; Open MPI 5 does.
static void choose_single_copy_mechanism(void) {
  char name[sizeof "OMPI_MCA_" + sizeof single_copy_variable];
  snprintf(name, sizeof name, "OMPI_MCA_%s", single_copy_variable);
  if (OMPI_MAJOR_VERSION >= 5 || getenv(name) || cmpi_can_read_other_process()) return;
  single_copy_is_forbidden = setenv(name, "none", 1) == 0;
}

int32_t cmpi_init(int32_t *thread_level) {
  choose_single_copy_mechanism();
  // Two ranks that send to each other at once fill two thirds of a slow link with one connection, and all of it with two.
  setenv("OMPI_MCA_btl_tcp_links", "2", 0);
  int provided = MPI_THREAD_SINGLE;
  TRY(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided));
  *thread_level = provided == MPI_THREAD_SINGLE       ? 0
                  : provided == MPI_THREAD_FUNNELED   ? 1
                  : provided == MPI_THREAD_SERIALIZED ? 2
                                                      : 3;
  return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int32_t cmpi_finalize(void) { return MPI_Finalize(); }

void cmpi_abort(int32_t exit_code) { (void)MPI_Abort(MPI_COMM_WORLD, exit_code); }

int32_t cmpi_rank(int32_t *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }

int32_t cmpi_size(int32_t *size) { return MPI_Comm_size(MPI_COMM_WORLD, size); }

int32_t cmpi_host_rank(int32_t *rank, int32_t *size) {
  MPI_Comm host;
  TRY(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host));
  TRY(MPI_Comm_rank(host, rank));
  TRY(MPI_Comm_size(host, size));
  return MPI_Comm_free(&host);
}

void cmpi_error_string(int32_t status, char *text, size_t capacity) {
  char message[MPI_MAX_ERROR_STRING] = "unknown error";
  int length = 0;
  (void)MPI_Error_string(status, message, &length);
  snprintf(text, capacity, "%s", message);
}

int32_t cmpi_library_version(char *text, size_t capacity) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  TRY(MPI_Get_library_version(version, &length));
  version[strcspn(version, ",\n")] = '\0';
  snprintf(text, capacity, "%s", version);
  return MPI_SUCCESS;
}

static int32_t read_single_copy_mechanism(char *text, size_t capacity) {
  int index, length, verbosity, binding, scope, count, value = 0;
  MPI_Datatype datatype;
  MPI_T_enum names;
  MPI_T_cvar_handle handle;
  char name[256];
  if (MPI_T_cvar_get_index(single_copy_variable, &index) != MPI_SUCCESS) return MPI_SUCCESS;
  length = sizeof name;
  TRY(MPI_T_cvar_get_info(
      index, name, &length, &verbosity, &datatype, &names, NULL, NULL, &binding, &scope));
  if (names == MPI_T_ENUM_NULL) return MPI_SUCCESS;
  TRY(MPI_T_cvar_handle_alloc(index, NULL, &handle, &count));
  if (count == 1) TRY(MPI_T_cvar_read(handle, &value));
  TRY(MPI_T_cvar_handle_free(&handle));
  int items;
  length = sizeof name;
  TRY(MPI_T_enum_get_info(names, &items, name, &length));
  for (int i = 0; i < items; i++) {
    int item = 0;
    length = sizeof name;
    TRY(MPI_T_enum_get_item(names, i, &item, name, &length));
    if (item == value) snprintf(text, capacity, "%s", single_copy_is_forbidden ? "forbidden" : name);
  }
  return MPI_SUCCESS;
}

int32_t cmpi_single_copy_mechanism(char *text, size_t capacity) {
  int provided;
  if (capacity > 0) text[0] = '\0';
  TRY(MPI_T_init_thread(MPI_THREAD_FUNNELED, &provided));
  int32_t status = read_single_copy_mechanism(text, capacity);
  TRY(MPI_T_finalize());
  return status;
}

int32_t cmpi_barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

int32_t cmpi_broadcast(void *bytes, size_t count, int32_t root) {
  const size_t largest = (size_t)1 << 30;
  for (size_t done = 0; done < count;) {
    size_t part = count - done < largest ? count - done : largest;
    TRY(MPI_Bcast((char *)bytes + done, (int)part, MPI_BYTE, root, MPI_COMM_WORLD));
    done += part;
  }
  return MPI_SUCCESS;
}

int32_t cmpi_all_gather(const void *bytes, size_t count, void *gathered) {
  TRY(check_count(count));
  return MPI_Allgather(
      bytes, (int)count, MPI_BYTE, gathered, (int)count, MPI_BYTE, MPI_COMM_WORLD);
}

int32_t cmpi_all_gather_varying(
    const void *bytes, size_t count, void *gathered, const int32_t *counts,
    const int32_t *offsets) {
  TRY(check_count(count));
  return MPI_Allgatherv(
      bytes, (int)count, MPI_BYTE, gathered, counts, offsets, MPI_BYTE, MPI_COMM_WORLD);
}

int32_t cmpi_gather_varying(
    const void *bytes, size_t count, void *gathered, const int32_t *counts,
    const int32_t *offsets) {
  TRY(check_count(count));
  return MPI_Gatherv(
      bytes, (int)count, MPI_BYTE, gathered, counts, offsets, MPI_BYTE, 0, MPI_COMM_WORLD);
}

int32_t cmpi_all_reduce_sum(const float *source, float *result, size_t count) {
  TRY(check_count(count));
  return MPI_Allreduce(
      source ? source : MPI_IN_PLACE, result, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

int32_t cmpi_start_all_reduce_sum(
    const float *source, float *result, size_t count, cmpi_request *request) {
  MPI_Request handle = MPI_REQUEST_NULL;
  TRY(check_count(count));
  TRY(MPI_Iallreduce(
      source, result, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &handle));
  store(request, handle);
  return MPI_SUCCESS;
}

int32_t cmpi_start_send(
    const void *bytes, size_t count, int32_t rank, int32_t tag, cmpi_request *request) {
  MPI_Request handle = MPI_REQUEST_NULL;
  TRY(check_count(count));
  TRY(MPI_Isend(bytes, (int)count, MPI_BYTE, rank, tag, MPI_COMM_WORLD, &handle));
  store(request, handle);
  return MPI_SUCCESS;
}

int32_t cmpi_start_receive(
    void *bytes, size_t count, int32_t rank, int32_t tag, cmpi_request *request) {
  MPI_Request handle = MPI_REQUEST_NULL;
  TRY(check_count(count));
  TRY(MPI_Irecv(bytes, (int)count, MPI_BYTE, rank, tag, MPI_COMM_WORLD, &handle));
  store(request, handle);
  return MPI_SUCCESS;
}

int32_t cmpi_test(cmpi_request *request, bool *complete) {
  MPI_Request handle = load(request);
  int flag = 1;
  if (request->handle != 0) TRY(MPI_Test(&handle, &flag, MPI_STATUS_IGNORE));
  if (flag) {
    request->handle = 0;
  } else {
    store(request, handle);
  }
  *complete = flag != 0;
  return MPI_SUCCESS;
}
