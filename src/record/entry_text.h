#pragma once
// An entry as people read it, for explanations: the value as the record wrote it, its unit, its days. Plain
// digits, never E notation.

#include <string>

#include "record/timeline.h"

namespace graftline::record {

// "35 U/L", "< 60 mL/min/{1.73_m2}", "II", "at least II", "negative", "yes", "no", "stopped"; "62 (no unit)"
// for a value that cannot be used.
std::string value_text(const Entry& entry);

// "2026-02-27"; courses: "since 2026-01-05", "2026-01-15 to 2026-01-25", "until 2026-02-10" (a stop).
std::string days_text(const Entry& entry);

// "blood alanine aminotransferase 35 U/L (upper limit 40 U/L), 2026-02-27"
std::string to_text(const Entry& entry);

}  // namespace graftline::record
