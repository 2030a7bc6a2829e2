#include "interop/csv/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::interop::csv {

namespace {

bool has(const std::vector<std::string>& header, std::string_view name) {
  return std::find(header.begin(), header.end(), name) != header.end();
}

}  // namespace

std::string column_name(std::size_t index, std::string_view name) {
  return fmt::format("column {} ({})", index + 1, name);
}

RowStatus status_of(std::string_view written) {
  const std::string word = folded(written);
  RowStatus status;
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (word.empty() || is_one_of({"final", "completed", "appended", "done", "active", "stopped", "confirmed"}))
    return status;
  if (is_one_of({"preliminary", "registered"})) {
    status.standing = record::Standing::preliminary;
  } else if (is_one_of({"corrected", "amended"})) {
    status.standing = record::Standing::corrected;
  } else if (is_one_of({"entered-in-error", "entered in error"})) {
    status.ignored_because = "entered in error";
  } else if (is_one_of({"cancelled", "canceled", "planned", "intended", "preparation"})) {
    status.ignored_because = word;
  } else if (is_one_of({"not-done", "not done"})) {
    status.is_not_done = true;
  } else {
    status.is_known = false;
  }
  return status;
}

void CsvReader::read(Table& table, const std::string& file) {
  file_ = file;
  Row header;
  std::string what;
  const auto refuse = [&](std::string reason, std::string detail) {
    ledger_->count("document", refused(reason));
    ledger_->refuse({{file, fmt::format("line {}", std::max<std::size_t>(header.line, 1))},
                     {},
                     std::move(reason),
                     std::move(detail)});
  };
  switch (table.header(header, what)) {
    case Table::Got::end:
      return refuse("empty", "a header line is needed: patient,date,fact,value,unit");
    case Table::Got::mistake:
      return refuse(what, "the header line cannot be read");
    case Table::Got::row:
      break;
  }
  if (table.separator() != ',') {
    ledger_->note(
        {{file, "line 1"},
         {},
         "separator is not a comma",
         table.separator() == ';' ? "read as separated by semicolons" : "read as separated by tabs"});
  }
  std::vector<std::string> names;
  for (const auto& name : header.fields) names.push_back(folded(name));
  const WideTable& wide = values_->mapping().wide();
  if (has(names, "patient") && has(names, "fact") && has(names, "value") && has(names, "date")) {
    ledger_->count("document", mapped());
    read_long(table, names);
  } else if (wide.is_declared() && has(header.fields, wide.patient_column)) {
    ledger_->count("document", mapped());
    read_wide(table, header.fields);
  } else {
    refuse("header not known",
           fmt::format("expected the columns patient,date,fact,value,unit{}; found {}",
                       wide.is_declared() ? fmt::format(" or {} (mapping)", wide.patient_column)
                                          : ", or a mapping that declares this table",
                       fmt::join(header.fields, ",")));
  }
}

}  // namespace graftline::interop::csv
