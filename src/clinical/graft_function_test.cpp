#include "clinical/graft_function.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
std::vector<DailyCount> counts(const std::vector<std::pair<int, const char*>>& days) {
  std::vector<DailyCount> result;
  for (const auto& [day, count] : days) result.push_back({day, at(count)});
  return result;
}
Recovery neutrophils(const std::vector<std::pair<int, const char*>>& days) {
  return *neutrophil_recovery(counts(days));
}
Recovery platelets(const std::vector<std::pair<int, const char*>>& days,
                   std::optional<std::vector<int>> transfusions) {
  return *platelet_recovery(counts(days), transfusions);
}

const Recovery recovered_on_16{answer(true), 16, 16};
const Recovery never_recovered{answer(false), {}, {}};

GraftFindings findings(int as_of_day, const Recovery& recovery) {
  GraftFindings f;
  f.as_of_day = as_of_day;
  f.neutrophils = recovery;
  return f;
}

}  // namespace

TEST_CASE("neutrophils recover on the first of three consecutive days at 0.5e9/L or more") {
  const auto recovery = neutrophils({{14, "0.49"}, {15, "0.4"}, {16, "0.5"}, {17, "0.5"}, {18, "0.6"}});
  CHECK(recovery.recovered == answer(true));
  CHECK(recovery.certain_day == 16);
  CHECK(recovery.possible_day == 16);
}

TEST_CASE("two days at 0.5e9/L, or a day at 0.49 among them, are not recovery") {
  CHECK(neutrophils({{15, "0.4"}, {16, "0.5"}, {17, "0.6"}}).recovered == answer(false));
  CHECK(neutrophils({{16, "0.5"}, {17, "0.5"}, {18, "0.49"}, {19, "0.5"}, {20, "0.5"}}).recovered ==
        answer(false));
}

TEST_CASE("a day without a count leaves recovery possible and not certain") {
  const auto gap = neutrophils({{15, "0.4"}, {16, "0.5"}, {18, "0.6"}});
  CHECK(gap.recovered == unknown(Reason::never_measured));
  CHECK(gap.possible_day == 16);
  CHECK_FALSE(gap.certain_day);
  const auto later = neutrophils({{15, "0.4"}, {16, "0.5"}, {18, "0.6"}, {19, "0.7"}, {20, "0.8"}});
  CHECK(later.recovered == answer(true));
  CHECK(later.possible_day == 16);
  CHECK(later.certain_day == 18);
}

TEST_CASE("the patient's own neutrophils on their way down are not recovery") {
  const auto recovery = neutrophils({{0, "3"},
                                     {1, "2"},
                                     {2, "1"},
                                     {3, "0.6"},
                                     {4, "0.3"},
                                     {13, "0.3"},
                                     {14, "0.5"},
                                     {15, "0.6"},
                                     {16, "0.9"}});
  CHECK(recovery.certain_day == 14);
}

TEST_CASE("no counts at all is unknown; two counts of one day are a conflict") {
  CHECK(neutrophils({}).recovered == unknown(Reason::never_measured));
  CHECK(neutrophil_recovery(counts({{1, "0.5"}, {1, "0.6"}})).error().kind == ErrorKind::conflict);
  CHECK(neutrophil_recovery(counts({{1, "-0.5"}})).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("platelets recover at 20e9/L seven days after the last transfusion") {
  CHECK(platelets({{18, "25"}, {19, "20"}}, std::vector{12}).certain_day == 19);
  CHECK(platelets({{18, "25"}, {19, "19"}}, std::vector{12}).recovered == answer(false));
  CHECK(platelets({{18, "25"}}, std::vector<int>{}).certain_day == 18);
}

TEST_CASE("without a transfusion record platelet recovery is unknown") {
  CHECK(platelets({{18, "25"}}, std::nullopt).recovered == unknown(Reason::never_measured));
  CHECK(platelets({{18, "15"}}, std::nullopt).recovered == answer(false));
}

TEST_CASE(
    "primary graft failure: no recovery by day +30 and pancytopenia; before day +30 the window is open") {
  GraftFindings f = findings(30, never_recovered);
  f.pancytopenia = Truth::yes;
  CHECK(graft_function(f).primary_graft_failure == answer(true));
  f.as_of_day = 29;
  CHECK(graft_function(f).primary_graft_failure == unknown(Reason::window_open));
  f.as_of_day = 30;
  f.pancytopenia = Truth::no;
  CHECK(graft_function(f).primary_graft_failure == answer(false));
  f.pancytopenia = Truth::unknown;
  CHECK(graft_function(f).primary_graft_failure == unknown(Reason::never_measured));
}

TEST_CASE("after cord blood the day is +42") {
  GraftFindings f = findings(41, never_recovered);
  f.source = GraftSource::cord_blood;
  f.pancytopenia = Truth::yes;
  CHECK(graft_function(f).primary_graft_failure == unknown(Reason::window_open));
  f.as_of_day = 42;
  CHECK(graft_function(f).primary_graft_failure == answer(true));
}

TEST_CASE("recovery on day +30 is no primary failure, on day +31 it is") {
  GraftFindings f = findings(60, Recovery{answer(true), 30, 30});
  f.pancytopenia = Truth::yes;
  CHECK(graft_function(f).primary_graft_failure == answer(false));
  f.neutrophils = Recovery{answer(true), 31, 31};
  CHECK(graft_function(f).primary_graft_failure == answer(true));
}

TEST_CASE(
    "lost function that needs support is poor graft function with donor chimerism at target, else secondary "
    "failure") {
  GraftFindings f = findings(120, recovered_on_16);
  f.lost_recovered_function = Truth::yes;
  f.needs_support = Truth::yes;
  f.other_cause_excluded = Truth::yes;
  f.donor_chimerism_at_target = Truth::yes;
  CHECK(graft_function(f).poor_graft_function == answer(true));
  CHECK(graft_function(f).secondary_graft_failure == answer(false));
  f.donor_chimerism_at_target = Truth::no;
  CHECK(graft_function(f).poor_graft_function == answer(false));
  CHECK(graft_function(f).secondary_graft_failure == answer(true));
  f.donor_chimerism_at_target = Truth::unknown;
  CHECK(graft_function(f).poor_graft_function == unknown(Reason::never_measured));
  CHECK(graft_function(f).secondary_graft_failure == unknown(Reason::never_measured));
}

TEST_CASE("without need of support, or with another cause, function is not poor") {
  GraftFindings f = findings(120, recovered_on_16);
  f.needs_support = Truth::no;
  CHECK(graft_function(f).poor_graft_function == answer(false));
  f.needs_support = Truth::yes;
  f.donor_chimerism_at_target = Truth::yes;
  f.other_cause_excluded = Truth::no;
  CHECK(graft_function(f).poor_graft_function == answer(false));
}
