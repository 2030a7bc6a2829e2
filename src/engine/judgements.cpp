#include "engine/judgements.h"

#include <algorithm>

namespace graftline::engine {
namespace {

// Whether any condition of the protocol asks this judgement.
bool names(const protocol::Expr& expr, const std::string& judgement) {
  if (expr.form == protocol::Expr::Form::is_true && expr.name == judgement) return true;
  return std::any_of(expr.children.begin(), expr.children.end(),
                     [&](const protocol::Expr& child) { return names(child, judgement); });
}

template <class T> bool any_names(const std::vector<T>& items, const std::string& judgement) {
  return std::any_of(items.begin(), items.end(), [&](const T& item) {
    if constexpr (std::is_same_v<decltype(item.when), protocol::Expr>) {
      return names(item.when, judgement);
    } else {
      return item.when && names(*item.when, judgement);
    }
  });
}

bool is_asked_by_a_rule(const protocol::Protocol& protocol, const std::string& judgement) {
  const auto in_rules = [&](const protocol::Rules& rules) {
    return any_names(rules.criteria, judgement) || any_names(rules.doses, judgement) ||
           any_names(rules.gives, judgement) || any_names(rules.intervals, judgement) ||
           any_names(rules.guards, judgement) || any_names(rules.preparations, judgement) ||
           any_names(rules.prophylaxis, judgement) || any_names(rules.monitoring, judgement);
  };
  return any_names(protocol.definitions, judgement) || any_names(protocol.strategies, judgement) ||
         in_rules(protocol.common) ||
         std::any_of(protocol.strategies.begin(), protocol.strategies.end(),
                     [&](const protocol::Strategy& strategy) { return in_rules(strategy.rules); });
}

}  // namespace

std::vector<protocol::Criterion> free_standing_judgements(const protocol::Protocol& protocol) {
  std::vector<protocol::Criterion> criteria;
  for (const auto& judgement : protocol.judgements) {
    if (is_asked_by_a_rule(protocol, judgement.name)) continue;
    protocol::Criterion criterion;
    criterion.id = judgement.name;
    criterion.label = judgement.question;
    criterion.when.form = protocol::Expr::Form::is_true;
    criterion.when.name = judgement.name;
    criterion.when.span = judgement.span;
    criterion.cite = judgement.cite;
    criterion.span = judgement.span;
    criteria.push_back(std::move(criterion));
  }
  return criteria;
}

}  // namespace graftline::engine
