// Any bytes as a product, a dose and a weight: what is read can be worked with, and a dose reads back as
// written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "product/dose_volume.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline::product;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  DoseRequest request;
  if (const auto product = parse_product(text.substr(0, line))) {
    for (const Product::Count& count : product->counts) require(count.per_ml >= 0);
    require(!product->volume_ml || *product->volume_ml > 0);
    request.product = *product;
  }
  if (const auto weight = parse_weight(text.substr(0, line))) request.weight = *weight;
  if (const auto dose = parse_dose(text.substr(std::min(line + 1, text.size())))) {
    request.targets = *dose;
    require(!dose->empty());
    const auto again = parse_dose(to_text(*dose));
    // Four figures are printed: the kinds are the same, the amounts nearly.
    require(again && again->size() == dose->size());
    for (std::size_t i = 0; i < dose->size(); ++i) require((*again)[i].kind == (*dose)[i].kind);
  }
  (void)volume_of(request, SiteValues());
  return 0;
}
