#include "interop/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace graftline::interop {

using record::Entry;
using record::Timeline;

namespace {

bool same(const Decimal& a, const Decimal& b) { return a.mantissa == b.mantissa && a.exponent == b.exponent; }

bool same(const Quantity& a, const Quantity& b) {
  return same(a.value, b.value) && a.comparator == b.comparator && a.unit == b.unit && a.kind == b.kind &&
         a.viability == b.viability;
}

template <class T> bool same(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

bool same(const record::Value& a, const record::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* quantity = std::get_if<Quantity>(&a)) return same(*quantity, std::get<Quantity>(b));
  if (const auto* level = std::get_if<record::Level>(&a)) return *level == std::get<record::Level>(b);
  if (const auto* truth = std::get_if<bool>(&a)) return *truth == std::get<bool>(b);
  return true;
}

// A FHIR resource has a name of its own; a row of a table has only a place.
bool is_named(const Entry& entry) { return entry.origin.place.find('/') != std::string::npos; }

// The very same statement from the very same place of the record, read twice: the same resource in two
// bundles, the same row in two files. Two laboratories with one value on one day have different places and
// both stay.
bool is_said_twice(const Entry& a, const Entry& b) {
  return a.fact == b.fact && a.when == b.when && a.until == b.until && a.known_on == b.known_on &&
         a.is_stop == b.is_stop && a.standing == b.standing && same(a.value, b.value) &&
         a.unusable == b.unusable && same(a.upper_limit, b.upper_limit) && a.method == b.method &&
         a.context == b.context && a.as_written == b.as_written &&
         std::equal(a.amounts.begin(), a.amounts.end(), b.amounts.begin(), b.amounts.end(),
                    [](const Quantity& x, const Quantity& y) { return same(x, y); }) &&
         (a.origin.place == b.origin.place || !is_named(a) || !is_named(b));
}

std::size_t drop_duplicates(Timeline& timeline, Ledger& ledger) {
  auto& entries = timeline.entries;
  std::vector<std::size_t> order(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Everything that must agree and can be ordered, so that only real candidates are compared with each other.
  const auto key = [&](std::size_t i) {
    const Entry& e = entries[i];
    const std::string_view place = is_named(e) ? std::string_view(e.origin.place) : std::string_view{};
    return std::tuple(e.fact, e.when.first, e.when.last, e.known_on, std::string_view(e.as_written), place);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<bool> dropped(entries.size(), false);
  std::size_t count = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (dropped[order[i]]) continue;
    for (std::size_t j = i + 1; j < order.size() && key(order[j]) == key(order[i]); ++j) {
      if (dropped[order[j]] || !is_said_twice(entries[order[i]], entries[order[j]])) continue;
      dropped[order[j]] = true;
      ++count;
      ledger.note(
          {entries[order[j]].origin,
           {},
           "exact duplicate",
           "says the same as " + entries[order[i]].origin.file + ", " + entries[order[i]].origin.place});
    }
  }
  if (count == 0) return 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (dropped[i]) continue;
    if (kept != i) entries[kept] = std::move(entries[i]);
    ++kept;
  }
  entries.resize(kept);
  return count;
}

bool says_something_else(const Entry& a, const Entry& b) {
  return a.fact == b.fact && a.when == b.when && a.when.precision == DatePrecision::day &&
         a.method == b.method && a.context == b.context && a.unusable.empty() && b.unusable.empty() &&
         a.standing == record::Standing::final && b.standing == record::Standing::final &&
         a.is_stop == b.is_stop && !same(a.value, b.value);
}

// Both stay: which of them counts is for whoever asks. Expects arranged entries.
void note_conflicts(const Timeline& timeline, Ledger& ledger) {
  const auto& entries = timeline.entries;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const Entry& earlier = entries[i - 1];
    if (!says_something_else(earlier, entries[i])) continue;
    ledger.note({entries[i].origin,
                 {},
                 "another value on the same day",
                 fmt::format("{} differs from {}, {}", record::fact(entries[i].fact).id, earlier.origin.file,
                             earlier.origin.place)});
  }
}

void note_future(const Timeline& timeline, Day read_on, Ledger& ledger) {
  for (const Entry& entry : timeline.entries) {
    if (entry.when.first <= read_on) continue;
    ledger.note({entry.origin,
                 {},
                 "date in the future",
                 fmt::format("{} is dated after {}, the day the records were taken",
                             record::fact(entry.fact).id, to_text(read_on))});
  }
}

}  // namespace

Timeline& Gatherer::timeline(std::string_view patient) {
  if (is_census_) {
    const auto [at, is_new] = census_.try_emplace(std::string(patient), document_);
    if (!is_in_document_ || (!is_new && at->second != document_)) spread_.insert(at->first);
    timelines_.assign(1, {});
    return timelines_.front();
  }
  if (is_streaming_ && is_in_document_ && !spread_.contains(std::string(patient))) {
    const auto [at, is_new] = in_document_.try_emplace(std::string(patient), of_document_.size());
    if (is_new) of_document_.push_back({std::string(patient), {}, {}});
    return of_document_[at->second];
  }
  const auto [at, is_new] = by_patient_.try_emplace(std::string(patient), timelines_.size());
  if (is_new) timelines_.push_back({std::string(patient), {}, {}});
  return timelines_[at->second];
}

void Gatherer::meet(std::string_view patient, const record::Origin& origin) {
  if (is_census_) return;
  const auto [at, is_new] = met_.try_emplace(std::string(patient), origin);
  if (is_new) return;
  ledger_->note(
      {origin,
       {},
       "patient recorded more than once",
       fmt::format("first in {}, {}; the records are put together", at->second.file, at->second.place)});
}

Gatherer::Spread Gatherer::take_census() {
  is_census_ = false;
  timelines_.clear();
  census_.clear();
  return std::move(spread_);
}

void Gatherer::hand_on(Timeline&& timeline) {
  ledger_->count_duplicates(drop_duplicates(timeline, *ledger_));
  for (const auto& entry : timeline.entries) ledger_->count_entry(entry);
  timeline.arrange();
  note_conflicts(timeline, *ledger_);
  if (read_on_) note_future(timeline, *read_on_, *ledger_);
  ledger_->sent_patient();
  (*sink_)(std::move(timeline));
}

void Gatherer::end_document() {
  is_in_document_ = false;
  ++document_;
  for (auto& timeline : of_document_) hand_on(std::move(timeline));
  of_document_.clear();
  in_document_.clear();
}

void Gatherer::release(const std::string& patient) {
  if (is_census_) return;
  const auto at = by_patient_.find(patient);
  if (at == by_patient_.end()) return;
  Timeline& timeline = timelines_[at->second];
  hand_on(std::move(timeline));
  timeline = {};
  released_.insert(at->second);
}

void Gatherer::finish() {
  for (std::size_t i = 0; i < timelines_.size(); ++i) {
    if (!released_.contains(i)) hand_on(std::move(timelines_[i]));
  }
  released_.clear();
  timelines_.clear();
  by_patient_.clear();
}

}  // namespace graftline::interop
