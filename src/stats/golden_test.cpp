#include "stats/golden.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("every reference analysis of real transplant data agrees within its tolerance") {
  auto validation = validate_survival(GRAFTLINE_SOURCE_DIR "/tests/golden/survival");
  REQUIRE(validation);
  CHECK(validation->cases.size() > 200);
  for (const GoldenOutcome& c : validation->cases) {
    CAPTURE(c.file);
    CAPTURE(c.id);
    CAPTURE(c.remark);
    CHECK(c.agrees);
    CHECK(c.values_compared > 0);
  }
}

TEST_CASE("a reference that is off by more than its tolerance is reported with both numbers") {
  const char* text = R"json({"schema": "survival-golden/1", "cases": [
    {"id": "wrong", "method": "kaplan_meier", "rel_tol": 1e-9,
     "input": {"time_values": [1, 2, 3, 4], "status_values": [1, 1, 0, 1]}, "expect": {"time": [2], "surv": [0.51]}},
    {"id": "unanswered", "method": "kaplan_meier", "rel_tol": 1e-9,
     "input": {"time_values": [1, 2, 3, 4], "status_values": [1, 1, 0, 1]}, "expect": {"time": [2], "moon_phase": 1}},
    {"id": "unknown", "method": "tea_leaves", "input": {}, "expect": {}}]})json";
  auto validation = validate_survival_text(text, ".", "made up");
  REQUIRE(validation);
  CHECK(!validation->all_agree());
  CHECK(validation->cases[0].remark == "surv[0]: 0.5 instead of 0.51");
  CHECK(validation->cases[1].remark == "moon_phase: not answered");
  CHECK(validation->cases[2].remark == "no such method");
}

TEST_CASE("a word, a role or an option that a method does not know is never passed over in silence") {
  const char* text = R"json({"schema": "survival-golden/1", "cases": [
    {"id": "word", "method": "kaplan_meier", "options": {"conf_type": "loglog"},
     "input": {"time_values": [1, 2], "status_values": [1, 0]}, "expect": {"time": [1], "surv": [0.5]}},
    {"id": "role", "method": "gray_test",
     "input": {"time_values": [1, 2, 3, 4], "status_values": [1, 1, 2, 0], "group_values": [1, 1, 2, 2],
               "weights_values": [1, 1, 1, 2]}, "expect": {"statistic": 1}},
    {"id": "option", "method": "kaplan_meier", "options": {"rho": 1},
     "input": {"time_values": [1, 2], "status_values": [1, 0]}, "expect": {"time": [1], "surv": [0.5]}}]})json";
  auto validation = validate_survival_text(text, ".", "made up");
  REQUIRE(validation);
  CHECK(validation->cases[0].remark ==
        "conf_type: loglog is not known; there are plain, log, log-log, logit, arcsin, arcsine, none");
  CHECK(validation->cases[1].remark == "input: gray_test reads no weights");
  CHECK(validation->cases[2].agrees);
  CHECK(survival_validation_table(*validation).find("NOT READ  kaplan_meier: option rho in 1 case") !=
        std::string::npos);
}

TEST_CASE("inline values, subset, weights, entry and cluster reach the estimator") {
  // Weight 2 on the first row: S(1) = 1 - 2/5. The subset drops the last row: S(2) = 3/5 * 2/3.
  const char* text = R"json({"schema": "survival-golden/1", "cases": [
    {"id": "weighted", "method": "kaplan_meier", "rel_tol": 1e-12,
     "input": {"time_values": [1, 2, 3, 4, 0.5], "status_values": [1, 1, 0, 1, 1], "weights_values": [2, 1, 1, 1, 9],
               "keep_values": [1, 1, 1, 1, 0], "subset": "keep == 1 & !is.na(time)"},
     "expect": {"time": [1, 2], "surv": [0.6, 0.4], "n_risk": [5, 3]}},
    {"id": "entry", "method": "kaplan_meier", "rel_tol": 1e-12,
     "input": {"time_values": [2, 5, 6, 8], "status_values": [1, 1, 1, 0], "entry_values": [0, 0, 3, 3]},
     "expect": {"time": [6], "surv": [0.16666666666666666]}}]})json";
  auto validation = validate_survival_text(text, ".", "made up");
  REQUIRE(validation);
  for (const GoldenOutcome& c : validation->cases) {
    CAPTURE(c.remark);
    CHECK(c.agrees);
  }
}

TEST_CASE("R agrees on random data with heavy ties, tiny groups, one-sided and no censoring") {
  // Made by tools/make_survival_golden.R, which also compares with a live R on other seeds.
  auto validation = validate_survival(GRAFTLINE_SOURCE_DIR "/tests/golden/survival_r");
  REQUIRE(validation);
  CHECK(validation->cases.size() > 500);
  for (const GoldenOutcome& c : validation->cases) {
    CAPTURE(c.id);
    CAPTURE(c.remark);
    CHECK(c.agrees);
  }
}
