// graftline design
#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/designs.h"

namespace graftline::cli {
namespace {

int print(const Result<service::DesignSheet>& sheet, const std::string& format) {
  if (!sheet) {
    fmt::print(stderr, "graftline: {}\n", sheet.error().message);
    return wrong_usage;
  }
  fmt::print("{}", printed(*sheet, format == "json"  ? service::SheetFormat::json
                                   : format == "csv" ? service::SheetFormat::csv
                                                     : service::SheetFormat::text));
  return done;
}

// A subcommand with its request, --format, and the function that answers.
template <class Request>
CLI::App* design(CLI::App& app, Run& run, const char* name, const char* summary,
                 std::shared_ptr<Request> request, Result<service::DesignSheet> (*answer)(const Request&)) {
  CLI::App* command = app.add_subcommand(name, summary);
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->callback([=, &run] { run = [=] { return print(answer(*request), *format); }; });
  return command;
}

void looks_options(CLI::App& app, service::LooksRequest& looks, int default_looks) {
  looks.looks = default_looks;
  app.add_option("--alpha", looks.alpha, "error of the first kind, in total (0.05)");
  app.add_option("--sides", looks.sides, "1 or 2 (2)")->check(CLI::IsMember({1, 2}));
  app.add_option("--power", looks.power, "1 minus the error of the second kind (0.8)");
  app.add_option("--looks", looks.looks, "number of equally spaced looks");
  app.add_option("--information", looks.information, "information fractions instead: 0.5,0.75,1")
      ->delimiter(',');
  app.add_option("--boundary", looks.boundary,
                 "obrien-fleming, pocock, wang-tsiatis:SHAPE, haybittle-peto:Z,\n"
                 "spending-obrien-fleming (default), spending-pocock, hwang-shih-decani:GAMMA,\n"
                 "kim-demets:RHO, alpha:A1,A2,.. (cumulative), last-look-only");
  app.add_option("--futility", looks.futility,
                 "none (default), spending-obrien-fleming, spending-pocock,\n"
                 "hwang-shih-decani:GAMMA, kim-demets:RHO, bounds:B1,B2,.. (on Z), beta:B1,B2,..");
  app.add_flag("--binding", looks.binding, "the critical values count on stopping for futility");
}

void trial_options(CLI::App& app, service::TwoArmRequest& trial) {
  app.add_option("--hazard-ratio", trial.hazard_ratio, "treated over control")->required();
  app.add_option("--control-hazard", trial.control.hazard, "0.05, or in pieces 0:0.05,6:0.03");
  app.add_option("--control-median", trial.control.median, "median time to the event");
  app.add_option("--formula", trial.formula, "schoenfeld (default), freedman, hsieh");
  app.add_option("--allocation", trial.allocation, "treated:control (1:1)");
  app.add_option("--accrual", trial.accrual, "duration, or intensities 6:1,24:3");
  app.add_option("--follow-up", trial.follow_up, "after the last patient has entered");
  app.add_option("--dropout", trial.dropout, "0.1@12: a tenth lost by time 12, if nothing else happened");
  app.add_option("--dropout-treated", trial.dropout_treated, "where it differs in the treated arm");
  app.add_option("--patients", trial.patients, "give the power for that many patients");
  app.add_option("--events", trial.events, "with --patients: the last look is at that many events");
  looks_options(app, trial.looks, 1);
}

void define_two_arms(CLI::App& app, Run& run) {
  auto trial = std::make_shared<service::TwoArmRequest>();
  CLI::App* logrank = design(app, run, "logrank", "events, patients and time, or power, of a log-rank test",
                             trial, service::design_logrank);
  logrank->add_option("--control-survival", trial->control.by_time, "0.6@24: survival by a time");
  trial_options(*logrank, *trial);
  logrank->footer(
      "Without a control arm and --accrual only the events are given.\n"
      "Examples:\n"
      "  graftline design logrank --hazard-ratio 0.7 --power 0.8\n"
      "  graftline design logrank --hazard-ratio 0.6 --control-survival 0.5@24 --accrual 24 --follow-up 12 "
      "--dropout 0.1@12\n"
      "  graftline design logrank --hazard-ratio 0.6 --control-median 12 --accrual 24 --follow-up 12 "
      "--patients 200 "
      "--looks 3 --boundary pocock");
  auto competing = std::make_shared<service::TwoArmRequest>();
  CLI::App* risks =
      design(app, run, "competing", "the same when another event competes: Gray, Fine-Gray, cause-specific",
             competing, service::design_competing);
  risks->add_option("--scale", competing->scale, "cause-specific (default) or subdistribution");
  risks->add_option("--incidence", competing->incidence, "0.35@24: cumulative incidence in the control arm");
  risks->add_option("--competing-incidence", competing->competing_incidence,
                    "0.20@24: of the competing events");
  risks->add_option("--competing-hazard", competing->competing_hazard, "instead, beside --control-hazard");
  risks->add_option("--competing-hazard-ratio", competing->competing_hazard_ratio,
                    "treated over control; cause-specific scale (1)");
  trial_options(*risks, *competing);
  risks->footer(
      "Examples:\n"
      "  graftline design competing --scale subdistribution --hazard-ratio 0.6 --incidence 0.35@24 "
      "--competing-incidence 0.2@24 --accrual 24 --follow-up 24\n"
      "  graftline design competing --hazard-ratio 0.6 --control-hazard 0.03 --competing-hazard 0.01 "
      "--accrual 24 "
      "--follow-up 12 --allocation 2:1");
  auto fixed = std::make_shared<service::IncidenceRequest>();
  CLI::App* incidence = design(app, run, "incidence", "difference of two cumulative incidences at one time",
                               fixed, service::design_incidence);
  incidence->add_option("--time", fixed->time, "at which the arms are compared")->required();
  incidence->add_option("--control", fixed->control, "0.30@12: cumulative incidence in the control arm")
      ->required();
  incidence->add_option("--treated", fixed->treated, "0.15@12")->required();
  incidence->add_option("--control-competing", fixed->control_competing, "0.20@12: of the competing events");
  incidence->add_option("--treated-competing", fixed->treated_competing, "0.20@12");
  incidence->add_option("--accrual", fixed->accrual, "duration, or intensities 6:1,24:3")->required();
  incidence->add_option("--study-end", fixed->study_end, "after the first entry (accrual plus --time)");
  incidence->add_option("--dropout", fixed->dropout, "0.1@12");
  incidence->add_option("--allocation", fixed->allocation, "treated:control (1:1)");
  incidence->add_option("--scale", fixed->scale, "difference (default) or cloglog");
  incidence->add_option("--alpha", fixed->alpha, "(0.05)");
  incidence->add_option("--sides", fixed->sides, "1 or 2 (2)")->check(CLI::IsMember({1, 2}));
  incidence->add_option("--power", fixed->power, "(0.8)");
  incidence->add_option("--patients", fixed->patients, "give the power for that many patients");
  incidence->footer(
      "Example:\n"
      "  graftline design incidence --time 12 --control 0.30@12 --treated 0.15@12 --control-competing 0.2@12 "
      "--treated-competing 0.2@12 --accrual 24 --dropout 0.05@12");
}

void define_looks(CLI::App& app, Run& run) {
  auto looks = std::make_shared<service::LooksRequest>();
  CLI::App* boundaries =
      design(app, run, "boundaries", "group-sequential critical values, futility bounds, spending", looks,
             service::design_boundaries);
  looks_options(*boundaries, *looks, 3);
  boundaries->footer(
      "Examples:\n"
      "  graftline design boundaries --looks 3 --boundary obrien-fleming\n"
      "  graftline design boundaries --information 0.4,0.7,1 --sides 1 --alpha 0.025 --boundary "
      "hwang-shih-decani:-4 "
      "--futility hwang-shih-decani:-2 --format csv");
  auto look = std::make_shared<service::InterimRequest>();
  CLI::App* interim =
      design(app, run, "interim",
             "a look at a running trial: repeated p and limits, conditional and predictive power", look,
             service::design_interim);
  looks_options(*interim, look->looks, 3);
  interim->add_option("--events", look->events, "cumulative, one per look done: 40,81")
      ->delimiter(',')
      ->required();
  interim
      ->add_option("--z", look->z,
                   "log-rank Z, positive when the treated arm has the higher hazard: -1.2,-2.1")
      ->delimiter(',')
      ->required();
  interim->add_option("--allocation", look->allocation, "treated:control (1:1)");
  interim->add_flag("--higher-hazard-is-benefit", look->higher_hazard_is_benefit,
                    "when the event is the good outcome");
  interim->add_flag("--inverse-normal", look->inverse_normal,
                    "combine independent stages with the planned weights");
  interim->add_option("--planned-events", look->planned_events, "events that each look to come adds: 40,40")
      ->delimiter(',');
  interim->add_option("--hazard-ratio", look->hazard_ratio, "assumed for conditional power");
  interim->add_option("--prior-mean", look->prior_mean, "of the log hazard ratio, for predictive power");
  interim->add_option("--prior-sd", look->prior_sd, "without it the prior is flat");
  interim->footer(
      "Example:\n"
      "  graftline design interim --looks 3 --sides 1 --alpha 0.025 --events 40,80 --z -1.2,-2.0 "
      "--planned-events 40 "
      "--hazard-ratio 0.65");
}

void define_one_arm(CLI::App& app, Run& run) {
  auto arm = std::make_shared<service::SingleArmRequest>();
  CLI::App* single = design(app, run, "single-arm", "Simon, A'Hern, or Bayesian monitoring of one proportion",
                            arm, service::design_single_arm);
  single->add_option("--method", arm->method, "simon (default), ahern, predictive, posterior");
  single->add_option("--p0", arm->p0, "proportion not worth pursuing")->required();
  single->add_option("--p1", arm->p1, "proportion worth pursuing")->required();
  single->add_option("--alpha", arm->alpha, "simon, ahern (0.05)");
  single->add_option("--power", arm->power, "simon, ahern (0.8)");
  single->add_option("--most-patients", arm->most_patients,
                     "simon: end of the search (twice the one-stage design)");
  single->add_option("--looks", arm->looks, "Bayesian: 10,20,30; the last is the maximum")->delimiter(',');
  single->add_option("--prior", arm->prior, "beta prior: responses,non-responses (1,1)")->delimiter(',');
  single->add_option("--certainty", arm->certainty, "success when P(p > p0) is above (0.95)");
  single->add_option("--futile-below", arm->futile_below, "predictive probability or P(p > p1) (0.05)");
  single->add_option("--success-above", arm->success_above, "below 1: success may stop the trial (1)");
  single->footer(
      "Examples:\n"
      "  graftline design single-arm --p0 0.2 --p1 0.4 --alpha 0.05 --power 0.8\n"
      "  graftline design single-arm --method predictive --p0 0.2 --p1 0.4 --looks 10,20,30,40");
  auto harm = std::make_shared<service::SafetyRequest>();
  CLI::App* safety = design(app, run, "safety", "when so many have had a harm that the trial must stop", harm,
                            service::design_safety);
  safety->add_option("--method", harm->method, "constant-tail (default), rising-tail, bayesian, sprt");
  safety->add_option("--patients", harm->patients, "at most")->required();
  safety->add_option("--p0", harm->p0, "tolerable rate")->required();
  safety->add_option("--p1", harm->p1, "rate that should be noticed");
  safety->add_option("--level", harm->level, "chance to stop at p0, at most (0.05)");
  safety->add_option("--power", harm->power, "sprt (0.8)");
  safety->add_option("--shape", harm->shape, "rising-tail: 0 is O'Brien-Fleming-like (0), 0.5 constant");
  safety->add_option("--prior", harm->prior, "bayesian: harms,others (1,1)")->delimiter(',');
  safety->add_option("--certainty", harm->certainty,
                     "bayesian: stop when P(rate > p0) is above; else tuned to --level");
  safety->add_option("--first-look", harm->first_look, "first patient at whom to stop (1)");
  safety->footer(
      "Example:\n"
      "  graftline design safety --patients 40 --p0 0.15 --p1 0.35 --level 0.05 --first-look 5");
}

}  // namespace

void define_design(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  define_two_arms(app, run);
  define_looks(app, run);
  define_one_arm(app, run);
  app.footer(
      "One unit of time throughout. docs/designs.md says by which method, and how it was checked.\n"
      "Examples:\n"
      "  graftline design logrank --hazard-ratio 0.7 --control-median 12 --accrual 24 --follow-up 12\n"
      "  graftline design boundaries --looks 4 --boundary pocock\n"
      "  graftline design single-arm --p0 0.2 --p1 0.4");
}

}  // namespace graftline::cli
