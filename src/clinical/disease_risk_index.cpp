#include "clinical/disease_risk_index.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::clinical {
namespace {

// Disease risk: 0 low, 1 intermediate, 2 high.
struct DiseaseRow {
  std::string_view name;
  ScoreRange risk;
};
constexpr std::array<DiseaseRow, dri_disease_count> diseases{{
    {"aml_favorable_cytogenetics", {0, 0}},
    {"aml_intermediate_cytogenetics", {1, 1}},
    {"aml_adverse_cytogenetics", {2, 2}},
    {"aml_unknown_cytogenetics", {0, 2}},
    {"mds_intermediate_cytogenetics", {1, 1}},
    {"mds_adverse_cytogenetics", {2, 2}},
    {"mds_unknown_cytogenetics", {1, 2}},  // the table has no favorable MDS
    {"cll", {0, 0}},
    {"cml", {0, 0}},
    {"indolent_b_nhl", {0, 0}},
    {"mpn", {1, 1}},
    {"multiple_myeloma", {1, 1}},
    {"hodgkin_lymphoma", {1, 1}},
    {"dlbcl_or_transformed", {1, 1}},
    {"mantle_cell_lymphoma", {1, 1}},
    {"nodal_t_nhl", {1, 1}},
    {"extranodal_t_nhl", {2, 2}},
    {"all", {0, 2}},
}};

// Stage risk: 0 low, 1 high.
struct StageRow {
  std::string_view name;
  ScoreRange risk;
};
constexpr std::array<StageRow, dri_stage_count> stages{{
    {"cr1", {0, 0}},
    {"cr2_or_later", {0, 0}},
    {"pr1", {0, 0}},
    {"pr2_or_later", {0, 1}},  // high after myeloablative, low after reduced-intensity conditioning
    {"untreated", {0, 0}},
    {"cml_chronic_phase", {0, 0}},
    {"induction_failure", {1, 1}},
    {"active_relapse", {1, 1}},
    {"cml_accelerated_or_blast_phase", {1, 1}},
    {"unknown", {0, 1}},
}};

struct GroupRow {
  std::string_view name;
  int four_year_survival_percent;
};
constexpr std::array<GroupRow, 4> groups{{{"low", 64}, {"intermediate", 46}, {"high", 26}, {"very high", 6}}};
const GroupRow& group_row(int group) { return groups.at(static_cast<std::size_t>(group)); }

template <class Enum, class Rows> std::optional<Enum> from_name(const Rows& rows, std::string_view text) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows.at(i).name == text) return static_cast<Enum>(i);
  return std::nullopt;
}

ScoreRange stage_risk(DriStage stage, DriConditioning conditioning) {
  if (stage == DriStage::pr2_or_later && conditioning != DriConditioning::unknown)
    return ScoreRange::exactly(conditioning == DriConditioning::myeloablative ? 1 : 0);
  return stages.at(static_cast<std::size_t>(stage)).risk;
}

}  // namespace

std::string_view name(DriDisease disease) { return diseases.at(static_cast<std::size_t>(disease)).name; }
std::string_view name(DriStage stage) { return stages.at(static_cast<std::size_t>(stage)).name; }
std::string_view name(DriGroup group) { return group_row(static_cast<int>(group)).name; }
int four_year_survival_percent(DriGroup group) {
  return group_row(static_cast<int>(group)).four_year_survival_percent;
}

std::optional<DriDisease> dri_disease_from_name(std::string_view text) {
  return from_name<DriDisease>(diseases, text);
}
std::optional<DriStage> dri_stage_from_name(std::string_view text) {
  return from_name<DriStage>(stages, text);
}

Result<ScoreRange> disease_risk_index(DriDisease disease, DriStage stage, DriConditioning conditioning) {
  if (disease == DriDisease::all)
    return Error{
        ErrorKind::unsupported,
        "disease: the simplified disease risk index (EBMT Handbook 2024 ch. 11) has no row for acute "
        "lymphoblastic leukemia"};
  const bool is_cml_stage =
      stage == DriStage::cml_chronic_phase || stage == DriStage::cml_accelerated_or_blast_phase;
  if (is_cml_stage && disease != DriDisease::cml)
    return Error{ErrorKind::conflict, "stage: a phase of chronic myeloid leukemia with another disease"};
  // The printed table is the sum: each step of disease or stage risk is one group higher.
  const ScoreRange by_disease = diseases.at(static_cast<std::size_t>(disease)).risk;
  const ScoreRange by_stage = stage_risk(stage, conditioning);
  return ScoreRange{by_disease.low + by_stage.low, by_disease.high + by_stage.high};
}

std::string dri_text(ScoreRange group) {
  if (group.is_exact()) return std::string(group_row(group.low).name);
  return fmt::format("{} to {}", group_row(group.low).name, group_row(group.high).name);
}

}  // namespace graftline::clinical
