#include "analysis/exposure.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

using namespace graftline;
using namespace graftline::analysis;

namespace {

struct Drawn {
  stats::DataTable table;
  double follow_up = 0.0;
  double events = 0.0;
};

// Patients with whole days, some exposed some day.
Drawn draw() {
  std::string csv = "time,status,day\n";
  Drawn drawn;
  const int n = *rc::gen::inRange(1, 20);
  for (int i = 0; i < n; ++i) {
    const int time = *rc::gen::inRange(1, 30);
    const int status = *rc::gen::inRange(0, 2);
    const int day = *rc::gen::inRange(0, 40);
    csv += fmt::format("{},{},{}\n", time, status, day < 30 ? fmt::format("{}", day) : "");
    drawn.follow_up += time;
    drawn.events += status;
  }
  drawn.table = *stats::parse_csv(csv);
  return drawn;
}

double sum(const stats::DataTable& table, const std::string& column) {
  const auto& values = table.find(column)->number;
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

TEST_CASE("cutting rows at an exposure keeps every day of follow-up and every event") {
  CHECK(rc::check([] {
    const Drawn drawn = draw();
    Request request;
    request.exposures = {{"given", "day"}};
    request.time_dependent = true;
    const auto formula = *parse_survival_formula("Surv(time, status) ~ given");
    const auto cut = with_exposures(drawn.table, formula, request, true);
    RC_ASSERT(cut);
    const auto& t = cut->table;
    RC_ASSERT(sum(t, cut->formula.time) - sum(t, cut->formula.entry) == drawn.follow_up);
    RC_ASSERT(sum(t, cut->formula.status) == drawn.events);
    // Nobody is exposed before the day.
    for (std::size_t i = 0; i < t.rows; ++i) {
      const double day = t.find("day")->number[i];
      const bool exposed = t.find("given")->number[i] == 1.0;
      RC_ASSERT(exposed == (day <= t.find(cut->formula.entry)->number[i]));
    }
  }));
}

TEST_CASE("at a landmark everybody still followed is in one of the two groups, and nobody else") {
  CHECK(rc::check([] {
    const Drawn drawn = draw();
    Request request;
    request.exposures = {{"given", "day"}};
    request.landmark = *rc::gen::inRange(0, 29);
    std::size_t later = 0;
    for (const double time : drawn.table.find("time")->number) later += time > *request.landmark ? 1 : 0;
    const auto formula = *parse_survival_formula("Surv(time, status) ~ given");
    const auto kept = with_exposures(drawn.table, formula, request, true);
    RC_ASSERT(static_cast<bool>(kept) == (later > 0));
    if (kept) RC_ASSERT(kept->table.rows == later);
  }));
}
