#include "sim/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace graftline::sim {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int most_counted_infusions = 15;  // of a situation

double arithmetic(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    case Operation::power:
      return std::pow(a, b);
    case Operation::smaller:
      return std::min(a, b);
    case Operation::larger:
      return std::max(a, b);
    case Operation::less:
      return a < b ? 1.0 : 0.0;
    case Operation::less_equal:
      return a <= b ? 1.0 : 0.0;
    case Operation::greater:
      return a > b ? 1.0 : 0.0;
    case Operation::greater_equal:
      return a >= b ? 1.0 : 0.0;
    case Operation::equal:
      return a == b ? 1.0 : 0.0;
    case Operation::not_equal:
      return a != b ? 1.0 : 0.0;
    case Operation::both:
      return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
    case Operation::either:
      return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
    default:
      ensure(false, "an operation of two operands");
      return 0.0;
  }
}

double arithmetic(Operation operation, double a) {
  switch (operation) {
    case Operation::negate:
      return -a;
    case Operation::exponential:
      return std::exp(a);
    case Operation::logarithm:
      return std::log(a);
    case Operation::square_root:
      return std::sqrt(a);
    case Operation::negation:
      return a == 0.0 ? 1.0 : 0.0;
    default:
      ensure(false, "an operation of one operand");
      return 0.0;
  }
}

bool is_comparison(Operation operation) {
  return operation >= Operation::less && operation <= Operation::not_equal;
}

// Copies an expression into `out`: names written out, constants folded. Gives the index of its root.
class Instantiation {
 public:
  Instantiation(const Model& model, const std::vector<double>& numbers) : model_(model), numbers_(numbers) {}

  Expression run(const Expression& expression) {
    if (expression.empty()) return {};
    out_.nodes.clear();
    const int root = copy(expression, static_cast<int>(expression.nodes.size()) - 1);
    // Folding leaves constants that nothing uses behind the root or before it; the root is made last.
    if (root + 1 != static_cast<int>(out_.nodes.size()))
      out_.nodes.push_back(out_.nodes[static_cast<std::size_t>(root)]);
    return std::move(out_);
  }

 private:
  int push(ExpressionNode node) {
    out_.nodes.push_back(node);
    return static_cast<int>(out_.nodes.size()) - 1;
  }
  int constant(double value) {
    ExpressionNode node;
    node.value = value;
    return push(node);
  }
  const ExpressionNode* if_constant(int at) const {
    if (at < 0) return nullptr;
    const ExpressionNode& node = out_.nodes[static_cast<std::size_t>(at)];
    return node.operation == Operation::constant ? &node : nullptr;
  }

  int copy(const Expression& from, int at) {
    ExpressionNode node = from.nodes[static_cast<std::size_t>(at)];
    switch (node.operation) {
      case Operation::number:
        return constant(numbers_[node.index]);
      case Operation::let: {
        const Expression& named = model_.lets[node.index].value;
        return copy(named, static_cast<int>(named.nodes.size()) - 1);
      }
      case Operation::choose: {
        const int condition = copy(from, node.a);
        if (const auto* known = if_constant(condition))
          return copy(from, known->value != 0.0 ? node.b : node.c);
        node.a = condition;
        node.b = copy(from, node.b);
        node.c = copy(from, node.c);
        return push(node);
      }
      case Operation::state_in: {
        const std::size_t count = model_.states[node.index].values.size();
        const std::uint32_t all = count >= 32 ? 0xFFFFFFFFU : (1U << count) - 1U;
        if ((node.mask & all) == 0) return constant(0.0);
        if ((node.mask & all) == all) return constant(1.0);
        return push(node);
      }
      default:
        break;
    }
    if (node.a < 0) return push(node);
    node.a = copy(from, node.a);
    if (node.b < 0) {
      if (const auto* a = if_constant(node.a)) return constant(arithmetic(node.operation, a->value));
      return push(node);
    }
    node.b = copy(from, node.b);
    const auto* a = if_constant(node.a);
    const auto* b = if_constant(node.b);
    if (a != nullptr && b != nullptr) return constant(arithmetic(node.operation, a->value, b->value));
    return push(node);
  }

  const Model& model_;
  const std::vector<double>& numbers_;
  Expression out_;
};

double value_of(const Expression& expression, const Model& model, const std::vector<double>& numbers) {
  const Expression folded = Instantiation(model, numbers).run(expression);
  ensure(!folded.empty() && folded.nodes.back().operation == Operation::constant, "a number is a constant");
  return folded.nodes.back().value;
}

class Compiler {
 public:
  Compiler(const Model& model, Process& process) : model_(model), process_(process) {}

  std::optional<Error> run(const Variant* variant) {
    process_.model = &model_;
    process_.variant = variant == nullptr ? "" : variant->name;
    process_.curves = model_.curves;
    process_.begins.assign(model_.states.size(), 0);
    from_day_ = model_.from_day;
    replaced_.assign(model_.numbers.size(), nullptr);
    is_off_.assign(model_.transitions.size(), 0);
    for (std::size_t i = 0; i < model_.transitions.size(); ++i)
      is_off_[i] = model_.transitions[i].is_policy ? 1 : 0;
    if (variant != nullptr) apply(*variant, 0);
    process_.transplant_at = -from_day_ / model_.days_per_unit;
    for (std::size_t i = 0; i < model_.numbers.size(); ++i) {
      const Expression& value = replaced_[i] != nullptr ? *replaced_[i] : model_.numbers[i].value;
      process_.numbers.push_back(value_of(value, model_, process_.numbers));
    }
    copy_transitions();
    if (auto problem = gather_marks()) return problem;
    for (CompiledTransition& transition : process_.transitions) {
      mark(transition.when, transition.source->rate.empty());
      mark(transition.rate, false);
    }
    find_situation();
    return std::nullopt;
  }

 private:
  void find_situation() {
    std::vector<char> states(model_.states.size(), 0);
    std::vector<char> clocks(model_.clocks.size(), 0);
    bool has_infusions = false;
    for (const std::uint32_t at : process_.by_rate) {
      const CompiledTransition& transition = process_.transitions[at];
      if (transition.parametric >= 0) {
        clocks[process_.curves[static_cast<std::size_t>(transition.parametric)].clock] = 1;
      }
      for (const Expression* expression : {&transition.when, &transition.rate}) {
        // From the root: a look-up by marks leaves the comparison it came from behind, unused.
        std::vector<int> open;
        if (!expression->empty()) open.push_back(static_cast<int>(expression->nodes.size()) - 1);
        while (!open.empty()) {
          const ExpressionNode& node = expression->nodes[static_cast<std::size_t>(open.back())];
          open.pop_back();
          for (const int operand : {node.a, node.b, node.c}) {
            if (operand >= 0) open.push_back(operand);
          }
          switch (node.operation) {
            case Operation::state_in:
              states[node.index] = 1;
              break;
            case Operation::passed:
            case Operation::steps:
            case Operation::running:
              clocks[node.index] = 1;
              break;
            case Operation::infusions:
              has_infusions = true;
              break;
            case Operation::trait:
            case Operation::dose:
            case Operation::start_of:
            case Operation::since:
            case Operation::curve:
              return;
            default:
              break;
          }
        }
      }
    }
    using Part = Process::SituationPart;
    std::vector<Part> parts;
    std::uint32_t shift = 0;
    const auto add = [&](Part::Kind kind, std::size_t index, std::size_t values) {
      parts.push_back({kind, static_cast<std::uint32_t>(index), shift});
      shift += static_cast<std::uint32_t>(std::bit_width(values - 1));
    };
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] != 0) add(Part::Kind::state, i, std::max<std::size_t>(2, model_.states[i].values.size()));
    }
    // Not started, or the number of marks passed.
    for (std::size_t i = 0; i < clocks.size(); ++i) {
      if (clocks[i] != 0) add(Part::Kind::clock, i, process_.marks[i].size() + 2);
    }
    if (has_infusions) add(Part::Kind::infusions, 0, most_counted_infusions + 1);
    if (shift < 64) process_.situation = std::move(parts);  // one bit is left, so that no key is all ones
  }

  void apply(const Variant& variant, int depth) {
    ensure(depth < 300, "variants extend earlier ones only");
    for (const std::uint32_t base : variant.extends) apply(model_.variants[base], depth + 1);
    for (const auto& changed : variant.numbers) replaced_[changed.index] = &changed.value;
    for (const auto& [index, curve] : variant.curves) process_.curves[index] = curve;
    for (const auto& beginning : variant.beginnings) process_.begins[beginning.state] = beginning.value;
    for (const std::uint32_t used : variant.uses) is_off_[used] = 0;
    for (const std::uint32_t left : variant.without) is_off_[left] = 1;
    if (variant.from_day) from_day_ = *variant.from_day;
  }

  void copy_transitions() {
    const auto instantiate = [&](const Expression& e) {
      return Instantiation(model_, process_.numbers).run(e);
    };
    process_.triggered_by.resize(model_.transitions.size());
    for (std::size_t i = 0; i < model_.transitions.size(); ++i) {
      if (is_off_[i] != 0) continue;
      const Transition& from = model_.transitions[i];
      CompiledTransition to;
      to.index = static_cast<std::uint32_t>(i);
      to.source = &from;
      to.when = instantiate(from.when);
      to.rate = instantiate(from.rate);
      to.probability = instantiate(from.probability);
      if (from.after)
        to.after = Delay{from.after->form, instantiate(from.after->first), instantiate(from.after->second)};
      for (const Outcome& outcome : from.outcomes) {
        Outcome copy{instantiate(outcome.probability), {}};
        for (const Action& action : outcome.actions) {
          copy.actions.push_back(
              {action.form, action.index, action.value, instantiate(action.dose), instantiate(action.when)});
        }
        to.outcomes.push_back(std::move(copy));
      }
      const auto at = static_cast<std::uint32_t>(process_.transitions.size());
      if (!from.rate.empty()) process_.by_rate.push_back(at);
      for (const std::uint32_t trigger : from.on) {
        if (trigger == trigger_start) {
          process_.on_start.push_back(at);
        } else if (trigger == trigger_infusion) {
          process_.on_infusion.push_back(at);
        } else {
          process_.triggered_by[trigger].push_back(at);
        }
      }
      process_.transitions.push_back(std::move(to));
    }
  }

  // The parametric curve that multiplies a rate is taken out; what is left changes only at marks.
  bool take_parametric(CompiledTransition& transition) {
    auto& nodes = transition.rate.nodes;
    int at = static_cast<int>(nodes.size()) - 1;
    std::vector<int> open{at};
    while (!open.empty()) {
      at = open.back();
      open.pop_back();
      ExpressionNode& node = nodes[static_cast<std::size_t>(at)];
      if (node.operation == Operation::multiply) {
        open.push_back(node.a);
        open.push_back(node.b);
      } else if (node.operation == Operation::curve &&
                 process_.curves[node.index].form != Curve::Form::steps) {
        if (transition.parametric >= 0) return false;
        transition.parametric = static_cast<int>(node.index);
        node = {};
        node.value = 1.0;
      }
    }
    return true;
  }

  std::optional<Error> gather_marks() {
    process_.marks.assign(model_.clocks.size(), {});
    for (CompiledTransition& transition : process_.transitions) {
      if (transition.source->rate.empty()) continue;
      const auto fail = [&](std::string_view why) {
        return Error{ErrorKind::unsupported,
                     fmt::format("line {}: transition {}: {}", transition.source->span.line,
                                 transition.source->name, why)};
      };
      if (!take_parametric(transition)) return fail("a rate has at most one parametric curve as a factor");
      for (const Expression* expression : {&transition.when, &transition.rate}) {
        if (auto problem = gather_marks(*expression)) return fail(*problem);
      }
    }
    for (std::size_t clock = 0; clock < process_.marks.size(); ++clock) {
      auto& marks = process_.marks[clock];
      std::ranges::sort(marks);
      marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
      if (marks.size() > 250) {
        return Error{ErrorKind::out_of_range,
                     fmt::format("clock {}: rates change at more than 250 of its readings",
                                 model_.clocks[clock].name)};
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> gather_marks(const Expression& expression) {
    std::vector<char> is_compared(expression.nodes.size(), 0);
    for (const ExpressionNode& node : expression.nodes) {
      if (const auto found = comparison_with_clock(expression, node)) {
        is_compared[static_cast<std::size_t>(found->since)] = 1;
        if (found->limit >= 0.0) process_.marks[found->clock].push_back(found->limit);
      }
    }
    for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
      const ExpressionNode& node = expression.nodes[i];
      if (node.operation == Operation::curve) {
        const Curve& curve = process_.curves[node.index];
        if (curve.form != Curve::Form::steps)
          return "a parametric curve stands as a factor of the whole rate only";
        auto& marks = process_.marks[curve.clock];
        marks.insert(marks.end(), curve.until.begin(), curve.until.end());
      }
      if (node.operation == Operation::since && is_compared[i] == 0) {
        return "a rate changes with a clock by curves and by comparisons with a fixed number only, such as "
               "'since dli >= 1'";
      }
    }
    return std::nullopt;
  }

  struct ClockComparison {
    std::uint32_t clock = 0;
    int since = -1;
    double limit = 0.0;
    bool is_from = true;  // the clock reads at least the limit
  };
  std::optional<ClockComparison> comparison_with_clock(const Expression& e,
                                                       const ExpressionNode& node) const {
    if (!is_comparison(node.operation) || node.operation == Operation::equal ||
        node.operation == Operation::not_equal)
      return std::nullopt;
    const bool is_greater =
        node.operation == Operation::greater || node.operation == Operation::greater_equal;
    const auto& left = e.nodes[static_cast<std::size_t>(node.a)];
    const auto& right = e.nodes[static_cast<std::size_t>(node.b)];
    if (left.operation == Operation::since && right.operation == Operation::constant)
      return ClockComparison{left.index, node.a, right.value, is_greater};
    if (right.operation == Operation::since && left.operation == Operation::constant)
      return ClockComparison{right.index, node.b, left.value, !is_greater};
    return std::nullopt;
  }

  // Curves and comparisons with clocks become look-ups by the number of marks passed.
  void mark(Expression& expression, bool is_asked_at_events) {
    if (is_asked_at_events) return;
    for (ExpressionNode& node : expression.nodes) {
      if (node.operation == Operation::curve) {
        const Curve& curve = process_.curves[node.index];
        const auto& marks = process_.marks[curve.clock];
        node.operation = Operation::steps;
        node.index = curve.clock;
        node.mask = static_cast<std::uint32_t>(process_.table.size());
        for (std::size_t bin = 0; bin <= marks.size(); ++bin) {
          const double from = bin == 0 ? 0.0 : marks[bin - 1];
          const auto piece = std::ranges::upper_bound(curve.until, from) - curve.until.begin();
          process_.table.push_back(curve.values[static_cast<std::size_t>(piece)]);
        }
      } else if (const auto found = comparison_with_clock(expression, node)) {
        const auto& marks = process_.marks[found->clock];
        const auto at = std::ranges::lower_bound(marks, found->limit) - marks.begin();
        node = {};
        node.operation = Operation::passed;
        node.index = found->clock;
        // Negative limits are behind every reading.
        node.mask = found->limit < 0.0 ? 0 : static_cast<std::uint32_t>(at) + 1;
        node.value = found->is_from ? 1.0 : 0.0;
      }
    }
  }

  const Model& model_;
  Process& process_;
  std::vector<const Expression*> replaced_;
  std::vector<char> is_off_;
  int from_day_ = 0;
};

double evaluate(const Expression& e, int at, const Patient& patient, const Process& process) {
  const ExpressionNode& node = e.nodes[static_cast<std::size_t>(at)];
  switch (node.operation) {
    case Operation::constant:
      return node.value;
    case Operation::state_in:
      return static_cast<double>((node.mask >> patient.state[node.index]) & 1U);
    case Operation::since:
      return patient.since(node.index);
    case Operation::start_of:
      return patient.started[node.index];
    case Operation::running:
      return patient.started[node.index] != not_started ? 1.0 : 0.0;
    case Operation::passed: {
      if (patient.started[node.index] == not_started) return 0.0;
      const bool is_past = patient.marks_passed[node.index] >= node.mask;
      return is_past == (node.value != 0.0) ? 1.0 : 0.0;
    }
    case Operation::steps:
      if (patient.started[node.index] == not_started) return 0.0;
      return process.table[node.mask + patient.marks_passed[node.index]];
    case Operation::curve: {
      const Curve& curve = process.curves[node.index];
      if (patient.started[curve.clock] == not_started) return 0.0;
      return hazard(curve, patient.since(curve.clock));
    }
    case Operation::trait:
      return patient.trait[node.index];
    case Operation::dose:
      return patient.dose;
    case Operation::infusions:
      return patient.infusions;
    case Operation::both:
      return evaluate(e, node.a, patient, process) != 0.0 ? evaluate(e, node.b, patient, process) : 0.0;
    case Operation::either:
      return evaluate(e, node.a, patient, process) != 0.0 ? 1.0 : evaluate(e, node.b, patient, process);
    case Operation::choose:
      return evaluate(e, evaluate(e, node.a, patient, process) != 0.0 ? node.b : node.c, patient, process);
    case Operation::number:
    case Operation::let:
      ensure(false, "names are written out before an expression is evaluated");
      return 0.0;
    default:
      break;
  }
  const double a = evaluate(e, node.a, patient, process);
  if (node.b < 0) return arithmetic(node.operation, a);
  // A clock that has not started: no comparison holds.
  const double b = evaluate(e, node.b, patient, process);
  if (is_comparison(node.operation)) {
    const auto is_idle = [&](int operand) {
      const ExpressionNode& clock = e.nodes[static_cast<std::size_t>(operand)];
      return (clock.operation == Operation::since || clock.operation == Operation::start_of) &&
             patient.started[clock.index] == not_started;
    };
    if (is_idle(node.a) || is_idle(node.b)) return 0.0;
  }
  return arithmetic(node.operation, a, b);
}

// 0 x infinity is 0 here: bounds, not limits.
double product(double a, double b) { return a == 0.0 || b == 0.0 ? 0.0 : a * b; }

Interval bounds_of(Operation operation, Interval a, Interval b) {
  switch (operation) {
    case Operation::add:
      return {a.low + b.low, a.high + b.high};
    case Operation::subtract:
      return {a.low - b.high, a.high - b.low};
    case Operation::multiply: {
      const std::array all{product(a.low, b.low), product(a.low, b.high), product(a.high, b.low),
                           product(a.high, b.high)};
      return {*std::ranges::min_element(all), *std::ranges::max_element(all)};
    }
    case Operation::divide: {
      if (b.low < 0.0 && b.high > 0.0) return {-infinity, infinity};
      const auto inverse = [](double x, double at_zero) { return x == 0.0 ? at_zero : 1.0 / x; };
      const Interval reciprocal{inverse(b.high, -infinity), inverse(b.low, infinity)};
      return bounds_of(
          Operation::multiply, a,
          {std::min(reciprocal.low, reciprocal.high), std::max(reciprocal.low, reciprocal.high)});
    }
    case Operation::power: {
      if (a.low < 0.0) return {-infinity, infinity};
      const std::array all{std::pow(a.low, b.low), std::pow(a.low, b.high), std::pow(a.high, b.low),
                           std::pow(a.high, b.high)};
      return {*std::ranges::min_element(all), *std::ranges::max_element(all)};
    }
    case Operation::smaller:
      return {std::min(a.low, b.low), std::min(a.high, b.high)};
    case Operation::larger:
      return {std::max(a.low, b.low), std::max(a.high, b.high)};
    default:
      return {0.0, 1.0};  // questions
  }
}

}  // namespace

Expression Process::instantiate(const Expression& expression) const {
  return Instantiation(*model, numbers).run(expression);
}

Result<Process> compile(const Model& model, std::string_view variant) {
  const Variant* chosen = nullptr;
  if (!variant.empty()) {
    const auto at = std::ranges::find(model.variants, variant, &Variant::name);
    if (at == model.variants.end()) {
      std::vector<std::string> names;
      for (const Variant& known : model.variants) names.push_back(known.name);
      return Error{ErrorKind::not_found, fmt::format("model {}: there is no variant '{}'; there are {}",
                                                     model.id, variant, fmt::join(names, ", "))};
    }
    chosen = &*at;
  }
  Process process;
  if (auto problem = Compiler(model, process).run(chosen)) return *problem;
  return process;
}

std::optional<std::uint64_t> situation(const Process& process, const Patient& patient) {
  if (process.situation.empty()) return std::nullopt;
  std::uint64_t key = 0;
  for (const Process::SituationPart& part : process.situation) {
    std::uint64_t value = 0;
    switch (part.kind) {
      case Process::SituationPart::Kind::state:
        value = patient.state[part.index];
        break;
      case Process::SituationPart::Kind::clock:
        value = patient.started[part.index] == not_started
                    ? 0
                    : std::uint64_t{1} + patient.marks_passed[part.index];
        break;
      case Process::SituationPart::Kind::infusions:
        if (patient.infusions > most_counted_infusions) return std::nullopt;
        value = static_cast<std::uint64_t>(patient.infusions);
        break;
    }
    key |= value << part.shift;
  }
  return key;
}

double evaluate(const Expression& expression, const Patient& patient, const Process& process) {
  return evaluate(expression, static_cast<int>(expression.nodes.size()) - 1, patient, process);
}

double hazard(const Curve& curve, double t) {
  switch (curve.form) {
    case Curve::Form::steps:
      return curve
          .values[static_cast<std::size_t>(std::ranges::upper_bound(curve.until, t) - curve.until.begin())];
    case Curve::Form::weibull:
      return curve.shape / curve.scale * std::pow(t / curve.scale, curve.shape - 1.0);
    case Curve::Form::gompertz:
      return curve.scale * std::exp(curve.shape * t);
    case Curve::Form::log_logistic: {
      const double x = std::pow(t / curve.scale, curve.shape);
      return t > 0.0 ? curve.shape / t * x / (1.0 + x) : (curve.shape == 1.0 ? 1.0 / curve.scale : 0.0);
    }
  }
  return 0.0;
}

double cumulative_hazard(const Curve& curve, double t) {
  if (t <= 0.0) return 0.0;
  switch (curve.form) {
    case Curve::Form::steps:
      break;
    case Curve::Form::weibull:
      return std::pow(t / curve.scale, curve.shape);
    case Curve::Form::gompertz:
      return curve.shape == 0.0 ? curve.scale * t : curve.scale * std::expm1(curve.shape * t) / curve.shape;
    case Curve::Form::log_logistic:
      return std::log1p(std::pow(t / curve.scale, curve.shape));
  }
  ensure(false, "a parametric curve");
  return 0.0;
}

double inverse_cumulative_hazard(const Curve& curve, double h) {
  switch (curve.form) {
    case Curve::Form::steps:
      break;
    case Curve::Form::weibull:
      return curve.scale * std::pow(h, 1.0 / curve.shape);
    case Curve::Form::gompertz: {
      if (curve.shape == 0.0) return h / curve.scale;
      const double inside = 1.0 + curve.shape * h / curve.scale;
      return inside <= 0.0 ? infinity : std::log(inside) / curve.shape;  // a falling hazard may end before h
    }
    case Curve::Form::log_logistic:
      return curve.scale * std::pow(std::expm1(h), 1.0 / curve.shape);
  }
  ensure(false, "a parametric curve");
  return 0.0;
}

Interval bounds(const Expression& expression, const Process& process) {
  const Model& model = *process.model;
  std::vector<Interval> of(expression.nodes.size());
  for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
    const ExpressionNode& node = expression.nodes[i];
    const auto operand = [&](int at) { return of[static_cast<std::size_t>(at)]; };
    switch (node.operation) {
      case Operation::constant:
        of[i] = {node.value, node.value};
        break;
      case Operation::since:
      case Operation::start_of:
        of[i] = {-infinity, infinity};
        break;
      case Operation::curve: {
        const Curve& curve = process.curves[node.index];
        of[i] = {0.0, infinity};
        if (curve.form == Curve::Form::steps) {
          of[i] = {std::ranges::min(curve.values), std::ranges::max(curve.values)};
          of[i] = {std::min(of[i].low, 0.0), std::max(of[i].high, 0.0)};
          if (curve.clock == clock_start || curve.clock == clock_transplant) {
            of[i] = {std::ranges::min(curve.values), std::ranges::max(curve.values)};
          }
        }
        break;
      }
      case Operation::steps: {
        const auto from = process.table.begin() + node.mask;
        const auto to = from + static_cast<std::ptrdiff_t>(process.marks[node.index].size()) + 1;
        of[i] = {std::min(0.0, *std::min_element(from, to)), std::max(0.0, *std::max_element(from, to))};
        break;
      }
      case Operation::trait: {
        const Trait& trait = model.traits[node.index];
        const double low = trait.form == Trait::Form::normal    ? -infinity
                           : trait.form == Trait::Form::uniform ? trait.first
                                                                : 0.0;
        const double high = trait.form == Trait::Form::uniform ? trait.second : infinity;
        of[i] = {std::max(low, trait.low), std::min(high, trait.high)};
        break;
      }
      case Operation::dose:
      case Operation::infusions:
        of[i] = {0.0, infinity};
        break;
      case Operation::choose:
        of[i] = {std::min(operand(node.b).low, operand(node.c).low),
                 std::max(operand(node.b).high, operand(node.c).high)};
        break;
      case Operation::negate:
        of[i] = {-operand(node.a).high, -operand(node.a).low};
        break;
      case Operation::exponential:
        of[i] = {std::exp(operand(node.a).low), std::exp(operand(node.a).high)};
        break;
      case Operation::logarithm:
        of[i] = operand(node.a).low < 0.0
                    ? Interval{-infinity, infinity}
                    : Interval{std::log(operand(node.a).low), std::log(operand(node.a).high)};
        break;
      case Operation::square_root:
        of[i] = operand(node.a).low < 0.0
                    ? Interval{-infinity, infinity}
                    : Interval{std::sqrt(operand(node.a).low), std::sqrt(operand(node.a).high)};
        break;
      default:
        of[i] = node.b < 0 ? Interval{0.0, 1.0} : bounds_of(node.operation, operand(node.a), operand(node.b));
    }
    // infinity - infinity and the like: nothing is known.
    if (std::isnan(of[i].low)) of[i].low = -infinity;
    if (std::isnan(of[i].high)) of[i].high = infinity;
  }
  return of.empty() ? Interval{} : of.back();
}

}  // namespace graftline::sim
