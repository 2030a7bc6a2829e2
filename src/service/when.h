#pragma once
// What a protocol says about a patient over time.

#include <optional>
#include <string>

#include "engine/when.h"
#include "service/ask.h"

namespace graftline::service {

struct WhenQuestion {
  std::optional<Day> first;     // absent: day 0, else the first day on record
  std::optional<Day> last;      // absent: a year after the last day on record
  std::optional<Day> known_on;  // each day asked about as known on this one
  std::optional<Day> about;     // this day asked about as known on each; not together with known_on
  bool every_change = false;
};

struct When {
  engine::Series series;
  engine::History history;
};

// errors  malformed_input: the first day is after the last, or more than 400 years apart
Result<When> when(const Prepared& prepared, const record::Timeline& timeline, const WhenQuestion& question);

enum class WhenFormat : unsigned char { text, json, csv };
std::string when_header(WhenFormat format);  // with its line end; empty but for CSV
std::string to_text(const std::string& patient, const Prepared& prepared, const When& when,
                    WhenFormat format);

}  // namespace graftline::service
