#!/bin/sh
# Formats every C++ source as .clang-format says; with --check, only names the lines that are not.
set -eu
cd "$(dirname "$0")/.."
case "${1:-}" in
  --check) how="--dry-run --Werror" ;;
  *) how="-i" ;;
esac
# shellcheck disable=SC2086
find src tests examples bindings \( -name '*.h' -o -name '*.cpp' \) -print0 2>/dev/null |
  xargs -0 -P "$(nproc)" -n 20 clang-format $how
