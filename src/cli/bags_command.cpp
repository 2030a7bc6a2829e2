// graftline bags list, check, export, move, propose, label
#include <fmt/format.h>

#include "cli/product_options.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct BagsOptions : ProductOptions {
  service::StockOptions stock;
  service::MoveOptions move;
  service::ProposeOptions propose;
  std::string stock_file, output, label;
  std::string on, as_of_day;
  bool is_keyed = false;
};
using Shared = std::shared_ptr<BagsOptions>;

std::optional<Error> read_day_option(std::string_view option, const std::string& text, Day& day) {
  if (text.empty()) {
    day = today();
    return std::nullopt;
  }
  const auto read = parse_day(text);
  if (!read)
    return Error{ErrorKind::malformed_input,
                 fmt::format("{} '{}': expected a day, YYYY-MM-DD", option, text)};
  day = *read;
  return std::nullopt;
}

int write(const std::string& text, const std::string& output) {
  service::WholeFile file(output);
  file.write(text);
  if (const auto problem = file.finish()) return fail(*problem);
  return done;
}

void define_list(CLI::App& app, Run& run, const Shared& options, bool is_check) {
  app.add_option("stock", options->stock_file, "the stock, CSV")->required();
  app.add_option("--recipient", options->stock.recipient, "only bags meant for this recipient");
  app.add_option("--as-of", options->as_of_day, "the day that expiry is judged on (default: today)");
  app.add_option("--product-codes", options->stock.product_names,
                 "CSV with code,name: the product description codes the site is licensed for");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.footer(is_check ? "Exit code 1: a bag contradicts itself or another, or has expired where it stands.\n"
                        "Example:\n  graftline bags check examples/stock.csv"
                      : "Example:\n  graftline bags list examples/stock.csv --recipient R-1001");
  app.callback([options, is_check, &run] {
    run = [options, is_check]() -> int {
      options->stock.stock = options->stock_file;
      Day day;
      if (const auto problem = read_day_option("--as-of", options->as_of_day, day)) return fail(*problem);
      options->stock.as_of = day;
      const auto format = options->format == "json" ? service::StockFormat::json : service::StockFormat::text;
      const auto shown = service::show_stock(options->stock, format);
      if (const int code = print(shown); code != done) return code;
      return is_check && !shown->is_sound ? found_failures : done;
    };
  });
}

void define_export(CLI::App& app, Run& run, const Shared& options) {
  app.add_option("stock", options->stock_file, "the stock, CSV")->required();
  app.add_option("--recipient", options->stock.recipient, "only bags meant for this recipient");
  app.add_option("-o,--output", options->output,
                 "file to write, which appears only when whole (default: standard output)");
  app.footer("Example:\n  graftline bags export examples/stock.csv -o stock.csv");
  app.callback([options, &run] {
    run = [options]() -> int {
      options->stock.stock = options->stock_file;
      const auto table = service::show_stock(options->stock, service::StockFormat::csv);
      return table ? write(table->text, options->output) : fail(table.error());
    };
  });
}

void define_move(CLI::App& app, Run& run, const Shared& options) {
  auto& m = options->move;
  app.add_option("stock", m.stock, "the stock, CSV")->required();
  app.add_option("bag", m.bag, "name of the bag")->required();
  app.add_option(
         "state", m.to,
         "collected, frozen, quarantined, released, reserved, issued, thawed, infused, discarded, expired")
      ->required();
  app.add_option("--by", m.by, "who does it")->required();
  app.add_option("--second", m.second_person, "who checks identity: issue and infusion");
  app.add_option("--at", m.at, "when: 2026-08-14T09:30")->required();
  app.add_option("--reason", m.reason, "why; some moves ask for it");
  app.add_option("--recipient", m.recipient, "for whom it is reserved, when the bag does not say");
  app.add_option("--infused", m.infused_ml, "mL given, when less than the bag held");
  app.add_option("--site", m.site_file, "site file (TOML) with a [product] table");
  app.add_option("--value", m.values, "a product value of the site, NAME=VALUE");
  app.add_option("--format", options->format, "csv (default) or json")->check(CLI::IsMember({"csv", "json"}));
  app.add_option("-o,--output", options->output,
                 "file to write; may be the stock itself (default: standard output)");
  app.footer(
      "Example:\n  graftline bags move stock.csv B-3 issued --by \"A. Lab\" --second \"B. Ward\" --at "
      "2026-08-14T09:00 -o stock.csv");
  app.callback([options, &run] {
    run = [options]() -> int {
      const auto format = options->format == "json" ? service::StockFormat::json : service::StockFormat::csv;
      const auto table = service::move_bag(options->move, format);
      return table ? write(table->text, options->output) : fail(table.error());
    };
  });
}

void define_propose(CLI::App& app, Run& run, const Shared& options) {
  auto& p = options->propose;
  app.add_option("--stock", p.stock, "the stock, CSV")->required();
  options->add_to(app, false);
  app.add_option("--recipient", p.recipient,
                 "for whom, as the stock names them (default: the record's patient)");
  app.add_option("--donor", p.donor, "only bags of this donor");
  app.add_option("--on", options->on, "the day of infusion (default: the day asked about)");
  app.add_option("--governing", p.governing, "which of several targets decides the volume");
  app.add_option("--abo", p.abo, "ABO mismatch: none, minor, major, bidirectional");
  app.add_option("--order", p.order, "what decides between bags: expiry,thaws,smallest,weight");
  app.footer(
      "Example:\n"
      "  graftline bags propose --stock examples/stock.csv --recipient R-1001 --dose \"3.0e7 CD3/kg\" "
      "--weight \"58 kg\" \\\n"
      "      --on 2026-03-02 --abo none");
  app.callback([options, &run] {
    run = [options]() -> int {
      auto ladder = options->ladder();
      if (!ladder) return fail(ladder.error());
      auto& request = options->propose;
      request.ladder = std::move(*ladder);
      request.site_file = options->site;
      request.values = options->values;
      const std::string& on = options->on.empty() ? options->as_of : options->on;
      if (const auto problem = read_day_option(options->on.empty() ? "--as-of" : "--on", on, request.on)) {
        return fail(*problem);
      }
      return print(service::propose_bag(request, options->format == "json"));
    };
  });
}

void define_label(CLI::App& app, Run& run, const Shared& options) {
  app.add_option("text", options->label,
                 "a donation identification number, or scanned structures with blanks between")
      ->required();
  app.add_flag("--keyed", options->is_keyed, "typed by hand: the check character has to be there");
  app.add_option("--product-codes", options->stock.product_names, "CSV with code,name of the site");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.footer(
      "Examples:\n"
      "  graftline bags label \"A9999 26 000001 8\" --keyed\n"
      "  graftline bags label \"=A99992600000168 =<S1234V00 =%6200 &>0310732359\"");
  app.callback([options, &run] {
    run = [options]() -> int {
      return print(service::read_label(options->label, options->is_keyed, options->stock.product_names,
                                       options->format == "json"));
    };
  });
}

}  // namespace

void define_bags(CLI::App& app, Run& run) {
  const auto options = std::make_shared<BagsOptions>();
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline bags list examples/stock.csv\n"
      "  graftline bags propose --stock examples/stock.csv --recipient R-1001 --dose \"3.0e7 CD3/kg\" "
      "--weight \"58 kg\"\n"
      "  graftline bags move --help");
  define_list(*app.add_subcommand("list", "the bags, their states, and where their cells are"), run, options,
              false);
  define_list(*app.add_subcommand("check", "bags that contradict themselves or each other"), run,
              std::make_shared<BagsOptions>(), true);
  define_export(*app.add_subcommand("export", "the stock as CSV with every column"), run, options);
  define_move(*app.add_subcommand("move", "one bag into its next state; the new stock as CSV"), run, options);
  define_propose(*app.add_subcommand("propose", "which bag for a dose, alternatives, and why not the others"),
                 run, options);
  define_label(*app.add_subcommand("label", "what a typed or scanned ISBT 128 label says"), run, options);
}

}  // namespace graftline::cli
