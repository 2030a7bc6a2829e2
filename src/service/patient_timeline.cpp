#include "service/patient_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/doses.h"
#include "record/entry_text.h"
#include "report/dose_text.h"
#include "report/figure/timeline_figure.h"

namespace graftline::service {
namespace {

using json = nlohmann::ordered_json;

// Visible entries of every fact, oldest first.
std::vector<const record::Entry*> visible(const record::View& view) {
  std::vector<const record::Entry*> entries;
  for (record::FactId fact = 0; fact < record::facts().size(); ++fact) {
    const auto own = view.own_entries(fact);
    entries.insert(entries.end(), own.begin(), own.end());
  }
  std::stable_sort(entries.begin(), entries.end(), [](const record::Entry* a, const record::Entry* b) {
    return a->when.first < b->when.first;
  });
  return entries;
}

// What the entry says: of an infusion the dose, where it is recorded.
std::string said_by(const record::Entry& entry) {
  engine::Dose dose;
  if (entry.fact == record::fact_id("dli") && !entry.amounts.empty()) dose.targets = engine::delivered(entry);
  return dose.targets.empty() ? record::value_text(entry) : report::both_ways(dose);
}

std::string_view name(record::Standing standing) {
  return standing == record::Standing::preliminary ? "preliminary"
         : standing == record::Standing::corrected ? "corrected"
                                                   : "final";
}

json entry_json(const record::Timeline& timeline, const record::Entry& entry) {
  json unusable = json::array();
  for (int i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (entry.unusable.has(reason)) unusable.push_back(graftline::name(reason));
  }
  return {{"id", std::to_string(&entry - timeline.entries.data())},
          {"fact", record::fact(entry.fact).id},
          {"phrase", record::fact(entry.fact).phrase},
          {"track", report::track_of(entry.fact)},
          {"value", said_by(entry)},
          {"date", record::days_text(entry)},
          {"known_on", graftline::to_text(entry.known_on)},
          {"method", entry.method},
          {"context", entry.context},
          {"standing", name(entry.standing)},
          {"unusable", unusable},
          {"upper_limit", entry.upper_limit ? graftline::to_text(*entry.upper_limit) : ""},
          {"origin", fmt::format("{}{}{}", entry.origin.file, entry.origin.place.empty() ? "" : " ",
                                 entry.origin.place)}};
}

std::string as_text(const record::Timeline& timeline, const record::View& view,
                    const std::vector<const record::Entry*>& entries) {
  const auto zero = view.day_zero();
  std::string text = fmt::format("{}, as of {}, as known on {}{}\n", timeline.patient,
                                 graftline::to_text(view.as_of()), graftline::to_text(view.known_on()),
                                 zero ? fmt::format(", day 0 {}", graftline::to_text(*zero)) : "");
  for (const record::Entry* entry : entries) {
    const std::string day = zero && zero->first == zero->last && entry->when.first == entry->when.last
                                ? fmt::format("{:+d}", entry->when.first - zero->first)
                                : "";
    text += fmt::format("{:>6}  {:<24} {} {}\n", day, record::days_text(*entry),
                        record::fact(entry->fact).phrase, said_by(*entry));
  }
  return text;
}

}  // namespace

std::vector<Day> known_days(const record::Timeline& timeline) {
  std::vector<Day> days;
  for (const record::Entry& entry : timeline.entries) days.push_back(entry.known_on);
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

Result<std::string> timeline_of(const record::Timeline& timeline, const TimelineQuestion& question) {
  if (!(question.width >= 300.0 && question.width <= 2400.0)) {
    return Error{ErrorKind::malformed_input, fmt::format("width {:g}: expected 300 to 2400", question.width)};
  }
  const auto language = report::language_of(question.language);
  if (!language) {
    return Error{ErrorKind::malformed_input,
                 fmt::format("language '{}': expected en or zh", question.language)};
  }
  const record::View view(timeline, question.as_of, question.known_on);
  const auto entries = visible(view);
  if (question.format == TimelineFormat::text) return as_text(timeline, view, entries);
  const report::TimelineFigure figure = report::timeline_figure(view, {question.width, *language});
  const std::string svg = report::to_svg(
      figure,
      fmt::format(
          "{}, {}{}", timeline.patient, graftline::to_text(view.as_of()),
          view.known_on() < view.as_of() ? fmt::format(" ({})", graftline::to_text(view.known_on())) : ""),
      *language);
  if (question.format == TimelineFormat::svg) return svg;
  json listed = json::array();
  for (const record::Entry* entry : entries) listed.push_back(entry_json(timeline, *entry));
  json days = json::array();
  for (const Day day : known_days(timeline)) {
    if (day <= question.as_of) days.push_back(graftline::to_text(day));
  }
  const auto zero = view.day_zero();
  return json{{"schema", "graftline-timeline/1"},
              {"patient", timeline.patient},
              {"as_of", graftline::to_text(view.as_of())},
              {"known_on", graftline::to_text(view.known_on())},
              {"day_zero", zero ? json(graftline::to_text(zero->first)) : json(nullptr)},
              {"known_days", days},
              {"figure", json::parse(report::to_json(figure))},
              {"svg", svg},
              {"entries", listed}}
             .dump() +
         "\n";
}

}  // namespace graftline::service
