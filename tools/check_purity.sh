#!/bin/sh
# Same input, same answer: outside the programs themselves (cli, ranks, server) no code reads a clock, the environment, the
# locale or a random device. Dates, seeds and versions are arguments. Data for measurements, drawn with a seed that the file states,
# are no exception to that.
set -eu
cd "$(dirname "$0")/.."
impure='system_clock|steady_clock|high_resolution_clock|\btime\((NULL|nullptr|0)\)|gettimeofday|clock_gettime|localtime'
impure="$impure|getenv|setlocale|std::locale|random_device|\bs?rand\(|mt19937"
if grep -rnE "$impure" src --include='*.h' --include='*.cpp' --exclude-dir=cli --exclude-dir=ranks --exclude-dir=server \
    --exclude='*_test.cpp' --exclude='*_bench.cpp' --exclude='*_bench_data.h'; then
  echo "the lines above read something that is not an argument"
  exit 1
fi
