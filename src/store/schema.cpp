#include "store/schema.h"

#include <fmt/format.h>

#include <array>

namespace graftline::store {
namespace {

struct Step {
  const char* both;
  const char* sqlite;
  const char* postgresql;
  bool rebuilds;
};

// Released steps are never edited: a change is a new step.
constexpr std::array<Step, newest_schema> steps{
    Step{R"(
CREATE TABLE events(
  seq BIGINT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, patient TEXT NOT NULL,
  site TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL, replaces BIGINT,
  payload TEXT NOT NULL, request TEXT NOT NULL, request_of TEXT NOT NULL, previous TEXT NOT NULL,
  hash TEXT NOT NULL);
CREATE INDEX events_of_patient ON events(patient, seq);
CREATE INDEX events_by_who ON events(who, seq);
CREATE UNIQUE INDEX events_of_request ON events(who, request) WHERE request <> '';
CREATE TABLE secrets(account TEXT NOT NULL, kind TEXT NOT NULL, secret TEXT NOT NULL, PRIMARY KEY(account, kind));
)",
         R"(
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
)",
         R"(
CREATE FUNCTION events_stay() RETURNS trigger AS $body$
BEGIN RAISE EXCEPTION 'events are neither changed nor removed'; END $body$ LANGUAGE plpgsql;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_stay();
CREATE TRIGGER events_all_stay BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_stay();
)",
         false},
    Step{R"(
CREATE TABLE items(
  kind TEXT NOT NULL, id TEXT NOT NULL, patient TEXT NOT NULL, site TEXT NOT NULL, state TEXT NOT NULL,
  first_seq BIGINT NOT NULL, seq BIGINT NOT NULL, first_at TEXT NOT NULL, at TEXT NOT NULL,
  first_who TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(kind, id));
CREATE INDEX items_of_patient ON items(kind, patient, first_seq);
CREATE INDEX items_in_order ON items(kind, first_seq);
)",
         "", "", true},
};

std::optional<Error> in_transaction(Database& database, const std::function<std::optional<Error>()>& work) {
  if (auto problem = database.run("BEGIN")) return problem;
  auto problem = work();
  if (!problem) problem = database.run("COMMIT");
  if (problem) (void)database.run("ROLLBACK");
  return problem;
}

std::optional<Error> take(Database& database, const Step& step, int version,
                          const std::function<std::optional<Error>()>& rebuild) {
  if (auto problem = database.script(step.both)) return problem;
  const std::string special = database.is_postgresql() ? step.postgresql : step.sqlite;
  if (!special.empty()) {
    if (auto problem = database.script(special)) return problem;
  }
  if (auto problem =
          database.run("INSERT INTO graftline_schema(version) VALUES($1)", {std::int64_t{version}}))
    return problem;
  if (step.rebuilds && rebuild) return rebuild();
  return std::nullopt;
}

}  // namespace

Result<int> schema_version(Database& database) {
  const char* there =
      database.is_postgresql()
          ? "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'graftline_schema' "
            "AND table_schema = current_schema()"
          : "SELECT COUNT(*) FROM sqlite_master WHERE name = 'graftline_schema'";
  std::int64_t found = 0;
  if (auto problem = database.run(there, {}, [&](const Row& row) { found = number(row[0]); }))
    return *problem;
  if (found == 0) return 0;
  std::int64_t version = 0;
  if (auto problem = database.run("SELECT MAX(version) FROM graftline_schema", {},
                                  [&](const Row& row) { version = number(row[0]); }))
    return *problem;
  return static_cast<int>(version);
}

std::optional<Error> migrate(Database& database, const std::function<std::optional<Error>()>& rebuild,
                             int to) {
  const auto version = schema_version(database);
  if (!version) return version.error();
  if (*version > newest_schema) {
    return Error{
        ErrorKind::conflict,
        fmt::format("the store has schema {}, and this graftline knows schemas up to {}: use a newer one",
                    *version, newest_schema)};
  }
  if (*version == 0) {
    if (auto problem = database.run("CREATE TABLE IF NOT EXISTS graftline_schema(version BIGINT NOT NULL)"))
      return problem;
  }
  for (int next = *version + 1; next <= to; ++next) {
    const Step& step = steps.at(static_cast<std::size_t>(next - 1));
    if (auto problem = in_transaction(database, [&] { return take(database, step, next, rebuild); }))
      return problem;
  }
  return std::nullopt;
}

}  // namespace graftline::store
