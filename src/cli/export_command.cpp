#include <fmt/format.h>

#include "cli/options.h"
#include "service/export.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct ExportOptions {
  std::string format;
  std::string protocol;
  std::vector<std::string> folders;
  std::string output;
};

int export_protocol(const ExportOptions& options) {
  const service::ProtocolLibrary library(protocol_folders(options.folders));
  const auto protocol = library.find(options.protocol);
  if (!protocol) {
    fail(protocol.error());
    return protocol.error().kind == ErrorKind::not_found ? unreadable_input : wrong_protocol;
  }
  const auto format = options.format == "json"  ? service::ExportFormat::json
                      : options.format == "elm" ? service::ExportFormat::elm
                      : options.format == "cql" ? service::ExportFormat::cql
                                                : service::ExportFormat::plan_definition;
  const service::Exported exported = service::export_protocol(*protocol, format);
  service::WholeFile file(options.output);
  file.write(exported.text);
  if (const auto problem = file.finish()) return fail(*problem);
  fmt::print(stderr, "{}", exported.left_out);
  return done;
}

}  // namespace

void define_export(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ExportOptions>();
  app.add_option("format", options->format, "json, elm, cql or plandefinition")
      ->required()
      ->check(CLI::IsMember({"json", "elm", "cql", "plandefinition"}));
  app.add_option("protocol", options->protocol, "an id, a folder or a .protocol file")->required();
  app.add_option("--protocols", options->folders, "folders searched for protocol ids (default: ./protocols)");
  app.add_option("-o,--output", options->output, "write to this file, which appears only when whole");
  app.footer(
      "Examples:\n"
      "  graftline export elm nct07319793 -o nct07319793.elm.json\n"
      "  graftline export cql nct07319793\n"
      "  graftline export plandefinition ebmt-2024 -o ebmt-2024.fhir.json\n"
      "Criteria that the format cannot say stand as null and are listed on the error stream.");
  app.callback([options, &run] { run = [options] { return export_protocol(*options); }; });
}

}  // namespace graftline::cli
