// Any bytes are a table or an error, and the columns of a table are as long as it says.
#include <cstdint>

#include "analysis/dataset_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = graftline::analysis::parse_dataset_json({reinterpret_cast<const char*>(data), size});
  if (table)
    for (const auto& [name, column] : table->columns)
      graftline::ensure(column.size() == table->rows, "columns are as long as the table");
  return 0;
}
