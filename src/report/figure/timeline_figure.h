#pragma once
// One patient over time: tracks under a common axis of days since the transplant.
//
//   tracks  always in this order: header, disease and MRD, chimerism, immunosuppression, DLI, GVHD,
//           infection, labs
//   axis    days up to +100, then months; day 0 is the latest transplant
//   MRD     on a log axis; a negative result is an open mark on the assay's limit, never at zero
//   DLI     marks of one size with the dose as text: areas are misread
//   unknown hatched, never blank: a day known only as a month or year, a course whose end is open
//   lines   join consecutive chimerism results of one lineage; a gap of more than 120 days breaks them
//
// Geometry first, in CSS pixels from the upper left corner, so that page, print and test read the same
// numbers; then SVG and JSON. Cost: linear in the entries, apart from sorting by day.

#include <optional>
#include <string>
#include <vector>

#include "record/view.h"
#include "report/figure/point.h"
#include "report/worklist_words.h"

namespace graftline::report {

enum class MarkShape : unsigned char {
  dot,
  square,
  triangle,
  open,     // a negative result on the detection limit
  bar,      // from x to x2
  unknown,  // hatched from x to x2
  diamond,  // an infusion
  planned,  // hollow: not yet
  cross,    // documented not to have been
};
std::string_view name(MarkShape shape);  // "dot", ...

struct TimelineMark {
  std::size_t entry = 0;  // index into Timeline::entries
  MarkShape shape = MarkShape::dot;
  double x = 0.0, y = 0.0, x2 = 0.0;  // x2: of bars
  std::string series;                 // "CD3", "ciclosporin"
  std::string label;                  // beside or inside the mark
  std::string title;                  // the entry in one line
  std::string date;                   // as recorded
  int level = 0;                      // ordinals: lowest 0; shades GVHD by grade
};

struct TimelineLine {
  std::vector<Point> points;
  std::string series;  // empty: an axis or limit line
};

struct TimelineScale {
  double y = 0.0;
  std::string label;
};

struct TimelineTrack {
  std::string id, label;
  double y = 0.0, height = 0.0;
  std::vector<TimelineScale> scale;  // values of an axis, or names of rows
  std::vector<TimelineLine> lines;
  std::vector<TimelineMark> marks;
};

struct TimelineTick {
  double x = 0.0;
  std::string label;
  Day date;
};

struct TimelineFigure {
  double width = 0.0, height = 0.0;
  double left = 0.0, right = 0.0;  // of the plot
  Day first_day, last_day;
  std::optional<Day> day_zero;
  std::vector<TimelineTick> ticks;
  std::optional<double> today;  // where as_of stands
  std::vector<TimelineTrack> tracks;
  std::size_t n_earlier = 0;  // entries before the first day drawn: in the table only
};

struct TimelineOptions {
  double width = 960.0;  // 300 to 2400
  Language language = Language::english;
};

TimelineFigure timeline_figure(const record::View& view, const TimelineOptions& options);

// The track that a fact is drawn in; empty: none.
std::string_view track_of(record::FactId fact);

// Stands alone: light, nothing fetched. `heading` says whose timeline it is.
std::string to_svg(const TimelineFigure& figure, const std::string& heading, Language language);
std::string to_json(const TimelineFigure& figure);

}  // namespace graftline::report
