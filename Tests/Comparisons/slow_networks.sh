#!/usr/bin/env bash
# Tests/Comparisons/slow_networks.sh [--python PYTHON] [--hosts "2 4 8"] [--rates "100mbit 1gbit 10gbit"] [--steps 5]
#
# What sending gradients costs a step over slow networks: DCGAN at 64 px (25 MB of gradients), a rank with one thread
# and a batch of 8 on each host, with the three wire formats; and with a PYTHON that has PyTorch the same step by its
# DistributedDataParallel over gloo: as it is, with the bf16 hook, and with PowerSGD of rank 4. Hosts are network
# namespaces of this machine with cables of a limited rate; they share its processors, so that the step without a limit
# is there to compare with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. launch/lib.sh
. launch/packages.sh
. launch/namespaces.sh

own_path=$repository/Tests/Comparisons/slow_networks.sh
time_limit=3600
arguments=("$@")
if [ "${1:-}" = --inside ]; then shift; fi
python='' hosts='2 4 8' rates='100mbit 1gbit 10gbit' steps=5
while (($#)); do
  case $1 in
    --python) python=$2 ;;
    --hosts) hosts=$2 ;;
    --rates) rates=$2 ;;
    --steps) steps=$2 ;;
    *) fail 64 "usage: $own_path [--python PYTHON] [--hosts LIST] [--rates LIST] [--steps COUNT]" ;;
  esac
  shift 2
done
host_count=$(tr ' ' '\n' <<<"$hosts" | sort -n | tail -n 1)
if [ "${arguments[0]:-}" != --inside ]; then enter_namespaces "${arguments[@]}"; fi

# own_step HOSTS FORMAT: seconds per step.
own_step() {
  on_first_host mpirun --hostfile "$(hostfile "$1" 1)" -n "$1" --bind-to none --mca btl self,tcp \
    -x OMP_NUM_THREADS=1 "$binary" benchmark step --json --steps "$steps" \
    --config configs/dcgan-celeba-64.yaml --set "training.batch=$((8 * $1))" --set "training.replicas=$1" \
    --set "training.wire_format=$2" 2>/dev/null </dev/null | sed -nE 's/.*"seconds_per_step": ([-+.0-9e]+).*/\1/p'
}

# torch_step HOSTS HOOK
torch_step() {
  local rank
  for ((rank = 1; rank < $1; rank++)); do
    ip netns exec "host$((rank + 1))" "$python" Tests/Comparisons/ddp_torch.py "$rank" "$1" 10.0.0.1 "$2" 8 "$steps" \
      >/dev/null 2>&1 &
  done
  ip netns exec host1 "$python" Tests/Comparisons/ddp_torch.py 0 "$1" 10.0.0.1 "$2" 8 "$steps" 2>/dev/null
  wait
}

trap 'exit 143' TERM INT HUP
prepare_mpi 2>/dev/null
make_folders
make_hosts
printf '%6s %10s %8s %8s %8s' hosts rate fp32 bf16 int8
[ -z "$python" ] || printf ' %8s %8s %8s' DDP bf16 PowerSGD
printf '   (seconds per step)\n'
for count in $hosts; do
  for rate in $rates unlimited; do
    limit_rate "$rate"
    printf '%6s %10s' "$count" "$rate"
    for format in fp32 bf16 int8; do
      seconds=$(own_step "$count" "$format")
      printf ' %8.3f' "${seconds:?inpaint has measured nothing}"
    done
    if [ -n "$python" ]; then
      for hook in none bf16 powersgd; do
        seconds=$(torch_step "$count" "$hook")
        printf ' %8.3f' "${seconds:?PyTorch has measured nothing}"
      done
    fi
    printf '\n'
  done
done
