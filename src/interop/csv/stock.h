#pragma once
// A stock of bags as a table: one row per bag, the columns of product::bag_columns() in any order.

#include <string>
#include <string_view>
#include <vector>

#include "product/stock.h"

namespace graftline::interop::csv {

struct StockFile {
  std::vector<product::Bag> bags;
  std::vector<std::string> ignored_columns;  // not ours, passed over and named
};

// A stock with one wrong field is no stock: a bag left out could be the one to give.
// errors  malformed_input: every mistake, with file, line, column and what was expected (the first 20, and
// how
//         many more); a column that is missing or stands twice. not_found: the file
Result<StockFile> parse_stock(std::string_view text, std::string_view file);
Result<StockFile> read_stock_file(const std::string& path);

// The table again; reading it gives the same bags.
std::string stock_csv(const std::vector<product::Bag>& bags);

// The names of product description codes that a site is licensed for: columns code and name.
// errors  as parse_stock
Result<product::ProductNames> read_product_names(const std::string& path);

}  // namespace graftline::interop::csv
