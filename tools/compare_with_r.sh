#!/bin/sh
# Compares the estimators with the R installed here on fresh random data: ties, tiny groups, one-sided censoring.
#   tools/compare_with_r.sh GRAFTLINE [DATA_SETS [SEED]]
#   needs   r-base-core r-cran-survival r-cran-cmprsk r-cran-etm r-cran-jsonlite: tools/install-dependencies.sh peers
#   exit    0 all agree; 1 some do not; 77 R is not installed (a skipped test)
set -eu
graftline=$1
sets=${2:-8}
seed=${3:-$(date +%Y%m%d)}
if ! Rscript -e 'for (p in c("survival", "cmprsk", "etm", "jsonlite")) library(p, character.only = TRUE)' >/dev/null 2>&1; then
  echo "R or one of its packages is not installed (tools/install-dependencies.sh peers): nothing compared"
  exit 77
fi
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "seed $seed, $sets data sets"
while [ "$sets" -gt 0 ]; do  # a hundred data sets at a time, so that thousands need no more memory
  part=$((sets < 100 ? sets : 100))
  Rscript "$here/make_survival_golden.R" "$seed" "$part" >"$folder/random-$seed.json" 2>"$folder/said" ||
    { cat "$folder/said" >&2; exit 1; }
  grep "^R has no answer" "$folder/said" || true
  sets=$((sets - part))
  seed=$((seed + 1))
done
"$graftline" validate stats "$folder"
