// The view against a slow reference: an imprecise or unusable record stands for every exact record it may be
// (a world). What the view calls certain must hold in all of them, and an exact record must be answered
// exactly.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "record/story.h"
#include "record/view.h"

using namespace graftline;
using namespace graftline::record;

namespace {

// rapidcheck's own 100 rounds find the corners seldom; RC_PARAMS of the caller wins.
const int rounds = setenv("RC_PARAMS", "max_success=2000", 0);

constexpr Day start{20'000};
constexpr int n_days = 8;

// One entry of a record in small: days count from `start`.
struct Said {
  enum class What { yes, no, stop, episode, unusable };
  int fact = 0;  // index into the chain
  What what = What::yes;
  int day = 0;
  int width = 0;   // days the date may be later
  int length = 0;  // episode: days after the first

  friend std::ostream& operator<<(std::ostream& out, const Said& s) {
    constexpr std::array<std::string_view, 5> names{"yes", "no", "stop", "episode", "unusable"};
    return out << "fact " << s.fact << " " << names[static_cast<std::size_t>(s.what)] << " day " << s.day
               << "+" << s.width << " length " << s.length;
  }
};

// Each holds whenever the next one does.
const std::array<std::string_view, 3> chain{"active_infection", "severe_infection", "uncontrolled_infection"};

Entry entry_of(const Said& said) {
  Entry e;
  e.fact = fact_id(chain[static_cast<std::size_t>(said.fact)]);
  e.when = {start + said.day, start + said.day + said.width,
            said.width == 0 ? DatePrecision::day : DatePrecision::month};
  e.known_on = start;
  e.value = said.what != Said::What::no;
  e.is_stop = said.what == Said::What::stop;
  if (said.what == Said::What::episode) e.until = exactly(start + said.day + said.length);
  if (said.what == Said::What::unusable) {
    e.value = std::monostate{};
    e.unusable = Reason::status_unknown;
  }
  return e;
}

Timeline record_of(const std::vector<Said>& record) {
  std::vector<Entry> entries;
  for (const Said& said : record) entries.push_back(entry_of(said));
  return story::patient(std::move(entries));
}

// Reference, for an exact record.
struct Between {
  int first;
  int last;
};

Truth overlaps(int began, Between ended, Between days) {
  if (began > days.last || ended.last < days.first) return Truth::no;
  return ended.first >= days.first ? Truth::yes : Truth::unknown;
}

// The first thing that ends what began on `day`: of one day, the stop.
const Said* first_end(const std::vector<Said>& world, int fact, int day) {
  const Said* found = nullptr;
  for (const Said& s : world) {
    const bool ends = s.fact <= fact && ((s.what == Said::What::stop && s.day >= day) ||
                                         (s.what == Said::What::no && s.day > day));
    if (!ends) continue;
    const bool is_earlier =
        found == nullptr || s.day < found->day || (s.day == found->day && s.what == Said::What::stop);
    if (is_earlier) found = &s;
  }
  return found;
}

int last_seen(const std::vector<Said>& world, int fact, int from, int before) {
  int seen = from;
  for (const Said& s : world) {
    const bool is_yes = s.what == Said::What::yes || s.what == Said::What::episode;
    if (s.fact == fact && is_yes && s.day < before) seen = std::max(seen, s.day);
  }
  return seen;
}

bool stop_has_start(const std::vector<Said>& world, const Said& stop) {
  int last = -1;
  bool is_yes = false;
  for (const Said& s : world) {
    const bool says_yes = s.what == Said::What::yes || s.what == Said::What::episode;
    if (s.fact != stop.fact || s.day > stop.day || (s.day == stop.day && !says_yes)) continue;
    if (s.day > last) is_yes = false;
    last = std::max(last, s.day);
    if (s.day == last) is_yes = is_yes || says_yes;
  }
  return is_yes;
}

Truth held_in_world(const std::vector<Said>& world, int fact, Between days) {
  constexpr int for_ever = 1'000;
  Truth result = Truth::no;
  for (const Said& s : world) {
    if (s.fact < fact || s.what == Said::What::no) continue;
    if (s.what == Said::What::episode) {
      result = result | overlaps(s.day, {s.day + s.length, s.day + s.length}, days);
    } else if (s.what == Said::What::stop) {
      if (stop_has_start(world, s)) continue;
      if (s.day >= days.first) result = result | (s.day <= days.last ? Truth::yes : Truth::unknown);
    } else {
      const Said* end = first_end(world, s.fact, s.day);
      Between ended{for_ever, for_ever};
      if (end != nullptr && end->what == Said::What::stop) ended = {end->day, end->day};
      if (end != nullptr && end->what == Said::What::no) {
        ended = {last_seen(world, s.fact, s.day, end->day), end->day - 1};
      }
      result = result | overlaps(s.day, ended, days);
    }
  }
  return result;
}

// Calls `visit` with every exact record that `record` may be.
template <class Visit>
void each_world(const std::vector<Said>& record, std::size_t from, std::vector<Said>& world,
                const Visit& visit) {
  if (from == record.size()) {
    visit(world);
    return;
  }
  for (int later = 0; later <= record[from].width; ++later) {
    Said exact = record[from];
    exact.day += later;
    exact.width = 0;
    exact.length -= std::min(later, exact.length);  // an episode keeps its last day
    std::vector<Said::What> may_be{exact.what};
    if (exact.what == Said::What::unusable) may_be = {Said::What::yes, Said::What::no};
    for (const Said::What what : may_be) {
      exact.what = what;
      world.push_back(exact);
      each_world(record, from + 1, world, visit);
      world.pop_back();
    }
  }
}

Truth held_in_all_worlds(const std::vector<Said>& record, int fact, Between days) {
  bool some_yes = false;
  bool some_no = false;
  std::vector<Said> world;
  each_world(record, 0, world, [&](const std::vector<Said>& exact) {
    const Truth t = held_in_world(exact, fact, days);
    some_yes = some_yes || t != Truth::no;
    some_no = some_no || t != Truth::yes;
  });
  if (some_yes && some_no) return Truth::unknown;
  return truth(some_yes);
}

Said any_said(int widest, bool with_unusable) {
  Said s;
  s.fact = *rc::gen::inRange(0, 3);
  s.what = static_cast<Said::What>(*rc::gen::inRange(0, with_unusable ? 5 : 4));
  s.day = *rc::gen::inRange(0, n_days);
  if (widest > 0 && *rc::gen::inRange(0, 3) == 0) s.width = *rc::gen::inRange(0, widest + 1);
  if (s.what == Said::What::episode) s.length = s.width + *rc::gen::inRange(0, 4);
  return s;
}

std::vector<Said> any_record(int widest, bool with_unusable) {
  std::vector<Said> record;
  const int n = *rc::gen::inRange(0, 6);
  for (int i = 0; i < n; ++i) record.push_back(any_said(widest, with_unusable));
  return record;
}

Between any_days() {
  const int first = *rc::gen::inRange(0, n_days);
  return {first, *rc::gen::inRange(first, n_days + 2)};
}

constexpr Day today = start + n_days + 4;

Answer asked(const Timeline& record, int fact, Between days, Absence absence) {
  return View(record, today)
      .held(fact_id(chain[static_cast<std::size_t>(fact)]), {start + days.first, start + days.last}, absence);
}

bool same(const Answer& a, const Answer& b) { return a == b; }

}  // namespace

TEST_CASE("an exact record is answered exactly") {
  REQUIRE(rounds == 0);
  CHECK(rc::check([] {
    const auto record = any_record(0, false);
    const int fact = *rc::gen::inRange(0, 3);
    const Between days = any_days();
    const Timeline timeline = record_of(record);
    RC_ASSERT(asked(timeline, fact, days, Absence::no).truth == held_in_all_worlds(record, fact, days));
  }));
}

TEST_CASE("what is certain of an imprecise record holds for every exact record it may be") {
  CHECK(rc::check([] {
    const auto record = any_record(2, true);
    const int fact = *rc::gen::inRange(0, 3);
    const Between days = any_days();
    const Truth answered = asked(record_of(record), fact, days, Absence::no).truth;
    RC_LOG() << "asked fact " << fact << " days " << days.first << " to " << days.last << ", answered "
             << name(answered) << "\n";
    for (const Said& said : record) RC_LOG() << said << "\n";
    if (answered == Truth::unknown) return;
    RC_ASSERT(answered == held_in_all_worlds(record, fact, days));
  }));
}

TEST_CASE("declaring that absence means no changes unknown to no and nothing else") {
  CHECK(rc::check([] {
    const Timeline record = record_of(any_record(2, true));
    const int fact = *rc::gen::inRange(0, 3);
    const Between days = any_days();
    const Answer open = asked(record, fact, days, Absence::unknown);
    const Answer closed = asked(record, fact, days, Absence::no);
    if (open == closed) return;
    RC_ASSERT(open.truth == Truth::unknown);
    RC_ASSERT(closed.truth == Truth::no);
  }));
}

TEST_CASE("the order of entries, and entries of the future or not yet known, change nothing") {
  CHECK(rc::check([] {
    std::vector<Entry> entries;
    for (const Said& said : any_record(2, true)) entries.push_back(entry_of(said));
    const Timeline before = story::patient(entries);
    Entry future = entry_of(any_said(2, true));
    future.when.first = today + *rc::gen::inRange(1, 20);
    future.when.last = future.when.first + 3;
    Entry unheard_of = entry_of(any_said(2, true));
    unheard_of.known_on = today + *rc::gen::inRange(1, 20);
    const auto place = *rc::gen::inRange(0, static_cast<int>(entries.size()) + 1);
    entries.insert(entries.begin() + place, future);
    entries.push_back(unheard_of);
    std::reverse(entries.begin(), entries.end());
    const Timeline after = story::patient(entries);
    const int fact = *rc::gen::inRange(0, 3);
    const FactId id = fact_id(chain[static_cast<std::size_t>(fact)]);
    const Between days = any_days();
    RC_ASSERT(same(asked(before, fact, days, Absence::unknown), asked(after, fact, days, Absence::unknown)));
    RC_ASSERT(same(View(before, today).holds_now(id, Absence::unknown),
                   View(after, today).holds_now(id, Absence::unknown)));
  }));
}

namespace {

// A laboratory value in small.
struct Measured {
  int day = 0;
  int width = 0;
  int number = 0;
  friend std::ostream& operator<<(std::ostream& out, const Measured& v) {
    return out << v.number << " on day " << v.day << "+" << v.width;
  }
};

Timeline laboratory(const std::vector<Measured>& values) {
  static const Unit unit = *parse_unit("U/L");
  std::vector<Entry> entries;
  for (const Measured& v : values) {
    Entry e;
    e.fact = fact_id("alt");
    e.when = {start + v.day, start + v.day + v.width,
              v.width == 0 ? DatePrecision::day : DatePrecision::month};
    e.known_on = start;
    e.value = Quantity{decimal(v.number), Comparator::none, unit};
    entries.push_back(std::move(e));
  }
  return story::patient(std::move(entries));
}

// The values that may be the latest in [0, last], over all worlds; none in the window counts as -1.
std::vector<int> possible_latest(const std::vector<Measured>& values, Between days, std::size_t from,
                                 std::vector<Measured>& world) {
  std::vector<int> found;
  if (from == values.size()) {
    int latest = -1;
    for (const Measured& v : world) {
      const bool inside = v.day >= days.first && v.day <= days.last;
      if (inside && v.day > latest) found.clear();
      if (inside && v.day >= latest) {
        latest = v.day;
        found.push_back(v.number);
      }
    }
    if (found.empty()) found.push_back(-1);
    return found;
  }
  for (int later = 0; later <= values[from].width; ++later) {
    world.push_back({values[from].day + later, 0, values[from].number});
    for (const int number : possible_latest(values, days, from + 1, world)) found.push_back(number);
    world.pop_back();
  }
  return found;
}

}  // namespace

TEST_CASE("the values that may be the latest are those that some exact record has as its latest") {
  CHECK(rc::check([] {
    std::vector<Measured> values;
    const int n = *rc::gen::inRange(0, 5);
    for (int i = 0; i < n; ++i) {
      values.push_back({*rc::gen::inRange(0, n_days), *rc::gen::inRange(0, 3), *rc::gen::inRange(1, 4)});
    }
    const Between days = any_days();
    std::vector<Measured> world;
    std::vector<int> expected = possible_latest(values, days, 0, world);
    std::sort(expected.begin(), expected.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());

    const Timeline record = laboratory(values);
    const Reading reading =
        View(record, today).read(fact_id("alt"), Pick::latest, {start + days.first, start + days.last});
    std::vector<int> found;
    for (const Member& member : reading.members) {
      const Quantity* number = std::get_if<Quantity>(&member.value);
      found.push_back(number == nullptr ? -1 : static_cast<int>(number->value.mantissa));
    }
    if (reading.members.empty()) found.push_back(-1);
    std::sort(found.begin(), found.end());
    RC_ASSERT(found == expected);
    RC_ASSERT((found.size() == 1) == (reading.reasons.empty() || reading.members.empty()));
  }));
}
