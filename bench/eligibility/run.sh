#!/bin/sh
# graftline and both npm engines on the same bundles in one run: verdicts compared patient by patient, CPU time per patient,
# ratios.
#   bench/eligibility/run.sh [BUILD [PATIENTS]]
# Needs node 20 and npm's registry (once). The CQL engine takes ELM: put DliEligibility.json and FHIRHelpers.json, translated
# from DliEligibility.cql, into bench/eligibility/elm; without them it is left out, and the output says so.
set -eu
cd "$(dirname "$0")"
build=$(cd "${1:-../../build}" && pwd)
patients=${2:-1000}
work=${WORK:-$build/bench-eligibility}
mkdir -p "$work"
here=$(pwd)

cd "$work"
[ -d node_modules/fhirpath ] || npm install --silent --no-fund --no-audit cql-execution@3.3.2 cql-exec-fhir@2.2.0 fhirpath@5.1.1 >/dev/null
[ -s "b$patients.ndjson" ] || node "$here/gen.mjs" --n "$patients" --out "b$patients.ndjson" >/dev/null
bundles=$work/b$patients.ndjson

# User and system seconds of a command, whole process.
cpu() {
  LC_ALL=C bash -c 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>"'"$work"'/log"; } 2>&1' cpu "$@" | awk '{ print $1 + $2 }'
}
per_patient() { awk -v s="$1" -v n="$patients" 'BEGIN { printf "%.1f", s * 1e6 / n }'; }

ask="screen $bundles --protocol $here/eligibility.protocol --mapping $here/mapping.toml --site $here/site.toml
     --as-of 2025-06-30 --read-on 2025-06-30 --criteria --format csv --output $work/graftline.csv"
ours=$(cpu "$build/graftline" $ask)
cat "$work/log"
node "$here/verdicts.mjs" graftline.csv graftline-verdicts.csv
ours_us=$(per_patient "$ours")
echo "graftline      $ours_us us CPU a patient"

report() {  # name, seconds, verdicts
  us=$(per_patient "$2")
  echo
  echo "$1 $us us CPU a patient, $(awk -v a="$us" -v b="$ours_us" 'BEGIN { printf "%.0f", a / b }') x graftline; agreement ($1, graftline), by criterion:"
  node "$here/compare.mjs" "$3" graftline-verdicts.csv
}

node "$here/ref.mjs" "$bundles" ref.csv >/dev/null
report "plain JavaScript" "$(cpu node "$here/ref.mjs" "$bundles" ref.csv)" ref.csv
report fhirpath.js "$(cpu node "$here/bench_fhirpath.mjs" fhirpath "$bundles" fhirpath.csv)" fhirpath.csv
if [ -s "$here/elm/DliEligibility.json" ] && [ -s "$here/elm/FHIRHelpers.json" ]; then
  report cql-execution "$(cpu node "$here/bench_cql.mjs" "$bundles" "$here/elm" cql.csv)" cql.csv
else
  echo
  echo "cql-execution: left out, there is no ELM in bench/eligibility/elm"
fi
