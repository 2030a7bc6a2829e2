#!/bin/sh
# The main job on the bundled cohort: two protocols, twenty synthetic patients, one worklist. `make demo` builds the
# program first. The day asked about is fixed, so that everybody sees the same answers.
set -eu
cd "$(dirname "$0")/.."
graftline=build/graftline
page=build/demo/worklist.html
mkdir -p build/demo

show() {
  printf '\n$ graftline'
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9./_=-]*) printf ' "%s"' "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n\n'
  "$graftline" "$@"
}

echo "Who is due, who is blocked, and by what: 20 synthetic patients, 2 protocols, asked on 2026-03-02."
show worklist examples/cohort --protocol nct07319793 --protocol ebmt-2024 \
  --site examples/site.toml --as-of 2026-03-02 --html "$page"

echo
echo "One of them explained. The echocardiogram is missing, and nothing else:"
show check examples/cohort/r-1006-no-echocardiogram.json --protocol nct07319793 \
  --site examples/site.toml --as-of 2026-03-02 --brief

# The same patients behind the pages, with an account of each role.
store=build/demo/demo.db
rm -f "$store" "$store"-wal "$store"-shm
"$graftline" store fill "$store" examples/cohort --stock examples/stock.csv >/dev/null
for role in viewer physician coordinator lab trial statistician admin; do
  echo "demonstration only" | "$graftline" account add --store "$store" "$role" --role "$role" --name "Demo $role" >/dev/null
done
echo "demonstration only" | "$graftline" account add --store "$store" second --role physician --name "Demo second physician" >/dev/null

cat <<END

Next:
  open $page in a browser; each row opens to its reasons
  the same patient with every criterion, value, date and source: leave out --brief
  what a later result changes:
    build/graftline compare examples/cohort/r-1014-result-arrives-later.json -p ebmt-2024 --as-of 2026-03-06
  two protocols on one patient:
    build/graftline compare examples/cohort/r-1001-prophylactic-arm-due.json -p nct07319793 -p ebmt-2024 --as-of 2026-03-02
  what was read, and what could not be used: build/graftline import --report examples/cohort
  which protocols there are: build/graftline protocol list
  your own records and protocols: README.md

The pages, with the same patients; sign in as physician, second, coordinator, lab or admin, password "demonstration only":

  $graftline serve --store $store --demo --as-of 2026-03-02 --site examples/site.toml --protocol nct07319793 --protocol ebmt-2024
END
