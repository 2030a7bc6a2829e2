// Two versions of a protocol over the example cohort: who is answered otherwise, and because of what.
#include "service/difference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "protocol/parse.h"

using namespace graftline;
using namespace graftline::service;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

std::string trial_text() {
  std::ifstream in(root + "/protocols/nct07319793/nct07319793.protocol", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

protocol::Protocol read(const std::string& text) {
  protocol::Parsed parsed = protocol::parse_protocol(text);
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

Difference over_the_cohort(const protocol::Protocol& before, const protocol::Protocol& after) {
  Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.site_file = root + "/examples/site.toml";
  ask.question.as_of = *parse_day("2026-03-02");
  Difference found = difference(before, after);
  REQUIRE(add_behaviour(ask, before, after, found));
  CHECK(found.n_patients == 20);
  return found;
}

std::vector<std::string> verdicts_changed(const Cause& cause) {
  std::vector<std::string> ids;
  for (const auto& patient : cause.patients) {
    if (patient.before.verdict != patient.after.verdict) ids.push_back(patient.patient);
  }
  return ids;
}

}  // namespace

TEST_CASE("a protocol against itself changes nobody") {
  const auto trial = read(trial_text());
  const Difference found = over_the_cohort(trial, trial);
  CHECK(found.is_empty());
}

TEST_CASE("reworded labels, gaps and claims differ and change nobody") {
  const auto before = read(trial_text());
  const auto after = read(replaced(trial_text(), "claim never two infusions within 28 days",
                                   "claim never two infusions within 35 days"));
  const Difference found = over_the_cohort(before, after);
  CHECK(found.changes.size() == 1);
  CHECK(found.causes.empty());
}

TEST_CASE("whoever a tighter limit shuts out stands under the criterion that holds it") {
  // Every recorded ejection fraction of the cohort is below 90 %.
  const auto before = read(trial_text());
  const auto after =
      read(replaced(replaced(trial_text(), "lvef < 50 %", "lvef < 90 %"), "spo2 < 92 %", "spo2 < 91 %"));
  const Difference found = over_the_cohort(before, after);
  REQUIRE(!found.causes.empty());
  const Cause& most = found.causes.front();
  CHECK(most.form == Cause::Form::one);
  REQUIRE(most.changes.size() == 1);
  CHECK(found.changes[most.changes[0]].statement == "criterion E12");
  CHECK(!verdicts_changed(most).empty());
  for (const auto& patient : most.patients) CHECK(patient.after.verdict == "not eligible");
}

TEST_CASE("where two rules each shut a patient out, only dropping both lets the patient in") {
  const std::string with_both = replaced(trial_text(), "# Both arms",
                                         "exclude X1 \"echocardiogram\" lvef is known\n"
                                         "exclude X2 \"oximetry\" spo2 is known\n# Both arms");
  const Difference found = over_the_cohort(read(with_both), read(trial_text()));
  CHECK(found.changes.size() == 2);
  const auto together = std::find_if(found.causes.begin(), found.causes.end(),
                                     [](const Cause& cause) { return cause.form == Cause::Form::together; });
  REQUIRE(together != found.causes.end());
  CHECK(together->changes == std::vector<std::size_t>{0, 1});
  CHECK(!verdicts_changed(*together).empty());
  // Who has one of the two measured only is let in by dropping that one.
  for (const Cause& cause : found.causes) {
    if (cause.form == Cause::Form::one) CHECK(cause.changes.size() == 1);
  }
}

TEST_CASE("where either of two new rules shuts a patient out, each is named as enough") {
  const std::string with_both = replaced(trial_text(), "# Both arms",
                                         "exclude X1 \"echocardiogram\" lvef is known\n"
                                         "exclude X2 \"oximetry\" spo2 is known\n# Both arms");
  const Difference found = over_the_cohort(read(trial_text()), read(with_both));
  const bool some_any = std::any_of(found.causes.begin(), found.causes.end(), [](const Cause& cause) {
    return cause.form == Cause::Form::any && cause.changes.size() == 2;
  });
  CHECK(some_any);
}

TEST_CASE("a rule that needs a new declaration is applied with it") {
  const std::string fact = "fact platelets is platelets, latest\n";
  const auto after =
      read(replaced(replaced(trial_text(), "fact disease is", fact + "fact disease is"), "# Both arms",
                    "exclude X \"platelets\" platelets is not known\n# Both arms"));
  const Difference found = over_the_cohort(read(trial_text()), after);
  CHECK(found.changes.size() == 2);
  REQUIRE(!found.causes.empty());
  for (const Cause& cause : found.causes) {
    CHECK(cause.form == Cause::Form::one);
    CHECK(found.changes.at(cause.changes.at(0)).statement == "criterion X");
  }
}
