// graftline simulate plain, graftline simulate patient, graftline simulate behaviours
#include "service/simulate_plain.h"

#include <fmt/format.h>

#include <memory>

#include "cli/simulate_options.h"
#include "service/simulate_patient.h"

namespace graftline::cli {
namespace {

int show(const Result<std::string>& answer) {
  if (answer) {
    fmt::print("{}", *answer);
    return done;
  }
  fmt::print(stderr, "graftline: {}\n", answer.error().message);
  return wrong_usage;
}

}  // namespace

void add_simulate_plain(CLI::App& app, Run& run) {
  const auto request = std::make_shared<service::PlainRequest>();
  const auto format = std::make_shared<std::string>("text");
  const auto per_arm = std::make_shared<std::vector<std::uint32_t>>(std::vector<std::uint32_t>{100});
  const auto target = std::make_shared<double>(0.0);
  const auto one_sided = std::make_shared<bool>(false);
  CLI::App* plain = app.add_subcommand(
      "plain",
      "two arms, exponential times, uniform accrual, log-rank: power, type I error, events, sample size");
  auto& r = *request;
  plain->add_option("--control-hazard", r.control_hazard, "of the event, per unit of time")->required();
  plain
      ->add_option("--hazard-ratio", r.hazard_ratio, "experimental against control; 1 gives the type I error")
      ->required();
  plain->add_option("--accrual", r.accrual, "time over which patients enter, evenly")->required();
  plain->add_option("--follow-up", r.follow_up, "of the last patient")->required();
  plain->add_option("--patients", *per_arm, "per arm, or control,experimental")
      ->delimiter(',')
      ->expected(1, 2)
      ->capture_default_str();
  CLI::Option* power = plain->add_option("--target-power", *target,
                                         "search the smallest equal arms that reach it, such as 0.8");
  plain->add_option("--competing-hazard", r.competing_hazard, "of another event that ends follow-up");
  plain->add_option("--dropout-hazard", r.dropout_hazard, "of being lost");
  plain->add_option("--alpha", r.alpha, "level of the test, in all")->capture_default_str();
  plain->add_flag("--one-sided", *one_sided, "reject for benefit only");
  plain->add_option("--looks", r.looks, "analyses at these numbers of events, such as 40,80,120")
      ->delimiter(',');
  plain->add_option("--boundary", r.boundary, "of the looks: obrien-fleming or pocock")
      ->capture_default_str();
  plain->add_option("--trials", r.trials, "simulated")
      ->capture_default_str()
      ->check(CLI::Range(1U, 100'000'000U));
  plain->add_option("--seed", r.seed, "same seed, same figures, on any number of threads")
      ->capture_default_str();
  plain->add_option("--threads", r.threads, "threads")->capture_default_str()->check(CLI::Range(1, 1024));
  plain->add_option("--format", *format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  plain->callback([=, &run] {
    run = [=] {
      request->patients = {per_arm->front(), per_arm->back()};
      request->sides = *one_sided ? 1 : 2;
      request->json = *format == "json";
      if (power->count() > 0) request->target_power = *target;
      return show(service::simulate_plain(*request));
    };
  });
}

void add_simulate_mechanisms(CLI::App& app, Run& run) {
  const auto request = std::make_shared<service::PatientRequest>();
  auto& r = *request;
  CLI::App* patient = app.add_subcommand(
      "patient", "one patient of the mechanistic layer under alternative schedules (exploratory)");
  patient
      ->add_option("--schedule", r.schedules,
                   "NAME = DAY:CD3_PER_KG, DAY:CD3_PER_KG, ...; repeat it to compare")
      ->required();
  patient->add_option("--days-after-transplant", r.days_after_transplant, "on day 0 of the schedule")
      ->capture_default_str();
  patient->add_option("--leukaemia", r.leukaemia, "1e9 cells on day 0; 50 is 5 % blasts")
      ->capture_default_str();
  patient->add_option("--host-percent", r.host_percent, "host share of haematopoiesis on day 0")
      ->capture_default_str();
  patient->add_option("--immunosuppression-days", r.immunosuppression_days, "from day 0")
      ->capture_default_str();
  patient->add_option("--naive-share", r.naive_share, "of CD3 cells; 0.01 is naive-depleted")
      ->capture_default_str();
  patient->add_option("--doubling-days", r.doubling_days, "of leukaemia")->capture_default_str();
  patient->add_option("--until", r.until, "days")->capture_default_str();
  patient->add_option("--format", r.format, "text, or csv with every day")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "csv"}));
  patient->callback([=, &run] { run = [=] { return show(service::simulate_patient(*request)); }; });
  CLI::App* behaviours = app.add_subcommand(
      "behaviours", "what clinical reports ask of the mechanistic layer, and whether it shows it");
  behaviours->callback([&run] { run = [] { return show(service::mechanistic_behaviours()); }; });
}

}  // namespace graftline::cli
