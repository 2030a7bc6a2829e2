#include "stats/cox_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "stats/sums.h"
#include "stats/time_order.h"

namespace graftline::stats {
namespace {

Result<bool> check_lengths(const Covariates& covariates, std::size_t n) {
  if (covariates.names.size() != covariates.columns.size())
    return Error{ErrorKind::malformed_input, "covariates: as many names as columns are needed"};
  for (std::size_t j = 0; j < covariates.columns.size(); ++j)
    if (covariates.columns[j].size() != n)
      return Error{ErrorKind::malformed_input,
                   fmt::format("column {} has {} rows, column time has {}", covariates.names[j],
                               covariates.columns[j].size(), n)};
  return true;
}

// By stratum, then time, then events before censorings; rows without weight are left out.
template <class Time> std::vector<std::uint32_t> sorted_rows(const FollowUp<Time>& rows, int strata) {
  std::vector<std::uint32_t> by_time = order_by_time(rows.time, rows.status);
  if (!rows.weight.empty()) std::erase_if(by_time, [&](std::uint32_t i) { return rows.weight[i] == 0.0; });
  if (strata == 1) return by_time;
  std::vector<std::uint32_t> next(strata + 1, 0);
  for (std::uint32_t i : by_time) ++next[rows.stratum[i] + 1];
  for (int s = 0; s < strata; ++s) next[s + 1] += next[s];
  std::vector<std::uint32_t> sorted(by_time.size());
  for (std::uint32_t i : by_time) sorted[next[rows.stratum[i]]++] = i;
  return sorted;
}

// Added up in blocks, each rounded by itself. Not finite where a value is not.
double weighted_sum(std::span<const double> values, std::span<const double> weight) {
  constexpr std::size_t block = 256;
  Sum total;
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    const std::size_t end = std::min(values.size(), begin + block);
    double part = 0.0;
    for (std::size_t i = begin; i < end; ++i) part += weight.empty() ? values[i] : weight[i] * values[i];
    total.add(part);
  }
  return total.value();
}

Error not_finite(const Covariates& covariates, std::size_t j) {
  const auto& column = covariates.columns[j];
  const auto at = std::find_if(column.begin(), column.end(), [](double v) { return !std::isfinite(v); });
  if (at == column.end())
    return Error{ErrorKind::out_of_range,
                 fmt::format("column {}: its values are too large to be added", covariates.names[j])};
  return Error{ErrorKind::out_of_range, fmt::format("row {}, column {}: a covariate must be known and finite",
                                                    at - column.begin() + 1, covariates.names[j])};
}

// Columns are read from top to bottom and each row is written where it belongs: one cache line a row.
Result<bool> fill_covariates(const Covariates& covariates, std::span<const double> weight,
                             CoxDesign& design) {
  const std::size_t p = design.p;
  const std::size_t n = p == 0 ? 0 : covariates.columns[0].size();
  const double weights =
      weight.empty() ? static_cast<double>(n) : weighted_sum(std::vector<double>(n, 1.0), weight);
  for (std::size_t j = 0; j < p; ++j) {
    const double total = weighted_sum(covariates.columns[j], weight);
    if (!std::isfinite(total)) return not_finite(covariates, j);
    design.mean.push_back(weights > 0.0 ? total / weights : 0.0);
  }
  constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  std::vector<std::uint32_t> place(n, nowhere);
  for (std::uint32_t i = 0; i < design.row.size(); ++i) place[design.row[i]] = i;
  design.x.resize(design.row.size() * p);
  for (std::size_t i = 0; i < n; ++i) {
    if (place[i] == nowhere) continue;
    double* x = &design.x[place[i] * p];
    for (std::size_t j = 0; j < p; ++j) x[j] = covariates.columns[j][i] - design.mean[j];
  }
  std::vector<Sum> total(p);
  for (int i = 0; i < design.n; ++i)
    if (design.event[i] != 0)
      for (std::size_t j = 0; j < p; ++j) total[j].add(design.weight_of(i) * design.covariates(i)[j]);
  for (const Sum& t : total) design.event_total.push_back(t.value());
  return true;
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
  return stratum;
}

template <class Time> void add_entries(const FollowUp<Time>& rows, CoxStratum& stratum, CoxDesign& design) {
  std::vector<Time> entry;
  for (std::uint32_t i = stratum.begin; i < stratum.end; ++i) entry.push_back(rows.entry[design.row[i]]);
  stratum.by_entry = order_by_time(std::span<const Time>(entry));
  std::uint32_t seen = 0;
  for (std::uint32_t& i : stratum.by_entry) {
    i += stratum.begin;
    while (seen < stratum.event_times.size() && stratum.event_times[seen].time <= design.entry[i]) ++seen;
    design.seen_at_entry[i] = seen;
  }
}

// The column in the order of the rows; an empty one stays empty.
template <class To, class From, class Change = std::identity>
std::vector<To> in_order(const std::vector<std::uint32_t>& row, std::span<const From> column,
                         Change change = {}) {
  std::vector<To> sorted(column.empty() ? 0 : row.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = static_cast<To>(change(column[row[i]]));
  return sorted;
}

}  // namespace

Result<bool> check_covariates(const Covariates& covariates, std::size_t n) {
  if (auto checked = check_lengths(covariates, n); !checked) return checked.error();
  for (std::size_t j = 0; j < covariates.columns.size(); ++j)
    if (!std::isfinite(weighted_sum(covariates.columns[j], {}))) return not_finite(covariates, j);
  return true;
}

template <class Time> Result<CoxDesign> cox_design(const FollowUp<Time>& rows, const Covariates& covariates) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  if (auto checked = check_lengths(covariates, rows.size()); !checked) return checked.error();
  CoxDesign design;
  design.row = sorted_rows(rows, shape->strata);
  design.n = static_cast<int>(design.row.size());
  design.p = static_cast<int>(covariates.columns.size());
  design.names = covariates.names;
  design.clusters = shape->clusters;
  design.time = in_order<double>(design.row, rows.time);
  design.entry = in_order<double>(design.row, rows.entry);
  design.weight = in_order<double>(design.row, rows.weight);
  design.cluster = in_order<int>(design.row, rows.cluster);
  design.event = in_order<unsigned char>(design.row, rows.status, [](int status) { return status != 0; });
  design.n_events = static_cast<double>(std::count(design.event.begin(), design.event.end(), 1));
  if (auto filled = fill_covariates(covariates, rows.weight, design); !filled) return filled.error();
  std::vector<std::uint32_t> sizes(shape->strata, 0);
  for (std::uint32_t i : design.row) ++sizes[rows.stratum_of(i)];
  design.seen_at_entry.resize(design.entry.size());
  std::uint32_t begin = 0;
  for (std::uint32_t size : sizes) {
    design.strata.push_back(stratum_of(design, begin, begin + size));
    if (!rows.entry.empty()) add_entries(rows, design.strata.back(), design);
    begin += size;
  }
  return design;
}

template Result<CoxDesign> cox_design(const DayFollowUp&, const Covariates&);
template Result<CoxDesign> cox_design(const RealFollowUp&, const Covariates&);

}  // namespace graftline::stats
