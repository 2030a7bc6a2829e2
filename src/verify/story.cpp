#include "verify/story.h"

#include "record/facts.h"

namespace graftline::verify {
namespace {

using record::Entry;
using record::FactType;

record::Value value_of(const StoryRow& row, const record::Fact& fact) {
  if (fact.type == FactType::quantity) {
    const auto unit = parse_unit(row.unit.empty() ? "1" : row.unit);
    ensure(static_cast<bool>(unit), "a story writes UCUM units");
    const auto quantity = parse_quantity(row.value, *unit, fact.kind);
    ensure(static_cast<bool>(quantity), "a story writes numbers that can be read");
    return *quantity;
  }
  if (fact.type == FactType::ordinal || fact.type == FactType::code) {
    const auto level = record::level_of(fact, row.value);
    ensure(level.has_value(), "a story writes levels of the scale");
    return record::Level{*level, *level};
  }
  return row.value != "no";
}

// "1e6 CD3/kg" as an infusion records it.
std::optional<Quantity> amount_of(const StoryRow& row) {
  const std::size_t slash = row.unit.find('/');
  Kind kind = Kind::none;
  if (row.unit.empty() || !kind_from_name(row.unit.substr(0, slash), kind)) return std::nullopt;
  const auto unit = parse_unit(slash == std::string::npos ? "1" : row.unit.substr(slash));
  ensure(static_cast<bool>(unit), "a story writes doses per kg or in total");
  const auto quantity = parse_quantity(row.value, *unit, kind);
  ensure(static_cast<bool>(quantity), "a story writes doses that can be read");
  return *quantity;
}

Entry entry_of(const StoryRow& row) {
  Entry entry;
  entry.fact = record::fact_id(row.fact);
  entry.when = exactly(row.when);
  entry.known_on = row.when;
  if (row.until) entry.until = exactly(*row.until);
  entry.as_written = row.unit.empty() ? row.value : row.value + " " + row.unit;
  const record::Fact& fact = record::fact(entry.fact);
  if (row.fact == "dli") {
    entry.value = true;
    if (const auto amount = amount_of(row)) entry.amounts.push_back(*amount);
    return entry;
  }
  if (row.status == "unknown") {
    entry.unusable = Reason::status_unknown;
    return entry;
  }
  entry.value = value_of(row, fact);
  if (!row.upper_limit.empty()) {
    const std::size_t blank = row.upper_limit.find(' ');
    const auto unit = parse_unit(row.upper_limit.substr(blank + 1));
    ensure(static_cast<bool>(unit), "a story writes upper limits with their unit");
    const auto limit = parse_quantity(row.upper_limit.substr(0, blank), *unit, fact.kind);
    ensure(static_cast<bool>(limit), "a story writes upper limits that can be read");
    entry.upper_limit = *limit;
  }
  return entry;
}

}  // namespace

record::Timeline timeline_of(const Story& story) {
  record::Timeline timeline;
  timeline.patient = "story";
  Entry transplant;
  transplant.fact = record::fact_id("transplant");
  transplant.when = exactly(story.day_zero);
  transplant.known_on = story.day_zero;
  transplant.value = true;
  timeline.add(std::move(transplant));
  for (const StoryRow& row : story.rows) {
    Entry entry = entry_of(row);
    // Two rows of one day with different cells are one infusion, counted twice.
    Entry* last = &timeline.entries.back();
    if (row.fact == "dli" && last->fact == entry.fact && last->when == entry.when) {
      last->amounts.insert(last->amounts.end(), entry.amounts.begin(), entry.amounts.end());
    } else {
      timeline.add(std::move(entry));
    }
  }
  timeline.arrange();
  return timeline;
}

engine::Settings settings_of(const Story& story) {
  engine::Settings settings;
  for (const auto& [name, value] : story.parameters) settings.parameters[name] = {value, "story"};
  for (const auto& [name, value] : story.judgements) settings.judgements[name] = {value, "story"};
  return settings;
}

}  // namespace graftline::verify
