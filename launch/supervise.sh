# Starts a run again after a failure; sourced after lib.sh by scripts that define choose_places.
#
# INPAINT_RESTART_PAUSE: seconds before the first restart, doubled each time up to 32 times; 1.
# shellcheck shell=bash disable=SC2154 # lib.sh sets binary, signals

# expect_restarts: a start waits this long for the lock of the run's folder, which a host that is gone
# gives up only when the file server notices.
expect_restarts() { export INPAINT_LOCK_SECONDS=120; }

# supervise RESTARTS TRAIN_ARGUMENT...: trains, and after a failure starts again from the newest
# usable checkpoint, at most RESTARTS times. `choose_places START` sets `places`, mpirun's options for
# a start. Two failed starts from one checkpoint: the next one goes back to the checkpoint before it.
# Returns the last exit code. 64, 65 and 75 would only come again: they end it, as does a signal.
supervise() {
  local restarts=$1 run start=1 code from newest began failed=0
  local -a places=() resume=() history=()
  shift
  if ((restarts == 0)); then
    choose_places 1
    train_ranks "${places[@]}" -- "$@"
    return
  fi
  listen_for_signals
  run=$("$binary" train "$@" --print-run-folder)
  from=$(newest_checkpoint "$run")
  while :; do
    ((signals == 0)) || return 75
    choose_places "$start"
    began=$SECONDS
    code=0
    train_ranks "${places[@]}" -- "$@" "${resume[@]}" || code=$?
    newest=$(newest_checkpoint "$run")
    history+=("start $start from ${from:-the beginning}: $(meaning_of "$code") after \
$((SECONDS - began)) s, newest checkpoint ${newest:-none}")
    case $code in 0 | 64 | 65 | 75) return "$code" ;; esac
    ((signals == 0)) || return "$code"
    if ((start > restarts)); then
      say "${0##*/}: giving up after $restarts restart(s):"
      printf '  %s\n' "${history[@]}" >&2
      return "$code"
    fi
    # Also where the first start was told otherwise: what it has saved is to be kept.
    resume=(--resume auto)
    if [ "$newest" = "$from" ]; then failed=$((failed + 1)); else failed=0; fi
    from=$newest
    if ((failed == 2)); then
      failed=0
      newest=$(checkpoint_before "$run" "$from")
      if [ -n "$newest" ]; then
        say "${0##*/}: two starts from $from have failed: going back to $newest"
        from=$newest
        resume=(--resume "$run/checkpoints/$newest")
      fi
    fi
    say "${0##*/}: ${history[-1]}; starting again ($start of $restarts) from ${from:-the beginning}"
    pause "$((${INPAINT_RESTART_PAUSE:-1} << (start < 6 ? start - 1 : 5)))"
    start=$((start + 1))
  done
}

# pause SECONDS: a wait that a signal cuts short.
pause() {
  sleep "$1" &
  wait "$!" || kill "$!" 2>/dev/null || true
}

# The names of a run's checkpoints, newest first.
checkpoints_of() {
  [ -d "$1/checkpoints" ] || return 0
  find "$1/checkpoints" -maxdepth 1 -type d -regex '.*/step-[0-9]+' -printf '%f\n' | sort -t- -k2,2nr
}

newest_checkpoint() { checkpoints_of "$1" | sed -n 1p; }

# checkpoint_before RUN NAME: the newest usable checkpoint that is older, or nothing.
checkpoint_before() {
  local name older=''
  while read -r name; do
    if [ -n "$older" ] && "$binary" checkpoint verify "$1/checkpoints/$name" >/dev/null 2>&1; then
      echo "$name"
      return
    fi
    if [ "$name" = "$2" ]; then older=1; fi
  done < <(checkpoints_of "$1")
}

# What an exit code of mpirun says.
meaning_of() {
  case $1 in
    70) echo "internal failure (70)" ;;
    80) echo "ended by the watchdog (80)" ;;
    129 | 1[3-9][0-9]) echo "a rank was ended by SIG$(kill -l "$1") ($1)" ;;
    *) echo "exit code $1" ;;
  esac
}
