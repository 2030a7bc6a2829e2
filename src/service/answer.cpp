#include "service/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/decimal.h"
#include "core/suggestion.h"
#include "core/unit.h"
#include "engine/decide.h"
#include "record/view.h"

namespace graftline::service {
namespace {

template <class Items> std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

Error unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known) {
  std::string message = fmt::format("the protocol has no {} '{}'", what, name);
  if (const auto closest = closest_name(name, known))
    message += fmt::format("; did you mean '{}'?", *closest);
  if (!known.empty()) message += fmt::format(" It has: {}.", fmt::join(known, ", "));
  return {ErrorKind::malformed_input, message};
}

// "40 U/L": a number and a unit. A bare number would be compared with nothing.
std::optional<Error> check_upper_limit(std::string_view fact, const engine::Settings::Setting& setting) {
  const std::string_view value = setting.value;
  const std::size_t blank = value.find(' ');
  const bool has_unit = blank != std::string_view::npos && blank + 1 < value.size();
  if (has_unit && parse_decimal(value.substr(0, blank)) && parse_unit(value.substr(blank + 1)))
    return std::nullopt;
  return Error{
      ErrorKind::malformed_input,
      fmt::format("upper limit of {} ({}): '{}': expected a number and a UCUM unit, such as \"40 U/L\"", fact,
                  setting.origin, value)};
}

}  // namespace

std::optional<Error> check_settings(const protocol::Protocol& protocol, const engine::Settings& settings,
                                    bool site_wide) {
  if (!settings.strategy.empty()) {
    const auto names = names_of(protocol.strategies);
    if (std::find(names.begin(), names.end(), settings.strategy) == names.end()) {
      return unknown_name("strategy", settings.strategy, names);
    }
  }
  for (const auto& [fact, setting] : settings.upper_limits) {
    if (auto problem = check_upper_limit(fact, setting)) return problem;
  }
  for (const auto& [name, setting] : settings.judgements) {
    if (protocol.find_judgement(name) == nullptr)
      return unknown_name("judgement", name, names_of(protocol.judgements));
    if (setting.value != "yes" && setting.value != "no") {
      return Error{ErrorKind::malformed_input, fmt::format("judgement {}: expected yes or no", name)};
    }
  }
  for (const auto& [name, setting] : settings.parameters) {
    const protocol::Parameter* parameter = protocol.find_parameter(name);
    if (parameter == nullptr) {
      if (site_wide) continue;
      return unknown_name("parameter", name, names_of(protocol.parameters));
    }
    const auto& choices = parameter->choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), setting.value) == choices.end()) {
      return Error{ErrorKind::malformed_input,
                   fmt::format("parameter {} ({}): '{}' is none of {}", name, setting.origin, setting.value,
                               fmt::join(choices, ", "))};
    }
  }
  return std::nullopt;
}

Answered answer(const protocol::Protocol& protocol, const record::Timeline& timeline,
                const Question& question) {
  const record::View view(timeline, question.as_of, question.known_on);
  Answered result;
  result.decision = engine::decide(protocol, view, question.settings);
  result.plan = engine::plan(protocol, view, question.settings, result.decision, question.product);
  return result;
}

}  // namespace graftline::service
