#include "trial/allocation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

using namespace graftline::trial;

namespace {

SealedSeed sealed(const std::string& secret = "sixteen characters or more") {
  return *SealedSeed::from_secret(secret);
}

std::vector<Allocated> enrolled(const AllocationRule& rule, const SealedSeed& seed,
                                const std::vector<Levels>& patients) {
  std::vector<Allocated> so_far;
  for (const Levels& levels : patients) so_far.push_back({levels, *next_arm(rule, seed, so_far, levels)});
  return so_far;
}

std::vector<Levels> alternating(int n) {
  std::vector<Levels> patients;
  for (int i = 0; i < n; ++i)
    patients.push_back({i % 3 == 0 ? "matched" : "haploidentical", i % 2 == 0 ? "A" : "B"});
  return patients;
}

int count(const std::vector<Allocated>& patients, int arm) {
  return static_cast<int>(
      std::count_if(patients.begin(), patients.end(), [&](const Allocated& a) { return a.arm == arm; }));
}

const AllocationRule rules[] = {PermutedBlocks{}, PermutedBlocks{{2, 1}, {1, 2}}, BiasedCoin{},
                                Minimisation{},
                                Minimisation{{1, 1, 2}, {2.0, 1.0}, ImbalanceMeasure::variance, 0.7}};

}  // namespace

TEST_CASE("the same secret gives the same list, another secret another one") {
  for (const auto& rule : rules) {
    const auto arms = [&](const std::string& secret) {
      std::vector<int> list;
      for (const auto& a : enrolled(rule, sealed(secret), alternating(60))) list.push_back(a.arm);
      return list;
    };
    CHECK(arms("a secret of the statistician") == arms("a secret of the statistician"));
    CHECK(arms("a secret of the statistician") != arms("another secret altogether"));
  }
}

TEST_CASE("a trial interrupted after any patient goes on as if it had not been") {
  for (const auto& rule : rules) {
    const auto whole = enrolled(rule, sealed(), alternating(40));
    for (std::size_t stop : {0u, 1u, 17u, 39u}) {
      const std::vector<Allocated> before(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(stop));
      CHECK(*next_arm(rule, sealed(), before, whole[stop].levels) == whole[stop].arm);
    }
  }
}

TEST_CASE("with permuted blocks a stratum's list does not depend on who enrols in the others") {
  const PermutedBlocks rule;
  const auto alone = enrolled(rule, sealed(), std::vector<Levels>(20, {"matched", "A"}));
  std::vector<Levels> mixed;
  for (int i = 0; i < 20; ++i) {
    mixed.push_back({"matched", "A"});
    mixed.push_back({"haploidentical", i % 2 == 0 ? "A" : "B"});
  }
  std::vector<int> first, second;
  for (const auto& a : alone) first.push_back(a.arm);
  for (const auto& a : enrolled(rule, sealed(), mixed)) {
    if (a.levels == Levels{"matched", "A"}) second.push_back(a.arm);
  }
  CHECK(first == second);
}

TEST_CASE("after each full block of three the arms stand two to one") {
  const auto patients =
      enrolled(PermutedBlocks{{2, 1}, {1}}, sealed(), std::vector<Levels>(30, Levels{"all"}));
  for (std::size_t end = 3; end <= 30; end += 3) {
    const std::vector<Allocated> so_far(patients.begin(),
                                        patients.begin() + static_cast<std::ptrdiff_t>(end));
    CHECK(count(so_far, 0) == static_cast<int>(2 * end / 3));
  }
}

TEST_CASE("no permuted block lets the arms of a stratum drift apart by more than half the largest block") {
  CHECK(rc::check([](std::string secret) {
    const auto patients = enrolled(PermutedBlocks{}, sealed(secret + "0123456789abcdef"),
                                   std::vector<Levels>(50, Levels{"all"}));
    int difference = 0;
    for (const auto& a : patients) {
      difference += a.arm == 0 ? 1 : -1;
      RC_ASSERT(std::abs(difference) <= 3);
    }
  }));
}

TEST_CASE("each of the six orders of a block of four is as likely as any other") {
  // 6,000 strata, their first block each: chi-square with 5 degrees of freedom, beyond 20.5 once in a
  // thousand.
  std::map<std::vector<int>, int> orders;
  const PermutedBlocks rule{{1, 1}, {2}};
  for (int stratum = 0; stratum < 6000; ++stratum) {
    std::vector<int> order;
    for (const auto& a : enrolled(rule, sealed(), std::vector<Levels>(4, Levels{std::to_string(stratum)})))
      order.push_back(a.arm);
    ++orders[order];
  }
  CHECK(orders.size() == 6);
  double chi_square = 0.0;
  for (const auto& [order, n] : orders) chi_square += (n - 1000.0) * (n - 1000.0) / 1000.0;
  CHECK(chi_square < 20.5);
}

TEST_CASE("a biased coin of probability one alternates, and a limit of two is never passed") {
  const auto certain = enrolled(BiasedCoin{{1, 1}, 1.0, 0}, sealed(), std::vector<Levels>(20, Levels{"all"}));
  for (std::size_t i = 0; i < 20; i += 2) CHECK(certain[i].arm != certain[i + 1].arm);
  int difference = 0;
  for (const auto& a :
       enrolled(BiasedCoin{{1, 1}, 0.5, 2}, sealed(), std::vector<Levels>(400, Levels{"all"}))) {
    difference += a.arm == 0 ? 1 : -1;
    CHECK(std::abs(difference) <= 2);
  }
}

TEST_CASE("minimisation gives the arm that evens out the new patient's own levels: the textbook case") {
  // Level "male" has 3 in arm 0 and 2 in arm 1, level "under 40" 1 and 3. Arm 0 would leave |4-2| + |2-3| =
  // 3, arm 1 |3-3| + |1-4| = 3 with range: a tie. Weighting sex double: arm 0 leaves 5, arm 1 leaves 3.
  std::vector<Allocated> so_far;
  const auto add = [&](const char* sex, const char* age, int arm, int n) {
    so_far.insert(so_far.end(), static_cast<std::size_t>(n), {{sex, age}, arm});
  };
  add("male", "over 40", 0, 3);
  add("male", "over 40", 1, 2);
  add("female", "under 40", 0, 1);
  add("female", "under 40", 1, 3);
  const Minimisation weighted{{1, 1}, {2.0, 1.0}, ImbalanceMeasure::range, 1.0},
      plain{{1, 1}, {}, ImbalanceMeasure::range, 1.0};
  int first_arm = 0;
  for (int i = 0; i < 200; ++i) {
    const auto seed = sealed("a different secret " + std::to_string(i));
    CHECK(*next_arm(weighted, seed, so_far, {"male", "under 40"}) == 1);
    first_arm += *next_arm(plain, seed, so_far, {"male", "under 40"}) == 0;
  }
  CHECK(first_arm > 60);  // a fair lot of 200: 100, standard deviation 7
  CHECK(first_arm < 140);
}

TEST_CASE("minimisation follows its advice with the probability it was given") {
  const std::vector<Allocated> so_far(3, {{"x"}, 0});
  int followed = 0;
  for (int i = 0; i < 4000; ++i) {
    followed += *next_arm(Minimisation{{1, 1}, {}, ImbalanceMeasure::range, 0.8},
                          sealed("a different secret " + std::to_string(i)), so_far, {"x"}) == 1;
  }
  CHECK(std::abs(followed / 4000.0 - 0.8) < 0.026);  // four standard errors
}

TEST_CASE("a seal is opened by its secret and by no other") {
  const auto seed = sealed("the secret in the envelope");
  CHECK(seed.seal().size() == 64);
  CHECK(opens(seed.seal(), "the secret in the envelope"));
  CHECK_FALSE(opens(seed.seal(), "the secret in the envelope "));
  CHECK_FALSE(SealedSeed::from_secret("too short"));
}

TEST_CASE("rules and patients that make no sense are refused") {
  CHECK_FALSE(is_sound(PermutedBlocks{{1}, {1}}));
  CHECK_FALSE(is_sound(PermutedBlocks{{1, 0}, {1}}));
  CHECK_FALSE(is_sound(PermutedBlocks{{1, 1}, {}}));
  CHECK_FALSE(is_sound(BiasedCoin{{1, 1, 1}, 0.7, 0}));
  CHECK_FALSE(is_sound(BiasedCoin{{1, 1}, 0.4, 0}));
  CHECK_FALSE(is_sound(Minimisation{{1, 1}, {}, ImbalanceMeasure::range, 1.1}));
  const std::vector<Allocated> so_far{{{"a", "b"}, 0}};
  CHECK_FALSE(next_arm(Minimisation{}, sealed(), so_far, {"a"}));
  CHECK_FALSE(
      next_arm(Minimisation{{1, 1}, {1.0}, ImbalanceMeasure::range, 0.8}, sealed(), so_far, {"a", "b"}));
  CHECK_FALSE(next_arm(Minimisation{}, sealed(), {}, {}));
}

TEST_CASE("a whole sequence allocated in one go is the one allocated patient by patient") {
  const auto seed = SealedSeed::from_secret("a secret of the trial office");
  REQUIRE(seed);
  for (const AllocationRule& rule :
       {AllocationRule{PermutedBlocks{{1, 1}, {1, 2, 3}}}, AllocationRule{PermutedBlocks{{2, 1}, {1, 2}}},
        AllocationRule{BiasedCoin{}}, AllocationRule{Minimisation{}}}) {
    AllocationSequence sequence(rule, *seed);
    std::vector<Allocated> so_far;
    for (int p = 0; p < 60; ++p) {
      const Levels levels{p % 3 == 0 ? "related" : "other", p % 2 == 0 ? "a" : "b"};
      const auto one = next_arm(rule, *seed, so_far, levels);
      const auto other = sequence.next(levels);
      REQUIRE(one);
      REQUIRE(other);
      CHECK(*one == *other);
      so_far.push_back({levels, *one});
    }
  }
}
