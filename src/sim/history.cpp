#include "sim/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/delay.h"

namespace graftline::sim {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr std::size_t most_events = 20'000;  // of one patient: more is a model that runs in a circle
constexpr std::size_t most_pending = 1'000;
constexpr int deepest_cascade = 200;
constexpr unsigned situation_bits = 12;
constexpr std::size_t most_situations = std::size_t{1} << situation_bits;

// Where a transition looks its numbers up: (occurrence, transition, slot) as one index of the patient's
// stream.
enum Slot : std::uint32_t { fate_slot, outcome_slot, probability_slot, delay_slot };
constexpr std::uint64_t slots = 4;
constexpr std::uint64_t occurrence_stride = slots * most_transitions;
constexpr std::uint64_t patient_area = std::uint64_t{1} << 60;  // covariates and frailties
constexpr std::uint64_t delay_area = std::uint64_t{1} << 61;    // delays that need several numbers

}  // namespace

History::History(const Process& process) : process_(process) {
  fate_.resize(process.by_rate.size());
  rate_.resize(process.by_rate.size());
  n_fired_.resize(process.transitions.size());
  n_triggered_.resize(process.transitions.size());
  pending_.reserve(32);
  happened_.reserve(64);
  for (std::uint32_t clock = 0; clock < process.marks.size(); ++clock) {
    if (!process.marks[clock].empty()) marked_clocks_.push_back(clock);
  }
}

double History::draw(std::uint32_t transition, std::uint32_t slot, std::uint32_t occurrence) const {
  const std::uint64_t index = occurrence * occurrence_stride + std::uint64_t{slot} * most_transitions +
                              process_.transitions[transition].index;
  return random_unit(key_, index);
}

void History::fail(std::string why) {
  if (!problem_) problem_ = Error{ErrorKind::conflict, fmt::format("model {}: {}", process_.model->id, why)};
}

void History::watch(std::vector<Expression> questions) {
  watched_ = std::move(questions);
  first_true_.assign(watched_.size(), never);
}

void History::look() {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    if (first_true_[i] != never || !holds(watched_[i], patient_, process_)) continue;
    first_true_[i] = patient_.time;
    if (!stops_.empty() && std::ranges::find(stops_, i) != stops_.end()) stands_still_ = true;
  }
}

void History::begin(RandomKey key) {
  key_ = key;
  std::ranges::fill(first_true_, never);
  patient_ = {};
  patient_.started.fill(not_started);
  std::ranges::fill(n_fired_, 0);
  std::ranges::fill(n_triggered_, 0);
  pending_.clear();
  happened_.clear();
  given_.clear();
  problem_.reset();
  stands_still_ = false;
  draw_patient();
  start_clock(clock_transplant, process_.transplant_at);
  start_clock(clock_start, 0.0);
  for (std::size_t i = 0; i < process_.by_rate.size(); ++i)
    fate_[i] = -std::log(draw(process_.by_rate[i], fate_slot, 0));
  rates_are_current_ = false;
  for (const std::uint32_t transition : process_.on_start) trigger(transition, 0);
  look();
}

void History::draw_patient() {
  const Model& model = *process_.model;
  KeyedRandom random(key_, patient_area);
  for (std::size_t i = 0; i < model.states.size(); ++i) {
    const StateVariable& state = model.states[i];
    patient_.state[i] = process_.begins[i];
    if (state.share.empty()) continue;
    double left = random.unit();
    std::size_t value = 0;
    while (value + 1 < state.share.size() && left >= state.share[value]) left -= state.share[value++];
    patient_.state[i] = static_cast<std::uint8_t>(value);
  }
  for (std::size_t i = 0; i < model.traits.size(); ++i) {
    const Trait& trait = model.traits[i];
    KeyedRandom own(key_, patient_area + ((i + 1) << 32U));
    double value = 0.0;
    int tries = 0;
    do {
      switch (trait.form) {
        case Trait::Form::normal:
          value = trait.first + trait.second * own.normal();
          break;
        case Trait::Form::log_normal:
          value = trait.first * std::exp(trait.second * own.normal());
          break;
        case Trait::Form::gamma:  // mean `first`, variance `second`
          value = trait.second == 0.0 ? trait.first
                                      : drawn_gamma(trait.first * trait.first / trait.second, own) *
                                            trait.second / trait.first;
          break;
        case Trait::Form::uniform:
          value = trait.first + (trait.second - trait.first) * own.unit();
          break;
      }
      if (++tries > 10'000) {
        fail(fmt::format("{}: no value inside the limits was drawn", trait.name));
        break;
      }
    } while (value < trait.low || value > trait.high);
    patient_.trait[i] = value;
  }
}

void History::start_clock(std::uint32_t clock, double at) {
  patient_.started[clock] = at;
  const auto& marks = process_.marks[clock];
  std::uint8_t passed = 0;
  while (passed < marks.size() && marks[passed] <= patient_.time - at) ++passed;
  patient_.marks_passed[clock] = passed;
  rates_are_current_ = false;
}

double History::next_mark(std::uint32_t& clock) const {
  double first = never;
  for (const std::uint32_t candidate : marked_clocks_) {
    const auto& marks = process_.marks[candidate];
    const std::size_t passed = patient_.marks_passed[candidate];
    if (passed >= marks.size() || patient_.started[candidate] == not_started) continue;
    const double at = patient_.started[candidate] + marks[passed];
    if (at < first) {
      first = at;
      clock = candidate;
    }
  }
  return first;
}

void History::update_rates() {
  const auto key = situation(process_, patient_);
  if (!key) return work_out_rates();
  constexpr std::uint64_t free_place = ~std::uint64_t{0};
  if (known_situations_.empty() || 2 * n_known_ > most_situations) {
    known_situations_.assign(most_situations, free_place);
    known_rates_.resize(most_situations * rate_.size());
    n_known_ = 0;
  }
  std::size_t at = (*key * 0x9E3779B97F4A7C15ULL) >> (64U - situation_bits);
  while (known_situations_[at] != free_place && known_situations_[at] != *key)
    at = (at + 1) % most_situations;
  const auto rates = known_rates_.begin() + static_cast<std::ptrdiff_t>(at * rate_.size());
  if (known_situations_[at] == *key) {
    std::copy_n(rates, rate_.size(), rate_.begin());
    rates_are_current_ = true;
    return;
  }
  work_out_rates();
  if (problem_) return;
  known_situations_[at] = *key;
  ++n_known_;
  std::ranges::copy(rate_, rates);
}

void History::work_out_rates() {
  for (std::size_t i = 0; i < process_.by_rate.size(); ++i) {
    const CompiledTransition& transition = process_.transitions[process_.by_rate[i]];
    double rate =
        holds(transition.when, patient_, process_) ? evaluate(transition.rate, patient_, process_) : 0.0;
    if (transition.parametric >= 0 &&
        patient_.started[process_.curves[static_cast<std::size_t>(transition.parametric)].clock] ==
            not_started) {
      rate = 0.0;
    }
    if (!(rate >= 0.0) || rate == never) {
      fail(fmt::format("the rate of {} is {} at time {:.6g}", transition.source->name, rate, patient_.time));
      rate = 0.0;
    }
    rate_[i] = rate;
  }
  rates_are_current_ = true;
}

void History::use_up(double from, double to) {
  for (std::size_t i = 0; i < rate_.size(); ++i) {
    if (rate_[i] == 0.0) continue;
    const int parametric = process_.transitions[process_.by_rate[i]].parametric;
    if (parametric < 0) {
      fate_[i] -= rate_[i] * (to - from);
    } else {
      const Curve& curve = process_.curves[static_cast<std::size_t>(parametric)];
      const double start = patient_.started[curve.clock];
      fate_[i] -= rate_[i] * (cumulative_hazard(curve, to - start) - cumulative_hazard(curve, from - start));
    }
    fate_[i] = std::max(fate_[i], 0.0);  // rounding only
  }
}

void History::run_until(double t) {
  if (stands_still_ && patient_.time < t) stands_still_ = false;
  while (!problem_ && !stands_still_) {
    if (!rates_are_current_) update_rates();
    double next = t;
    enum class What { end, mark, pending, transition } what = What::end;
    std::uint32_t which = 0;
    std::uint32_t clock = 0;
    if (const double at = next_mark(clock); at <= next) {
      next = std::max(at, patient_.time);
      what = What::mark;
      which = clock;
    }
    for (std::uint32_t i = 0; i < pending_.size(); ++i) {
      if (pending_[i].time < next || (what == What::end && pending_[i].time <= next)) {
        next = pending_[i].time;
        what = What::pending;
        which = i;
      }
    }
    for (std::uint32_t i = 0; i < rate_.size(); ++i) {
      if (rate_[i] == 0.0) continue;
      const int parametric = process_.transitions[process_.by_rate[i]].parametric;
      double at = patient_.time + fate_[i] / rate_[i];
      if (parametric >= 0) {
        const Curve& curve = process_.curves[static_cast<std::size_t>(parametric)];
        const double start = patient_.started[curve.clock];
        const double used = cumulative_hazard(curve, patient_.time - start);
        at = std::max(patient_.time, start + inverse_cumulative_hazard(curve, used + fate_[i] / rate_[i]));
      }
      if (at < next) {
        next = at;
        what = What::transition;
        which = i;
      }
    }
    use_up(patient_.time, next);
    patient_.time = next;
    switch (what) {
      case What::end:
        return;
      case What::mark:
        ++patient_.marks_passed[which];
        rates_are_current_ = false;
        break;
      case What::pending: {
        const std::uint32_t transition = pending_[which].transition;
        pending_.erase(pending_.begin() + which);
        if (holds(process_.transitions[transition].when, patient_, process_)) fire(transition, 0);
        look();
        break;
      }
      case What::transition: {
        const std::uint32_t transition = process_.by_rate[which];
        fire(transition, 0);
        look();
        fate_[which] = -std::log(draw(transition, fate_slot, n_fired_[transition]));
        break;
      }
    }
  }
}

void History::infuse(double dose) {
  patient_.dose = dose;
  ++patient_.infusions;
  given_.push_back({patient_.time, dose});
  start_clock(clock_infusion, patient_.time);
  for (const std::uint32_t transition : process_.on_infusion) trigger(transition, 0);
  look();
}

void History::continue_from(const History& other) {
  constexpr std::uint32_t none = ~std::uint32_t{0};
  const auto by_model = [&](const Process& process) {
    std::vector<std::uint32_t> compiled(process_.model->transitions.size(), none);
    for (std::uint32_t i = 0; i < process.transitions.size(); ++i) compiled[process.transitions[i].index] = i;
    return compiled;
  };
  const auto theirs = by_model(other.process_);
  const auto ours = by_model(process_);
  key_ = other.key_;
  patient_ = other.patient_;
  happened_ = other.happened_;
  given_ = other.given_;
  first_true_ = other.first_true_;
  problem_ = other.problem_;
  stands_still_ = false;
  for (std::uint32_t clock = 0; clock < process_.marks.size(); ++clock) {
    if (patient_.started[clock] != not_started) start_clock(clock, patient_.started[clock]);
  }
  for (std::uint32_t i = 0; i < process_.transitions.size(); ++i) {
    const std::uint32_t their = theirs[process_.transitions[i].index];
    n_fired_[i] = their == none ? 0 : other.n_fired_[their];
    n_triggered_[i] = their == none ? 0 : other.n_triggered_[their];
  }
  for (std::size_t i = 0; i < process_.by_rate.size(); ++i) {
    const std::uint32_t transition = process_.by_rate[i];
    const std::uint32_t their = theirs[process_.transitions[transition].index];
    const auto at = std::ranges::find(other.process_.by_rate, their);
    fate_[i] = their == none || at == other.process_.by_rate.end()
                   ? -std::log(draw(transition, fate_slot, 0))
                   : other.fate_[static_cast<std::size_t>(at - other.process_.by_rate.begin())];
  }
  pending_.clear();
  for (const Pending& waiting : other.pending_) {
    const std::uint32_t here = ours[other.process_.transitions[waiting.transition].index];
    if (here != none) pending_.push_back({waiting.time, here});
  }
  rates_are_current_ = false;
  for (const std::uint32_t transition : process_.on_start) {
    if (theirs[process_.transitions[transition].index] == none) trigger(transition, 0);
  }
  look();
}

void History::fire(std::uint32_t at, int depth) {
  const CompiledTransition& transition = process_.transitions[at];
  if (happened_.size() >= most_events || depth > deepest_cascade) {
    return fail(fmt::format("{} happens without end: does what it does end its own condition?",
                            transition.source->name));
  }
  happened_.push_back({patient_.time, transition.index});
  const std::uint32_t occurrence = n_fired_[at]++;
  rates_are_current_ = false;
  double left = transition.outcomes.size() > 1 ? draw(at, outcome_slot, occurrence) : 0.0;
  for (std::size_t i = 0; i < transition.outcomes.size(); ++i) {
    const Outcome& outcome = transition.outcomes[i];
    const bool is_last = i + 1 == transition.outcomes.size();
    const double probability =
        outcome.probability.empty() || is_last ? 1.0 : evaluate(outcome.probability, patient_, process_);
    if (left >= probability && !is_last) {
      left -= probability;
      continue;
    }
    for (const Action& action : outcome.actions) act(action, depth);
    break;
  }
  for (const std::uint32_t next : process_.triggered_by[transition.index]) trigger(next, depth + 1);
}

void History::act(const Action& action, int depth) {
  if (!holds(action.when, patient_, process_)) return;
  switch (action.form) {
    case Action::Form::becomes:
      patient_.state[action.index] = action.value;
      break;
    case Action::Form::rises_to:
      patient_.state[action.index] = std::max(patient_.state[action.index], action.value);
      break;
    case Action::Form::starts:
      if (patient_.started[action.index] == not_started) start_clock(action.index, patient_.time);
      break;
    case Action::Form::restarts:
      start_clock(action.index, patient_.time);
      break;
    case Action::Form::infuse:
      patient_.dose = evaluate(action.dose, patient_, process_);
      ++patient_.infusions;
      given_.push_back({patient_.time, patient_.dose});
      start_clock(clock_infusion, patient_.time);
      for (const std::uint32_t transition : process_.on_infusion) trigger(transition, depth + 1);
      break;
  }
  rates_are_current_ = false;
}

void History::trigger(std::uint32_t at, int depth) {
  const CompiledTransition& transition = process_.transitions[at];
  const std::uint32_t occurrence = n_triggered_[at]++;
  if (!transition.probability.empty() &&
      draw(at, probability_slot, occurrence) >= evaluate(transition.probability, patient_, process_)) {
    return;
  }
  if (!transition.after) {
    if (holds(transition.when, patient_, process_)) fire(at, depth);
    return;
  }
  if (pending_.size() >= most_pending)
    return fail(fmt::format("{} is triggered without end", transition.source->name));
  const double wait = delay(transition, occurrence);
  if (!(wait >= 0.0)) return fail(fmt::format("the delay of {} is {}", transition.source->name, wait));
  pending_.push_back({patient_.time + wait, at});
}

double History::delay(const CompiledTransition& transition, std::uint32_t occurrence) const {
  const Delay::Form form = transition.after->form;
  const double first = evaluate(transition.after->first, patient_, process_);
  const double second =
      transition.after->second.empty() ? 0.0 : evaluate(transition.after->second, patient_, process_);
  const double unit =
      form == Delay::Form::fixed || form == Delay::Form::gamma
          ? 0.5
          : random_unit(key_, occurrence * occurrence_stride + delay_slot * std::uint64_t{most_transitions} +
                                  transition.index);
  const std::uint64_t several = (std::uint64_t{occurrence} * most_transitions + transition.index) << 16U;
  return drawn_delay(form, first, second, unit, KeyedRandom(key_, delay_area + several));
}

}  // namespace graftline::sim
