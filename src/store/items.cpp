#include "store/items.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/sha256.h"

namespace graftline::store {
namespace {

constexpr std::int64_t piece = 500;

std::optional<Error> merge(Database& database, const Event& event) {
  std::optional<std::string> before;
  if (auto problem = database.run("SELECT body FROM items WHERE kind = $1 AND id = $2",
                                  {std::string(event.item()), event.subject},
                                  [&](const Row& row) { before = text(row[0]); }))
    return problem;
  auto body = nlohmann::json::parse(before.value_or("{}"));
  body.merge_patch(nlohmann::json::parse(event.payload));
  if (!before) {
    return database.run(
        "INSERT INTO items(kind, id, patient, site, state, first_seq, seq, first_at, at, first_who, body) "
        "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {std::string(event.item()), event.subject, event.patient, event.site, std::string(event.verb()),
         event.seq, event.seq, event.at, event.at, event.who, body.dump()});
  }
  return database.run(
      "UPDATE items SET site = $1, state = $2, seq = $3, at = $4, body = $5 WHERE kind = $6 AND id = $7",
      {event.site, std::string(event.verb()), event.seq, event.at, body.dump(), std::string(event.item()),
       event.subject});
}

}  // namespace

bool touches_items(const Event& event) { return event.item() != "seen" && event.item() != "session"; }

std::optional<Error> project(Database& database, const Event& event) {
  if (!touches_items(event)) return std::nullopt;
  if (auto problem = merge(database, event)) return problem;
  if (event.patient.empty() || event.item() == "patient") return std::nullopt;
  return database.run("UPDATE items SET seq = $1, at = $2 WHERE kind = 'patient' AND id = $3",
                      {event.seq, event.at, event.patient});
}

Event event_of(const Row& row) {
  Event event;
  event.seq = number(row[0]);
  event.kind = text(row[1]);
  event.subject = text(row[2]);
  event.patient = text(row[3]);
  event.site = text(row[4]);
  event.who = text(row[5]);
  event.at = text(row[6]);
  event.why = text(row[7]);
  if (!std::holds_alternative<std::monostate>(row[8])) event.replaces = number(row[8]);
  event.payload = text(row[9]);
  event.request = text(row[10]);
  event.request_of = text(row[11]);
  event.previous = text(row[12]);
  event.hash = text(row[13]);
  return event;
}

std::optional<Error> each_event(Database& database,
                                const std::function<std::optional<Error>(const Event&)>& sink) {
  const std::string sql =
      fmt::format("SELECT {} FROM events WHERE seq > $1 ORDER BY seq LIMIT {}", event_columns, piece);
  std::int64_t last = 0;
  for (;;) {
    std::vector<Event> events;
    if (auto problem = database.run(sql, {last}, [&](const Row& row) { events.push_back(event_of(row)); }))
      return problem;
    if (events.empty()) return std::nullopt;
    for (const Event& event : events) {
      if (auto problem = sink(event)) return problem;
    }
    last = events.back().seq;
  }
}

std::optional<Error> project_all(Database& database) {
  if (auto problem = database.run("DELETE FROM items")) return problem;
  return each_event(database, [&](const Event& event) { return project(database, event); });
}

Result<std::string> digest_of_items(Database& database) {
  std::string digest;
  std::int64_t last = -1;
  const std::string sql = fmt::format(
      "SELECT first_seq, kind, id, patient, site, state, seq, first_at, at, first_who, body FROM items "
      "WHERE first_seq > $1 ORDER BY first_seq LIMIT {}",
      piece);
  for (;;) {
    std::string bytes = digest;
    std::int64_t rows = 0;
    if (auto problem = database.run(sql, {last}, [&](const Row& row) {
          ++rows;
          last = number(row[0]);
          for (const Value& value : row) {
            const auto* whole = std::get_if<std::int64_t>(&value);
            const std::string field = whole == nullptr ? text(value) : std::to_string(*whole);
            bytes += fmt::format("{}:{}", field.size(), field);
          }
        }))
      return *problem;
    if (rows == 0) return digest;
    digest = sha256_hex(bytes);
  }
}

}  // namespace graftline::store
