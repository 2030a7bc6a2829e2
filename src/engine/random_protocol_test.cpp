#include "protocol/random_protocol.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "engine/decide.h"
#include "engine/plan.h"
#include "protocol/format.h"
#include "protocol/parse.h"

using namespace graftline;
using namespace graftline::engine;

namespace {

constexpr Day transplant_day{20500};

// A patient of whom each thing is known in some records and unknown in others.
class RandomPatient {
 public:
  record::Timeline build() {
    if (*rc::gen::inRange(0, 8) > 0) add("transplant", 0, true);
    if (coin()) add("alt", 90, quantity("35", "U/L"));
    if (coin()) add("bilirubin", 95, quantity("12", "umol/L"));
    if (coin()) add("lvef", 60, quantity("45", "%"));
    if (coin()) add("agvhd_grade", 40, record::Level{*rc::gen::inRange(0, 2), *rc::gen::inRange(2, 5)});
    if (coin()) add("cgvhd_severity", 80, record::Level{1, 1});
    if (coin()) add("disease", -30, record::Level{0, 0});
    if (coin()) add("relapse", 50, coin());
    if (coin()) add("uncontrolled_infection", 70, coin());
    const int n_infusions = *rc::gen::inRange(0, 4);
    for (int i = 0; i < n_infusions; ++i) add_infusion(30 + 20 * i);
    timeline_.arrange();
    return std::move(timeline_);
  }

 private:
  static bool coin() { return *rc::gen::inRange(0, 2) == 1; }

  static Quantity quantity(const std::string& value, const std::string& unit) {
    Quantity result;
    result.value = *parse_decimal(value);
    result.unit = *parse_unit(unit);
    return result;
  }

  record::Entry entry(const char* fact, int day) {
    record::Entry e;
    e.fact = record::fact_id(fact);
    e.when = exactly(transplant_day + day);
    if (*rc::gen::inRange(0, 5) == 0)
      e.when = {transplant_day + day, transplant_day + day + 20, DatePrecision::month};
    e.known_on = transplant_day + day;
    return e;
  }
  void add(const char* fact, int day, record::Value value) {
    record::Entry e = entry(fact, day);
    e.value = std::move(value);
    timeline_.add(std::move(e));
  }
  void add_infusion(int day) {
    record::Entry e = entry("dli", day);
    if (*rc::gen::inRange(0, 8) == 0) {
      e.unusable = Reason::status_unknown;
    } else {
      e.value = true;
    }
    if (coin()) {
      Quantity dose = quantity("1e6", "/kg");
      dose.kind = Kind::cd3_cells;
      e.amounts.push_back(std::move(dose));
    }
    timeline_.add(std::move(e));
  }

  record::Timeline timeline_;
};

Settings random_settings() {
  Settings settings;
  const auto set = [](auto& where, const char* name, const char* value) {
    if (*rc::gen::inRange(0, 2) == 1) where[name] = {value, "test"};
  };
  set(settings.parameters, "egfr_equation", "ckd_epi_2021");
  set(settings.parameters, "first_dose", "1e5");
  set(settings.parameters, "most", "3");
  set(settings.parameters, "washout", "4 weeks");
  set(settings.judgements, "fit", "yes");
  return settings;
}

}  // namespace

TEST_CASE(
    "whatever protocol can be read can be asked about any patient, and only an eligible one is given cells") {
  CHECK(rc::check([] {
    const std::string text = to_text(protocol::random_protocol(*rc::gen::arbitrary<std::uint64_t>()));
    const protocol::Parsed parsed = protocol::parse_protocol(text);
    RC_ASSERT(parsed.ok());
    const record::Timeline timeline = RandomPatient().build();
    const Settings settings = random_settings();
    const record::View view(timeline, transplant_day + *rc::gen::inRange(0, 300));
    const Decision decision = decide(parsed.protocol, view, settings);
    RC_ASSERT(!decision.because.empty() || decision.action == Action::give);
    // Unknown never maps to give: an eligible verdict stands behind every one.
    RC_ASSERT(decision.action != Action::give || decision.verdict == Verdict::eligible);
    plan(parsed.protocol, view, settings, decision, std::nullopt);
  }));
}
