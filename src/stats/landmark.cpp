#include "stats/landmark.h"

#include <algorithm>

namespace graftline::stats {

template <class Time>
Result<Landmarked<Time>> landmark(const FollowUp<Time>& rows, Time landmark_time, bool keep_late_entries) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  if (!(landmark_time >= Time{0})) return Error{ErrorKind::out_of_range, "the landmark must not be negative"};
  Landmarked<Time> kept;
  bool late = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Time entry = rows.entry.empty() ? Time{0} : std::max(rows.entry[i] - landmark_time, Time{0});
    if (!(rows.time[i] > landmark_time) || (entry > Time{0} && !keep_late_entries)) continue;
    kept.row.push_back(static_cast<std::uint32_t>(i));
    kept.time.push_back(rows.time[i] - landmark_time);
    kept.entry.push_back(entry);
    kept.status.push_back(rows.status[i]);
    late = late || entry > Time{0};
  }
  if (kept.row.empty()) return Error{ErrorKind::conflict, "nobody is under observation at the landmark"};
  if (!late) kept.entry.clear();
  return kept;
}

template Result<Landmarked<int>> landmark(const DayFollowUp&, int, bool);
template Result<Landmarked<double>> landmark(const RealFollowUp&, double, bool);

}  // namespace graftline::stats
