#pragma once
// What a statistician types for a design, read: hazards, allocation, boundaries. Errors name the option and
// say what was expected; they are malformed_input, or out_of_range for a number that cannot be.

#include <optional>
#include <string>
#include <vector>

#include "stats/event_probability.h"
#include "stats/group_sequential.h"

namespace graftline::service {

// "0.4@12": a proportion by a time.
struct ByTime {
  double proportion = 0.0;
  double time = 0.0;
};
Result<ByTime> read_by_time(const std::string& option, const std::string& text);

// "0.05", or piecewise "0:0.05,6:0.03": from time 6 on it is 0.03.
Result<stats::PiecewiseHazard> read_hazard(const std::string& option, const std::string& text);

// "24", or with intensities "6:1,24:3": until 6 patients come at rate 1, until 24 thrice as fast.
Result<stats::Accrual> read_accrual(const std::string& option, const std::string& text);

// "2:1", treated : control; "1.5" is 1.5:1.
Result<double> read_allocation(const std::string& option, const std::string& text);

// The looks of a design, as typed.
struct LooksRequest {
  int looks = 1;
  std::vector<double> information;  // fractions; empty: equally spaced
  double alpha = 0.05;
  double power = 0.8;
  int sides = 2;
  std::string boundary = "spending-obrien-fleming";
  std::string futility = "none";
  bool binding = false;
};

// obrien-fleming, pocock, wang-tsiatis:SHAPE, haybittle-peto:Z, spending-obrien-fleming, spending-pocock,
// hwang-shih-decani:GAMMA, kim-demets:RHO, alpha:A1,A2,.. (cumulative), last-look-only
// futility: none, spending-obrien-fleming, spending-pocock, hwang-shih-decani:GAMMA, kim-demets:RHO,
// bounds:B1,B2,.. (on Z; "none" for a look without), beta:B1,B2,.. (cumulative)
Result<stats::GroupSequentialPlan> read_looks(const LooksRequest& request);

Result<std::vector<double>> read_numbers(const std::string& option, const std::string& text);

}  // namespace graftline::service
