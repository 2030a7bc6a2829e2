// graftline egfr, graftline uln
#include "cli/calculator_options.h"

namespace graftline::cli {

void define_egfr(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::estimate_gfr);
  auto& r = *request;
  app.add_option("--equation", r.equation,
                 "ckd_epi_2009, ckd_epi_2021, cockcroft_gault or bedside_schwartz; no default")
      ->required();
  app.add_option("--creatinine", r.creatinine, R"("1.35 mg/dL" or "119 umol/L")")->required();
  app.add_option("--age", r.age, "completed years")->required();
  app.add_option("--sex", r.sex, "female or male; without it the bounds cover both");
  app.add_option("--weight", r.weight, R"("70 kg" (cockcroft_gault))");
  app.add_option("--height", r.height, R"("120 cm" (bedside_schwartz))");
  app.add_flag("--black-race-coefficient", r.with_black_race_coefficient, "of ckd_epi_2009; only on request");
  app.footer(
      "CKD-EPI and Cockcroft-Gault are for adults from 18 years, Schwartz for children from 1 to 17 years.\n"
      "Examples:\n"
      "  graftline egfr --equation ckd_epi_2021 --sex male --age 55 --creatinine \"1.35 mg/dL\"\n"
      "  graftline egfr --equation bedside_schwartz --age 8 --height \"120 cm\" --creatinine \"44 umol/L\" "
      "--format json");
}

void define_uln(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::compare_with_upper_limit);
  auto& r = *request;
  app.add_option("--value", r.value, R"("120 U/L")")->required();
  app.add_option("--upper-limit", r.upper_limit,
                 R"("40 U/L", of the same report; without it the answer is unknown)");
  app.add_option("--limit", r.limit, "also say whether the value is above this multiple");
  app.add_option("--molar-mass", r.molar_mass,
                 "g/mol, when one is in mass and the other in amount of substance");
  app.footer(
      "Examples:\n"
      "  graftline uln --value \"120 U/L\" --upper-limit \"40 U/L\" --limit 3\n"
      "  graftline uln --value \"1.8 mg/dL\" --upper-limit \"1.2 mg/dL\" --limit 1.5");
}

}  // namespace graftline::cli
