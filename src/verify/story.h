#pragma once
// A patient in whom something happens: dated entries as a record would hold them, and the decision that the
// engine makes of them. Dates, not day numbers: a story becomes a case file as it stands.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "record/timeline.h"

namespace graftline::verify {

// A row of the CSV long form.
struct StoryRow {
  Day when;
  std::string fact;   // catalogue id
  std::string value;  // "35", "II", "yes", "no", "start"
  std::string unit;
  std::optional<Day> until;
  std::string upper_limit;
  std::string status;  // "unknown": nobody knows whether it stands
  friend bool operator==(const StoryRow&, const StoryRow&) = default;
};

struct Story {
  Day day_zero;
  Day as_of;
  std::vector<StoryRow> rows;  // without the transplant
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> judgements;
  std::string decision;  // what the engine answers: "give", "hold", ...
  std::string because;
};

// The record of a story, the transplant included.
record::Timeline timeline_of(const Story& story);
engine::Settings settings_of(const Story& story);

}  // namespace graftline::verify
