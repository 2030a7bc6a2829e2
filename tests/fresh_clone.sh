#!/bin/sh
# What a stranger does: clone, then `make test` and `make demo`, in an empty folder, without a terminal, and without
# ccache so that the seconds are those of a first build. Clones the committed state only: what is not committed, or is
# installed by hand, does not help it.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone --quiet "$repository" "$clone/graftline"
cd "$clone/graftline"
export CI=true CCACHE_DISABLE=1

timed() {
  before=$(date +%s)
  "$@" </dev/null
  echo "== $*: $(($(date +%s) - before)) seconds"
}
timed make demo
timed make demo
timed .ci/run
timed .ci/run
if [ -n "$(git status --porcelain)" ]; then
  echo "building or testing changed the tree:"
  git status --short
  exit 1
fi
