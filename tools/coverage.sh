#!/bin/sh
# Which share of each module's lines the tests run.
set -eu
cd "$(dirname "$0")/.."
build=build-coverage
tools/install-dependencies.sh
cmake --preset coverage --log-level=WARNING
cmake --build --preset coverage --parallel "$(nproc)"
find $build -name '*.gcda' -delete
ctest --preset coverage --parallel "$(nproc)"

# gcov counts a header once per source that includes it; the best count of each line is the line's.
cd $build
find . -name '*.gcda' | xargs gcov --preserve-paths --relative-only --source-prefix "$(cd .. && pwd)" >/dev/null 2>&1
awk -F: '
  FNR == 1 { module = "" }
  /0:Source:/ { split($4, part, "/"); module = (part[1] == "src" && $4 !~ /_(test|bench|fuzz)\.cpp$/) ? part[2] : ""; file = $4 }
  module != "" && $1 !~ /-/ && $2 + 0 > 0 {
    line = file ":" $2 + 0
    of[line] = module
    if ($1 !~ /#####|=====/) run[line] = 1
  }
  END {
    for (line in of) { ++all[of[line]]; if (line in run) ++ran[of[line]] }
    for (m in all) printf "%-12s %5.1f %% of %d lines\n", m, 100 * ran[m] / all[m], all[m]
  }' *.gcov | sort
