#include "protocol/format.h"

#include <fmt/format.h>

namespace graftline::protocol {

std::string decimal_text(const Decimal& value) {
  if (value.exponent <= 0 || value.mantissa == 0) return graftline::to_text(value);
  std::string digits = std::to_string(value.mantissa < 0 ? -value.mantissa : value.mantissa);
  const int exponent = value.exponent + static_cast<int>(digits.size()) - 1;
  if (digits.size() > 1) digits.insert(1, ".");
  return fmt::format("{}{}e{}", value.mantissa < 0 ? "-" : "", digits, exponent);
}

}  // namespace graftline::protocol
