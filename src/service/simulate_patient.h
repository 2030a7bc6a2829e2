#pragma once
// One patient of the mechanistic layer under alternative schedules, and the behaviours of that layer.
// Exploratory.

#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

struct PatientRequest {
  std::vector<std::string>
      schedules;  // "escalating = 0:1e6, 84:1e7, 168:1e8": day:CD3 per kg; "none =" gives nothing
  double days_after_transplant = 60.0;
  double leukaemia = 0.01;  // 1e9 cells
  double host_percent = 0.0;
  double immunosuppression_days = 0.0;
  double naive_share = 0.5;
  double doubling_days = 14.0;  // of leukaemia
  double until = 365.0;
  std::string format = "text";  // csv: every day of every schedule
};

// errors  malformed_input: a schedule that cannot be read; out_of_range: an impossible patient
Result<std::string> simulate_patient(const PatientRequest& request);

// One line for each behaviour: shown, not shown, not represented.
Result<std::string> mechanistic_behaviours();

}  // namespace graftline::service
