#pragma once
// Which facts are drawn in which track, and in which row of it. Adding a fact is adding a row.

#include <span>
#include <string_view>

namespace graftline::report {

// How an entry of the fact is drawn.
enum class Drawing : unsigned char {
  event,      // a mark on its day with its name
  statement,  // a mark on its day when it holds, a cross when it is documented not to
  stretch,    // bars over the days it holds
  log_level,  // a quantity on the logarithmic axis of the track
  result,     // negative or positive, without a number
  percent,    // a quantity on the track's axis of 0 to 100 %
  infusion,   // a diamond with its dose
  grade,      // a level with its word inside
  own_scale,  // a quantity in a row with a scale of its own
};

struct TrackFact {
  std::string_view track, fact, row;  // row: what stands left of it; empty: the track's only row
  Drawing drawing = Drawing::event;
};

std::span<const TrackFact> track_facts();

struct TrackName {
  std::string_view id, english, chinese;
};
std::span<const TrackName> track_names();  // from top to bottom

}  // namespace graftline::report
