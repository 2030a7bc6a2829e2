#pragma once
// What SQLite and PostgreSQL have in common: statements with parameters, rows of numbers and texts. The SQL
// above it is written once: parameters are $1, $2, ... in the order in which they first stand.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace graftline::store {

using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;
using RowSink = std::function<void(const Row&)>;

std::int64_t number(const Value& value);  // 0 for null
std::string text(const Value& value);     // empty for null

// One connection, used by one thread at a time.
class Database {
 public:
  virtual ~Database() = default;
  // errors  conflict: what the database said, without the values
  virtual std::optional<Error> run(std::string_view sql, const std::vector<Value>& parameters = {},
                                   const RowSink& sink = nullptr) = 0;
  // Several statements without parameters.
  virtual std::optional<Error> script(const std::string& sql) = 0;
  // After an error: is the connection lost? Then `reconnect` before the next statement.
  virtual bool is_lost() const = 0;
  virtual std::optional<Error> reconnect() = 0;
  virtual bool is_postgresql() const = 0;
};

// errors  conflict: why it cannot be opened; not_found: no such store
struct Opening {
  bool writes = true;   // takes the lock that only one process can hold
  bool creates = true;  // a file that is not there is made
};
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const Opening& opening);
Result<std::unique_ptr<Database>> open_postgresql(const std::string& url, const Opening& opening);
bool is_postgresql_url(std::string_view location);  // "postgresql://...", "postgres://..."

}  // namespace graftline::store
