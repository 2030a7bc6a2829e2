// A product as typed: read where volumes are worked out, kept here as the plan's own.
#include "engine/plan.h"
#include "product/counts.h"

namespace graftline::engine {

Result<Product> parse_product(std::string_view text) {
  const auto read = product::parse_product(text);
  if (!read) return read.error();
  Product made;
  for (const product::Product::Count& count : read->counts)
    made.counts.push_back({count.kind, count.per_ml, count.viability});
  made.viable_fraction = read->viable_fraction;
  made.volume_ml = read->volume_ml;
  return made;
}

}  // namespace graftline::engine
