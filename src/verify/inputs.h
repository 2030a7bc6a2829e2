#pragma once
// What a record may say of each fact on the day of a decision. A protocol tells values apart only at its
// limits, so one value on each side of every limit, each limit itself, and no record at all are enough.

#include <string>
#include <vector>

#include "protocol/protocol.h"
#include "verify/course.h"

namespace graftline::verify {

struct Candidate {
  enum class Form : unsigned char {
    none,      // no record: whatever that means for the fact
    yes,       // since, or on, the day `days_ago`
    no,        // documented not to hold
    ended,     // a course that ended `days_ago`
    level,     // `value`
    quantity,  // `value` `unit`, with `upper_limit` where multiples of it are asked
    recipe,    // the records a computed fact comes from
    answer,    // of a person, or a word the site chose: `value`
  };
  Form form = Form::none;
  std::string value;
  std::string unit;
  std::string upper_limit;
  int days_ago = 0;
  std::vector<StoryRow> recipe;  // dated in days before the decision: 1970-01-01 is that day itself
  int cost = 0;                  // the simpler the patient, the better the story
};

// A declared fact, a judgement, or a word that the site chooses.
struct Input {
  std::string name;
  const protocol::FactDeclaration* fact = nullptr;
  bool is_judgement = false;
  bool is_choice = false;
  std::vector<Candidate> candidates;  // the first is "no record"; of a choice, the first word
};

class Inputs {
 public:
  explicit Inputs(const protocol::Protocol& protocol);

  const std::vector<Input>& all() const { return inputs_; }
  int find(const std::string& name) const;  // -1: nothing that is read from outside
  // Values for what a site has to set and what has no default: numbers, durations, doses.
  const std::map<std::string, std::string>& settings() const { return settings_; }

  // Adds to the story what makes the record say so on story.as_of: recorded facts first, then what computed
  // ones come from. With `forget`, what an earlier day said and is not to be known any more is made unusable.
  void tell(const std::vector<std::pair<int, int>>& said, Story& story, bool forget = false) const;

  // Inputs whose records bear on each other: the same fact read twice, a grade and the disease it grades.
  std::vector<int> related(int input) const;

 private:
  void tell_one(int input, int candidate, Story& story, bool forget) const;
  void add_fact(const protocol::FactDeclaration& fact);
  void site_choices();
  std::vector<Candidate> quantities(const protocol::FactDeclaration& fact) const;
  std::vector<Candidate> recipes(const protocol::FactDeclaration& fact) const;
  std::optional<Day> day_in_window(const protocol::FactDeclaration& fact, const Story& story) const;
  bool is_read_twice(const protocol::FactDeclaration& fact) const;

  const protocol::Protocol& protocol_;
  std::vector<Input> inputs_;
  std::map<std::string, int> by_name_;
  std::map<std::string, std::string> settings_;
};

}  // namespace graftline::verify
