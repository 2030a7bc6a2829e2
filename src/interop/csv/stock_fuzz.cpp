// Any bytes as a stock: what is read prints as a table that is read as the same bags.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "interop/csv/stock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline::interop;
  const auto stock = csv::parse_stock({reinterpret_cast<const char*>(data), size}, "stock.csv");
  if (!stock) return 0;
  const std::string written = csv::stock_csv(stock->bags);
  const auto again = csv::parse_stock(written, "again.csv");
  if (!again || csv::stock_csv(again->bags) != written) std::abort();
  return 0;
}
