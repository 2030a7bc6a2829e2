#include "engine/ladder.h"

#include <fmt/format.h>

#include "engine/doses.h"
#include "engine/evaluate.h"

namespace graftline::engine {
namespace {

Result<RuleSet> rules_of(const protocol::Protocol& protocol, const std::string& strategy) {
  RuleSet rules;
  rules.common = &protocol.common;
  std::vector<std::string> names;
  for (const auto& declared : protocol.strategies) {
    names.push_back(declared.name);
    const bool is_wanted = strategy.empty() ? protocol.strategies.size() == 1 : declared.name == strategy;
    if (is_wanted) rules.own = &declared.rules;
  }
  if (rules.own == nullptr && (!strategy.empty() || protocol.strategies.size() > 1)) {
    return Error{ErrorKind::not_found, fmt::format("protocol {}: choose a strategy, one of {}", protocol.id,
                                                   fmt::join(names, ", "))};
  }
  return rules;
}

}  // namespace

Result<std::vector<LadderStep>> ladder(const protocol::Protocol& protocol, const record::View& view,
                                       const Settings& settings) {
  const auto rules = rules_of(protocol, settings.strategy);
  if (!rules) return rules.error();
  const Evaluator evaluator(protocol, view, settings);
  const protocol::Count* count = rules->one(&protocol::Rules::count);
  const int last = last_level(*rules);
  std::vector<LadderStep> steps;
  std::vector<TargetDose> previous;
  for (int level = 1; level <= std::max(last, 1); ++level) {
    if (count != nullptr && level > count->at_most) break;
    NextDose next = dose_at(level, previous, *rules, evaluator);
    if (!next.dose && next.gap == DoseGap::no_row && !steps.empty()) break;
    LadderStep step{level, std::move(next.dose), std::move(next.because), std::move(next.missing)};
    const bool is_end = !step.dose;
    if (step.dose) {
      step.gap.clear();
      previous = step.dose->targets;
    }
    steps.push_back(std::move(step));
    if (is_end) break;
  }
  return steps;
}

}  // namespace graftline::engine
