// Any bytes as an identification number: what is accepted prints as something that is accepted as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "product/din.h"
#include "product/label.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline::product;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const DinEntry entry : {DinEntry::keyed, DinEntry::scanned, DinEntry::recorded}) {
    const auto din = parse_din(text, entry);
    if (!din) continue;
    const auto from_label = parse_din(to_label(*din), DinEntry::keyed);
    const auto from_scan = parse_din(to_scan(*din), DinEntry::scanned);
    require(from_label && *from_label == *din && from_scan && *from_scan == *din);
  }
  if (const auto grid = parse_grid(text)) require(grid->size() == 19);
  if (const auto code = parse_product_code(text)) require(code->text.size() == 8);
  if (const auto scan = read_scan(text)) require(scan->din.text.empty() || scan->din.text.size() == 13);
  return 0;
}
