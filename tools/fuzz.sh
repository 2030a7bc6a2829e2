#!/bin/sh
# Searches with every fuzzer, one after the other, and says what it found.
#   tools/fuzz.sh [PROGRAM...]          all, or only those named: tools/fuzz.sh decimal_fuzz
#   FUZZ_SECONDS=60 tools/fuzz.sh       600 seconds each unless told otherwise
# Starts from tests/corpus/PROGRAM; what it learns stays in build-fuzz/corpus. A crash is kept in build-fuzz/crashes and
# belongs into tests/corpus/PROGRAM, where every later build replays it.
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
build=build-fuzz

tools/install-dependencies.sh
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --parallel "$(nproc)"

if [ $# -eq 0 ]; then
  set -- $(find src -name '*_fuzz.cpp' -exec basename {} .cpp \; | sort)
fi
[ $# -gt 0 ] || { echo "$0: there is no fuzzer" >&2; exit 1; }

mkdir -p $build/crashes
failures=0
printf '%-24s %12s %9s %8s %s\n' program executions seconds features found
for program in "$@"; do
  corpus=$build/corpus/$program
  log=$build/$program.log
  mkdir -p "$corpus" "tests/corpus/$program"
  status=0
  # A huge allocation or a slow input is a finding too: importers promise bounded memory and time.
  "$build/$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="$build/crashes/$program-" "$corpus" "tests/corpus/$program" >"$log" 2>&1 </dev/null || status=$?
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  ran=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log" | tail -1)
  features=$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' "$log" | tail -1)
  found=nothing
  if [ "$status" -ne 0 ]; then
    found=$(sed -n 's/^SUMMARY: //p; s/.*Test unit written to //p' "$log" | tr '\n' ' ')
    failures=$((failures + 1))
  fi
  printf '%-24s %12s %9s %8s %s\n' "$program" "${executions:--}" "${ran:--}" "${features:--}" "${found:-exit code $status, see $log}"
done
[ "$failures" -eq 0 ]
