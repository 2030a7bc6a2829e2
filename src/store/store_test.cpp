// One suite over both back ends: what holds for a file holds for PostgreSQL.
#include "store/store.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "store/items.h"
#include "store/schema.h"
#include "store/try_out.h"

using namespace graftline;
using namespace graftline::store;
using nlohmann::json;

namespace {

struct Backend {
  const char* name;
  bool is_postgresql;
};
constexpr Backend backends[] = {{"SQLite", false}, {"PostgreSQL", true}};

std::string new_location(const Backend& backend, const try_out::Folder& folder) {
  static int n = 0;
  if (backend.is_postgresql) return try_out::Cluster::get().url();
  return (folder.path() / fmt::format("store{}.db", ++n)).string();
}

template <class Claim> void on_both(const Claim& claim) {
  for (const Backend& backend : backends) {
    CAPTURE(backend.name);
    const try_out::Folder folder;
    claim(new_location(backend, folder), backend, folder);
  }
}

std::unique_ptr<Store> opened(const std::string& location, Access access = Access::create) {
  auto store = Store::open(location, access);
  const std::string why = store ? "" : store.error().message;
  REQUIRE_MESSAGE(static_cast<bool>(store), why);
  return std::move(*store);
}

NewEvent event(std::string kind, std::string subject, std::string payload = "{}") {
  NewEvent made;
  made.kind = std::move(kind);
  made.subject = std::move(subject);
  made.payload = std::move(payload);
  made.who = "r.wu";
  made.at = "2026-03-02T08:00:00Z";
  return made;
}

std::vector<Event> append(Store& store, Group group) {
  auto done = store.append(std::move(group));
  const std::string why = done ? "" : done.error().message;
  REQUIRE_MESSAGE(static_cast<bool>(done), why);
  CHECK(done->outcome == Appended::Outcome::stored);
  return done->events;
}

std::vector<std::string> lines_of(const Store& store, bool secrets = false) {
  std::vector<std::string> lines;
  REQUIRE(!store.write_out(secrets, [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  }));
  return lines;
}

Result<std::int64_t> read_lines(Store& store, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  return store.read_in([&]() -> std::optional<std::string> {
    if (next == lines.size()) return std::nullopt;
    return lines[next++];
  });
}

}  // namespace

TEST_CASE("the hash of an event can be worked out with sha256sum from its line without the hash") {
  // printf '%s' '{"at":"2026-03-02T08:00:00Z","kind":"bag.moved","patient":"R-1","payload":{"to":"issued"},
  //   "previous":"000...0","replaces":null,"request":"","request_of":"","seq":1,"site":"north","subject":"B-1",
  //   "who":"r.wu","why":"für \"Wu\""}' | sha256sum      (one line, 64 zeros)
  Event made;
  made.seq = 1;
  made.kind = "bag.moved";
  made.subject = "B-1";
  made.patient = "R-1";
  made.site = "north";
  made.who = "r.wu";
  made.at = "2026-03-02T08:00:00Z";
  made.why = "für \"Wu\"";
  made.payload = R"({"to":"issued"})";
  made.previous = no_hash;
  CHECK(hash_of(made) == "0c50aba382a3ed1fdda10ce9dca7cce0c3f2d9558f78bd45ecc8bc638191188c");
}

TEST_CASE("events are numbered without a gap, chained, and found again as they were given") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    NewEvent one = event("patient.added", "R-1", R"({"name":"R. Wu 吴"})");
    one.patient = "R-1";
    one.why = "referred; 'quoted' \"twice\"";
    const auto first = append(*store, {{one}, {}});
    NewEvent two = event("order.written", "", R"({"dose":"5","kind":"CD3"})");
    two.patient = "R-1";
    two.replaces = 1;
    const auto second = append(*store, {{two}, {}});
    CHECK(first[0].previous == no_hash);
    CHECK(second[0].seq == 2);
    CHECK(second[0].subject == "order-2");
    CHECK(second[0].previous == first[0].hash);
    EventQuery query;
    query.patient = "R-1";
    const auto found = store->events(query);
    REQUIRE(found);
    REQUIRE(found->total == 2);
    CHECK(to_line(found->rows[0]) == to_line(second[0]));
    CHECK(to_line(found->rows[1]) == to_line(first[0]));
    const auto verified = store->verify();
    REQUIRE(verified);
    CHECK(verified->is_sound);
    CHECK(verified->events == 2);
    CHECK(verified->head == second[0].hash);
  });
}

TEST_CASE("a group is stored whole or not at all, and a refused one leaves the next alone") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    // A double has no canonical form: the second payload is refused.
    const auto refused =
        store->append({{event("bag.added", "B-1"), event("bag.added", "B-2", R"({"ml":0.1})")}, {}});
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::malformed_input);
    CHECK(store->last_seq() == 0);
    CHECK(append(*store, {{event("bag.added", "B-3")}, {}})[0].seq == 1);
    const auto item = store->item("bag", "B-1");
    REQUIRE(item);
    CHECK(!*item);
  });
}

TEST_CASE("the same request of the same account is stored once; another account may use the same key") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    NewEvent asked = event("order.written", "");
    asked.request = "k-1";
    const auto first = append(*store, {{asked}, {}});
    const auto again = store->append({{asked}, {}});
    REQUIRE(again);
    CHECK(again->outcome == Appended::Outcome::repeated);
    REQUIRE(again->events.size() == 1);
    CHECK(again->events[0].hash == first[0].hash);
    asked.who = "m.ito";
    CHECK(append(*store, {{asked}, {}})[0].seq == 2);
  });
}

TEST_CASE("an item that has moved on is not written over") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    append(*store, {{event("bag.added", "B-1", R"({"state":"frozen"})")}, {{"bag", "B-1", 0}}});
    append(*store, {{event("bag.moved", "B-1", R"({"state":"released"})")}, {{"bag", "B-1", 1}}});
    const auto late =
        store->append({{event("bag.moved", "B-1", R"({"state":"discarded"})")}, {{"bag", "B-1", 1}}});
    REQUIRE(late);
    CHECK(late->outcome == Appended::Outcome::stale);
    CHECK(late->moved_on == "bag B-1");
    const auto item = store->item("bag", "B-1");
    REQUIRE(item);
    REQUIRE(*item);
    CHECK((*item)->seq == 2);
    CHECK(json::parse((*item)->body).at("state") == "released");
  });
}

TEST_CASE("an item is what its events come to: later values win, null removes, the last verb is its state") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    NewEvent added = event("patient.added", "R-1", R"({"name":"Wu","ward":"3"})");
    added.patient = "R-1";
    append(*store, {{added}, {}});
    NewEvent changed = event("patient.changed", "R-1", R"({"ward":null,"born":"1985-02-11"})");
    changed.patient = "R-1";
    append(*store, {{changed}, {}});
    NewEvent entry = event("entry.recorded", "");
    entry.patient = "R-1";
    append(*store, {{entry}, {}});
    NewEvent seen = event("seen.patient", "R-1");
    seen.patient = "R-1";
    append(*store, {{seen}, {}});
    const auto item = store->item("patient", "R-1");
    REQUIRE(item);
    REQUIRE(*item);
    CHECK((*item)->body == R"({"born":"1985-02-11","name":"Wu"})");
    CHECK((*item)->state == "changed");
    // An entry about the patient moves the patient's version; a look does not.
    CHECK((*item)->seq == 3);
    ItemQuery by_name;
    by_name.kind = "patient";
    by_name.words = "WU";
    CHECK(store->items(by_name)->total == 1);
    by_name.words = "W%";
    CHECK(store->items(by_name)->total == 0);
  });
}

TEST_CASE("events can be neither changed nor removed, and a change behind the store's back is found") {
  on_both([](const std::string& location, const Backend& backend, const try_out::Folder&) {
    {
      const auto store = opened(location);
      for (int i = 0; i < 5; ++i)
        append(*store, {{event("bag.added", fmt::format("B-{}", i), R"({"cd3":"1"})")}, {}});
    }
    auto direct = backend.is_postgresql ? open_postgresql(location, {false, false})
                                        : open_sqlite(location, {false, false});
    REQUIRE(direct);
    CHECK((*direct)->run("UPDATE events SET who = 'nobody' WHERE seq = 3"));
    CHECK((*direct)->run("DELETE FROM events WHERE seq = 3"));
    CHECK(opened(location, Access::read)->verify()->is_sound);
    REQUIRE(!(*direct)->script(backend.is_postgresql ? "ALTER TABLE events DISABLE TRIGGER ALL"
                                                     : "DROP TRIGGER events_never_change"));
    REQUIRE(!(*direct)->run("UPDATE events SET payload = '{\"cd3\":\"2\"}' WHERE seq = 3"));
    const auto verified = opened(location, Access::read)->verify();
    REQUIRE(verified);
    CHECK(!verified->is_sound);
    CHECK(verified->first_bad == 3);
  });
}

TEST_CASE("items worked out again from the log are the items there were") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    const bool holds = rc::check([&] {
      const auto n = *rc::gen::inRange(1, 12);
      Group group;
      for (int i = 0; i < n; ++i) {
        const std::string kind = *rc::gen::element<std::string>("bag", "entry", "patient", "seen", "order");
        const std::string verb = *rc::gen::element<std::string>("added", "changed", "moved");
        NewEvent made = event(fmt::format("{}.{}", kind, verb), fmt::format("x{}", *rc::gen::inRange(0, 4)));
        made.patient = *rc::gen::element<std::string>("", "x1", "x2");
        const std::string field = *rc::gen::element<std::string>("a", "b", "c");
        made.payload =
            json{{field, *rc::gen::element<json>(json("1"), json(nullptr), json{{"d", 2}})}}.dump();
        group.events.push_back(made);
      }
      RC_ASSERT(static_cast<bool>(store->append(group)));
      const auto changed = store->rebuild();
      RC_ASSERT(static_cast<bool>(changed));
      RC_ASSERT(!*changed);
    });
    CHECK(holds);
  });
}

TEST_CASE("a second writer is refused while the first is open, and welcome afterwards") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    {
      const auto first = opened(location);
      const auto second = Store::open(location, Access::write);
      REQUIRE(!second);
      CHECK(second.error().message.find("another graftline") != std::string::npos);
      CHECK(Store::open(location, Access::read));  // reading beside it is
    }
    CHECK(Store::open(location, Access::write));
  });
}

TEST_CASE("another store takes an export whole: the same hashes, the same items") {
  on_both([](const std::string& location, const Backend& backend, const try_out::Folder& folder) {
    const auto store = opened(location);
    for (int i = 0; i < 30; ++i) {
      NewEvent made = event("entry.recorded", "", json{{"n", i}}.dump());
      made.patient = "R-1";
      append(*store, {{made}, {}});
    }
    NewEvent account = event("account.added", "r.wu", R"({"role":"lab"})");
    account.secret_kind = "password";
    account.secret = "not-really-a-hash";
    append(*store, {{account}, {}});

    const auto lines = lines_of(*store);
    CHECK(std::none_of(lines.begin(), lines.end(),
                       [](const std::string& line) { return line.find("not-really") != std::string::npos; }));
    const Backend& other = backends[backend.is_postgresql ? 0 : 1];
    const auto copy = opened(new_location(other, folder));
    const auto read = read_lines(*copy, lines);
    REQUIRE(read);
    CHECK(*read == 31);
    CHECK(copy->verify()->head == store->verify()->head);
    CHECK(lines_of(*copy) == lines);
    CHECK((*copy->item("account", "r.wu"))->body == R"({"role":"lab"})");
    CHECK(copy->secret("r.wu", "password")->empty());
    CHECK(append(*copy, {{event("bag.added", "B-1")}, {}})[0].seq == 32);
    CHECK(!read_lines(*copy, lines));  // not twice into one store

    // A backup also brings the secrets.
    const auto restored = opened(new_location(backend, folder));
    REQUIRE(read_lines(*restored, lines_of(*store, true)));
    CHECK(*restored->secret("r.wu", "password") == "not-really-a-hash");
  });
}

TEST_CASE("an export with a line changed, missing, doubled or torn is refused, and nothing of it stays") {
  on_both([](const std::string& location, const Backend& backend, const try_out::Folder& folder) {
    const auto store = opened(location);
    for (int i = 0; i < 4; ++i) append(*store, {{event("bag.added", fmt::format("B-{}", i))}, {}});
    const auto lines = lines_of(*store);
    auto changed = lines;
    changed[2].replace(changed[2].find("r.wu"), 4, "m.ox");
    auto missing = lines;
    missing.erase(missing.begin() + 2);
    auto doubled = lines;
    doubled.insert(doubled.begin() + 2, lines[2]);
    auto torn = lines;
    torn.back().resize(torn.back().size() / 2);
    const auto copy = opened(new_location(backend, folder));
    for (const auto& bad : {changed, missing, doubled, torn, std::vector<std::string>{"{}"}, {}}) {
      const auto read = read_lines(*copy, bad);
      CHECK(!read);
      CHECK(copy->last_seq() == 0);
    }
    CHECK(read_lines(*copy, changed).error().message.starts_with("line 3: event 2"));
    CHECK(read_lines(*copy, lines));
  });
}

TEST_CASE("a store of schema 1 is brought forward, its items worked out") {
  on_both([](const std::string& location, const Backend& backend, const try_out::Folder&) {
    {
      auto old = backend.is_postgresql ? open_postgresql(location, {true, true})
                                       : open_sqlite(location, {true, true});
      REQUIRE(old);
      REQUIRE(!migrate(**old, nullptr, 1));
      Event made;
      made.seq = 1;
      made.kind = "bag.added";
      made.subject = "B-1";
      made.payload = R"({"state":"frozen"})";
      made.previous = no_hash;
      made.hash = hash_of(made);
      REQUIRE(!(*old)->run(
          "INSERT INTO events(seq, kind, subject, patient, site, who, at, why, payload, request, "
          "request_of, previous, hash) VALUES(1, 'bag.added', 'B-1', '', '', '', '', '', $1, '', '', "
          "$2, $3)",
          {made.payload, made.previous, made.hash}));
    }
    CHECK(!Store::open(location, Access::read));
    const auto store = opened(location, Access::write);
    CHECK((*store->item("bag", "B-1"))->body == R"({"state":"frozen"})");
    CHECK(store->verify()->is_sound);
  });
}

TEST_CASE("a store of a newer graftline is left alone") {
  on_both([](const std::string& location, const Backend& backend, const try_out::Folder&) {
    opened(location);
    {
      auto direct = backend.is_postgresql ? open_postgresql(location, {false, false})
                                          : open_sqlite(location, {false, false});
      REQUIRE(!(*direct)->run("INSERT INTO graftline_schema(version) VALUES($1)",
                              {std::int64_t{newest_schema + 1}}));
    }
    const auto store = Store::open(location, Access::write);
    REQUIRE(!store);
    CHECK(store.error().message.find("use a newer one") != std::string::npos);
  });
}

TEST_CASE("what many threads ask for at once is all there, each answered with its own events") {
  on_both([](const std::string& location, const Backend&, const try_out::Folder&) {
    const auto store = opened(location);
    constexpr int n_threads = 8, n_each = 25;
    std::vector<std::vector<std::int64_t>> numbers(n_threads);
    std::vector<std::thread> threads;
    for (int t = 0; t < n_threads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < n_each; ++i) {
          const auto done = store->append({{event("bag.added", fmt::format("B-{}-{}", t, i))}, {}});
          if (done && done->events.at(0).subject == fmt::format("B-{}-{}", t, i))
            numbers[static_cast<std::size_t>(t)].push_back(done->events[0].seq);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::int64_t> all;
    for (const auto& own : numbers) {
      CHECK(std::is_sorted(own.begin(), own.end()));
      all.insert(own.begin(), own.end());
    }
    CHECK(all.size() == n_threads * n_each);
    CHECK(*all.rbegin() == n_threads * n_each);
    CHECK(store->verify()->is_sound);
  });
}

// In a process of its own: limits and users do not come back.
template <class Work> int in_child(const Work& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE(
    "a full disk is an error; what was acknowledged before stays, and the store goes on when there is room") {
  const try_out::Folder folder;
  const std::string location = (folder.path() / "store.db").string();
  opened(location);
  const int stored = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{400000, 400000};  // bytes of any file
    setrlimit(RLIMIT_FSIZE, &limit);
    auto store = Store::open(location, Access::write);
    if (!store) return 255;
    int n = 0;
    while (
        n < 200 &&
        (*store)->append(
            {{event("bag.added", fmt::format("B-{}", n), json{{"x", std::string(4000, 'x')}}.dump())}, {}}))
      ++n;
    return n;
  });
  CHECK(stored > 5);
  CHECK(stored < 200);  // the limit was met
  const auto store = opened(location, Access::write);
  CHECK(store->verify()->is_sound);
  CHECK(store->last_seq() == stored);
  CHECK(append(*store, {{event("bag.added", "B-after")}, {}})[0].seq == stored + 1);
}

TEST_CASE("a disk that became read-only is an error, and the store is as it was") {
  const try_out::Folder folder;
  const std::string location = (folder.path() / "store.db").string();
  append(*opened(location), {{event("bag.added", "B-1")}, {}});
  std::filesystem::permissions(folder.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                   std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    std::filesystem::permissions(file.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  const int refused = in_child([&] {
    if (geteuid() == 0 && setuid(65534) != 0) return 2;  // permissions mean nothing to root
    return Store::open(location, Access::write) ? 1 : 0;
  });
  CHECK(refused == 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    std::filesystem::permissions(file.path(), std::filesystem::perms::owner_all);
  CHECK(opened(location, Access::write)->verify()->events == 1);
}
