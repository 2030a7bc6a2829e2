// The thirteen criteria of bench/eligibility over columns in memory: time per patient, on one core and on
// all.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "core/keyed_random.h"
#include "engine/batch.h"
#include "engine/evaluate.h"
#include "protocol/parse.h"
#include "record/story.h"

namespace {

using namespace graftline;

const Day today = record::story::day("2026-03-01");

record::Timeline patient(std::uint64_t number) {
  KeyedRandom random({1, number});
  record::Timeline timeline;
  const auto below = [&](int n) { return static_cast<int>(random.below(static_cast<std::uint64_t>(n))); };
  const auto add = [&](const char* fact, int back, record::Value value) {
    record::Entry entry;
    entry.fact = record::fact_id(fact);
    entry.when = exactly(today - back);
    entry.known_on = entry.when.first;
    entry.value = std::move(value);
    timeline.add(std::move(entry));
  };
  const auto number_of = [](const char* unit, std::int64_t mantissa, int exponent) {
    return Quantity{
        {mantissa, exponent}, Comparator::none, *parse_unit(unit), Kind::none, Viability::unstated};
  };
  const int lowest = *record::level_of(record::fact(record::fact_id("mrd")), "negative");
  const record::Level negative{lowest, lowest};
  const int born = 12 * 365 + below(65 * 365);
  add("birth", born, true);
  add("sex", born, record::Level{below(2), 0});
  std::get<record::Level>(timeline.entries.back().value).high =
      std::get<record::Level>(timeline.entries.back().value).low;
  add("disease", 400, record::Level{below(4), 0});
  std::get<record::Level>(timeline.entries.back().value).high =
      std::get<record::Level>(timeline.entries.back().value).low;
  if (below(25) != 0) add("transplant", 22 + below(48), true);
  for (int draw = 0; draw < 4; ++draw) {
    const int back = draw * 7 + below(3);
    add("alt", back, number_of("U/L", 10 + below(140), 0));
    timeline.entries.back().upper_limit = number_of("U/L", 40, 0);
    add("bilirubin", back, number_of("mg/dL", 30 + below(200), -2));
    timeline.entries.back().upper_limit = number_of("mg/dL", 12, -1);
    add("creatinine", back, number_of("mg/dL", 50 + below(120), -2));
    if (below(20) != 0) add("spo2", back, number_of("%", 88 + below(13), 0));
    add("agvhd_grade", back, record::Level{0, 0});
  }
  if (below(10) != 0) add("mrd", below(30), negative);
  if (below(10) != 0) add("lvef", below(110), number_of("%", 45 + below(25), 0));
  if (below(6) != 0) add("ciclosporin", 30, true);
  if (below(16) == 0) add("dli", below(15), true);
  timeline.arrange();
  return timeline;
}

protocol::Protocol thirteen_criteria() {
  auto parsed = protocol::parse_protocol_file(GRAFTLINE_SOURCE_DIR "/bench/eligibility/eligibility.protocol");
  ensure(parsed.ok(), "the protocol of the benchmark has no mistakes");
  return std::move(parsed.protocol);
}

record::Cohort cohort_of(std::span<const record::FactId> facts, int n) {
  record::Cohort cohort(facts);
  for (int i = 0; i < n; ++i) cohort.add(patient(static_cast<std::uint64_t>(i)));
  return cohort;
}

void columns(benchmark::State& state, bool parallel) {
  const auto protocol = thirteen_criteria();
  const engine::Settings settings;
  engine::Batch batch(protocol, settings, today);
  const auto cohort = cohort_of(batch.facts(), static_cast<int>(state.range(0)));
  std::size_t explained = 0;
  std::size_t eligible = 0;
  for (auto _ : state) {
    const auto answers = batch.run(cohort, {4096, parallel});
    explained = answers.rows_explained;
    eligible = answers.verdict.count_yes();
    benchmark::DoNotOptimize(answers.verdict);
  }
  // The answer itself is held to the explanation by batch_test; here it only must not be empty.
  ensure(eligible > 0 || state.range(0) < 4096, "somebody is eligible");
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["ns_a_patient"] =
      benchmark::Counter(static_cast<double>(state.range(0)) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["explained"] = static_cast<double>(explained);
  state.counters["eligible"] = static_cast<double>(eligible);
}

void on_one_core(benchmark::State& state) { columns(state, false); }
void on_all_cores(benchmark::State& state) { columns(state, true); }

// The same criteria by the evaluator that explains, for comparison.
void explained_one_by_one(benchmark::State& state) {
  const auto protocol = thirteen_criteria();
  const engine::Settings settings;
  const auto timeline = patient(1);
  for (auto _ : state) {
    const record::View view(timeline, today);
    const engine::Evaluator evaluator(protocol, view, settings);
    for (const auto& criterion : protocol.common.criteria)
      benchmark::DoNotOptimize(evaluator.criterion(criterion));
  }
}

BENCHMARK(on_one_core)->Arg(1 << 12)->Arg(1 << 17)->Unit(benchmark::kMicrosecond);
BENCHMARK(on_all_cores)->Arg(1 << 17)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(explained_one_by_one)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
