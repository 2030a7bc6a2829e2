#pragma once
// Random numbers that are looked up, not drawn: the same (seed, stream, index) gives the same number on any
// machine, in any order, on any number of threads.
//
// A stream is whatever must not disturb its neighbours: one patient of one replicate, one stratum.
// Philox4x32-10 turns the seed (key) and the stream and block (counter) into 128 bits; word 2 b and 2 b + 1
// of a stream are the halves of block b.
//
//   source   Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC'11; 2011
//   checked  against the known-answer vectors of Random123 (keyed_random_test.cpp)

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace graftline {

struct RandomKey {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};

// A stream for a pair of small numbers, such as replicate and patient.
constexpr std::uint64_t stream_of(std::uint32_t major, std::uint32_t minor) {
  return (static_cast<std::uint64_t>(major) << 32) | minor;
}

// Ten rounds of Philox4x32.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) {
  constexpr auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x & 0xffffffffu); };
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xd2511f53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xcd9e8d57u} * counter[2];
    counter = {low(b >> 32) ^ counter[1] ^ key[0], low(b), low(a >> 32) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9e3779b9u;
    key[1] += 0xbb67ae85u;
  }
  return counter;
}

// The two words of one block.
constexpr std::array<std::uint64_t, 2> random_block(const RandomKey& key, std::uint64_t block) {
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x & 0xffffffffu); };
  const auto out =
      philox({low(block), high(block), low(key.stream), high(key.stream)}, {low(key.seed), high(key.seed)});
  return {stream_of(out[1], out[0]), stream_of(out[3], out[2])};
}

// Word `index` of the stream.
constexpr std::uint64_t random_word(const RandomKey& key, std::uint64_t index) {
  return random_block(key, index / 2)[index % 2];
}

// A word as a number in (0, 1): the middle of one of 2^52 equal intervals, so never 0 and never 1.
constexpr double unit_interval(std::uint64_t word) {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}
constexpr double random_unit(const RandomKey& key, std::uint64_t index) {
  return unit_interval(random_word(key, index));
}

// The numbers of one stream one after another. Also a standard random bit generator.
class KeyedRandom {
 public:
  using result_type = std::uint64_t;
  explicit constexpr KeyedRandom(RandomKey key, std::uint64_t first_index = 0)
      : key_(key), index_(first_index) {}
  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

  constexpr std::uint64_t operator()() {
    if (index_ % 2 == 0 || !ahead_) {
      block_ = random_block(key_, index_ / 2);
      ahead_ = true;
    }
    return block_[index_++ % 2];
  }
  constexpr double unit() { return unit_interval((*this)()); }  // in (0, 1)

  // 0..count - 1, each exactly as likely; count > 0. Words that would favour some numbers are passed over.
  constexpr std::uint64_t below(std::uint64_t count) {
    const std::uint64_t surplus = (max() % count + 1) % count;  // 2^64 mod count
    std::uint64_t word = (*this)();
    while (word > max() - surplus) word = (*this)();
    return word % count;
  }
  double exponential(double rate) { return -std::log(unit()) / rate; }
  // Standard normal, by Box and Muller; uses two words.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(unit()));
    return radius * std::cos(6.283185307179586477 * unit());
  }
  constexpr std::uint64_t index() const { return index_; }  // of the next word

 private:
  RandomKey key_;
  std::uint64_t index_;
  std::array<std::uint64_t, 2> block_{};
  bool ahead_ = false;
};

}  // namespace graftline
