#!/bin/sh
# Which share of each module's lines the tests run.
set -eu
cd "$(dirname "$0")/.."
build=build-coverage
tools/install-dependencies.sh
cmake --preset coverage >/dev/null
cmake --build --preset coverage --parallel "$(nproc)"
find $build -name '*.gcda' -delete
ctest --preset coverage --parallel "$(nproc)"

# gcov counts a header once per source that includes it; the best count of each line is the line's.
cd $build
find . -name '*.gcda' | xargs gcov --stdout --relative-only 2>/dev/null | awk -F: '
  $2 + 0 == 0 && $3 == "Source" {
    file = $4
    counts = file ~ /^\.\.\/src\// && file !~ /_(test|bench|fuzz)\.cpp$/
    split(file, part, "/")
  }
  counts && $1 !~ /-/ && $2 + 0 > 0 {
    line = file ":" $2 + 0
    module[line] = part[3]
    if ($1 !~ /#####|=====/) run[line] = 1
  }
  END {
    for (line in module) { ++all[module[line]]; if (line in run) ++ran[module[line]] }
    for (m in all) printf "%-12s %5.1f %% of %d lines\n", m, 100 * ran[m] / all[m], all[m]
  }' | sort
