#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "interop/csv/reader.h"

namespace graftline::interop::csv {

using record::Entry;
using record::FactType;

namespace {

class WideForm {
 public:
  WideForm(const std::vector<std::string>& header, std::string file, ValueReader& values, Ledger& ledger,
           Gatherer& gatherer)
      : file_(std::move(file)), values_(values), ledger_(ledger), gatherer_(gatherer) {
    for (std::size_t i = 0; i < header.size(); ++i) places_.try_emplace(header[i], i);
  }

  void read(const Row& row) {
    row_ = &row;
    ledger_.count("CSV row", read_row());
  }

 private:
  std::string_view cell(const std::string& column) const {
    const auto at = places_.find(column);
    return at == places_.end() || at->second >= row_->fields.size()
               ? std::string_view{}
               : std::string_view(row_->fields[at->second]);
  }
  record::Origin origin() const { return {file_, fmt::format("line {}", row_->line)}; }
  void refuse(const std::string& column, std::string reason, std::string detail) {
    const auto at = places_.find(column);
    ledger_.refuse({origin(), at == places_.end() ? column : column_name(at->second, column),
                    std::move(reason), std::move(detail)});
  }

  Outcome read_row();
  bool read_cell(const Column& column, std::string_view patient);
  std::optional<PartialDate> date_in(const std::string& column);

  std::string file_;
  ValueReader& values_;
  Ledger& ledger_;
  Gatherer& gatherer_;
  std::map<std::string, std::size_t> places_;
  const Row* row_ = nullptr;
  std::string reason_;
};

std::optional<PartialDate> WideForm::date_in(const std::string& column) {
  const std::string_view text = cell(column);
  if (text.empty()) return std::nullopt;
  const auto date = parse_partial_date(text);
  if (date) return *date;
  reason_ = "date unreadable";
  refuse(column, reason_, date.error().message);
  return std::nullopt;
}

// One value of the row; true when it can be used.
bool WideForm::read_cell(const Column& column, std::string_view patient) {
  const WideTable& wide = values_.mapping().wide();
  const record::Fact& fact = record::fact(column.meaning.fact);
  const std::string_view value = cell(column.name);
  const std::string& date_column = column.date_column.empty() ? wide.date_column : column.date_column;

  Entry entry;
  entry.fact = column.meaning.fact;
  entry.origin = {file_, fmt::format("line {}, column {}", row_->line, column.name)};
  entry.as_written = std::string(value);
  std::optional<PartialDate> when;
  // A column of dates ("date of relapse") says when by itself.
  const bool is_dated_by_itself = (fact.type == FactType::event || fact.type == FactType::course) &&
                                  column.meaning.values.empty() && parse_partial_date(value) &&
                                  value.size() >= 7;
  if (is_dated_by_itself) {
    when = date_in(column.name);
  } else if (!date_column.empty()) {
    when = date_in(date_column);
    if (!when && !cell(date_column).empty()) return false;
  }
  if (!when) {
    reason_ = "no date";
    refuse(date_column.empty() ? column.name : date_column, reason_,
           fmt::format("{} needs the day it is of", column.name));
    return false;
  }
  entry.when = *when;
  entry.known_on = when->first;
  if (!wide.known_on_column.empty()) {
    if (const auto known = date_in(wide.known_on_column)) entry.known_on = known->last;
  }
  if (!column.end_column.empty()) entry.until = date_in(column.end_column);

  std::optional<Problem> problem;
  if (is_dated_by_itself) {
    entry.value = true;
  } else if (fact.type == FactType::quantity && !column.meaning.values.contains(folded(value))) {
    const std::string_view unit = cell(column.unit_column);
    problem = values_.read_number(column.meaning, value, Comparator::none, {{}, unit}, entry.value);
  } else {
    problem = values_.read_answer(column.meaning, {{{}, {}, value}}, entry.value);
  }
  const bool is_usable = !problem;
  if (problem) {
    entry.value = std::monostate{};
    entry.unusable = problem->reason;
    reason_ = problem->what;
    refuse(column.name, problem->what, problem->detail);
  } else if (const auto* quantity = std::get_if<Quantity>(&entry.value);
             quantity && !cell(column.upper_limit_column).empty()) {
    Quantity limit;
    const WrittenUnit unit{quantity->unit.code, {}};
    if (auto bad = values_.read_amount(cell(column.upper_limit_column), unit, quantity->kind, limit)) {
      refuse(column.upper_limit_column, bad->what, "the upper limit is not used: " + bad->detail);
    } else {
      entry.upper_limit = std::move(limit);
    }
  }
  gatherer_.timeline(patient).entries.push_back(std::move(entry));
  return is_usable;
}

Outcome WideForm::read_row() {
  const WideTable& wide = values_.mapping().wide();
  const std::string_view patient = cell(wide.patient_column);
  if (patient.empty()) {
    refuse(wide.patient_column, "no patient", "the row names no patient");
    return refused("no patient");
  }
  const std::string_view event = wide.event_column.empty() ? std::string_view{} : cell(wide.event_column);
  reason_.clear();
  bool any_usable = false;
  bool any = false;
  for (const auto& column : wide.columns) {
    if (!column.events.empty() &&
        std::find(column.events.begin(), column.events.end(), event) == column.events.end()) {
      continue;
    }
    const std::string_view value = cell(column.name);
    if (value.empty()) continue;
    const auto mapped_to = column.meaning.values.find(folded(value));
    if (mapped_to != column.meaning.values.end() && mapped_to->second.empty())
      continue;  // "-9": nothing recorded
    any = true;
    any_usable = read_cell(column, patient) || any_usable;
  }
  if (any_usable) return mapped();
  if (any) return refused(reason_);
  gatherer_.timeline(patient);  // a patient with nothing recorded is still a patient
  return ignored("nothing recorded in the mapped columns");
}

}  // namespace

void CsvReader::read_wide(Table& table, const std::vector<std::string>& header) {
  const WideTable& wide = values_->mapping().wide();
  const auto is_used = [&](const std::string& name) {
    if (name == wide.patient_column || name == wide.date_column || name == wide.event_column ||
        name == wide.known_on_column) {
      return true;
    }
    return std::any_of(wide.columns.begin(), wide.columns.end(), [&](const Column& column) {
      return name == column.name || name == column.date_column || name == column.end_column ||
             name == column.unit_column || name == column.upper_limit_column;
    });
  };
  for (const auto& name : header) {
    ledger_->count("CSV column", is_used(name) ? mapped() : ignored("column not mapped"));
    if (!is_used(name)) ledger_->count_unmapped("column", name);
  }
  for (const auto& column : wide.columns) {
    if (std::find(header.begin(), header.end(), column.name) != header.end()) continue;
    ledger_->note(
        {{file_, "line 1"}, column.name, "mapped column not in the table", "the mapping declares it"});
  }
  WideForm form(header, file_, *values_, *ledger_, *gatherer_);
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
