// graftline simulate bedside
#include "service/simulate_bedside.h"

#include <fmt/format.h>

#include <memory>

#include "cli/simulate_options.h"
#include "service/simulate.h"

namespace graftline::cli {
namespace {

struct BedsideOptions {
  AskOptions ask;
  std::string model = "acute-leukaemia";
  std::vector<std::string> folders;
  service::BedsideRequest request;
};

int simulate(BedsideOptions& options) {
  std::vector<std::filesystem::path> folders(options.folders.begin(), options.folders.end());
  if (folders.empty()) folders.emplace_back("models");
  const auto model = service::find_model(options.model, folders);
  if (!model) return fail(model.error());
  options.request.model = *model;
  auto ask = ask_of(options.ask);
  if (!ask) return fail(ask.error());
  options.request.ask = std::move(*ask);
  const auto answer = service::simulate_bedside(options.request);
  if (!answer) return fail(answer.error());
  fmt::print("{}", *answer);
  return done;
}

}  // namespace

void add_simulate_bedside(CLI::App& app, Run& run) {
  const auto options = std::make_shared<BedsideOptions>();
  CLI::App* bedside = app.add_subcommand(
      "bedside", "a protocol file acts on virtual patients through what is measured of them");
  options->ask.add_to(*bedside, false);
  auto& r = options->request;
  bedside->add_option("--model", options->model, "a model file, or the id of one in the folders")
      ->capture_default_str();
  bedside->add_option("--models", options->folders, "folders searched (default: ./models)");
  bedside->add_option("--variant", r.variant,
                      "of the model; without its policies, since the protocol decides");
  bedside->add_option("--patients", r.patients, "simulated")
      ->capture_default_str()
      ->check(CLI::Range(1U, 100'000'000U));
  bedside->add_option("--seed", r.seed, "same seed, same patients")->capture_default_str();
  bedside->add_option("--first-decision", r.first_decision, "day after transplant")
      ->capture_default_str()
      ->check(CLI::Range(0, 36'525));
  bedside->add_option("--every", r.every, "days between decision days")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  bedside->add_option("--until", r.until, "day after transplant")
      ->capture_default_str()
      ->check(CLI::Range(1, 36'525));
  bedside->add_option("--export", r.export_folder, "folder for each patient's record and decisions, as CSV");
  bedside->callback([options, &run] { run = [options] { return simulate(*options); }; });
}

}  // namespace graftline::cli
