#include "service/when.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/view.h"
#include "report/history.h"

namespace graftline::service {
namespace {

constexpr int longest_series_days = 400 * 366;
constexpr int days_after_the_record = 365;

// The days on record about the patient's treatment; a birth says nothing of when to begin.
std::pair<Day, Day> days_on_record(const record::Timeline& timeline) {
  static const record::FactId birth = record::fact_id("birth");
  std::optional<Day> first;
  std::optional<Day> last;
  for (const record::Entry& entry : timeline.entries) {
    if (entry.fact == birth) continue;
    first = std::min(first.value_or(entry.when.first), entry.when.first);
    last = std::max({last.value_or(entry.when.last), entry.when.last, entry.known_on});
    if (entry.until) last = std::max(*last, entry.until->last);
  }
  return {first.value_or(Day{}), last.value_or(Day{})};
}

}  // namespace

Result<When> when(const Prepared& prepared, const record::Timeline& timeline, const WhenQuestion& question) {
  const auto [first_on_record, last_on_record] = days_on_record(timeline);
  When result;
  engine::Series& series = result.series;
  if (question.known_on) {
    series.over = engine::Series::Over::as_of;
    series.fixed = *question.known_on;
  }
  if (question.about) {
    series.over = engine::Series::Over::knowledge;
    series.fixed = *question.about;
  }
  const auto day_zero = record::View(timeline, last_on_record).day_zero();
  series.last = question.last.value_or(last_on_record + days_after_the_record);
  series.first =
      question.first.value_or(question.about || !day_zero ? std::min(first_on_record, series.last)
                                                          : std::min(day_zero->first, series.last));
  if (series.first > series.last) {
    return Error{
        ErrorKind::malformed_input,
        fmt::format("the days asked about begin on {}, after they end on {}: give --from and --to in "
                    "this order",
                    to_text(series.first), to_text(series.last))};
  }
  if (series.last - series.first > longest_series_days) {
    return Error{ErrorKind::malformed_input,
                 fmt::format("{} to {} is more than 400 years: give a shorter time with --from and --to",
                             to_text(series.first), to_text(series.last))};
  }
  result.history =
      engine::history(prepared.protocol, timeline, prepared.question.settings, series, question.every_change);
  return result;
}

std::string when_header(WhenFormat format) {
  return format == WhenFormat::csv ? report::history_csv_header() : "";
}

std::string to_text(const std::string& patient, const Prepared& prepared, const When& when,
                    WhenFormat format) {
  const report::HistoryOf what{patient, prepared.protocol, when.series, when.history};
  switch (format) {
    case WhenFormat::json:
      return report::to_json(what);
    case WhenFormat::csv:
      return report::to_csv(what);
    case WhenFormat::text:
      break;
  }
  return report::to_text(what);
}

}  // namespace graftline::service
