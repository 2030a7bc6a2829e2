#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "analysis/rows.h"

namespace graftline::analysis {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool means_censored(const std::string& word, const std::string& declared) {
  if (!declared.empty()) return word == declared;
  static constexpr std::array words{"censored", "censor", "cens", "none",      "alive",
                                    "no event", "no",     "0",    "event-free"};
  const std::string small = lower(word);
  return std::any_of(words.begin(), words.end(), [&small](const char* w) { return small == w; });
}

struct DeclaredCause {
  std::string code;
  std::string name;
};
std::vector<DeclaredCause> declared_causes(const Request& request) {
  std::vector<DeclaredCause> causes;
  for (const std::string& text : request.causes) {
    const std::size_t equals = text.find('=');
    causes.push_back(equals == std::string::npos
                         ? DeclaredCause{text, text}
                         : DeclaredCause{text.substr(0, equals), text.substr(equals + 1)});
  }
  return causes;
}

std::string listed(const std::map<int, std::size_t>& counts) {
  std::string text;
  for (const auto& [code, count] : counts)
    text += fmt::format("{}{} ({} row{})", text.empty() ? "" : ", ", code, count, count == 1 ? "" : "s");
  return text;
}

// First row with a code that is not declared.
Error unknown_code(const stats::DataTable& table, const std::string& expression, std::size_t row,
                   const std::string& what) {
  return Error{ErrorKind::out_of_range, fmt::format("{}: {}", place(table, row, expression), what)};
}

// Where nobody has an event there is still one that was looked for.
void finish(const Request& request, StatusCodes& status) {
  if (status.causes.empty()) status.causes = {request.event.empty() ? "event" : request.event};
  status.count.assign(status.causes.size() + 1, 0);
  for (const int code : status.code)
    if (code >= 0) ++status.count[static_cast<std::size_t>(code)];
}

Result<StatusCodes> from_words(const stats::DataTable& table, const std::string& expression,
                               const stats::Column& column, const Request& request) {
  StatusCodes status;
  std::vector<int> code_of(column.words.size(), -1);
  const auto declared = declared_causes(request);
  std::vector<std::string> levels;
  for (const std::string& word : column.words)
    if (!word.empty()) levels.push_back(word);
  std::sort(levels.begin(), levels.end());
  const auto is_logical = [](const std::string& w) { return w == "TRUE" || w == "FALSE"; };
  const bool logical = std::all_of(levels.begin(), levels.end(), is_logical);
  bool any_censored_word = logical;
  for (const std::string& level : levels)
    any_censored_word = any_censored_word || means_censored(level, request.censored);
  if (!any_censored_word)
    return Error{
        ErrorKind::malformed_input,
        fmt::format("column {}: the words {}: none of them is known to mean censored; say which does with "
                    "--censored WORD",
                    expression, fmt::join(levels, ", "))};
  for (const auto& d : declared) status.causes.push_back(d.name);
  for (std::size_t w = 0; w < column.words.size(); ++w) {
    const std::string& word = column.words[w];
    if (word.empty()) continue;
    if (logical ? word == "FALSE" : means_censored(word, request.censored)) {
      code_of[w] = 0;
    } else if (const auto at = std::find_if(declared.begin(), declared.end(),
                                            [&word](const auto& d) { return d.code == word; });
               at != declared.end()) {
      code_of[w] = static_cast<int>(at - declared.begin()) + 1;
    } else if (!declared.empty()) {
      const auto row = static_cast<std::size_t>(
          std::find(column.word.begin(), column.word.end(), static_cast<std::uint32_t>(w)) -
          column.word.begin());
      return unknown_code(table, expression, row, "a word that is not among those of --causes");
    }
  }
  if (declared.empty()) {
    if (logical) status.causes = {request.event.empty() ? "event" : request.event};
    for (const std::string& level : levels)
      if (!logical && !means_censored(level, request.censored)) status.causes.push_back(level);
    for (std::size_t w = 0; w < column.words.size(); ++w) {
      const auto at = std::find(status.causes.begin(), status.causes.end(), column.words[w]);
      if (code_of[w] < 0 && at != status.causes.end())
        code_of[w] = static_cast<int>(at - status.causes.begin()) + 1;
      if (logical && column.words[w] == "TRUE") code_of[w] = 1;
    }
  }
  status.code.reserve(column.word.size());
  for (const std::uint32_t w : column.word) status.code.push_back(code_of[w]);
  finish(request, status);
  return status;
}

// Distinct codes with how many rows have each, or the first row that has none that could be one.
Result<std::map<int, std::size_t>> codes_present(const stats::DataTable& table, const std::string& expression,
                                                 const std::vector<double>& value) {
  std::map<int, std::size_t> counts;
  std::array<std::size_t, 64> small{};
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double v = value[i];
    if (std::isnan(v)) continue;
    if (v < 0 || v != std::floor(v) || v > 1e6)
      return unknown_code(table, expression, i,
                          v < 0 ? "a negative status code" : "a status code that is not a whole number");
    if (v < 64)
      ++small[static_cast<std::size_t>(v)];
    else
      ++counts[static_cast<int>(v)];
  }
  for (std::size_t code = 0; code < small.size(); ++code)
    if (small[code] > 0) counts[static_cast<int>(code)] = small[code];
  return counts;
}

std::size_t first_row_with(const std::vector<double>& value, int code) {
  return static_cast<std::size_t>(std::find(value.begin(), value.end(), code) - value.begin());
}

Result<StatusCodes> from_numbers(const stats::DataTable& table, const std::string& expression,
                                 const std::vector<double>& value, const Request& request, bool one_event) {
  auto counts = codes_present(table, expression, value);
  if (!counts) return counts.error();
  StatusCodes status;
  std::map<int, int> becomes{{0, 0}};
  const auto declared = declared_causes(request);
  if (!declared.empty()) {
    for (const auto& d : declared) {
      int code = 0;
      try {
        code = std::stoi(d.code);
      } catch (const std::exception&) {
        return Error{
            ErrorKind::malformed_input,
            fmt::format("--causes {}: column {} holds numbers; expected CODE=NAME", d.code, expression)};
      }
      status.causes.push_back(d.name);
      becomes[code] = static_cast<int>(status.causes.size());
    }
    for (const auto& [code, count] : *counts)
      if (!becomes.contains(code))
        return unknown_code(
            table, expression, first_row_with(value, code),
            fmt::format("status code {}, which is neither 0 nor among those of --causes", code));
  } else {
    const bool has_zero = counts->contains(0);
    const int highest = counts->empty() ? 0 : counts->rbegin()->first;
    if (one_event && !has_zero && highest == 2 && counts->size() <= 2) {
      // As R: 1 = censored, 2 = event.
      becomes = {{1, 0}, {2, 1}};
      status.causes = {request.event.empty() ? "event" : request.event};
      status.note =
          fmt::format("{} holds 1 and 2 and no 0: read as R does, 1 = censored and 2 = event.", expression);
    } else {
      for (int code = 1; code <= highest; ++code) {
        if (!counts->contains(code) && highest > 20)
          return unknown_code(
              table, expression, first_row_with(value, highest),
              fmt::format("status code {}; the codes are {}. Name those that are events with --causes "
                          "'1=NAME,2=NAME', or leave rows out with --subset",
                          highest, listed(*counts)));
        if (!counts->contains(code))
          return unknown_code(
              table, expression, first_row_with(value, counts->upper_bound(code)->first),
              fmt::format(
                  "status code {} where no row has {}; the codes are {}. Name those that are events with "
                  "--causes '1=NAME,2=NAME', or leave rows out with --subset",
                  counts->upper_bound(code)->first, code, listed(*counts)));
        becomes[code] = code;
        status.causes.push_back(highest == 1 ? (request.event.empty() ? "event" : request.event)
                                             : fmt::format("{}", code));
      }
    }
  }
  int most = 0;
  for (const auto& [from, to] : becomes) most = std::max(most, from);
  std::vector<int> code_of(static_cast<std::size_t>(most) + 1, -1);
  for (const auto& [from, to] : becomes) code_of[static_cast<std::size_t>(from)] = to;
  status.code.reserve(value.size());
  for (const double v : value)
    status.code.push_back(std::isnan(v) ? -1 : code_of[static_cast<std::size_t>(v)]);
  finish(request, status);
  return status;
}

}  // namespace

Result<StatusCodes> status_codes(const stats::DataTable& table, const SurvivalFormula& formula,
                                 const Request& request, bool one_event) {
  if (formula.status.empty()) {
    StatusCodes all;
    all.code.assign(table.rows, 1);
    all.causes = {request.event.empty() ? "event" : request.event};
    finish(request, all);
    return all;
  }
  if (const auto problem = check_names(table, formula.status)) return *problem;
  auto column = stats::evaluate(table, formula.status);
  if (!column) return column.error();
  if (column->is_text) {
    const bool mixed = column->n_numbers > 0 && column->n_numbers * 2 > table.rows;
    if (mixed)
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}: text where the other rows hold status codes",
                               place(table, column->first_text_row, formula.status))};
    return from_words(table, formula.status, *column, request);
  }
  return from_numbers(table, formula.status, column->number, request, one_event);
}

Result<int> cause_of_interest(const std::vector<std::string>& causes, const std::string& wanted) {
  if (wanted.empty()) return 1;
  for (std::size_t k = 0; k < causes.size(); ++k)
    if (causes[k] == wanted || fmt::format("{}", k + 1) == wanted) return static_cast<int>(k) + 1;
  return Error{ErrorKind::not_found,
               fmt::format("cause {} is not among the events: {}", wanted, fmt::join(causes, ", "))};
}

}  // namespace graftline::analysis
