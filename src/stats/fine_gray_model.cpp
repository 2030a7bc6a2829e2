#include "stats/fine_gray_model.h"

#include <fmt/format.h>

#include <optional>

#include "stats/event_table.h"

namespace graftline::stats {
namespace {

// Case weights do not count here, as in finegray().
template <class Time>
Result<std::vector<EventTable>> unweighted_tables(const FollowUp<Time>& rows, std::span<const int> group) {
  FollowUp<Time> plain{.time = rows.time, .status = rows.status, .entry = rows.entry};
  plain.group = group;
  return event_tables(plain);
}

std::vector<Censoring> censoring_curves(const EventTable& table, CensoringTies ties) {
  std::vector<Censoring> curves(table.groups);
  for (int g = 0; g < table.groups; ++g) {
    double survival = 1.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const double censored = table.n_censored(i, g);
      if (censored > 0.0 || table.n_event(i, g) > 0.0) curves[g].last = table.time[i];
      if (censored == 0.0) continue;
      const double events = table.n_event(i, g);
      const double at_risk = table.n_at_risk(i, g) - (ties == CensoringTies::finegray ? events : 0.0);
      survival *= (at_risk - censored) / at_risk;
      curves[g].time.push_back(table.time[i]);
      curves[g].censored.push_back(censored);
      curves[g].at_risk.push_back(table.n_at_risk(i, g));
      curves[g].after.push_back(survival);
    }
  }
  return curves;
}

struct EntryStep {
  double time = 0.0;
  double after = 0.0;  // chance of having come under observation, from here on
};

// Kaplan-Meier with time running backwards: at an entry time u those with entry <= u < time are at risk of
// not having entered yet.
template <class Time>
std::vector<EntryStep> entry_curve(const FollowUp<Time>& rows, std::span<const int> group, int of) {
  std::vector<double> entry, exit;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if ((group.empty() ? 0 : group[i]) != of) continue;
    entry.push_back(static_cast<double>(rows.entry[i]));
    exit.push_back(static_cast<double>(rows.time[i]));
  }
  std::sort(entry.begin(), entry.end());
  std::sort(exit.begin(), exit.end());
  std::vector<EntryStep> steps;
  double chance = 1.0;
  for (auto last = entry.end(); last != entry.begin();) {
    const double u = *(last - 1);
    const auto first = std::lower_bound(entry.begin(), last, u);
    const auto left = std::upper_bound(exit.begin(), exit.end(), u) - exit.begin();
    const double at_risk = static_cast<double>((last - entry.begin()) - left);
    steps.push_back({u, chance});
    chance *= (at_risk - static_cast<double>(last - first)) / at_risk;
    last = first;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

// G becomes G H, which steps wherever either does.
void times_entry(const std::vector<EntryStep>& entry, Censoring& curve) {
  Censoring both;
  both.last = curve.last;
  std::size_t e = 0, c = 0;
  while (e < entry.size() || c < curve.time.size()) {
    const bool enters = c == curve.time.size() || (e < entry.size() && entry[e].time <= curve.time[c]);
    const double t = enters ? entry[e].time : curve.time[c];
    while (e < entry.size() && entry[e].time <= t) ++e;
    while (c < curve.time.size() && curve.time[c] <= t) ++c;
    both.time.push_back(t);
    both.after.push_back((c == 0 ? 1.0 : curve.after[c - 1]) * entry[e - 1].after);
  }
  curve = std::move(both);
}

// With entries before anybody's end, everybody was under observation together and H does not matter.
template <class Time>
Result<std::vector<Censoring>> observation_curves(const FollowUp<Time>& rows, std::span<const int> group,
                                                  CensoringTies ties) {
  auto tables = unweighted_tables(rows, group);
  if (!tables) return tables.error();
  std::vector<Censoring> curves = censoring_curves(tables->front(), ties);
  if (rows.entry.empty()) return curves;
  const Time first_end = *std::min_element(rows.time.begin(), rows.time.end());
  if (std::all_of(rows.entry.begin(), rows.entry.end(), [&](Time e) { return e <= first_end; }))
    return curves;
  for (std::size_t g = 0; g < curves.size(); ++g)
    times_entry(entry_curve(rows, group, static_cast<int>(g)), curves[g]);
  return curves;
}

// Intervals between steps in which the group itself has an event of the cause.
template <class Time>
void mark_written(const FollowUp<Time>& rows, int cause, std::span<const int> group,
                  std::vector<Censoring>& curves) {
  for (Censoring& c : curves) c.written.assign(c.time.size() + 1, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.status[i] != cause || rows.weight_of(i) == 0.0) continue;
    Censoring& c = curves[group[i]];
    c.written[c.interval(static_cast<double>(rows.time[i]))] = 1;
  }
}

// The rows of one stratum, copied; of a model without strata, as they are.
template <class Time> struct StratumRows {
  std::vector<std::uint32_t> row;
  std::vector<Time> time, entry;
  std::vector<int> event, cluster;
  std::vector<double> weight;
  std::vector<std::vector<double>> columns;

  StratumRows(const FollowUp<Time>& rows, const Covariates& covariates, int cause, int stratum) {
    for (std::uint32_t i = 0; i < rows.size(); ++i)
      if (rows.stratum_of(i) == stratum) row.push_back(i);
    const auto taken = [this](const auto& from, auto& to) {
      if (from.empty()) return;
      to.reserve(row.size());
      for (const std::uint32_t i : row) to.push_back(from[i]);
    };
    taken(rows.time, time);
    taken(rows.entry, entry);
    taken(rows.weight, weight);
    taken(rows.cluster, cluster);
    event.reserve(row.size());
    for (const std::uint32_t i : row) event.push_back(rows.status[i] == cause ? 1 : 0);
    columns.resize(covariates.columns.size());
    for (std::size_t j = 0; j < columns.size(); ++j) taken(covariates.columns[j], columns[j]);
  }

  Result<CoxDesign> design(const Covariates& covariates) const {
    Covariates own{covariates.names, {columns.begin(), columns.end()}};
    auto made = cox_design(
        FollowUp<Time>{.time = time, .status = event, .entry = entry, .weight = weight, .cluster = cluster},
        own);
    if (made)
      for (std::uint32_t& i : made->row) i = row[i];
    return made;
  }
};

// Whether a row with a competing event is in the risk set of a later event of the cause.
bool counts_later(const FineGrayModel& model, int i) {
  const Censoring& c = model.censoring[model.group_of(i)];
  const double ended = model.design.time[i];
  const std::vector<EventTime>& times = model.event_times();
  return std::any_of(times.begin(), times.end(), [&](const EventTime& at) {
    const std::size_t in = c.interval(at.time);
    return at.time > ended && at.time <= c.last &&
           (c.written.empty() || c.written[in] != 0 || in == c.interval(ended));
  });
}

// 1 / G(T-) of the competing rows. Rows are sorted by time, so each group's curve is walked once.
Result<bool> weigh_competing(FineGrayModel& model) {
  model.per_g.assign(model.design.n, 0.0);
  std::vector<std::size_t> interval(model.groups(), 0);
  for (int i = 0; i < model.design.n; ++i) {
    const int g = model.group_of(i);
    const Censoring& c = model.censoring[g];
    while (interval[g] < c.time.size() && c.time[interval[g]] < model.design.time[i]) ++interval[g];
    if (model.competing[i] == 0) continue;
    const double chance = c.in_interval(interval[g]);
    if (!(chance > 0.0) && !counts_later(model, i)) continue;
    if (!(chance > 0.0))
      return Error{
          ErrorKind::conflict,
          fmt::format("row {}, column entry: at some later time all who were under observation had just "
                      "entered, so nothing tells how a competing event before it is to be weighted",
                      model.design.row[i] + 1)};
    model.per_g[i] = 1.0 / chance;
  }
  return true;
}

std::optional<Error> refused(bool delayed, bool groups_fit, bool stratified, const FineGrayOptions& options) {
  if (stratified && options.censoring_ties == CensoringTies::crr)
    return Error{ErrorKind::unsupported,
                 "strata: the crr form of Fine-Gray has one baseline; the finegray form takes strata"};
  if (options.ties == Ties::exact)
    return Error{ErrorKind::unsupported, "exact ties are not offered for Fine-Gray"};
  if (delayed && options.censoring_ties == CensoringTies::crr)
    return Error{ErrorKind::unsupported,
                 "column entry: the crr form of Fine-Gray takes no delayed entry; the finegray form does"};
  if (!groups_fit) return Error{ErrorKind::malformed_input, "censoring_group: one code per row is needed"};
  return std::nullopt;
}

}  // namespace

std::vector<std::uint32_t> FineGrayModel::begun_unwritten(double t) const {
  std::vector<std::uint32_t> rows;
  for (int g = 0; g < groups(); ++g) {
    const Censoring& c = censoring[g];
    if (c.written.empty() || t > c.last || c.written[c.interval(t)] != 0) continue;
    auto i = std::lower_bound(design.time.begin(), design.time.end(), t) - design.time.begin();
    const std::size_t interval = c.interval(t);
    while (i-- > 0 && c.interval(design.time[i]) == interval)
      if (competing[i] != 0 && group_of(i) == g) rows.push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

template <class Time>
Result<std::vector<FineGrayModel>> fine_gray_models(const FollowUp<Time>& rows, const Covariates& covariates,
                                                    int cause, std::span<const int> group,
                                                    const FineGrayOptions& options) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  const bool groups_fit = group.empty() || group.size() == rows.size();
  if (auto error = refused(!rows.entry.empty(), groups_fit, shape->strata > 1, options)) return *error;
  auto censoring = observation_curves(rows, group, options.censoring_ties);
  if (!censoring) return censoring.error();
  if (options.censoring_ties == CensoringTies::finegray && censoring->size() > 1)
    mark_written(rows, cause, group, *censoring);
  std::vector<FineGrayModel> models;
  double events = 0.0;
  const auto add = [&](CoxDesign design) -> Result<bool> {
    events += design.n_events;
    FineGrayModel model{std::move(design), {}, {}, {}, *censoring, options.ties == Ties::efron};
    model.competing.reserve(model.design.n);
    for (std::uint32_t row : model.design.row) {
      model.competing.push_back(rows.status[row] != 0 && rows.status[row] != cause ? 1 : 0);
      if (!group.empty()) model.group.push_back(group[row]);
    }
    if (auto weighed = weigh_competing(model); !weighed) return weighed.error();
    models.push_back(std::move(model));
    return true;
  };
  if (shape->strata == 1) {
    std::vector<int> event(rows.size());
    for (std::size_t i = 0; i < event.size(); ++i) event[i] = rows.status[i] == cause ? 1 : 0;
    FollowUp<Time> of_cause = rows;
    of_cause.status = event;
    of_cause.group = {};
    of_cause.stratum = {};
    auto design = cox_design(of_cause, covariates);
    if (!design) return design.error();
    if (auto added = add(*std::move(design)); !added) return added.error();
  } else {
    if (auto checked = check_covariates(covariates, rows.size()); !checked) return checked.error();
    for (int s = 0; s < shape->strata; ++s) {
      const StratumRows<Time> own(rows, covariates, cause, s);
      if (own.row.empty()) continue;
      auto design = own.design(covariates);
      if (!design) return design.error();
      if (auto added = add(*std::move(design)); !added) return added.error();
    }
  }
  if (events == 0.0)
    return Error{ErrorKind::conflict, fmt::format("column status: no row has cause {}", cause)};
  return models;
}

template Result<std::vector<FineGrayModel>> fine_gray_models(const DayFollowUp&, const Covariates&, int,
                                                             std::span<const int>, const FineGrayOptions&);
template Result<std::vector<FineGrayModel>> fine_gray_models(const RealFollowUp&, const Covariates&, int,
                                                             std::span<const int>, const FineGrayOptions&);

}  // namespace graftline::stats
