# What groups of processes allow this one; sourced by lib.sh.
# shellcheck shell=bash

system_root='' # what /proc, /sys and the file systems of groups lie in

# group_folders: "VERSION FOLDER" for this process's group, and each above it, that may have a quota.
group_folders() {
  local root=$system_root group place rest version path
  while read -r _ _ _ group place rest; do
    case $rest in
      *' - cgroup2 '*)
        version=2
        path=$(sed -n 's/^0:://p' "$root/proc/self/cgroup")
        ;;
      *' - cgroup '*)
        case ",${rest##* }," in *,cpu,*) ;; *) continue ;; esac
        version=1
        path=$(sed -nE 's/^[0-9]+:([^:]*,)?cpu(,[^:]*)?:(.*)$/\3/p' "$root/proc/self/cgroup")
        ;;
      *) continue ;;
    esac
    # A container is shown its own group as the top.
    if [ "$group" != / ]; then
      case $path in "$group"*) path=${path#"$group"} ;; *) path='' ;; esac
    fi
    case $path in *..* | /) path='' ;; esac
    echo "$version $root$place$path"
    while [ -n "$path" ]; do
      path=${path%/*}
      echo "$version $root$place$path"
    done
  done <"$root/proc/self/mountinfo"
}

# allocated_processors: of the node of Slurm's job that has the fewest ("4(x2),2" is 2), since all ranks are
# to have as many threads; more than there are outside of Slurm.
allocated_processors() {
  tr ',' '\n' <<<"${SLURM_JOB_CPUS_PER_NODE:-1000000}" | sed 's/(.*//' | sort -n | sed -n 1p
}

# processor_quota: how many processors' worth of time this process may use, parts of one left out
# and at least 1; more than there are where nothing limits it. Slurm's count is such a limit too.
processor_quota() {
  local version folder quota period least
  least=${INPAINT_PROCESSORS:-$(allocated_processors)}
  while read -r version folder; do
    quota='' period=100000
    if ((version == 2)); then
      { read -r quota period <"$folder/cpu.max"; } 2>/dev/null || true
    else
      { read -r quota <"$folder/cpu.cfs_quota_us"; read -r period <"$folder/cpu.cfs_period_us"; } \
        2>/dev/null || true
    fi
    [[ $quota =~ ^[1-9][0-9]*$ ]] || continue
    [[ ${period:-} =~ ^[1-9][0-9]*$ ]] || period=100000
    if ((quota / period < least)); then least=$((quota / period)); fi
  done < <(group_folders)
  echo "$((least > 0 ? least : 1))"
}
