# Several hosts on one machine: network namespaces, joined by virtual cables, each with a name of its own. One mpirun
# starts ranks on all of them through a small agent that takes the place of ssh. Sourced after lib.sh and packages.sh by
# scripts that set own_path, host_count and time_limit.
#
# Everything lives in namespaces that the kernel removes with the script's last process, however it ends. Needs no
# root where users may make namespaces; says "skipped" where nobody may.
# shellcheck shell=bash disable=SC2154 # lib.sh and the script set what is not set here

# Where ip and tc lie on Debian, which ordinary users do not look into.
PATH=$PATH:/usr/sbin:/sbin

skip() {
  say "${own_path#"$repository"/}: SKIPPED: $*"
  exit 0
}

# enter_namespaces ARGUMENT...: starts the script again, as --inside ARGUMENT..., where it may make networks, under a
# watchdog.
enter_namespaces() {
  local -a enter=(unshare --net --mount --uts --pid --fork --kill-child --mount-proc)
  require_binary
  command -v unshare >/dev/null || skip "there is no unshare here (util-linux)"
  "${enter[@]}" true 2>/dev/null || enter+=(--user --map-root-user)
  "${enter[@]}" true 2>/dev/null || skip "this machine does not allow namespaces"
  if ! command -v tc >/dev/null && may_install; then (install_packages iproute2) || true; fi
  command -v tc >/dev/null || skip "ip and tc are not there; install iproute2"
  "${enter[@]}" ip link add name a type veth peer name b 2>/dev/null ||
    skip "this kernel makes no virtual network cables (veth)"
  # unshare blocks SIGTERM while it waits; --kill-after ends it all the same.
  exec timeout --foreground --kill-after=2 "$time_limit" "${enter[@]}" "$own_path" --inside "$@"
}

# The work folder and the list of network namespaces: in memory that is gone with the namespaces.
make_folders() {
  mount -t tmpfs -o mode=755 tmpfs /run
  work=/run/inpaint
  mkdir -p /run/netns "$work/tmp"
  export TMPDIR=$work/tmp
}

# Hosts host1, host2, ... on 10.0.0.1, 10.0.0.2, ..., all plugged into one switch.
make_hosts() {
  local host
  echo '127.0.0.1 localhost' >"$work/names"
  ip link add name switch type bridge
  ip link set switch up
  for ((host = 1; host <= host_count; host++)); do
    ip netns add "host$host"
    ip link add name "port$host" type veth peer name eth0 netns "host$host"
    ip link set "port$host" master switch up
    ip -n "host$host" address add "10.0.0.$host/24" dev eth0
    ip -n "host$host" link set eth0 up
    ip -n "host$host" link set lo up
    echo "10.0.0.$host host$host" >>"$work/names"
  done
  mount --bind "$work/names" /etc/hosts
  # What mpirun starts in the place of ssh: AGENT HOST COMMAND-LINE.
  # shellcheck disable=SC2016 # the variables are the agent's
  printf '%s\n' '#!/bin/sh' 'host=$1; shift' \
    'exec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"' >"$work/agent"
  chmod +x "$work/agent"
  # The launcher's parameters under their names in Open MPI 4 and in 5 (PRRTE).
  export OMPI_MCA_plm=rsh OMPI_MCA_plm_rsh_agent=$work/agent OMPI_MCA_oob_tcp_if_include=10.0.0.0/24
  export PRTE_MCA_plm=ssh PRTE_MCA_plm_ssh_agent=$work/agent PRTE_MCA_oob_tcp_if_include=10.0.0.0/24
  export OMPI_MCA_pml=ob1 OMPI_MCA_btl_tcp_if_include=10.0.0.0/24
  # The hosts share this machine's processors.
  export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1
  export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
}

# limit_rate RATE: of what each host sends; "unlimited" takes the limit away.
limit_rate() {
  local host
  for ((host = 1; host <= host_count; host++)); do
    tc -n "host$host" qdisc delete dev eth0 root 2>/dev/null || true
    [ "$1" = unlimited ] ||
      tc -n "host$host" qdisc add dev eth0 root tbf rate "$1" burst 512kb latency 100ms
  done
}

# hostfile HOSTS SLOTS: the path of a hostfile.
hostfile() {
  local host
  for ((host = 1; host <= $1; host++)); do echo "host$host slots=$2"; done >"$work/hosts-$1-$2"
  echo "$work/hosts-$1-$2"
}

# on_first_host COMMAND...
on_first_host() { "$work/agent" host1 "$(printf '%q ' "$@")"; }
