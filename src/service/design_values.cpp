#include "service/design_values.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace graftline::service {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error malformed(const std::string& option, const std::string& text, const char* expected) {
  return {ErrorKind::malformed_input, fmt::format("{}: '{}' is not {}", option, text, expected)};
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == by)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// "a:b" pairs, commas between; false where one is not a pair of numbers.
bool read_pairs(const std::string& text, std::vector<double>& first, std::vector<double>& second) {
  for (const std::string& part : split(text, ',')) {
    const auto pair = split(part, ':');
    if (pair.size() != 2) return false;
    const auto a = number(pair[0]);
    const auto b = number(pair[1]);
    if (!a || !b) return false;
    first.push_back(*a);
    second.push_back(*b);
  }
  return true;
}

bool increases(const std::vector<double>& values) {
  for (std::size_t i = 1; i < values.size(); ++i)
    if (!(values[i] > values[i - 1])) return false;
  return true;
}

// A word, and what stands behind its colon.
struct Named {
  std::string name, rest;
};
Named named(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

struct SpendingName {
  std::string_view name;
  stats::SpendingFamily family;
  const char* parameter;  // nullptr: none
};
constexpr std::array spending_names{
    SpendingName{"spending-obrien-fleming", stats::SpendingFamily::obrien_fleming, nullptr},
    SpendingName{"spending-pocock", stats::SpendingFamily::pocock, nullptr},
    SpendingName{"hwang-shih-decani", stats::SpendingFamily::hwang_shih_decani, "gamma"},
    SpendingName{"kim-demets", stats::SpendingFamily::power, "rho"}};

// errors  malformed_input: a parameter that is missing or too many
Result<std::optional<stats::Spending>> read_spending(const std::string& option, const Named& text) {
  for (const SpendingName& row : spending_names) {
    if (row.name != text.name) continue;
    stats::Spending spending{row.family, 0.0};
    if (row.parameter == nullptr && text.rest.empty()) return std::optional(spending);
    const auto parameter = number(text.rest);
    if (row.parameter == nullptr || !parameter)
      return Error{ErrorKind::malformed_input,
                   row.parameter == nullptr
                       ? fmt::format("{}: {} takes no parameter", option, row.name)
                       : fmt::format("{}: write {}:{}", option, row.name, row.parameter)};
    spending.parameter = *parameter;
    return std::optional(spending);
  }
  return std::optional<stats::Spending>();
}

Result<stats::EfficacyRule> read_boundary(const std::string& text) {
  const std::string option = "--boundary";
  const Named by = named(text);
  stats::EfficacyRule rule;
  auto spending = read_spending(option, by);
  if (!spending) return spending.error();
  if (*spending) {
    rule.spending = **spending;
    return rule;
  }
  rule.family = stats::EfficacyFamily::wang_tsiatis;
  if (by.name == "obrien-fleming" && by.rest.empty()) return rule;
  rule.shape = 0.5;
  if (by.name == "pocock" && by.rest.empty()) return rule;
  if (by.name == "last-look-only" && by.rest.empty()) {
    rule.family = stats::EfficacyFamily::no_early_efficacy;
    return rule;
  }
  if (by.name == "alpha") {
    auto table = read_numbers(option, by.rest);
    if (!table) return table.error();
    rule.family = stats::EfficacyFamily::alpha_table;
    rule.cumulative_alpha = *table;
    return rule;
  }
  if (by.name == "wang-tsiatis" || by.name == "haybittle-peto") {
    const auto shape = number(by.name == "haybittle-peto" && by.rest.empty() ? "3" : by.rest);
    if (!shape) return malformed(option, text, "wang-tsiatis:SHAPE or haybittle-peto:Z with a number");
    if (by.name == "haybittle-peto") rule.family = stats::EfficacyFamily::haybittle_peto;
    rule.shape = *shape;
    return rule;
  }
  return malformed(option, text,
                   "one of obrien-fleming, pocock, wang-tsiatis:SHAPE, haybittle-peto:Z, "
                   "spending-obrien-fleming, spending-pocock, hwang-shih-decani:GAMMA, kim-demets:RHO, "
                   "alpha:A1,A2,.., last-look-only");
}

Result<stats::FutilityRule> read_futility(const std::string& text, bool binding) {
  const std::string option = "--futility";
  const Named by = named(text);
  stats::FutilityRule rule;
  rule.binding = binding;
  if (text == "none") return rule;
  auto spending = read_spending(option, by);
  if (!spending) return spending.error();
  if (*spending) {
    rule.family = stats::FutilityFamily::beta_spending;
    rule.spending = **spending;
    return rule;
  }
  if (by.name == "beta") {
    auto table = read_numbers(option, by.rest);
    if (!table) return table.error();
    rule.family = stats::FutilityFamily::beta_table;
    rule.cumulative_beta = *table;
    return rule;
  }
  if (by.name != "bounds")
    return malformed(option, text,
                     "one of none, spending-obrien-fleming, spending-pocock, hwang-shih-decani:GAMMA, "
                     "kim-demets:RHO, bounds:B1,B2,.. , beta:B1,B2,..");
  rule.family = stats::FutilityFamily::fixed_bounds;
  for (const std::string& part : split(by.rest, ',')) {
    const auto bound = part == "none" ? -std::numeric_limits<double>::infinity() : number(part);
    if (!bound) return malformed(option, part, "a number, or none for a look without a bound");
    rule.bounds.push_back(*bound);
  }
  return rule;
}

}  // namespace

Result<std::vector<double>> read_numbers(const std::string& option, const std::string& text) {
  std::vector<double> numbers;
  for (const std::string& part : split(text, ',')) {
    const auto value = number(part);
    if (!value) return malformed(option, part, "a number (numbers are separated by commas)");
    numbers.push_back(*value);
  }
  return numbers;
}

Result<ByTime> read_by_time(const std::string& option, const std::string& text) {
  const auto parts = split(text, '@');
  const auto proportion = number(parts[0]);
  const auto time = parts.size() == 2 ? number(parts[1]) : std::nullopt;
  if (!proportion || !time) return malformed(option, text, "PROPORTION@TIME, such as 0.4@12");
  if (!(*proportion >= 0.0 && *proportion < 1.0) || !(*time > 0.0))
    return Error{ErrorKind::out_of_range,
                 fmt::format("{}: the proportion must lie in [0, 1) and the time be above 0", option)};
  return ByTime{*proportion, *time};
}

Result<stats::PiecewiseHazard> read_hazard(const std::string& option, const std::string& text) {
  stats::PiecewiseHazard hazard;
  if (const auto rate = number(text)) {
    hazard.rate = {*rate};
  } else {
    hazard.start.clear();
    hazard.rate.clear();
    if (!read_pairs(text, hazard.start, hazard.rate) || hazard.start[0] != 0.0 || !increases(hazard.start))
      return malformed(option, text,
                       "a hazard, or pieces such as 0:0.05,6:0.03 that begin at 0 and increase");
  }
  for (double rate : hazard.rate)
    if (!(rate >= 0.0 && rate < 1e6))
      return Error{ErrorKind::out_of_range, fmt::format("{}: a hazard must not be negative", option)};
  return hazard;
}

Result<stats::Accrual> read_accrual(const std::string& option, const std::string& text) {
  stats::Accrual accrual;
  if (const auto end = number(text)) {
    accrual.end = {*end};
  } else {
    accrual.end.clear();
    accrual.intensity.clear();
    if (!read_pairs(text, accrual.end, accrual.intensity) || !increases(accrual.end))
      return malformed(option, text,
                       "a duration, or pieces such as 6:1,24:3 (until 6 at rate 1, until 24 at 3)");
  }
  double most = 0.0;
  for (double intensity : accrual.intensity) {
    if (!(intensity >= 0.0))
      return Error{ErrorKind::out_of_range, fmt::format("{}: an intensity must not be negative", option)};
    most = std::max(most, intensity);
  }
  if (!(accrual.end[0] > 0.0) || !(most > 0.0))
    return Error{ErrorKind::out_of_range, fmt::format("{}: somebody must enter over a time above 0", option)};
  return accrual;
}

Result<double> read_allocation(const std::string& option, const std::string& text) {
  const auto parts = split(text, ':');
  const auto treated = number(parts[0]);
  const auto control = parts.size() == 2 ? number(parts[1]) : std::optional<double>(1.0);
  if (!treated || !control || parts.size() > 2)
    return malformed(option, text, "TREATED:CONTROL, such as 2:1");
  if (!(*treated > 0.0) || !(*control > 0.0))
    return Error{ErrorKind::out_of_range, fmt::format("{}: both shares must be above 0", option)};
  return *treated / *control;
}

Result<stats::GroupSequentialPlan> read_looks(const LooksRequest& request) {
  stats::GroupSequentialPlan plan;
  plan.information_fractions = request.information;
  if (plan.information_fractions.empty()) {
    if (request.looks < 1 || request.looks > 50)
      return Error{ErrorKind::out_of_range, "--looks: from 1 to 50"};
    for (int k = 1; k <= request.looks; ++k)
      plan.information_fractions.push_back(k == request.looks ? 1.0 : double(k) / request.looks);
  }
  if (!(request.power > 0.0 && request.power < 1.0))
    return Error{ErrorKind::out_of_range, "--power: between 0 and 1"};
  plan.alpha = request.alpha;
  plan.beta = 1.0 - request.power;
  plan.sides = request.sides;
  auto efficacy = read_boundary(request.boundary);
  if (!efficacy) return efficacy.error();
  auto futility = read_futility(request.futility, request.binding);
  if (!futility) return futility.error();
  plan.efficacy = *efficacy;
  plan.futility = *futility;
  return plan;
}

}  // namespace graftline::service
