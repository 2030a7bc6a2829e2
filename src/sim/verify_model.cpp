#include "sim/verify_model.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "core/unit.h"
#include "sim/process.h"

namespace graftline::sim {
namespace {

using protocol::Diagnostic;
using protocol::Severity;

class Verifier {
 public:
  Verifier(const Model& model, std::vector<Diagnostic>& diagnostics)
      : model_(model), diagnostics_(diagnostics) {}

  void run() {
    declared();
    if (has_error_) return;
    circles();
    variant("");
    for (const Variant& one : model_.variants) {
      if (!has_error_) variant(one.name);
    }
  }

 private:
  void error(const Span& span, std::string message, std::string suggestion = "") {
    has_error_ = true;
    diagnostics_.push_back({Severity::error, std::move(message), std::move(suggestion), span});
  }

  void declared() {
    for (const Trait& trait : model_.traits) {
      const bool is_log = trait.form == Trait::Form::log_normal || trait.form == Trait::Form::gamma;
      if (trait.form != Trait::Form::uniform && trait.second < 0.0)
        error(trait.span, fmt::format("{}: a standard deviation or variance is 0 or more", trait.name));
      if (is_log && trait.first <= 0.0) error(trait.span, fmt::format("{}: a median is above 0", trait.name));
      if (trait.form == Trait::Form::uniform && trait.first > trait.second)
        error(trait.span, fmt::format("{}: the least value is above the greatest", trait.name));
      if (trait.low >= trait.high) {
        error(trait.span, fmt::format("{}: the limits leave no value", trait.name));
      } else if (trait.form == Trait::Form::normal && trait.second > 0.0) {
        // Drawn again until inside: limits far from the mean would never be met.
        const double nearest = trait.first < trait.low    ? trait.low - trait.first
                               : trait.first > trait.high ? trait.first - trait.high
                                                          : 0.0;
        if (nearest > 3.0 * trait.second)
          error(trait.span,
                fmt::format("{}: the limits lie more than 3 standard deviations from the mean", trait.name));
      }
    }
    for (const Curve& one : model_.curves) curve(one);
    for (const Variant& one : model_.variants) {
      for (const auto& [index, replaced] : one.curves) curve(replaced);
    }
  }

  void curve(const Curve& curve) {
    if (curve.form == Curve::Form::gompertz) {
      if (curve.scale < 0.0) error(curve.span, fmt::format("{}: a hazard is 0 or more", curve.name));
      if (curve.scale == 0.0)
        error(curve.span, fmt::format("{}: a hazard that stays at 0 is no curve", curve.name));
    } else if (curve.form != Curve::Form::steps && (curve.shape <= 0.0 || curve.scale <= 0.0)) {
      error(curve.span, fmt::format("{}: shape and scale are above 0", curve.name));
    }
  }

  // A transition that triggers itself, without any delay between.
  void circles() {
    std::vector<int> mark(model_.transitions.size(), 0);
    const auto infuses = [&](const Transition& transition) {
      for (const Outcome& outcome : transition.outcomes) {
        for (const Action& action : outcome.actions) {
          if (action.form == Action::Form::infuse) return true;
        }
      }
      return false;
    };
    const std::function<void(std::uint32_t)> visit = [&](std::uint32_t at) {
      mark[at] = 1;
      for (std::uint32_t next = 0; next < model_.transitions.size(); ++next) {
        const Transition& candidate = model_.transitions[next];
        if (candidate.after) continue;
        bool is_triggered = false;
        for (const std::uint32_t trigger : candidate.on)
          is_triggered |= trigger == at || (trigger == trigger_infusion && infuses(model_.transitions[at]));
        if (!is_triggered) continue;
        if (mark[next] == 1) {
          error(candidate.span,
                fmt::format("{} and {} trigger each other without a delay", candidate.name,
                            model_.transitions[at].name),
                "put 'after' into one of them");
        } else if (mark[next] == 0) {
          visit(next);
        }
      }
      mark[at] = 2;
    };
    for (std::uint32_t i = 0; i < model_.transitions.size(); ++i) {
      if (mark[i] == 0) visit(i);
    }
  }

  void variant(std::string_view written) {
    const std::string where = written.empty() ? "" : fmt::format(" in variant {}", written);
    for (const Variant& one : model_.variants) {
      for (const auto& begin : one.beginnings) {
        if (!model_.states[begin.state].share.empty())
          error(one.span, fmt::format("{} is drawn with shares; a variant cannot begin it as one value",
                                      model_.states[begin.state].name));
      }
    }
    if (has_error_) return;
    const auto process = compile(model_, written);
    if (!process) {
      protocol::Span span{0, 0, 1, 1};
      for (const Transition& transition : model_.transitions) {
        if (process.error().message.find("transition " + transition.name + ":") != std::string::npos)
          span = transition.span;
      }
      return error(span, process.error().message + where);
    }
    for (std::size_t i = 0; i < process->numbers.size(); ++i) {
      if (!std::isfinite(process->numbers[i]))
        error(model_.numbers[i].span, fmt::format("{} is no finite number{}", model_.numbers[i].name, where));
    }
    for (const CompiledTransition& one : process->transitions) transition(one, *process, where);
    for (const Measurement& one : model_.measurements) measurement(one, *process, where);
  }

  void transition(const CompiledTransition& one, const Process& process, const std::string& where) {
    const Transition& source = *one.source;
    constexpr double slack = 1e-9;
    if (!one.rate.empty()) {
      const Interval rate = bounds(one.rate, process);
      if (rate.low < 0.0) {
        error(source.span,
              fmt::format("the rate of {} can be as low as {:.4g}{}", source.name, rate.low, where),
              "a hazard is 0 or more: write max(0, ...)");
      } else if (std::isnan(rate.high)) {
        error(source.span, fmt::format("the rate of {} is no number{}", source.name, where));
      }
    }
    const auto probability = [&](const Expression& expression, std::string_view of) -> Interval {
      const Interval range = bounds(expression, process);
      if (range.low < -slack || range.high > 1.0 + slack) {
        error(source.span,
              fmt::format("{} of {} ranges from {:.4g} to {:.4g}{}", of, source.name, range.low, range.high,
                          where),
              "a probability lies between 0 and 1: write min(1, ...) or max(0, ...)");
      }
      return range;
    };
    if (!one.probability.empty()) probability(one.probability, "the probability");
    Interval sum{0.0, 0.0};
    bool has_rest = false;
    for (const Outcome& outcome : one.outcomes) {
      if (outcome.probability.empty()) {
        has_rest = true;
        continue;
      }
      const Interval range = probability(outcome.probability, "the probability of an outcome");
      sum = {sum.low + range.low, sum.high + range.high};
    }
    if (has_error_) return;
    if (has_rest && sum.high > 1.0 + slack) {
      error(source.span, fmt::format("the probabilities of the outcomes of {} can add up to {:.4g} %{}",
                                     source.name, 100.0 * sum.high, where));
    } else if (!has_rest && (std::abs(sum.low - 1.0) > slack || std::abs(sum.high - 1.0) > slack)) {
      error(source.span,
            fmt::format("the probabilities of the outcomes of {} add up to {:.4g} to {:.4g} %, not 100 %{}",
                        source.name, 100.0 * sum.low, 100.0 * sum.high, where),
            "end the list with 'otherwise ...'");
    }
    if (one.after) delay(one, process, where);
  }

  void measurement(const Measurement& one, const Process& process, const std::string& where) {
    for (const Expression* expression : {&one.missed, &one.false_first, &one.missed_first}) {
      if (expression->empty()) continue;
      const Interval range = bounds(process.instantiate(*expression), process);
      if (range.low < 0.0 || range.high > 1.0)
        error(one.span,
              fmt::format("a probability of {} ranges from {:.4g} to {:.4g}{}", one.name, range.low,
                          range.high, where),
              "a probability lies between 0 and 1");
    }
    if (!one.error.empty() && bounds(process.instantiate(one.error), process).low < 0.0)
      error(one.span, fmt::format("the error of {} can be negative{}", one.name, where),
            "a standard deviation is 0 or more");
    if (one.known_after && bounds(process.instantiate(one.known_after->first), process).low < 0.0)
      error(one.span, fmt::format("results of {} can be known before they are measured{}", one.name, where));
    if (!one.unit.empty() && !parse_unit(one.unit))
      error(one.span, fmt::format("'{}' is no UCUM unit", one.unit));
  }

  void delay(const CompiledTransition& one, const Process& process, const std::string& where) {
    const Transition& source = *one.source;
    const Interval first = bounds(one.after->first, process);
    const bool may_be_zero = one.after->form == Delay::Form::fixed || one.after->form == Delay::Form::uniform;
    if (first.low < 0.0 || (!may_be_zero && first.high <= 0.0))
      error(source.span, fmt::format("the delay of {} can be {:.4g}{}", source.name, first.low, where),
            may_be_zero ? "a delay is 0 or more: write max(0, ...)" : "shape, mean and median are above 0");
    if (one.after->second.empty()) return;
    const Interval second = bounds(one.after->second, process);
    if (one.after->form == Delay::Form::uniform ? second.high < first.low : second.low < 0.0)
      error(source.span,
            fmt::format("the second figure of the delay of {} does not fit the first{}", source.name, where));
  }

  const Model& model_;
  std::vector<Diagnostic>& diagnostics_;
  bool has_error_ = false;
};

}  // namespace

void verify(const Model& model, std::vector<Diagnostic>& diagnostics) { Verifier(model, diagnostics).run(); }

}  // namespace graftline::sim
