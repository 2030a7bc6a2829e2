#pragma once
// Infinitesimal-jackknife variance of step functions in one sweep, whatever the number of clusters.
//
// The influence of a cluster on an estimate at time t is a fixed combination of a few functions of t that are
// the same for everybody (how long the hazard has run, ...), with coefficients that change only when one of
// its rows enters or leaves. So instead of clusters x times numbers, only the sums over clusters of the
// coefficients' products are kept, and each change of one cluster updates them: O(n) in all.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/follow_up.h"
#include "stats/sums.h"

namespace graftline::stats {

// Which rows of a group come under observation before, and leave at, each of its times.
class Presence {
 public:
  std::span<const std::uint32_t> entering(std::size_t time) const {
    return slice(enter_, enter_begin_, time);
  }
  std::span<const std::uint32_t> leaving(std::size_t time) const { return slice(leave_, leave_begin_, time); }

  struct Stay {
    std::uint32_t row, first, last;  // at risk at times first..last
  };
  Presence(const std::vector<Stay>& stays, std::size_t times) {
    fill(stays, times, enter_, enter_begin_, [](const Stay& s) { return s.first; });
    fill(stays, times, leave_, leave_begin_, [](const Stay& s) { return s.last; });
  }

 private:
  using Rows = std::vector<std::uint32_t>;
  static std::span<const std::uint32_t> slice(const Rows& rows, const Rows& begin, std::size_t time) {
    return std::span(rows).subspan(begin[time], begin[time + 1] - begin[time]);
  }
  template <class Which>
  static void fill(const std::vector<Stay>& stays, std::size_t times, Rows& rows, Rows& begin, Which which) {
    begin.assign(times + 1, 0);
    for (const Stay& s : stays) ++begin[which(s) + 1];
    for (std::size_t t = 0; t < times; ++t) begin[t + 1] += begin[t];
    rows.resize(stays.size());
    Rows next = begin;
    for (const Stay& s : stays) rows[next[which(s)]++] = s.row;
  }
  Rows enter_, enter_begin_, leave_, leave_begin_;
};

// `time` holds, in increasing order, at least the ends of follow-up of the group's rows. Rows of weight 0 are
// left out.
template <class Time>
Presence presence_of(const FollowUp<Time>& rows, const std::vector<double>& time, int group,
                     int stratum = -1) {
  std::vector<Presence::Stay> stays;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.group_of(i) != group || rows.weight_of(i) == 0.0) continue;
    if (stratum >= 0 && rows.stratum_of(i) != stratum) continue;
    const auto last = std::lower_bound(time.begin(), time.end(), static_cast<double>(rows.time[i]));
    auto first = time.begin();
    if (!rows.entry.empty())
      first = std::upper_bound(time.begin(), time.end(), static_cast<double>(rows.entry[i]));
    stays.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(first - time.begin()),
                     static_cast<std::uint32_t>(last - time.begin())});
  }
  return {stays, time.size()};
}

template <int terms> class ClusterMoments {
 public:
  explicit ClusterMoments(std::size_t clusters) : coefficients_(clusters) {}

  void change(std::size_t cluster, const std::array<double, terms>& by) {
    auto& c = coefficients_[cluster];
    const auto before = c;
    for (int a = 0; a < terms; ++a) c[a] += by[a];
    int at = 0;
    for (int a = 0; a < terms; ++a)
      for (int b = a; b < terms; ++b, ++at) {
        moments_[at].subtract(before[a] * before[b]);
        moments_[at].add(c[a] * c[b]);
      }
  }

  // Sum over clusters of (sum of coefficient times basis) squared; never negative.
  double sum_of_squares(const std::array<double, terms>& basis) const {
    Sum total;
    int at = 0;
    for (int a = 0; a < terms; ++a)
      for (int b = a; b < terms; ++b, ++at)
        total.add((a == b ? 1.0 : 2.0) * moments_[at].value() * basis[a] * basis[b]);
    return total.value() > 0.0 ? total.value() : 0.0;
  }

 private:
  std::vector<std::array<double, terms>> coefficients_{};
  std::array<Sum, terms*(terms + 1) / 2> moments_{};
};

}  // namespace graftline::stats
