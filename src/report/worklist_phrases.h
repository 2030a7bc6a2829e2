#pragma once
// The phrases of one worklist row in one language: what text and page both show, so that they cannot differ.

#include <string>
#include <vector>

#include "report/worklist.h"

namespace graftline::report {

struct RowPhrases {
  std::string day;       // "day +51"
  std::string strategy;  // "prophylactic", or empty
  std::string decision;  // "give"
  std::string when;      // "since 2026-02-24, not after 2026-03-11"
  std::string dose;      // of rows that are due; the figure that matters most
  std::string cells;     // total cells, with the recipient's weight and its date
  std::string ratio;     // "10 times the last dose, last infusion 2026-01-12"
  std::string obstacle;  // why it is not due, and what is missing
  std::vector<std::string> cautions;
};

RowPhrases phrases(const WorklistRow& row, const WorklistWords& words);

inline constexpr std::array all_lanes{Lane::overdue, Lane::due, Lane::upcoming, Lane::blocked, Lane::closed};

}  // namespace graftline::report
