#!/bin/sh
# clang-tidy over every library source of src/, as .clang-tidy says.
#   tools/tidy.sh BUILD_DIR
# A source whose text and project headers are those of an earlier clean run is not analysed again: the passed states are
# kept in BUILD_DIR/tidy, named by their hash. Ninja's own dependency log tells which headers a source includes.
# TIDY_DEEP=1 adds the path analysis of clang: twice the time, in `make test-long`.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
root=$PWD
passed=$build/tidy
mkdir -p "$passed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
config=$work/config
cp .clang-tidy "$config"
# The path analysis misfires on the expression templates of Boost and on the order of a struct's fields.
path=clang-analyzer-*,-clang-analyzer-core.StackAddressEscape,-clang-analyzer-optin.performance.Padding
if [ -n "${TIDY_DEEP:-}" ]; then sed -i "s/^Checks: \"-\*,/&$path,/" "$config"; fi

# In `make test` the modules that protocols, records and products are made of; every other one in `make test-long`, since
# command line, service, server, simulation and verification take half an hour, and src/stats has findings that are not settled (README, limits).
if [ -n "${TIDY_DEEP:-}" ]; then
  modules=$(ls -d src/*/)
else
  modules='src/core src/clinical src/record src/product src/protocol src/engine src/trial src/endpoints src/store'
fi
# shellcheck disable=SC2086
find $modules -name '*.cpp' ! -name '*_test.cpp' ! -name '*_bench.cpp' ! -name '*_fuzz.cpp' | sort >"$work/sources"
find src -name '*.cpp' -exec sha256sum {} + -o -name '*.h' -exec sha256sum {} + >"$work/hashes"
settings=$( (clang-tidy --version; cat "$config" cmake/compiler.cmake) | sha256sum | cut -c1-16)

# "object: #deps ..." followed by one indented file per line -> "source header header ..." of this project
ninja -C "$build" -t deps 2>/dev/null | awk -v root="$root/" -v build="$build" '
  function flush() { if (line != "") print line; line = "" }
  /^[^ ]/ { flush(); next }
  NF {
    file = $1
    if (file ~ /^\.\.\//) sub(/^\.\.\//, root, file)
    if (index(file, root "src/") == 1) { file = substr(file, length(root) + 1); line = line (line == "" ? "" : " ") file }
  }
  END { flush() }' >"$work/dependencies" || true

# one line per source: its state's hash (or "none" when it was never compiled) and its name
awk '
  FILENAME == ARGV[1] { hash[$2] = $1; next }
  FILENAME == ARGV[2] { if (!($1 in files)) files[$1] = $0; next }
  {
    if (!($1 in files)) { print "none", $1; next }
    n = split(files[$1], file, " ")
    text = ""
    for (i = 1; i <= n; ++i) text = text hash[file[i]]
    print text, $1
  }' "$work/hashes" "$work/dependencies" "$work/sources" >"$work/states"

while read -r state source; do
  key=none
  [ "$state" = none ] || key=$(printf '%s %s %s' "$settings" "$state" "$source" | sha256sum | cut -d' ' -f1)
  [ -e "$passed/$key" ] || printf '%s\n%s\n' "$key" "$source"
done <"$work/states" >"$work/todo"

total=$(wc -l <"$work/sources")
todo=$(($(wc -l <"$work/todo") / 2))
echo "clang-tidy: $todo of $total sources changed"
[ "$todo" -gt 0 ] || exit 0

# Most of the time goes into the headers, so eight sources of one folder are read one after the other as if they were one
# file. Where that does not compile (two sources may each have a name for themselves), each half is tried.
awk -v work="$work" '
  NR % 2 { key = $0; next }
  {
    folder = $0; sub(/[^\/]*$/, "", folder)
    alone = $0 ~ /\/main\.cpp$/
    if (folder != last || alone || held == 8) { ++batch; held = 0; print work "/batch-" batch }
    last = alone ? "" : folder
    ++held
    print key, $0 >(work "/batch-" batch)
  }' "$work/todo" >"$work/batches"

cat >"$work/analyse" <<'END'
list=$1
sources=$(wc -l <"$list")
if [ "$sources" -eq 1 ]; then
  read -r key source <"$list"
  said=$(clang-tidy -p "$build" --config-file="$config" --quiet "$source" 2>&1) && clean=yes || clean=no
else
  awk -v root="$root" '{ printf "#include \"%s/%s\"\n", root, $2 }' "$list" >"$list.cpp"
  said=$(clang-tidy --config-file="$config" --checks=-bugprone-suspicious-include --quiet "$list.cpp" \
    -- -std=c++20 -I"$root/src" -DFMT_SHARED -w 2>&1) && clean=yes || clean=no
fi
if [ $clean = yes ]; then
  while read -r key source; do [ "$key" = none ] || : >"$passed/$key"; done <"$list"
elif [ "$sources" -gt 1 ] && printf '%s\n' "$said" | grep -q clang-diagnostic-error; then
  half=$(((sources + 1) / 2))
  head -n $half "$list" >"$list-a"
  tail -n +$((half + 1)) "$list" >"$list-b"
  status=0
  sh "$0" "$list-a" || status=1
  sh "$0" "$list-b" || status=1
  exit $status
else
  # without the notes, which for the analyser fill pages: the line, its text, the caret
  printf '%s\n' "$said" | grep -A 2 -E "(error|warning): "
  exit 1
fi
END

export passed build config work root
if ! xargs -a "$work/batches" -P "$(nproc)" -n 1 sh "$work/analyse"; then
  echo "findings above; with all notes: clang-tidy -p $1 FILE"
  exit 1
fi
