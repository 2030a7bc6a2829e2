#include "product/collection.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::product;

namespace {

CollectionRequest request(const char* weight, const char* dose, int times) {
  CollectionRequest made;
  made.weight = *parse_weight(weight);
  made.doses = {{"dose", *parse_dose(dose), times}};
  return made;
}

CollectionRequest with_shares(CollectionRequest made, const Rational& wbc, int lymphocytes, int cd3, int ce) {
  made.blood.wbc_per_ul = Rational(wbc * 1000);
  made.blood.lymphocytes = percent(lymphocytes);
  if (cd3 > 0) made.blood.cd3_of_lymphocytes = percent(cd3);
  made.efficiency = percent(ce);
  return made;
}

CollectionRequest with_count(CollectionRequest made, int cd3_per_ul, const Rational& ce) {
  made.blood.cd3_per_ul = Rational(cd3_per_ul);
  made.efficiency = percent(ce);
  return made;
}

double ml(const CollectionRequest& asked) {
  const auto answer = plan_collection(asked, SiteValues());
  REQUIRE(answer);
  REQUIRE(answer->volume.has_value());
  return to_double(answer->volume->value());
}

bool says(const Findings& findings, Finding::Form form, std::string_view about) {
  for (const Finding& finding : findings) {
    if (finding.form == form && finding.about == about) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("worked collections come out: weight x dose x doses / (WBC x lymphocytes x CD3 x CE)") {
  // 70 x 50e6 / (6.0e6 x 0.30 x 0.70 x 0.50) = 3.5e9 / 6.3e5 = 5555.6 mL, and so on.
  CHECK(ml(with_shares(request("70 kg", "50e6 CD3/kg", 1), 6, 30, 70, 50)) ==
        doctest::Approx(5555.6).epsilon(1e-5));
  CHECK(ml(with_shares(request("70 kg", "50e6 CD3/kg", 1), 6, 30, 0, 50)) ==
        doctest::Approx(7777.8).epsilon(1e-5));
  CHECK(ml(with_shares(request("80 kg", "10e6 CD3/kg", 3), Rational(55, 10), 28, 72, 50)) ==
        doctest::Approx(4329.0).epsilon(1e-5));
  CHECK(ml(with_shares(request("25 kg", "0.1e6 CD3/kg", 1), 7, 35, 65, 45)) ==
        doctest::Approx(3.49).epsilon(1e-3));
  CHECK(ml(with_count(request("72 kg", "1e7 CD3/kg", 1), 1476, Rational(547, 10))) ==
        doctest::Approx(891.8).epsilon(1e-4));
  CHECK(ml(with_count(request("72 kg", "1e7 CD3/kg", 1), 1060, Rational(504, 10))) ==
        doctest::Approx(1347.7).epsilon(1e-4));
}

TEST_CASE("CE2 is what was collected over what passed") {
  // 4.2e9 / (1.2e6/mL x 7000 mL) = 50.0 %
  const auto ce = collection_efficiency(Cells(Rational(4200000000)), CellsPerMl(1200000), Millilitres(7000));
  CHECK(ce->value() == Rational(1, 2));
  CHECK_FALSE(collection_efficiency(Cells(), CellsPerMl(1200000), Millilitres(7000)));
}

TEST_CASE("an assumed CD3 share and an assumed efficiency are said to be assumed") {
  auto asked = with_shares(request("70 kg", "50e6 CD3/kg", 1), 6, 30, 0, 50);
  asked.efficiency.reset();
  const auto answer = plan_collection(asked, SiteValues());
  CHECK(says(answer->findings, Finding::Form::assumption, "cd3_percent_of_lymphocytes"));
  CHECK(says(answer->findings, Finding::Form::assumption, "collection_efficiency_percent"));
  CHECK(to_double(answer->volume->value()) == doctest::Approx(7777.8).epsilon(1e-5));
}

TEST_CASE("a few millilitres are an aliquot, and more than three blood volumes take several sessions") {
  auto little = with_shares(request("25 kg", "0.1e6 CD3/kg", 1), 7, 35, 65, 45);
  CHECK(says(plan_collection(little, SiteValues())->findings, Finding::Form::caution, "aliquot"));
  auto much = with_shares(request("70 kg", "1e8 CD3/kg", 1), 6, 30, 70, 50);  // 11111 mL
  much.donor_weight = *parse_weight("50 kg");                                 // 3500 mL: 3.17 blood volumes
  const auto answer = plan_collection(much, SiteValues());
  CHECK(*answer->sessions == 2);
  CHECK(says(answer->findings, Finding::Form::limit, "session"));
  much.donor_blood_volume = Millilitres(Rational(answer->volume->value() / 3));
  CHECK(*plan_collection(much, SiteValues())->sessions == 1);  // exactly three
}

TEST_CASE("two kinds of cell need the larger of two volumes, and each its own blood count") {
  auto asked = request("58 kg", "3.0e7 CD3/kg and 1.0e8 MNC/kg", 1);
  asked.blood.cd3_per_ul = Rational(1500);
  asked.efficiency = percent(50);
  auto answer = plan_collection(asked, SiteValues());
  CHECK_FALSE(answer->volume);
  CHECK(says(answer->findings, Finding::Form::asked, "mnc"));
  asked.blood.mnc_per_ul = Rational(2500);
  answer = plan_collection(asked, SiteValues());
  // CD3: 1.74e9 / 7.5e5 = 2320 mL; MNC: 5.8e9 / 1.25e6 = 4640 mL.
  CHECK(answer->volume->value() == 4640);
}

TEST_CASE("what a volume will yield has an interval, and covers the ladder in its order") {
  auto asked = request("70 kg", "1e6 CD3/kg", 1);
  asked.doses.push_back({"second", *parse_dose("1e7 CD3/kg"), 1});
  asked.blood.cd3_per_ul = Rational(1000);
  asked.efficiency = percent(50);
  asked.volume = Millilitres(1000);
  const auto answer = plan_collection(asked, SiteValues());
  // 1000 mL x 1e6/mL = 1e9 passing: 3.72e8, 5e8, 6e8 at 37.2, 50, 60 %. 7e7 fits, 7e7 + 7e8 does not.
  const CollectionTarget& target = answer->targets.front();
  CHECK(target.yield->low.value() == 372000000);
  CHECK(target.yield->expected.value() == 500000000);
  CHECK(target.yield->high.value() == 600000000);
  CHECK(target.doses_covered == 1);
  CHECK(says(answer->findings, Finding::Form::caution, "yield"));
}

TEST_CASE("what is missing is asked for by name, and impossible numbers are refused") {
  CollectionRequest asked;
  asked.doses = {{"dose", *parse_dose("1e6 CD3/kg"), 1}};
  const auto answer = plan_collection(asked, SiteValues());
  for (const char* about : {"weight", "wbc", "lymphocytes"})
    CHECK(says(answer->findings, Finding::Form::asked, about));
  asked.efficiency = Fraction(0);
  CHECK_FALSE(plan_collection(asked, SiteValues()));
  asked.efficiency = Fraction(Rational(3, 2));
  CHECK_FALSE(plan_collection(asked, SiteValues()));
}

TEST_CASE(
    "collecting the volume worked out yields exactly the cells needed; more efficiency never needs more "
    "blood") {
  CHECK(rc::check([] {
    auto asked = request("70 kg", "1e6 CD3/kg", *rc::gen::inRange(1, 11));
    asked.weight = Kilograms(Rational(*rc::gen::inRange(10, 3000), 10));
    asked.blood.cd3_per_ul = Rational(*rc::gen::inRange(1, 5000));
    const int ce = *rc::gen::inRange(1, 100);
    asked.efficiency = percent(ce);
    if (*rc::gen::arbitrary<bool>()) asked.recovery = percent(*rc::gen::inRange(1, 101));
    const auto there = plan_collection(asked, SiteValues());
    auto back = asked;
    back.volume = there->volume;
    const auto yield = plan_collection(back, SiteValues())->targets.front().yield;
    RC_ASSERT(yield->expected == there->targets.front().needed_low);
    RC_ASSERT(yield->low <= yield->expected && yield->expected <= yield->high);
    asked.efficiency = percent(ce + 1);
    RC_ASSERT(*plan_collection(asked, SiteValues())->volume < *there->volume);
  }));
}
