#include "clinical/disease_risk_index.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

using enum DriDisease;
using enum DriStage;

std::string group(DriDisease disease, DriStage stage,
                  DriConditioning conditioning = DriConditioning::unknown) {
  auto result = disease_risk_index(disease, stage, conditioning);
  REQUIRE(result);
  return dri_text(*result);
}

}  // namespace

TEST_CASE("the group follows disease and stage as the table of the EBMT Handbook prints it") {
  for (const DriDisease low : {aml_favorable_cytogenetics, cll, cml, indolent_b_nhl}) {
    CHECK(group(low, cr1) == "low");
    CHECK(group(low, active_relapse) == "intermediate");
  }
  for (const DriDisease intermediate :
       {aml_intermediate_cytogenetics, mds_intermediate_cytogenetics, mpn, multiple_myeloma, hodgkin_lymphoma,
        dlbcl_or_transformed, mantle_cell_lymphoma, nodal_t_nhl}) {
    CHECK(group(intermediate, cr1) == "intermediate");
    CHECK(group(intermediate, active_relapse) == "high");
  }
  for (const DriDisease high : {aml_adverse_cytogenetics, mds_adverse_cytogenetics, extranodal_t_nhl}) {
    CHECK(group(high, cr1) == "high");
    CHECK(group(high, active_relapse) == "very high");
  }
}

TEST_CASE(
    "remissions, untreated disease and CML in chronic phase are low stage risk; failure, relapse and CML "
    "blast phase high") {
  CHECK(group(aml_intermediate_cytogenetics, cr2_or_later) == "intermediate");
  CHECK(group(multiple_myeloma, pr1) == "intermediate");
  CHECK(group(mds_intermediate_cytogenetics, untreated) == "intermediate");
  CHECK(group(aml_intermediate_cytogenetics, induction_failure) == "high");
  CHECK(group(cml, cml_chronic_phase) == "low");
  CHECK(group(cml, cml_accelerated_or_blast_phase) == "intermediate");
}

TEST_CASE(
    "a second partial remission is high after myeloablative, low after reduced-intensity conditioning, else "
    "open") {
  CHECK(group(multiple_myeloma, pr2_or_later, DriConditioning::myeloablative) == "high");
  CHECK(group(multiple_myeloma, pr2_or_later, DriConditioning::reduced_intensity) == "intermediate");
  CHECK(group(multiple_myeloma, pr2_or_later) == "intermediate to high");
}

TEST_CASE("unknown cytogenetics or stage leave every group they allow") {
  CHECK(group(aml_unknown_cytogenetics, cr1) == "low to high");
  CHECK(group(mds_unknown_cytogenetics, cr1) == "intermediate to high");
  CHECK(group(cll, DriStage::unknown) == "low to intermediate");
}

TEST_CASE("ALL is refused, with the reason, instead of being given the row of another disease") {
  const auto refused = disease_risk_index(all, cr1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::unsupported);
  CHECK(refused.error().message.find("no row for acute lymphoblastic leukemia") != std::string::npos);
}

TEST_CASE("a CML phase with another disease is a conflict") {
  CHECK(disease_risk_index(cll, cml_chronic_phase).error().kind == ErrorKind::conflict);
}

TEST_CASE("the groups carry the published four-year survival: 64, 46, 26 and 6 %") {
  CHECK(four_year_survival_percent(DriGroup::low) == 64);
  CHECK(four_year_survival_percent(DriGroup::intermediate) == 46);
  CHECK(four_year_survival_percent(DriGroup::high) == 26);
  CHECK(four_year_survival_percent(DriGroup::very_high) == 6);
}

TEST_CASE("diseases and stages are found by their names") {
  for (int i = 0; i < dri_disease_count; ++i)
    CHECK(dri_disease_from_name(name(static_cast<DriDisease>(i))) == static_cast<DriDisease>(i));
  for (int i = 0; i < dri_stage_count; ++i)
    CHECK(dri_stage_from_name(name(static_cast<DriStage>(i))) == static_cast<DriStage>(i));
}
