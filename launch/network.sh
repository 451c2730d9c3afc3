# Which networks join the hosts of a run, and how soon a host that is gone is noticed; sourced after lib.sh.
# shellcheck shell=bash

# virtual_interfaces: the network interfaces of this host that lead to its own containers and machines
# alone, such as docker0, one a line. Such bridges have the same address on every host, so that a rank
# would look for another one on its own host. None where there is nothing else.
virtual_interfaces() {
  local path name port is_virtual others=0
  local -a found=()
  for path in /sys/class/net/*; do
    name=${path##*/}
    is_virtual=''
    case $name in
      lo) continue ;;
      docker* | br-* | virbr* | lxcbr* | lxdbr* | cni* | podman* | flannel* | cali* | veth* | vmnet* | \
        vboxnet* | weave* | kube-*) is_virtual=1 ;;
    esac
    if [ -d "$path/bridge" ] && [ -z "$is_virtual" ]; then
      # A bridge with a real card is how many hosts of virtual machines are connected themselves.
      is_virtual=1
      for port in "$path"/brif/*; do
        if [ -e "$port" ] && [ -e "/sys/class/net/${port##*/}/device" ]; then is_virtual=''; fi
      done
    fi
    if [ -n "$is_virtual" ]; then found+=("$name"); else others=1; fi
  done
  if ((others && ${#found[@]})); then printf '%s\n' "${found[@]}"; fi
}

# leave_out_virtual_interfaces LAYER...: keeps Open MPI's layers (btl: messages of ranks, oob: its own
# daemons) off them, unless the environment says what to use.
leave_out_virtual_interfaces() {
  local layer names
  names=$(virtual_interfaces | tr '\n' ',')
  [ -n "$names" ] || return 0
  for layer in "$@"; do
    local chosen="OMPI_MCA_${layer}_tcp_if_include" avoided="OMPI_MCA_${layer}_tcp_if_exclude"
    if [ -z "${!chosen:-}${!avoided:-}" ]; then export "$avoided=127.0.0.0/8,${names%,}"; fi
  done
}

# use_interface NAMES: names or networks, separated by commas, for everything.
use_interface() {
  export OMPI_MCA_btl_tcp_if_include=$1 OMPI_MCA_oob_tcp_if_include=$1
  export PRTE_MCA_prte_if_include=$1 PRTE_MCA_oob_tcp_if_include=$1
}

# notice_lost_hosts: mpirun and its daemons find out within about 12 seconds that a link is cut.
notice_lost_hosts() {
  local prefix
  for prefix in OMPI PRTE; do
    set_default "${prefix}_MCA_oob_tcp_keepalive_time" 5
    set_default "${prefix}_MCA_oob_tcp_keepalive_intvl" 2
    set_default "${prefix}_MCA_oob_tcp_keepalive_probes" 3
  done
}

# set_default NAME VALUE: an environment variable that is not set.
set_default() {
  if [ -z "${!1:-}" ]; then export "$1=$2"; fi
}
