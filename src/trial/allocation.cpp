#include "trial/allocation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>

namespace graftline::trial {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }
int total(const std::vector<int>& numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0); }

Error out_of_range(std::string message) { return {ErrorKind::out_of_range, std::move(message)}; }

std::optional<Error> ratio_fault(const std::vector<int>& ratio) {
  if (ratio.size() < 2) return out_of_range("ratio: at least two arms");
  for (int r : ratio) {
    if (r < 1) return out_of_range("ratio: each arm needs a share of at least 1");
  }
  return std::nullopt;
}

std::optional<Error> coin_fault(double towards_balance, std::size_t arms) {
  if (towards_balance >= 1.0 / static_cast<double>(arms) - 1e-12 && towards_balance <= 1.0)
    return std::nullopt;
  return out_of_range("probability towards balance: from one over the number of arms to 1");
}

std::optional<Error> fault(const PermutedBlocks& rule) {
  if (auto error = ratio_fault(rule.ratio)) return error;
  if (rule.repeats.empty()) return out_of_range("blocks: at least one size");
  for (int r : rule.repeats) {
    if (r < 1 || r > 1000) return out_of_range("blocks: repeats from 1 to 1000");
  }
  return std::nullopt;
}
std::optional<Error> fault(const BiasedCoin& rule) {
  if (auto error = ratio_fault(rule.ratio)) return error;
  if (rule.ratio.size() != 2)
    return Error{ErrorKind::unsupported, "biased coin: two arms; use minimisation for more"};
  if (rule.limit < 0) return out_of_range("limit: not negative");
  return coin_fault(rule.towards_balance, 2);
}
std::optional<Error> fault(const Minimisation& rule) {
  if (auto error = ratio_fault(rule.ratio)) return error;
  for (double w : rule.weight) {
    if (!(w >= 0.0)) return out_of_range("weight: not negative");
  }
  return coin_fault(rule.towards_balance, rule.ratio.size());
}

// A name that no other list of levels has: lengths keep {"a", "b"} apart from {"a/b"}.
std::string stratum_name(const Levels& levels) {
  std::string name = "stratum";
  for (const std::string& level : levels) name += ":" + std::to_string(level.size()) + ":" + level;
  return name;
}

std::vector<int> arms_in_stratum(std::span<const Allocated> so_far, const Levels& levels) {
  std::vector<int> arms;
  for (const Allocated& a : so_far) {
    if (a.levels == levels) arms.push_back(a.arm);
  }
  return arms;
}

// Draws an arm in proportion to `chance`, which need not sum to 1.
int drawn(KeyedRandom& random, const std::vector<double>& chance) {
  double left = random.unit() * std::accumulate(chance.begin(), chance.end(), 0.0);
  for (std::size_t arm = 0; arm + 1 < chance.size(); ++arm) {
    left -= chance[arm];
    if (left < 0.0) return static_cast<int>(arm);
  }
  return static_cast<int>(chance.size()) - 1;
}

// Each block has a stretch of 2^20 numbers of the stratum's stream, so one block never depends on another's
// shuffling.
constexpr std::uint64_t numbers_per_block = std::uint64_t{1} << 20;

std::vector<int> block(const PermutedBlocks& rule, const RandomKey& key, std::uint64_t number) {
  KeyedRandom random(key, number * numbers_per_block);
  const int repeats = rule.repeats[random.below(rule.repeats.size())];
  std::vector<int> arms;
  for (std::size_t arm = 0; arm < rule.ratio.size(); ++arm) {
    arms.insert(arms.end(), index(rule.ratio[arm] * repeats), static_cast<int>(arm));
  }
  for (std::size_t i = arms.size(); i > 1; --i) std::swap(arms[i - 1], arms[random.below(i)]);
  return arms;
}

int allocate(const PermutedBlocks& rule, const SealedSeed& seed, std::span<const Allocated> so_far,
             const Levels& levels) {
  std::size_t position = arms_in_stratum(so_far, levels).size();
  const RandomKey key = seed.key(stratum_name(levels));
  for (std::uint64_t number = 0;; ++number) {
    const auto arms = block(rule, key, number);
    if (position < arms.size()) return arms[position];
    position -= arms.size();
  }
}

int allocate(const BiasedCoin& rule, const SealedSeed& seed, std::span<const Allocated> so_far,
             const Levels& levels) {
  const auto before = arms_in_stratum(so_far, levels);
  const auto second = static_cast<int>(std::count(before.begin(), before.end(), 1));
  const auto first = static_cast<int>(before.size()) - second;
  // How many patients the first arm is ahead of its share, scaled by the sum of the ratio to stay whole.
  const int shares = total(rule.ratio);
  const int ahead = first * rule.ratio[1] - second * rule.ratio[0];
  KeyedRandom random(seed.key(stratum_name(levels)), before.size() * 2);
  if (ahead == 0)
    return drawn(random, {static_cast<double>(rule.ratio[0]), static_cast<double>(rule.ratio[1])});
  const int behind = ahead > 0 ? 1 : 0;
  // One patient moves `ahead` by shares / 2 on average; with ratio 1:1 that is one.
  if (rule.limit > 0 && 2 * std::abs(ahead) >= rule.limit * shares) return behind;
  // As with minimisation below, the lot keeps to the ratio: with 2 : 1 a plain coin would leave the first arm
  // behind.
  if (random.unit() < 2.0 * rule.towards_balance - 1.0) return behind;
  return drawn(random, {static_cast<double>(rule.ratio[0]), static_cast<double>(rule.ratio[1])});
}

double imbalance(ImbalanceMeasure measure, const std::vector<double>& per_share) {
  const auto [least, most] = std::minmax_element(per_share.begin(), per_share.end());
  if (measure == ImbalanceMeasure::range) return *most - *least;
  const double mean =
      std::accumulate(per_share.begin(), per_share.end(), 0.0) / static_cast<double>(per_share.size());
  double sum = 0.0;
  for (double x : per_share) sum += (x - mean) * (x - mean);
  return sum;
}

// The total imbalance over the patient's own levels if each arm were given.
std::vector<double> imbalance_by_arm(const Minimisation& rule, std::span<const Allocated> so_far,
                                     const Levels& levels) {
  const std::size_t arms = rule.ratio.size();
  std::vector<double> result(arms, 0.0);
  for (std::size_t factor = 0; factor < levels.size(); ++factor) {
    std::vector<double> here(arms, 0.0);
    for (const Allocated& a : so_far) {
      if (a.levels[factor] == levels[factor]) here[index(a.arm)] += 1.0;
    }
    for (std::size_t arm = 0; arm < arms; ++arm) {
      std::vector<double> per_share = here;
      per_share[arm] += 1.0;
      for (std::size_t i = 0; i < arms; ++i) per_share[i] /= rule.ratio[i];
      const double weight = rule.weight.empty() ? 1.0 : rule.weight[factor];
      result[arm] += weight * imbalance(rule.measure, per_share);
    }
  }
  return result;
}

// With probability f the best arm is taken, else an arm by its share: f is chosen so that k arms alike give
// the best one `towards_balance` in all and each other (1 - towards_balance) / (k - 1), which is Pocock and
// Simon's rule. With unequal shares the lot keeps to the ratio, so that minimisation does not drift away from
// it.
int allocate(const Minimisation& rule, const SealedSeed& seed, std::span<const Allocated> so_far,
             const Levels& levels) {
  const auto unequal = imbalance_by_arm(rule, so_far, levels);
  const double least = *std::min_element(unequal.begin(), unequal.end());
  const auto arms = static_cast<double>(rule.ratio.size());
  const double follow = (rule.towards_balance - 1.0 / arms) / (1.0 - 1.0 / arms);
  std::vector<double> best(rule.ratio.size(), 0.0);
  for (std::size_t arm = 0; arm < best.size(); ++arm) {
    // Sums of fractions that are equal on paper may differ in the last bit.
    if (unequal[arm] <= least + 1e-9) best[arm] = rule.ratio[arm];
  }
  KeyedRandom random(seed.key("minimisation"), so_far.size() * 2);
  const bool follows = random.unit() < follow;
  if (follows) return drawn(random, best);
  return drawn(random, {rule.ratio.begin(), rule.ratio.end()});
}

}  // namespace

Result<bool> is_sound(const AllocationRule& rule) {
  if (auto error = std::visit([](const auto& r) { return fault(r); }, rule)) return *error;
  return true;
}

Result<int> next_arm(const AllocationRule& rule, const SealedSeed& seed, std::span<const Allocated> so_far,
                     const Levels& levels) {
  if (auto sound = is_sound(rule); !sound) return sound.error();
  const std::size_t arms = std::visit([](const auto& r) { return r.ratio.size(); }, rule);
  for (const Allocated& a : so_far) {
    if (a.levels.size() != levels.size()) {
      return Error{ErrorKind::conflict, "factors: another number than for the patients before"};
    }
    if (a.arm < 0 || index(a.arm) >= arms)
      return out_of_range("allocations so far: an arm the rule does not have");
  }
  if (const auto* minimisation = std::get_if<Minimisation>(&rule)) {
    if (levels.empty()) return out_of_range("minimisation: at least one factor");
    if (!minimisation->weight.empty() && minimisation->weight.size() != levels.size()) {
      return out_of_range("weight: one for each factor");
    }
  }
  return std::visit([&](const auto& r) { return allocate(r, seed, so_far, levels); }, rule);
}

Result<int> AllocationSequence::next(const Levels& levels) {
  const auto* blocks = std::get_if<PermutedBlocks>(&rule_);
  if (blocks == nullptr) {
    auto arm = next_arm(rule_, seed_, so_far_, levels);
    if (arm) so_far_.push_back({levels, *arm});
    return arm;
  }
  if (auto sound = is_sound(rule_); !sound) return sound.error();
  auto at =
      std::find_if(strata_.begin(), strata_.end(), [&](const Stratum& s) { return s.levels == levels; });
  if (at == strata_.end()) {
    const RandomKey key = seed_.key(stratum_name(levels));
    strata_.push_back({levels, key, 0, 0, block(*blocks, key, 0)});
    at = strata_.end() - 1;
  }
  if (at->position == at->arms.size()) {
    at->arms = block(*blocks, at->key, ++at->block);
    at->position = 0;
  }
  return at->arms[at->position++];
}

}  // namespace graftline::trial
