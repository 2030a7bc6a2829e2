// Any bytes as a unit: refused, or a unit that goes with itself, converts to its base exactly and can be
// multiplied.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/unit.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto unit = parse_unit(text);
  if (!unit) {
    require(!unit.error().message.empty());
    return 0;
  }
  require(unit->factor > 0);
  require(comparable(*unit, *unit));
  const auto same = convert(Rational(7, 3), *unit, *unit);
  require(same && *same == Rational(7, 3));

  const auto ratio = divide(*unit, *unit);
  if (unit->is_special) {
    require(!ratio);
  } else if (ratio) {
    require(*convert(1, *ratio, *parse_unit("1")) == 1);
  }
  return 0;
}
