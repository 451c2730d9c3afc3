#!/usr/bin/env bash
# Tests/Comparisons/shared_processors.sh [ROUNDS [PROGRAM...]]: images a second of a small training on two
# threads: alone, beside one busy process, and the same at nice 10. PROGRAMs (default: this build's
# inpaint) take turns, so that two of them can be compared on a machine that is not quiet.
#
# Sessions share the processors equally (autogroup); as root this one asks for more than its share, so
# that what other sessions do counts less.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rounds=${1:-3}
programs=("${@:2}")
((${#programs[@]})) || programs=(.build/release/inpaint)
if [ -z "${SHARED_PROCESSORS_SESSION:-}" ]; then
  SHARED_PROCESSORS_SESSION=1 exec setsid --wait "$0" "$rounds" "${programs[@]}"
fi
{ echo -20 >/proc/self/autogroup; } 2>/dev/null || true
export OMP_NUM_THREADS=2

# images STEPS COMMAND...: images a second of so many steps.
images() {
  local steps=$1
  shift
  "$@" benchmark step --json --steps "$steps" --set data.side=64 --set model.width=8 \
    --set model.blocks=2 --set perceptual.weights= --set training.batch=8 --set training.replicas=1 |
    sed -nE 's/.*"images_per_second": ([0-9.]+).*/\1/p'
}

busy() { while :; do :; done; }

printf '%-40s %8s %8s %8s\n' program alone busy 'nice 10'
for ((round = 1; round <= rounds; round++)); do
  for program in "${programs[@]}"; do
    alone=$(images 25 "$program")
    busy &
    trap 'kill '"$!" EXIT
    beside=$(images 20 "$program")
    niced=$(images 10 nice -n 10 "$program")
    kill "$!"
    trap - EXIT
    wait "$!" 2>/dev/null || true
    printf '%-40s %8.1f %8.1f %8.1f\n' "$program" "$alone" "$beside" "$niced"
  done
done
