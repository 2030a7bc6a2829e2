// Any bytes are a table or an error, and a table read by columns is that read whole.
#include <cstdint>

#include "stats/data_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto table = stats::parse_csv(text);
  if (!table) return 0;
  for (const auto& [name, column] : table->columns) {
    ensure(column.size() == table->rows, "columns are as long as the table");
    const std::vector<std::string> only{name};
    const auto alone = stats::parse_csv(text, only);
    ensure(static_cast<bool>(alone), "a column can be read alone");
    const stats::Column* again = alone->find(name);
    ensure(again != nullptr && again->is_text == column.is_text && again->size() == column.size(),
           "and is what it was among the others");
  }
  return 0;
}
