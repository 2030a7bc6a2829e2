// graftline simulate trial, graftline simulate draw, graftline simulate again
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "cli/distribute.h"
#include "cli/progress.h"
#include "cli/simulate_options.h"
#include "service/simulate.h"
#include "service/simulate_trial.h"
#include "service/trial_views.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

using std::filesystem::path;

struct TrialOptions {
  std::string what = "nct07319793";
  std::string model;
  std::vector<std::string> model_folders, scenario_folders, protocol_folders;
  double target_power = 0.0;
  bool no_type_1_error = false;
  std::string format = "text", output, svg, html, folder;
  std::uint32_t replicate = 0;
  bool opens = false;
  service::TrialRequest request;
};

struct DrawOptions {
  std::string file, format = "text", svg, html;
  std::vector<std::string> model_folders, protocol_folders;
  int threads = 1;
};

int fail_trial(const Error& error) {
  fmt::print(stderr, "graftline: {}\n", error.message);
  switch (error.kind) {
    case ErrorKind::not_found:
      return unreadable_input;
    case ErrorKind::malformed_input:
    case ErrorKind::conflict:
      return wrong_protocol;
    default:
      return wrong_usage;
  }
}

std::optional<Error> write(const std::string& file, std::string_view text) {
  service::WholeFile whole(file);
  whole.write(text);
  return whole.finish();
}

std::vector<path> folders_or(const std::vector<std::string>& given, const char* otherwise) {
  std::vector<path> folders(given.begin(), given.end());
  if (folders.empty()) folders.emplace_back(otherwise);
  return folders;
}

Result<std::string> text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{ErrorKind::not_found, fmt::format("{}: there is no such file", file)};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Text or JSON to the output, figure and page to their files.
int show(const std::string& json, const std::string& format, const std::string& output,
         const std::string& svg, const std::string& html) {
  const auto views = service::trial_views(json, GRAFTLINE_VERSION);
  if (!views) return fail_trial(views.error());
  if (auto problem = write(output, format == "json" ? json : views->text)) return fail_trial(*problem);
  if (!svg.empty()) {
    if (auto problem = write(svg, views->svg)) return fail_trial(*problem);
  }
  if (!html.empty()) {
    if (auto problem = write(html, views->html)) return fail_trial(*problem);
  }
  return done;
}

int open_one(const TrialOptions& options) {
  const auto opened = service::open_trial(options.request, options.replicate);
  if (!opened) return fail_trial(opened.error());
  if (!options.folder.empty()) {
    std::error_code ignored;
    std::filesystem::create_directories(options.folder, ignored);
    const path folder(options.folder);
    for (const auto& [name, text] :
         {std::pair{"patients.csv", &opened->csv}, std::pair{"curves.svg", &opened->curves},
          std::pair{"swimmers.svg", &opened->swimmers}}) {
      if (text->empty()) continue;
      if (auto problem = write((folder / name).string(), *text)) return fail_trial(*problem);
    }
  }
  fmt::print("{}", options.folder.empty() ? opened->csv : opened->summary);
  return done;
}

int simulate(TrialOptions& options) {
  service::TrialRequest& request = options.request;
  request.model_folders = folders_or(options.model_folders, "models");
  request.protocol_folders = protocol_folders(options.protocol_folders);
  request.scenario = service::find_scenario(options.what, folders_or(options.scenario_folders, "scenarios"));
  if (request.scenario.empty() && options.model.empty()) {
    return fail_trial(
        {ErrorKind::not_found,
         fmt::format("there is no scenario '{}' in {}: give a file, or --model for a trial that a model "
                     "declares",
                     options.what,
                     fmt::join(options.scenario_folders.empty() ? std::vector<std::string>{"scenarios"}
                                                                : options.scenario_folders,
                               ", "))});
  }
  if (request.scenario.empty()) request.trial = options.what;
  if (!options.model.empty()) {
    const auto model = service::find_model(options.model, request.model_folders);
    if (!model) return fail_trial(model.error());
    request.model = *model;
  }
  request.type_1_error = !options.no_type_1_error;
  if (options.opens) return open_one(options);
  LongWork work("simulated");
  request.progress = [&](std::size_t made, std::size_t total) { return work.report(made, total); };
  const bool is_shared = static_cast<bool>(distribute());
  if (is_shared && request.target_power) {
    return fail_trial(
        {ErrorKind::unsupported,
         "--target-power goes from one answer to the next: run it as one process, with --threads"});
  }
  const bool makes_folder = is_shared && request.parts.empty();
  if (makes_folder) request.parts = (options.output.empty() ? "graftline" : options.output) + ".parts";
  auto run = service::TrialRun::plan(request);
  if (!run) return fail_trial(run.error());
  if (is_shared) {
    const auto is_ours = distribute()(*run);
    if (!is_ours) return fail_trial(is_ours.error());
    if (!*is_ours) return done;
    run->take_up_parts();
  }
  const auto answer = run->finish();
  if (!answer) return fail_trial(answer.error());
  if (makes_folder) run->remove_parts();
  const int code = show(answer->json, options.format, options.output, options.svg, options.html);
  if (code != done) return code;
  return answer->is_complete ? done : found_failures;
}

int draw(const DrawOptions& options) {
  const auto json = text_of(options.file);
  if (!json) return fail_trial(json.error());
  return show(*json, options.format, "", options.svg, options.html);
}

int again(const DrawOptions& options) {
  const auto json = text_of(options.file);
  if (!json) return fail_trial(json.error());
  auto request = service::request_of(*json);
  if (!request) return fail_trial(request.error());
  request->model_folders = folders_or(options.model_folders, "models");
  request->protocol_folders = protocol_folders(options.protocol_folders);
  request->threads = options.threads;
  LongWork work("simulated again");
  request->progress = [&](std::size_t made, std::size_t total) { return work.report(made, total); };
  const auto answer = service::simulate_trial(*request);
  if (!answer) return fail_trial(answer.error());
  const bool is_same = answer->json == *json;
  fmt::print("{}\n", is_same
                         ? "the same, byte for byte"
                         : "not the same: the model, the scenario, a protocol or the program is another one");
  return is_same ? done : found_failures;
}

void add_trial(CLI::App& app, Run& run) {
  const auto options = std::make_shared<TrialOptions>();
  CLI::App* trial = app.add_subcommand(
      "trial",
      "whole randomised trials of virtual patients: power, type I error, bias, duration, infusions, harm");
  auto& r = options->request;
  trial
      ->add_option("scenario", options->what,
                   "a scenario file or its id; with --model, a trial that the model declares")
      ->required();
  trial->add_option("--trial", r.trial, "one trial of the scenario (default: all)");
  trial->add_option(
      "--vary", r.vary,
      "NAME=VALUE,VALUE,...: a number of the model, control.NAME or experimental.NAME, patients, accrual, "
      "followed, dropout, alpha, crossover; repeat it for a grid");
  trial
      ->add_option("--target-power", options->target_power,
                   "search the smallest arms that reach it, such as 0.8")
      ->check(CLI::Range(0.0, 1.0));
  trial->add_option("--trials", r.trials, "simulated of each setting")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1'000'000'000U));
  trial->add_option(
      "--truth-patients", r.truth_patients,
      "simulated under both arms for the true difference (default: 20000; 500 where a protocol decides)");
  trial->add_flag("--no-type-1-error", options->no_type_1_error,
                  "leave out the trials with both arms as control");
  trial->add_option("--seed", r.seed, "same seed, same bytes, on any number of threads")
      ->capture_default_str();
  trial->add_option("--threads", r.threads, "threads")->capture_default_str()->check(CLI::Range(1, 1024));
  trial->add_option("--parts", r.parts, "folder in which finished units are kept");
  trial->add_flag("--resume", r.resume, "take up what is in --parts");
  trial->add_option("--format", options->format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  trial->add_option("--output", options->output, "file for text or JSON (default: standard output)");
  trial->add_option("--svg", options->svg, "file for the figure");
  trial->add_option("--html", options->html, "file for one self-contained page");
  CLI::Option* open =
      trial->add_option("--open", options->replicate, "show one trial of the run, by number from 0");
  trial->add_option("--folder", options->folder,
                    "with --open: patients.csv, curves.svg and swimmers.svg go there");
  trial->add_option("--model", options->model, "a model file or id, instead of the one the scenario names");
  trial->add_option("--models", options->model_folders, "folders searched for models (default: ./models)");
  trial->add_option("--scenarios", options->scenario_folders, "folders searched (default: ./scenarios)");
  trial->add_option("--protocols", options->protocol_folders, "folders searched for protocol ids");
  trial->callback([options, trial, open, &run] {
    if (trial->get_option("--target-power")->count() > 0)
      options->request.target_power = options->target_power;
    options->opens = open->count() > 0;
    run = [options] { return simulate(*options); };
  });
}

void add_views(CLI::App& app, Run& run) {
  const auto options = std::make_shared<DrawOptions>();
  CLI::App* drawn =
      app.add_subcommand("draw", "text, figure and page of a run from its JSON, without simulating");
  drawn->add_option("file", options->file, "JSON of graftline simulate trial")->required();
  drawn->add_option("--format", options->format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  drawn->add_option("--svg", options->svg, "file for the figure");
  drawn->add_option("--html", options->html, "file for one self-contained page");
  drawn->callback([options, &run] { run = [options] { return draw(*options); }; });
  CLI::App* repeated = app.add_subcommand(
      "again", "runs the request that a JSON holds, and says whether it comes out the same");
  repeated->add_option("file", options->file, "JSON of graftline simulate trial")->required();
  repeated->add_option("--threads", options->threads, "threads")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  repeated->add_option("--models", options->model_folders, "folders searched for models (default: ./models)");
  repeated->add_option("--protocols", options->protocol_folders, "folders searched for protocol ids");
  repeated->callback([options, &run] { run = [options] { return again(*options); }; });
}

}  // namespace

void add_simulate_trials(CLI::App& app, Run& run) {
  add_trial(app, run);
  add_views(app, run);
}

}  // namespace graftline::cli
