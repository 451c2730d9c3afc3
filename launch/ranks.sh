# One start of the ranks under mpirun: signals, limits, exit codes; sourced after lib.sh.
#
# What is said never decides what is done: requests are passed on before anybody is told, and a message
# that cannot be written is lost. See docs/launching.md.
#
# INPAINT_START_SECONDS: how long ranks may take to find each other, 120; --start-timeout.
# INPAINT_SILENCE_SECONDS: after so long without a sign of life of any rank mpirun is ended, 120.
# shellcheck shell=bash disable=SC2154 # lib.sh sets binary, repository, mpirun_options

signals=0      # that asked for an end so far
job=''         # what runs mpirun, while it runs
asking=''      # what repeats the request to it
was_held=''    # whether another run had the folder before this start
run_folder=''  # of the run, for what is told about its checkpoints

# A reader of our messages that is gone must not end us.
trap '' PIPE
# The next file that is opened would take the place of a stream that is closed.
{ : <&0; } 2>/dev/null || exec </dev/null
{ : >&1; } 2>/dev/null || exec >/dev/null
{ : >&2; } 2>/dev/null || exec 2>/dev/null

# prepare_ranks: after prepare_mpi, what every start needs besides.
prepare_ranks() {
  local name
  notice_lost_hosts
  INPAINT_START_SECONDS=$(seconds_of "--start-timeout or INPAINT_START_SECONDS" "${INPAINT_START_SECONDS:-120}")
  INPAINT_SILENCE_SECONDS=$(seconds_of INPAINT_SILENCE_SECONDS "${INPAINT_SILENCE_SECONDS:-120}")
  export INPAINT_START_SECONDS
  for name in INPAINT_START_SECONDS INPAINT_PROCESSORS INPAINT_SAVE_SECONDS; do
    if [ -n "${!name:-}" ]; then mpirun_options+=(-x "$name"); fi
  done
}

# seconds_of OPTION VALUE: a whole number, 0 for no limit.
seconds_of() {
  [[ $2 =~ ^[0-9]+$ ]] || fail 64 "$1 wants a whole number of seconds, 0 for no limit, not '$2'"
  echo "$((10#$2))"
}

# listen_for_signals: from now on a signal that asks for an end becomes the one that makes all ranks
# save at the same step; mpirun would kill them within two seconds of a SIGTERM.
listen_for_signals() {
  local name
  # shellcheck disable=SC2064 # the name is to be expanded now
  for name in TERM INT HUP XCPU USR1 USR2; do trap "stop_ranks SIG$name" "$name"; done
  trap 'say "${0##*/}: training cannot be suspended and goes on; Ctrl-C saves and stops"' TSTP
}

# find_run_folder TRAIN_ARGUMENT...: also finds what is wrong with the configuration, before any rank starts.
find_run_folder() { run_folder=$("$binary" train "$@" --print-run-folder); }

# The names of a run's checkpoints, newest first.
checkpoints_of() {
  local problem
  problem=$(LC_ALL=C stat -- "$1/checkpoints/" 2>&1 >/dev/null) || case $problem in
    *'No such file'* | *'Not a directory'*) return 0 ;;
    *) return 1 ;;
  esac
  # With its slash it may be a link.
  find "$1/checkpoints/" -maxdepth 1 -type d -regex '.*/step-[0-9]+' -printf '%f\n' | sort -t- -k2,2nr
}

# A file server that has just come back may refuse at first.
newest_checkpoint() {
  local names=''
  for _ in 1 2 3 4 5 6 7 8; do
    if names=$(checkpoints_of "$1"); then break; fi
    sleep 1
  done
  sed -n 1p <<<"$names"
}

# Whether a rank still has the run's folder locked; a file system without locks says no.
run_is_held() {
  local code=0
  flock --shared --nonblock --conflict-exit-code 9 "$run_folder/lock" true 2>/dev/null || code=$?
  ((code == 9))
}

# train_ranks MPIRUN_OPTION... -- TRAIN_ARGUMENT...: trains under mpirun and returns the run's exit
# code: 75 is "stopped after saving".
train_ranks() {
  local code=0 before after
  local -a places=()
  while [ "$1" != -- ]; do
    places+=("$1")
    shift
  done
  shift
  before=$(newest_checkpoint "$run_folder")
  was_held=''
  if run_is_held; then was_held=1; fi
  listen_for_signals
  # A process group of its own: Ctrl-C reaches this script only.
  set -m
  "$repository/launch/minder" \
    "$((INPAINT_START_SECONDS > 0 ? INPAINT_START_SECONDS + 10 : 0))" \
    "$INPAINT_SILENCE_SECONDS" "$run_folder/heartbeat" \
    mpirun "${mpirun_options[@]}" "${places[@]}" \
    "$repository/launch/rank" "$binary" train "$@" </dev/null &
  job=$!
  set +m
  if ((signals)); then ask_ranks_to_stop; fi
  while :; do
    interrupted=''
    code=0
    wait "$job" || code=$?
    [ -n "$interrupted" ] || kill -0 "$job" 2>/dev/null || break
    # mpirun ends what is left, for which it takes up to two seconds; nobody has to wait for that.
    if ((signals > 1)) && kill -0 "$job" 2>/dev/null; then
      code=143
      break
    fi
  done
  job=''
  if [ -n "$asking" ]; then kill "$asking" 2>/dev/null || true; fi
  after=$(newest_checkpoint "$run_folder")
  code=$(meant_by "$code" "$before" "$after")
  if ((code == 75)); then tell_what_is_saved "$before" "$after"; fi
  return "$code"
}

# meant_by CODE BEFORE AFTER: the exit code of a run in the place of mpirun's, where the newest checkpoint
# was BEFORE and is AFTER.
meant_by() {
  local code=$1
  case $code in
    0)
      # Open MPI 5 calls it a success where Slurm ends its daemons, and the ranks still save. Whoever had the
      # folder before is another run, beside which this one has only planned.
      if [ -z "$was_held" ] && run_is_held; then
        say "${0##*/}: mpirun ended before the ranks did"
        code=69
      fi
      ;;
    64 | 65 | 69 | 70 | 75 | 80) ;;
    # The signal came before a rank could listen to it, so there was nothing to save.
    138) if ((signals)); then code=75; fi ;;
    129 | 1[345][0-9]) ;;
    *)
      # Open MPI's own: no slots, no daemon on a host, a host lost, or one of its crashes.
      if ((signals == 1)) && [ "$2" != "$3" ]; then
        code=75
      else
        say "${0##*/}: mpirun itself failed, with exit code $code: ranks could not be started, or a host was lost"
        code=69
      fi
      ;;
  esac
  # Whatever became of mpirun: 4.1.4 crashes now and then when it is ended.
  if ((signals > 1 && code != 75)); then code=143; fi
  echo "$code"
}

# tell_what_is_saved BEFORE AFTER
tell_what_is_saved() {
  if [ -z "$2" ]; then
    say "${0##*/}: stopped before anything was saved; the same command starts from the beginning"
  elif [ "$1" = "$2" ]; then
    say "${0##*/}: stopped, nothing new was saved; the same command goes on from $2"
  else
    say "${0##*/}: stopped, saved $2; the same command goes on from there"
  fi
}

# stop_ranks SIGNAL: what a signal does.
stop_ranks() {
  # shellcheck disable=SC2034 # train_ranks reads it
  interrupted=1
  signals=$((signals + 1))
  if ((signals == 1)); then
    if [ -n "$job" ]; then ask_ranks_to_stop; fi
    say "${0##*/}: $1: saving at the end of this step; a second signal ends at once"
  elif ((signals == 2)) && [ -n "$job" ]; then
    case $1 in
      # A terminal that is closed and time that is up are told of again and again.
      SIGHUP | SIGXCPU)
        signals=1
        return
        ;;
    esac
    # mpirun forwards SIGUSR2 at once, and it ends a rank; of SIGTERM they would hear a second later.
    # Once only: Open MPI 4.1.4 crashes when it is told again.
    if [ -n "$asking" ]; then kill "$asking" 2>/dev/null || true; fi
    kill -USR2 "$job" 2>/dev/null || true
    # mpirun loses that too while it starts ranks; it has ended by then where it has not.
    { sleep 3 && kill -TERM "$job"; } </dev/null >/dev/null 2>&1 &
    say "${0##*/}: $1 again: ending at once"
  fi
}

# Asks at once, and again after 1, 2, 4 ... seconds: mpirun loses the signal while it starts ranks. A
# rank counts SIGUSR1 once, however often it comes.
ask_ranks_to_stop() {
  kill -USR1 "$job" 2>/dev/null || true
  {
    pause=1
    while sleep "$pause" && kill -USR1 "$job"; do pause=$((pause * 2)); done
  } </dev/null >/dev/null 2>&1 &
  asking=$!
}
