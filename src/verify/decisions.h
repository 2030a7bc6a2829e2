#pragma once
// All decisions that are possible at one point of a course: the fold of engine/decide.h over every patient
// that the rules can tell apart. Rules that share no fact are looked at apart and then put together, so the
// number of patients is a sum rather than a product.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/doses.h"
#include "verify/conditions.h"
#include "verify/work.h"

namespace graftline::verify {

// Why a decision is outside, for those who look for gaps.
enum class Outside : unsigned char { none, not_eligible, no_dose_row, window_closed, no_strategy };

// What a row of the dose table answered.
inline constexpr int no_row_here = -1;
inline constexpr int row_unknown = -2;
inline constexpr int row_to_be_asked = -3;
inline constexpr int past_ladder = -4;

struct Option {
  engine::Action action = engine::Action::give;  // before the dose is worked out
  engine::Action above = engine::Action::give;   // what a strategy above that may be open makes of a give
  int strategy = -1;                             // that answers; -1: none
  int row = no_row_here;                         // of the rules of that strategy
  int level = 0;
  Outside outside = Outside::none;
  bool not_eligible = false;
  std::uint64_t claims = 0;  // bit per claim whose condition is met
  std::vector<int> patient;  // chosen candidate of every input
};

// One group of rules that share facts.
struct Component {
  std::vector<int> inputs;
  std::vector<std::vector<int>> candidates;  // of each input: those that some rule tells apart
  std::vector<std::string> outcomes;         // distinct
  std::vector<int> cheapest;                 // of each outcome: the assignment to show
  std::vector<int> outcome_of;               // of each assignment, the first input running fastest
  int assignment(const std::vector<int>& places) const;
  std::vector<int> places(int assignment) const;
};

struct Point {
  std::vector<Option> options;
  std::vector<std::shared_ptr<const Component>> components;
};

class Decisions {
 public:
  Decisions(const protocol::Protocol& protocol, const Inputs& inputs, const Borders& borders, Work& work);

  // `level` of the last infusion; 0 before the first.
  const Point& at(const Clocks& clocks, int level);

  // The decision of one patient there: a choice for every input.
  Option decide(const Clocks& clocks, int level, const std::vector<int>& patient);

  const engine::RuleSet& rules(int strategy) const { return rules_[index(strategy)]; }
  std::size_t n_strategies() const { return rules_.size(); }
  std::size_t n_options() const { return n_options_; }
  bool is_complete() const { return is_complete_ && conditions_.is_complete(); }
  const Conditions& conditions() const { return conditions_; }

  // Whether these rules let the strategy give.
  bool lets_give(const std::string& outcome, int strategy) const;

  // Rules that nobody can clear at that point, whatever else is so: why nothing can be given.
  std::vector<std::string> blockers(const Clocks& clocks, int level, int strategy);

 private:
  struct Item;
  struct Outcome;

  std::size_t index(int strategy) const { return strategy < 0 ? 0 : static_cast<std::size_t>(strategy); }
  void compile();
  void compile_rules(const protocol::Rules& rules, int strategy);
  void apply(const Item& item, const Clocks& clocks, int level, const std::vector<int>& chosen,
             std::string& outcome) const;
  void apply_levels(const Item& item, const Clocks& clocks, int level, const std::vector<int>& chosen,
                    std::string& outcome) const;
  void apply_rows(std::size_t strategy, int level, const std::vector<int>& chosen,
                  std::string& outcome) const;
  std::vector<int> nodes_of(const Item& item, int level) const;
  Conditions::Reach reach_of(const Item& item, const Clocks& clocks, int level) const;
  std::shared_ptr<const Component> component(const std::vector<int>& items, const std::vector<int>& inputs,
                                             const Clocks& clocks, int level);
  std::string neutral() const;
  void tidy(std::string& outcome) const;
  void put_together(std::string& into, const std::string& outcome) const;
  Option option_of(const std::string& outcome, int level) const;

  const protocol::Protocol& protocol_;
  const Inputs& inputs_;
  const Borders& borders_;
  Work& work_;
  Conditions conditions_;
  std::vector<engine::RuleSet> rules_;
  std::vector<int> at_most_;  // infusions of the series, by strategy; 0: no limit
  std::vector<Item> items_;
  struct Levels;
  std::vector<Levels> levels_;  // by strategy
  std::map<std::vector<std::uint64_t>, std::shared_ptr<const Component>> known_components_;
  std::map<std::pair<std::uint64_t, int>, const Point*> points_;
  std::map<std::pair<std::vector<const Component*>, int>, std::unique_ptr<Point>> folds_;
  std::size_t n_options_ = 0;
  bool is_complete_ = true;

 public:
  ~Decisions();
};

}  // namespace graftline::verify
