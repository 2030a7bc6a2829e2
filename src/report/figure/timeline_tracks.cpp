#include "report/figure/timeline_tracks.h"

#include <array>

namespace graftline::report {
namespace {

constexpr std::array names{
    TrackName{"header", "Events", "事件"},
    TrackName{"disease", "Disease, MRD", "疾病与微小残留病"},
    TrackName{"chimerism", "Donor chimerism", "供者嵌合率"},
    TrackName{"immunosuppression", "Immunosuppression", "免疫抑制"},
    TrackName{"dli", "Donor lymphocytes", "供者淋巴细胞输注"},
    TrackName{"gvhd", "GVHD", "移植物抗宿主病"},
    TrackName{"infection", "Infection", "感染"},
    TrackName{"labs", "Laboratory", "实验室检查"},
};

constexpr std::array facts{
    TrackFact{"header", "transplant", "", Drawing::event},
    TrackFact{"header", "consent", "", Drawing::event},
    TrackFact{"header", "enrolment", "", Drawing::event},
    TrackFact{"header", "randomisation", "", Drawing::event},
    TrackFact{"header", "stem_cell_boost", "", Drawing::event},
    TrackFact{"header", "graft_failure", "", Drawing::event},
    TrackFact{"header", "withdrawal", "", Drawing::event},
    TrackFact{"header", "death", "", Drawing::event},
    TrackFact{"disease", "remission", "status", Drawing::statement},
    TrackFact{"disease", "relapse", "status", Drawing::statement},
    TrackFact{"disease", "hematological_relapse", "status", Drawing::statement},
    TrackFact{"disease", "molecular_relapse", "status", Drawing::statement},
    TrackFact{"disease", "progression", "status", Drawing::statement},
    TrackFact{"disease", "disease_status", "status", Drawing::grade},
    TrackFact{"disease", "mrd", "MRD", Drawing::result},
    TrackFact{"disease", "mrd_level", "MRD", Drawing::log_level},
    TrackFact{"disease", "bcr_abl1", "BCR::ABL1", Drawing::log_level},
    TrackFact{"chimerism", "donor_chimerism_blood", "WB", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_t", "CD3", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_myeloid", "CD33", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_marrow", "BM", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_cd34", "CD34", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_b", "CD19", Drawing::percent},
    TrackFact{"chimerism", "donor_chimerism_nk", "CD56", Drawing::percent},
    TrackFact{"immunosuppression", "ciclosporin", "ciclosporin", Drawing::stretch},
    TrackFact{"immunosuppression", "tacrolimus", "tacrolimus", Drawing::stretch},
    TrackFact{"immunosuppression", "sirolimus", "sirolimus", Drawing::stretch},
    TrackFact{"immunosuppression", "mycophenolate", "mycophenolate", Drawing::stretch},
    TrackFact{"immunosuppression", "methotrexate", "methotrexate", Drawing::stretch},
    TrackFact{"immunosuppression", "corticosteroids", "corticosteroids", Drawing::stretch},
    TrackFact{"immunosuppression", "ruxolitinib", "ruxolitinib", Drawing::stretch},
    TrackFact{"immunosuppression", "systemic_immunosuppression", "any", Drawing::stretch},
    TrackFact{"dli", "dli", "", Drawing::infusion},
    TrackFact{"gvhd", "agvhd_grade", "acute", Drawing::grade},
    TrackFact{"gvhd", "agvhd_grade_glucksberg", "acute", Drawing::grade},
    TrackFact{"gvhd", "agvhd_grade_keystone", "acute", Drawing::grade},
    TrackFact{"gvhd", "active_agvhd", "acute", Drawing::stretch},
    TrackFact{"gvhd", "agvhd_skin", "acute, skin", Drawing::grade},
    TrackFact{"gvhd", "agvhd_liver", "acute, liver", Drawing::grade},
    TrackFact{"gvhd", "agvhd_upper_gi", "acute, upper gut", Drawing::grade},
    TrackFact{"gvhd", "agvhd_lower_gi", "acute, lower gut", Drawing::grade},
    TrackFact{"gvhd", "cgvhd_severity", "chronic", Drawing::grade},
    TrackFact{"gvhd", "active_cgvhd", "chronic", Drawing::stretch},
    TrackFact{"gvhd", "active_gvhd", "any", Drawing::stretch},
    TrackFact{"gvhd", "uncontrolled_gvhd", "uncontrolled", Drawing::stretch},
    TrackFact{"infection", "active_infection", "active", Drawing::stretch},
    TrackFact{"infection", "severe_infection", "severe", Drawing::stretch},
    TrackFact{"infection", "uncontrolled_infection", "uncontrolled", Drawing::stretch},
    TrackFact{"infection", "cmv_dna", "CMV DNA", Drawing::own_scale},
    TrackFact{"infection", "ebv_dna", "EBV DNA", Drawing::own_scale},
    TrackFact{"labs", "neutrophils", "neutrophils", Drawing::own_scale},
    TrackFact{"labs", "lymphocytes", "lymphocytes", Drawing::own_scale},
    TrackFact{"labs", "cd3_count", "CD3 in blood", Drawing::own_scale},
    TrackFact{"labs", "platelets", "platelets", Drawing::own_scale},
    TrackFact{"labs", "alt", "ALT", Drawing::own_scale},
    TrackFact{"labs", "ast", "AST", Drawing::own_scale},
    TrackFact{"labs", "bilirubin", "bilirubin", Drawing::own_scale},
    TrackFact{"labs", "creatinine", "creatinine", Drawing::own_scale},
};

}  // namespace

std::span<const TrackFact> track_facts() { return facts; }
std::span<const TrackName> track_names() { return names; }

}  // namespace graftline::report
