#include "report/figure/survival_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figure/axis.h"
#include "report/figure/text_width.h"
#include "report/figure/words.h"

namespace graftline::report {
namespace {

constexpr double points_per_mm = 72.0 / 25.4;
constexpr double text_size = 8.0;
constexpr double small_text = 6.5;
constexpr double line_height = 10.0;

std::string tick_text(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{:g}", value);
}

struct Frame {
  Point from, to;
  double last = 1.0;  // time at the right end
  double x(double time) const { return from.x + (to.x - from.x) * std::min(time, last) / last; }
  double y(double value) const { return to.y - (to.y - from.y) * value; }
};

// The corners of a right-continuous step function, without those that no printer could tell apart.
std::vector<Point> steps(const std::vector<double>& time, const std::vector<double>& value, double start,
                         const Frame& frame, double from_time, double until) {
  std::vector<Point> corners;
  double level = start;
  std::size_t i = 0;
  for (; i < time.size() && time[i] <= from_time; ++i)
    if (!std::isnan(value[i])) level = value[i];
  corners.push_back({frame.x(from_time), frame.y(level)});
  for (; i < time.size() && time[i] <= until; ++i) {
    if (std::isnan(value[i])) break;
    if (value[i] == level) continue;
    const double x = frame.x(time[i]);
    const double y = frame.y(value[i]);
    level = value[i];
    if (corners.size() > 2 && x - corners.back().x < 0.05 && x - corners[corners.size() - 2].x < 0.05) {
      corners.back().y = y;  // a fall within a twentieth of a point
      continue;
    }
    corners.push_back({x, corners.back().y});
    corners.push_back({x, y});
  }
  corners.push_back({frame.x(until), frame.y(level)});
  return corners;
}

double value_at(const analysis::Curve& curve, double time) {
  const auto after = std::upper_bound(curve.time.begin(), curve.time.end(), time);
  return after == curve.time.begin() ? curve.start
                                     : curve.value[static_cast<std::size_t>(after - curve.time.begin()) - 1];
}

// Rises or falls where a limit is not defined are left out: the band ends with its last defined limits.
std::vector<Point> band_of(const analysis::Curve& curve, const Frame& frame, double until) {
  std::vector<double> time, lower, upper;
  for (std::size_t i = 0; i < curve.time.size() && curve.time[i] <= until; ++i) {
    if (i >= curve.lower.size() || std::isnan(curve.lower[i]) || std::isnan(curve.upper[i])) continue;
    time.push_back(curve.time[i]);
    lower.push_back(curve.lower[i]);
    upper.push_back(curve.upper[i]);
  }
  if (time.empty()) return {};
  std::vector<Point> outline = steps(time, upper, curve.start, frame, 0.0, until);
  std::vector<Point> back = steps(time, lower, curve.start, frame, 0.0, until);
  outline.insert(outline.end(), back.rbegin(), back.rend());
  return outline;
}

const analysis::RiskCounts* risk_of(const analysis::Figure& figure, const std::string& group) {
  for (const auto& risk : figure.risk)
    if (risk.group == group) return &risk;
  return nullptr;
}

double n_at_risk(const analysis::RiskCounts& risk, double time) {
  const auto at = std::lower_bound(risk.time.begin(), risk.time.end(), time);
  return at == risk.time.end() ? 0.0 : risk.n_at_risk[static_cast<std::size_t>(at - risk.time.begin())];
}

// Events or censorings before a time: with those at risk at it they are everybody.
double before(const analysis::RiskCounts& risk, const std::vector<double>& counts, double time) {
  double sum = 0.0;
  for (std::size_t i = 0; i < risk.time.size() && risk.time[i] < time; ++i) sum += counts[i];
  return sum;
}

// The first time at which fewer than enough are at risk, or the end of the curve.
double enough_until(const analysis::RiskCounts* risk, double few, double end) {
  if (risk == nullptr) return end;
  bool reached = false;  // delayed entry may begin with few
  for (std::size_t i = 0; i < risk->time.size(); ++i) {
    reached = reached || risk->n_at_risk[i] >= few;
    if (reached && risk->n_at_risk[i] < few) return std::min(end, risk->time[i]);
  }
  return reached ? end : 0.0;
}

std::string join(const std::string& group, const std::string& event) {
  if (group.empty()) return event;
  return event.empty() ? group : group + ", " + event;
}

// Names of the groups in order, and of the events.
struct Names {
  std::vector<std::string> groups, events;
};
int place_of(std::vector<std::string>& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<int>(at - names.begin());
  names.push_back(name);
  return static_cast<int>(names.size()) - 1;
}

class Composer {
 public:
  Composer(const analysis::Figure& figure, const FigureOptions& options)
      : figure_(figure), options_(options), words_(figure_words(options.language)) {}

  FigureLayout compose() {
    for (const auto& curve : figure_.curves) {
      place_of(names_.groups, curve.group);
      place_of(names_.events, curve.event);
      if (!curve.time.empty()) last_ = std::max(last_, curve.time.back());
    }
    frame();
    axes();
    curves();
    labels();
    table();
    foot();
    return std::move(out_);
  }

 private:
  void text(double x, double y, std::string words, char anchor = 's', double size = text_size,
            bool bold = false, int style = -1) {
    PlacedText placed{{x, y}, std::move(words), anchor, bold, false, size, style};
    out_.texts.push_back(std::move(placed));
  }

  double widest_row_name() const {
    double width = 0.0;
    for (const std::string_view name : {words_.at_risk, words_.censored, words_.events})
      width = std::max(width, text_width(name, small_text));
    return width;
  }
  double widest_curve_name() const {
    double width = 0.0;
    for (const auto& curve : figure_.curves)
      width = std::max(width, text_width(curve_name(curve), small_text));
    return width;
  }
  std::string curve_name(const analysis::Curve& curve) const {
    const bool one_event = names_.events.size() == 1;
    const std::string name = join(curve.group, one_event ? "" : curve.event);
    return name;
  }

  // Whether names at the ends of the curves would not touch.
  bool ends_apart(double height) const {
    std::vector<double> ends;
    for (const auto& curve : figure_.curves) ends.push_back(value_at(curve, frame_last()) * height);
    std::sort(ends.begin(), ends.end());
    for (std::size_t i = 1; i < ends.size(); ++i)
      if (ends[i] - ends[i - 1] < small_text + 1.0) return false;
    return true;
  }
  double frame_last() const { return options_.ticks.empty() ? last_ : options_.ticks.back(); }

  void frame() {
    const bool wide = options_.width == FigureWidth::two_columns;
    out_.width = (wide ? 175.0 : 85.0) * points_per_mm;
    ticks_ = options_.ticks;
    if (ticks_.empty()) ticks_ = axis_ticks(last_, options_.unit, wide ? 10 : 6);
    if (ticks_.front() != 0.0) ticks_.insert(ticks_.begin(), 0.0);
    double most = 0.0;
    for (const auto& risk : figure_.risk) most = std::max(most, risk.n);
    const double count_width = text_width(fmt::format("{:g}", std::round(most)), small_text);
    const double left = std::max(34.0, 4.0 + widest_row_name() + 5.0 + count_width / 2);
    // Labels at the ends of the curves need room; names too long for it go to the legend.
    const double name_width = widest_curve_name();
    const double height = wide ? 210.0 : 150.0;
    direct_ = figure_.curves.size() > 1 && name_width < (wide ? 110.0 : 62.0) && ends_apart(height);
    const double right =
        std::max(text_width(tick_text(ticks_.back()), text_size) / 2 + 4.0, direct_ ? name_width + 8.0 : 0.0);
    frame_.from = {left, 8.0};
    frame_.to = {out_.width - right, 8.0 + height};
    frame_.last = std::max(ticks_.back(), options_.ticks.empty() ? last_ : 0.0);
    if (!(frame_.last > 0.0)) frame_.last = 1.0;
    out_.plot_from = frame_.from;
    out_.plot_to = frame_.to;
  }

  void axes() {
    for (int percent = 0; percent <= 100; percent += 20) {
      const double y = frame_.y(percent / 100.0);
      out_.y_ticks.push_back(y);
      text(frame_.from.x - 5.0, y + 2.8, fmt::format("{}", percent), 'e');
    }
    for (const double tick : ticks_) {
      out_.x_ticks.push_back(frame_.x(tick));
      text(frame_.x(tick), frame_.to.y + 12.0, tick_text(tick), 'm');
    }
    std::string y_label = options_.y_label;
    if (y_label.empty())
      y_label = figure_.kind == analysis::FigureKind::survival    ? words_.survival
                : figure_.kind == analysis::FigureKind::incidence ? words_.incidence
                : figure_.kind == analysis::FigureKind::current   ? words_.current
                                                                  : words_.occupancy;
    PlacedText label{{9.0, (frame_.from.y + frame_.to.y) / 2}, y_label, 'm', false, true, text_size, -1};
    out_.texts.push_back(std::move(label));
    std::string unit(unit_word(words_, options_.unit));
    if (options_.origin.empty() && unit.front() >= 'A' && unit.front() <= 'Z')
      unit.front() = static_cast<char>(unit.front() - 'A' + 'a');
    const std::string x_label = options_.origin.empty()
                                    ? fmt::format(fmt::runtime(words_.time_only), unit)
                                    : fmt::format(fmt::runtime(words_.time_since), unit, options_.origin);
    text((frame_.from.x + frame_.to.x) / 2, frame_.to.y + 23.0, x_label, 'm');
    below_ = frame_.to.y + 36.0;
  }

  bool is_competing(const analysis::Curve& curve) const {
    return names_.groups.size() > 1 && names_.events.size() > 1 &&
           curve.event != (options_.event.empty() ? names_.events.front() : options_.event);
  }

  void curves() {
    for (const auto& curve : figure_.curves) {
      PlacedCurve placed;
      const bool by_event = names_.groups.size() == 1 && names_.events.size() > 1;
      placed.style = by_event ? place_of(names_.events, curve.event) : place_of(names_.groups, curve.group);
      placed.lighter = is_competing(curve);
      placed.name = curve_name(curve);
      const double end = std::min(curve.time.empty() ? 0.0 : curve.time.back(), frame_.last);
      if (figure_.kind == analysis::FigureKind::occupancy || figure_.kind == analysis::FigureKind::current) {
        placed.thick = steps(curve.time, curve.value, curve.start, frame_, 0.0, end);
        if (options_.bands) placed.band = band_of(curve, frame_, end);
      } else {
        const auto* risk = risk_of(figure_, curve.group);
        const double enough = enough_until(risk, options_.few_at_risk, end);
        placed.thick = steps(curve.time, curve.value, curve.start, frame_, 0.0, enough);
        if (enough < end) {
          placed.thin = steps(curve.time, curve.value, curve.start, frame_, enough, end);
          any_thin_ = true;
        }
        if (options_.bands && !placed.lighter) placed.band = band_of(curve, frame_, end);
        if (options_.censor_ticks && figure_.kind == analysis::FigureKind::survival && risk != nullptr)
          censor_ticks(curve, *risk, placed);
      }
      out_.curves.push_back(std::move(placed));
    }
  }

  void censor_ticks(const analysis::Curve& curve, const analysis::RiskCounts& risk,
                    PlacedCurve& placed) const {
    double last_x = -1.0;
    for (std::size_t i = 0; i < risk.time.size(); ++i) {
      if (risk.n_censored[i] <= 0.0 || risk.time[i] > frame_.last) continue;
      const double x = frame_.x(risk.time[i]);
      if (x - last_x < 0.4) continue;  // one tick is as good as two that touch
      placed.ticks.push_back({x, frame_.y(value_at(curve, risk.time[i]))});
      last_x = x;
    }
  }

  // Names at the ends of the curves where they do not touch; else a legend.
  void labels() {
    if (out_.curves.size() < 2) return;
    if (direct_) {
      for (const PlacedCurve& curve : out_.curves) {
        const Point& end = (curve.thin.empty() ? curve.thick : curve.thin).back();
        text(end.x + 4.0, end.y + 2.3, curve.name, 's', small_text, false, curve.style);
      }
      return;
    }
    legend();
  }

  void legend() {
    const double name_width = widest_curve_name();
    const double column = name_width + 34.0;
    const double room = frame_.to.x - frame_.from.x;
    const int columns = std::max(1, static_cast<int>(room / column));
    for (std::size_t c = 0; c < out_.curves.size(); ++c) {
      const double x = frame_.from.x + static_cast<double>(static_cast<int>(c) % columns) * column;
      const double y = below_ + static_cast<double>(static_cast<int>(c) / columns) * line_height;
      PlacedCurve stroke;
      stroke.style = out_.curves[c].style;
      stroke.lighter = out_.curves[c].lighter;
      stroke.thick = {{x, y - 2.5}, {x + 20.0, y - 2.5}};
      out_.legend.push_back(std::move(stroke));
      text(x + 24.0, y, out_.curves[c].name, 's', small_text, false, out_.curves[c].style);
    }
    below_ += std::ceil(static_cast<double>(out_.curves.size()) / columns) * line_height + 4.0;
  }

  void table() {
    if (figure_.risk.empty()) return;
    for (std::size_t g = 0; g < figure_.risk.size(); ++g) {
      const auto& risk = figure_.risk[g];
      const std::string name = risk.group.empty() ? std::string(words_.all) : risk.group;
      text(4.0, below_, name, 's', small_text, true, figure_.risk.size() > 1 ? static_cast<int>(g) : -1);
      below_ += line_height - 1.0;
      auto& rows = out_.table.emplace_back();
      for (const auto& [label, what] :
           {std::pair{words_.at_risk, 0}, {words_.censored, 1}, {words_.events, 2}}) {
        text(4.0, below_, std::string(label), 's', small_text);
        auto& row = rows.emplace_back();
        for (const double tick : ticks_) {
          const double value = what == 0   ? n_at_risk(risk, tick)
                               : what == 1 ? before(risk, risk.n_censored, tick)
                                           : before(risk, risk.n_event, tick);
          row.push_back(value);
          text(frame_.x(tick), below_, fmt::format("{:g}", std::round(value * 10.0) / 10.0), 'm', small_text);
        }
        below_ += line_height - 1.5;
      }
      below_ += 3.0;
    }
  }

  void foot() {
    std::vector<std::string> lines;
    if (!figure_.test.empty()) lines.push_back(figure_.test);
    if (any_thin_)
      lines.push_back(
          fmt::format(fmt::runtime(words_.few_at_risk), fmt::format("{:g}", options_.few_at_risk)));
    if (!options_.footer.empty()) lines.push_back(options_.footer);
    for (const std::string& line : lines) {
      // Long lines are broken at blanks.
      std::string part;
      std::size_t at = 0;
      while (at <= line.size()) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        const std::string word = line.substr(at, end - at);
        if (!part.empty() && text_width(part + " " + word, 5.5) > out_.width - 8.0) {
          text(4.0, below_, part, 's', 5.5);
          below_ += 7.0;
          part.clear();
        }
        part += (part.empty() ? "" : " ") + word;
        at = end + 1;
      }
      text(4.0, below_, part, 's', 5.5);
      below_ += 7.0;
    }
    out_.height = below_ + 1.0;
  }

  const analysis::Figure& figure_;
  const FigureOptions& options_;
  const FigureWords& words_;
  FigureLayout out_;
  Names names_;
  Frame frame_;
  std::vector<double> ticks_;
  double last_ = 0.0;
  double below_ = 0.0;
  bool direct_ = true;
  bool any_thin_ = false;
};

}  // namespace

FigureLayout layout(const analysis::Figure& figure, const FigureOptions& options) {
  return Composer(figure, options).compose();
}

}  // namespace graftline::report
