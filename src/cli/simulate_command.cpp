// graftline simulate, and of its subcommands check and calibrate
#include <fmt/format.h>

#include <memory>

#include "cli/simulate_options.h"
#include "service/simulate.h"

namespace graftline::cli {
namespace {

struct SimulateOptions {
  std::string model = "acute-leukaemia";
  std::vector<std::string> folders;
  std::string format = "text";
  service::Calibration calibration;
};

Result<std::filesystem::path> model_path(const SimulateOptions& options) {
  std::vector<std::filesystem::path> folders(options.folders.begin(), options.folders.end());
  if (folders.empty()) folders.emplace_back("models");
  return service::find_model(options.model, folders);
}

int fail_model(const Error& error) {
  fmt::print(stderr, "graftline: {}\n", error.message);
  return error.kind == ErrorKind::not_found ? unreadable_input : wrong_protocol;
}

int check(const SimulateOptions& options) {
  const auto path = model_path(options);
  if (!path) return fail_model(path.error());
  const auto text = service::describe_model(*path);
  if (!text) return fail_model(text.error());
  fmt::print("{}", *text);
  return done;
}

int calibrate(SimulateOptions& options) {
  const auto path = model_path(options);
  if (!path) return fail_model(path.error());
  options.calibration.model = *path;
  options.calibration.json = options.format == "json";
  const auto answer = service::calibrate(options.calibration);
  if (!answer) return fail_model(answer.error());
  fmt::print("{}", answer->text);
  return answer->failed == 0 ? done : found_failures;
}

}  // namespace

void add_simulate_models(CLI::App& app, Run& run) {
  const auto options = std::make_shared<SimulateOptions>();
  CLI::App* checked =
      app.add_subcommand("check", "every mistake of a model file, with its place; else what it holds");
  checked->callback([options, &run] { run = [options] { return check(*options); }; });
  CLI::App* calibrated = app.add_subcommand(
      "calibrate", "reruns every check of a model: simulated against published, with tolerance");
  auto& c = options->calibration;
  calibrated->add_option("--targets", c.targets,
                         "a file of further checks, asked instead of the model's own");
  calibrated->add_option("--patients", c.patients, "of each variant")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1'000'000'000U));
  calibrated->add_option("--seed", c.seed, "same seed, same figures, on any number of threads")
      ->capture_default_str();
  calibrated->add_option("--threads", c.threads, "threads")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  calibrated->add_option("--format", options->format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  calibrated->add_flag("--failures", c.failures_only, "only checks outside their tolerance");
  calibrated->callback([options, &run] { run = [options] { return calibrate(*options); }; });
  for (CLI::App* sub : {checked, calibrated}) {
    sub->add_option("model", options->model, "a model file, or the id of one in the folders")
        ->capture_default_str();
    sub->add_option("--models", options->folders, "folders searched (default: ./models)");
  }
}

void define_simulate(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline simulate check my.model\n"
      "  graftline simulate calibrate acute-leukaemia --patients 100000 --threads 2\n"
      "  graftline simulate calibrate acute-leukaemia --targets published.targets --failures\n"
      "  graftline simulate plain --control-hazard 0.05 --hazard-ratio 0.6 --accrual 24 --follow-up 12 "
      "--target-power 0.8\n"
      "  graftline simulate plain --control-hazard 0.05 --hazard-ratio 0.6 --accrual 24 --follow-up 12 "
      "--looks 40,80,120\n"
      "  graftline simulate patient --schedule \"bulk = 0:1.11e8\" --schedule \"escalating = 0:1e6, 84:1e7, "
      "168:1e8\"\n"
      "  graftline simulate behaviours\n"
      "  graftline simulate trial nct07319793 --trials 2000 --threads 2\n"
      "  graftline simulate trial nct07319793 --trial effect --vary theta=0.4,0.6,0.8 --html "
      "build/scan.html\n"
      "  graftline simulate trial nct07319793 --trial effect --target-power 0.8\n"
      "  graftline simulate trial nct07319793 --trial effect --open 17 --folder build/trial-17\n"
      "  graftline simulate bedside examples/simulation/nct07319793-preemptive.csv --protocol nct07319793 "
      "--variant r \\\n"
      "      --set egfr_equation=ckd_epi_2021 --set mrd_n_consecutive=1 --set mrd_min_gap_days=0 --set "
      "mrd_methods=2 \\\n"
      "      --set chemotherapy_reference=start --set governing_target=CD3 --patients 100 --export "
      "build/bedside");
  add_simulate_models(app, run);
  add_simulate_trials(app, run);
  add_simulate_plain(app, run);
  add_simulate_mechanisms(app, run);
  add_simulate_bedside(app, run);
}

}  // namespace graftline::cli
