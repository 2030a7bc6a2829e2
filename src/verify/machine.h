#pragma once
// The search over courses: one day after another, an infusion wherever the protocol gives one (or leaves it
// to a person). Breadth first, so that the first course found to a point is a shortest one. What a record may
// say is free on every day; the state is what no day changes: days, infusions, level, dose.

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "verify/decisions.h"
#include "verify/finding.h"

namespace graftline::verify {

struct State {
  Clocks clocks;
  int level = 0;  // of the last infusion
  int dose = 0;   // of the last infusion: 0 none, else index into doses
};

// What the decision is once the dose is worked out.
struct Final {
  engine::Action action = engine::Action::give;
  bool is_given = false;      // by graftline
  bool may_be_given = false;  // or by a person, where the source states no dose
  std::vector<int> doses;     // what may be infused: both ends of a range
};

class Machine {
 public:
  Machine(const protocol::Protocol& protocol, const Inputs& inputs, const Borders& borders,
          Decisions& decisions, Work& work, std::size_t most_states);

  void search();
  bool is_complete() const { return is_complete_; }
  std::size_t n_states() const { return states_.size(); }
  std::size_t n_transitions() const { return n_transitions_; }

  // The first state, in the order of the search, of each set of states that no rule tells apart.
  struct Place {
    State state;
    int index = 0;  // of the state
    const Point* point = nullptr;
    std::vector<Final> finals;  // of each option of the point
  };
  const std::vector<Place>& places() const { return places_; }
  Final final_of(const Option& option, const State& state);

  // For every give of the search: from which state, by which option of its place.
  void for_each_state(const std::function<void(int index, const State&, const Place&)>& visit) const;

  // Whether each state can come to one of the marked places (itself included).
  std::vector<bool> can_reach(const std::vector<bool>& marked_places) const;

  // The story of a shortest course to a state, with every infusion and what the record said then; `patient`
  // is what it says on the last day. `forget`: see Inputs::tell.
  Story story(int state, const std::vector<int>& patient, bool forget) const;
  void tell(const std::vector<int>& patient, Story& story, bool forget) const;

  State next_day(const State& state) const;
  const Place& place_of(const State& state) { return places_[static_cast<std::size_t>(place_at(state))]; }
  std::string dose_text(int dose) const;
  bool uses_days() const { return largest_day_ > 0; }

 private:
  struct Step {
    int from = -1;
    int option = -1;  // -1: a day passed
    int dose = 0;
  };

  Story story_before(int state, bool forget) const;
  std::uint64_t pack(const State& state) const;
  State unpack(std::uint64_t packed) const;
  int add(const State& state, Step step);
  int place_at(const State& state);
  int keep(const std::vector<engine::TargetDose>& dose);
  const engine::NextDose& next_dose(const Option& option, int dose);

  const protocol::Protocol& protocol_;
  const Inputs& inputs_;
  const Borders& borders_;
  Decisions& decisions_;
  Work& work_;
  std::size_t most_states_;
  int largest_day_;
  int largest_last_;
  int largest_first_;
  int largest_count_;
  bool has_steps_ = false;
  bool always_asks_ = false;
  bool is_complete_ = true;
  std::size_t n_transitions_ = 0;
  std::vector<std::uint64_t> states_;
  std::vector<Step> steps_;
  std::vector<int> place_of_state_;
  std::vector<std::pair<std::uint64_t, int>> table_;  // open addressing: packed state and its index
  std::vector<Place> places_;
  std::unordered_map<std::uint64_t, int> place_by_key_;
  std::vector<std::vector<engine::TargetDose>> doses_{{}};
  std::map<std::tuple<int, int, int, int>, engine::NextDose> next_doses_;
  std::vector<std::uint64_t> day_class_, last_class_, first_class_, count_class_;
};

}  // namespace graftline::verify
