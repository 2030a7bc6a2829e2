#include "record/derived.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "record/story.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;

namespace {

Reading read(const Timeline& record, std::string_view as_of, std::string_view fact,
             const std::vector<Argument>& arguments = {}, Pick pick = Pick::latest, const Window& days = {}) {
  return View(record, day(as_of)).read(fact_id(fact), pick, days, arguments);
}

double low(const Reading& reading) { return to_double(*reading.members.at(0).range->low); }
double high(const Reading& reading) { return to_double(*reading.members.at(0).range->high); }

std::string word(std::string_view fact_name, const Member& member) {
  const Level level = std::get<Level>(member.value);
  const auto words = levels_of(fact(fact_id(fact_name)));
  std::string text(words[static_cast<std::size_t>(level.low)]);
  if (level.low != level.high) text += " to " + std::string(words[static_cast<std::size_t>(level.high)]);
  return text;
}

Truth truth_of(const Reading& reading) {
  if (reading.members.size() != 1) return Truth::unknown;
  const bool* value = std::get_if<bool>(&reading.members[0].value);
  return value == nullptr ? Truth::unknown : truth(*value);
}

// A man of 55 with creatinine 1.35 mg/dL: 62.00 by the equation of 2021, 58.69 by that of 2009.
Timeline man_near_60() {
  return patient({says("birth", "1970-06-01", true), level("sex", "1970-06-01", "male"),
                  number("creatinine", "2026-02-27", "1.35", "mg/dL")});
}

}  // namespace

TEST_CASE("every computed fact has its rule, and every rule its fact") {
  std::set<std::string_view> rules;
  for (const auto name : derivation_names()) CHECK(rules.insert(name).second);
  std::set<std::string_view> rows;
  for (const Fact& row : facts()) {
    if (!row.derivation.empty()) rows.insert(row.derivation);
  }
  CHECK(rules == rows);
}

TEST_CASE("a patient turns 18 on the birthday, not the day before") {
  const Timeline record = patient({says("birth", "2008-03-01", true)});
  CHECK(low(read(record, "2026-02-28", "age")) == 17);
  CHECK(low(read(record, "2026-03-01", "age")) == 18);
}

TEST_CASE("a birth in 2008 leaves an age of 17 or 18 on 1 March 2026, and a birth in 1990 one of 35 or 36") {
  const Timeline record = patient({says("birth", "2008", true)});
  CHECK(low(read(record, "2026-03-01", "age")) == 17);
  CHECK(high(read(record, "2026-03-01", "age")) == 18);
  CHECK(read(record, "2026-03-01", "age").members[0].reasons == Reason::imprecise_date);
  // On the last day of the year everybody born that year has had the birthday.
  CHECK(low(read(record, "2026-12-31", "age")) == 18);
}

TEST_CASE(
    "an age recorded as 34 in January 2025 is 34 to 35 a year less a day later, and 35 or 36 after two") {
  const Timeline record = patient({number("age", "2025-01-10", "34", "a")});
  CHECK(low(read(record, "2025-01-10", "age")) == 34);
  CHECK(high(read(record, "2025-01-10", "age")) == 34);
  CHECK(low(read(record, "2026-01-09", "age")) == 34);
  CHECK(high(read(record, "2026-01-09", "age")) == 35);
  CHECK(low(read(record, "2027-01-10", "age")) == 36);
  CHECK(high(read(record, "2027-01-10", "age")) == 36);
}

TEST_CASE("two different birth dates contradict each other, a year and a day of it do not") {
  CHECK(read(patient({says("birth", "1970-06-01", true), says("birth", "1971-06-01", true)}), "2026-03-01",
             "age")
            .reasons.has(Reason::conflicting));
  const Timeline agree = patient({says("birth", "1970", true), says("birth", "1970-06-01", true)});
  CHECK(low(read(agree, "2026-03-01", "age")) == 55);
  CHECK(high(read(agree, "2026-03-01", "age")) == 55);
  CHECK(read(patient({}), "2026-03-01", "age").reasons == Reason::never_measured);
}

TEST_CASE("1 March 2026 is day +50 of a transplant on 10 January") {
  const Timeline record = patient({says("transplant", "2026-01-10", true)});
  CHECK(low(read(record, "2026-03-01", "days_since_transplant")) == 50);
  CHECK(low(read(record, "2026-01-10", "days_since_transplant")) == 0);
  const Timeline month = patient({says("transplant", "2026-01", true)});
  CHECK(low(read(month, "2026-03-01", "days_since_transplant")) == 29);
  CHECK(high(read(month, "2026-03-01", "days_since_transplant")) == 59);
}

TEST_CASE("the equation named decides on which side of 60 a kidney stands") {
  const Reading newer = read(man_near_60(), "2026-03-01", "egfr", {{"equation", "ckd_epi_2021"}});
  CHECK(low(newer) == doctest::Approx(62.00).epsilon(0.0005));
  const Reading older = read(man_near_60(), "2026-03-01", "egfr", {{"equation", "ckd_epi_2009"}});
  CHECK(low(older) == doctest::Approx(58.69).epsilon(0.0005));
}

TEST_CASE("without a named equation the estimate spans both, and says that the parameter is not set") {
  for (const std::vector<Argument>& arguments : {std::vector<Argument>{}, {{"equation", ""}}}) {
    const Reading reading = read(man_near_60(), "2026-03-01", "egfr", arguments);
    CHECK(low(reading) == doctest::Approx(58.69).epsilon(0.0005));
    CHECK(high(reading) == doctest::Approx(62.00).epsilon(0.0005));
    CHECK(reading.members[0].reasons == Reason::parameter_not_set);
  }
}

TEST_CASE("a woman of 34 with creatinine 62 umol/L has 116.0 by the newer and 112.8 by the older equation") {
  const Timeline record = patient({says("birth", "1991-07-15", true), level("sex", "1991-07-15", "female"),
                                   number("creatinine", "2026-02-27", "62", "umol/L")});
  CHECK(low(read(record, "2026-03-01", "egfr", {{"equation", "ckd_epi_2021"}})) ==
        doctest::Approx(116.0).epsilon(0.0005));
  CHECK(low(read(record, "2026-03-01", "egfr", {{"equation", "ckd_epi_2009"}})) ==
        doctest::Approx(112.8).epsilon(0.0005));
}

TEST_CASE("without a recorded sex the estimate covers both, and without creatinine there is none") {
  // 40 years, 1.0 mg/dL, 2021: man 97.58, woman 73.04.
  const Timeline record =
      patient({says("birth", "1985-06-01", true), number("creatinine", "2026-02-27", "1.0", "mg/dL")});
  const Reading reading = read(record, "2026-03-01", "egfr", {{"equation", "ckd_epi_2021"}});
  CHECK(low(reading) == doctest::Approx(73.04).epsilon(0.0005));
  CHECK(high(reading) == doctest::Approx(97.58).epsilon(0.0005));
  CHECK(reading.members[0].reasons == Reason::never_measured);
  const Timeline none = patient({says("birth", "1985-06-01", true), level("sex", "1985-06-01", "male")});
  CHECK(read(none, "2026-03-01", "egfr", {{"equation", "ckd_epi_2021"}}).reasons == Reason::never_measured);
}

TEST_CASE("an adult equation is not applied to a child, the children's one needs a height") {
  std::vector<Entry> child{says("birth", "2016-01-01", true), level("sex", "2016-01-01", "male"),
                           number("creatinine", "2026-02-27", "0.5", "mg/dL")};
  const Reading adult = read(patient(child), "2026-03-01", "egfr", {{"equation", "ckd_epi_2021"}});
  CHECK_FALSE(adult.members.at(0).range);
  CHECK(adult.members[0].reasons.has(Reason::not_applicable));
  CHECK(read(patient(child), "2026-03-01", "egfr", {{"equation", "bedside_schwartz"}})
            .members.at(0)
            .reasons.has(Reason::never_measured));
  child.push_back(number("height", "2026-02-27", "120", "cm"));
  // 0.413 x 120 / 0.5
  CHECK(low(read(patient(child), "2026-03-01", "egfr", {{"equation", "bedside_schwartz"}})) ==
        doctest::Approx(99.12).epsilon(1e-9));
}

TEST_CASE("the grade of a day comes from its organ stages when nobody recorded one") {
  // Skin 2, liver 2, upper gut 0, lower gut 1: grade III, for the liver.
  const Timeline record =
      patient({level("agvhd_skin", "2026-02-20", "2"), level("agvhd_liver", "2026-02-20", "2"),
               level("agvhd_upper_gi", "2026-02-20", "0"), level("agvhd_lower_gi", "2026-02-20", "1")});
  const Reading reading = read(record, "2026-03-01", "agvhd_grade");
  REQUIRE(reading.members.size() == 1);
  CHECK(word("agvhd_grade", reading.members[0]) == "III");
  CHECK(reading.members[0].evidence.size() == 4);
}

TEST_CASE("with organs not assessed the grade is a lower bound") {
  const Timeline record = patient({level("agvhd_skin", "2026-02-20", "3")});
  CHECK(word("agvhd_grade", read(record, "2026-03-01", "agvhd_grade").members.at(0)) == "II to IV");
}

TEST_CASE("a recorded grade stands, whatever the stages of that day would make of it") {
  const Timeline record =
      patient({level("agvhd_skin", "2026-02-20", "3"), level("agvhd_grade", "2026-02-20", "I")});
  CHECK(word("agvhd_grade", read(record, "2026-03-01", "agvhd_grade").members.at(0)) == "I");
}

TEST_CASE("a rash of 60 % of the body is skin stage 3, without liver and gut grade II; of 40 % grade I") {
  const auto grade = [](std::string_view rash) {
    return read(
        patient({number("rash_bsa", "2026-02-20", rash, "%"), level("agvhd_liver", "2026-02-20", "0"),
                 level("agvhd_upper_gi", "2026-02-20", "0"), level("agvhd_lower_gi", "2026-02-20", "0")}),
        "2026-03-01", "agvhd_grade");
  };
  CHECK(word("agvhd_grade", grade("60").members.at(0)) == "II");
  CHECK(word("agvhd_grade", grade("40").members.at(0)) == "I");
}

TEST_CASE("800 mL of stool a day is stage 1 in an adult, and nothing can be said without an age") {
  std::vector<Entry> record{number("stool_volume", "2026-02-20", "800", "mL/d")};
  CHECK(read(patient(record), "2026-03-01", "agvhd_lower_gi").members.empty());
  record.push_back(says("birth", "1970-06-01", true));
  CHECK(word("agvhd_lower_gi", read(patient(record), "2026-03-01", "agvhd_lower_gi").members.at(0)) == "1");
}

TEST_CASE("chimerism is full above 95 % in T and myeloid cells, and split when they differ") {
  const auto class_of = [](std::string_view t_cells, std::string_view myeloid) {
    return word("chimerism_class",
                read(patient({number("donor_chimerism_t", "2026-02-20", t_cells, "%"),
                              number("donor_chimerism_myeloid", "2026-02-20", myeloid, "%")}),
                     "2026-03-01", "chimerism_class")
                    .members.at(0));
  };
  CHECK(class_of("98", "99") == "full");
  CHECK(class_of("95", "95") == "mixed");
  CHECK(class_of("60", "99") == "split");
  CHECK(class_of("2", "1") == "absent");
  CHECK(class_of("5", "5") == "mixed");
}

TEST_CASE("the latest day tested decides the class, and one lineage alone leaves a split possible") {
  const Timeline record = patient({number("donor_chimerism_t", "2026-01-20", "60", "%"),
                                   number("donor_chimerism_myeloid", "2026-01-20", "99", "%"),
                                   number("donor_chimerism_t", "2026-02-20", "70", "%")});
  const Member member = read(record, "2026-03-01", "chimerism_class").members.at(0);
  CHECK(word("chimerism_class", member) == "mixed to split");
  CHECK_FALSE(member.reasons.empty());
  CHECK(read(patient({}), "2026-03-01", "chimerism_class").reasons == Reason::never_measured);
}

TEST_CASE("donor chimerism falls when it drops ten points at once, or five points twice two weeks apart") {
  const auto falling = [](std::vector<Entry> tests) {
    return truth_of(read(patient(std::move(tests)), "2026-03-31", "falling_donor_chimerism"));
  };
  CHECK(falling({number("donor_chimerism_blood", "2026-02-01", "98", "%"),
                 number("donor_chimerism_blood", "2026-03-01", "88", "%")}) == Truth::yes);
  CHECK(falling({number("donor_chimerism_blood", "2026-02-01", "98", "%"),
                 number("donor_chimerism_blood", "2026-03-01", "97", "%")}) == Truth::no);
  CHECK(falling({number("donor_chimerism_blood", "2026-02-01", "98", "%"),
                 number("donor_chimerism_blood", "2026-02-15", "93", "%"),
                 number("donor_chimerism_blood", "2026-03-01", "88", "%")}) == Truth::yes);
  CHECK(falling({number("donor_chimerism_blood", "2026-02-01", "98", "%")}) == Truth::unknown);
}

TEST_CASE("the lineage asked about is the one that counts") {
  const Timeline record = patient({number("donor_chimerism_t", "2026-02-01", "98", "%"),
                                   number("donor_chimerism_t", "2026-03-01", "80", "%")});
  CHECK(truth_of(read(record, "2026-03-31", "falling_donor_chimerism")) == Truth::unknown);
  CHECK(truth_of(read(record, "2026-03-31", "falling_donor_chimerism", {{"lineage", "t_cells"}})) ==
        Truth::yes);
}

TEST_CASE("donor T cells that went from 55 % on day 28 to 80 % on day 56 have risen by 25 points") {
  // Transplant on 10 January: day +28 is 7 February, day +56 is 7 March.
  std::vector<Entry> record{says("transplant", "2026-01-10", true),
                            number("donor_chimerism_t", "2026-03-07", "80", "%")};
  CHECK(read(patient(record), "2026-03-10", "rise_in_donor_t_chimerism").reasons == Reason::never_measured);
  record.push_back(number("donor_chimerism_t", "2026-02-05", "55", "%"));
  CHECK(low(read(patient(record), "2026-03-10", "rise_in_donor_t_chimerism")) == 25);
}

TEST_CASE("one positive sample is not yet positive by a rule that asks for two, two weeks apart") {
  const std::vector<Argument> rule{{"n_consecutive", "2"}, {"min_gap_days", "14"}, {"methods", "2"}};
  const auto result = [](std::string_view when, std::string_view method, std::string_view word_of_result) {
    Entry e = level("mrd", when, word_of_result);
    e.method = method;
    return e;
  };
  const auto positive = [&](std::vector<Entry> results, const std::vector<Argument>& arguments) {
    return truth_of(read(patient(std::move(results)), "2026-03-31", "mrd_positive_by_rule", arguments));
  };
  CHECK(positive({result("2026-02-01", "flow", "positive")}, rule) == Truth::unknown);
  CHECK(positive({result("2026-02-01", "flow", "positive"), result("2026-02-15", "flow", "positive")},
                 rule) == Truth::yes);
  CHECK(positive({result("2026-02-01", "flow", "positive"), result("2026-02-01", "WT1", "positive")}, rule) ==
        Truth::yes);
  CHECK(positive({result("2026-02-01", "flow", "negative")}, rule) == Truth::no);
  // No rule: a positive sample leaves it open, a negative one cannot be positive by any rule.
  CHECK(positive({result("2026-02-01", "flow", "positive"), result("2026-02-15", "flow", "positive")}, {}) ==
        Truth::unknown);
  CHECK(positive({result("2026-02-01", "flow", "negative")}, {}) == Truth::no);
}

TEST_CASE("two BCR::ABL1 ratios above 0.05 % four weeks apart are a molecular relapse from four months on") {
  // Transplant on 1 June 2025; four months later is 29 September (120 days).
  const auto relapse = [](std::vector<Entry> ratios) {
    ratios.push_back(says("transplant", "2025-06-01", true));
    return truth_of(read(patient(std::move(ratios)), "2026-03-31", "cml_molecular_relapse"));
  };
  CHECK(relapse({number("bcr_abl1", "2026-01-01", "0.06", "%"),
                 number("bcr_abl1", "2026-01-29", "0.07", "%")}) == Truth::yes);
  CHECK(relapse({number("bcr_abl1", "2025-07-01", "0.06", "%"),
                 number("bcr_abl1", "2025-08-01", "0.07", "%")}) == Truth::unknown);
  CHECK(relapse({number("bcr_abl1", "2026-01-01", "0.01", "%"),
                 number("bcr_abl1", "2026-01-29", "0.01", "%")}) == Truth::no);
}
