#!/bin/sh
# Cost of screening by criteria as a cohort grows: made-up patients, time and memory for each size.
#   bench/growth.sh [BUILD [DRAWS [SIZE...]]]
# Needs Debian's package `time`. A patient with 1 draw is some 17 KB, with 12 draws 95 KB; sizes that do not fit the disk are the caller's business.
set -eu
build=$(cd "${1:-build}" && pwd)
draws=${2:-1}
[ $# -gt 2 ] && shift 2 || set -- 1000 10000 100000 1000000
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%10s %10s %12s %10s %10s\n' patients MB 'us/patient' 'peak MB' eligible
for n in "$@"; do
  "$build/graftline" generate cohort --patients "$n" --draws "$draws" --as-of 2026-03-01 -o "$work/cohort.ndjson"
  # One run gives all three: seconds of user and system, and the largest resident set in KB.
  /usr/bin/time -o "$work/time" -f '%U %S %M' "$build/graftline" screen "$work/cohort.ndjson" --protocol \
    bench/eligibility/eligibility.protocol --as-of 2026-03-01 --read-on 2026-03-01 --criteria --jobs 1 --format csv \
    --output "$work/rows.csv" >"$work/log" 2>&1
  awk -v n="$n" -v mb="$(wc -c <"$work/cohort.ndjson")" \
    -v ok="$(awk -F, '$3 == "eligible"' "$work/rows.csv" | wc -l)" \
    '{ printf "%10d %10.1f %12.1f %10.1f %10d\n", n, mb / 1e6, ($1 + $2) * 1e6 / n, $3 / 1024, ok }' "$work/time"
done
