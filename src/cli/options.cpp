#include "cli/options.h"

#include <fmt/format.h>

#include <ctime>
#include <filesystem>

namespace graftline::cli {
namespace {

namespace fs = std::filesystem;

std::optional<Error> take_pairs(const std::vector<std::string>& pairs, std::string_view option,
                                std::map<std::string, engine::Settings::Setting, std::less<>>& into) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorKind::malformed_input, fmt::format("{} '{}': expected NAME=VALUE", option, pair)};
    }
    into[pair.substr(0, equals)] = {pair.substr(equals + 1), "command line"};
  }
  return std::nullopt;
}

}  // namespace

void AskOptions::add_to(CLI::App& app, bool several_protocols) {
  app.add_option("records", records,
                 "FHIR bundles, resources or NDJSON, CSV, directories of these, each also gzipped")
      ->required();
  auto* protocol =
      app.add_option("-p,--protocol", protocols, "protocol: an id, a folder or a .protocol file")->required();
  if (!several_protocols) protocol->expected(1);
  add_settings_to(app);
}

void AskOptions::add_settings_to(CLI::App& app) {
  app.add_option("--protocols", protocol_folders, "folders searched for protocol ids (default: ./protocols)");
  app.add_option("--as-of", as_of, "the day asked about, YYYY-MM-DD (default: today)");
  app.add_option("--known-on", known_on,
                 "use only what was known on this day (default: the day asked about)");
  app.add_option(
      "--read-on", read_on,
      "the day the records were taken from their source (default: today); what they call stopped had stopped "
      "by then");
  app.add_option("--site", site, "site file (TOML): parameters and upper limits of the laboratory");
  app.add_option("--set", parameters, "parameter of the protocol, NAME=VALUE; wins over the site file");
  app.add_option("--upper-limit", upper_limits, "upper limit of a laboratory value, FACT=\"VALUE UNIT\"");
  app.add_option("--judgement", judgements, "answer to a judgement of the protocol, NAME=yes or NAME=no");
  app.add_option("--strategy", strategy, "ask about this strategy of the protocol only");
  app.add_option("--mapping", mapping, "mapping file (TOML): local codes, units and columns to facts");
}

Result<service::Ask> ask_of(const AskOptions& options) {
  service::Ask ask;
  ask.records = options.records;
  ask.protocols = options.protocols;
  ask.protocol_folders = protocol_folders(options.protocol_folders);
  ask.patient = options.patient;
  ask.site_file = options.site;
  ask.mapping_file = options.mapping;
  ask.question.as_of = today();
  ask.read_on = today();
  for (const auto& [text, option, target] :
       {std::tuple{&options.as_of, "--as-of", 0}, std::tuple{&options.known_on, "--known-on", 1},
        std::tuple{&options.read_on, "--read-on", 2}}) {
    if (text->empty()) continue;
    const auto day = parse_day(*text);
    if (!day) {
      const bool is_whole_date = text->size() == 10;  // then what is wrong with it is worth saying
      return Error{ErrorKind::malformed_input,
                   fmt::format("{} '{}': expected a day, YYYY-MM-DD{}", option, *text,
                               is_whole_date ? "; " + day.error().message : "")};
    }
    if (target == 0) ask.question.as_of = *day;
    if (target == 1) ask.question.known_on = *day;
    if (target == 2) ask.read_on = *day;
  }
  engine::Settings& settings = ask.question.settings;
  settings.strategy = options.strategy;
  for (const auto& problem : {take_pairs(options.parameters, "--set", settings.parameters),
                              take_pairs(options.judgements, "--judgement", settings.judgements)}) {
    if (problem) return *problem;
  }
  std::map<std::string, engine::Settings::Setting, std::less<>> limits;
  if (const auto problem = take_pairs(options.upper_limits, "--upper-limit", limits)) return *problem;
  for (const auto& [fact, setting] : limits) {
    if (const auto unknown = service::add_upper_limit(fact, setting, settings)) return *unknown;
  }
  if (!options.product.empty()) {
    auto product = product::parse_product(options.product);
    if (!product) return Error{ErrorKind::malformed_input, "--product: " + product.error().message};
    ask.question.product = std::move(*product);
  }
  return ask;
}

std::optional<int> prepare(const service::Ask& ask, std::vector<service::Prepared>& prepared) {
  auto protocols = service::find_protocols(ask);
  if (!protocols) {
    fail(protocols.error());
    return protocols.error().kind == ErrorKind::malformed_input ? wrong_protocol : unreadable_input;
  }
  auto ready = service::prepare(ask, std::move(*protocols));
  if (!ready) return fail(ready.error());
  prepared = std::move(*ready);
  return std::nullopt;
}

std::vector<fs::path> protocol_folders(const std::vector<std::string>& given) {
  if (!given.empty()) return {given.begin(), given.end()};
  std::error_code ignored;
  std::vector<fs::path> folders{"protocols"};
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  for (const char* relative : {"../protocols", "../share/graftline/protocols"}) {
    fs::path beside = fs::weakly_canonical(program.parent_path() / relative, ignored);
    if (!fs::is_directory(beside, ignored) || fs::equivalent(beside, folders.front(), ignored)) continue;
    folders.push_back(std::move(beside));
  }
  return folders;
}

Day today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return day_of({local.tm_year + 1900, local.tm_mon + 1, local.tm_mday});
}

int fail(const Error& error) {
  const bool has_end = !error.message.empty() && error.message.back() == '\n';
  fmt::print(stderr, "graftline: {}{}", error.message, has_end ? "" : "\n");
  return error.kind == ErrorKind::not_found ? unreadable_input : wrong_usage;
}

}  // namespace graftline::cli
