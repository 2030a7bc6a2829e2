#include "verify/dose_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/doses.h"
#include "protocol/format.h"
#include "verify/logic.h"

namespace graftline::verify {
namespace {

using protocol::Amount;
using protocol::Cap;
using protocol::DoseRow;
using protocol::Strategy;
using protocol::Target;

bool is_step(const Amount& amount) {
  return amount.form != Amount::Form::targets && amount.form != Amount::Form::not_stated;
}

struct Bounds {
  Rational low;
  Rational high;
};

class DoseTable {
 public:
  DoseTable(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
            std::vector<Finding>& findings)
      : protocol_(protocol), encoding_(encoding), solver_(solver), findings_(findings) {}

  bool run() {
    if (protocol_.strategies.empty()) check(nullptr);
    for (const Strategy& strategy : protocol_.strategies) check(&strategy);
    return settled_;
  }

 private:
  void report(FindingKind kind, Severity severity, protocol::Span span, std::string what, std::string why,
              std::string repair) {
    findings_.push_back({kind, severity, span, std::move(what), std::move(why), std::move(repair), {}});
  }

  bool possible(const std::vector<Formula>& together) {
    const Possible answer = solver_.possible(together);
    if (answer == Possible::unsettled) settled_ = false;
    return answer == Possible::yes;
  }

  void check(const Strategy* strategy) {
    const engine::RuleSet rules{&protocol_.common, strategy != nullptr ? &strategy->rules : nullptr};
    rows_ = rules.all(&protocol::Rules::doses);
    premises_ = premises_of(protocol_, strategy, encoding_).formulas;
    const Cap* cap = rules.one(&protocol::Rules::cap);
    for (const DoseRow* row : rows_) {
      if (!checked_.insert(row).second && strategy == nullptr) continue;
      against_cap(*row, cap);
    }
    overlaps();
    ladder();
  }

  // Amounts
  // -------------------------------------------------------------------------------------------------------

  std::optional<Bounds> bounds_of(const Target& target) const {
    if (target.parameter.empty()) return Bounds{to_rational(target.low), to_rational(target.high)};
    const protocol::Parameter* parameter = protocol_.find_parameter(target.parameter);
    if (parameter == nullptr || !parameter->default_value) return std::nullopt;
    const std::string_view text = *parameter->default_value;
    const auto number = parse_decimal(text.substr(0, text.find(' ')));
    if (!number) return std::nullopt;
    return Bounds{to_rational(*number), to_rational(*number)};
  }

  void against_cap(const DoseRow& row, const Cap* cap) {
    if (is_step(row.amount)) {
      const bool grows = row.amount.form == Amount::Form::log_step ? to_rational(row.amount.high) > 0
                                                                   : to_rational(row.amount.high) > 1;
      if (cap == nullptr && row.amount.form != Amount::Form::same && grows &&
          reported_.insert({&row, nullptr}).second) {
        report(FindingKind::dose_above_cap, Severity::warning, row.span,
               fmt::format("{} has no highest dose", name_of(row)),
               "the step is taken from what was last given, and no 'cap' says where it ends",
               "add: cap AMOUNT, or: cap not stated by the source, ask above AMOUNT, or: cap none");
      }
      return;
    }
    if (cap == nullptr || cap->form == Cap::Form::none || !cap->target) return;
    const auto highest = bounds_of(*cap->target);
    for (const Target& target : row.amount.targets) {
      if (target.kind != cap->target->kind) continue;
      if (target.per_kilogram != cap->target->per_kilogram) {
        if (reported_.insert({&row, nullptr}).second) {
          report(FindingKind::dose_above_cap, Severity::error, row.span,
                 fmt::format("{} is never compared with the cap", name_of(row)),
                 fmt::format("the cap is {}, one is per kg and the other is not", to_text(*cap->target)),
                 "write both per kg, or both in total");
        }
        continue;
      }
      const auto bounds = bounds_of(target);
      if (!bounds || !highest || bounds->high <= highest->high) continue;
      if (!reported_.insert({&row, nullptr}).second) continue;
      report(FindingKind::dose_above_cap, Severity::error, row.span,
             fmt::format("{} is above the cap", name_of(row)),
             fmt::format("the highest single dose is {}", to_text(*cap->target)),
             "correct the dose or the cap: one of them is not what the source says");
    }
  }

  Formula applies(const DoseRow& row) {
    std::vector<Formula> parts{encoding_.today_in(row.window).yes};
    if (row.when) parts.push_back(encoding_.of(*row.when).yes);
    return solver_.all_of(parts);
  }

  // Rows above win where they apply: a row counts where none of them does.
  std::vector<Formula> chosen(std::size_t index, int level) {
    std::vector<Formula> parts{applies(*rows_[index])};
    for (std::size_t i = 0; i < index; ++i) {
      if (rows_[i]->first_level <= level && level <= rows_[i]->last_level)
        parts.push_back(solver_.negation(applies(*rows_[i])));
    }
    return parts;
  }

  // Overlaps
  // ------------------------------------------------------------------------------------------------------

  void overlaps() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (std::size_t j = i + 1; j < rows_.size(); ++j) overlap(*rows_[i], *rows_[j]);
    }
  }

  void overlap(const DoseRow& first, const DoseRow& second) {
    const int level = std::max(first.first_level, second.first_level);
    if (level > std::min(first.last_level, second.last_level)) return;
    if (first.amount == second.amount || overlaps_.contains({&first, &second})) return;
    std::vector<Formula> together = premises_;
    together.push_back(applies(first));
    together.push_back(applies(second));
    if (!possible(together)) return;
    overlaps_.insert({&first, &second});
    const bool is_fallback = !second.when && !second.window.is_written() && first.when;
    report(FindingKind::overlap, is_fallback ? Severity::note : Severity::error, second.span,
           fmt::format("two doses of level {} apply to one patient: {} and {}", level, to_text(first.amount),
                       to_text(second.amount)),
           is_fallback ? "the row above comes first; this one is for everybody else"
                       : fmt::format("this row and the one in line {}; graftline takes the one further up",
                                     first.span.line),
           is_fallback ? "" : "make their conditions or their days exclude each other");
  }

  // The ladder
  // ----------------------------------------------------------------------------------------------------

  void ladder() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Amount& amount = rows_[i]->amount;
      const bool shrinks = (amount.form == Amount::Form::factor && to_rational(amount.low) < 1) ||
                           (amount.form == Amount::Form::log_step && to_rational(amount.low) < 0);
      if (shrinks && reported_.insert({rows_[i], rows_[i]}).second) {
        report(FindingKind::ladder_falls, Severity::error, rows_[i]->span,
               fmt::format("{} is less than the dose before", name_of(*rows_[i])), "",
               "check the factor; a series that is meant to fall is written with amounts");
      }
      for (std::size_t j = 0; j < rows_.size(); ++j) {
        if (i != j) falls(i, j);
      }
    }
  }

  void falls(std::size_t lower, std::size_t upper) {
    const DoseRow& from = *rows_[lower];
    const DoseRow& to = *rows_[upper];
    // The first level of the upper row that directly follows one of the lower row.
    const int level = std::max(from.first_level, to.first_level - 1);
    if (level > from.last_level || level + 1 < to.first_level || level + 1 > to.last_level) return;
    std::string which;
    for (const Target& before : from.amount.targets) {
      for (const Target& after : to.amount.targets) {
        if (before.kind != after.kind || before.per_kilogram != after.per_kilogram) continue;
        const auto a = bounds_of(before);
        const auto b = bounds_of(after);
        if (a && b && b->high < a->low) which = fmt::format("{} after {}", to_text(after), to_text(before));
      }
    }
    if (which.empty() || reported_.contains({&from, &to})) return;
    std::vector<Formula> together = premises_;
    encoding_.at_moment(0);
    for (const Formula f : chosen(lower, level)) together.push_back(f);
    const auto day_then = encoding_.today_in({});
    encoding_.at_moment(1);
    for (const Formula f : chosen(upper, level + 1)) together.push_back(f);
    encoding_.at_moment(0);
    together.push_back(day_then.yes);
    together.push_back(solver_.compare(protocol::Op::less_or_equal, solver_.integer("days since day 0@0"),
                                       solver_.integer("days since day 0@1")));
    if (!possible(together)) return;
    reported_.insert({&from, &to});
    report(FindingKind::ladder_falls, Severity::error, to.span,
           fmt::format("level {} is less than level {}: {}", level + 1, level, which),
           fmt::format("the row of level {} stands in line {}", level, from.span.line),
           "check the exponents of both rows");
  }

  const protocol::Protocol& protocol_;
  Encoding& encoding_;
  Solver& solver_;
  std::vector<Finding>& findings_;
  std::vector<const DoseRow*> rows_;
  std::vector<Formula> premises_;
  std::set<const DoseRow*> checked_;
  std::set<std::pair<const DoseRow*, const DoseRow*>> reported_;
  std::set<std::pair<const DoseRow*, const DoseRow*>> overlaps_;
  bool settled_ = true;
};

}  // namespace

bool check_dose_table(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
                      std::vector<Finding>& findings) {
  return DoseTable(protocol, encoding, solver, findings).run();
}

void list_open_parameters(const protocol::Protocol& protocol, std::vector<Finding>& findings) {
  for (const auto& parameter : protocol.parameters) {
    if (parameter.default_value) continue;
    findings.push_back(
        {FindingKind::parameter_without_default,
         Severity::note,
         parameter.span,
         fmt::format(
             "the site has to set {}{}", parameter.name,
             parameter.choices.empty() ? "" : fmt::format(": {}", fmt::join(parameter.choices, ", "))),
         "until then the decision is ask wherever it matters",
         "",
         {}});
  }
}

}  // namespace graftline::verify
