#include "stats/follow_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace graftline::stats {
namespace {

Error bad_row(std::size_t row, const char* column, const char* why) {
  return Error{ErrorKind::out_of_range, fmt::format("row {}, column {}: {}", row + 1, column, why)};
}

std::optional<Error> length_error(std::size_t rows, std::size_t found, const char* column) {
  if (found == 0 || found == rows) return std::nullopt;
  return Error{ErrorKind::malformed_input,
               fmt::format("column {} has {} rows, column time has {}", column, found, rows)};
}

template <class Time> std::optional<Error> column_lengths(const FollowUp<Time>& rows) {
  const std::size_t n = rows.size();
  if (n == 0) return Error{ErrorKind::malformed_input, "column time: no rows"};
  if (rows.status.size() != n)
    return Error{ErrorKind::malformed_input,
                 fmt::format("column status has {} rows, column time has {}", rows.status.size(), n)};
  for (auto [found, column] :
       {std::pair{rows.entry.size(), "entry"}, std::pair{rows.weight.size(), "weight"},
        std::pair{rows.group.size(), "group"}, std::pair{rows.stratum.size(), "stratum"},
        std::pair{rows.cluster.size(), "cluster"}})
    if (auto error = length_error(n, found, column)) return error;
  return std::nullopt;
}

// Highest code of a column plus one; a negative code is an error.
std::optional<Error> count_codes(std::span<const int> codes, const char* column, int& count) {
  if (codes.empty()) return std::nullopt;
  int lowest = 0;
  int highest = 0;
  for (int code : codes) {
    lowest = std::min(lowest, code);
    highest = std::max(highest, code);
  }
  if (lowest < 0) {
    const auto at = std::find_if(codes.begin(), codes.end(), [](int code) { return code < 0; });
    return bad_row(static_cast<std::size_t>(at - codes.begin()), column, "a code must not be negative");
  }
  count = highest + 1;
  return std::nullopt;
}

template <class Time> bool usable(Time time) {
  if constexpr (std::is_floating_point_v<Time>)
    return std::isfinite(time) && time >= 0;
  else
    return time >= 0;
}

template <class Time> std::optional<Error> check_times(const FollowUp<Time>& rows, FollowUpShape& shape) {
  Time first = rows.time[0];
  Time last = rows.time[0];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Time time = rows.time[i];
    if (!usable(time)) return bad_row(i, "time", "a time must be known, finite and not negative");
    first = std::min(first, time);
    last = std::max(last, time);
  }
  for (std::size_t i = 0; i < rows.entry.size(); ++i)
    if (!(rows.entry[i] < rows.time[i])) return bad_row(i, "entry", "entry must come before time");
  shape.first = static_cast<double>(first);
  shape.last = static_cast<double>(last);
  return std::nullopt;
}

}  // namespace

template <class Time> Result<FollowUpShape> inspect(const FollowUp<Time>& rows) {
  if (auto error = column_lengths(rows)) return *error;
  FollowUpShape shape;
  if (auto error = check_times(rows, shape)) return *error;
  int statuses = 1;
  if (auto error = count_codes(rows.status, "status", statuses)) return *error;
  if (auto error = count_codes(rows.group, "group", shape.groups)) return *error;
  if (auto error = count_codes(rows.stratum, "stratum", shape.strata)) return *error;
  shape.clusters = static_cast<int>(rows.size());
  if (auto error = count_codes(rows.cluster, "cluster", shape.clusters)) return *error;
  shape.causes = statuses - 1;
  for (std::size_t i = 0; i < rows.weight.size(); ++i)
    if (!(std::isfinite(rows.weight[i]) && rows.weight[i] >= 0))
      return bad_row(i, "weight", "a case weight must be known, finite and not negative");
  return shape;
}

template Result<FollowUpShape> inspect(const DayFollowUp&);
template Result<FollowUpShape> inspect(const RealFollowUp&);

}  // namespace graftline::stats
