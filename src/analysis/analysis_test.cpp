#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "analysis/adtte.h"
#include "analysis/analyse.h"
#include "analysis/dataset_json.h"
#include "analysis/honesty.h"

using namespace graftline;
using namespace graftline::analysis;

namespace {

stats::DataTable table_of(std::string_view csv) {
  auto table = stats::parse_csv(csv);
  REQUIRE_MESSAGE(table, (table ? "" : table.error().message));
  return *std::move(table);
}

Result<Analysis> run(std::string_view kind, std::string_view csv, const std::string& formula,
                     Request request = {}) {
  request.formula = formula;
  return analyse(kind, table_of(csv), request);
}

const Table& table(const Analysis& analysis, std::string_view id) {
  for (const Table& t : analysis.tables)
    if (t.id == id) return t;
  FAIL("no table " << id);
  return analysis.tables.front();
}

double number(const Table& t, std::size_t row, std::string_view column) {
  for (std::size_t c = 0; c < t.columns.size(); ++c)
    if (t.columns[c].name == column) {
      const auto* value = std::get_if<double>(&t.rows.at(row).at(c));
      return value == nullptr ? std::nan("") : *value;
    }
  FAIL("no column " << column);
  return 0.0;
}

bool says(const std::vector<std::string>& sentences, std::string_view part) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [part](const std::string& s) { return s.find(part) != std::string::npos; });
}

std::string refusal(const Result<Analysis>& result) {
  REQUIRE(!result);
  return result.error().message;
}

std::string golden(const std::string& name) {
  std::ifstream in(GRAFTLINE_SOURCE_DIR "/tests/golden/survival/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr std::string_view five =
    "time,status,arm,dli,dli_day\n30,1,A,no,\n60,1,A,yes,20\n60,0,B,yes,45\n90,1,B,no,\n120,0,B,yes,100\n";

}  // namespace

TEST_CASE("a Kaplan-Meier analysis gives the survival worked out by hand") {
  // S(30) = 4/5, S(60) = 4/5 * 3/4 = 3/5, S(90) = 3/5 * 1/2 = 3/10; the median is where S first reaches
  // 1/2: 90.
  Request request;
  request.times = {30, 60, 100};
  const auto a = run("km", five, "Surv(time, status) ~ 1", request);
  REQUIRE(a);
  const Table& estimates = table(*a, "estimates");
  CHECK(number(estimates, 0, "survival") == doctest::Approx(0.8).epsilon(1e-12));
  CHECK(number(estimates, 1, "survival") == doctest::Approx(0.6).epsilon(1e-12));
  CHECK(number(estimates, 2, "survival") == doctest::Approx(0.3).epsilon(1e-12));
  CHECK(number(estimates, 1, "n_risk") == 4);
  CHECK(number(table(*a, "summary"), 0, "q50") == 90);
}

TEST_CASE("beyond the last time nothing is known of survival") {
  Request request;
  request.times = {121};
  const auto a = run("km", five, "Surv(time, status) ~ 1", request);
  REQUIRE(a);
  CHECK(std::isnan(number(table(*a, "estimates"), 0, "survival")));
}

TEST_CASE("missing values are left out, counted by column and listed by line") {
  const auto a = run("km", "time,status,arm\n1,1,A\n,1,B\n3,NA,B\n4,0,\n5,1,B\n", "Surv(time, status) ~ arm");
  REQUIRE(a);
  CHECK(a->rows_read == 5);
  CHECK(a->rows_analysed == 2);
  REQUIRE(a->missing.size() == 3);
  CHECK(a->missing[0].column == "time");
  CHECK(a->missing[0].first_lines == std::vector<std::size_t>{3});
  CHECK(a->missing[2].first_lines == std::vector<std::size_t>{5});
}

TEST_CASE("what cannot be is refused with its line and column") {
  struct Row {
    const char* csv;
    const char* formula;
    const char* message;
  };
  for (const Row& row : {
           Row{"time,status\n1,1\n-3,0\n", "Surv(time, status) ~ 1", "line 3, column time: a negative time"},
           Row{"time,status\n1,1\nten,0\n3,0\n", "Surv(time, status) ~ 1",
               "line 3, column time: text where a number"},
           Row{"time,status\n1,1\n2,0\n3,9\n", "Surv(time, status) ~ 1",
               "line 4, column status: status code 9"},
           Row{"time,status\n1,1\n2,0\n3,-1\n", "Surv(time, status) ~ 1",
               "line 4, column status: a negative status"},
           Row{"time,status\n1,1\n2,0.5\n", "Surv(time, status) ~ 1",
               "line 3, column status: a status code that is not"},
           Row{"time,status\n1,1\ninf,1\n", "Surv(time, status) ~ 1",
               "line 3, column time: an infinite time"},
           Row{"a,b,status\n5,3,1\n0,3,0\n", "Surv(a, b, status) ~ 1",
               "line 2, column entry: a row that begins at"},
           Row{"time,status,age\n1,1,50\n2,0,old\n3,1,60\n4,1,61\n", "Surv(time, status) ~ age",
               "line 3, column age"},
           Row{"time,status\n1,1\n", "Surv(tim, status) ~ 1", "no column tim; did you mean time?"},
           Row{"time,status\n,1\n,0\n", "Surv(time, status) ~ 1",
               "no complete row is left; time missing in 2"},
           Row{"time,status\n", "Surv(time, status) ~ 1", "the table has no rows"},
       }) {
    CAPTURE(row.csv);
    const bool regression = std::string_view(row.formula).find("age") != std::string_view::npos;
    CHECK(refusal(run(regression ? "cox" : "km", row.csv, row.formula)).find(row.message) !=
          std::string::npos);
  }
}

TEST_CASE("no event, one group and all events at once have their right answers") {
  Request request;
  request.times = {2};
  const auto none = run("km", "time,status\n1,0\n2,0\n3,0\n", "Surv(time, status) ~ 1", request);
  REQUIRE(none);
  CHECK(number(table(*none, "estimates"), 0, "survival") == 1.0);
  CHECK(std::isnan(number(table(*none, "summary"), 0, "q50")));
  CHECK(says(none->notes, "No event"));
  const auto once = run("km", "time,status\n2,1\n2,1\n2,1\n", "Surv(time, status) ~ 1", request);
  REQUIRE(once);
  CHECK(number(table(*once, "estimates"), 0, "survival") == 0.0);
  CHECK(refusal(run("logrank", "time,status,arm\n1,1,A\n2,0,A\n", "Surv(time, status) ~ arm"))
            .find("one group") != std::string::npos);
  const auto still = run("logrank", "time,status,arm\n1,0,A\n2,0,B\n", "Surv(time, status) ~ arm");
  REQUIRE(still);
  CHECK(number(table(*still, "tests"), 0, "p") == 1.0);
}

TEST_CASE("rows that all start at 0 are rows without a start") {
  const auto a = run("km", "start,stop,status\n0,1,1\n0,2,0\n,3,1\n", "Surv(start, stop, status) ~ 1");
  REQUIRE(a);
  CHECK(a->rows_analysed == 2);  // a start that is missing is not 0
  const auto b =
      run("cox", "start,stop,status,x\n0,1,1,2\n0,2,0,1\n0,3,1,3\n", "Surv(start, stop, status) ~ x");
  const auto c = run("cox", "start,stop,status,x\n0,1,1,2\n0,2,0,1\n0,3,1,3\n", "Surv(stop, status) ~ x");
  REQUIRE(b);
  REQUIRE(c);
  CHECK(table(*b, "coefficients").rows == table(*c, "coefficients").rows);
}

TEST_CASE("status 1 and 2 without 0 are read as R does: 2 is the event") {
  const auto a = run("km", "time,status\n1,1\n2,2\n3,1\n4,2\n", "Surv(time, status) ~ 1");
  REQUIRE(a);
  CHECK(number(table(*a, "summary"), 0, "events") == 2);
  CHECK(says(a->notes, "read as R does"));
}

TEST_CASE("a status in words needs one that means censored") {
  const char* csv = "time,status\n1,relapse\n2,alive\n3,death\n";
  const auto a = run("cif", csv, "Surv(time, status) ~ 1");
  REQUIRE(a);
  CHECK(number(table(*a, "summary"), 0, "events_relapse") == 1);
  CHECK(
      refusal(run("cif", "time,status\n1,relapse\n2,fine\n", "Surv(time, status) ~ 1")).find("--censored") !=
      std::string::npos);
}

TEST_CASE("Kaplan-Meier of an event that others compete with is refused, and cumulative incidence offered") {
  const char* csv = "time,status,relapse\n1,1,1\n2,2,0\n3,0,0\n4,1,1\n";
  for (const char* formula : {"Surv(time, status) ~ 1", "Surv(time, status == 1) ~ 1",
                              "Surv(time, relapse) ~ 1", "Surv(time, ifelse(status == 2, 0, status)) ~ 1"})
    for (const char* kind : {"km", "rmst"}) {
      CAPTURE(formula);
      CHECK(refusal(run(kind, csv, formula)).find("graftline analyze cif") != std::string::npos);
    }
  CHECK(run("km", csv, "Surv(time, status != 0) ~ 1"));
  CHECK(run("cif", csv, "Surv(time, status) ~ 1"));
  Request named;
  named.event = "NRM";
  CHECK(!run("km", "time,d\n1,1\n2,0\n", "Surv(time, d) ~ 1", named));
}

TEST_CASE("names tell relapse from survival free of it") {
  for (const char* name : {"relapse", "RELAPSE", "had_relapse", "NRM", "trm", "AGVHD24", "cGVHD"})
    CHECK_MESSAGE(names_competing_event(name), name);
  for (const char* name :
       {"relapse_free", "relapse_or_death", "lfs", "GRFS", "death", "status", "gvhd-free survival"})
    CHECK_MESSAGE(!names_competing_event(name), name);
}

TEST_CASE("an infusion as a group from day 0 is refused, with landmark and time-dependent rows offered") {
  for (const char* kind : {"km", "logrank", "cox"})
    for (const char* formula : {"Surv(time, status) ~ dli", "Surv(time, status) ~ !is.na(dli_day)"}) {
      CAPTURE(kind);
      const std::string why = refusal(run(kind, five, formula));
      CHECK(why.find("--landmark") != std::string::npos);
      CHECK(why.find("--time-dependent") != std::string::npos);
    }
  // Told by the words of a column, too; an allocated arm was fixed at time 0.
  const char* words = "time,status,treatment,arm\n1,1,DLI,DLI\n2,0,no DLI,none\n3,1,DLI,DLI\n";
  CHECK(!run("km", words, "Surv(time, status) ~ treatment"));
  CHECK(run("km", words, "Surv(time, status) ~ arm"));
  Request fixed;
  fixed.known_at_start = {"treatment"};
  CHECK(run("km", words, "Surv(time, status) ~ treatment", fixed));
}

TEST_CASE("a landmark leaves out who is gone and groups the others by what had happened by then") {
  // Landmark 50: the row ending at 30 is gone. Exposed by then: 20 and 45; the one of day 100 is not yet.
  Request request;
  request.exposures = {{"dli", "dli_day"}};
  request.landmark = 50;
  request.times = {10};
  const auto a = run("km", five, "Surv(time, status) ~ dli", request);
  REQUIRE(a);
  const Table& summary = table(*a, "summary");
  REQUIRE(summary.rows.size() == 2);
  CHECK(number(summary, 0, "n") == 2);  // not exposed: those of 90 and 120
  CHECK(number(summary, 1, "n") == 2);  // both of day 60
  CHECK(number(summary, 1, "events") == 1);
  CHECK(says(a->notes, "1 of 5 rows"));
  CHECK(says(a->notes, "1 row exposed after the landmark"));
  // From the landmark: the event on day 60 is on day 10.
  CHECK(number(table(*a, "estimates"), 1, "survival") == doctest::Approx(0.5));
}

TEST_CASE("time-dependent exposure gives the partial likelihood of start-stop rows written by hand") {
  Request request;
  request.exposures = {{"given", "dli_day"}};
  request.time_dependent = true;
  const auto cut = run("cox", five, "Surv(time, status) ~ given", request);
  REQUIRE(cut);
  const char* rows =
      "start,stop,event,given\n0,30,1,0\n0,20,0,0\n20,60,1,1\n0,45,0,0\n45,60,0,1\n0,90,1,0\n0,100,0,0\n100,"
      "120,0,1\n";
  const auto written = run("cox", rows, "Surv(start, stop, event) ~ given");
  REQUIRE(written);
  CHECK(number(table(*cut, "coefficients"), 0, "coef") ==
        doctest::Approx(number(table(*written, "coefficients"), 0, "coef")).epsilon(1e-12));
  CHECK(number(table(*cut, "fit"), 0, "loglik") ==
        doctest::Approx(number(table(*written, "fit"), 0, "loglik")).epsilon(1e-12));
  // By hand, at coefficient 0: 5 at risk at 30, 4 at 60 and 2 at 90: -log 5 - log 4 - log 2 = -log 40.
  CHECK(number(table(*cut, "fit"), 0, "loglik_null") == doctest::Approx(-std::log(40.0)).epsilon(1e-12));
}

TEST_CASE("landmark and time-dependent analyses of real data are those of R") {
  // Acute GVHD of bmt137 as the exposure, death as the event. R 4.2.2, survival 3.5-3:
  //   l <- subset(d, t1 > 100); coxph(Surv(t1 - 100, d1) ~ g), survdiff(...), g = GVHD by day 100
  //   tmerge(d, d, id = id, death = event(t1, d1), g = tdc(gvhd_day)); coxph(Surv(tstart, tstop, death) ~ g)
  std::ifstream in(std::string(GRAFTLINE_SOURCE_DIR) + "/tests/golden/survival/bmt137.csv", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  Request request;
  request.exposures = {{"g", "ifelse(da == 1, ta, NA)"}};
  request.landmark = 100;
  const auto landmark = run("cox", text.str(), "Surv(t1, d1) ~ g", request);
  REQUIRE(landmark);
  CHECK(number(table(*landmark, "coefficients"), 0, "coef") ==
        doctest::Approx(0.102005192612029).epsilon(1e-9));
  const auto test = run("logrank", text.str(), "Surv(t1, d1) ~ g", request);
  REQUIRE(test);
  CHECK(number(table(*test, "tests"), 0, "statistic") == doctest::Approx(0.0929864467331603).epsilon(1e-9));
  request.landmark.reset();
  request.time_dependent = true;
  const auto dependent = run("cox", text.str(), "Surv(t1, d1) ~ g", request);
  REQUIRE(dependent);
  CHECK(number(table(*dependent, "coefficients"), 0, "coef") ==
        doctest::Approx(0.319730782495418).epsilon(1e-9));
}

TEST_CASE("what has no meaning with a time-dependent exposure is refused with what has") {
  Request request;
  request.exposures = {{"given", "dli_day"}};
  request.time_dependent = true;
  CHECK(refusal(run("cif", five, "Surv(time, status) ~ given", request)).find("multistate") !=
        std::string::npos);
  CHECK(refusal(run("finegray", five, "Surv(time, status) ~ given", request)).find("cause-specific") !=
        std::string::npos);
}

TEST_CASE("several causes ask which hazard is meant, and the others end follow-up") {
  const char* csv = "time,status,age\n1,1,50\n2,2,60\n3,0,55\n4,1,70\n5,2,40\n";
  CHECK(refusal(run("cox", csv, "Surv(time, status) ~ age")).find("--cause") != std::string::npos);
  Request request;
  request.cause = "2";
  const auto a = run("cox", csv, "Surv(time, status) ~ age", request);
  REQUIRE(a);
  CHECK(number(table(*a, "size"), 0, "events") == 2);
  CHECK(says(a->notes, "Cause-specific"));
}

TEST_CASE("cumulative incidences and event-free survival sum to one at every time") {
  const char* csv = "time,status,arm\n1,1,A\n2,2,A\n2,1,A\n3,0,A\n4,2,A\n1,2,B\n3,1,B\n3,0,B\n5,1,B\n";
  Request request;
  request.every_time = true;
  const auto a = run("cif", csv, "Surv(time, status) ~ arm", request);
  REQUIRE(a);
  const Table& estimates = table(*a, "estimates");
  // Rows come by group, then cause, then time: 4 times in A, 3 in B, two causes.
  REQUIRE(estimates.rows.size() == 14);
  for (const auto& [first, times] : {std::pair<std::size_t, std::size_t>{0, 4}, {8, 3}})
    for (std::size_t t = 0; t < times; ++t)
      CHECK(number(estimates, first + t, "incidence") + number(estimates, first + times + t, "incidence") +
                number(estimates, first + t, "event_free") ==
            doctest::Approx(1.0).epsilon(1e-12));
}

TEST_CASE("a walk through states can be written as start-stop rows or as one row a subject") {
  const char* wide = "pr,prs,rd,rds\n2,1,5,1\n4,0,4,1\n3,1,6,0\n7,0,7,0\n";
  Request by_columns;
  by_columns.states = {{"PR", "pr", "prs"}, {"RD", "rd", "rds"}};
  by_columns.start_state = "Tx";
  by_columns.times = {3, 5};
  const auto a = analyse("multistate", table_of(wide), by_columns);
  REQUIRE(a);
  const char* rows = "id,start,stop,event\n1,0,2,PR\n1,2,5,RD\n2,0,4,RD\n3,0,3,PR\n3,3,6,none\n4,0,7,none\n";
  Request by_rows;
  by_rows.formula = "Surv(start, stop, event) ~ 1";
  by_rows.id = "id";
  by_rows.start_state = "Tx";
  by_rows.times = {3, 5};
  const auto b = analyse("multistate", table_of(rows), by_rows);
  REQUIRE(b);
  CHECK(table(*a, "transitions").rows == table(*b, "transitions").rows);
  CHECK(table(*a, "occupancy").rows == table(*b, "occupancy").rows);
  // By hand: in PR at 3 are the first and the third of four.
  CHECK(number(table(*a, "occupancy"), 2, "probability") == doctest::Approx(0.5));
}

TEST_CASE("table 1 gives quartiles as R does, and counts what is missing") {
  // Quantiles of 1, 2, 3, 4 by R's type 7: 1.75, 2.5, 3.25.
  const auto a = run("table1", "arm,age,sex\nA,1,F\nA,2,M\nB,3,F\nB,4,\n", "arm ~ age + sex");
  REQUIRE(a);
  const Table& t = table(*a, "characteristics");
  CHECK(std::get<std::string>(t.rows[1].back()) == "2.5 (1.75 to 3.25)");
  CHECK(std::get<std::string>(t.rows[3].back()) == "2 (67 %)");
  CHECK(std::get<std::string>(t.rows.back().back()) == "1");
}

TEST_CASE("ADTTE: CNSR 2 competes in relapse, and is a reason of censoring in survival") {
  const char* csv =
      "USUBJID,PARAMCD,PARAM,AVAL,CNSR,TRTP\n1,RELAPSE,r,5,0,A\n2,RELAPSE,r,7,2,B\n3,RELAPSE,r,9,1,B\n1,OS,o,"
      "8,2,A\n";
  const auto relapse = adtte_rows(table_of(csv), {"RELAPSE", {}});
  REQUIRE(relapse);
  CHECK(relapse->table.find("EVENT")->number == std::vector<double>{1, 2, 0});
  CHECK(relapse->formula == "Surv(AVAL, EVENT) ~ TRTP");
  const auto os = adtte_rows(table_of(csv), {"OS", {}});
  REQUIRE(os);
  CHECK(os->table.find("EVENT")->number == std::vector<double>{0});
  CHECK(says(os->notes, "CNSR above 1"));
  CHECK(adtte_rows(table_of(csv), {"RELAPS", {}}).error().message.find("did you mean RELAPSE") !=
        std::string::npos);
}

TEST_CASE("Dataset-JSON is a table in both its forms, and says which row is broken") {
  const char* head =
      R"({"datasetJSONVersion":"1.1.0","name":"ADTTE","columns":[{"name":"ID","dataType":"string"},{"name":"AVAL","dataType":"integer"},{"name":"W","dataType":"decimal"}])";
  const std::string document = std::string(head) + R"(,"rows":[["a",3,"1.5"],["",null,null]]})";
  const std::string lines = std::string(head) + "}\n[\"a\",3,\"1.5\"]\n[\"\",null,null]\n";
  for (const std::string& text : {document, lines}) {
    CHECK(looks_like_dataset_json(text));
    const auto t = parse_dataset_json(text);
    REQUIRE(t);
    CHECK(t->rows == 2);
    CHECK(t->find("ID")->text(0) == "a");
    CHECK(t->find("W")->number[0] == 1.5);
    CHECK(t->find("AVAL")->is_missing(1));
  }
  const auto broken = parse_dataset_json(std::string(head) + R"(,"rows":[["a",3,"1.5"],["b","x",""]]})");
  REQUIRE(!broken);
  CHECK(broken.error().message.find("row 2, column AVAL") != std::string::npos);
}

TEST_CASE("each move of a multi-state model has a regression of its own, by either clock") {
  // R survival 3.5-3 on ebmt3: coxph(Surv(prtime, rfstime, rfsstat) ~ age + dissub) of those with platelet
  // recovery, and coxph(Surv(rfstime - prtime, rfsstat) ~ ...) of the same.
  Request request;
  request.start_state = "Tx";
  request.states = {{"PR", "prtime", "prstat"}, {"RelDeath", "rfstime", "rfsstat"}};
  for (const auto& [clock, oldest] :
       {std::pair{"forward", 0.6076216970925}, std::pair{"reset", 0.6078799199950}}) {
    request.clock = clock;
    const auto a = run("multistate", golden("ebmt3.csv"), "~ age + dissub", request);
    REQUIRE_MESSAGE(a, (a ? "" : a.error().message));
    const Table& t = table(*a, "transition_coefficients");
    REQUIRE(t.rows.size() == 12);
    CHECK(number(t, 0, "coef") == doctest::Approx(-0.032910799875762).epsilon(1e-8));  // Tx > PR
    CHECK(number(t, 4, "coef") == doctest::Approx(0.56089449821980).epsilon(1e-8));    // Tx > RelDeath
    CHECK(std::get<std::string>(t.rows[8][0]) == "PR");
    CHECK(number(t, 8, "coef") == doctest::Approx(oldest).epsilon(1e-8));
  }
  request.clock = "forward";
  const auto forward = run("multistate", golden("ebmt3.csv"), "~ age + dissub", request);
  const Table& zph = table(*forward, "transition_proportional_hazards");
  CHECK(number(zph, 5, "statistic") == doctest::Approx(14.49962871).epsilon(1e-7));  // PR > RelDeath, disease
  request.clock = "backward";
  CHECK(refusal(run("multistate", golden("ebmt3.csv"), "~ age", request)) ==
        "--clock backward: expected forward or reset");
}

TEST_CASE("clock reset counts from entering the state also where a stay is written in several rows") {
  // The same three patients, the second stay of patient 1 in one row and in two: 2 to 7, or 2 to 4 and 4
  // to 7.
  constexpr std::string_view whole =
      "id,a,b,event,x\n1,0,2,ill,0\n1,2,7,dead,0\n2,0,1,ill,1\n2,1,9,dead,1\n3,0,5,ill,1\n3,5,6,none,1\n"
      "4,0,3,ill,0\n4,3,5,dead,0\n5,0,3,ill,1\n5,3,6,dead,1\n";
  constexpr std::string_view split =
      "id,a,b,event,x\n1,0,2,ill,0\n1,2,4,none,0\n1,4,7,dead,0\n2,0,1,ill,1\n2,1,9,dead,1\n3,0,5,ill,1\n"
      "3,5,6,none,1\n4,0,3,ill,0\n4,3,5,dead,0\n5,0,3,ill,1\n5,3,6,dead,1\n";
  Request request;
  request.id = "id";
  request.start_state = "well";
  request.clock = "reset";
  const auto a = run("multistate", whole, "Surv(a, b, event) ~ x", request);
  const auto b = run("multistate", split, "Surv(a, b, event) ~ x", request);
  REQUIRE(a);
  REQUIRE(b);
  const Table& one = table(*a, "transition_coefficients");
  const Table& two = table(*b, "transition_coefficients");
  REQUIRE(one.rows.size() == two.rows.size());
  for (std::size_t r = 0; r < one.rows.size(); ++r)
    CHECK(number(one, r, "coef") == doctest::Approx(number(two, r, "coef")).epsilon(1e-9));
}

TEST_CASE("the win ratio asks the more important endpoint first, and the next only where it cannot tell") {
  // B1 died at 9, B2 lives at 10 without relapse; A1 died at 5, A2 lives at 10 with relapse at 3.
  // B1-A1: A1 died first, B wins. B1-A2: B1 died first, A wins. B2-A1: B wins. B2-A2: nobody died; A2
  // relapsed, B wins. Three to one.
  constexpr std::string_view csv =
      "arm,days,death,rdays,relapse\nB,9,1,9,0\nB,10,0,10,0\nA,5,1,5,0\nA,10,0,3,1\n";
  const std::string formula = "Surv(days, death) + Surv(rdays, relapse) ~ arm";
  auto a = run("winratio", csv, formula);
  REQUIRE_MESSAGE(a, (a ? "" : a.error().message));
  CHECK(number(table(*a, "estimates"), 0, "estimate") == doctest::Approx(3.0));
  CHECK(number(table(*a, "pairs"), 0, "wins") == 2);
  CHECK(number(table(*a, "pairs"), 0, "losses") == 1);
  CHECK(number(table(*a, "pairs"), 1, "wins") == 1);
  Request request;
  request.treated = "A";
  a = run("winratio", csv, formula, request);
  CHECK(number(table(*a, "estimates"), 0, "estimate") == doctest::Approx(1.0 / 3));
  CHECK(refusal(run("winratio", csv, "Surv(days, death) ~ rdays")) ==
        "a win ratio compares two groups; there are 4: rdays=3, rdays=5, rdays=9, rdays=10");
}

TEST_CASE("curves are predicted for the patient named, in the columns' own units") {
  // R: survfit(coxph(Surv(t2, d3) ~ factor(group) + z1), newdata, conf.type = "log-log"); predict(crr(...)).
  Request request;
  request.predict = {"group=3, z1=30"};
  request.times = {100, 365};
  const auto cox = run("cox", golden("bmt137.csv"), "Surv(t2, d3) ~ factor(group) + z1", request);
  REQUIRE_MESSAGE(cox, (cox ? "" : cox.error().message));
  const Table& survival = table(*cox, "predicted");
  CHECK(number(survival, 0, "survival") == doctest::Approx(0.751086111764).epsilon(1e-8));
  CHECK(number(survival, 1, "std_err") == doctest::Approx(0.0686498322642).epsilon(1e-7));
  CHECK(number(survival, 1, "lower") == doctest::Approx(0.297756981324).epsilon(1e-7));
  const auto fine_gray =
      run("finegray", golden("bmt137.csv"), "Surv(t2, cause) ~ factor(group) + z1", request);
  REQUIRE(fine_gray);
  CHECK(number(table(*fine_gray, "predicted"), 0, "incidence") ==
        doctest::Approx(0.131723009783).epsilon(1e-6));
  request.predict = {"group=3"};
  CHECK(refusal(run("cox", golden("bmt137.csv"), "Surv(t2, d3) ~ factor(group) + z1", request)) ==
        "--predict group=3: no value is given for z1");
}

TEST_CASE("a column that is not there is named with those that are") {
  CHECK(refusal(run("km", "days,status\n1,1\n2,0\n", "Surv(t, status) ~ 1")) ==
        "there is no column t; the table has days, status");
}

TEST_CASE("where nobody has an event every analysis says so, and none falls over") {
  Request request;
  request.id = "id";
  for (const char* kind : {"km", "cif", "logrank", "gray", "rmst", "mcf"})
    for (const char* csv : {"id,time,status,arm\n1,5,0,A\n2,6,0,B\n3,7,0,A\n",
                            "id,time,status,arm\n1,5,alive,A\n2,6,alive,B\n3,7,alive,A\n"}) {
      CAPTURE(kind);
      const auto a = run(kind, csv, "Surv(time, status) ~ arm", request);
      REQUIRE_MESSAGE(a, (a ? "" : a.error().message));
      CHECK(says(a->notes, "No event: every row is censored."));
    }
  for (const char* kind : {"cox", "finegray"})
    CHECK(!run(kind, "time,status,x\n5,0,1\n6,0,2\n", "Surv(time, status) ~ x"));
}
