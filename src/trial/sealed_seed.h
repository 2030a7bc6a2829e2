#pragma once
// The seed of an allocation sequence: fixed and committed to before the first patient, opened after the last.
//
// The trial's statistician chooses a secret text and publishes its seal. Whoever holds the secret can
// allocate; whoever gets it later can check that it is the one sealed, and that every allocation followed
// from it.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/keyed_random.h"
#include "core/result.h"

namespace graftline::trial {

class SealedSeed {
 public:
  // A secret of at least 16 characters; a shorter one could be found from its seal by trying.
  static Result<SealedSeed> from_secret(std::string_view secret);

  // 64 hexadecimal digits to publish. Tells nothing about the allocations.
  std::string seal() const { return seal_; }
  // Where a rule finds its numbers: independent for different names (a stratum, "minimisation").
  RandomKey key(std::string_view stream_name) const;

 private:
  SealedSeed(std::uint64_t seed, std::string seal) : seed_(seed), seal_(std::move(seal)) {}
  std::uint64_t seed_;
  std::string seal_;
};

// Whether `secret` is the one that was sealed.
bool opens(std::string_view seal, std::string_view secret);

}  // namespace graftline::trial
