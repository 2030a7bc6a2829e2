#!/bin/sh
# Compares the estimators with the R installed here on fresh random data: ties, tiny groups, one-sided censoring.
#   tools/compare_with_r.sh GRAFTLINE [DATA_SETS [SEED]]
#   needs   r-base-core r-cran-survival r-cran-cmprsk r-cran-etm r-cran-jsonlite
#   exit    0 all agree; 1 some do not; 77 R is not installed (a skipped test)
set -eu
graftline=$1
sets=${2:-8}
seed=${3:-$(date +%Y%m%d)}
command -v Rscript >/dev/null 2>&1 || { echo "R is not installed: nothing compared"; exit 77; }
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "seed $seed, $sets data sets"
Rscript "$here/make_survival_golden.R" "$seed" "$sets" >"$folder/random.json"
"$graftline" validate stats "$folder"
