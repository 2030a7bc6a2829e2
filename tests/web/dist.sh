#!/bin/sh
# The committed pages are what their sources build.
#   tests/web/dist.sh BUILD
#   exit  0 the same bytes; 1 not; 77 no Node.js that Vite runs on (20.19 or newer): a skipped test
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../../web"
command -v npm >/dev/null || { echo "npm is not installed"; exit 77; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  { echo "Node.js $(node --version) is older than 20.19, which Vite needs"; exit 77; }
work=$build/web-dist
mkdir -p "$work"
rm -rf "$work/src" "$work/dist"
cp -r src index.html package.json package-lock.json tsconfig.json vite.config.ts "$work/"
cd "$work"
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --no-audit --no-fund --prefer-offline --cache "$build/npm-cache" >npm.log 2>&1 || { cat npm.log; exit 1; }
  touch node_modules
fi
npm run build >build.log 2>&1 || { cat build.log; exit 1; }
diff -r dist "$OLDPWD/dist" >/dev/null || { echo "web/dist is not what web/src builds: npm run build in web/, and commit dist/"; exit 1; }
echo "web/dist is what its sources build"
