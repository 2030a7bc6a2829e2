// graftline chimerism, graftline mrd, graftline cml-relapse
#include "cli/calculator_options.h"

namespace graftline::cli {

void define_chimerism(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::classify_chimerism);
  auto& r = *request;
  app.add_option(
      "--lineage", r.lineages,
      "t-cell=60, myeloid=99, b-cell=, nk-cell=, cd34=, whole-blood=, bone-marrow=: percent donor");
  app.add_option("--series", r.series, "2026-01-10,95: one lineage over time, a date and a percentage each");
  app.add_flag("--recipient", r.is_recipient, "the percentages are recipient shares");
  app.add_option("--full-above", r.full_above, "percent donor above which chimerism is full (95)");
  app.add_option("--absent-below", r.absent_below, "percent donor below which it is absent (5)");
  app.add_option("--step", r.step, "falling: points lost from the test before (5) ...");
  app.add_option("--steps", r.n_steps, "... in so many consecutive tests (2) ...");
  app.add_option("--min-gap", r.min_gap_days, "... at least so many days apart (14)");
  app.add_option("--single-drop", r.single_drop, "or so many points lost at once (10)");
  app.footer(
      "Examples:\n"
      "  graftline chimerism --lineage t-cell=60 myeloid=99\n"
      "  graftline chimerism --recipient --lineage whole-blood=18\n"
      "  graftline chimerism --series 2026-01-10,95 2026-01-24,90 2026-02-07,84");
}

void define_mrd(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::judge_residual_disease);
  auto& r = *request;
  app.add_option("--sample", r.samples, "2026-01-10,flow,positive (or negative, unreadable, a percentage)");
  app.add_option("--method", r.methods,
                 "flow>=0.1 or WT1>0.6, with the threshold of a positive; or only its name")
      ->required();
  app.add_option("--consecutive", r.n_consecutive,
                 "positive when one method is positive in so many samples in a row");
  app.add_option("--min-gap", r.min_gap_days, "days between those samples");
  app.add_option("--methods-in-one-sample", r.n_methods_in_one_sample,
                 "positive when so many methods are positive in one sample");
  app.footer(
      "No threshold and no count is a default: they belong to the protocol or the site.\n"
      "Example:\n"
      "  graftline mrd --method \"flow>=0.1\" --method \"WT1>0.6\" --consecutive 2 --min-gap 14 "
      "--methods-in-one-sample 2 \\\n"
      "    --sample 2026-01-10,flow,0.3 --sample 2026-01-10,WT1,0.2 --sample 2026-01-26,flow,0.5");
}

void define_cml_relapse(CLI::App& app, Run& run) {
  const auto request = calculator(app, run, service::judge_cml_relapse);
  auto& r = *request;
  app.add_option("--transplant", r.transplant, "day 0, YYYY-MM-DD")->required();
  app.add_option("--sample", r.samples, "2026-01-10,0.06: date and BCR::ABL1/ABL1 in percent");
  app.footer(
      "Example:\n"
      "  graftline cml-relapse --transplant 2025-06-01 --sample 2025-11-01,0.06 --sample 2025-12-02,0.08");
}

}  // namespace graftline::cli
