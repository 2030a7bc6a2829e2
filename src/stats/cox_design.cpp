#include "stats/cox_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stats/sums.h"
#include "stats/time_order.h"

namespace graftline::stats {
namespace {

Result<bool> check_covariates(const Covariates& covariates, std::size_t n) {
  if (covariates.names.size() != covariates.columns.size())
    return Error{ErrorKind::malformed_input, "covariates: as many names as columns are needed"};
  for (std::size_t j = 0; j < covariates.columns.size(); ++j) {
    if (covariates.columns[j].size() != n)
      return Error{ErrorKind::malformed_input,
                   fmt::format("column {} has {} rows, column time has {}", covariates.names[j],
                               covariates.columns[j].size(), n)};
    for (std::size_t i = 0; i < n; ++i)
      if (!std::isfinite(covariates.columns[j][i]))
        return Error{ErrorKind::out_of_range,
                     fmt::format("row {}, column {}: a covariate must be known and finite", i + 1,
                                 covariates.names[j])};
  }
  return true;
}

// By stratum, then time, then events before censorings; rows without weight are left out.
template <class Time> std::vector<std::uint32_t> sorted_rows(const FollowUp<Time>& rows, int strata) {
  std::vector<std::uint32_t> by_time = order_by_time(rows.time);
  if (!rows.weight.empty()) std::erase_if(by_time, [&](std::uint32_t i) { return rows.weight[i] == 0.0; });
  for (std::size_t begin = 0; begin < by_time.size();) {
    std::size_t end = begin + 1;
    while (end < by_time.size() && rows.time[by_time[end]] == rows.time[by_time[begin]]) ++end;
    std::stable_partition(by_time.begin() + begin, by_time.begin() + end,
                          [&](std::uint32_t i) { return rows.status[i] != 0; });
    begin = end;
  }
  if (strata == 1) return by_time;
  std::vector<std::uint32_t> next(strata + 1, 0);
  for (std::uint32_t i : by_time) ++next[rows.stratum[i] + 1];
  for (int s = 0; s < strata; ++s) next[s + 1] += next[s];
  std::vector<std::uint32_t> sorted(by_time.size());
  for (std::uint32_t i : by_time) sorted[next[rows.stratum[i]]++] = i;
  return sorted;
}

void fill_covariates(const Covariates& covariates, CoxDesign& design) {
  design.x.resize(static_cast<std::size_t>(design.n) * design.p);
  design.mean.assign(design.p, 0.0);
  for (int j = 0; j < design.p; ++j) {
    Sum total;
    Sum weights;
    for (int i = 0; i < design.n; ++i) {
      total.add(design.weight_of(i) * covariates.columns[j][design.row[i]]);
      weights.add(design.weight_of(i));
    }
    design.mean[j] = design.n > 0 ? total.value() / weights.value() : 0.0;
    for (int i = 0; i < design.n; ++i)
      design.x[static_cast<std::size_t>(i) * design.p + j] =
          covariates.columns[j][design.row[i]] - design.mean[j];
  }
}

CoxStratum stratum_of(const CoxDesign& design, std::uint32_t begin, std::uint32_t end) {
  CoxStratum stratum;
  stratum.begin = begin;
  stratum.end = end;
  for (std::uint32_t i = begin; i < end;) {
    std::uint32_t next = i;
    EventTime at{design.time[i], i, 0, 0.0};
    Sum weight;
    for (; next < end && design.time[next] == at.time; ++next)
      if (design.event[next] != 0) {
        ++at.events;
        weight.add(design.weight_of(next));
      }
    at.event_weight = weight.value();
    if (at.events > 0) stratum.event_times.push_back(at);
    i = next;
  }
  if (design.entry.empty()) return stratum;
  const std::span<const double> entries(design.entry.data() + begin, end - begin);
  stratum.by_entry = order_by_time(entries);
  for (std::uint32_t& i : stratum.by_entry) i += begin;
  return stratum;
}

}  // namespace

template <class Time> Result<CoxDesign> cox_design(const FollowUp<Time>& rows, const Covariates& covariates) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  if (auto checked = check_covariates(covariates, rows.size()); !checked) return checked.error();
  CoxDesign design;
  design.row = sorted_rows(rows, shape->strata);
  design.n = static_cast<int>(design.row.size());
  design.p = static_cast<int>(covariates.columns.size());
  design.names = covariates.names;
  design.clusters = shape->clusters;
  std::vector<std::uint32_t> ends(shape->strata, 0);
  for (std::uint32_t i : design.row) {
    design.time.push_back(static_cast<double>(rows.time[i]));
    design.event.push_back(rows.status[i] != 0 ? 1 : 0);
    if (!rows.entry.empty()) design.entry.push_back(static_cast<double>(rows.entry[i]));
    if (!rows.weight.empty()) design.weight.push_back(rows.weight[i]);
    if (!rows.cluster.empty()) design.cluster.push_back(rows.cluster[i]);
    ++ends[rows.stratum_of(i)];
    design.n_events += rows.status[i] != 0 ? 1.0 : 0.0;
  }
  fill_covariates(covariates, design);
  std::uint32_t begin = 0;
  for (std::uint32_t size : ends) {
    if (size > 0)
      design.strata.push_back(stratum_of(design, begin, begin + size));
    else
      design.strata.push_back(CoxStratum{begin, begin, {}, {}});
    begin += size;
  }
  return design;
}

template Result<CoxDesign> cox_design(const DayFollowUp&, const Covariates&);
template Result<CoxDesign> cox_design(const RealFollowUp&, const Covariates&);

}  // namespace graftline::stats
