# Shared by the scripts in this folder, which source it after `set -euo pipefail`.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binary=${INPAINT_BINARY:-$repository/.build/release/inpaint}

say() { printf '%s\n' "$*" >&2; }

# fail EXIT_CODE MESSAGE...
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$code"
}

# count_of OPTION VALUE: the value, which must be a whole number above 0.
count_of() {
  [[ $2 =~ ^[1-9][0-9]*$ ]] || fail 64 "$1 wants a whole number above 0, not '$2'"
  echo "$2"
}

require_binary() {
  [ -x "$binary" ] || fail 1 "$binary is not there; run launch/build first"
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

# How many processors' worth of time a container may use; more than there are where it is not limited.
processor_quota() {
  local quota=max period=100000
  if [ -r /sys/fs/cgroup/cpu.max ]; then
    read -r quota period </sys/fs/cgroup/cpu.max
  elif [ -r /sys/fs/cgroup/cpu/cpu.cfs_quota_us ]; then
    quota=$(</sys/fs/cgroup/cpu/cpu.cfs_quota_us)
    period=$(</sys/fs/cgroup/cpu/cpu.cfs_period_us)
  fi
  case $quota in
    max | -1) echo 1000000 ;;
    *) echo $(((quota + period - 1) / period)) ;;
  esac
}

# place_of RANK COUNT: "THREADS PROCESSORS" of one of COUNT ranks on this machine. PROCESSORS is a
# list for taskset: an equal share, in order, or "any" where ranks cannot have some of their own.
place_of() {
  local rank=$1 count=$2 quota share
  local -a processors
  mapfile -t processors < <(allowed_processors)
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

# ---- a run -----------------------------------------------------------------------------------

signals=0  # that asked for an end so far
job=''     # mpirun, while it runs
asking=''  # what repeats the request to it

# listen_for_signals: from now on a signal that asks for an end becomes the one that makes all ranks
# save at the same step; mpirun would kill them within two seconds of a SIGTERM.
listen_for_signals() {
  local name
  # shellcheck disable=SC2064 # the name is to be expanded now
  for name in TERM INT HUP XCPU USR1 USR2; do trap "stop_ranks SIG$name" "$name"; done
}

# train_ranks MPIRUN_OPTION... -- TRAIN_ARGUMENT...: trains under mpirun and returns inpaint's exit
# code: 75 is "stopped after saving".
train_ranks() {
  local code=0
  local -a places=()
  while [ "$1" != -- ]; do
    places+=("$1")
    shift
  done
  shift
  listen_for_signals
  # A process group of its own: Ctrl-C reaches this script only.
  set -m
  mpirun "${mpirun_options[@]}" "${places[@]}" \
    "$repository/launch/rank" "$binary" train "$@" </dev/null &
  job=$!
  set +m
  if ((signals)); then ask_ranks_to_stop; fi
  while :; do
    interrupted=''
    code=0
    wait "$job" || code=$?
    [ -n "$interrupted" ] || break
    # mpirun ends what is left, for which it takes up to two seconds; nobody has to wait for that.
    if ((signals > 1)) && kill -0 "$job" 2>/dev/null; then
      code=143
      break
    fi
  done
  job=''
  if [ -n "$asking" ]; then kill "$asking" 2>/dev/null || true; fi
  # 138: the signal came before a rank could listen to it, so there was nothing to save.
  if ((signals && code == 138)); then code=75; fi
  # Whatever became of mpirun: 4.1.4 crashes now and then when it is ended.
  if ((signals > 1 && code != 75)); then code=143; fi
  if ((code == 75)); then say "${0##*/}: stopped; the same command goes on from the last saved step"; fi
  return "$code"
}

# stop_ranks SIGNAL: what a signal does.
stop_ranks() {
  # shellcheck disable=SC2034 # train_ranks reads it
  interrupted=1
  signals=$((signals + 1))
  if ((signals == 1)); then
    say "${0##*/}: $1: saving at the end of this step; a second signal ends at once"
    if [ -n "$job" ]; then ask_ranks_to_stop; fi
  elif ((signals == 2)) && [ -n "$job" ]; then
    # mpirun forwards SIGUSR2 at once, and it ends a rank; of SIGTERM they would hear a second later.
    # Once only: Open MPI 4.1.4 crashes when it is told again.
    say "${0##*/}: $1 again: ending at once"
    if [ -n "$asking" ]; then kill "$asking" 2>/dev/null || true; fi
    kill -USR2 "$job" 2>/dev/null || true
    # mpirun loses that too while it starts ranks; it has ended by then where it has not.
    { sleep 3 && kill -TERM "$job"; } </dev/null >/dev/null 2>&1 &
  fi
}

# Asks at once, and again after 1, 2, 4 ... seconds: mpirun loses the signal while it starts ranks. A
# rank counts SIGUSR1 once, however often it comes.
ask_ranks_to_stop() {
  {
    pause=1
    while kill -USR1 "$job" && sleep "$pause"; do pause=$((pause * 2)); done
  } </dev/null >/dev/null 2>&1 &
  asking=$!
}
