#pragma once
// One patient's record over time: the figure and its table twin.

#include <optional>
#include <string>

#include "core/result.h"
#include "service/ask.h"

namespace graftline::service {

enum class TimelineFormat : unsigned char { text, json, svg };

struct TimelineQuestion {
  Day as_of;
  std::optional<Day> known_on;  // absent: as_of
  double width = 960.0;
  std::string language = "en";
  TimelineFormat format = TimelineFormat::text;
};

// `timeline` is arranged. Text and JSON list every visible entry, oldest first; JSON has the figure too.
// errors  malformed_input: a width outside 300 to 2400, a language that is neither en nor zh
Result<std::string> timeline_of(const record::Timeline& timeline, const TimelineQuestion& question);

// The days on which something became known: where a replay of the past stops.
std::vector<Day> known_days(const record::Timeline& timeline);

}  // namespace graftline::service
