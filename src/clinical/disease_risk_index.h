#pragma once
// Disease risk index for allogeneic transplant, in the simplified form the EBMT Handbook prints.
//
// source  Armand 2012 as in EBMT Handbook 2024 ch. 11 [F9]. The refined index of 2014 is another table and is
// not offered. Acute lymphoblastic leukemia is absent from this form: no group is given for it.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "clinical/score_range.h"
#include "core/result.h"

namespace graftline::clinical {

enum class DriDisease : unsigned char {
  aml_favorable_cytogenetics,
  aml_intermediate_cytogenetics,
  aml_adverse_cytogenetics,
  aml_unknown_cytogenetics,
  mds_intermediate_cytogenetics,
  mds_adverse_cytogenetics,
  mds_unknown_cytogenetics,
  cll,
  cml,
  indolent_b_nhl,
  mpn,
  multiple_myeloma,
  hodgkin_lymphoma,
  dlbcl_or_transformed,
  mantle_cell_lymphoma,
  nodal_t_nhl,
  extranodal_t_nhl,
  all,  // named so that it can be refused with the reason
};
inline constexpr int dri_disease_count = 18;
std::string_view name(DriDisease disease);
std::optional<DriDisease> dri_disease_from_name(std::string_view text);

enum class DriStage : unsigned char {
  cr1,
  cr2_or_later,
  pr1,
  pr2_or_later,
  untreated,
  cml_chronic_phase,
  induction_failure,
  active_relapse,
  cml_accelerated_or_blast_phase,
  unknown,
};
inline constexpr int dri_stage_count = 10;
std::string_view name(DriStage stage);
std::optional<DriStage> dri_stage_from_name(std::string_view text);

// Decides only for a second or later partial remission. The table names no third intensity.
enum class DriConditioning : unsigned char { unknown, myeloablative, reduced_intensity };

enum class DriGroup : unsigned char { low, intermediate, high, very_high };
std::string_view name(DriGroup group);
int four_year_survival_percent(
    DriGroup group);  // published overall survival of the group [F9], not a prediction

// Bounds, as positions in DriGroup: an unknown stage, cytogenetics or conditioning leaves more than one
// group.
//   errors  unsupported: ALL; conflict: a CML phase with another disease
Result<ScoreRange> disease_risk_index(DriDisease disease, DriStage stage,
                                      DriConditioning conditioning = DriConditioning::unknown);
std::string dri_text(ScoreRange group);  // "intermediate", "intermediate to high"

}  // namespace graftline::clinical
