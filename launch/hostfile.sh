# Reading hostfiles of Open MPI; sourced after lib.sh.
# shellcheck shell=bash

# What runs a command on another host.
remote_agent=${OMPI_MCA_plm_rsh_agent:-${PRTE_MCA_plm_ssh_agent:-ssh -o BatchMode=yes -o ConnectTimeout=5}}

# host_lines FILE: the lines that name machines, as Open MPI understands them: without comments, without
# the byte order mark and carriage returns of other systems' editors, "slots = 4" as "slots=4".
host_lines() {
  sed -E $'1s/^\xef\xbb\xbf//; s/\r$//; s/#.*//; s/[[:space:]]*=[[:space:]]*/=/g' "$1" | awk 'NF { $1 = $1; print }'
}

# is_here HOST: whether this is a name or an address of this machine, which needs nobody to ask for it.
is_here() {
  local name
  case $1 in localhost | 127.* | ::1) return 0 ;; esac
  for name in $(hostname) $(hostname -s) $(hostname -f 2>/dev/null) $(hostname -I 2>/dev/null); do
    if [ "$1" = "$name" ]; then return 0; fi
  done
  return 1
}

# processors_of HOST: its cores, which is what mpirun takes for its slots where a hostfile names none.
processors_of() {
  local -a agent
  local command='lscpu -p=SOCKET,CORE 2>/dev/null | grep -v "^#" | sort -u | wc -l'
  if is_here "$1"; then
    sh -c "$command"
  else
    read -ra agent <<<"$remote_agent"
    timeout 15 "${agent[@]}" "$1" "$command" </dev/null 2>/dev/null || echo 1
  fi
}

# room_in FILE: the ranks that a hostfile has room for. Without slots a machine counts as often as it is
# named, and one that is named once by its cores.
room_in() {
  local host slots room=0
  while read -r host slots; do
    if [ "$slots" = - ]; then slots=$(processors_of "$host"); fi
    room=$((room + ${slots:-0}))
  done < <(host_lines "$1" | awk '
    { slots = ""
      for (i = 2; i <= NF; i++) if ($i ~ /^(slots|cpu|count)=[0-9]+$/) { slots = $i; sub(/.*=/, "", slots) }
      if (!($1 in seen)) { seen[$1] = 1; order[++count] = $1 }
      if (slots == "") named[$1]++; else known[$1] += slots }
    END { for (i = 1; i <= count; i++) { host = order[i]
        if (host in known) print host, known[host] + named[host]
        else print host, (named[host] > 1 ? named[host] : "-") } }')
  echo "$room"
}
