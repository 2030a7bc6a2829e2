// Any bytes as a number: refused, or printed and read back to the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/decimal.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_decimal(text);
  if (!value) {
    require(!value.error().message.empty());
    return 0;
  }
  const Rational fraction = to_rational(*value);
  const auto exactly = parse_rational(to_canonical(*value));
  require(exactly && *exactly == fraction);
  if (const auto reread = parse_decimal(to_text(*value))) require(*reread == *value);
  const auto square = multiply(*value, *value);
  if (square) require(to_rational(*square) == fraction * fraction);
  require((*value < decimal(0)) == (fraction < 0));
  return 0;
}
