#pragma once
// The tables, and how those of an older release are brought forward.
//
//   events       the log. Triggers refuse every change and removal
//   secrets      password hashes and token hashes: beside the log, so that they can be destroyed
//   items        worked out from the log: each item (patient, account, order, bag, ...) as its events left it

#include <functional>
#include <optional>

#include "store/database.h"

namespace graftline::store {

inline constexpr int newest_schema = 2;

// Each step in a transaction of its own. `rebuild` fills the items again when a step asks for it.
//   errors  conflict: a schema newer than this program knows; what the database said
std::optional<Error> migrate(Database& database, const std::function<std::optional<Error>()>& rebuild,
                             int to = newest_schema);
Result<int> schema_version(Database& database);  // 0: an empty database

}  // namespace graftline::store
