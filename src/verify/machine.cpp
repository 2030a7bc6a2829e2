#include "verify/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <tuple>

#include "protocol/format.h"

namespace graftline::verify {
namespace {

using engine::Action;
using protocol::Amount;

// A packed state: day, last, first, count, level, dose.
constexpr unsigned day_bits = 14, last_bits = 13, first_bits = 13, count_bits = 7, level_bits = 7;

// Most infusions that are told apart, whatever the rules count.
constexpr int most_infusions = 100;

bool is_step(const Amount& amount) {
  return amount.form != Amount::Form::targets && amount.form != Amount::Form::not_stated;
}

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 30U;
  x *= 0xBF58476D1CE4E5B9U;
  x ^= x >> 27U;
  x *= 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::vector<std::uint64_t> classes(const std::vector<int>& borders, int largest) {
  std::vector<std::uint64_t> result;
  for (int count = 0; count <= largest; ++count)
    result.push_back(static_cast<std::uint64_t>(std::upper_bound(borders.begin(), borders.end(), count) -
                                                borders.begin()));
  return result;
}

}  // namespace

Machine::Machine(const protocol::Protocol& protocol, const Inputs& inputs, const Borders& borders,
                 Decisions& decisions, Work& work, std::size_t most_states)
    : protocol_(protocol),
      inputs_(inputs),
      borders_(borders),
      decisions_(decisions),
      work_(work),
      most_states_(most_states),
      largest_day_(borders.largest_day()),
      largest_last_(borders.largest_last()),
      largest_first_(borders.largest_first()),
      largest_count_(borders.n.empty() ? 1 : borders.n.back() + 1) {
  for (std::size_t j = 0; j < decisions.n_strategies(); ++j) {
    const engine::RuleSet& rules = decisions.rules(static_cast<int>(j));
    largest_count_ = std::max(largest_count_, engine::last_level(rules) + 1);
    for (const auto* row : rules.all(&protocol::Rules::doses))
      has_steps_ = has_steps_ || is_step(row->amount);
    for (const auto* guard : rules.all(&protocol::Rules::guards))
      always_asks_ = always_asks_ || (guard->form == protocol::Guard::Form::ask && !guard->when);
  }
  is_complete_ = borders.is_complete;
  const auto clamp = [&](int& largest, int most) {
    if (largest > most) is_complete_ = false;
    largest = std::min(largest, most);
  };
  clamp(largest_day_, (1 << day_bits) - 1);
  clamp(largest_last_, (1 << last_bits) - 1);
  clamp(largest_first_, (1 << first_bits) - 1);
  clamp(largest_count_, most_infusions);
  day_class_ = classes(borders.day, largest_day_);
  last_class_ = classes(borders.last, largest_last_);
  first_class_ = classes(borders.first, largest_first_);
  count_class_ = classes(borders.n, largest_count_);
  table_.assign(1U << 16U, {0, -1});
}

std::uint64_t Machine::pack(const State& state) const {
  std::uint64_t packed = static_cast<std::uint64_t>(state.clocks.day);
  packed = packed << last_bits | static_cast<std::uint64_t>(state.clocks.last);
  packed = packed << first_bits | static_cast<std::uint64_t>(state.clocks.first);
  packed = packed << count_bits | static_cast<std::uint64_t>(state.clocks.n);
  packed = packed << level_bits | static_cast<std::uint64_t>(state.level);
  return packed << 10U | static_cast<std::uint64_t>(state.dose);
}

State Machine::unpack(std::uint64_t packed) const {
  State state;
  const auto take = [&](unsigned bits) {
    const auto value = static_cast<int>(packed & ((std::uint64_t{1} << bits) - 1));
    packed >>= bits;
    return value;
  };
  state.dose = take(10);
  state.level = take(level_bits);
  state.clocks.n = take(count_bits);
  state.clocks.first = take(first_bits);
  state.clocks.last = take(last_bits);
  state.clocks.day = take(day_bits);
  return state;
}

// The index of a new state; -1 when it was met before.
int Machine::add(const State& state, Step step) {
  const std::uint64_t packed = pack(state);
  std::size_t at = mixed(packed) & (table_.size() - 1);
  while (table_[at].second >= 0) {
    if (table_[at].first == packed) return -1;
    at = (at + 1) & (table_.size() - 1);
  }
  const int index = static_cast<int>(states_.size());
  table_[at] = {packed, index};
  states_.push_back(packed);
  steps_.push_back(step);
  if (states_.size() * 2 < table_.size()) return index;
  std::vector<std::pair<std::uint64_t, int>> larger(table_.size() * 2, {0, -1});
  for (const auto& row : table_) {
    if (row.second < 0) continue;
    std::size_t place = mixed(row.first) & (larger.size() - 1);
    while (larger[place].second >= 0) place = (place + 1) & (larger.size() - 1);
    larger[place] = row;
  }
  table_ = std::move(larger);
  return index;
}

State Machine::next_day(const State& state) const {
  State next = state;
  next.clocks.day = std::min(state.clocks.day + 1, largest_day_);
  if (state.clocks.n == 0) return next;
  next.clocks.last = std::min(state.clocks.last + 1, largest_last_);
  next.clocks.first = std::min(state.clocks.first + 1, largest_first_);
  return next;
}

// Doses
// ---------------------------------------------------------------------------------------------------------

int Machine::keep(const std::vector<engine::TargetDose>& dose) {
  const auto same = [&](const std::vector<engine::TargetDose>& other) {
    return std::equal(dose.begin(), dose.end(), other.begin(), other.end(),
                      [](const engine::TargetDose& a, const engine::TargetDose& b) {
                        return a.kind == b.kind && a.per_kilogram == b.per_kilogram && a.low == b.low;
                      });
  };
  const auto at = std::find_if(doses_.begin(), doses_.end(), same);
  if (at != doses_.end()) return static_cast<int>(at - doses_.begin());
  constexpr std::size_t most_doses = 1000;
  if (doses_.size() >= most_doses) {
    is_complete_ = false;
    return static_cast<int>(doses_.size()) - 1;
  }
  doses_.push_back(dose);
  return static_cast<int>(doses_.size()) - 1;
}

// The engine works the dose out, of the chosen row alone.
const engine::NextDose& Machine::next_dose(const Option& option, int dose) {
  const auto key = std::tuple{option.strategy, option.row, option.level, dose};
  const auto known = next_doses_.find(key);
  if (known != next_doses_.end()) return known->second;
  const engine::RuleSet& rules = decisions_.rules(option.strategy);
  const auto rows = rules.all(&protocol::Rules::doses);
  protocol::Rules alone;
  const auto take = [&](const protocol::DoseRow& row) {
    protocol::DoseRow open = row;
    open.when.reset();
    open.window = {};
    alone.doses.push_back(std::move(open));
  };
  take(*rows[static_cast<std::size_t>(option.row)]);
  for (const auto* row : rows) take(*row);
  if (const auto* cap = rules.one(&protocol::Rules::cap)) alone.cap = *cap;
  Story nobody;
  nobody.day_zero = story_day_zero;
  nobody.as_of = story_day_zero;
  nobody.parameters = inputs_.settings();
  const record::Timeline timeline = timeline_of(nobody);
  const record::View view(timeline, nobody.as_of);
  const engine::Settings settings = settings_of(nobody);
  const engine::Evaluator evaluator(protocol_, view, settings);
  return next_doses_
      .emplace(key, engine::dose_at(option.level, doses_[static_cast<std::size_t>(dose)], {&alone, nullptr},
                                    evaluator))
      .first->second;
}

Final Machine::final_of(const Option& option, const State& state) {
  Final result;
  result.action = option.action;
  if (option.row < 0) return result;
  const engine::NextDose& next = next_dose(option, state.dose);
  Action gap = Action::give;
  if (next.gap == engine::DoseGap::ask) gap = Action::ask;
  if (next.gap == engine::DoseGap::unknown) gap = Action::need_data;
  result.action = std::min(option.action, gap);
  if (result.action == Action::give) result.action = option.above;
  const bool same_day = state.clocks.n > 0 && state.clocks.last == 0;
  result.is_given = result.action == Action::give;
  const bool a_person_decides = result.action == Action::ask && option.above == Action::give &&
                                ((option.action == Action::give && gap == Action::ask) ||
                                 (option.action == Action::ask && always_asks_));
  result.may_be_given = !same_day && (result.is_given || a_person_decides);
  if (!result.may_be_given) return result;
  if (!has_steps_) {
    result.doses = {0};
    return result;
  }
  if (!next.dose) {
    // A person decides, and what was infused is on record: the same again, or any dose at first.
    const Rational any(1000000);
    result.doses = {state.dose != 0 ? state.dose : keep({{Kind::cd3_cells, true, any, any, false}})};
    return result;
  }
  for (const bool at_high : {false, true}) {
    std::vector<engine::TargetDose> given = next.dose->targets;
    for (auto& target : given) (at_high ? target.low : target.high) = at_high ? target.high : target.low;
    const int dose = keep(given);
    if (std::find(result.doses.begin(), result.doses.end(), dose) == result.doses.end())
      result.doses.push_back(dose);
  }
  return result;
}

std::string Machine::dose_text(int dose) const {
  std::string text;
  for (const auto& target : doses_[static_cast<std::size_t>(dose)])
    text += (text.empty() ? "" : " and ") + engine::to_text(target);
  return text;
}

// Searching
// -----------------------------------------------------------------------------------------------------

int Machine::place_at(const State& state) {
  const Clocks& c = state.clocks;
  std::uint64_t key = day_class_[static_cast<std::size_t>(c.day)];
  key = key << 10U | (c.n > 0 ? last_class_[static_cast<std::size_t>(c.last)] : 0U);
  key = key << 10U | (c.n > 0 ? first_class_[static_cast<std::size_t>(c.first)] : 0U);
  key = key << 8U | count_class_[static_cast<std::size_t>(c.n)];
  key = key << 8U | static_cast<std::uint64_t>(state.level);
  key = key << 10U | static_cast<std::uint64_t>(state.dose);
  const auto [at, is_new] = place_by_key_.try_emplace(key, static_cast<int>(places_.size()));
  if (!is_new) return at->second;
  const int index = at->second;
  Clocks clocks = c;
  // Where days since day 0 do not matter, there have been enough of them.
  if (largest_day_ == 0) clocks.day = 1000;
  Place place;
  place.state = state;
  place.point = &decisions_.at(clocks, state.level);
  for (const Option& option : place.point->options) place.finals.push_back(final_of(option, state));
  places_.push_back(std::move(place));
  return index;
}

void Machine::search() {
  add(State{}, {});
  for (std::size_t at = 0; at < states_.size(); ++at) {
    work_.spend(steps::state);
    if (states_.size() > most_states_ || work_.is_over()) {
      is_complete_ = false;
      break;
    }
    const State state = unpack(states_[at]);
    const std::size_t n_places = places_.size();
    const int place = place_at(state);
    if (places_.size() > n_places) places_.back().index = static_cast<int>(at);
    place_of_state_.push_back(place);
    ++n_transitions_;
    add(next_day(state), {static_cast<int>(at), -1, 0});
    if (state.clocks.n > 0 && state.clocks.last == 0) continue;
    const Place& here = places_[static_cast<std::size_t>(place)];
    for (std::size_t o = 0; o < here.finals.size(); ++o) {
      if (!here.finals[o].may_be_given) continue;
      State next = state;
      next.clocks.n = std::min(state.clocks.n + 1, largest_count_);
      next.clocks.last = 0;
      if (state.clocks.n == 0) next.clocks.first = 0;
      next.level = std::min(here.point->options[o].level, most_infusions);
      for (const int dose : here.finals[o].doses) {
        next.dose = dose;
        ++n_transitions_;
        add(next, {static_cast<int>(at), static_cast<int>(o), dose});
      }
    }
  }
}

void Machine::for_each_state(const std::function<void(int index, const State&, const Place&)>& visit) const {
  for (std::size_t i = 0; i < place_of_state_.size(); ++i)
    visit(static_cast<int>(i), unpack(states_[i]), places_[static_cast<std::size_t>(place_of_state_[i])]);
}

std::vector<bool> Machine::can_reach(const std::vector<bool>& marked) const {
  // Backwards over the same steps, which are worked out once more.
  const auto find = [&](const State& state) {
    const std::uint64_t packed = pack(state);
    std::size_t at = mixed(packed) & (table_.size() - 1);
    while (table_[at].second >= 0 && table_[at].first != packed) at = (at + 1) & (table_.size() - 1);
    return table_[at].second;
  };
  std::vector<std::vector<int>> before(states_.size());
  for (std::size_t i = 0; i < place_of_state_.size(); ++i) {
    const State state = unpack(states_[i]);
    const auto add_edge = [&](const State& next) {
      const int to = find(next);
      if (to >= 0 && to != static_cast<int>(i))
        before[static_cast<std::size_t>(to)].push_back(static_cast<int>(i));
    };
    add_edge(next_day(state));
    const Place& here = places_[static_cast<std::size_t>(place_of_state_[i])];
    if (state.clocks.n > 0 && state.clocks.last == 0) continue;
    for (std::size_t o = 0; o < here.finals.size(); ++o) {
      if (!here.finals[o].may_be_given) continue;
      State next = state;
      next.clocks.n = std::min(state.clocks.n + 1, largest_count_);
      next.clocks.last = 0;
      if (state.clocks.n == 0) next.clocks.first = 0;
      next.level = std::min(here.point->options[o].level, most_infusions);
      for (const int dose : here.finals[o].doses) {
        next.dose = dose;
        add_edge(next);
      }
    }
  }
  std::vector<bool> reaches(states_.size(), false);
  std::deque<int> open;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    // A state that the search did not come to look at may lead anywhere.
    const bool is_open_end = i >= place_of_state_.size();
    if (!is_open_end && !marked[static_cast<std::size_t>(place_of_state_[i])]) continue;
    reaches[i] = true;
    open.push_back(static_cast<int>(i));
  }
  while (!open.empty()) {
    const int state = open.front();
    open.pop_front();
    for (const int from : before[static_cast<std::size_t>(state)]) {
      if (reaches[static_cast<std::size_t>(from)]) continue;
      reaches[static_cast<std::size_t>(from)] = true;
      open.push_back(from);
    }
  }
  return reaches;
}

// Stories
// -----------------------------------------------------------------------------------------------------

void Machine::tell(const std::vector<int>& patient, Story& story, bool forget) const {
  std::vector<std::pair<int, int>> said;
  for (std::size_t i = 0; i < patient.size(); ++i) said.emplace_back(static_cast<int>(i), patient[i]);
  inputs_.tell(said, story, forget);
}

Story Machine::story_before(int state, bool forget) const {
  std::vector<int> path;
  for (int at = state; at >= 0; at = steps_[static_cast<std::size_t>(at)].from) path.push_back(at);
  std::reverse(path.begin(), path.end());
  Story story;
  story.day_zero = story_day_zero;
  // Where days since day 0 do not matter, the course begins some months after the transplant.
  story.as_of = story_day_zero + (largest_day_ == 0 ? 100 : 0);
  story.parameters = inputs_.settings();
  for (std::size_t i = 1; i < path.size(); ++i) {
    const Step& step = steps_[static_cast<std::size_t>(path[i])];
    if (step.option < 0) {
      story.as_of = story.as_of + 1;
      continue;
    }
    const Place& place =
        places_[static_cast<std::size_t>(place_of_state_[static_cast<std::size_t>(step.from)])];
    const Option& option = place.point->options[static_cast<std::size_t>(step.option)];
    tell(option.patient, story, forget);
    std::vector<engine::TargetDose> dose = doses_[static_cast<std::size_t>(step.dose)];
    if (dose.empty()) {
      const auto& next = next_doses_.at({option.strategy, option.row, option.level, place.state.dose});
      if (next.dose) dose = next.dose->targets;
    }
    if (dose.empty()) dose.push_back({Kind::cd3_cells, true, Rational(1000000), Rational(1000000), false});
    for (const auto& target : dose) {
      story.rows.push_back({story.as_of,
                            "dli",
                            graftline::to_text(target.low, 6),
                            fmt::format("{}{}", name(target.kind), target.per_kilogram ? "/kg" : ""),
                            {},
                            "",
                            ""});
    }
  }
  return story;
}

Story Machine::story(int state, const std::vector<int>& patient, bool forget) const {
  Story story = story_before(state, forget);
  tell(patient, story, forget);
  return story;
}

}  // namespace graftline::verify
