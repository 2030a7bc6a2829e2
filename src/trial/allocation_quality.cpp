#include "trial/allocation_quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>

namespace graftline::trial {
namespace {

class Mean {
 public:
  void add(double x) {
    ++n_;
    const double step = x - mean_;
    mean_ += step / n_;
    squares_ += step * (x - mean_);
  }
  Measured measured() const { return {mean_, n_ > 1 ? std::sqrt(squares_ / (n_ - 1) / n_) : 0.0}; }

 private:
  double n_ = 0, mean_ = 0.0, squares_ = 0.0;
};

std::vector<int> ratio_of(const AllocationRule& rule) {
  return std::visit([](const auto& r) { return r.ratio; }, rule);
}

double spread(const std::vector<int>& count, const std::vector<int>& ratio) {
  double least = 1e300, most = 0.0;
  for (std::size_t arm = 0; arm < count.size(); ++arm) {
    const double per_share = static_cast<double>(count[arm]) / ratio[arm];
    least = std::min(least, per_share);
    most = std::max(most, per_share);
  }
  return most - least;
}

template <class Wanted>
std::vector<int> counted(const std::vector<Allocated>& patients, std::size_t arms, Wanted wanted) {
  std::vector<int> count(arms, 0);
  for (const Allocated& p : patients) {
    if (wanted(p)) ++count[static_cast<std::size_t>(p.arm)];
  }
  return count;
}

Levels drawn_levels(KeyedRandom& random, const std::vector<std::vector<double>>& share) {
  Levels levels;
  for (const auto& factor : share) {
    double sum = 0.0;
    for (double s : factor) sum += s;
    double left = random.unit() * sum;
    std::size_t level = 0;
    while (level + 1 < factor.size() && (left -= factor[level]) >= 0.0) ++level;
    levels.push_back(fmt::format("{}", level));
  }
  return levels;
}

int guess(KeyedRandom& random, const std::vector<int>& in_stratum, const std::vector<int>& ratio) {
  std::vector<int> behind;  // the arms furthest behind their share
  double least = 1e300;
  for (std::size_t arm = 0; arm < in_stratum.size(); ++arm) {
    const double per_share = static_cast<double>(in_stratum[arm]) / ratio[arm];
    if (per_share < least) behind.clear();
    if (per_share <= least) behind.push_back(static_cast<int>(arm));
    least = std::min(least, per_share);
  }
  return behind[random.below(behind.size())];
}

}  // namespace

Result<AllocationQuality> allocation_quality(const AllocationRule& rule,
                                             const SimulatedEnrolment& enrolment) {
  if (enrolment.patients < 1 || enrolment.replicates < 1) {
    return Error{ErrorKind::out_of_range, "simulation: at least one patient and one replicate"};
  }
  for (const auto& factor : enrolment.level_share) {
    if (factor.empty()) return Error{ErrorKind::out_of_range, "factor: at least one level"};
  }
  const auto ratio = ratio_of(rule);
  Mean overall, marginal, worst, guessed;
  std::vector<Mean> share(ratio.size());
  for (int replicate = 0; replicate < enrolment.replicates; ++replicate) {
    KeyedRandom random({enrolment.seed, static_cast<std::uint64_t>(replicate)});
    const auto seed =
        SealedSeed::from_secret(fmt::format("simulated trial {} {}", enrolment.seed, replicate));
    if (!seed) return seed.error();
    std::vector<Allocated> patients;
    double widest = 0.0, right = 0.0;
    for (int i = 0; i < enrolment.patients; ++i) {
      const Levels levels = drawn_levels(random, enrolment.level_share);
      const auto arm = next_arm(rule, *seed, patients, levels);
      if (!arm) return arm.error();
      const auto same = [&](const Allocated& p) { return p.levels == levels; };
      right += guess(random, counted(patients, ratio.size(), same), ratio) == *arm;
      patients.push_back({levels, *arm});
      widest = std::max(
          widest, spread(counted(patients, ratio.size(), [](const Allocated&) { return true; }), ratio));
    }
    const auto all = counted(patients, ratio.size(), [](const Allocated&) { return true; });
    overall.add(spread(all, ratio));
    worst.add(widest);
    guessed.add(right / enrolment.patients);
    for (std::size_t arm = 0; arm < ratio.size(); ++arm)
      share[arm].add(all[arm] / double(enrolment.patients));
    double within = 0.0;
    int levels_met = 0;
    for (std::size_t factor = 0; factor < enrolment.level_share.size(); ++factor) {
      std::set<std::string> met;
      for (const Allocated& p : patients) met.insert(p.levels[factor]);
      for (const std::string& level : met) {
        within += spread(
            counted(patients, ratio.size(), [&](const Allocated& p) { return p.levels[factor] == level; }),
            ratio);
        ++levels_met;
      }
    }
    marginal.add(levels_met > 0 ? within / levels_met : spread(all, ratio));
  }
  AllocationQuality quality{
      overall.measured(), marginal.measured(), worst.measured(), guessed.measured(), {}};
  for (const Mean& m : share) quality.arm_share.push_back(m.measured());
  return quality;
}

}  // namespace graftline::trial
