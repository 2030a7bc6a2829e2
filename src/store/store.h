#pragma once
// The store: events go in and stay, items are what they come to.
//
// One process writes. Inside it, any thread may call: what several threads ask for at the same moment is
// committed together, and each call returns when its events are on disk, or with the reason why they are not.
//
// errors of all  conflict: what the database said (disk full, read-only, connection lost). After an error of
// `append` nothing of the group is stored; only when PostgreSQL's connection breaks during a commit may it be
// there: asking again with the same request key tells.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "store/event.h"

namespace graftline::store {

// What the events about one thing come to: their payloads merged in order (RFC 7396), the last verb as state.
struct Item {
  std::string kind, id, patient, site;
  std::string state;           // "checked": the verb of the last event about it
  std::int64_t first_seq = 0;  // the event that began it
  std::int64_t seq = 0;        // the last one: its version. Of a patient: the last about anything of theirs
  std::string first_at, at;    // UTC
  std::string first_who;
  std::string body;  // JSON object
};

// That an item is at this version; 0: that there is none. Checked in the transaction that appends.
struct Expected {
  std::string kind, id;
  std::int64_t seq = 0;
};

struct Group {
  std::vector<NewEvent> events;  // all or none
  std::vector<Expected> expected;
};

struct Appended {
  enum class Outcome : unsigned char {
    stored,
    repeated,  // the request key was used before: `events` are those stored then
    stale,     // an expectation does not hold; nothing was stored
  };
  Outcome outcome = Outcome::stored;
  std::vector<Event> events;
  std::string moved_on;  // stale: the item that was expected otherwise
};

struct EventQuery {
  std::string patient, who;  // empty: any
  std::string kind;          // "order.checked", or "order" for all of the item; empty: any
  std::string subject;
  std::string from, until;  // of `at`, until excluded; empty: open
  std::string site;         // empty: any
  std::int64_t after = 0;   // only higher numbers
  std::size_t offset = 0, limit = 100;
  bool newest_first = true;
};

struct ItemQuery {
  std::string kind;
  std::string patient, site, state;  // empty: any
  std::string words;                 // part of the id or of a text in the body, any case
  std::size_t offset = 0, limit = 100;
  bool newest_first = false;  // by first_seq; otherwise by id
};

template <class T> struct Page {
  std::vector<T> rows;
  std::size_t total = 0;
};

struct Verification {
  bool is_sound = true;
  std::int64_t events = 0;
  std::string head;  // hash of the last event
  std::optional<std::int64_t> first_bad;
  std::string problem;
};

enum class Access : unsigned char {
  write,   // the one writer; makes or brings forward the tables
  create,  // the same, and a file that is not there is made
  read,    // beside a writer
};

class Store {
 public:
  // location  a file (SQLite) or postgresql://...
  static Result<std::unique_ptr<Store>> open(const std::string& location, Access access);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Result<Appended> append(Group group);

  Result<Page<Event>> events(const EventQuery& query) const;
  Result<Page<Item>> items(const ItemQuery& query) const;
  Result<std::optional<Item>> item(std::string_view kind, std::string_view id) const;
  // The events of an earlier request of this account; empty: there was none.
  Result<std::vector<Event>> request(std::string_view who, std::string_view key) const;
  // Empty: none.
  Result<std::string> secret(std::string_view account, std::string_view kind) const;
  // Accounts that have this secret.
  Result<std::vector<std::string>> accounts_with(std::string_view kind, std::string_view secret) const;
  std::int64_t last_seq() const;

  Result<Verification> verify() const;

  // Every event in order, one line each; with `secrets` first those of the accounts: a backup.
  //   sink  may stop by answering false
  std::optional<Error> write_out(bool secrets, const std::function<bool(std::string_view line)>& sink) const;
  // The opposite, into a store without events; all or nothing. `next` gives lines without their ends until it
  // gives none.
  //   errors  malformed_input naming the line; conflict: the store is not empty, the chain is broken
  Result<std::int64_t> read_in(const std::function<std::optional<std::string>()>& next);

  // Drops the items and works them out again. Answers whether that changed anything.
  Result<bool> rebuild();

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graftline::store
