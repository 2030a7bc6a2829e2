#include "record/cohort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "record/random_patient.h"
#include "record/related.h"
#include "record/story.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;

namespace {

bool same(const Quantity& a, const Quantity& b) {
  return a.value.mantissa == b.value.mantissa && a.value.exponent == b.value.exponent &&
         a.comparator == b.comparator && a.unit == b.unit && a.kind == b.kind && a.viability == b.viability;
}

bool same(const Entry& a, const Entry& b) {
  const auto* x = std::get_if<Quantity>(&a.value);
  const auto* y = std::get_if<Quantity>(&b.value);
  bool equal = a.value.index() == b.value.index() && (x == nullptr || same(*x, *y));
  if (const auto* level = std::get_if<Level>(&a.value)) equal = equal && *level == std::get<Level>(b.value);
  if (const auto* said = std::get_if<bool>(&a.value)) equal = equal && *said == std::get<bool>(b.value);
  equal = equal && a.upper_limit.has_value() == b.upper_limit.has_value();
  if (equal && a.upper_limit) equal = same(*a.upper_limit, *b.upper_limit);
  return equal && a.fact == b.fact && a.is_stop == b.is_stop && a.standing == b.standing &&
         a.when == b.when && a.until == b.until && a.known_on == b.known_on && a.unusable == b.unusable &&
         a.method == b.method && a.context == b.context && a.amounts.size() == b.amounts.size();
}

std::vector<FactId> every_fact() {
  std::vector<FactId> all(facts().size());
  std::iota(all.begin(), all.end(), FactId{0});
  return all;
}

}  // namespace

TEST_CASE(
    "a patient comes out of a cohort as they went in, but for where and in which words it was written") {
  const RandomPatientOptions options{every_fact(), {}, day("2026-03-01"), 40};
  Cohort cohort;
  std::vector<Timeline> patients;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    patients.push_back(random_patient(seed, options));
    cohort.add(patients.back());
  }
  for (Row row = 0; row < 30; ++row) {
    const Timeline back = cohort.timeline(row);
    const auto& entries = patients[row].entries;
    REQUIRE(back.entries.size() == entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) CHECK(same(entries[i], back.entries[i]));
  }
}

TEST_CASE("the newest entry stands alone only when nothing else of the fact could be the latest") {
  Cohort cohort;
  const FactId alt = fact_id("alt");
  const auto newest = [&](std::vector<Entry> entries) {
    const Row row = cohort.add(patient(std::move(entries)));
    return cohort.column(alt).newest().day[row];
  };
  const auto number_on = [](const char* when) { return number("alt", when, "35", "U/L"); };
  CHECK(newest({}) == Newest::none);
  CHECK(newest({number_on("2026-02-01"), number_on("2026-02-20")}) == day("2026-02-20").value);
  CHECK(newest({number_on("2026-02-20"), number_on("2026-02-20")}) == Newest::look);
  // Some day in February may be after the 20th.
  CHECK(newest({number_on("2026-02"), number_on("2026-02-20")}) == Newest::look);
  CHECK(newest({number("alt", "2026-02-20", "<5", "U/L")}) == Newest::look);
  Entry late = number_on("2026-02-20");
  late.known_on = day("2026-02-21");
  CHECK(newest({late}) == Newest::look);
}

TEST_CASE("what ciclosporin is asked of reads systemic immunosuppression, and no other drug") {
  const auto behind = facts_behind(fact_id("ciclosporin"));
  const auto has = [&](const char* id) {
    return std::find(behind.begin(), behind.end(), fact_id(id)) != behind.end();
  };
  CHECK(has("systemic_immunosuppression"));
  CHECK_FALSE(has("methotrexate"));
  CHECK_FALSE(has("alt"));
}

TEST_CASE("an estimate of kidney function reads creatinine, age, birth and sex") {
  const auto behind = facts_behind(fact_id("egfr"));
  for (const char* id : {"creatinine", "age", "birth", "sex"}) {
    CHECK(std::find(behind.begin(), behind.end(), fact_id(id)) != behind.end());
  }
}

TEST_CASE(
    "a grade of acute GVHD is computed from organ stages, and those from rash and stool; age alone adds "
    "nothing") {
  const auto adds = facts_that_add(fact_id("agvhd_grade"));
  const auto has = [&](const char* id) {
    return std::find(adds.begin(), adds.end(), fact_id(id)) != adds.end();
  };
  CHECK(has("agvhd_liver"));
  CHECK(has("stool_volume"));
  CHECK_FALSE(has("age"));
}
