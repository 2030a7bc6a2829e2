#!/bin/sh
# The pages in a real browser, against a server of their own with the demonstration's patients.
#   tests/web/run.sh BUILD [FILE.test.mjs ...]
#   exit  0 passed; 1 failed; 77 Node.js or Chromium is missing (a skipped test)
# Screenshots are left in BUILD/web-test/shots.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."
root=$PWD
here=$root/tests/web
work=$build/web-test
command -v node >/dev/null || { echo "Node.js is not installed"; exit 77; }
[ -e /usr/bin/chromium ] || [ -e /usr/bin/chromium-browser ] || { echo "Chromium is not installed"; exit 77; }
mkdir -p "$work"
if ! cmp -s web/package-lock.json "$work/package-lock.json" || [ ! -d "$work/node_modules/playwright-core" ]; then
  cp web/package.json web/package-lock.json "$work/"
  (cd "$work" && npm ci --no-audit --no-fund --prefer-offline --cache "$build/npm-cache" >npm.log 2>&1) || { cat "$work/npm.log"; exit 1; }
fi

rm -rf "$work/store" "$work/shots"
mkdir -p "$work/store" "$work/shots"
store=$work/store/demo.sqlite
WEB_PASSWORD='correct horse battery'
graftline=$build/graftline
"$graftline" store create "$store" >/dev/null
for account in ada:admin phil:physician cora:coordinator lena:lab; do
  printf '%s\n' "$WEB_PASSWORD" | "$graftline" account add --store "$store" "${account%%:*}" --role "${account##*:}" >/dev/null
done
"$graftline" serve --store "$store" --port 0 --protocols "$root/protocols" --protocol nct07319793 --protocol ebmt-2024 \
  --site "$root/examples/site.toml" --demo --quiet >"$work/server.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do grep -q 'graftline serves' "$work/server.log" && break; sleep 0.1; done
WEB_BASE=$(sed -n 's/^graftline serves \(http[^ ]*\)\/ .*/\1/p' "$work/server.log")
[ -n "$WEB_BASE" ] || { cat "$work/server.log"; echo "the server did not start"; exit 1; }
node "$here/demo.mjs" "$WEB_BASE" "$root/examples" "$WEB_PASSWORD"
WEB_MODULES=$work
WEB_SHOTS=$work/shots
export WEB_BASE WEB_MODULES WEB_SHOTS WEB_PASSWORD
if [ $# -eq 0 ]; then set -- "$here/tasks.test.mjs" "$here/screens.test.mjs"; fi
node --test --test-concurrency=1 --test-reporter=spec "$@"
