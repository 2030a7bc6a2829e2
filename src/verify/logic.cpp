#include "verify/logic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "protocol/format.h"

namespace graftline::verify {
namespace {

using protocol::Criterion;
using protocol::DoseRow;
using protocol::Expr;
using protocol::Guard;
using protocol::Strategy;

std::string quoted(const std::string& label) { return label.empty() ? "" : fmt::format(" \"{}\"", label); }

std::string_view word_of(Guard::Form form) {
  static constexpr std::array<std::string_view, 5> words{"hold", "stop", "ask", "caution", "repeat"};
  return words.at(static_cast<std::size_t>(form));
}

bool holds_back(const Guard& guard) {
  return guard.form == Guard::Form::hold || guard.form == Guard::Form::stop || guard.form == Guard::Form::ask;
}

class Logic {
 public:
  Logic(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
        std::vector<Finding>& findings)
      : protocol_(protocol), encoding_(encoding), solver_(solver), findings_(findings) {}

  bool run() {
    meet_every_condition();
    for (const auto& definition : protocol_.definitions) walk(definition.when);
    rules(protocol_.common, nullptr);
    for (const Strategy& strategy : protocol_.strategies) {
      if (strategy.when) walk(*strategy.when);
      rules(strategy.rules, &strategy);
    }
    for (const auto& claim : protocol_.claims) {
      if (claim.when) walk(*claim.when);
    }
    if (protocol_.strategies.empty()) together(nullptr);
    for (const Strategy& strategy : protocol_.strategies) together(&strategy);
    return settled_;
  }

 private:
  void report(FindingKind kind, Severity severity, protocol::Span span, std::string what, std::string why,
              std::string repair) {
    findings_.push_back({kind, severity, span, std::move(what), std::move(why), std::move(repair), {}});
  }

  bool impossible(const std::vector<Formula>& together) {
    const Possible answer = solver_.possible(together);
    if (answer == Possible::unsettled) settled_ = false;
    return answer == Possible::no;
  }

  // Encodes everything once, so that "everything is known" means everything.
  void meet_every_condition() {
    const auto meet = [&](const protocol::Rules& rules) {
      for (const auto& criterion : rules.criteria) encoding_.of(criterion.when);
      for (const auto& guard : rules.guards) {
        if (guard.when) encoding_.of(*guard.when);
      }
    };
    meet(protocol_.common);
    for (const Strategy& strategy : protocol_.strategies) {
      if (strategy.when) encoding_.of(*strategy.when);
      meet(strategy.rules);
    }
  }

  // One condition
  // ---------------------------------------------------------------------------------------------------

  // Reports what is odd inside; true when the condition, or a part that makes it so, can never be yes.
  bool walk(const Expr& expr) {
    bool dead_below = false;
    bool odd_below = false;
    const std::size_t before = findings_.size();
    for (const Expr& child : expr.children) dead_below = walk(child) || dead_below;
    odd_below = findings_.size() > before;
    const Truths truths = encoding_.of(expr);
    if (expr.children.empty()) return leaf(expr, truths);
    if (odd_below) return dead_below;
    if (expr.form == Expr::Form::negation) return false;
    if (impossible({truths.yes})) {
      // "x is not known and x" is how a protocol makes an answer unknown on purpose.
      encoding_.free_known(true);
      const bool by_known_alone = !impossible({encoding_.of(expr).yes});
      encoding_.free_known(false);
      if (by_known_alone) return false;
      report(FindingKind::dead_branch, Severity::error, expr.span,
             fmt::format("'{}' can never be yes", to_text(expr)), why_never(expr),
             "one of these parts says something else than was meant, or 'and' should be 'or'");
      return true;
    }
    if (impossible({solver_.negation(truths.yes), encoding_.everything_known()})) {
      report(FindingKind::always_applies, Severity::warning, expr.span,
             fmt::format("'{}' is yes for every patient of whom everything is known", to_text(expr)), "",
             "leave it out, or check the limits");
      return false;
    }
    redundant_parts(expr, truths);
    return false;
  }

  std::string why_never(const Expr& expr) {
    if (expr.form != Expr::Form::all) return "none of its parts can be yes";
    std::vector<Formula> parts;
    for (const Expr& child : expr.children) parts.push_back(encoding_.of(child).yes);
    std::string text;
    for (const std::size_t i : solver_.conflict(parts))
      text += fmt::format("{}'{}'", text.empty() ? "" : " and ", to_text(expr.children[i]));
    return text + " exclude each other";
  }

  bool leaf(const Expr& expr, const Truths& truths) {
    if (expr.form != Expr::Form::comparison && expr.form != Expr::Form::today &&
        expr.form != Expr::Form::membership)
      return false;
    const bool never_yes = impossible({truths.yes});
    const bool never_no = impossible({truths.no});
    if (never_yes && !never_no) {
      report(FindingKind::impossible_limit, Severity::error, expr.span,
             fmt::format("'{}' can never be yes", to_text(expr)), "no value lies there", "check the limit");
    } else if (never_no && !never_yes) {
      report(FindingKind::impossible_limit, Severity::warning, expr.span,
             fmt::format("'{}' is yes whatever the value", to_text(expr)),
             "every value lies there, so it asks only whether there is one",
             "check the limit, or write 'is known'");
    } else if (never_no && never_yes) {
      report(FindingKind::impossible_limit, Severity::error, expr.span,
             fmt::format("'{}' can be neither yes nor no", to_text(expr)), "no value lies there",
             "check the limit");
    }
    return never_yes;
  }

  // A part that changes neither when the whole is yes nor when it is no.
  void redundant_parts(const Expr& expr, const Truths& whole) {
    if (expr.form != Expr::Form::all && expr.form != Expr::Form::any) return;
    for (std::size_t i = 0; i < expr.children.size(); ++i) {
      Expr rest = expr;
      rest.children.erase(rest.children.begin() + static_cast<std::ptrdiff_t>(i));
      const Truths without = encoding_.of(rest);
      if (!impossible({solver_.differ(whole.yes, without.yes)}) ||
          !impossible({solver_.differ(whole.no, without.no)}))
        continue;
      report(FindingKind::dead_branch, Severity::warning, expr.children[i].span,
             fmt::format("'{}' adds nothing", to_text(expr.children[i])),
             fmt::format("'{}' says the same without it", to_text(expr)), "leave it out, or check its limit");
      return;
    }
  }

  // Rules of one block
  // ------------------------------------------------------------------------------------------------

  void rules(const protocol::Rules& rules, const Strategy* strategy) {
    for (const Criterion& criterion : rules.criteria) {
      const std::size_t before = findings_.size();
      walk(criterion.when);
      if (findings_.size() == before) single(criterion);
    }
    const Premises premises = premises_of(protocol_, strategy, encoding_);
    if (impossible(premises.formulas)) {
      contradiction(premises, strategy);
      for (const Guard& guard : rules.guards) {
        if (guard.when) walk(*guard.when);
      }
      return;
    }
    for (std::size_t i = 0; i < rules.criteria.size(); ++i) implied(rules.criteria[i], premises);
    for (const Guard& guard : rules.guards) check_guard(guard, premises);
    for (const DoseRow& row : rules.doses) {
      if (row.when) walk(*row.when);
      const bool is_dead =
          check_applies(FindingKind::dead_dose_row, name_of(row), row.span,
                        solver_.both(row.when ? encoding_.of(*row.when).yes : solver_.truth(true),
                                     encoding_.today_in(row.window).yes),
                        premises);
      if (is_dead) dead_rows_.insert(&row);
    }
    for (const auto& give : rules.gives) {
      if (!give.when) continue;
      walk(*give.when);
      check_applies(FindingKind::dead_rule, fmt::format("give level {}", give.first_level), give.span,
                    encoding_.of(*give.when).yes, premises);
    }
    for (const auto& interval : rules.intervals) {
      if (!interval.when) continue;
      walk(*interval.when);
      check_applies(FindingKind::dead_rule,
                    fmt::format("the interval of {}", protocol::to_text(interval.at_least)), interval.span,
                    encoding_.of(*interval.when).yes, premises);
    }
  }

  void single(const Criterion& criterion) {
    const Truths truths = encoding_.of(criterion.when);
    const Formula met = criterion.include ? truths.yes : truths.no;
    if (impossible({met})) {
      report(FindingKind::contradictory_criteria, Severity::error, criterion.span,
             fmt::format("nobody can meet {}", name_of(criterion)), "", "check its limits");
      reported_.insert(&criterion);
    }
  }

  void contradiction(const Premises& premises, const Strategy* strategy) {
    std::string names;
    const auto conflict = solver_.conflict(premises.formulas);
    for (const std::size_t i : conflict) names += (names.empty() ? "" : " and ") + premises.names[i];
    if (!contradictions_.insert(names).second) return;
    if (conflict.size() == 1) return;  // said of that rule itself
    const bool is_trigger = names.find("the trigger of") != std::string::npos;
    report(is_trigger ? FindingKind::dead_strategy : FindingKind::contradictory_criteria, Severity::error,
           strategy != nullptr ? strategy->span : span_of_first_criterion(),
           strategy != nullptr
               ? fmt::format("nobody can be eligible while strategy {} is open", strategy->name)
               : "nobody can be eligible",
           fmt::format("{} exclude each other", names), "one of them says something else than was meant");
  }

  protocol::Span span_of_first_criterion() const {
    return protocol_.common.criteria.empty() ? protocol::Span{} : protocol_.common.criteria.front().span;
  }

  // Whoever meets all the others meets this one.
  void implied(const Criterion& criterion, const Premises& premises) {
    if (reported_.contains(&criterion)) return;
    const std::string own = name_of(criterion);
    Premises others;
    for (std::size_t i = 0; i < premises.names.size(); ++i) {
      if (premises.names[i] != own) others.add(premises.formulas[i], premises.names[i]);
    }
    const Truths truths = encoding_.of(criterion.when);
    const Formula not_met = solver_.negation(criterion.include ? truths.yes : truths.no);
    const auto at = others.formulas.size();
    others.add(not_met, "");
    if (!impossible(others.formulas)) return;
    std::string names;
    bool is_later = true;
    for (const std::size_t i : solver_.conflict(others.formulas)) {
      if (i == at) continue;
      names += (names.empty() ? "" : " and ") + others.names[i];
      is_later = is_later && implied_by_.contains({others.names[i], own});
    }
    if (names.empty()) {
      report(FindingKind::always_applies, Severity::warning, criterion.span,
             fmt::format("{} is met by everybody", own), "", "check its limits");
      return;
    }
    implied_by_.insert({own, names});
    if (implied_by_.contains({names, own})) return;  // said already, the other way round
    report(FindingKind::implied_criterion, Severity::warning, criterion.span,
           fmt::format("{} is met by everybody who meets {}", own, names), "so it decides nothing",
           "leave one out if the source does not state both, or check the limits");
  }

  // A rule that can never apply to an eligible patient. Cautions and the like are as dead as holds.
  bool check_applies(FindingKind kind, const std::string& name, protocol::Span span, Formula applies,
                     const Premises& premises) {
    if (impossible({applies})) {
      if (reported_spans_.insert(span.offset).second && !odd_inside(span)) {
        report(kind, Severity::error, span, fmt::format("{} can never apply", name), "",
               "check its condition and its days");
      }
      return true;
    }
    Premises with = premises;
    with.add(applies, "");
    if (!impossible(with.formulas)) return false;
    std::string names;
    for (const std::size_t i : solver_.conflict(with.formulas)) {
      if (i < premises.names.size()) names += (names.empty() ? "" : " and ") + premises.names[i];
    }
    report(kind, kind == FindingKind::dead_rule ? Severity::warning : Severity::error, span,
           fmt::format("{} can never apply", name), fmt::format("{} exclude it", names),
           "leave it out, or check its condition");
    return true;
  }

  bool odd_inside(protocol::Span span) const {
    return std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
      return finding.span.offset >= span.offset && finding.span.offset < span.offset + span.length;
    });
  }

  void check_guard(const Guard& guard, const Premises& premises) {
    if (!guard.when) return;
    const bool is_dead = walk(*guard.when);
    const Truths truths = encoding_.of(*guard.when);
    if (is_dead || odd_inside(guard.span)) return;
    // A stop wins over "not eligible": it may well be made for those who no longer meet a criterion.
    const Premises nothing;
    const bool is_stop = guard.form == Guard::Form::stop;
    if (check_applies(FindingKind::dead_rule, name_of(guard), guard.span, truths.yes,
                      is_stop ? nothing : premises))
      return;
    if (!holds_back(guard)) return;
    Premises without = premises;
    without.add(truths.no, "");
    if (!impossible(without.formulas)) return;
    std::string names;
    for (const std::size_t i : solver_.conflict(without.formulas)) {
      if (i < premises.names.size()) names += (names.empty() ? "" : " and ") + premises.names[i];
    }
    report(FindingKind::always_applies, Severity::error, guard.span,
           fmt::format("{} applies to every eligible patient: nothing can ever be given", name_of(guard)),
           names.empty() ? "" : fmt::format("{} ask for the opposite", names), "check its condition");
    always_ = true;
  }

  // Each rule alone leaves somebody; all together, nobody.
  void together(const Strategy* strategy) {
    if (always_) return;
    Premises premises = premises_of(protocol_, strategy, encoding_);
    if (impossible(premises.formulas)) return contradiction(premises, strategy);
    const auto add = [&](const protocol::Rules& rules) {
      for (const Guard& guard : rules.guards) {
        if (guard.when && holds_back(guard)) premises.add(encoding_.of(*guard.when).no, name_of(guard));
      }
    };
    add(protocol_.common);
    if (strategy != nullptr) add(strategy->rules);
    if (!impossible(premises.formulas)) return;
    std::string names;
    for (const std::size_t i : solver_.conflict(premises.formulas))
      names += (names.empty() ? "" : " and ") + premises.names[i];
    if (!contradictions_.insert(names).second) return;
    report(FindingKind::contradictory_criteria, Severity::error,
           strategy != nullptr ? strategy->span : span_of_first_criterion(),
           strategy != nullptr ? fmt::format("nothing can ever be given by strategy {}", strategy->name)
                               : "nothing can ever be given",
           fmt::format("{} leave nobody", names), "one of them says something else than was meant");
  }

  const protocol::Protocol& protocol_;
  Encoding& encoding_;
  Solver& solver_;
  std::vector<Finding>& findings_;
  std::set<const Criterion*> reported_;
  std::set<const DoseRow*> dead_rows_;
  std::set<std::uint32_t> reported_spans_;
  std::set<std::string> contradictions_;
  std::set<std::pair<std::string, std::string>> implied_by_;
  bool always_ = false;
  bool settled_ = true;
};

}  // namespace

std::string name_of(const Criterion& criterion) { return criterion.id + quoted(criterion.label); }
std::string name_of(const Guard& guard) {
  std::string text(word_of(guard.form));
  if (!guard.label.empty()) return text + quoted(guard.label);
  return guard.when ? fmt::format("{} when '{}'", text, to_text(*guard.when)) : text;
}
std::string name_of(const DoseRow& row) {
  std::string text = fmt::format("the row '{} {}'",
                                 row.first_level == row.last_level
                                     ? fmt::format("dose level {}", row.first_level)
                                     : fmt::format("dose level {} to {}", row.first_level, row.last_level),
                                 to_text(row.amount));
  return text;
}

Premises premises_of(const protocol::Protocol& protocol, const Strategy* strategy, Encoding& encoding) {
  Premises premises;
  const auto add = [&](const protocol::Rules& rules) {
    for (const Criterion& criterion : rules.criteria) {
      const Truths truths = encoding.of(criterion.when);
      premises.add(criterion.include ? truths.yes : truths.no, name_of(criterion));
    }
  };
  add(protocol.common);
  if (strategy == nullptr) return premises;
  add(strategy->rules);
  if (strategy->when)
    premises.add(encoding.of(*strategy->when).yes, fmt::format("the trigger of {}", strategy->name));
  return premises;
}

bool check_logic(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
                 std::vector<Finding>& findings) {
  return Logic(protocol, encoding, solver, findings).run();
}

}  // namespace graftline::verify
