#include "report/figure/forest_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figure/text_width.h"
#include "report/figure/words.h"

namespace graftline::report {
namespace {

constexpr double points_per_mm = 72.0 / 25.4;
constexpr double size = 7.0;
constexpr double small = 5.5;
constexpr double row_height = 12.0;
constexpr double furthest = 50.0;  // nothing is read off an axis beyond

std::string ratio_text(double x) {
  if (x >= 99.5) return fmt::format("{:.0f}", x);
  return x >= 9.95 ? fmt::format("{:.1f}", x) : fmt::format("{:.2f}", x);
}

std::string p_text(double p) {
  if (std::isnan(p)) return "";
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

std::string numbers_text(const analysis::Effect& e, const FigureWords& words) {
  if (std::isnan(e.ratio)) return "-";
  if (std::isnan(e.lower)) return ratio_text(e.ratio);
  return fmt::format("{} ({})", ratio_text(e.ratio),
                     fmt::format(fmt::runtime(words.from_to), ratio_text(e.lower), ratio_text(e.upper)));
}

struct Axis {
  double left = 0.0, right = 1.0;
  double from = 0.5, to = 2.0;
  double at(double ratio) const {
    const double part = (std::log(ratio) - std::log(from)) / (std::log(to) - std::log(from));
    return left + (right - left) * std::clamp(part, 0.0, 1.0);
  }
};

// The interval as a stroke, with an arrow where it goes on beyond the axis.
void add_interval(const analysis::Effect& e, const Axis& axis, double y, FigureLayout& out) {
  PlacedCurve line;
  line.lighter = true;
  line.thick = {{axis.at(e.lower), y}, {axis.at(e.upper), y}};
  out.curves.push_back(line);
  for (const auto& [beyond, x, inward] :
       {std::tuple{e.lower < axis.from, axis.left, 3.0}, std::tuple{e.upper > axis.to, axis.right, -3.0}}) {
    if (!beyond) continue;
    PlacedCurve arrow;
    arrow.lighter = true;
    arrow.thick = {{x + inward, y - 2.0}, {x, y}, {x + inward, y + 2.0}};
    out.curves.push_back(std::move(arrow));
  }
}

}  // namespace

std::vector<double> ratio_ticks(double from, double to) {
  std::vector<double> ticks;
  const int first = static_cast<int>(std::floor(std::log10(from))) - 1;
  for (int decade = first; ticks.empty() || ticks.back() < to; ++decade)
    for (const double digit : {1.0, 2.0, 5.0}) {
      const double tick = digit * std::pow(10.0, decade);
      if (tick <= from * (1 + 1e-9)) ticks.clear();
      ticks.push_back(tick);
      if (tick >= to * (1 - 1e-9)) break;
    }
  if (to > 2.2 * from) return ticks;
  for (const double step : {0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5}) {
    const double begin = std::floor(from / step + 1e-9) * step;
    const double end = std::ceil(to / step - 1e-9) * step;
    if (begin <= 0.0 || (end - begin) / step > 6.5 || (end - begin) / step < 1.5) continue;
    ticks.clear();
    const auto steps = static_cast<int>(std::lround((end - begin) / step));
    for (int i = 0; i <= steps; ++i) ticks.push_back(begin + step * i);
    return ticks;
  }
  return ticks;
}

FigureLayout forest_layout(const analysis::Figure& figure, const FigureOptions& options) {
  const FigureWords& words = figure_words(options.language);
  FigureLayout out;
  out.left_axis = false;
  out.width = (options.width == FigureWidth::two_columns ? 175.0 : 85.0) * points_per_mm;
  const auto text = [&out](double x, double y, std::string what, char anchor, double points, bool bold) {
    out.texts.push_back({{x, y}, std::move(what), anchor, bold, false, points, -1});
  };
  double names = 0.0, numbers = 0.0, lowest = 1.0, highest = 1.0;
  for (const auto& e : figure.effects) {
    names = std::max(names, text_width(e.label, size));
    numbers = std::max(numbers, text_width(numbers_text(e, words), size));
    for (const double x : {e.ratio, e.lower, e.upper})
      if (std::isfinite(x) && x > 0.0) {
        lowest = std::min(lowest, x);
        highest = std::max(highest, x);
      }
  }
  const double p_width = text_width("<0.001", size);
  numbers = std::max(numbers, text_width(words.ratio_and_limits, size));
  // Names too long for a column of their own stand above their interval.
  const bool above = names > 0.34 * out.width;
  Axis axis;
  axis.left = above ? 10.0 : names + 14.0;
  axis.right = out.width - numbers - p_width - 20.0;
  const std::vector<double> ticks =
      ratio_ticks(std::max(lowest, 1.0 / furthest), std::min(highest, furthest) * (1 + 1e-12));
  axis.from = ticks.front();
  axis.to = ticks.back();
  const double right_of_numbers = out.width - p_width - 9.0;
  double y = 12.0;
  text(right_of_numbers, y, std::string(words.ratio_and_limits), 'e', size, true);
  text(out.width - 4.0, y, "p", 'e', size, true);
  out.plot_from = {axis.left, y + 4.0};
  y += 4.0;
  for (const auto& e : figure.effects) {
    y += row_height;
    if (above) {
      text(4.0, y - 1.0, e.label, 's', size, false);
      y += row_height - 2.0;
    } else {
      text(4.0, y, e.label, 's', size, false);
    }
    text(right_of_numbers, y, numbers_text(e, words), 'e', size, false);
    text(out.width - 4.0, y, p_text(e.p), 'e', size, false);
    if (std::isnan(e.ratio)) continue;
    const double middle = y - size * 0.35;
    if (!std::isnan(e.lower)) add_interval(e, axis, middle, out);
    const double x = axis.at(e.ratio);
    out.boxes.push_back({{x - 2.2, middle - 2.2}, {x + 2.2, middle + 2.2}});
  }
  y += row_height * 0.6;
  out.plot_to = {axis.right, y};
  PlacedCurve one;
  one.style = 2;  // dotted
  one.lighter = true;
  one.thick = {{axis.at(1.0), out.plot_from.y}, {axis.at(1.0), y}};
  out.curves.insert(out.curves.begin(), std::move(one));
  double last_right = -1e9;
  for (const double tick : ticks) {
    const double x = axis.at(tick);
    const std::string label = fmt::format("{:g}", std::round(tick * 1e6) / 1e6);
    out.x_ticks.push_back(x);
    if (x - text_width(label, size) / 2 < last_right + 2.0) continue;
    text(x, y + 11.0, label, 'm', size, false);
    last_right = x + text_width(label, size) / 2;
  }
  const std::string_view ratio = figure.ratio == "hazard ratio" ? words.hazard_ratio
                                 : figure.ratio == "subdistribution hazard ratio"
                                     ? words.subdistribution_ratio
                                     : std::string_view(figure.ratio);
  text((axis.left + axis.right) / 2, y + 21.0, std::string(ratio), 'm', size, false);
  y += 33.0;
  for (const std::string& line : {figure.limits, options.footer}) {
    if (line.empty()) continue;
    text(4.0, y, line, 's', small, false);
    y += 7.0;
  }
  out.height = y + 1.0;
  return out;
}

}  // namespace graftline::report
