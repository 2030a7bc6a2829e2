#include "analysis/survival_formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "stats/formula.h"

namespace graftline::analysis {
namespace {

Error expected(std::string_view text, std::string_view problem) {
  return Error{ErrorKind::malformed_input,
               fmt::format("formula \"{}\": {}; expected \"Surv(time, status) ~ group\", \"Surv(start, stop, "
                           "status) ~ x + strata(y) + cluster(id)\" or \"... ~ 1\"",
                           text, problem)};
}

// The arguments of function(...) when that is all the text.
std::optional<std::vector<std::string>> call_of(const std::string& text, std::string_view function) {
  if (!text.starts_with(function) || text.size() < function.size() + 2 || text.back() != ')')
    return std::nullopt;
  std::size_t open = function.size();
  while (open < text.size() && text[open] == ' ') ++open;
  if (text[open] != '(') return std::nullopt;
  return stats::split_outside(std::string_view(text).substr(open + 1, text.size() - open - 2), ',');
}

bool balanced(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return false;
  }
  return depth == 0;
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Result<SurvivalFormula> parse_survival_formula(std::string_view text) {
  const std::vector<std::string> sides = stats::split_outside(text, '~');
  if (sides.size() != 2) return expected(text, sides.size() < 2 ? "no ~" : "more than one ~");
  if (!balanced(text)) return expected(text, "parentheses do not match");
  const auto arguments = call_of(sides[0], "Surv");
  if (!arguments) return expected(text, "the left side is not Surv(...)");
  if (std::any_of(arguments->begin(), arguments->end(), [](const auto& a) { return a.empty(); }) ||
      arguments->size() > 3)
    return expected(text, "Surv() has one to three arguments");
  SurvivalFormula formula;
  if (arguments->size() == 3) formula.entry = (*arguments)[0];
  formula.time = (*arguments)[arguments->size() == 3 ? 1 : 0];
  if (arguments->size() > 1) formula.status = arguments->back();
  if (sides[1].empty()) return expected(text, "nothing right of ~ (write ~ 1 for one group)");
  for (const std::string& term : stats::split_outside(sides[1], '+')) {
    if (term.empty()) return expected(text, "an empty term");
    if (term == "1") continue;
    if (const auto strata = call_of(term, "strata"))
      formula.strata.insert(formula.strata.end(), strata->begin(), strata->end());
    else if (const auto cluster = call_of(term, "cluster"))
      formula.cluster.insert(formula.cluster.end(), cluster->begin(), cluster->end());
    else
      formula.terms.push_back(term);
  }
  return formula;
}

Result<TwoSides> parse_two_sides(std::string_view text) {
  const std::vector<std::string> sides = stats::split_outside(text, '~');
  if (sides.size() != 2 || sides[1].empty() || !balanced(text))
    return Error{ErrorKind::malformed_input,
                 fmt::format("formula \"{}\": expected \"arm ~ age + sex\" or \"~ age + sex\"", text)};
  TwoSides parsed{sides[0], {}};
  for (std::string& term : stats::split_outside(sides[1], '+'))
    if (term != "1" && !term.empty()) parsed.terms.push_back(std::move(term));
  return parsed;
}

std::vector<std::string> names_in(std::string_view expression) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (c == '"' || c == '\'') {
      const std::size_t close = expression.find(c, i + 1);
      i = close == std::string_view::npos ? expression.size() : close + 1;
    } else if (is_name_character(c)) {
      std::size_t end = i;
      while (end < expression.size() && is_name_character(expression[end])) ++end;
      std::size_t after = end;
      while (after < expression.size() && expression[after] == ' ') ++after;
      const bool is_function = after < expression.size() && expression[after] == '(';
      const bool is_number = std::isdigit(static_cast<unsigned char>(c)) != 0;
      const std::string name(expression.substr(i, end - i));
      if (!is_function && !is_number && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
      i = end;
    } else {
      ++i;
    }
  }
  return names;
}

}  // namespace graftline::analysis
