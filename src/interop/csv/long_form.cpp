#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "interop/csv/dose.h"
#include "interop/csv/reader.h"

namespace graftline::interop::csv {

using record::Entry;
using record::FactType;

namespace {

constexpr std::array<std::string_view, 11> known_columns{"patient", "date",     "fact",        "value",
                                                         "unit",    "known_on", "upper_limit", "method",
                                                         "status",  "end",      "context"};

class LongForm {
 public:
  LongForm(const std::vector<std::string>& header, std::string file, ValueReader& values, Ledger& ledger,
           Gatherer& gatherer)
      : header_(header), file_(std::move(file)), values_(values), ledger_(ledger), gatherer_(gatherer) {
    for (std::size_t i = 0; i < known_columns.size(); ++i) {
      const auto at = std::find(header.begin(), header.end(), known_columns[i]);
      places_[i] = at == header.end() ? none : static_cast<std::size_t>(at - header.begin());
    }
  }

  void read(const Row& row) {
    row_ = &row;
    ledger_.count("CSV row", read_row());
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  static std::size_t index_of(std::string_view column) {
    return static_cast<std::size_t>(std::find(known_columns.begin(), known_columns.end(), column) -
                                    known_columns.begin());
  }
  std::string_view cell(std::string_view column) const {
    const std::size_t at = places_[index_of(column)];
    return at == none || at >= row_->fields.size() ? std::string_view{} : std::string_view(row_->fields[at]);
  }
  record::Origin origin() const { return {file_, fmt::format("line {}", row_->line)}; }

  Outcome refuse(std::string_view column, std::string reason, std::string detail) {
    const std::size_t at = column.empty() ? none : places_[index_of(column)];
    ledger_.refuse(
        {origin(), at == none ? std::string(column) : column_name(at, column), reason, std::move(detail)});
    return refused(std::move(reason));
  }

  Outcome read_row();
  Outcome read_judgement(std::string_view name, const PartialDate& when, Day known_on);
  std::optional<Problem> read_value(const Meaning& meaning, Entry& entry, std::string& column);
  std::optional<Problem> read_infusion(Entry& entry, std::string& column);
  void read_upper_limit(Entry& entry);
  void add(Entry&& entry);

  const std::vector<std::string>& header_;
  std::string file_;
  ValueReader& values_;
  Ledger& ledger_;
  Gatherer& gatherer_;
  std::array<std::size_t, known_columns.size()> places_{};
  const Row* row_ = nullptr;
  std::unordered_map<std::string, std::vector<std::size_t>>
      infusions_;  // of a patient's day: index into entries
};

std::optional<Problem> LongForm::read_infusion(Entry& entry, std::string& column) {
  const std::string_view value = cell("value");
  if (const auto truth = yes_or_no(value); truth && cell("unit").empty()) {
    entry.value = *truth;
    return std::nullopt;
  }
  auto unit = parse_dose_unit(cell("unit"));
  if (!unit) {
    column = "unit";
    return Problem{"unit", Reason::no_unit, cell("unit").empty() ? "no unit" : "dose unit unreadable",
                   unit.error().message};
  }
  auto dose = parse_quantity(value, unit->unit, unit->kind);
  if (!dose) return Problem{"value", Reason::unreadable, "dose unreadable", dose.error().message};
  dose->viability = unit->viability;
  entry.amounts.push_back(*std::move(dose));
  entry.value = true;
  return std::nullopt;
}

std::optional<Problem> LongForm::read_value(const Meaning& meaning, Entry& entry, std::string& column) {
  const record::Fact& fact = record::fact(meaning.fact);
  const std::string_view value = cell("value");
  if (value.empty()) return Problem{"value", Reason::unreadable, "no value", "the value is empty"};
  if (meaning.fact == record::fact_id("dli")) return read_infusion(entry, column);
  if (fact.type == FactType::course) {
    const std::string word = folded(value);
    if (word == "start" || word == "stop") {
      entry.is_stop = word == "stop";
      entry.value = true;
      return std::nullopt;
    }
  }
  if (fact.type == FactType::quantity) {
    auto problem = values_.read_number(meaning, value, Comparator::none, {{}, cell("unit")}, entry.value);
    if (problem) {
      column = problem->where == "unit" ? "unit" : "value";
      if (problem->where == "value" && value.find(',') != value.npos) {
        problem->detail += "; write a decimal point, not a comma";
      }
    }
    return problem;
  }
  return values_.read_answer(meaning, {{{}, {}, value}}, entry.value);
}

void LongForm::read_upper_limit(Entry& entry) {
  const std::string_view written = cell("upper_limit");
  const auto* value = std::get_if<Quantity>(&entry.value);
  if (written.empty() || !value) return;
  const auto blank = written.rfind(' ');
  const std::string_view unit = blank == written.npos ? std::string_view{} : written.substr(blank + 1);
  Quantity limit;
  auto problem = values_.read_amount(written.substr(0, blank), {{}, unit.empty() ? cell("unit") : unit},
                                     value->kind, limit);
  if (unit.empty() && problem && problem->reason == Reason::no_unit) {
    limit.unit = value->unit;  // a value that needs no unit has a limit that needs none
    problem.reset();
  }
  if (problem) {
    refuse("upper_limit", problem->what, "the upper limit is not used: " + problem->detail);
    return;
  }
  entry.upper_limit = std::move(limit);
}

Outcome LongForm::read_judgement(std::string_view name, const PartialDate& when, Day known_on) {
  const auto truth = yes_or_no(cell("value"));
  if (!truth) return refuse("value", "value unreadable", "a judgement is yes or no");
  gatherer_.timeline(cell("patient"))
      .judgements.push_back(
          {std::string(name), *truth, when, known_on, std::string(cell("method")), origin()});
  return mapped();
}

// An infusion counted in two kinds of cells stands in two rows of one day: they are one infusion.
void LongForm::add(Entry&& entry) {
  auto& entries = gatherer_.timeline(cell("patient")).entries;
  if (entry.fact != record::fact_id("dli") || entry.amounts.empty()) {
    entries.push_back(std::move(entry));
    return;
  }
  const Quantity& dose = entry.amounts.front();
  auto& of_day = infusions_[fmt::format("{}|{}|{}", cell("date"), entry.unusable.bits(), cell("patient"))];
  for (const std::size_t at : of_day) {
    // In the census of a large import nothing is kept.
    if (at >= entries.size() || entries[at].fact != entry.fact) continue;
    const auto& amounts = entries[at].amounts;
    const bool is_counted = std::any_of(amounts.begin(), amounts.end(), [&](const Quantity& amount) {
      return amount.kind == dose.kind && amount.unit.dimension == dose.unit.dimension;
    });
    if (is_counted) continue;
    entries[at].amounts.push_back(dose);
    entries[at].as_written += "; " + entry.as_written;
    return;
  }
  constexpr std::size_t most_of_one_day = 16;
  if (of_day.size() < most_of_one_day) of_day.push_back(entries.size());
  entries.push_back(std::move(entry));
}

Outcome LongForm::read_row() {
  const Row& row = *row_;
  if (row.fields.size() > header_.size()) {
    return refuse({}, "too many fields",
                  fmt::format("{} fields under {} columns; quote a field that holds the separator",
                              row.fields.size(), header_.size()));
  }
  if (cell("patient").empty()) return refuse("patient", "no patient", "the row names no patient");
  const RowStatus status = status_of(cell("status"));
  if (!status.ignored_because.empty()) return ignored(status.ignored_because);

  if (cell("date").empty()) return refuse("date", "no date", "a fact needs the day it is of");
  const auto when = parse_partial_date(cell("date"));
  if (!when) return refuse("date", "date unreadable", when.error().message);
  Entry entry;
  entry.when = *when;
  // An imprecise date may already have passed: as unknown it counts from its first possible day.
  entry.known_on = when->first;
  if (!cell("known_on").empty()) {
    const auto known = parse_day(cell("known_on"));
    if (!known) return refuse("known_on", "date unreadable", known.error().message);
    entry.known_on = *known;
  }
  if (!cell("end").empty()) {
    const auto end = parse_partial_date(cell("end"));
    if (!end) return refuse("end", "date unreadable", end.error().message);
    if (end->last < when->first)
      return refuse("end", "ends before it begins", "the end lies before the date");
    entry.until = *end;
  }

  const std::string_view name = cell("fact");
  for (const std::string_view prefix : {"judgement:", "judgement "}) {
    if (name.substr(0, prefix.size()) != prefix) continue;
    std::string_view rest = name.substr(prefix.size());
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    return read_judgement(rest, *when, entry.known_on);
  }
  const auto fact = record::find_fact(name);
  if (!fact) {
    ledger_.count_unmapped({}, name);
    return refuse("fact", "fact not known",
                  fmt::format("no fact '{}'; did you mean '{}'?", name, record::closest_fact(name)));
  }
  entry.fact = *fact;
  entry.standing = status.standing;
  entry.method = std::string(cell("method"));
  entry.context = std::string(cell("context"));
  entry.origin = origin();
  entry.as_written = std::string(cell("value"));
  if (!cell("unit").empty()) entry.as_written.append(" ").append(cell("unit"));

  Meaning meaning;
  meaning.fact = *fact;
  std::string column = "value";
  std::optional<Problem> problem;
  const FactType type = record::fact(*fact).type;
  const bool is_yes_no = type == FactType::event || type == FactType::course || type == FactType::statement;
  if (status.is_not_done && is_yes_no) {
    entry.value = false;
  } else {
    problem = read_value(meaning, entry, column);
  }
  if (!status.is_known || (!problem && status.is_not_done && !is_yes_no)) {
    column = "status";
    problem = Problem{"status", Reason::status_unknown, "status unknown",
                      fmt::format("status '{}' does not say that the value stands", cell("status"))};
  }
  Outcome outcome = mapped();
  if (problem) {
    entry.value = std::monostate{};
    entry.unusable = problem->reason;
    outcome = refuse(column, problem->what, problem->detail);
  } else {
    read_upper_limit(entry);
  }
  add(std::move(entry));
  return outcome;
}

}  // namespace

void CsvReader::read_long(Table& table, const std::vector<std::string>& header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool is_known =
        std::find(known_columns.begin(), known_columns.end(), header[i]) != known_columns.end();
    ledger_->count("CSV column", is_known ? mapped() : ignored("column not known"));
    if (!is_known) {
      ledger_->note({{file_, "line 1"}, column_name(i, header[i]), "column not known", "it is not read"});
    }
  }
  LongForm form(header, file_, *values_, *ledger_, *gatherer_);
  Row row;
  std::string what;
  for (;;) {
    switch (table.next(row, what)) {
      case Table::Got::end:
        return;
      case Table::Got::row:
        form.read(row);
        break;
      case Table::Got::mistake:
        ledger_->count("CSV row", refused(what));
        ledger_->refuse({{file_, fmt::format("line {}", row.line)}, {}, what, "the row is not used"});
        break;
    }
  }
}

}  // namespace graftline::interop::csv
