#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/case_runner.h"
#include "service/catalogue.h"
#include "service/import_check.h"
#include "service/validation.h"

namespace graftline::cli {

void define_test(CLI::App& app, Run& run) {
  struct Options {
    std::vector<std::string> paths, folders;
    bool verbose = false;
  };
  const auto options = std::make_shared<Options>();
  app.add_option("paths", options->paths, "case files (*.cases) or folders of them")->required();
  app.add_option("--protocols", options->folders, "folders searched for protocol ids (default: ./protocols)");
  app.add_flag("-v,--verbose", options->verbose, "also list the cases that pass");
  app.footer(
      "Examples:\n"
      "  graftline test protocols\n"
      "  graftline test my-site/cases --protocols my-site --verbose\n"
      "A case that names no protocol is asked of the one in its own folder. Exit code 1 when a case fails.");
  app.callback([options, &run] {
    run = [options]() -> int {
      const service::ProtocolLibrary library(protocol_folders(options->folders));
      const auto report = service::run_cases({options->paths.begin(), options->paths.end()}, library);
      fmt::print("{}", service::to_text(report, options->verbose));
      if (report.outcomes.empty() && report.unreadable.empty()) {
        return fail({ErrorKind::not_found, "no *.cases file there"});
      }
      const bool has_failed = report.passed() < report.outcomes.size();
      if (!has_failed && !report.unreadable.empty()) return unreadable_input;
      return report.ok() ? done : found_failures;
    };
  });
}

void define_facts(CLI::App& app, Run& run) {
  struct Options {
    std::string only;
    std::string format = "text";
  };
  const auto options = std::make_shared<Options>();
  app.add_option("fact", options->only, "one fact: its id, phrase or synonym");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.footer(
      "Examples:\n  graftline facts\n  graftline facts \"blood total bilirubin\"\n  graftline facts --format "
      "json");
  app.callback([options, &run] {
    run = [options]() -> int {
      const auto text = service::show_facts(options->only, options->format == "json");
      if (!text) return fail(text.error());
      fmt::print("{}", *text);
      return done;
    };
  });
}

void define_import(CLI::App& app, Run& run) {
  struct Options {
    std::vector<std::string> paths;
    std::string mapping;
    std::string format = "text";
    bool report = false;
    bool full = false;
  };
  const auto options = std::make_shared<Options>();
  app.add_option("records", options->paths, "FHIR, NDJSON, CSV, directories, each also gzipped")->required();
  app.add_option("--mapping", options->mapping,
                 "mapping file (TOML): local codes, units and columns to facts");
  app.add_flag("--report", options->report, "what was read, mapped, ignored and refused, by type and reason");
  app.add_flag("--full", options->full, "list every refusal, note and unmapped code");
  app.add_option("--format", options->format, "text, json, or csv: the long form of all entries read")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  app.footer(
      "Examples:\n"
      "  graftline import --report export/*.ndjson\n"
      "  graftline import --report --full redcap.csv --mapping site-mapping.toml\n"
      "  graftline import patient.json --format csv");
  app.callback([options, &run] {
    run = [options]() -> int {
      const bool as_csv = options->format == "csv" && !options->report;
      const auto text = as_csv ? service::import_as_csv(options->paths, options->mapping)
                               : service::import_report(options->paths, options->mapping, today(),
                                                        options->format == "json", options->full);
      if (!text) return fail(text.error());
      fmt::print("{}", *text);
      return done;
    };
  });
}

void define_validate(CLI::App& app, Run& run) {
  struct Options {
    std::string suite, folder;
  };
  const auto options = std::make_shared<Options>();
  app.add_option("suite", options->suite, "ucum, stats or designs")
      ->required()
      ->check(CLI::IsMember(service::validation_suites()));
  app.add_option("folder", options->folder, "folder with the suite's files")->required();
  app.footer("Example:\n  graftline validate ucum tests/data/ucum\nExit code 1 when a case fails.");
  app.callback([options, &run] {
    run = [options]() -> int {
      const auto outcome = service::validate(options->suite, options->folder);
      if (!outcome) return fail(outcome.error());
      fmt::print("{}", outcome->text);
      return outcome->ok ? done : found_failures;
    };
  });
}

}  // namespace graftline::cli
