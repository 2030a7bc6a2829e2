#include "trial/sealed_seed.h"

#include "core/sha256.h"

namespace graftline::trial {
namespace {

// The first 64 bits of a SHA-256. Different uses of one text are kept apart by what is put before it.
std::uint64_t hashed(std::string_view use, std::string_view text) {
  return std::stoull(sha256_hex(std::string(use) + "\n" + std::string(text)).substr(0, 16), nullptr, 16);
}

std::string seal_of(std::string_view secret) { return sha256_hex("allocation seal\n" + std::string(secret)); }

}  // namespace

Result<SealedSeed> SealedSeed::from_secret(std::string_view secret) {
  if (secret.size() < 16)
    return Error{ErrorKind::out_of_range, "allocation secret: at least 16 characters are needed"};
  return SealedSeed(hashed("allocation seed", secret), seal_of(secret));
}

RandomKey SealedSeed::key(std::string_view stream_name) const {
  return {seed_, hashed("allocation stream", stream_name)};
}

bool opens(std::string_view seal, std::string_view secret) { return seal == seal_of(secret); }

}  // namespace graftline::trial
