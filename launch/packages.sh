# Debian's and Ubuntu's packages; sourced after lib.sh.
# shellcheck shell=bash

have_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# as_root COMMAND...: runs it as root; fails where that is not possible.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Whether this user may install packages; asks for a password only where somebody can give one.
may_install() {
  have_apt || return
  [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null || return
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }
}

# install_packages NAME...: reads apt's lists again where they are out of date or not there.
install_packages() {
  local -a install=(apt-get install --yes --no-install-recommends "$@")
  say "installing $*"
  as_root "${install[@]}" >&2 || {
    say "reading apt's package lists again"
    as_root apt-get update >&2
    as_root "${install[@]}" >&2
  } || fail 1 "apt-get could not install $*; see its messages above"
}
