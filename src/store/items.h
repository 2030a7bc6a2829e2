#pragma once
// From events to items. Internal to the store.

#include <optional>
#include <string>

#include "store/database.h"
#include "store/event.h"

namespace graftline::store {

// Something that was only seen, or a session: in the log, and of no item.
bool touches_items(const Event& event);

// Brings the items up to date with one more event.
std::optional<Error> project(Database& database, const Event& event);

// Empties the table and works it out from the log.
std::optional<Error> project_all(Database& database);

// SHA-256 over the whole table in its order.
Result<std::string> digest_of_items(Database& database);

// The columns that an event is read from, in the order of `event_of`.
inline constexpr const char* event_columns =
    "seq, kind, subject, patient, site, who, at, why, replaces, payload, request, request_of, previous, hash";
Event event_of(const Row& row);

// In pieces, so that no result holds the whole log.
std::optional<Error> each_event(Database& database,
                                const std::function<std::optional<Error>(const Event&)>& sink);

}  // namespace graftline::store
