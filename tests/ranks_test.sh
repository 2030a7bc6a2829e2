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

# A rank that is lost in the middle of its work. Of three files the second is a pipe that nobody fills, so rank 1 waits in it
# while the others make theirs; then it is killed, and the file is there after all.
lose_rank_1() {  # name; further options of mpirun
  name=$1
  shift
  rm -f "$work/b.ndjson"
  mkfifo "$work/b.ndjson"
  mpirun "$@" -np 3 "$build/graftline" $three --parts "$work/$name" --output "$work/$name.csv" 2>"$work/$name.log" &
  run=$!
  tries=0
  until [ -e "$work/$name/unit-000000.part" ] && [ -e "$work/$name/unit-000002.part" ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "the other ranks do not finish"; cat "$work/$name.log"; exit 1; }
    sleep 0.1
  done
  test ! -e "$work/$name/unit-000001.part"
  for pid in $(pgrep -x graftline-mpi); do
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qx "$work/$name" || continue
    if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx OMPI_COMM_WORLD_RANK=1; then kill -KILL "$pid"; fi
  done
  cp "$work/b.whole" "$work/b.new"
  mv "$work/b.new" "$work/b.ndjson"
}
"$build/graftline" generate cohort --patients 90 --draws 1 --as-of 2026-03-01 --output "$work/all.ndjson"
sed -n 1,30p "$work/all.ndjson" >"$work/a.ndjson"
sed -n 31,60p "$work/all.ndjson" >"$work/b.whole"
sed -n 61,90p "$work/all.ndjson" >"$work/c.ndjson"
three="screen $work/a.ndjson $work/b.ndjson $work/c.ndjson --protocol nct07319793 --site examples/site.toml
       --as-of 2026-03-01 --read-on 2026-03-01 --criteria --format csv"
cp "$work/b.whole" "$work/b.ndjson"
"$build/graftline" $three --output "$work/three.csv" 2>/dev/null
test "$(wc -l <"$work/three.csv")" -eq 91

lose_rank_1 kept --enable-recovery
before=$(stat -c '%y' "$work/kept/unit-000000.part" "$work/kept/unit-000002.part")
wait $run || { cat "$work/kept.log"; exit 1; }
cmp "$work/three.csv" "$work/kept.csv"
grep -q "rank 1 of 3 is lost; its missing parts are made again" "$work/kept.log"
test "$before" = "$(stat -c '%y' "$work/kept/unit-000000.part" "$work/kept/unit-000002.part")"

# Without that option mpirun ends all ranks; what they had made is taken up.
lose_rank_1 ended
if wait $run; then echo "mpirun was expected to fail"; exit 1; fi
test ! -e "$work/ended.csv"
"$build/graftline" $three --parts "$work/ended" --resume --output "$work/ended.csv" 2>"$work/log"
cmp "$work/three.csv" "$work/ended.csv"
grep -q "2 of 3 units were there already" "$work/log"
echo "one process, 1, 2 and 4 ranks, a run that lost a rank and two resumed runs write the same bytes"
