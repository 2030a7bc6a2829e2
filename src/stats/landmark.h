#pragma once
// Landmark analysis: only those still event-free and under observation at the landmark, followed from
// there.
//
// What became of a patient by the landmark (a donor lymphocyte infusion, acute GVHD) is then a fixed
// group, so that nobody is counted in a group for the time he had to survive to join it (immortal time).
//
//   rows     as read by the estimators; a row leaving at or before the landmark is left out, as is one
//            entering after it unless `keep_late_entries`
//   returns  the kept rows' numbers, and columns of their time since the landmark (entry 0 where it was
//            before)
//   errors   those of inspect(); out_of_range: landmark < 0; conflict: nobody is left
//   ties     an event on the day of the landmark is before it
//   source   Anderson, Cain and Gelber, J Clin Oncol 1983; 1:710
//   checked  by hand (landmark_test.cpp)

#include <vector>

#include "stats/follow_up.h"

namespace graftline::stats {

template <class Time> struct Landmarked {
  std::vector<std::uint32_t> row;  // of the rows given
  std::vector<Time> time;          // since the landmark
  std::vector<Time> entry;         // empty when nobody enters late
  std::vector<int> status;
};

template <class Time>
Result<Landmarked<Time>> landmark(const FollowUp<Time>& rows, Time landmark_time,
                                  bool keep_late_entries = false);

}  // namespace graftline::stats
