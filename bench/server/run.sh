#!/bin/sh
# How long a CDS Hooks call takes at 200 requests a second, beside an empty handler (/health answers without a patient; the
# difference is reading the prefetch, asking every protocol, and one event on disk before the cards are shown).
#   bench/server/run.sh [GRAFTLINE] [SECONDS]     needs wrk
set -eu
cd "$(dirname "$0")/../.."
graftline=${1:-build/graftline}
seconds=${2:-10}
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
"$graftline" store create "$folder/store.db" >/dev/null
echo "a long enough password" | "$graftline" account add --store "$folder/store.db" ehr --role viewer >/dev/null
token=$("$graftline" account token --store "$folder/store.db" ehr)
"$graftline" serve --store "$folder/store.db" --port 0 --quiet --protocol nct07319793 --site examples/site.toml >"$folder/out" &
server=$!
until grep -q serves "$folder/out"; do sleep 0.1; done
address=$(sed -n 's/.*\(http:[^ ]*\)\/ .*/\1/p' "$folder/out")
python3 - "$folder/request.json" <<'END'
import json, sys
bundle = json.load(open("examples/cohort/r-1001-prophylactic-arm-due.json"))
prefetch = {"patient": None, "observations": [], "conditions": [], "procedures": [], "medications": []}
kinds = {"Observation": "observations", "Condition": "conditions", "Procedure": "procedures", "MedicationStatement": "medications"}
for entry in bundle["entry"]:
    resource = entry["resource"]
    if resource["resourceType"] == "Patient":
        prefetch["patient"] = resource
    else:
        prefetch[kinds.get(resource["resourceType"], "observations")].append({"resource": resource})
for key, value in prefetch.items():
    if isinstance(value, list):
        prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "entry": value}
json.dump({"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
           "context": {"userId": "Practitioner/1", "patientId": prefetch["patient"]["id"]}, "prefetch": prefetch}, open(sys.argv[1], "w"))
END
cat >"$folder/post.lua" <<END
local file = io.open("$folder/request.json"); local body = file:read("*a"); file:close()
wrk.method = "POST"; wrk.body = body
wrk.headers["Content-Type"] = "application/json"; wrk.headers["Authorization"] = "Bearer $token"
-- Four connections, each waiting 20 ms between requests: at most 200 a second.
function delay() return 20 end
done = function(summary, latency)
  io.write(string.format("%d requests, %.0f/s, p50 %.2f ms, p99 %.2f ms, worst %.2f ms, errors %d\n", summary.requests,
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
END
sed 's/^wrk.method.*/wrk.method = "GET"/; s/^local file.*//' "$folder/post.lua" >"$folder/get.lua"
printf 'cards      '; wrk -t1 -c4 -d"${seconds}s" -s "$folder/post.lua" "$address/cds-services/dli-next-step" | tail -1
printf 'empty      '; wrk -t1 -c4 -d"${seconds}s" -s "$folder/get.lua" "$address/health" | tail -1
