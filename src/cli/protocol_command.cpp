#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/protocols.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct ProtocolOptions {
  std::string protocol;
  std::vector<std::string> folders;
  bool json = false;
  bool summary = false;
  bool write = false;
};

int fail_protocol(const Error& error) {
  fmt::print(stderr, "graftline: {}\n", error.message);
  return error.kind == ErrorKind::not_found ? unreadable_input : wrong_protocol;
}

int show(const ProtocolOptions& options, service::ProtocolView view) {
  const auto text = service::show_protocol(options.protocol, protocol_folders(options.folders), view);
  if (!text) return fail_protocol(text.error());
  fmt::print("{}", *text);
  return done;
}

int format(const ProtocolOptions& options) {
  const auto text = service::format_protocol(options.protocol);
  if (!text) return fail_protocol(text.error());
  service::WholeFile file(options.write ? options.protocol : "");
  file.write(*text);
  if (const auto problem = file.finish()) return fail(*problem);
  return done;
}

int check(const ProtocolOptions& options) {
  const auto checked = service::check_protocol(options.protocol);
  if (!checked) return fail_protocol(checked.error());
  fmt::print("{}", checked->text);
  return checked->ok ? done : wrong_protocol;
}

}  // namespace

void define_protocol(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ProtocolOptions>();
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline protocol list\n"
      "  graftline protocol show ebmt-2024 --summary\n"
      "  graftline protocol check my.protocol\n"
      "  graftline protocol format my.protocol --write\n"
      "  graftline protocol json ebmt-2024");
  CLI::App* list = app.add_subcommand("list", "protocols found in the folders");
  list->add_flag("--json", options->json, "as JSON");
  list->callback([options, &run] {
    run = [options] {
      return fmt::print("{}", service::list_protocols(protocol_folders(options->folders), options->json)),
             done;
    };
  });
  CLI::App* shown = app.add_subcommand("show", "a protocol as canonical text, or its summary");
  shown->add_flag("--summary", options->summary, "status, sources, known gaps, site parameters");
  shown->callback([options, &run] {
    run = [options] {
      return show(*options, options->summary ? service::ProtocolView::summary : service::ProtocolView::text);
    };
  });
  CLI::App* as_json = app.add_subcommand("json", "the canonical JSON twin of a protocol");
  as_json->callback(
      [options, &run] { run = [options] { return show(*options, service::ProtocolView::json); }; });
  CLI::App* formatted = app.add_subcommand("format", "lay a protocol file out canonically");
  formatted->add_flag("--write", options->write, "write the file instead of printing");
  formatted->callback([options, &run] { run = [options] { return format(*options); }; });
  CLI::App* checked = app.add_subcommand("check", "every mistake and warning of a file, with its place");
  checked->callback([options, &run] { run = [options] { return check(*options); }; });
  for (CLI::App* sub : {shown, as_json, formatted, checked}) {
    sub->add_option("protocol", options->protocol, "an id, a folder or a file")->required();
  }
  for (CLI::App* sub : {list, shown, as_json}) {
    sub->add_option("--protocols", options->folders, "folders searched (default: ./protocols)");
  }
}

}  // namespace graftline::cli
