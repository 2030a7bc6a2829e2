#include "report/figure/timeline_figure.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "record/random_patient.h"
#include "record/story.h"
#include "report/figure/timeline_tracks.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;
using namespace graftline::report;

namespace {

const TimelineTrack& track(const TimelineFigure& figure, std::string_view id) {
  const auto at = std::find_if(figure.tracks.begin(), figure.tracks.end(),
                               [&](const TimelineTrack& one) { return one.id == id; });
  REQUIRE(at != figure.tracks.end());
  return *at;
}

TimelineFigure drawn(const Timeline& timeline, std::string_view as_of, std::string_view known_on = "") {
  std::optional<Day> known;
  if (!known_on.empty()) known = day(known_on);
  return timeline_figure(View(timeline, day(as_of), known), {});
}

}  // namespace

TEST_CASE("a negative MRD result is an open mark on the assay's limit, and not at zero") {
  const auto timeline =
      patient({says("transplant", "2026-01-01", true), number("mrd_level", "2026-02-01", "<0.01", "%"),
               number("mrd_level", "2026-03-01", "0.01", "%"), number("mrd_level", "2026-04-01", "1", "%")});
  const auto figure = drawn(timeline, "2026-05-01");
  const auto& marks = track(figure, "disease").marks;
  REQUIRE(marks.size() == 3);
  CHECK(marks[0].shape == MarkShape::open);
  CHECK(marks[1].shape == MarkShape::dot);
  CHECK(marks[0].y == doctest::Approx(marks[1].y));  // both at 0.01 %
  // logarithmic: from 0.01 % to 1 % is half of the way from 0.01 % to 100 %
  const auto& scale = track(figure, "disease").scale;
  REQUIRE(scale.front().label == "0.01 %");
  REQUIRE(scale.back().label == "100 %");
  CHECK(marks[2].y == doctest::Approx((scale.front().y + scale.back().y) / 2));
}

TEST_CASE("a course without an end reaches the day asked about; a start known as a month is hatched") {
  const auto timeline =
      patient({says("transplant", "2026-01-01", true), says("ciclosporin", "2026-01", true)});
  const auto figure = drawn(timeline, "2026-05-01");
  const auto& marks = track(figure, "immunosuppression").marks;
  REQUIRE(marks.size() == 2);
  CHECK(marks[0].shape == MarkShape::unknown);
  CHECK(marks[1].shape == MarkShape::bar);
  CHECK(marks[0].x2 == doctest::Approx(marks[1].x));  // certain from 31 January on
  CHECK(marks[1].x2 == doctest::Approx(*figure.today));
}

TEST_CASE("a stopped drug ends on the day of its stop") {
  const auto timeline = patient({says("transplant", "2026-01-01", true),
                                 says("tacrolimus", "2026-01-05", true), stop("tacrolimus", "2026-03-05")});
  const auto figure = drawn(timeline, "2026-05-01");
  const auto& marks = track(figure, "immunosuppression").marks;
  REQUIRE(marks.size() == 1);
  CHECK(marks[0].x2 < *figure.today);
  CHECK(marks[0].date == "2026-01-05 to 2026-03-05");
}

TEST_CASE("what was not yet known is not drawn") {
  Entry late = level("agvhd_grade", "2026-02-20", "II");
  late.known_on = day("2026-03-10");
  const auto timeline = patient({says("transplant", "2026-01-01", true), late});
  CHECK(track(drawn(timeline, "2026-03-20"), "gvhd").marks.size() == 1);
  CHECK(track(drawn(timeline, "2026-03-20", "2026-03-01"), "gvhd").marks.empty());
}

TEST_CASE("chimerism results more than 120 days apart are not joined") {
  const auto timeline =
      patient({says("transplant", "2026-01-01", true), number("donor_chimerism_t", "2026-02-01", "80", "%"),
               number("donor_chimerism_t", "2026-03-01", "90", "%"),
               number("donor_chimerism_t", "2026-09-01", "95", "%"),
               number("donor_chimerism_t", "2026-10-01", "97", "%")});
  const auto figure = drawn(timeline, "2026-11-01");
  const auto& lines = track(figure, "chimerism").lines;
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].points.size() == 2);
  CHECK(lines[1].points.size() == 2);
}

TEST_CASE("an infusion is labelled with its number; one documented not to have been is crossed") {
  const auto timeline = patient({says("transplant", "2026-01-01", true), says("dli", "2026-03-01", true),
                                 says("dli", "2026-05-01", true), says("dli", "2026-06-01", false)});
  const auto figure = drawn(timeline, "2026-07-01");
  const auto& marks = track(figure, "dli").marks;
  REQUIRE(marks.size() == 3);
  CHECK(marks[0].label == "DLI 1");
  CHECK(marks[1].label == "DLI 2");
  CHECK(marks[2].shape == MarkShape::cross);
}

TEST_CASE("every fact of the tracks is in the catalogue, once") {
  std::vector<std::string_view> seen;
  for (const TrackFact& row : track_facts()) {
    CHECK(fact(fact_id(row.fact)).id == row.fact);
    CHECK(std::find(seen.begin(), seen.end(), row.fact) == seen.end());
    seen.push_back(row.fact);
  }
}

TEST_CASE("whatever a record says, every mark lies in its figure and names an entry that was visible") {
  RandomPatientOptions options;
  for (const TrackFact& row : track_facts()) options.facts.push_back(fact_id(row.fact));
  options.today = day("2026-03-01");
  rc::check([&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Timeline timeline = random_patient(seed, options);
    const View view(timeline, options.today, options.today - *rc::gen::inRange(0, 60));
    const double width = *rc::gen::inRange(300, 2400);
    const TimelineFigure figure = timeline_figure(view, {width, Language::english});
    double floor = 0.0;
    for (const TimelineTrack& one : figure.tracks) {
      RC_ASSERT(one.y >= floor);  // tracks do not overlap
      floor = one.y + one.height;
      for (const TimelineMark& mark : one.marks) {
        RC_ASSERT(mark.entry < timeline.entries.size());
        RC_ASSERT(timeline.entries[mark.entry].known_on <= view.known_on());
        RC_ASSERT(mark.x >= figure.left - 1e-9 && mark.x <= figure.right + 1e-9);
        RC_ASSERT(mark.y >= one.y && mark.y <= one.y + one.height);
        RC_ASSERT(mark.x2 <= figure.right + 20.0);
      }
    }
    RC_ASSERT(floor <= figure.height);
    const auto parsed = nlohmann::json::parse(to_json(figure));
    RC_ASSERT(parsed.at("tracks").size() == figure.tracks.size());
  });
}
