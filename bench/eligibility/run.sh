#!/bin/sh
# graftline and both npm engines on the same bundles in one run: verdicts compared patient by patient, CPU time per patient,
# ratios.
#   bench/eligibility/run.sh [BUILD [PATIENTS [SLOW_PATIENTS]]]
# Needs node 20 and, once, npm's registry: the packages of package-lock.json come into the build folder. The npm engines are
# thousands of times slower, so they run on the first SLOW_PATIENTS bundles only (200).
set -eu
cd "$(dirname "$0")"
build=$(cd "${1:-../../build}" && pwd)
patients=${2:-1000}
slow=${3:-200}
work=${WORK:-$build/bench-eligibility}
here=$(pwd)
mkdir -p "$work/elm"
cp package.json package-lock.json "$work"

cd "$work"
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --cache "$build/npm-cache" >npm.log 2>&1 || { cat npm.log; exit 1; }
  touch node_modules
fi
[ -s "b$patients.ndjson" ] || node "$here/gen.mjs" --n "$patients" --out "b$patients.ndjson" >/dev/null
head -n "$slow" "b$patients.ndjson" >slow.ndjson
node "$here/elm/translate.mjs" "$here/DliEligibility.cql" "$here/elm" elm >translate.log 2>&1 || { cat translate.log; exit 1; }

# User and system seconds of a command, whole process: the least of three runs, since other processes only add to it.
cpu() {
  for _ in 1 2 3; do
    LC_ALL=C bash -c 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>"'"$work"'/log"; } 2>&1' cpu "$@"
  done | awk 'NR == 1 || $1 + $2 < least { least = $1 + $2 } END { print least }'
}
per_patient() { awk -v s="$1" -v n="$2" 'BEGIN { printf "%.1f", s * 1e6 / n }'; }

ask="screen b$patients.ndjson --protocol $here/eligibility.protocol --mapping $here/mapping.toml --site $here/site.toml
     --as-of 2025-06-30 --read-on 2025-06-30"
ours=$(cpu "$build/graftline" $ask --criteria --jobs 1 --format csv --output graftline.csv)
cat "$work/log"
ours_us=$(per_patient "$ours" "$patients")
explained=$(cpu "$build/graftline" $ask --format csv --output explained.csv)
node "$here/verdicts.mjs" graftline.csv graftline-verdicts.csv
echo
echo "graftline, verdicts by criterion       $ours_us us CPU a patient"
echo "graftline, each patient explained      $(per_patient "$explained" "$patients") us CPU a patient"

report() {  # name, seconds, patients, verdicts
  us=$(per_patient "$2" "$3")
  echo
  echo "$1: $us us CPU a patient, $(awk -v a="$us" -v b="$ours_us" 'BEGIN { printf "%.0f", a / b }') x graftline"
  node "$here/compare.mjs" "$4" graftline-verdicts.csv
}

report "plain JavaScript" "$(cpu node "$here/ref.mjs" "b$patients.ndjson" ref.csv)" "$patients" ref.csv
report fhirpath.js "$(cpu node "$here/bench_fhirpath.mjs" fhirpath slow.ndjson fhirpath.csv)" "$slow" fhirpath.csv
report cql-execution "$(cpu node "$here/bench_cql.mjs" slow.ndjson elm cql.csv)" "$slow" cql.csv
