# Fetches a Swift toolchain; sourced by launch/setup, after lib.sh and packages.sh.
#
# INPAINT_SWIFT_VERSION: the release, 6.3.1.
# INPAINT_SWIFT_SERVER: where releases lie, https://download.swift.org.
# INPAINT_SWIFT_KEYS: address of the keys that sign them, https://www.swift.org/keys/all-keys.asc.
# INPAINT_SWIFT_KEY: fingerprint of the one that counts: that of the Swift 6.x releases.
# INPAINT_SWIFT_SHA256: the archive's checksum, instead of its signature; then gpg is not needed.
# INPAINT_SWIFT_SYSTEM: what the archive is made for, such as ubuntu24.04 or debian12-aarch64.
# shellcheck shell=bash

# toolchain_system OS_RELEASE ARCHITECTURE: what a release's archive is called for a system. Debian's and
# Ubuntu's releases after the last one that swift.org builds for use that one's.
toolchain_system() {
  local ID='' VERSION_ID='' ID_LIKE='' system
  # shellcheck source=/dev/null
  . "$1"
  case $ID:$VERSION_ID in
    debian:* | raspbian:*) system=debian12 ;;
    ubuntu:22.*) system=ubuntu22.04 ;;
    ubuntu:*) system=ubuntu24.04 ;;
    amzn:2) system=amazonlinux2 ;;
    amzn:*) system=amazonlinux2023 ;;
    fedora:*) system=fedora39 ;;
    rhel:* | rocky:* | almalinux:* | centos:* | ol:*) system=ubi9 ;;
    *)
      case " $ID_LIKE " in
        *' ubuntu '*) system=ubuntu24.04 ;;
        *' debian '*) system=debian12 ;;
        *' rhel '*) system=ubi9 ;;
        *) return 1 ;;
      esac
      ;;
  esac
  case $2 in
    x86_64) echo "$system" ;;
    aarch64) echo "$system-aarch64" ;;
    *) return 1 ;;
  esac
}

# download ADDRESS FILE
download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  else
    wget --quiet --tries=3 --output-document="$2" "$1"
  fi || fail 1 "cannot fetch $1"
}

# Installs what fetching needs, where this user may.
require_fetching() {
  local -a missing=()
  command -v curl >/dev/null || command -v wget >/dev/null || missing+=(curl)
  [ -n "${INPAINT_SWIFT_SHA256:-}" ] || command -v gpg >/dev/null || missing+=(gpg)
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] || missing+=(ca-certificates)
  ((${#missing[@]})) || return 0
  if ! may_install; then fail 1 "to fetch a toolchain, install ${missing[*]}"; fi
  install_packages "${missing[@]}"
}

# check_signature ARCHIVE SIGNATURE KEYS FINGERPRINT: ends the script unless the key has signed the archive.
check_signature() {
  local home status
  # In a folder of a short name: gpg's sockets lie there.
  home=$(mktemp -d)
  local -a gpg=(gpg --homedir "$home" --batch --no-autostart)
  status=$("${gpg[@]}" --quiet --import "$3" && "${gpg[@]}" --status-fd 1 --verify "$2" "$1") 2>"$work/gpg.log" || true
  rm -rf "$home"
  # A key that has expired since has signed nothing less; VALIDSIG ends with the fingerprint of the primary key.
  if ! grep -qE '^\[GNUPG:\] (GOODSIG|EXPKEYSIG) ' <<<"$status" ||
    ! grep -qE "^\[GNUPG:\] VALIDSIG .* $4\$" <<<"$status"; then
    fail 1 "${1##*/} is not signed by the key $4, so that nobody knows what it is; it is thrown away." \
      "gpg says: $(grep -v 'WARNING' "$work/gpg.log" | tail -n 1)"
  fi
}

# fetch_toolchain DIR: makes DIR/usr/bin/swift, and puts it first in this script's PATH. DIR is not there
# before all is unpacked.
fetch_toolchain() {
  local folder=$1 version=${INPAINT_SWIFT_VERSION:-6.3.1} server system address archive
  local keys=${INPAINT_SWIFT_KEYS:-https://www.swift.org/keys/all-keys.asc}
  local key=${INPAINT_SWIFT_KEY:-52BB7E3DE28A71BE22EC05FFEF80A866B47A981F}
  [ -n "$folder" ] || fail 64 "--toolchain wants a folder"
  server=${INPAINT_SWIFT_SERVER:-https://download.swift.org}
  if [ -x "$folder/usr/bin/swift" ]; then
    say "$folder has a toolchain already"
  else
    [ ! -e "$folder" ] || rmdir "$folder" 2>/dev/null ||
      fail 64 "$folder is there and is no toolchain; give a folder that is not there, or an empty one"
    system=${INPAINT_SWIFT_SYSTEM:-$(toolchain_system /etc/os-release "$(uname -m)")} ||
      fail 1 "swift.org has no archive for this system that is known here; choose one of" \
        "https://www.swift.org/install/linux and name it: INPAINT_SWIFT_SYSTEM=ubuntu24.04"
    require_fetching
    archive=swift-$version-RELEASE-$system.tar.gz
    address=$server/swift-$version-release/${system//./}/swift-$version-RELEASE/$archive
    mkdir -p "$(dirname "$folder")"
    work=$(mktemp -d "$folder.fetching.XXXX")
    trap 'rm -rf "$work"' EXIT
    say "fetching $address"
    download "$address" "$work/$archive"
    if [ -n "${INPAINT_SWIFT_SHA256:-}" ]; then
      sha256sum --check --status <<<"$INPAINT_SWIFT_SHA256  $work/$archive" ||
        fail 1 "$archive has not the checksum $INPAINT_SWIFT_SHA256; it is thrown away"
    else
      download "$address.sig" "$work/$archive.sig"
      download "$keys" "$work/keys.asc"
      check_signature "$work/$archive" "$work/$archive.sig" "$work/keys.asc" "$key"
    fi
    say "unpacking it into $folder"
    mkdir "$work/toolchain"
    tar -xzf "$work/$archive" -C "$work/toolchain" --strip-components=1 --no-same-owner ||
      fail 1 "$archive cannot be unpacked"
    [ -x "$work/toolchain/usr/bin/swift" ] || fail 1 "$archive holds no usr/bin/swift"
    chmod 755 "$work/toolchain"
    mv "$work/toolchain" "$folder"
    rm -rf "$work"
    trap - EXIT
  fi
  folder=$(cd "$folder" && pwd)
  PATH=$folder/usr/bin:$PATH
  say "from now on: export PATH=$folder/usr/bin:\$PATH"
}
