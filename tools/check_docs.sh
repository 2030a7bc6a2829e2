#!/bin/sh
# Everything a user can meet by name is explained in docs/: kinds of error, reasons for an unknown, module arrows,
# commands, facts and operators.
#   tools/check_docs.sh BUILD_DIR
set -eu
build=$1
cd "$(dirname "$0")/.."
failures=0

# documented WHAT DOC...: each name on stdin stands in one of the documents, as `name` in backquotes.
documented() {
  what=$1
  shift
  count=0
  while IFS= read -r name; do
    [ -n "$name" ] || continue
    count=$((count + 1))
    grep -qF -- "\`$name\`" "$@" 2>/dev/null && continue
    echo "$what \"$name\" is not explained in $*"
    failures=$((failures + 1))
  done
  if [ "$count" -eq 0 ]; then
    echo "no $what was found: this check looks in the wrong place"
    failures=$((failures + 1))
  fi
}

# code DOC...: what stands in backquotes or fenced blocks
code() {
  awk '/^```/ { fenced = !fenced; next }
       fenced { print; next }
       { n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$@"
}

# enumerators FILE ENUM: the names of a scoped enumeration, one a line
enumerators() {
  awk -v enum="$2" '
    $0 ~ "^enum class " enum "( |$)" { inside = 1; next }
    inside && /^};/ { exit }
    inside && match($0, /[a-z_][a-z_0-9]*,/) { print substr($0, RSTART, RLENGTH - 1) }' "$1"
}

enumerators src/core/result.h ErrorKind >"$build/names"
documented "kind of error" docs/errors.md <"$build/names"
sed -n 's/.*{Reason::[a-z_]*, "\([^"]*\)"}.*/\1/p' src/core/truth.cpp >"$build/names"
documented "reason" docs/errors.md <"$build/names"

# Each command of the program, as `graftline NAME` somewhere; and its own --help has an example of it.
graftline=$build/graftline
"$graftline" --help | awk '/^Subcommands:/ { inside = 1; next } !NF { inside = 0 } inside { print $1 }' >"$build/names"
[ -s "$build/names" ] || { echo "graftline --help lists no command"; failures=$((failures + 1)); }
code ./*.md docs/*.md >"$build/code"
while IFS= read -r name; do
  grep -qwF -- "graftline $name" "$build/code" || {
    echo "no document shows graftline $name"
    failures=$((failures + 1))
  }
  "$graftline" "$name" --help | grep -q "^ *graftline $name" && continue
  echo "graftline $name --help shows no example"
  failures=$((failures + 1))
done <"$build/names"

# Each fact of the catalogue, by its id, on the page of facts.
sed -n 's/.*{\.id = "\([a-z_0-9]*\)".*/\1/p' src/record/catalogue_*.cpp >"$build/names"
documented fact docs/facts.md <"$build/names"

# Each operator of the language, and each word that it reserves.
sed -n '/^constexpr.*rows{{/,/^}};/s/^    {"\([^"]*\)".*/\1/p' src/protocol/operators.cpp >"$build/names"
documented operator docs/protocol-language.md <"$build/names"
code docs/protocol-language.md | tr -c 'a-z\n' '\n' | sort -u | sed 's/.*/`&`/' >"$build/code"
sed -n 's/.*{"\([a-z]*\)", Kind::.*/\1/p; /expression_words{/,/};/p' src/protocol/vocabulary.cpp |
  grep -o '"[a-z]*"\|^[a-z]*$' | tr -d '"' | sort -u >"$build/names"
documented "word of the language" "$build/code" <"$build/names"

# What a case may expect.
sed -n '/> subjects{{/,/^}};/s/^    {"\([^"]*\)", .*/\1/p' src/service/case_expectations.cpp >"$build/names"
documented "subject of a case" docs/case-files.md <"$build/names"

# What a site may set for products, and the columns of a stock.
sed -n '/> rows{{/,/^}};/s/^    {"\([a-z_0-9]*\)".*/\1/p' src/product/site_values.cpp >"$build/names"
documented "product value" docs/products.md <"$build/names"
"$graftline" bags export examples/stock.csv | head -1 | tr , '\n' >"$build/names"
documented "column of a stock" docs/products.md <"$build/names"

# What the glossary calls a name in code is one.
grep '^| `' docs/glossary.md | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`' | sed 's/.*:://' | while IFS= read -r name; do
  grep -rqw -- "$name" src || printf '%s\n' "$name"
done >"$build/names"
while IFS= read -r name; do
  echo "docs/glossary.md explains \`$name\`, which is nowhere in src/"
  failures=$((failures + 1))
done <"$build/names"

# Each folder with foreign or bundled data says where it is from.
for folder in third_party/*/ tests/data/*/ tests/golden/*/; do
  [ -d "$folder" ] || continue
  grep -qF -- "\`$folder\`" THIRD_PARTY.md && continue
  echo "THIRD_PARTY.md does not say where \`$folder\` is from"
  failures=$((failures + 1))
done

# Each row "| module | may include |" of the architecture page is the module's line in CMakeLists.txt.
while IFS=: read -r module below; do
  row="| \`$module\` | $(echo $below | sed 's/ /, /g; s/^$/nothing of ours/') |"
  grep -qF -- "$row" docs/architecture.md && continue
  echo "docs/architecture.md does not say, as CMakeLists.txt does: $row"
  failures=$((failures + 1))
done <"$build/arrows.txt"

[ "$failures" -eq 0 ]
