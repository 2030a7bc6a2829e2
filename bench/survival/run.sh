#!/bin/sh
# graftline and R on the same made-up patients in one run: agreement, seconds, ratios.
#   bench/survival/run.sh [BUILD_DIR [N]]     build (release) and 1000000 unless given
#   needs  r-base-core r-cran-survival r-cran-cmprsk r-cran-prodlim (which brings data.table)
#   exit   0; 1 when an estimate disagrees
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
n=${2:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --build "$build" --parallel --target survival_report_bench >/dev/null
"$build/survival_report_bench" "$n" write "$folder/large.csv"
"$build/survival_report_bench" 2000 write "$folder/small.csv"
"$build/survival_report_bench" "$n" >"$folder/large.tsv"
"$build/survival_report_bench" 2000 >"$folder/small.tsv"
Rscript bench/survival/compare.R "$folder" "$n"
