#!/bin/sh
# Any number of ranks writes the bytes that one process writes; a rank that is lost costs its own parts.
#   tests/ranks_test.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
records=$work/records
mkdir "$records"
cp examples/cohort/*.json "$records"
ask="screen $records --protocol nct07319793 --site examples/site.toml --as-of 2026-03-02 --criteria --format csv"

"$build/graftline" $ask --output "$work/one.csv" 2>/dev/null
test "$(wc -l <"$work/one.csv")" -eq 21
for ranks in 1 2 4; do
  mpirun -np $ranks "$build/graftline" $ask --output "$work/$ranks.csv" 2>"$work/log" || { cat "$work/log"; exit 1; }
  cmp "$work/one.csv" "$work/$ranks.csv"
done

# Two shards of three are there, the third was lost: only its parts are made.
for shard in 1 2; do
  "$build/graftline" $ask --parts "$work/parts" --shard $shard/3 2>/dev/null
done
"$build/graftline" $ask --parts "$work/parts" --resume --output "$work/resumed.csv" 2>"$work/log"
cmp "$work/one.csv" "$work/resumed.csv"
grep -q "14 of 20 units were there already" "$work/log"
echo "one process, 1, 2 and 4 ranks and a resumed run write the same bytes"
