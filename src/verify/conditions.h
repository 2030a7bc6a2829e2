#pragma once
// Conditions over the values that a record may hold. The truth of a leaf is asked of the engine's own
// evaluator, once for every value and every stretch of days; the connectives are Kleene's.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "verify/inputs.h"
#include "verify/work.h"

namespace graftline::verify {

// Yes, no, or unknown; and whether somebody can measure what is unknown, or only be asked for it.
enum class Four : unsigned char { no, data, ask, yes };
Four four_of(const engine::Node& node, const protocol::Protocol& protocol);

class Conditions {
 public:
  Conditions(const protocol::Protocol& protocol, const Inputs& inputs, const Borders& borders, Work& work)
      : protocol_(protocol), inputs_(inputs), borders_(borders), work_(work) {}

  // False when the work was used up before the engine was asked everything.
  bool is_complete() const { return is_complete_; }

  // The index of a node. The protocol has to outlive it.
  int compile(const protocol::Expr& expr);
  int today_in(const protocol::Window& window);
  int judgement(const std::string& name);
  int both(int a, int b);
  // A wait: its answers are actions rather than truths.
  int compile(const protocol::Wait& wait);

  // From here on, questions are about a point of the course.
  void go_to(const Clocks& clocks);

  // Which inputs can still change the answer there, and which answers are possible.
  struct Reach {
    unsigned truths = 0;  // bit per Four
    std::vector<int> inputs;
    std::vector<int> leaves;  // whose tables matter
    std::vector<int> joint;   // of them, those of several inputs
    std::vector<int> single;  // the largest parts that depend on one input alone
  };
  Reach reach(int node) const;
  Four truth(int node, const std::vector<int>& chosen) const;
  engine::Action action(int wait, const std::vector<int>& chosen) const;
  std::vector<int> inputs_of(int wait) const { return {waits_[static_cast<std::size_t>(wait)].input}; }

  using Table = std::string;  // a Four, or of waits an Action, for each combination of candidates
  const Table* table(int leaf) const { return now_[static_cast<std::size_t>(leaf)]; }
  const Table* wait_table(int wait) const { return waits_now_[static_cast<std::size_t>(wait)]; }
  const std::vector<int>& inputs_of_leaf(int leaf) const {
    return leaves_[static_cast<std::size_t>(leaf)].inputs;
  }
  std::size_t size_of(int input) const {
    return inputs_.all()[static_cast<std::size_t>(input)].candidates.size();
  }

 private:
  struct Leaf {
    const protocol::Expr* expr = nullptr;
    std::vector<int> inputs;
    unsigned clocks = 0;
    std::map<std::uint64_t, const Table*> tables;  // by stretch of days
  };
  struct Node {
    protocol::Expr::Form form = protocol::Expr::Form::all;
    int count = 0;
    int leaf = -1;
    std::vector<int> children;
  };
  struct WaitLeaf {
    const protocol::Wait* wait = nullptr;
    int input = -1;
    std::map<std::uint64_t, const Table*> tables;
  };

  int compile_leaf(const protocol::Expr& expr);
  void add_related(std::vector<int>& inputs) const;
  const Table* keep(Table table);
  const Table* fill(const Leaf& leaf, const Clocks& clocks);
  const Table* fill(const WaitLeaf& leaf, const Clocks& clocks);
  Story story_at(const Clocks& clocks) const;

  const protocol::Protocol& protocol_;
  const Inputs& inputs_;
  const Borders& borders_;
  Work& work_;
  bool is_complete_ = true;
  std::deque<protocol::Expr> made_;  // conditions that are written otherwise in the text
  std::vector<Node> nodes_;
  std::vector<Leaf> leaves_;
  std::vector<WaitLeaf> waits_;
  std::map<std::string, int> leaf_by_text_;
  std::map<std::string, int> definitions_;
  std::map<Table, std::unique_ptr<Table>> tables_;
  std::vector<const Table*> now_;
  std::vector<const Table*> waits_now_;
};

}  // namespace graftline::verify
