// What an importer and an evaluator do a million times: read a number, find a unit, convert, compare.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "core/quantity.h"

namespace graftline {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_a_number(benchmark::State& state) {
  for (auto _ : state) {
    auto value = parse_decimal("30.79");
    require(value && value->mantissa == 3079);
  }
}
BENCHMARK(read_a_number);

void compare_numbers(benchmark::State& state) {
  const Decimal value = *parse_decimal("1.8");
  const Decimal limit = *parse_decimal("1.80");
  for (auto _ : state) require(!(value < limit));
}
BENCHMARK(compare_numbers);

void find_a_known_unit(benchmark::State& state) {
  for (auto _ : state) {
    auto unit = parse_unit("umol/L");
    require(static_cast<bool>(unit));
  }
}
BENCHMARK(find_a_known_unit);

void refuse_a_known_mistake(benchmark::State& state) {
  for (auto _ : state) {
    auto unit = parse_unit("cells/uL");
    require(!unit);
  }
}
BENCHMARK(refuse_a_known_mistake);

void range_in_the_same_unit(benchmark::State& state) {
  const Unit unit = *parse_unit("U/L");
  const Quantity alt = *parse_quantity("180", unit, Kind::none);
  for (auto _ : state) require(*range_in(alt, unit, Kind::none, std::nullopt)->low == 180);
}
BENCHMARK(range_in_the_same_unit);

void range_by_conversion(benchmark::State& state) {
  const Unit unit = *parse_unit("U/L");
  const Quantity alt = *parse_quantity("3.0", *parse_unit("ukat/L"), Kind::none);
  for (auto _ : state) require(*range_in(alt, unit, Kind::none, std::nullopt)->low == 180);
}
BENCHMARK(range_by_conversion);

void range_by_molar_mass(benchmark::State& state) {
  const Unit unit = *parse_unit("umol/L");
  const Quantity bilirubin = *parse_quantity("1.8", *parse_unit("mg/dL"), Kind::none);
  const MolarMass molar_mass = *parse_decimal("584.66");
  const Rational expected(1'800'000, 58'466);
  for (auto _ : state) require(*range_in(bilirubin, unit, Kind::none, molar_mass)->low == expected);
}
BENCHMARK(range_by_molar_mass);

}  // namespace
}  // namespace graftline

BENCHMARK_MAIN();
