#include "store/store.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "store/database.h"
#include "store/items.h"
#include "store/schema.h"

namespace graftline::store {
namespace {

// Groups committed together at most: bounds the wait of the first for the last.
constexpr std::size_t largest_commit = 256;

constexpr const char* insert_event =
    "INSERT INTO events(seq, kind, subject, patient, site, who, at, why, replaces, payload, request, "
    "request_of, "
    "previous, hash) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

std::optional<Error> insert(Database& database, const Event& event) {
  std::vector<Value> values{event.seq,     event.kind,       event.subject,  event.patient, event.site,
                            event.who,     event.at,         event.why,      Value(),       event.payload,
                            event.request, event.request_of, event.previous, event.hash};
  if (event.replaces) values[8] = *event.replaces;
  return database.run(insert_event, values);
}

std::optional<Error> set_secret(Database& database, const std::string& account, const std::string& kind,
                                const std::string& secret) {
  return database.run(
      "INSERT INTO secrets(account, kind, secret) VALUES($1, $2, $3) ON CONFLICT(account, kind) DO UPDATE "
      "SET "
      "secret = excluded.secret",
      {account, kind, secret});
}

constexpr const char* item_columns =
    "kind, id, patient, site, state, first_seq, seq, first_at, at, first_who, body";

Item item_of(const Row& row) {
  return {text(row[0]),   text(row[1]), text(row[2]), text(row[3]), text(row[4]), number(row[5]),
          number(row[6]), text(row[7]), text(row[8]), text(row[9]), text(row[10])};
}

// Conditions that were asked for, as SQL and its parameters.
class Where {
 public:
  void add(std::string_view condition, const std::string& value) {
    if (value.empty()) return;
    parameters_.emplace_back(value);
    add_text(fmt::format(fmt::runtime(condition), parameters_.size()));
  }
  void add_number(std::string_view condition, std::int64_t value) {
    parameters_.emplace_back(value);
    add_text(fmt::format(fmt::runtime(condition), parameters_.size()));
  }
  void add_text(const std::string& condition) { sql_ += (sql_.empty() ? " WHERE " : " AND ") + condition; }
  const std::string& sql() const { return sql_; }
  const std::vector<Value>& parameters() const { return parameters_; }

 private:
  std::string sql_;
  std::vector<Value> parameters_;
};

// "50%" as a part of a text and not as a pattern.
std::string as_part(std::string_view words) {
  std::string pattern = "%";
  for (const char c : words) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

Result<std::unique_ptr<Database>> connect(const std::string& location, const Opening& opening) {
  return is_postgresql_url(location) ? open_postgresql(location, opening) : open_sqlite(location, opening);
}

struct Head {
  std::int64_t seq = 0;
  std::string hash{no_hash};
};

Result<Head> head_of(Database& database) {
  Head head;
  if (auto problem =
          database.run("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1", {}, [&](const Row& row) {
            head = {number(row[0]), text(row[1])};
          }))
    return *problem;
  return head;
}

}  // namespace

struct Store::State {
  struct Waiting {
    Group group;
    std::promise<Result<Appended>> answer;
  };

  std::unique_ptr<Database> writer;
  std::unique_ptr<Database> reader;
  mutable std::mutex reading;
  mutable std::mutex waiting_mutex;
  std::condition_variable something_waits;
  std::deque<Waiting> waiting;
  std::mutex writing;  // the writer connection and the head
  Head head;
  bool head_is_known = false;
  bool ends = false;
  std::thread thread;

  void write_until_the_end();
  void commit(std::vector<Waiting>& batch);
  std::optional<Error> commit_all(std::vector<Waiting>& batch, std::vector<Result<Appended>>& answers);
  Result<Appended> take(const Group& group);
  Result<Appended> take_whole(const Group& group);
  std::optional<Error> read(std::string_view sql, const std::vector<Value>& parameters, const RowSink& sink);
};

std::optional<Error> Store::State::read(std::string_view sql, const std::vector<Value>& parameters,
                                        const RowSink& sink) {
  const std::lock_guard lock(reading);
  auto problem = reader->run(sql, parameters, sink);
  if (!problem || !reader->is_lost()) return problem;
  if (auto still = reader->reconnect()) return still;
  return reader->run(sql, parameters, sink);
}

Result<Appended> Store::State::take_whole(const Group& group) {
  Appended result;
  const NewEvent& first = group.events.front();
  if (!first.request.empty()) {
    if (auto problem = writer->run(
            fmt::format("SELECT {} FROM events WHERE who = $1 AND request = $2 AND request <> ''",
                        event_columns),
            {first.who, first.request}, [&](const Row& row) { result.events.push_back(event_of(row)); }))
      return *problem;
    if (!result.events.empty()) {
      result.outcome = Appended::Outcome::repeated;
      return result;
    }
  }
  for (const Expected& expected : group.expected) {
    std::int64_t seq = 0;
    if (auto problem =
            writer->run("SELECT seq FROM items WHERE kind = $1 AND id = $2", {expected.kind, expected.id},
                        [&](const Row& row) { seq = number(row[0]); }))
      return *problem;
    if (seq != expected.seq) {
      result.outcome = Appended::Outcome::stale;
      result.moved_on = fmt::format("{} {}", expected.kind, expected.id);
      return result;
    }
  }
  for (const NewEvent& asked : group.events) {
    auto payload = canonical(asked.payload);
    if (!payload) return payload.error();
    Event event;
    event.seq = head.seq + 1;
    event.kind = asked.kind;
    event.patient = asked.patient;
    event.site = asked.site;
    event.who = asked.who;
    event.at = asked.at;
    event.why = asked.why;
    event.replaces = asked.replaces;
    event.payload = std::move(*payload);
    event.request = asked.request;
    event.request_of = asked.request_of;
    event.previous = head.hash;
    event.subject = asked.subject.empty() ? fmt::format("{}-{}", event.item(), event.seq) : asked.subject;
    event.hash = hash_of(event);
    if (auto problem = insert(*writer, event)) return *problem;
    if (auto problem = project(*writer, event)) return *problem;
    if (!asked.secret_kind.empty()) {
      if (auto problem = set_secret(*writer, event.subject, asked.secret_kind, asked.secret)) return *problem;
    }
    head = {event.seq, event.hash};
    result.events.push_back(std::move(event));
  }
  return result;
}

// A group that fails leaves the others of the same commit alone.
Result<Appended> Store::State::take(const Group& group) {
  const Head before = head;
  if (auto problem = writer->run("SAVEPOINT one_group")) return *problem;
  auto result = take_whole(group);
  if (!result) {
    head = before;
    if (auto problem = writer->run("ROLLBACK TO SAVEPOINT one_group")) return *problem;
  }
  if (auto problem = writer->run("RELEASE SAVEPOINT one_group")) return *problem;
  return result;
}

std::optional<Error> Store::State::commit_all(std::vector<Waiting>& batch,
                                              std::vector<Result<Appended>>& answers) {
  if (writer->is_lost()) {
    head_is_known = false;
    if (auto problem = writer->reconnect()) return problem;
  }
  if (!head_is_known) {
    auto found = head_of(*writer);
    if (!found) return found.error();
    head = std::move(*found);
    head_is_known = true;
  }
  if (auto problem = writer->run(writer->is_postgresql() ? "BEGIN" : "BEGIN IMMEDIATE")) return problem;
  for (Waiting& one : batch) answers.push_back(take(one.group));
  return writer->run("COMMIT");
}

void Store::State::commit(std::vector<Waiting>& batch) {
  std::vector<Result<Appended>> answers;
  std::optional<Error> problem;
  {
    const std::lock_guard lock(writing);
    problem = commit_all(batch, answers);
    if (problem) {
      (void)writer->run("ROLLBACK");
      head_is_known = false;
    }
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (problem) {
      batch[i].answer.set_value(*problem);
    } else {
      batch[i].answer.set_value(std::move(answers[i]));
    }
  }
}

void Store::State::write_until_the_end() {
  for (;;) {
    std::vector<Waiting> batch;
    {
      std::unique_lock lock(waiting_mutex);
      something_waits.wait(lock, [&] { return ends || !waiting.empty(); });
      if (waiting.empty()) return;
      while (!waiting.empty() && batch.size() < largest_commit) {
        batch.push_back(std::move(waiting.front()));
        waiting.pop_front();
      }
    }
    commit(batch);
  }
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::~Store() {
  if (!state_ || !state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->waiting_mutex);
    state_->ends = true;
  }
  state_->something_waits.notify_one();
  state_->thread.join();
}

Result<std::unique_ptr<Store>> Store::open(const std::string& location, Access access) {
  auto state = std::make_unique<State>();
  if (access != Access::read) {
    auto writer = connect(location, {true, access == Access::create});
    if (!writer) return writer.error();
    state->writer = std::move(*writer);
    if (auto problem = migrate(*state->writer, [&] { return project_all(*state->writer); })) return *problem;
  }
  auto reader = connect(location, {false, false});
  if (!reader) return reader.error();
  state->reader = std::move(*reader);
  const auto version = schema_version(*state->reader);
  if (!version) return version.error();
  if (*version != newest_schema) {
    return Error{
        ErrorKind::conflict,
        fmt::format("{}: schema {} where {} is expected; `graftline serve` brings an older one forward",
                    location, *version, newest_schema)};
  }
  if (state->writer) state->thread = std::thread([raw = state.get()] { raw->write_until_the_end(); });
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Result<Appended> Store::append(Group group) {
  ensure(state_->writer != nullptr, "only a store opened for writing appends");
  ensure(!group.events.empty(), "a group holds an event");
  std::future<Result<Appended>> answer;
  {
    const std::lock_guard lock(state_->waiting_mutex);
    state_->waiting.push_back({std::move(group), {}});
    answer = state_->waiting.back().answer.get_future();
  }
  state_->something_waits.notify_one();
  return answer.get();
}

Result<Page<Event>> Store::events(const EventQuery& query) const {
  Where where;
  where.add("patient = ${}", query.patient);
  where.add("who = ${}", query.who);
  where.add("subject = ${}", query.subject);
  where.add("site = ${}", query.site);
  where.add("at >= ${}", query.from);
  where.add("at < ${}", query.until);
  if (query.kind.find('.') != std::string::npos) {
    where.add("kind = ${}", query.kind);
  } else if (!query.kind.empty()) {
    const std::string part = as_part(query.kind);
    where.add("kind LIKE ${} ESCAPE '\\'", part.substr(1, part.size() - 2) + ".%");
  }
  if (query.after > 0) where.add_number("seq > ${}", query.after);
  Page<Event> page;
  if (auto problem =
          state_->read("SELECT COUNT(*) FROM events" + where.sql(), where.parameters(),
                       [&](const Row& row) { page.total = static_cast<std::size_t>(number(row[0])); }))
    return *problem;
  const std::string sql =
      fmt::format("SELECT {} FROM events{} ORDER BY seq {} LIMIT {} OFFSET {}", event_columns, where.sql(),
                  query.newest_first ? "DESC" : "ASC", query.limit, query.offset);
  if (auto problem =
          state_->read(sql, where.parameters(), [&](const Row& row) { page.rows.push_back(event_of(row)); }))
    return *problem;
  return page;
}

Result<Page<Item>> Store::items(const ItemQuery& query) const {
  Where where;
  where.add("kind = ${}", query.kind);
  where.add("patient = ${}", query.patient);
  where.add("site = ${}", query.site);
  where.add("state = ${}", query.state);
  if (!query.words.empty()) {
    where.add("(LOWER(id) LIKE LOWER(${0}) ESCAPE '\\' OR LOWER(body) LIKE LOWER(${0}) ESCAPE '\\')",
              as_part(query.words));
  }
  Page<Item> page;
  if (auto problem =
          state_->read("SELECT COUNT(*) FROM items" + where.sql(), where.parameters(),
                       [&](const Row& row) { page.total = static_cast<std::size_t>(number(row[0])); }))
    return *problem;
  const std::string sql =
      fmt::format("SELECT {} FROM items{} ORDER BY {} LIMIT {} OFFSET {}", item_columns, where.sql(),
                  query.newest_first ? "first_seq DESC" : "id", query.limit, query.offset);
  if (auto problem =
          state_->read(sql, where.parameters(), [&](const Row& row) { page.rows.push_back(item_of(row)); }))
    return *problem;
  return page;
}

Result<std::optional<Item>> Store::item(std::string_view kind, std::string_view id) const {
  std::optional<Item> found;
  if (auto problem =
          state_->read(fmt::format("SELECT {} FROM items WHERE kind = $1 AND id = $2", item_columns),
                       {std::string(kind), std::string(id)}, [&](const Row& row) { found = item_of(row); }))
    return *problem;
  return found;
}

Result<std::vector<Event>> Store::request(std::string_view who, std::string_view key) const {
  std::vector<Event> events;
  if (auto problem = state_->read(
          fmt::format("SELECT {} FROM events WHERE who = $1 AND request = $2 AND request <> ''",
                      event_columns),
          {std::string(who), std::string(key)}, [&](const Row& row) { events.push_back(event_of(row)); }))
    return *problem;
  return events;
}

Result<std::string> Store::secret(std::string_view account, std::string_view kind) const {
  std::string secret;
  if (auto problem = state_->read("SELECT secret FROM secrets WHERE account = $1 AND kind = $2",
                                  {std::string(account), std::string(kind)},
                                  [&](const Row& row) { secret = text(row[0]); }))
    return *problem;
  return secret;
}

Result<std::vector<std::string>> Store::accounts_with(std::string_view kind, std::string_view secret) const {
  std::vector<std::string> accounts;
  if (auto problem = state_->read("SELECT account FROM secrets WHERE kind = $1 AND secret = $2",
                                  {std::string(kind), std::string(secret)},
                                  [&](const Row& row) { accounts.push_back(text(row[0])); }))
    return *problem;
  return accounts;
}

std::int64_t Store::last_seq() const {
  std::int64_t seq = -1;
  if (state_->read("SELECT COALESCE(MAX(seq), 0) FROM events", {},
                   [&](const Row& row) { seq = number(row[0]); }))
    return -1;
  return seq;
}

Result<Verification> Store::verify() const {
  Verification found;
  found.head = no_hash;
  const std::lock_guard lock(state_->reading);
  const auto problem = each_event(*state_->reader, [&](const Event& event) -> std::optional<Error> {
    if (found.is_sound) {
      found.problem = chain_problem(event, found.events, found.head);
      if (!found.problem.empty()) {
        found.is_sound = false;
        found.first_bad = event.seq;
      }
    }
    ++found.events;
    found.head = event.hash;
    return std::nullopt;
  });
  if (problem) return *problem;
  return found;
}

std::optional<Error> Store::write_out(bool secrets, const std::function<bool(std::string_view)>& sink) const {
  using nlohmann::json;
  if (!sink(json{{"graftline", "events/1"}}.dump())) return std::nullopt;
  if (secrets) {
    std::vector<std::string> lines;
    if (auto problem = state_->read(
            "SELECT account, kind, secret FROM secrets ORDER BY account, kind", {}, [&](const Row& row) {
              lines.push_back(
                  json{{"account", text(row[0])}, {"secret_kind", text(row[1])}, {"secret", text(row[2])}}
                      .dump());
            }))
      return problem;
    for (const std::string& line : lines) {
      if (!sink(line)) return std::nullopt;
    }
  }
  EventQuery next;
  next.newest_first = false;
  const std::string sql =
      fmt::format("SELECT {} FROM events WHERE seq > $1 ORDER BY seq LIMIT 500", event_columns);
  for (;;) {
    std::vector<Event> events;
    if (auto problem =
            state_->read(sql, {next.after}, [&](const Row& row) { events.push_back(event_of(row)); }))
      return problem;
    if (events.empty()) return std::nullopt;
    for (const Event& event : events) {
      if (!sink(to_line(event))) return std::nullopt;
    }
    next.after = events.back().seq;
  }
}

namespace {

// One line of an export or backup into the database; `head` goes along.
std::optional<Error> take_line(Database& database, const std::string& line, Head& head) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (json.is_object() && json.contains("secret_kind")) {
    const auto field = [&](const char* name) {
      const auto found = json.find(name);
      return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    return set_secret(database, field("account"), field("secret_kind"), field("secret"));
  }
  const auto event = from_line(line);
  if (!event) return event.error();
  if (const std::string wrong = chain_problem(*event, head.seq, head.hash); !wrong.empty())
    return Error{ErrorKind::conflict, wrong};
  if (auto problem = insert(database, *event)) return problem;
  if (auto problem = project(database, *event)) return problem;
  head = {event->seq, event->hash};
  return std::nullopt;
}

std::optional<Error> take_lines(Database& database, const std::function<std::optional<std::string>()>& next,
                                Head& head) {
  std::size_t number = 0;
  while (const auto line = next()) {
    ++number;
    if (number == 1) {
      const auto json = nlohmann::json::parse(*line, nullptr, false);
      if (!json.is_object() || json.value("graftline", "") != "events/1") {
        return Error{ErrorKind::malformed_input,
                     "line 1: expected {\"graftline\":\"events/1\"}, as `graftline store export` writes it"};
      }
      continue;
    }
    if (auto problem = take_line(database, *line, head)) {
      problem->message = fmt::format("line {}: {}", number, problem->message);
      return problem;
    }
  }
  if (number == 0) return Error{ErrorKind::malformed_input, "the export is empty"};
  return std::nullopt;
}

}  // namespace

Result<std::int64_t> Store::read_in(const std::function<std::optional<std::string>()>& next) {
  ensure(state_->writer != nullptr, "only a store opened for writing takes events in");
  const std::lock_guard lock(state_->writing);
  Database& database = *state_->writer;
  if (auto problem = database.run("BEGIN")) return *problem;
  auto head = head_of(database);
  std::optional<Error> problem;
  if (!head)
    problem = head.error();
  else if (head->seq != 0)
    problem = Error{ErrorKind::conflict, "the store already holds events: give an empty one"};
  else
    problem = take_lines(database, next, *head);
  if (!problem) problem = database.run("COMMIT");
  if (problem) {
    (void)database.run("ROLLBACK");
    return *problem;
  }
  state_->head_is_known = false;
  return head->seq;
}

Result<bool> Store::rebuild() {
  ensure(state_->writer != nullptr, "only a store opened for writing is rebuilt");
  const std::lock_guard lock(state_->writing);
  Database& database = *state_->writer;
  const auto before = digest_of_items(database);
  if (!before) return before.error();
  if (auto problem = database.run("BEGIN")) return *problem;
  auto problem = project_all(database);
  if (!problem) problem = database.run("COMMIT");
  if (problem) {
    (void)database.run("ROLLBACK");
    return *problem;
  }
  const auto after = digest_of_items(database);
  if (!after) return after.error();
  return *before != *after;
}

}  // namespace graftline::store
