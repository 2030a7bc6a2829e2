#include "interop/csv/writer.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace graftline::interop::csv {

using record::Entry;
using record::FactType;

namespace {

struct Cell {
  std::string value;
  std::string unit;
};

std::string number(const Quantity& quantity) {
  return std::string(symbol(quantity.comparator)) + to_text(quantity.value);
}

// "10*6 viable CD3/kg", "CD3": what parse_dose_unit reads.
std::string dose_unit(const Quantity& dose) {
  std::string unit = dose.unit.code == "1" ? "" : dose.unit.code;
  std::string per;
  if (const auto slash = unit.find('/'); slash != std::string::npos) {
    per = unit.substr(slash);
    unit.erase(slash);
  }
  if (!unit.empty()) unit += ' ';
  if (dose.viability == Viability::viable) unit += "viable ";
  if (dose.viability == Viability::total) unit += "total ";
  return fmt::format("{}{}{}", unit, name(dose.kind), per);
}

std::string level_text(const Entry& entry, const record::Level& level) {
  const record::Fact& fact = record::fact(entry.fact);
  const auto words = record::levels_of(fact);
  std::string low(words.at(static_cast<std::size_t>(level.low)));
  if (level.low == level.high) return low;
  return fmt::format("{}{}{}", low, fact.type == FactType::ordinal ? "-" : "|",
                     words.at(static_cast<std::size_t>(level.high)));
}

// A value that could not be used, as it was written: a number and its unit apart.
Cell unusable(const Entry& entry) {
  const FactType type = record::fact(entry.fact).type;
  if (entry.unusable.has(Reason::status_unknown) && type != FactType::quantity && type != FactType::ordinal &&
      type != FactType::code) {
    return {"yes", ""};
  }
  const auto blank = entry.as_written.find(' ');
  if (type != FactType::quantity || blank == std::string::npos) return {entry.as_written, ""};
  return {entry.as_written.substr(0, blank), entry.as_written.substr(blank + 1)};
}

std::vector<Cell> cells(const Entry& entry) {
  if (const auto* quantity = std::get_if<Quantity>(&entry.value))
    return {{number(*quantity), quantity->unit.code}};
  if (const auto* level = std::get_if<record::Level>(&entry.value)) return {{level_text(entry, *level), ""}};
  std::vector<Cell> doses;
  for (const auto& amount : entry.amounts) {
    if (is_cell_kind(amount.kind)) doses.push_back({number(amount), dose_unit(amount)});
  }
  if (!doses.empty()) return doses;
  if (const auto* truth = std::get_if<bool>(&entry.value)) {
    return {{entry.is_stop ? "stop" : *truth ? "yes" : "no", ""}};
  }
  return {unusable(entry)};
}

std::string_view status(const Entry& entry) {
  if (entry.unusable.has(Reason::status_unknown)) return "unknown";
  switch (entry.standing) {
    case record::Standing::preliminary:
      return "preliminary";
    case record::Standing::corrected:
      return "corrected";
    case record::Standing::final:
      break;
  }
  return "";
}

}  // namespace

std::string field(std::string_view text) {
  const bool has_blank_ends = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!has_blank_ends && text.find_first_of(",;\t\"\n\r") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string long_form_header() {
  return "patient,date,fact,value,unit,known_on,upper_limit,method,status,end,context\n";
}

std::string long_form_rows(const record::Timeline& timeline) {
  std::string rows;
  for (const Entry& entry : timeline.entries) {
    const std::string limit =
        entry.upper_limit ? fmt::format("{} {}", number(*entry.upper_limit), entry.upper_limit->unit.code)
                          : "";
    for (const Cell& cell : cells(entry)) {
      rows += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", field(timeline.patient), to_text(entry.when),
                          record::fact(entry.fact).id, field(cell.value), field(cell.unit),
                          to_text(entry.known_on), field(limit), field(entry.method), status(entry),
                          entry.until ? to_text(*entry.until) : "", field(entry.context));
    }
  }
  for (const auto& judgement : timeline.judgements) {
    rows += fmt::format("{},{},{},{},,{},,{},,,\n", field(timeline.patient), to_text(judgement.when),
                        field("judgement " + judgement.name), judgement.value ? "yes" : "no",
                        to_text(judgement.known_on), field(judgement.by));
  }
  return rows;
}

}  // namespace graftline::interop::csv
