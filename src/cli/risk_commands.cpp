// graftline hct-ci, graftline dri, graftline graft-function
#include "cli/calculator_options.h"

namespace graftline::cli {

void define_hct_ci(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::score_comorbidity);
  auto& r = *request;
  app.add_option("--present", r.present, "items that are present: diabetes,heart_valve")->delimiter(',');
  app.add_option("--absent", r.absent, "items documented as absent")->delimiter(',');
  app.add_flag("--rest-absent", r.rest_is_absent, "all other items are documented as absent");
  app.add_option("--age", r.age, "completed years, for HCT-CI/Age");
  app.add_option("--bmi", r.bmi, "kg/m2");
  app.add_option("--creatinine", r.creatinine, R"("2.1 mg/dL" or "180 umol/L")");
  app.add_option("--dlco", r.dlco, "percent of predicted");
  app.add_option("--fev1", r.fev1, "percent of predicted");
  app.add_option("--bilirubin-uln", r.bilirubin_times_limit, "bilirubin as a multiple of its upper limit");
  app.add_option("--ast-uln", r.ast_times_limit, "AST as a multiple of its upper limit");
  app.add_option("--alt-uln", r.alt_times_limit, "ALT as a multiple of its upper limit");
  app.footer(
      "Items: arrhythmia, cardiac, inflammatory_bowel_disease, diabetes, cerebrovascular, psychiatric, "
      "mild_hepatic,\n"
      "obesity, infection (1 point); rheumatologic, peptic_ulcer, moderate_or_severe_renal, "
      "moderate_pulmonary (2);\n"
      "prior_solid_tumor, heart_valve, severe_pulmonary, moderate_or_severe_hepatic (3).\n"
      "An item that is not mentioned is unknown: the index is then a lower bound.\n"
      "Examples:\n"
      "  graftline hct-ci --present diabetes,heart_valve --rest-absent --age 52\n"
      "  graftline hct-ci --dlco 70 --fev1 82 --present arrhythmia");
}

void define_dri(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::find_disease_risk);
  auto& r = *request;
  app.add_option(
         "--disease", r.disease,
         "aml_favorable_cytogenetics, aml_intermediate_.., aml_adverse_.., aml_unknown_..; "
         "mds_intermediate_..,\n"
         "mds_adverse_.., mds_unknown_cytogenetics; cll, cml, indolent_b_nhl, mpn, multiple_myeloma,\n"
         "hodgkin_lymphoma, dlbcl_or_transformed, mantle_cell_lymphoma, nodal_t_nhl, extranodal_t_nhl")
      ->required();
  app.add_option("--stage", r.stage,
                 "cr1, cr2_or_later, pr1, pr2_or_later, untreated, cml_chronic_phase, induction_failure,\n"
                 "active_relapse, cml_accelerated_or_blast_phase, unknown")
      ->required();
  app.add_option("--conditioning", r.conditioning, "mac, ric or unknown; decides for pr2_or_later");
  app.footer("Example:\n  graftline dri --disease aml_adverse_cytogenetics --stage cr1");
}

void define_graft_function(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::judge_graft_function);
  auto& r = *request;
  app.add_option("--day", r.as_of_day, "days after the graft infusion, today")->required();
  app.add_option("--anc", r.neutrophils, "16,0.5: day and neutrophils in 10^9/L; one each day");
  app.add_option("--platelets", r.platelets, "19,25: day and platelets in 10^9/L");
  app.add_option("--platelet-transfusion", r.platelet_transfusions, "day of a platelet transfusion");
  app.add_flag("--no-platelet-transfusions", r.no_platelet_transfusions, "documented: none was given");
  app.add_flag("--cord-blood", r.is_cord_blood, "primary failure is judged on day +42 instead of +30");
  truth_option(app, "--pancytopenia", r.pancytopenia, "pancytopenia on that day");
  truth_option(app, "--lost-function", r.lost_function, "counts that had recovered fell again");
  truth_option(app, "--needs-support", r.needs_support, "frequent transfusions or growth factor");
  truth_option(app, "--chimerism-at-target", r.chimerism_at_target, "donor chimerism at target");
  truth_option(app, "--other-cause-excluded", r.other_cause_excluded,
               "drugs, infection, relapse, GVHD excluded");
  app.footer(
      "Examples:\n"
      "  graftline graft-function --day 20 --anc 15,0.4 16,0.5 17,0.6 18,0.9\n"
      "  graftline graft-function --day 120 --anc 16,0.5 17,0.6 18,0.9 --lost-function --needs-support \\\n"
      "    --chimerism-at-target --other-cause-excluded");
}

}  // namespace graftline::cli
