#include "stats/concordance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/sums.h"
#include "stats/time_order.h"

namespace graftline::stats {
namespace {

// Sums of weights by rank of the score (a Fenwick tree).
class Ranked {
 public:
  explicit Ranked(std::size_t ranks) : tree_(ranks + 1, 0.0) {}
  void add(std::size_t rank, double weight) {
    for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += weight;
  }
  double below(std::size_t rank) const {
    double total = 0.0;
    for (std::size_t i = rank; i > 0; i -= i & (~i + 1)) total += tree_[i];
    return total;
  }
  double all() const { return below(tree_.size() - 1); }

 private:
  std::vector<double> tree_;
};

// Weight of the others that a row is compared with: with a lower, an equal and a higher score.
struct Compared {
  double lower = 0.0, equal = 0.0, higher = 0.0;
};

Compared compared(const Ranked& others, std::size_t rank) {
  const double lower = others.below(rank);
  const double with_equal = others.below(rank + 1);
  return {lower, with_equal - lower, others.all() - with_equal};
}

class Stratum {
 public:
  Stratum(const RealFollowUp& rows, const std::vector<std::uint32_t>& members,
          const std::vector<std::size_t>& rank, std::size_t ranks, std::vector<Compared>& as_first,
          std::vector<Compared>& as_second)
      : rows_(rows),
        members_(members),
        rank_(rank),
        ranks_(ranks),
        as_first_(as_first),
        as_second_(as_second) {}

  void run() {
    first_to_fail();
    second_to_fail();
  }

 private:
  // From the last time backwards: each event against those under observation after it.
  void first_to_fail() {
    Ranked later(ranks_);
    std::vector<std::uint32_t> by_entry = members_;
    if (!rows_.entry.empty())
      std::stable_sort(by_entry.begin(), by_entry.end(),
                       [&](auto a, auto b) { return rows_.entry[a] < rows_.entry[b]; });
    std::size_t entered = by_entry.size();
    for (std::size_t end = members_.size(); end > 0;) {
      const double time = rows_.time[members_[end - 1]];
      std::size_t begin = end;
      while (begin > 0 && rows_.time[members_[begin - 1]] == time) --begin;
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] == 0) later.add(rank_[members_[i]], rows_.weight_of(members_[i]));
      while (!rows_.entry.empty() && entered > 0 && rows_.entry[by_entry[entered - 1]] >= time) {
        --entered;
        later.add(rank_[by_entry[entered]], -rows_.weight_of(by_entry[entered]));
      }
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] != 0) as_first_[members_[i]] = compared(later, rank_[members_[i]]);
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] != 0) later.add(rank_[members_[i]], rows_.weight_of(members_[i]));
      end = begin;
    }
  }

  // From the first time on: each row against the events that came while it was under observation.
  void second_to_fail() {
    Ranked events(ranks_);
    std::vector<std::uint32_t> by_entry = members_;
    if (!rows_.entry.empty())
      std::stable_sort(by_entry.begin(), by_entry.end(),
                       [&](auto a, auto b) { return rows_.entry[a] < rows_.entry[b]; });
    std::vector<Compared> at_entry(rows_.entry.empty() ? 0 : rows_.size());
    std::size_t entered = 0;
    for (std::size_t begin = 0; begin < members_.size();) {
      const double time = rows_.time[members_[begin]];
      std::size_t end = begin;
      while (end < members_.size() && rows_.time[members_[end]] == time) ++end;
      for (; !rows_.entry.empty() && entered < by_entry.size() && rows_.entry[by_entry[entered]] < time;
           ++entered)
        at_entry[by_entry[entered]] = compared(events, rank_[by_entry[entered]]);
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] != 0) take(events, members_[i], at_entry);
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] != 0) events.add(rank_[members_[i]], rows_.weight_of(members_[i]));
      for (std::size_t i = begin; i < end; ++i)
        if (rows_.status[members_[i]] == 0) take(events, members_[i], at_entry);
      begin = end;
    }
  }
  void take(const Ranked& events, std::uint32_t i, const std::vector<Compared>& at_entry) {
    Compared c = compared(events, rank_[i]);
    if (!at_entry.empty()) {
      c.lower -= at_entry[i].lower;
      c.equal -= at_entry[i].equal;
      c.higher -= at_entry[i].higher;
    }
    as_second_[i] = c;
  }

  const RealFollowUp& rows_;
  const std::vector<std::uint32_t>& members_;
  const std::vector<std::size_t>& rank_;
  std::size_t ranks_;
  std::vector<Compared>& as_first_;
  std::vector<Compared>& as_second_;
};

std::vector<std::size_t> ranks_of(std::span<const double> score, std::size_t& ranks) {
  std::vector<double> distinct(score.begin(), score.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  ranks = distinct.size();
  std::vector<std::size_t> rank;
  for (double s : score)
    rank.push_back(std::lower_bound(distinct.begin(), distinct.end(), s) - distinct.begin());
  return rank;
}

}  // namespace

Result<Concordance> concordance(const RealFollowUp& rows, std::span<const double> score) {
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  if (score.size() != rows.size()) return Error{ErrorKind::malformed_input, "one score per row is needed"};
  std::size_t ranks = 0;
  const std::vector<std::size_t> rank = ranks_of(score, ranks);
  std::vector<std::vector<std::uint32_t>> members(shape->strata);
  for (std::uint32_t i : order_by_time(rows.time)) members[rows.stratum_of(i)].push_back(i);
  std::vector<Compared> first(rows.size());
  std::vector<Compared> second(rows.size());
  for (const auto& stratum : members) Stratum(rows, stratum, rank, ranks, first, second).run();
  Sum concordant, discordant, tied;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double w = rows.weight_of(i);
    concordant.add(w * first[i].lower);
    discordant.add(w * first[i].higher);
    tied.add(w * first[i].equal);
  }
  Concordance c{0.0, 0.0, concordant.value(), discordant.value(), tied.value()};
  const double pairs = c.concordant + c.discordant + c.tied_score;
  if (!(pairs > 0.0)) {
    c.value = c.standard_error = std::numeric_limits<double>::quiet_NaN();
    return c;
  }
  c.value = (c.concordant + 0.5 * c.tied_score) / pairs;
  std::vector<double> influence(shape->clusters, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double good = first[i].lower + 0.5 * first[i].equal + second[i].higher + 0.5 * second[i].equal;
    const double all = first[i].lower + first[i].equal + first[i].higher + second[i].lower + second[i].equal +
                       second[i].higher;
    influence[rows.cluster_of(i)] += rows.weight_of(i) * (good - c.value * all) / pairs;
  }
  Sum squares;
  for (double u : influence) squares.add(u * u);
  c.standard_error = std::sqrt(squares.value());
  return c;
}

}  // namespace graftline::stats
