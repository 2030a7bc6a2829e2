#pragma once
// Words on figures, in English and Chinese. Names of groups and events stay as the data have them.

#include <string_view>

#include "report/worklist_words.h"

namespace graftline::report {

struct FigureWords {
  std::string_view survival, incidence, occupancy;  // of the y axis
  std::string_view time_since;                      // "{0} since {1}": unit, origin
  std::string_view time_only;                       // "time ({0})"
  std::string_view at_risk, censored, events, all;
  std::string_view days, weeks, months, years;
  std::string_view few_at_risk;  // "grey: fewer than {} at risk"
  std::string_view cut_off, data;
  std::string_view hazard_ratio, subdistribution_ratio;
  std::string_view ratio_and_limits;  // heading of the numbers of a forest plot
  std::string_view from_to;           // "{0} to {1}"
  std::string_view current;           // of the y axis: probability of being in the wished states now
};
const FigureWords& figure_words(Language language);

// "days" as that language says it; other units as written.
std::string_view unit_word(const FigureWords& words, std::string_view unit);

}  // namespace graftline::report
