#pragma once
// The weighted risk sets of a Fine-Gray model. Private to the fine_gray*.cpp files.

#include "stats/fine_gray.h"
#include "stats/risk_sets.h"

namespace graftline::stats {

// Chance of still being observed, one censoring group: the Kaplan-Meier curve G of the censoring time; with
// delayed entry (Geskus) times H, the chance of having come under observation, estimated in the same way with
// time running backwards. A step function, left-continuous where it is used.
struct Censoring {
  std::vector<double> time;      // where it steps
  std::vector<double> after;     // its value just after the time
  std::vector<double> censored;  // how many are censored there
  std::vector<double> at_risk;   // Y of the censoring martingale
  double last = 0.0;  // end of the group's follow-up, beyond which its rows are not counted any more
  // finegray() writes an interval between steps out only if the group itself has an event of the cause in it,
  // so at the other groups' events there its competing rows are missing, but for those that began in that
  // interval.
  std::vector<char> written;  // [interval]; empty: all

  std::size_t interval(double t) const {
    return std::lower_bound(time.begin(), time.end(), t) - time.begin();
  }
  double in_interval(std::size_t at) const { return at == 0 ? 1.0 : after[at - 1]; }
  // What a competing row's 1 / G(T-) is multiplied by at t.
  double kept(double t) const {
    const std::size_t at = interval(t);
    if (t > last || (!written.empty() && written[at] == 0)) return 0.0;
    return in_interval(at);
  }
  double end_of_interval(double t) const {
    const std::size_t at = interval(t);
    return at < time.size() ? time[at] : last;
  }
};

// The sorted rows of one stratum of the model: a Cox design of the cause, and what keeps the competing rows
// at risk.
struct FineGrayModel {
  CoxDesign design;             // event = the cause
  std::vector<char> competing;  // sorted order
  std::vector<int> group;       // censoring group, sorted order; empty = one group
  std::vector<double> per_g;    // 1 / G(T-) of competing rows
  std::vector<Censoring> censoring;
  bool efron = false;

  const std::vector<EventTime>& event_times() const { return design.strata.front().event_times; }
  int groups() const { return static_cast<int>(censoring.size()); }
  int group_of(std::size_t i) const { return group.empty() ? 0 : group[i]; }

  // Competing rows that began in an interval that is not written out and are still in it at t.
  std::vector<std::uint32_t> begun_unwritten(double t) const;
};

// One model per stratum that has rows, all with the censoring curves of all rows.
template <class Time>
Result<std::vector<FineGrayModel>> fine_gray_models(const FollowUp<Time>& rows, const Covariates& covariates,
                                                    int cause, std::span<const int> group,
                                                    const FineGrayOptions& options);

// Calls visit(number of the event time, event time, moments of the weighted risk set, moments of the events),
// from the last time to the first. Competing rows are in their group's sum at first and are taken out on the
// way back.
template <class Visit>
void weighted_sweep(const FineGrayModel& model, const std::vector<double>& risk, Visit visit) {
  const CoxDesign& d = model.design;
  std::vector<double> weighted;
  if (!d.weight.empty()) {
    weighted = risk;
    for (int i = 0; i < d.n; ++i) weighted[i] *= d.weight[i];
  }
  const double* w = d.weight.empty() ? risk.data() : weighted.data();
  std::vector<CarriedMoments> gone(model.groups(), CarriedMoments(d.p));
  for (int i = 0; i < d.n; ++i)
    if (model.competing[i] != 0) gone[model.group_of(i)].add(w[i] * model.per_g[i], d.covariates(i));
  const std::vector<std::uint32_t>& by_entry = d.strata.front().by_entry;
  CarriedMoments not_entered(d.p);
  std::size_t entered = by_entry.size();  // rows by entry from here on are not yet at risk
  Moments present(d.p, false), all(d.p, false), events(d.p, false);
  auto next = static_cast<std::uint32_t>(d.n);
  for (std::size_t e = model.event_times().size(); e-- > 0;) {
    const EventTime& at = model.event_times()[e];
    for (std::uint32_t i = at.first; i < next; ++i)
      if (model.competing[i] != 0) gone[model.group_of(i)].add(-w[i] * model.per_g[i], d.covariates(i));
    events.clear();
    events.add(d.covariates(at.first), w + at.first, at.events);
    const std::uint32_t others = at.first + at.events;
    if (by_entry.empty()) {
      present.add(d.covariates(others), w + others, next - others);
      present.add(events);
      all = present;
    } else {
      for (std::uint32_t i = at.first; i < next; ++i) not_entered.add(w[i], d.covariates(i));
      for (; entered > 0 && d.entry[by_entry[entered - 1]] >= at.time; --entered) {
        const std::uint32_t i = by_entry[entered - 1];
        if (entered > rows_ahead) fetch(d, w, by_entry[entered - 1 - rows_ahead]);
        not_entered.add(-w[i], d.covariates(i));
      }
      all.clear();
      not_entered.add_to(all);
    }
    next = at.first;
    for (int g = 0; g < model.groups(); ++g) {
      const double factor = model.censoring[g].kept(at.time);
      if (gone[g].s0() > 0.0 && factor > 0.0) gone[g].add_to(all, factor);
    }
    for (std::uint32_t i : model.begun_unwritten(at.time)) all.add(w[i], d.covariates(i));
    visit(e, at, all, events);
  }
}

// Which event times a row meets, as counts of event times: plainly from `from` up to `own` (its own event
// beside, if it has one); a competing row with weight 1 on to `whole`, and from there, by its censoring
// weight, to the last.
struct Met {
  std::size_t from = 0, own = 0, whole = 0;
};

// Calls visit(row, Met) for each row in sorted order.
template <class Visit> void for_each_met(const FineGrayModel& model, Visit visit) {
  const CoxDesign& d = model.design;
  const std::vector<EventTime>& times = model.event_times();
  const auto through = [&](double t) {
    const auto after = [](double x, const EventTime& at) { return x < at.time; };
    return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), t, after) - times.begin());
  };
  std::size_t seen = 0;
  for (int i = 0; i < d.n; ++i) {
    while (seen < times.size() && times[seen].time <= d.time[i]) ++seen;
    Met met{d.entry.empty() ? 0 : d.seen_at_entry[i], seen - (d.event[i] != 0 ? 1 : 0), seen};
    const Censoring& c = model.censoring[model.group_of(i)];
    if (model.competing[i] != 0 && !c.written.empty())
      met.whole = std::max(seen, through(c.end_of_interval(d.time[i])));
    visit(i, met);
  }
}

}  // namespace graftline::stats
