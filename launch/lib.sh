# Shared by the scripts in this folder, which source it after `set -euo pipefail`.
# shellcheck shell=bash

unset CDPATH
repository=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
binary=${INPAINT_BINARY:-$repository/.build/release/inpaint}

# shellcheck source=processor-quota.sh
. "$repository/launch/processor-quota.sh"

# say WORD...: tells people, where anybody can hear it: a closed pipe or a full disk decides nothing.
say() { printf '%s\n' "$*" >&2 || true; }

# fail EXIT_CODE MESSAGE...
fail() {
  local code=$1
  shift
  say "${0##*/}: $*"
  exit "$code"
}

# count_of OPTION VALUE: the value, which must be a whole number above 0.
count_of() {
  [[ $2 =~ ^[1-9][0-9]*$ ]] || fail 64 "$1 wants a whole number above 0, not '$2'"
  echo "$2"
}

require_binary() {
  [ -x "$binary" ] || fail 1 "$binary is not there; run launch/build first"
  command -v perl >/dev/null || fail 1 "perl is not there; install it (Debian: perl-base)"
  command -v mpirun >/dev/null || fail 1 "mpirun is not there; run launch/setup first"
}

# Where this program's libraries lie in folders of the user's own, the options with which `swift build`
# writes those folders into what it builds.
run_path_options=()
find_run_paths() {
  local folder
  local -a folders
  IFS=: read -ra folders <<<"${LIBRARY_PATH:-}"
  for folder in "${folders[@]}"; do
    if [ -n "$folder" ]; then run_path_options+=(-Xlinker -rpath -Xlinker "$folder"); fi
  done
}

# ---- processors ------------------------------------------------------------------------------

# The processors that this process may run on, one number a line.
allowed_processors() {
  local list range
  list=$(taskset -cp $$)
  for range in $(tr ',' ' ' <<<"${list##*: }"); do
    seq "${range%-*}" "${range#*-}"
  done
}

# by_neighbourhood: sorts processors, one number a line, by memory node and core: many systems count the
# second thread of each core behind all first ones, and ranks are to have whole cores beside each other.
by_neighbourhood() {
  local processor folder node core
  while read -r processor; do
    node=0 core=$processor
    for folder in "$system_root/sys/devices/system/cpu/cpu$processor"/node[0-9]*; do
      if [ -e "$folder" ]; then node=${folder##*/node}; fi
    done
    { read -r core <"${folder%/*}/topology/thread_siblings_list"; } 2>/dev/null || true
    echo "$node ${core%%[-,]*} $processor"
  done | sort -n -k 1,1 -k 2,2 -k 3,3 | cut -d ' ' -f 3
}

# place_of RANK COUNT: "THREADS PROCESSORS" of one of COUNT ranks on this machine. PROCESSORS is a
# list for taskset: an equal share of neighbours, or "any" where ranks cannot have some of their own.
place_of() {
  local rank=$1 count=$2 quota share
  local -a processors
  mapfile -t processors < <(allowed_processors | by_neighbourhood)
  quota=$(processor_quota)
  if ((quota < ${#processors[@]})); then
    share=$((quota / count))
    echo "$((share > 0 ? share : 1)) any"
  elif ((count > ${#processors[@]})); then
    echo "1 any"
  else
    share=$((${#processors[@]} / count))
    local IFS=,
    echo "$share ${processors[*]:rank*share:share}"
  fi
}

# ---- Open MPI --------------------------------------------------------------------------------

# Sets what Open MPI needs to run here at all and says so; mpirun_options are those of every run.
prepare_mpi() {
  local name
  if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    say "Open MPI runs as root (OMPI_ALLOW_RUN_AS_ROOT=1)"
  fi
  # What starts ranks on other machines, under its names in Open MPI 4 and in 5 (PRRTE).
  if [ -n "${OMPI_MCA_plm_rsh_agent:=${PRTE_MCA_plm_ssh_agent:-}}" ]; then
    export OMPI_MCA_plm_rsh_agent PRTE_MCA_plm_ssh_agent=$OMPI_MCA_plm_rsh_agent
  fi
  # mpirun gives ranks a pseudo-terminal, so they cannot tell whether a person is watching.
  INPAINT_TERMINAL=$([ -t 1 ] && echo 1 || echo 0)
  export INPAINT_TERMINAL
  # launch/rank binds, the same way everywhere.
  mpirun_options=(--bind-to none)
  for name in INPAINT_TERMINAL INPAINT_THREADS INPAINT_LOCK_SECONDS LD_LIBRARY_PATH \
    OMPI_MCA_btl_vader_single_copy_mechanism; do
    if [ -n "${!name:-}" ]; then mpirun_options+=(-x "$name"); fi
  done
}

# Keeps ranks that are all on this machine from looking for networks: Open MPI 5 prints "Unable to find
# reachable pairing" for each rank where an interface has addresses of two kinds.
stay_on_this_machine() {
  if [ -z "${OMPI_MCA_btl:-}" ]; then mpirun_options+=(--mca btl 'self,vader'); fi
}
