#include "service/products.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "interop/csv/stock.h"
#include "report/product_report.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using product::Finding;

// A number in a unit, above or equal to zero, without a comparator.
Result<std::optional<Rational>> number(std::string_view field, const Typed& text, std::string_view unit) {
  if (!text) return std::optional<Rational>();
  const auto range = read_range(field, std::string_view(*text), unit);
  if (!range) return range.error();
  if (!range->is_point() || *range->low < 0)
    return Error{ErrorKind::malformed_input, fmt::format("{}: expected one number, not negative", field)};
  return std::optional(*range->low);
}

Result<std::optional<product::Fraction>> share(std::string_view field, const Typed& text) {
  const auto value = number(field, text, "%");
  if (!value) return value.error();
  if (!*value) return std::optional<product::Fraction>();
  if (**value > 100) return Error{ErrorKind::out_of_range, fmt::format("{}: expected 0 to 100 %", field)};
  return std::optional(product::percent(**value));
}

// Copies a value read from an option, or keeps its error: options are read one after another and the first
// error ends the command.
class Options {
 public:
  template <class T, class Target> void take(Result<std::optional<T>> value, Target& target) {
    if (!value) {
      if (!error_) error_ = value.error();
    } else if (*value) {
      target = std::move(**value);
    }
  }
  template <class T> void take_whole(Result<T> value, T& target) {
    if (value) {
      target = std::move(*value);
    } else if (!error_) {
      error_ = value.error();
    }
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

template <class Amount>
Result<std::optional<Amount>> amount(std::string_view field, const Typed& text, std::string_view unit) {
  const auto value = number(field, text, unit);
  if (!value) return value.error();
  if (!*value) return std::optional<Amount>();
  return std::optional(Amount(**value));
}

Result<std::optional<product::Kilograms>> weight(std::string_view field, const Typed& text) {
  if (!text) return std::optional<product::Kilograms>();
  const auto value = product::parse_weight(*text);
  if (!value) return Error{value.error().kind, fmt::format("{}: {}", field, value.error().message)};
  return std::optional(*value);
}

Result<std::optional<product::Product>> counted(const Typed& text) {
  if (!text) return std::optional<product::Product>();
  auto value = product::parse_product(*text);
  if (!value) return Error{value.error().kind, "--product: " + value.error().message};
  return std::optional(std::move(*value));
}

template <class Request, class Answer>
Printed printed(const Request& request, const Answer& answer, bool json, bool is_sound) {
  return {json ? report::to_json(request, answer) : report::to_text(request, answer), is_sound};
}

void prepend(const product::Findings& first, product::Findings& findings) {
  findings.insert(findings.begin(), first.begin(), first.end());
}

Result<Printed> measured_efficiency(const CollectRequest& request, const product::CollectionRequest& asked,
                                    bool json) {
  const auto cells = product::parse_dose(*request.collected);
  if (!cells) return Error{cells.error().kind, "--collected: " + cells.error().message};
  const product::DoseTarget& target = cells->front();
  if (cells->size() != 1 || target.per_kilogram || target.low != target.high)
    return Error{ErrorKind::malformed_input, "--collected: expected cells in all, such as '4.2e9 CD3'"};
  const auto& per_ul =
      target.kind == Kind::mononuclear_cells ? asked.blood.mnc_per_ul : asked.blood.cd3_per_ul;
  const bool is_counted = target.kind == Kind::cd3_cells || target.kind == Kind::mononuclear_cells;
  if (!is_counted || !per_ul || !asked.volume)
    return Error{
        ErrorKind::malformed_input,
        "--collected: needs --volume and the blood count of the same cells (--cd3-count or --mnc-count)"};
  const auto ce = product::collection_efficiency(
      product::Cells(target.low), product::CellsPerMl(Rational(*per_ul * 1000)), *asked.volume);
  if (!ce) return ce.error();
  Calculation made;
  made.what = fmt::format("collection efficiency CE2 of {}", full_name(target.kind));
  made.inputs = {{"collected", product::power_of_ten(target.low)},
                 {"blood count", graftline::to_text(*per_ul, 6) + " /uL"},
                 {"processed", product::to_text(*asked.volume)}};
  made.low = made.high = graftline::to_text(Rational(ce->value() * 100), 6);
  made.unit = "%";
  made.result = graftline::to_text(Rational(ce->value() * 100), 4) + " %";
  made.source =
      "CE2 = cells in the product / (cells per mL of blood before the collection x volume processed)";
  return Printed{json ? to_json(made) + "\n" : to_text(made), true};
}

Printed shown(const report::StockView& view, StockFormat format) {
  const bool is_sound = view.problems.empty();
  switch (format) {
    case StockFormat::csv:
      return {interop::csv::stock_csv(view.bags), is_sound};
    case StockFormat::json:
      return {report::to_json(view), is_sound};
    case StockFormat::text:
      break;
  }
  return {report::to_text(view), is_sound};
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<product::AboMismatch> read_abo(const Typed& text) {
  if (!text) return product::AboMismatch::unknown;
  const auto word = read_word("--abo", *text, {"unknown", "none", "minor", "major", "bidirectional"});
  if (!word) return word.error();
  return static_cast<product::AboMismatch>(*word);
}

Result<std::optional<Kind>> read_kind(std::string_view field, const Typed& text) {
  if (!text) return std::optional<Kind>();
  Kind kind = Kind::none;
  if (!kind_from_name(*text, kind) || !is_cell_kind(kind))
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}: expected a kind of cell, such as CD3 or MNC", field)};
  return std::optional(kind);
}

Result<Printed> collect(const CollectRequest& request, bool json) {
  const auto site = product_values(request.site_file, request.values);
  if (!site) return site.error();
  const auto ladder = find_ladder(request.ladder);
  if (!ladder) return ladder.error();
  product::CollectionRequest asked;
  asked.doses = ladder->doses;
  asked.weight = ladder->weight;
  Options options;
  options.take(number("--wbc", request.wbc, "10*3/uL"), asked.blood.wbc_per_ul);
  if (asked.blood.wbc_per_ul) *asked.blood.wbc_per_ul *= 1000;
  options.take(share("--lymphocytes", request.lymphocytes), asked.blood.lymphocytes);
  options.take(share("--cd3", request.cd3), asked.blood.cd3_of_lymphocytes);
  options.take(share("--mnc", request.mnc), asked.blood.mononuclear);
  options.take(number("--cd3-count", request.cd3_count, "/uL"), asked.blood.cd3_per_ul);
  options.take(number("--mnc-count", request.mnc_count, "/uL"), asked.blood.mnc_per_ul);
  options.take(share("--efficiency", request.efficiency), asked.efficiency);
  options.take(share("--recovery", request.recovery), asked.recovery);
  options.take(weight("--donor-weight", request.donor_weight), asked.donor_weight);
  options.take(amount<product::Millilitres>("--donor-blood-volume", request.donor_blood_volume, "mL"),
               asked.donor_blood_volume);
  options.take(amount<product::Millilitres>("--volume", request.volume, "mL"), asked.volume);
  if (options.error()) return *options.error();
  if (request.collected) return measured_efficiency(request, asked, json);
  auto answer = product::plan_collection(asked, *site);
  if (!answer) return answer.error();
  prepend(ladder->findings, answer->findings);
  return printed(asked, *answer, json, true);
}

Result<Printed> split(const SplitOptions& options, bool json) {
  const auto site = product_values(options.site_file, options.values);
  if (!site) return site.error();
  const auto ladder = find_ladder(options.ladder);
  if (!ladder) return ladder.error();
  product::SplitRequest asked;
  asked.doses = ladder->doses;
  asked.weight = ladder->weight;
  asked.upper_ends = options.upper_ends;
  asked.fewest_thaws_first = options.fewest_thaws_first;
  Options reader;
  if (ladder->governing) asked.kind = *ladder->governing;
  // One kind in all doses needs no word; several default to CD3, and the others are for the doses to say.
  if (!asked.doses.empty() && asked.doses.front().targets.size() == 1)
    asked.kind = asked.doses.front().targets.front().kind;
  reader.take(read_kind("--cells", options.kind), asked.kind);
  reader.take(counted(options.product), asked.product);
  reader.take(share("--recovery", options.recovery), asked.recovery);
  reader.take(share("--dmso", options.dmso), asked.dmso);
  reader.take(amount<product::CellsPerMl>("--freeze-at", options.freeze_at, "/mL"), asked.freeze_at);
  reader.take(amount<product::Hours>("--age", options.age, "h"), asked.age);
  if (options.fills) {
    for (const std::string& part : parts_of(*options.fills)) {
      product::Millilitres fill;
      reader.take(amount<product::Millilitres>("--fills", part, "mL"), fill);
      asked.fills.push_back(std::move(fill));
    }
  }
  if (options.reserve) {
    for (const std::string& part : parts_of(*options.reserve)) {
      int count = 0;
      reader.take_whole(read_integer("--reserve", part), count);
      asked.reserves.push_back(count);
    }
    if (asked.reserves.size() == 1) asked.reserves.assign(asked.doses.size(), asked.reserves.front());
    if (asked.reserves.size() != asked.doses.size())
      return Error{ErrorKind::malformed_input, "--reserve: expected one number, or one for each dose"};
  }
  if (reader.error()) return *reader.error();
  auto plan = product::plan_split(asked, *site);
  if (!plan) return plan.error();
  prepend(ladder->findings, plan->findings);
  return printed(asked, *plan, json, true);
}

Result<Printed> dose_to_volume(const DoseOptions& options, bool json) {
  const auto site = product_values(options.site_file, options.values);
  if (!site) return site.error();
  const auto ladder = find_ladder(options.ladder);
  if (!ladder) return ladder.error();
  product::DoseRequest asked;
  if (!ladder->doses.empty()) asked.targets = ladder->doses.front().targets;
  asked.weight = ladder->weight;
  asked.governing = ladder->governing;
  product::ProductState& state = asked.state;
  Options reader;
  reader.take(read_kind("--governing", options.governing), asked.governing);
  reader.take(counted(options.product), asked.product);
  reader.take_whole(read_truth("--frozen", options.frozen), state.is_frozen);
  reader.take(share("--dmso", options.dmso), state.dmso);
  reader.take(amount<product::Hours>("--age", options.age, "h"), state.age);
  reader.take(number("--thawed-minutes", options.thawed_minutes, "min"), state.thawed_minutes);
  reader.take(number("--red-cells", options.red_cells, "1"), state.rbc_ml_per_ml);
  state.abo = ladder->abo;
  if (options.abo) reader.take_whole(read_abo(options.abo), state.abo);
  state.prepared_weight = ladder->prepared_weight;
  reader.take(weight("--prepared-weight", options.prepared_weight), state.prepared_weight);
  if (reader.error()) return *reader.error();
  if (options.collected.has_value() != options.infused.has_value())
    return Error{ErrorKind::malformed_input, "--collected and --infused: the hold time needs both"};
  if (options.collected) {
    const auto from = product::parse_clock_time(*options.collected);
    const auto to = product::parse_clock_time(*options.infused);
    if (!from || !to)
      return Error{ErrorKind::malformed_input, fmt::format("{}: {}", from ? "--infused" : "--collected",
                                                           (from ? to : from).error().message)};
    const auto hours = product::hours_between(*from, *to);
    if (!hours)
      return Error{ErrorKind::malformed_input,
                   "--collected and --infused: expected times of day, both with or both without their "
                   "distance from UTC"};
    state.age = *hours;
  }
  auto answer = product::volume_of(asked, *site);
  prepend(ladder->findings, answer.findings);
  return printed(asked, answer, json, answer.within_limits());
}

Result<Printed> propose_bag(const ProposeOptions& options, bool json) {
  const auto site = product_values(options.site_file, options.values);
  if (!site) return site.error();
  const auto stock = interop::csv::read_stock_file(options.stock);
  if (!stock) return stock.error();
  const auto ladder = find_ladder(options.ladder);
  if (!ladder) return ladder.error();
  product::Need need;
  need.recipient = options.recipient.value_or(ladder->recipient);
  need.donor = options.donor.value_or("");
  if (!ladder->doses.empty()) need.targets = ladder->doses.front().targets;
  need.weight = ladder->weight;
  need.governing = ladder->governing;
  need.on = options.on;
  Options reader;
  reader.take(read_kind("--governing", options.governing), need.governing);
  need.abo = ladder->abo;
  if (options.abo) reader.take_whole(read_abo(options.abo), need.abo);
  if (options.order) reader.take_whole(product::parse_order(*options.order), need.order);
  if (reader.error()) return *reader.error();
  if (need.recipient.empty())
    return Error{ErrorKind::malformed_input,
                 "--recipient: for whom the bag is meant, as the stock and the records name them"};
  auto proposals = product::propose(stock->bags, need, *site);
  prepend(ladder->findings, proposals.asked);
  return printed(need, proposals, json, !proposals.ranked.empty());
}

Result<Printed> show_stock(const StockOptions& options, StockFormat format) {
  auto stock = interop::csv::read_stock_file(options.stock);
  if (!stock) return stock.error();
  report::StockView view;
  view.ignored_columns = std::move(stock->ignored_columns);
  if (options.product_names) {
    auto names = interop::csv::read_product_names(*options.product_names);
    if (!names) return names.error();
    view.names = std::move(*names);
  }
  view.problems = product::check_stock(stock->bags, options.as_of);
  for (product::Bag& bag : stock->bags) {
    if (!options.recipient || bag.recipient == *options.recipient) view.bags.push_back(std::move(bag));
  }
  if (options.recipient) {
    std::erase_if(view.problems, [&](const product::StockProblem& problem) {
      return std::none_of(view.bags.begin(), view.bags.end(),
                          [&](const product::Bag& bag) { return bag.id == problem.bag; });
    });
  }
  return shown(view, format);
}

Result<Printed> move_bag(const MoveOptions& options, StockFormat format) {
  const auto site = product_values(options.site_file, options.values);
  if (!site) return site.error();
  auto stock = interop::csv::read_stock_file(options.stock);
  if (!stock) return stock.error();
  if (!stock->ignored_columns.empty())
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: columns that are not ours would be lost in the new file: {}", options.stock,
                             fmt::join(stock->ignored_columns, ", "))};
  const auto bag = std::find_if(stock->bags.begin(), stock->bags.end(),
                                [&](const product::Bag& one) { return one.id == options.bag; });
  if (bag == stock->bags.end())
    return Error{ErrorKind::not_found, fmt::format("{}: no bag '{}'", options.stock, options.bag)};
  const auto to = product::bag_state_from(options.to);
  if (!to) {
    std::vector<std::string_view> names;
    for (int i = 0; i < product::bag_state_count; ++i)
      names.push_back(name(static_cast<product::BagState>(i)));
    return Error{ErrorKind::malformed_input,
                 fmt::format("'{}' is no state; expected one of {}", options.to, fmt::join(names, ", "))};
  }
  const auto at = product::parse_clock_time(options.at);
  if (!at) return Error{ErrorKind::malformed_input, "--at: " + at.error().message};
  product::Move move;
  move.to = *to;
  move.at = *at;
  move.by = options.by;
  move.second_person = options.second_person;
  move.reason = options.reason;
  move.recipient = options.recipient;
  if (options.infused_ml) {
    const auto infused = parse_decimal(*options.infused_ml);
    if (!infused) return Error{ErrorKind::malformed_input, "--infused: expected mL, a plain number"};
    move.infused_ml = *infused;
  }
  auto next = product::moved(*bag, move, *site);
  if (!next) return next.error();
  *bag = std::move(*next);
  report::StockView view;
  view.bags = std::move(stock->bags);
  view.problems = product::check_stock(view.bags, std::nullopt);
  return shown(view, format);
}

Result<Printed> read_label(const std::string& text, bool is_keyed, const Typed& product_names, bool json) {
  product::ProductNames names;
  if (product_names) {
    auto read = interop::csv::read_product_names(*product_names);
    if (!read) return read.error();
    names = std::move(*read);
  }
  product::Scan scan;
  if (text.find_first_of("=&") == std::string::npos) {
    const auto entry = is_keyed ? product::DinEntry::keyed : product::DinEntry::recorded;
    auto din = product::parse_din(text, entry);
    if (!din) return din.error();
    scan.din = std::move(*din);
  } else {
    auto read = product::read_scan(text);
    if (!read) return read.error();
    scan = std::move(*read);
  }
  std::vector<std::pair<std::string, std::string>> lines;
  if (!scan.din.text.empty()) {
    const int value = product::check_value(scan.din.text);
    lines = {{"din", scan.din.text},
             {"check_character", std::string(1, product::check_character(value))},
             {"check_value", std::to_string(value)},
             {"on_label", product::to_label(scan.din)},
             {"scanned", product::to_scan(scan.din)}};
  }
  bool is_sound = true;
  for (const auto& [field, value] : scan.fields) {
    lines.emplace_back(field, value);
    if (field == "bars_release") is_sound = false;
    if (field != "product_code") continue;
    const product::ProductCode code{value};
    if (const auto name = names.find(code.description()); name != names.end())
      lines.emplace_back("product_name", name->second);
    if (code.is_autologous()) {
      lines.emplace_back("problem", "autologous collection type: not donor lymphocytes");
      is_sound = false;
    }
    if (code.is_biohazardous()) lines.emplace_back("caution", "biohazard collection type");
    const bool has_division = std::any_of(scan.fields.begin(), scan.fields.end(),
                                          [](const auto& one) { return one.first == "division"; });
    if (code.needs_division() && !has_division)
      lines.emplace_back("asked", "the division (structure 032) has to be scanned too");
  }
  for (const std::string& structure : scan.not_used) lines.emplace_back("not_used", structure);
  if (json) {
    auto fields = nlohmann::ordered_json::array();
    for (const auto& [field, value] : lines) fields.push_back({{"field", field}, {"value", value}});
    const nlohmann::ordered_json document{
        {"schema", "graftline-label/1"}, {"is_sound", is_sound}, {"fields", fields}};
    return Printed{document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", is_sound};
  }
  std::string out;
  for (const auto& [field, value] : lines) out += fmt::format("{:<16} {}\n", field, value);
  return Printed{out, is_sound};
}

}  // namespace graftline::service
