#include "report/figure/timeline_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/kind.h"
#include "core/unit.h"
#include "engine/doses.h"
#include "record/entry_text.h"
#include "report/figure/timeline_tracks.h"

namespace graftline::report {
namespace {

constexpr double left_margin = 240.0;  // names of tracks, and of their rows
constexpr double right_margin = 20.0;
constexpr double header_height = 48.0;
constexpr double axis_height = 72.0;  // of a track with an axis of numbers
constexpr double row_height = 26.0;   // of a row of bars or marks
constexpr double lab_height = 34.0;   // of a row with a scale of its own
constexpr double track_gap = 10.0;
constexpr double footer_height = 24.0;  // labels of the ticks
constexpr double tick_spacing = 52.0;
constexpr int days_before_transplant = 30;
constexpr int longest_join = 120;  // days between two results that a line still joins

const record::Entry* first_entry(const record::Timeline& timeline) {
  return timeline.entries.empty() ? nullptr : timeline.entries.data();
}

// The middle of what a quantity may be, in the fact's own unit: the limit itself for "< 0.01".
struct Number {
  double value = 0.0;
  Comparator comparator = Comparator::none;
};
std::optional<Number> number_of(const record::Entry& entry) {
  const auto* quantity = std::get_if<Quantity>(&entry.value);
  if (quantity == nullptr) return std::nullopt;
  const record::Fact& row = record::fact(entry.fact);
  const auto unit = parse_unit(row.unit);
  if (!unit) return std::nullopt;
  Quantity exact = *quantity;
  exact.comparator = Comparator::none;
  MolarMass mass;
  if (!row.molar_mass.empty()) {
    if (const auto parsed = parse_decimal(row.molar_mass)) mass = *parsed;
  }
  const auto range = range_in(exact, *unit, row.kind, mass);
  if (!range || !range->low) return std::nullopt;
  return Number{to_double(*range->low), quantity->comparator};
}

std::string short_number(double value) {
  std::string text = fmt::format("{:.3g}", value);
  return text.find('e') == std::string::npos ? text : fmt::format("{:.0f}", value);
}

// "5 × 10⁶ CD3+ per kg"
std::string short_dose(const record::Entry& infusion) {
  std::string text;
  for (const engine::TargetDose& dose : engine::delivered(infusion)) {
    text += fmt::format("{}{}", text.empty() ? "" : " + ", engine::to_text(dose));
  }
  return text;
}

class Drawer {
 public:
  Drawer(const record::View& view, const TimelineOptions& options) : view_(view), options_(options) {
    figure_.width = options.width;
    figure_.left = left_margin;
    figure_.right = options.width - right_margin;
    find_days();
  }

  TimelineFigure draw() {
    double y = 0.0;
    for (const TrackName& track : track_names()) {
      TimelineTrack drawn;
      drawn.id = track.id;
      drawn.label = options_.language == Language::chinese ? track.chinese : track.english;
      drawn.y = y;
      draw(track.id, drawn);
      if (drawn.height == 0.0) continue;
      y += drawn.height + track_gap;
      figure_.tracks.push_back(std::move(drawn));
    }
    figure_.height = y + footer_height;
    place_ticks();
    return std::move(figure_);
  }

 private:
  using Entries = std::vector<const record::Entry*>;

  Entries entries_of(const TrackFact& row) const {
    const auto own = view_.own_entries(record::fact_id(row.fact));
    return {own.begin(), own.end()};
  }

  // From a month before the transplant, or the first entry of the tracks, to the day asked about and the
  // last entry.
  void find_days() {
    const auto zero = view_.day_zero();
    if (zero) figure_.day_zero = zero->first;
    std::optional<Day> first, last;
    for (const TrackFact& row : track_facts()) {
      for (const record::Entry* entry : entries_of(row)) {
        if (!first || entry->when.first < *first) first = entry->when.first;
        const Day end = std::min(entry->until ? entry->until->last : entry->when.last, view_.as_of());
        if (!last || end > *last) last = end;
      }
    }
    const Day begin = first.value_or(view_.as_of() - days_before_transplant);
    figure_.first_day = zero ? std::max(begin, zero->first - days_before_transplant) : begin;
    figure_.first_day = std::min(figure_.first_day, view_.as_of() - 1);
    figure_.last_day = std::max(view_.as_of(), last.value_or(view_.as_of()));
    const int days = figure_.last_day - figure_.first_day;
    figure_.last_day = figure_.last_day + std::max(7, days / 25);
    figure_.today = x(view_.as_of());
    for (const TrackFact& row : track_facts()) {
      for (const record::Entry* entry : entries_of(row)) {
        if (entry->when.last < figure_.first_day && !entry->until) ++figure_.n_earlier;
      }
    }
  }

  double x(Day day) const {
    const double share = double(day - figure_.first_day) / std::max(1, figure_.last_day - figure_.first_day);
    return figure_.left + (figure_.right - figure_.left) * std::clamp(share, 0.0, 1.0);
  }

  bool is_drawn(const record::Entry& entry) const { return entry.when.last >= figure_.first_day; }

  TimelineMark mark_of(const record::Entry& entry, MarkShape shape, double y) const {
    TimelineMark mark;
    mark.entry = static_cast<std::size_t>(&entry - first_entry(view_.timeline()));
    mark.shape = shape;
    mark.x = x(entry.when.first);
    mark.y = y;
    mark.title = record::to_text(entry);
    mark.date = record::days_text(entry);
    if (entry.when.precision != DatePrecision::day) {  // some day of these
      mark.shape = MarkShape::unknown;
      mark.x2 = x(entry.when.last);
    }
    if (!entry.unusable.empty()) {
      mark.shape = MarkShape::unknown;
      mark.x2 = std::max(mark.x2, mark.x + 8.0);
    }
    return mark;
  }

  void draw(std::string_view id, TimelineTrack& track) {
    if (id == "header") return draw_header(track);
    if (id == "disease") return draw_disease(track);
    if (id == "chimerism") return draw_chimerism(track);
    if (id == "dli") return draw_infusions(track);
    draw_rows(track);
  }

  // Events in two rows, so that the names of neighbours do not meet.
  void draw_header(TimelineTrack& track) {
    track.height = header_height;
    std::vector<const record::Entry*> events;
    for (const TrackFact& row : rows_of("header")) {
      for (const record::Entry* entry : entries_of(row)) {
        if (is_drawn(*entry) && std::get_if<bool>(&entry->value) != nullptr && std::get<bool>(entry->value)) {
          events.push_back(entry);
        }
      }
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const auto* a, const auto* b) { return a->when.first < b->when.first; });
    std::array<double, 2> free_from{0.0, 0.0};
    for (const record::Entry* entry : events) {
      const double at = x(entry->when.first);
      const std::size_t row = at >= free_from[0] ? 0 : 1;
      TimelineMark mark = mark_of(*entry, MarkShape::square, track.y + 14.0 + 20.0 * double(row));
      mark.label = std::string(record::fact(entry->fact).phrase);
      free_from[row] = at + 16.0 + 6.0 * double(mark.label.size());
      track.marks.push_back(std::move(mark));
    }
  }

  static std::vector<TrackFact> rows_of(std::string_view track) {
    std::vector<TrackFact> rows;
    for (const TrackFact& row : track_facts()) {
      if (row.track == track) rows.push_back(row);
    }
    return rows;
  }

  // A row of statements, and below it levels on a logarithmic axis of powers of ten.
  void draw_disease(TimelineTrack& track) {
    const double status_y = track.y + 12.0;
    double smallest = 0.01;
    for (const TrackFact& row : rows_of("disease")) {
      if (row.drawing != Drawing::log_level) continue;
      for (const record::Entry* entry : entries_of(row)) {
        const auto number = number_of(*entry);
        if (number && number->value > 0.0) smallest = std::min(smallest, number->value);
      }
    }
    const int decades = 2 - static_cast<int>(std::floor(std::log10(smallest)));
    const double top = track.y + row_height + 8.0;
    const double bottom = top + axis_height;
    const auto level_y = [&](double percent) {
      const double above = std::log10(std::max(percent, 1e-9)) - (2.0 - decades);
      return bottom - (bottom - top) * std::clamp(above / decades, 0.0, 1.0);
    };
    for (int power = 2 - decades; power <= 2; ++power) {
      if (decades > 5 && (2 - power) % 2 != 0) continue;
      track.scale.push_back({level_y(std::pow(10.0, power)), fmt::format("{} %", plain_power(power))});
    }
    track.height = row_height + 8.0 + axis_height + 6.0;
    double label_free_from = 0.0;
    std::vector<Day> with_level;
    for (const TrackFact& row : rows_of("disease")) {
      if (row.drawing != Drawing::log_level) continue;
      TimelineLine line{{}, std::string(row.row)};
      for (const record::Entry* entry : entries_of(row)) {
        if (!is_drawn(*entry)) continue;
        with_level.push_back(entry->when.first);
        const auto number = number_of(*entry);
        const bool is_below = number && (number->comparator == Comparator::less ||
                                         number->comparator == Comparator::less_or_equal);
        TimelineMark mark = mark_of(*entry, is_below ? MarkShape::open : MarkShape::dot,
                                    level_y(number ? number->value : 0.0));
        mark.series = row.row;
        if (number && !is_below) line.points.push_back({mark.x, mark.y});
        if (is_below) {  // the assay's limit, as a short line through the open mark
          track.lines.push_back({{{mark.x - 9.0, mark.y}, {mark.x + 9.0, mark.y}}, ""});
        }
        track.marks.push_back(std::move(mark));
      }
      if (line.points.size() > 1) track.lines.push_back(std::move(line));
    }
    for (const TrackFact& row : rows_of("disease")) {
      if (row.drawing == Drawing::log_level) continue;
      for (const record::Entry* entry : entries_of(row)) {
        if (!is_drawn(*entry)) continue;
        if (row.drawing == Drawing::result) {
          if (std::find(with_level.begin(), with_level.end(), entry->when.first) != with_level.end())
            continue;
          const auto* level = std::get_if<record::Level>(&entry->value);
          const bool is_negative = level != nullptr && level->low == 0 && level->high == 0;
          TimelineMark mark = mark_of(*entry, is_negative ? MarkShape::open : MarkShape::dot,
                                      is_negative ? bottom : level_y(1.0));
          if (level == nullptr || level->low != level->high) {
            mark.shape = MarkShape::unknown;
            mark.x2 = std::max(mark.x2, mark.x + 8.0);
          }
          mark.series = row.row;
          mark.label = record::value_text(*entry);
          if (mark.x < label_free_from) mark.label.clear();
          if (!mark.label.empty()) label_free_from = mark.x + 14.0 + 6.0 * double(mark.label.size());
          track.marks.push_back(std::move(mark));
        } else {
          track.marks.push_back(statement(*entry, status_y));
        }
      }
    }
    drop_meeting_labels(track, status_y);
  }

  static std::string plain_power(int power) {
    if (power >= 0) return fmt::format("{:.0f}", std::pow(10.0, power));
    return fmt::format("{:.{}f}", std::pow(10.0, power), -power);
  }

  TimelineMark statement(const record::Entry& entry, double y) const {
    const bool* said = std::get_if<bool>(&entry.value);
    const auto* level = std::get_if<record::Level>(&entry.value);
    const std::string_view fact = record::fact(entry.fact).id;
    const bool is_bad = fact.find("relapse") != std::string_view::npos || fact == "progression";
    TimelineMark mark = mark_of(entry,
                                said != nullptr && !*said ? MarkShape::cross
                                : is_bad                  ? MarkShape::triangle
                                                          : MarkShape::dot,
                                y);
    mark.label = level != nullptr ? record::value_text(entry) : std::string(record::fact(entry.fact).phrase);
    if (said != nullptr && !*said) mark.label = fmt::format("no {}", mark.label);
    mark.series = fact;
    return mark;
  }

  // Of labels in one row, those that would run into the one before are left to the hover and the table.
  static void drop_meeting_labels(TimelineTrack& track, double y) {
    std::vector<TimelineMark*> row;
    for (TimelineMark& mark : track.marks) {
      if (mark.y == y) row.push_back(&mark);
    }
    std::stable_sort(row.begin(), row.end(), [](const auto* a, const auto* b) { return a->x < b->x; });
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const double end = row[i]->x + 14.0 + 6.2 * double(row[i]->label.size());
      if (end > row[i + 1]->x - 6.0) row[i]->label.clear();
    }
  }

  void draw_chimerism(TimelineTrack& track) {
    const double top = track.y + 8.0;
    const double bottom = top + axis_height;
    track.height = axis_height + 16.0;
    const auto percent_y = [&](double percent) {
      return bottom - (bottom - top) * std::clamp(percent / 100.0, 0.0, 1.0);
    };
    for (const int percent : {0, 50, 100})
      track.scale.push_back({percent_y(percent), fmt::format("{} %", percent)});
    const std::array shapes{MarkShape::dot, MarkShape::square, MarkShape::triangle, MarkShape::diamond};
    std::size_t lineage = 0;
    for (const TrackFact& row : rows_of("chimerism")) {
      const MarkShape shape = shapes[std::min(lineage++, shapes.size() - 1)];
      TimelineLine line{{}, std::string(row.row)};
      std::optional<Day> before;
      std::optional<std::size_t> newest;
      for (const record::Entry* entry : entries_of(row)) {
        if (!is_drawn(*entry)) continue;
        const auto number = number_of(*entry);
        TimelineMark mark = mark_of(*entry, shape, percent_y(number ? number->value : 0.0));
        mark.series = row.row;
        if (number) {
          if (before && entry->when.first - *before > longest_join && line.points.size() > 1) {
            track.lines.push_back(line);
          }
          if (before && entry->when.first - *before > longest_join) line.points.clear();
          line.points.push_back({mark.x, mark.y});
          before = entry->when.first;
        }
        newest = track.marks.size();
        track.marks.push_back(std::move(mark));
      }
      if (line.points.size() > 1) track.lines.push_back(std::move(line));
      if (newest) track.marks[*newest].label = std::string(row.row);
    }
    spread_labels(track);
  }

  // The newest values of two lineages may be alike: names that would lie on each other stand side by side.
  static void spread_labels(TimelineTrack& track) {
    std::vector<TimelineMark*> labelled;
    for (TimelineMark& mark : track.marks) {
      if (!mark.label.empty()) labelled.push_back(&mark);
    }
    for (std::size_t i = 0; i < labelled.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const bool meets = std::abs(labelled[i]->x - labelled[j]->x) < 36.0 &&
                           std::abs(labelled[i]->y - labelled[j]->y) < 12.0 && !labelled[j]->label.empty();
        if (!meets) continue;
        labelled[j]->label += ", " + labelled[i]->label;
        labelled[i]->label.clear();
        break;
      }
    }
  }

  void draw_infusions(TimelineTrack& track) {
    track.height = 2 * row_height;
    int number = 0;
    double free_from = 0.0;
    for (const TrackFact& row : rows_of("dli")) {
      for (const record::Entry* entry : entries_of(row)) {
        if (!is_drawn(*entry)) continue;
        const bool* said = std::get_if<bool>(&entry->value);
        const bool was_given = said == nullptr || *said;
        TimelineMark mark =
            mark_of(*entry, was_given ? MarkShape::diamond : MarkShape::cross, track.y + 14.0);
        if (was_given) {
          const std::string dose = short_dose(*entry);
          mark.label = fmt::format("DLI {}{}{}", ++number, dose.empty() ? "" : ", ", dose);
        } else {
          mark.label = "no DLI";
        }
        if (mark.x < free_from) mark.y += row_height - 4.0;
        free_from = mark.x + 14.0 + 6.4 * double(mark.label.size());
        track.marks.push_back(std::move(mark));
      }
    }
    // The last labels would leave the figure: they turn to the left of their marks in the SVG.
  }

  // Bars, grades and small curves, one row below the other; rows without entries take no room.
  void draw_rows(TimelineTrack& track) {
    struct Row {
      std::string_view name;
      std::vector<TrackFact> facts;
      bool has_scale = false;
    };
    std::vector<Row> rows;
    for (const TrackFact& fact : rows_of(track.id)) {
      if (!has_anything(fact)) continue;
      const auto at =
          std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == fact.row; });
      Row& row = at == rows.end() ? rows.emplace_back(Row{fact.row, {}, false}) : *at;
      row.facts.push_back(fact);
      row.has_scale = row.has_scale || fact.drawing == Drawing::own_scale;
    }
    const bool is_always_shown = track.id == "immunosuppression" || track.id == "gvhd";
    if (rows.empty()) {
      track.height = is_always_shown ? row_height : 0.0;
      return;
    }
    double y = track.y;
    for (const Row& row : rows) {
      const double height = row.has_scale ? lab_height : row_height;
      track.scale.push_back({y + height / 2, std::string(row.name)});
      for (const TrackFact& fact : row.facts) {
        if (fact.drawing == Drawing::own_scale) {
          draw_curve(track, fact, y, height);
        } else if (fact.drawing == Drawing::stretch) {
          draw_stretches(track, fact, y + height / 2);
        } else {
          draw_grades(track, fact, y + height / 2);
        }
      }
      y += height;
    }
    track.height = y - track.y;
  }

  bool has_anything(const TrackFact& fact) const {
    const auto entries = entries_of(fact);
    return std::any_of(entries.begin(), entries.end(), [&](const record::Entry* entry) {
      return is_drawn(*entry) || entry->until || record::fact(entry->fact).type == record::FactType::course;
    });
  }

  void draw_stretches(TimelineTrack& track, const TrackFact& row, double y) {
    const record::FactId fact = record::fact_id(row.fact);
    for (const record::Stretch& stretch : view_.stretches(fact)) {
      const record::Entry* entry = stretch.entry;
      if (entry == nullptr || entry->fact != fact) continue;  // members have rows of their own
      const bool starts_somewhere = stretch.began.first <= record::earliest_day;
      const Day certain_from = std::max(stretch.began.last, figure_.first_day);
      const Day end = stretch.ended ? stretch.ended->first : view_.as_of();
      if (end < figure_.first_day) continue;
      if (starts_somewhere || stretch.began.first != stretch.began.last) {
        TimelineMark open = mark_of(*entry, MarkShape::unknown, y);
        open.shape = MarkShape::unknown;
        open.x = x(std::max(stretch.began.first, figure_.first_day));
        open.x2 = x(certain_from);
        open.series = row.row;
        track.marks.push_back(std::move(open));
      }
      TimelineMark bar = mark_of(*entry, MarkShape::bar, y);
      bar.shape = stretch.holds == Truth::yes ? MarkShape::bar : MarkShape::unknown;
      bar.x = x(certain_from);
      bar.x2 = std::max(x(end), bar.x + 2.0);
      bar.series = row.row;
      if (stretch.ended) {
        bar.date =
            fmt::format("{} to {}", graftline::to_text(stretch.began), graftline::to_text(*stretch.ended));
        bar.title = fmt::format("{}, {}", record::fact(entry->fact).phrase, bar.date);
      }
      track.marks.push_back(std::move(bar));
      if (stretch.ended && stretch.ended->last != stretch.ended->first) {
        TimelineMark open = mark_of(*entry, MarkShape::unknown, y);
        open.shape = MarkShape::unknown;
        open.x = x(stretch.ended->first);
        open.x2 = x(std::min(stretch.ended->last, view_.as_of()));
        open.series = row.row;
        track.marks.push_back(std::move(open));
      }
    }
    for (const record::Entry* entry : entries_of(row)) {  // documented not to hold
      const bool* said = std::get_if<bool>(&entry->value);
      if (said == nullptr || *said || !is_drawn(*entry)) continue;
      TimelineMark none = mark_of(*entry, MarkShape::cross, y);
      none.series = row.row;
      none.label = options_.language == Language::chinese ? "无" : "no";
      track.marks.push_back(std::move(none));
    }
  }

  void draw_grades(TimelineTrack& track, const TrackFact& row, double y) {
    for (const record::Entry* entry : entries_of(row)) {
      if (!is_drawn(*entry)) continue;
      const auto* level = std::get_if<record::Level>(&entry->value);
      TimelineMark mark = mark_of(*entry, MarkShape::dot, y);
      mark.series = row.row;
      mark.label = record::value_text(*entry);
      if (level != nullptr) mark.level = level->high;
      track.marks.push_back(std::move(mark));
    }
  }

  void draw_curve(TimelineTrack& track, const TrackFact& row, double y, double height) {
    double highest = 0.0;
    std::vector<std::pair<const record::Entry*, std::optional<Number>>> values;
    for (const record::Entry* entry : entries_of(row)) {
      if (!is_drawn(*entry)) continue;
      const auto number = number_of(*entry);
      if (number) highest = std::max(highest, number->value);
      values.emplace_back(entry, number);
    }
    const double bottom = y + height - 5.0;
    const double top = y + 7.0;
    TimelineLine line{{}, std::string(row.row)};
    for (const auto& [entry, number] : values) {
      const double share = number && highest > 0.0 ? number->value / highest : 0.0;
      TimelineMark mark = mark_of(*entry, MarkShape::dot, bottom - (bottom - top) * share);
      mark.series = row.row;
      if (number) line.points.push_back({mark.x, mark.y});
      track.marks.push_back(std::move(mark));
    }
    if (!values.empty() && values.back().second) {
      track.marks.back().label = short_number(values.back().second->value);
    }
    if (line.points.size() > 1) track.lines.push_back(std::move(line));
  }

  // Days up to +100, then months; those that would stand too close are left out, the later ones first.
  void place_ticks() {
    std::vector<TimelineTick> wanted;
    const bool is_chinese = options_.language == Language::chinese;
    if (figure_.day_zero) {
      const Day zero = *figure_.day_zero;
      const auto add = [&](Day day, std::string label) {
        if (day >= figure_.first_day && day <= figure_.last_day)
          wanted.push_back({x(day), std::move(label), day});
      };
      add(zero, is_chinese ? "移植日" : "day 0");
      add(zero + 100, "+100");
      for (const int days : {30, 60}) add(zero + days, fmt::format("+{}", days));
      for (int months = 6; months <= 600 && add_months(zero, months) <= figure_.last_day; months += 6) {
        add(add_months(zero, months), fmt::format("+{} {}", months, is_chinese ? "月" : "mo"));
      }
      add(zero - days_before_transplant, fmt::format("-{}", days_before_transplant));
    } else {
      const int span = figure_.last_day - figure_.first_day;
      for (int i = 0; i <= 6; ++i) {
        const Day day = figure_.first_day + span * i / 6;
        wanted.push_back({x(day), graftline::to_text(day), day});
      }
    }
    const double spacing = figure_.day_zero ? tick_spacing : 1.6 * tick_spacing;
    for (TimelineTick& tick : wanted) {
      const bool is_free = std::none_of(figure_.ticks.begin(), figure_.ticks.end(), [&](const auto& placed) {
        return std::abs(placed.x - tick.x) < spacing;
      });
      if (is_free) figure_.ticks.push_back(std::move(tick));
    }
    std::sort(figure_.ticks.begin(), figure_.ticks.end(),
              [](const TimelineTick& a, const TimelineTick& b) { return a.x < b.x; });
  }

  const record::View& view_;
  const TimelineOptions& options_;
  TimelineFigure figure_;
};

}  // namespace

std::string_view name(MarkShape shape) {
  constexpr std::array<std::string_view, 9> words{"dot",     "square",  "triangle", "open", "bar",
                                                  "unknown", "diamond", "planned",  "cross"};
  return words[static_cast<std::size_t>(shape)];
}

std::string_view track_of(record::FactId fact) {
  const std::string_view id = record::fact(fact).id;
  for (const TrackFact& row : track_facts()) {
    if (row.fact == id) return row.track;
  }
  return {};
}

TimelineFigure timeline_figure(const record::View& view, const TimelineOptions& options) {
  return Drawer(view, options).draw();
}

}  // namespace graftline::report
