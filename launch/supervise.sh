# Starts a run again after a failure; sourced after lib.sh and ranks.sh by scripts that define choose_places.
#
# INPAINT_RESTART_PAUSE: seconds before the first restart, doubled each time up to 32 times; 1.
# shellcheck shell=bash disable=SC2154 # lib.sh sets binary, ranks.sh signals and run_folder

# expect_restarts: a start waits this long for the lock of the run's folder, which a host that is gone
# gives up only when the file server notices.
expect_restarts() { export INPAINT_LOCK_SECONDS=120; }

# supervise RESTARTS TRAIN_ARGUMENT...: trains, and after a failure starts again from the newest
# usable checkpoint, at most RESTARTS times. `choose_places START` sets `places`, mpirun's options for
# a start, or fails where there is none now. Two failed starts from one checkpoint: the next one goes back
# to the checkpoint before it. Returns the last exit code. 64, 65 and 75 would only come again: they end it, as does a signal.
supervise() {
  local restarts=$1 start=1 code from newest began failed=0 is_tried line
  local -a places=() resume=() history=()
  shift
  listen_for_signals
  find_run_folder "$@"
  from=$(newest_checkpoint "$run_folder")
  while :; do
    if ((signals)); then
      tell_what_is_saved "$from" "$from"
      return 75
    fi
    began=$SECONDS
    code=0
    is_tried=''
    if choose_places "$start"; then
      is_tried=1
      train_ranks "${places[@]}" -- "$@" "${resume[@]}" || code=$?
    elif ((signals)); then
      tell_what_is_saved "$from" "$from"
      return 75
    else
      code=69
    fi
    ((restarts > 0)) || return "$code"
    newest=$(newest_checkpoint "$run_folder")
    history+=("start $start from ${from:-the beginning}: $(meaning_of "$code") after \
$((SECONDS - began)) s, newest checkpoint ${newest:-none}")
    case $code in 0 | 64 | 65 | 75) return "$code" ;; esac
    ((signals == 0)) || return "$code"
    if ((start > restarts)); then
      say "${0##*/}: giving up after $restarts restart(s):"
      for line in "${history[@]}"; do say "  $line"; done
      return "$code"
    fi
    # Also where the first start was told otherwise: what it has saved is to be kept.
    resume=(--resume auto)
    if [ "$newest" != "$from" ]; then
      failed=0
    elif [ -n "$is_tried" ]; then
      failed=$((failed + 1))
    fi
    from=$newest
    if ((failed == 2)); then
      failed=0
      newest=$(checkpoint_before "$run_folder" "$from")
      if [ -n "$newest" ]; then
        say "${0##*/}: two starts from $from have failed: going back to $newest"
        from=$newest
        resume=(--resume "$run_folder/checkpoints/$newest")
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

# What an exit code of train_ranks says.
meaning_of() {
  case $1 in
    69) echo "ranks could not be started, or a host or mpirun was lost (69)" ;;
    70) echo "internal failure (70)" ;;
    80) echo "ended by the watchdog (80)" ;;
    129 | 1[345][0-9]) echo "a rank was ended by SIG$(kill -l "$1") ($1)" ;;
    *) echo "exit code $1" ;;
  esac
}
