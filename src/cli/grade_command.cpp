// graftline grade agvhd, graftline grade cgvhd
#include "cli/calculator_options.h"

namespace graftline::cli {
namespace {

void define_acute(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::grade_acute_gvhd);
  auto& r = *request;
  app.add_option("--criteria", r.criteria, "magic (default), keystone or glucksberg");
  app.add_flag("--child", r.is_child, "stage stool by children's volumes");
  app.add_option("--weight", r.weight,
                 R"("18 kg": to turn a child's volume into mL/kg; above 50 kg adult volumes hold)");
  app.add_option("--skin-bsa", r.skin_bsa, "active erythema, percent of the body surface");
  truth_option(app, "--bullae", r.bullae, "bullae, and desquamation of more than 5 % of the surface");
  app.add_option("--bilirubin", r.bilirubin, R"(total bilirubin: "60 umol/L" or "3.5 mg/dL")");
  app.add_option("--upper-gi", r.upper_gi,
                 "nausea, vomiting, anorexia: none, intermittent, persistent, or a stage 0 or 1");
  app.add_option("--stool", r.stool,
                 R"("800 mL/d" or "25 mL/kg/d"; several values are averaged (three days))");
  app.add_option("--episodes", r.episodes, "stools per day; used when there is no volume");
  app.add_flag("--mixed-with-urine", r.is_mixed_with_urine, "half of the volume is taken as stool");
  truth_option(app, "--severe-pain", r.severe_pain, "severe abdominal pain, needing an opioid");
  truth_option(app, "--ileus", r.ileus, "ileus; counts together with severe pain");
  truth_option(app, "--bloody-stool", r.bloody_stool, "grossly bloody stool");
  app.add_option("--skin", r.skin, "a stage 0 to 4, or none, instead of findings");
  app.add_option("--liver", r.liver, "a stage 0 to 4, or none");
  app.add_option("--lower-gi", r.lower_gi, "a stage 0 to 4, or none (the gut stage of the older scales)");
  app.add_option("--others", r.others, "none: organs not mentioned are documented as free");
  truth_option(app, "--upper-gi-biopsy", r.upper_gi_biopsy,
               "keystone: positive biopsy of the upper GI tract");
  app.add_flag("--liver-other-cause", r.liver_has_other_cause,
               "keystone: one stage less, another cause is documented");
  app.add_flag("--diarrhea-other-cause", r.diarrhea_has_other_cause, "keystone: one stage less");
  app.add_option("--performance", r.performance,
                 "glucksberg: drop of the performance status: none, mild, marked, extreme");
  app.footer(
      "An organ that is not mentioned was not assessed: the grade is then a lower bound.\n"
      "Examples:\n"
      "  graftline grade agvhd --skin-bsa 30 --bilirubin \"60 umol/L\" --stool \"800 mL/d\"\n"
      "  graftline grade agvhd --skin-bsa 60 --others none\n"
      "  graftline grade agvhd --child --weight \"18 kg\" --stool \"400 mL/d\" --format json\n"
      "  graftline grade agvhd --criteria keystone --skin 2 --liver 1 --lower-gi 4");
}

void define_chronic(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::grade_chronic_gvhd);
  auto& r = *request;
  for (const auto& [option, typed] :
       {std::pair{"--skin", &r.skin}, std::pair{"--mouth", &r.mouth}, std::pair{"--eyes", &r.eyes},
        std::pair{"--gi", &r.gi}, std::pair{"--liver", &r.liver}, std::pair{"--lung", &r.lung},
        std::pair{"--joints", &r.joints}, std::pair{"--genital", &r.genital}})
    app.add_option(option, *typed, "score 0 to 3, none, or other-cause (left out)");
  app.add_option("--others", r.others, "none: organs not mentioned are documented as free");
  app.add_option("--skin-bsa", r.skin_bsa, "rash, percent of the body surface");
  app.add_option("--sclerosis", r.sclerosis, "none, superficial, deep");
  app.add_option("--fev1", r.fev1, "FEV1, percent of predicted; decides over symptoms");
  app.add_option("--dyspnea", r.dyspnea, "none, stairs, flat, rest");
  app.add_option("--bilirubin", r.bilirubin, R"("60 umol/L" or "3.5 mg/dL")");
  app.add_option("--bilirubin-uln", r.bilirubin_upper_limit, "its upper limit of normal, with unit");
  app.add_option("--alt", r.alt, R"("120 U/L")");
  app.add_option("--alt-uln", r.alt_upper_limit, "its upper limit of normal, with unit");
  app.add_option("--alp", r.alp, R"(alkaline phosphatase, "300 U/L")");
  app.add_option("--alp-uln", r.alp_upper_limit, "its upper limit of normal, with unit");
  truth_option(app, "--gi-symptoms", r.gi_symptoms, "GI symptoms");
  app.add_option("--weight-loss", r.weight_loss, "percent in 3 months");
  app.add_option("--diarrhea", r.diarrhea, "none, mild, moderate, severe");
  truth_option(app, "--supplements", r.supplements, "supplements for most calories");
  truth_option(app, "--dilation", r.dilation, "esophageal dilation");
  truth_option(app, "--eye-symptoms", r.eye_symptoms, "dry eye symptoms");
  app.add_option("--eye-drops", r.eye_drops, "lubricant drops per day");
  truth_option(app, "--eye-plugs", r.eye_plugs, "punctal plugs");
  truth_option(app, "--eye-limits", r.eye_limits, "eyes partly limit daily activities");
  truth_option(app, "--eye-work", r.eye_work, "unable to work because of the eyes");
  truth_option(app, "--eye-vision", r.eye_vision, "visual loss from keratoconjunctivitis sicca");
  app.footer(
      "Examples:\n"
      "  graftline grade cgvhd --skin 2 --mouth 1 --fev1 72 --others none\n"
      "  graftline grade cgvhd --skin-bsa 15 --alt \"130 U/L\" --alt-uln \"40 U/L\"\n"
      "  graftline grade cgvhd --eyes 1 --liver other-cause --format json");
}

}  // namespace

void define_grade(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline grade agvhd --skin-bsa 60 --others none\n"
      "  graftline grade cgvhd --help");
  define_acute(*app.add_subcommand("agvhd", "acute GVHD: organ stages and overall grade"), run);
  define_chronic(*app.add_subcommand("cgvhd", "chronic GVHD: NIH 2014 organ scores and severity"), run);
}

}  // namespace graftline::cli
