#include "stats/event_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "stats/sums.h"
#include "stats/time_order.h"

namespace graftline::stats {
namespace {

// A histogram by day is used while its cells do not outnumber the rows by much; beyond that, sorting is
// cheaper.
bool histogram_is_small(double cells, std::size_t rows) {
  return cells <= 1024.0 + 2.0 * static_cast<double>(rows);
}

template <class Time> bool is_whole(std::span<const Time> time) {
  if constexpr (std::is_integral_v<Time>)
    return true;
  else
    return std::all_of(time.begin(), time.end(), [](double t) { return t < 2e9 && t == std::floor(t); });
}

void empty_tables(const FollowUpShape& shape, std::vector<EventTable>& tables) {
  tables.resize(shape.strata);
  for (EventTable& table : tables) {
    table.groups = shape.groups;
    table.causes = std::max(1, shape.causes);
    table.rows.assign(shape.groups, 0.0);
    table.time.clear();
    table.count.clear();
  }
}

std::vector<EventTable> empty_tables(const FollowUpShape& shape) {
  std::vector<EventTable> tables;
  empty_tables(shape, tables);
  return tables;
}

// Sorts whole numbers by their bits `from` to `to`, at most eight at a time and as few as the passes need: a
// small trial spends no time on counters that stay empty.
void sort_keys(std::vector<std::uint64_t>& keys, std::vector<std::uint64_t>& other, int from, int to) {
  other.resize(keys.size());
  const int passes = (to - from + 7) / 8;
  const int width = passes == 0 ? 0 : (to - from + passes - 1) / passes;
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::array<std::uint32_t, 256> begin;
  for (int shift = from; shift < to; shift += width) {
    std::fill_n(begin.begin(), mask + 1, 0U);
    for (const std::uint64_t key : keys) ++begin[(key >> shift) & mask];
    std::uint32_t before = 0;
    for (std::uint64_t b = 0; b <= mask; ++b) before += std::exchange(begin[b], before);
    for (const std::uint64_t key : keys) other[begin[(key >> shift) & mask]++] = key;
    keys.swap(other);
  }
}

// Without weights a row is no more than its stratum, day, group and status: side by side in the bits of one
// whole number. Sorted by stratum and day, those of one day stand together and are counted.
struct KeyBits {
  int status, group, day, stratum;
  explicit KeyBits(const FollowUpShape& shape)
      : status(bits_of(std::max(1, shape.causes))),
        group(status + bits_of(shape.groups - 1)),
        day(group + bits_of(shape.last - shape.first)),
        stratum(day + bits_of(shape.strata - 1)) {}

 private:
  template <class Number> static int bits_of(Number most) {
    return static_cast<int>(std::bit_width(static_cast<unsigned>(most)));
  }
};

void by_keys(const DayFollowUp& rows, const FollowUpShape& shape, EventTableMemory& memory,
             std::vector<EventTable>& tables) {
  empty_tables(shape, tables);
  const KeyBits bits(shape);
  const std::size_t statuses = tables[0].causes + 1;
  const std::size_t per_day = shape.groups * statuses;
  const auto first = static_cast<std::int64_t>(shape.first);
  memory.keys.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    memory.keys[i] = static_cast<std::uint64_t>(rows.stratum_of(i)) << bits.day |
                     static_cast<std::uint64_t>(rows.time[i] - first) << bits.group |
                     static_cast<std::uint64_t>(rows.group_of(i)) << bits.status |
                     static_cast<std::uint64_t>(rows.status[i]);
  sort_keys(memory.keys, memory.other, bits.group, bits.stratum);
  const auto part = [](std::uint64_t key, int from, int to) {
    return static_cast<std::size_t>(key >> from & ((std::uint64_t{1} << (to - from)) - 1));
  };
  constexpr std::size_t many_days = 256;  // room is made for so many at a time
  for (std::size_t i = 0; i < memory.keys.size();) {
    const std::uint64_t cell = memory.keys[i] >> bits.group;  // stratum and day
    EventTable& table = tables[cell >> (bits.day - bits.group)];
    table.time.push_back(
        static_cast<double>(first + static_cast<std::int64_t>(part(memory.keys[i], bits.group, bits.day))));
    const std::size_t before = (table.time.size() - 1) * per_day;
    if (before == table.count.size()) table.count.resize(before + many_days * per_day);
    double* counts = &table.count[before];
    for (; i < memory.keys.size() && memory.keys[i] >> bits.group == cell; ++i) {
      const std::size_t group = part(memory.keys[i], bits.status, bits.group);
      counts[group * statuses + part(memory.keys[i], 0, bits.status)] += 1.0;
      table.rows[group] += 1.0;
    }
  }
  for (EventTable& table : tables) table.count.resize(table.time.size() * per_day);
}

// Rows of a stratum, group and day are counted in one cell each; then only the days that occur are kept.
template <class Time>
std::vector<EventTable> by_histogram(const FollowUp<Time>& rows, const FollowUpShape& shape) {
  std::vector<EventTable> tables = empty_tables(shape);
  const std::size_t statuses = tables[0].causes + 1;
  const std::size_t per_day = shape.groups * statuses;
  const auto first = static_cast<Time>(shape.first);
  const std::size_t days = static_cast<std::size_t>(shape.last - shape.first) + 1;
  const std::size_t n = rows.size();
  std::vector<double> histogram(shape.strata * days * per_day, 0.0);
  const bool plain = rows.weight.empty() && rows.group.empty() && rows.stratum.empty();
  if (plain) {
    for (std::size_t i = 0; i < n; ++i)
      histogram[static_cast<std::size_t>(rows.time[i] - first) * statuses + rows.status[i]] += 1.0;
    tables[0].rows[0] = static_cast<double>(n);
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = rows.weight_of(i);
      if (weight == 0.0) continue;
      const int stratum = rows.stratum_of(i);
      const int group = rows.group_of(i);
      const auto day = static_cast<std::size_t>(rows.time[i] - first);
      histogram[(stratum * days + day) * per_day + group * statuses + rows.status[i]] += weight;
      tables[stratum].rows[group] += 1.0;
    }
  }
  for (int s = 0; s < shape.strata; ++s)
    for (std::size_t day = 0; day < days; ++day) {
      const double* cell = &histogram[(s * days + day) * per_day];
      if (std::all_of(cell, cell + per_day, [](double c) { return c == 0.0; })) continue;
      tables[s].time.push_back(shape.first + static_cast<double>(day));
      tables[s].count.insert(tables[s].count.end(), cell, cell + per_day);
    }
  return tables;
}

template <class Time>
std::vector<EventTable> by_sorting(const FollowUp<Time>& rows, const FollowUpShape& shape) {
  std::vector<EventTable> tables = empty_tables(shape);
  const std::size_t statuses = tables[0].causes + 1;
  const std::size_t per_time = shape.groups * statuses;
  for (std::uint32_t i : order_by_time(rows.time)) {
    const double weight = rows.weight_of(i);
    if (weight == 0.0) continue;
    EventTable& table = tables[rows.stratum_of(i)];
    const auto time = static_cast<double>(rows.time[i]);
    if (table.time.empty() || table.time.back() != time) {
      table.time.push_back(time);
      table.count.resize(table.count.size() + per_time, 0.0);
    }
    const int group = rows.group_of(i);
    table.count[table.count.size() - per_time + group * statuses + rows.status[i]] += weight;
    table.rows[group] += 1.0;
  }
  return tables;
}

// Weight coming under observation, per group, just after the entry times: [time * groups + group] of the
// first time at which it counts. Entries after the table's last time never count.
struct Entering {
  std::vector<double> weight;
  std::vector<double> rows;
};

template <class Time>
std::vector<Entering> entering(const FollowUp<Time>& rows, const std::vector<EventTable>& tables) {
  std::vector<Entering> all(tables.size());
  for (std::size_t s = 0; s < tables.size(); ++s) {
    all[s].weight.assign(tables[s].size() * tables[s].groups, 0.0);
    all[s].rows = all[s].weight;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double weight = rows.weight_of(i);
    if (weight == 0.0) continue;
    const int s = rows.stratum_of(i);
    const EventTable& table = tables[s];
    std::size_t at = 0;
    if (!rows.entry.empty()) {
      const auto next =
          std::upper_bound(table.time.begin(), table.time.end(), static_cast<double>(rows.entry[i]));
      at = static_cast<std::size_t>(next - table.time.begin());
    }
    all[s].weight[at * table.groups + rows.group_of(i)] += weight;
    all[s].rows[at * table.groups + rows.group_of(i)] += 1.0;
  }
  return all;
}

// Without delayed entry and weights: from the last time backwards, exact in whole numbers.
void count_backwards(EventTable& table) {
  const auto groups = static_cast<std::size_t>(table.groups);
  const std::size_t statuses = table.causes + 1;
  table.at_risk.resize(table.size() * groups);
  const double* cell = table.count.data() + table.count.size();
  for (std::size_t at = table.at_risk.size(); at-- > 0;) {
    double leaving = 0.0;
    for (std::size_t k = 0; k < statuses; ++k) leaving += *--cell;
    const double later = at + groups < table.at_risk.size() ? table.at_risk[at + groups] : 0.0;
    table.at_risk[at] = later + leaving;
  }
}

// `leaving_rows` counts rows rather than weights: where no row is at risk the weight at risk is exactly 0.
void count_forwards(EventTable& table, const Entering& enter, const std::vector<double>& leaving_rows) {
  const std::size_t statuses = table.causes + 1;
  table.at_risk.assign(table.size() * table.groups, 0.0);
  for (int g = 0; g < table.groups; ++g) {
    Sum weight;
    double rows = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::size_t at = i * table.groups + g;
      weight.add(enter.weight[at]);
      rows += enter.rows[at];
      table.at_risk[at] = rows > 0.0 ? weight.value() : 0.0;
      for (std::size_t k = 0; k < statuses; ++k) weight.subtract(table.count[at * statuses + k]);
      rows -= leaving_rows[at];
    }
  }
}

template <class Time>
std::vector<std::vector<double>> leaving_rows(const FollowUp<Time>& rows,
                                              const std::vector<EventTable>& tables) {
  std::vector<std::vector<double>> all(tables.size());
  for (std::size_t s = 0; s < tables.size(); ++s) all[s].assign(tables[s].size() * tables[s].groups, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.weight_of(i) == 0.0) continue;
    const EventTable& table = tables[rows.stratum_of(i)];
    const auto at = std::lower_bound(table.time.begin(), table.time.end(), static_cast<double>(rows.time[i]));
    all[rows.stratum_of(i)][(at - table.time.begin()) * table.groups + rows.group_of(i)] += 1.0;
  }
  return all;
}

}  // namespace

template <class Time> Result<std::vector<EventTable>> event_tables(const FollowUp<Time>& rows) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  const double cells =
      (shape->last - shape->first + 1.0) * shape->strata * shape->groups * (shape->causes + 1);
  const bool histogram = histogram_is_small(cells, rows.size()) && is_whole(rows.time);
  std::vector<EventTable> tables;
  if (histogram) {
    tables = by_histogram(rows, *shape);
  } else if constexpr (std::is_same_v<Time, int>) {
    if (rows.weight.empty() && KeyBits(*shape).stratum <= 64) {
      EventTableMemory memory;
      by_keys(rows, *shape, memory, tables);
    } else {
      tables = by_sorting(rows, *shape);
    }
  } else {
    tables = by_sorting(rows, *shape);
  }
  if (rows.entry.empty() && rows.weight.empty()) {
    for (EventTable& table : tables) count_backwards(table);
    return tables;
  }
  const std::vector<Entering> enter = entering(rows, tables);
  const std::vector<std::vector<double>> leave = leaving_rows(rows, tables);
  for (std::size_t s = 0; s < tables.size(); ++s) count_forwards(tables[s], enter[s], leave[s]);
  return tables;
}

std::optional<Error> event_tables(const DayFollowUp& rows, EventTableMemory& memory,
                                  std::vector<EventTable>& tables) {
  if (!rows.weight.empty() || !rows.entry.empty())
    return Error{ErrorKind::unsupported,
                 "column weight, entry: only plain rows are counted into memory used again"};
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  if (KeyBits(*shape).stratum > 64)
    return Error{ErrorKind::unsupported, "column stratum: too many strata, groups and causes for these days"};
  by_keys(rows, *shape, memory, tables);
  for (EventTable& table : tables) count_backwards(table);
  return std::nullopt;
}

template Result<std::vector<EventTable>> event_tables(const DayFollowUp&);
template Result<std::vector<EventTable>> event_tables(const RealFollowUp&);

}  // namespace graftline::stats
