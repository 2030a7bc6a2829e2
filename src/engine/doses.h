#pragma once
// The dose tables: which row applies to the next infusion, and what it comes to.

#include <optional>
#include <string>
#include <vector>

#include "engine/evaluate.h"

namespace graftline::engine {

// The rules of one strategy: the common ones and its own.
struct RuleSet {
  const protocol::Rules* common = nullptr;
  const protocol::Rules* own = nullptr;  // may be null

  template <class T> std::vector<const T*> all(std::vector<T> protocol::Rules::*member) const {
    std::vector<const T*> result;
    for (const protocol::Rules* rules : {common, own}) {
      if (rules == nullptr) continue;
      for (const T& rule : rules->*member) result.push_back(&rule);
    }
    return result;
  }
  // A strategy's own value wins over the common one.
  template <class T> const T* one(std::optional<T> protocol::Rules::*member) const {
    if (own != nullptr && own->*member) return &*(own->*member);
    return common->*member ? &*(common->*member) : nullptr;
  }
};

// Why there is no dose decides what follows.
enum class DoseGap : unsigned char {
  none,         // there is one
  no_row,       // the table has none for this patient on this day: outside
  past_ladder,  // the ladder has no such level: the series is complete
  unknown,      // something would have to be known
  ask,          // the source states none, the cap is undefined, a parameter is not set
};

struct NextDose {
  std::optional<Dose> dose;
  DoseGap gap = DoseGap::none;
  std::string because;  // of a gap
  ReasonSet reasons;
  std::vector<Missing> missing;
};

// The dose at `level`, after `previous` (amounts of the last infusion; empty for the first).
NextDose dose_at(int level, const std::vector<TargetDose>& previous, const RuleSet& rules,
                 const Evaluator& evaluator);

// What an infusion delivered, as targets; kinds that were not recorded are absent.
std::vector<TargetDose> delivered(const record::Entry& infusion);

int last_level(const RuleSet& rules);

// "1 × 10⁶", "3.16 × 10⁵", "5 × 10⁴": the mantissa without trailing zeros; no E notation.
std::string power_of_ten(const Rational& value, int figures = 3);
std::string to_text(const TargetDose& target);  // "1 × 10⁵ to 5 × 10⁵ CD3+ cells per kg"
std::string to_text(const Dose& dose);          // both targets joined by "and"

}  // namespace graftline::engine
