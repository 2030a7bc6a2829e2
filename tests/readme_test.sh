#!/bin/sh
# What a document shows is what the program prints: runs each line "$ ..." of the ```console blocks and compares.
#   tests/readme_test.sh BUILD_DIR DOCUMENT...
# GRAFTLINE_UPDATE_GOLDEN=1 writes the outputs into the documents instead.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
PATH=$build:$PATH
export PATH LC_ALL=C.UTF-8
failures=0
for document in "$@"; do
  rerun=$build/readme_test.out
  awk '
    function run(command,   line) {
      command = "(" command ") 2>&1 </dev/null"
      while ((command | getline line) > 0) print line
      close(command)
    }
    /^```console$/ { inside = 1; print; next }
    inside && /^```/ { inside = 0; continued = 0; print; next }
    !inside { print; next }
    continued || /^\$ / {
      print
      part = continued ? $0 : substr($0, 3)
      continued = sub(/\\$/, "", part)
      command = command part
      if (!continued) { run(command); command = ""; ran++ }
      next
    }
    # what the document showed until now is dropped: the program says it again
    END { if (!ran) { print "no command in this document" > "/dev/stderr"; exit 1 } }
  ' "$document" >"$rerun" || failures=$((failures + 1))
  if [ -n "${GRAFTLINE_UPDATE_GOLDEN:-}" ]; then
    cp "$rerun" "$document"
  elif ! diff -u "$document" "$rerun"; then
    echo "$document shows what the program no longer prints: GRAFTLINE_UPDATE_GOLDEN=1 $0 $build $document"
    failures=$((failures + 1))
  fi
done
[ "$failures" -eq 0 ]
