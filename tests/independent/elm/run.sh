#!/bin/sh
# The eligibility part of protocols, run by an engine that knows nothing of graftline, over a thousand bundles.
#   tests/independent/elm/run.sh BUILD_DIR
# npm's packages come from package-lock.json into the build tree; with a filled cache no network is needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=$(cd "$1" && pwd)
work=$build/independent-elm
as_of=2026-03-01
mkdir -p "$work"
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$work"
cd "$work"
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --no-audit --no-fund --prefer-offline --cache "$build/npm-cache" >npm.log 2>&1 || { cat npm.log; exit 1; }
  touch node_modules
fi
node generate.mjs 1000 "$as_of" >bundles.ndjson
head -n 60 bundles.ndjson >few.ndjson
failed=0
ask() {  # protocol, bundles, how many they are
  name=$(basename "$1" .protocol)
  "$build/graftline" export elm "$1" -o "$name.elm.json" 2>"$name.left-out"
  "$build/graftline" export json "$1" -o "$name.json"
  "$build/graftline" screen "$2" --protocol "$1" --as-of "$as_of" --read-on "$as_of" --format ndjson \
    >"$name.rows.ndjson" 2>"$name.counts"
  node criteria.mjs "$name.json" "$name.elm.json" >"$name.criteria.json"
  printf '%s ' "$name"
  node agree.mjs "$name.elm.json" "$2" "$name.rows.ndjson" "$as_of" "$name.criteria.json" "$3" 2>"$name.warnings" || failed=1
}
for protocol in "$here/criteria.protocol" "$root/tests/data/fhir/synthetic-dli.protocol" \
    "$root/protocols/nct07319793/nct07319793.protocol"; do
  ask "$protocol" bundles.ndjson 1000
done
# Every other shipped protocol, on fewer bundles.
for protocol in "$root"/protocols/*/*.protocol; do
  [ "$(basename "$protocol")" = nct07319793.protocol ] || ask "$protocol" few.ndjson 60
done
exit $failed
