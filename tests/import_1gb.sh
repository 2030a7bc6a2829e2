#!/bin/sh
# Large input in bounded memory: a 1 GB NDJSON of patients is read completely; 1 GB on one line and a document nested
# 10,000 deep are refused and listed, not read. Part of `make test-long`.
#   tests/import_1gb.sh [MEGABYTES]
set -eu
cd "$(dirname "$0")/.."
megabytes=${1:-1024}
most_kilobytes=$((512 * 1024))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# One bundle, so one patient, a line: 24 laboratory results, a transplant. Prints how many patients that made.
patients=$(awk -v bytes=$((megabytes * 1024 * 1024)) -v file="$folder/patients.ndjson" '
  function observation(id, code, value, unit, day) {
    return sprintf(",{\"resource\":{\"resourceType\":\"Observation\",\"id\":\"%s\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"%s\"}]},\"subject\":{\"reference\":\"Patient/p%d\"},\"effectiveDateTime\":\"2026-%02d-%02d\",\"valueQuantity\":{\"value\":%s,\"unit\":\"%s\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"%s\"},\"referenceRange\":[{\"high\":{\"value\":40,\"unit\":\"%s\",\"code\":\"%s\"}}]}}",
      id, code, patient, 1 + int(day / 28) % 12, 1 + day % 28, value, unit, unit, unit, unit)
  }
  BEGIN {
    while (written < bytes) {
      ++patient
      line = sprintf("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p%d\",\"gender\":\"female\",\"birthDate\":\"1980-05-%02d\"}},{\"resource\":{\"resourceType\":\"Procedure\",\"id\":\"p%d-hct\",\"status\":\"completed\",\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"444360002\"}]},\"subject\":{\"reference\":\"Patient/p%d\"},\"performedDateTime\":\"2025-12-01\"}}",
        patient, 1 + patient % 28, patient, patient)
      for (i = 0; i < 12; ++i) {
        line = line observation("p" patient "-alt-" i, "1742-6", 20 + (patient + i) % 200, "U/L", i * 14)
        line = line observation("p" patient "-bili-" i, "1975-2", "0." 1 + (patient + i) % 9, "mg/dL", i * 14)
      }
      line = line "]}"
      print line > file
      written += length(line) + 1
    }
    print patient
  }')

# reads FILE EXPECTED: the report holds EXPECTED, and memory stays bounded. The kernel keeps the peak (VmHWM).
reads() {
  before=$(date +%s)
  build/graftline import --report "$1" >"$folder/report" 2>"$folder/errors" </dev/null &
  pid=$!
  peak=0
  while kill -0 $pid 2>/dev/null; do
    now=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null) || now=
    peak=${now:-$peak}
    sleep 0.1
  done
  status=0
  wait $pid || status=$?
  echo "$(basename "$1"): $(($(wc -c <"$1") / 1048576)) MB in $(($(date +%s) - before)) s, peak memory $((peak / 1024)) MB, exit code $status"
  if ! grep -qE -- "$2" "$folder/report"; then
    echo "the report does not say /$2/:"
    cat "$folder/report" "$folder/errors"
    exit 1
  fi
  if [ "$peak" -gt $most_kilobytes ]; then
    echo "more than $((most_kilobytes / 1024)) MB"
    exit 1
  fi
}

reads "$folder/patients.ndjson" "\\b$patients patients"
rm "$folder/patients.ndjson"

{ printf '{"resourceType":"Bundle","note":"'; head -c "${megabytes}M" /dev/zero | tr '\0' 'a'; printf '"}\n'; } >"$folder/one-line.ndjson"
reads "$folder/one-line.ndjson" "refused"
rm "$folder/one-line.ndjson"

{ head -c 10000 /dev/zero | tr '\0' '['; head -c 10000 /dev/zero | tr '\0' ']'; } >"$folder/deep.json"
reads "$folder/deep.json" "refused"
