#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/options.h"
#include "service/verification.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct VerifyOptions {
  std::vector<std::string> protocols;
  std::vector<std::string> folders;
  std::string format = "text";
  std::string cases;
  std::uint64_t steps = verify::Limits().n_steps;
  bool statistics = false;
};

int run_verify(const VerifyOptions& options) {
  verify::Limits limits;
  limits.n_steps = options.steps;
  const auto verified =
      service::verify_protocols(options.protocols, protocol_folders(options.folders), limits);
  if (!verified) return fail(verified.error());
  fmt::print("{}", options.format == "json" ? service::to_json(*verified)
                                            : service::to_text(*verified, options.statistics));
  if (!options.cases.empty()) {
    service::WholeFile file(options.cases);
    file.write(service::to_cases(*verified));
    if (const auto problem = file.finish()) return fail(*problem);
  }
  const auto any = [&](auto is) { return std::any_of(verified->begin(), verified->end(), is); };
  if (any([](const auto& one) { return !one.is_usable(); })) return wrong_protocol;
  return any([](const auto& one) { return one.verification.has_errors(); }) ? found_failures : done;
}

}  // namespace

void define_verify(CLI::App& app, Run& run) {
  const auto options = std::make_shared<VerifyOptions>();
  app.footer(
      "Examples:\n"
      "  graftline verify ebmt-2024\n"
      "  graftline verify protocols --statistics\n"
      "  graftline verify my.protocol --format json\n"
      "  graftline verify my.protocol --cases found.cases && graftline test found.cases --protocols .");
  app.add_option("protocol", options->protocols, "ids, files, or folders with protocols")->required();
  app.add_option("--protocols", options->folders, "folders searched for ids (default: ./protocols)");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--cases", options->cases, "write the patients of the findings as a case file");
  app.add_option("--work", options->steps,
                 "steps of work for each protocol; what they do not settle is reported as not settled")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--statistics", options->statistics, "states, steps and formulas looked at");
  app.callback([options, &run] { run = [options] { return run_verify(*options); }; });
}

}  // namespace graftline::cli
