#!/bin/sh
# Installs the packages of tools/dependencies.txt that are missing: all groups, or those named.
#   tools/install-dependencies.sh [build] [libraries] [test] [peers] [check]
# Says nothing and changes nothing when none is missing. Needs root or sudo only when one is.
set -eu

list=$(dirname "$0")/dependencies.txt
if [ $# -eq 0 ]; then set -- build libraries test peers check; fi

if ! command -v dpkg-query >/dev/null; then
  echo "$0: not a Debian system; install what $list names by your own means" >&2
  exit 0
fi

wanted=$(for group in "$@"; do
  awk -v group="[$group]" '
    /^\[/ { inside = ($1 == group); found = found || inside; next }
    inside && NF && $1 !~ /^#/ { print $1 }
    END { exit !found }' "$list" || { echo "$0: no group [$group] in $list" >&2; exit 1; }
done)

# What is installed, and what that provides: Node.js as its makers package it brings npm along and conflicts with Debian's.
installed=$(dpkg-query -W -f '${db:Status-Status}\t${Package}, ${Provides}\n' | awk -F '\t' '
  $1 == "installed" {
    count = split($2, names, /, */)
    for (i = 1; i <= count; ++i) { sub(/ .*/, "", names[i]); if (names[i] != "") print names[i] }
  }')
missing=$(printf '%s\n' "$wanted" | grep -vxF -e "$installed") || true
[ -n "$missing" ] || exit 0
missing=$(echo $missing)

if [ "$(id -u)" -eq 0 ]; then
  as_root=env
elif command -v sudo >/dev/null; then
  as_root="sudo env"
else
  echo "$0: these packages are missing, and neither root nor sudo is here to install them:" >&2
  echo "  apt-get install $missing" >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  if ! $as_root DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" \
      >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "$0: apt-get $1 failed" >&2
    exit 1
  fi
}
echo "installing: $missing"
apt update
# shellcheck disable=SC2086
apt install --no-install-recommends $missing
