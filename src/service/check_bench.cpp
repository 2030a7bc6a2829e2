// What a check costs inside a running program: every patient of the example cohort, already read, by three
// protocols.
#include <benchmark/benchmark.h>

#include "interop/import.h"
#include "service/answer.h"
#include "service/ask.h"

namespace {

using namespace graftline;

struct Example {
  std::vector<service::Prepared> prepared;
  std::vector<record::Timeline> patients;
};

Example example(const char* protocol) {
  const std::string root = GRAFTLINE_SOURCE_DIR;
  service::Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.site_file = root + "/examples/site.toml";
  ask.protocol_folders = {root + "/protocols"};
  ask.protocols = {protocol};
  ask.question.as_of = day_of({2026, 3, 2});
  Example result;
  auto protocols = service::find_protocols(ask);
  ensure(static_cast<bool>(protocols), "the protocol is there");
  auto prepared = service::prepare(ask, std::move(*protocols));
  ensure(static_cast<bool>(prepared), "its settings are sound");
  result.prepared = std::move(*prepared);
  const auto read = interop::import_records(
      ask.records, interop::Mapping::defaults(),
      [&](record::Timeline&& timeline) { result.patients.push_back(std::move(timeline)); });
  ensure(read && result.patients.size() == 20, "the example cohort has twenty patients");
  return result;
}

void check(benchmark::State& state, const char* protocol) {
  const Example made = example(protocol);
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& one = made.prepared.front();
    benchmark::DoNotOptimize(service::answer(one.protocol, made.patients[next], one.question));
    next = (next + 1) % made.patients.size();
  }
}

BENCHMARK_CAPTURE(check, nct07319793, "nct07319793")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(check, ebmt_2024, "ebmt-2024")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(check, cml_escalating_dose, "cml-escalating-dose")->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
