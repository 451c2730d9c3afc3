/// MPI for Swift: status codes instead of exceptions, byte buffers instead of datatypes.
///
/// `mpi.h` stays private to the implementation because Swift cannot import its macros. Every
/// function that can fail returns 0 or an MPI error code, and `cmpi_error_string` explains it.
/// All calls act on MPI_COMM_WORLD and are made by the thread that called `cmpi_init`.
#ifndef CMPI_H
#define CMPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CMPI_STATUS __attribute__((warn_unused_result)) int32_t

#pragma clang assume_nonnull begin

/// A non-blocking operation. Zero-initialised by the caller, and complete once `cmpi_test` says so.
typedef struct {
  uint64_t handle;
} cmpi_request;

/// Starts MPI with MPI_THREAD_FUNNELED, and makes errors return instead of ending the process. Tells Open
/// MPI 4 to copy messages twice where processes may not read each other's memory.
///
/// @param thread_level Receives the level that MPI grants: 0 single, 1 funneled, 2 serialized,
/// 3 multiple.
CMPI_STATUS cmpi_init(int32_t *thread_level);
/// Ends MPI. Only for the path of success: with a dead or waiting rank it never returns.
CMPI_STATUS cmpi_finalize(void);
/// Ends all ranks with this exit code, without waiting for any of them.
void cmpi_abort(int32_t exit_code);

CMPI_STATUS cmpi_rank(int32_t *rank);
CMPI_STATUS cmpi_size(int32_t *size);
/// This rank's number among the ranks of its host, and their count. Collective.
CMPI_STATUS cmpi_host_rank(int32_t *rank, int32_t *size);

/// Writes what an MPI error code means. The text is always terminated.
void cmpi_error_string(int32_t status, char *text, size_t capacity);
/// Writes the name and version of the MPI library. The text is always terminated.
CMPI_STATUS cmpi_library_version(char *text, size_t capacity);
/// Writes how ranks of one host copy large messages: "cma", "none", ..., "forbidden" where processes may
/// not read each other's memory, or "" where unknown.
CMPI_STATUS cmpi_single_copy_mechanism(char *text, size_t capacity);

CMPI_STATUS cmpi_barrier(void);
/// Sends `count` bytes of the root to all ranks; any size.
CMPI_STATUS cmpi_broadcast(void *_Nullable bytes, size_t count, int32_t root);
/// Concatenates `count` bytes of every rank, in rank order, on every rank.
CMPI_STATUS cmpi_all_gather(
    const void *_Nullable bytes, size_t count, void *_Nullable gathered);
/// Like `cmpi_all_gather` with a count and an offset for each rank.
CMPI_STATUS cmpi_all_gather_varying(
    const void *_Nullable bytes, size_t count, void *_Nullable gathered, const int32_t *counts,
    const int32_t *offsets);
/// Like `cmpi_all_gather_varying`, on rank 0 only.
CMPI_STATUS cmpi_gather_varying(
    const void *_Nullable bytes, size_t count, void *_Nullable gathered, const int32_t *counts,
    const int32_t *offsets);

/// Sums float32 values over all ranks in an order that MPI chooses.
///
/// @param source This rank's values, or NULL where `result` holds them.
CMPI_STATUS cmpi_all_reduce_sum(
    const float *_Nullable source, float *_Nullable result, size_t count);
/// Starts a sum over all ranks; the two buffers are separate and untouched until it is complete.
CMPI_STATUS cmpi_start_all_reduce_sum(
    const float *_Nullable source, float *_Nullable result, size_t count, cmpi_request *request);

CMPI_STATUS cmpi_start_send(
    const void *_Nullable bytes, size_t count, int32_t rank, int32_t tag, cmpi_request *request);
CMPI_STATUS cmpi_start_receive(
    void *_Nullable bytes, size_t count, int32_t rank, int32_t tag, cmpi_request *request);
/// Moves communication on, and says whether the operation is complete.
CMPI_STATUS cmpi_test(cmpi_request *request, bool *complete);

#pragma clang assume_nonnull end
#endif
