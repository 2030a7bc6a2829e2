#include "report/figure/power_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figure/strokes.h"
#include "report/html.h"

namespace graftline::report {
namespace {

// Points, 1/72 inch: 175 mm wide.
constexpr double width = 496.0;
constexpr double left = 46.0, right = 322.0, top = 12.0, bottom = 200.0;

std::string text(double x, double y, std::string_view anchor, std::string_view words,
                 std::string_view more = "") {
  return fmt::format(
      "<text x=\"{:.2f}\" y=\"{:.2f}\" font-size=\"8\" text-anchor=\"{}\" fill=\"#111\"{}>{}</text>\n", x, y,
      anchor, more, escaped(words));
}
std::string line(double x0, double y0, double x1, double y1, std::string_view stroke, double thick,
                 std::string_view dash = "") {
  return fmt::format("<path d=\"M{:.2f} {:.2f}L{:.2f} {:.2f}\" stroke=\"{}\" stroke-width=\"{}\"{}/>\n", x0,
                     y0, x1, y1, stroke, thick,
                     dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
}
double y_of(double share) { return bottom - std::clamp(share, 0.0, 1.0) * (bottom - top); }

// Round numbers between the least and the greatest value, at most eight.
std::vector<double> ticks_between(double low, double high) {
  const double span = high - low;
  double step = std::pow(10.0, std::floor(std::log10(span / 4.0)));
  for (const double times : {2.0, 2.5, 2.0}) {
    if (span / step > 8.0) step *= times;
  }
  std::vector<double> ticks;
  for (double at = std::ceil(low / step - 1e-9) * step; at <= high + 1e-9 * span; at += step)
    ticks.push_back(std::abs(at) < 1e-9 * step ? 0.0 : at);
  return ticks;
}

}  // namespace

std::string to_svg(const PowerFigure& figure) {
  double low = 0.0, high = 1.0;
  if (figure.places.empty()) {
    low = std::numeric_limits<double>::infinity();
    high = -low;
    for (const auto& series : figure.series) {
      for (const auto& point : series.points) {
        low = std::min(low, point.x);
        high = std::max(high, point.x);
      }
    }
    if (!(high > low)) {
      low -= 0.5;
      high = low + 1.0;
    }
    const double margin = 0.04 * (high - low);
    low -= margin;
    high += margin;
  } else {
    low = -0.5;
    high = static_cast<double>(figure.places.size()) - 0.5;
  }
  const auto x_of = [&](double x) { return left + (x - low) / (high - low) * (right - left); };
  const double legend_height = 14.0 + 12.0 * static_cast<double>(figure.series.size());
  const double height = std::max(bottom + 42.0, top + legend_height);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}pt\" height=\"{1:.0f}pt\" viewBox=\"0 0 "
      "{0:.0f} "
      "{1:.0f}\" font-family=\"Helvetica,Arial,sans-serif\" role=\"img\">\n<title>{2}</title>\n<rect "
      "width=\"100%\" "
      "height=\"100%\" fill=\"#fff\"/>\n",
      width, height, escaped(figure.y_label));
  for (int percent = 0; percent <= 100; percent += 20) {
    const double y = y_of(percent / 100.0);
    out += line(left, y, right, y, "#e3e6ea", 0.5);
    out += text(left - 5.0, y + 2.8, "end", fmt::format("{}", percent));
  }
  std::vector<double> taken;  // heights of the words beside the lines
  for (const auto& [name, level] : figure.levels) {
    const double y = y_of(level);
    out += line(left, y, right, y, "#777", 0.7, "2 2");
    double at = y + 2.8;
    for (const double other : taken) {
      if (std::abs(other - at) < 9.0) at = other - 9.0;
    }
    taken.push_back(at);
    out += text(right + 3.0, at, "start", fmt::format("{} {:.4g} %", name, 100.0 * level));
  }
  out += line(left, top, left, bottom, "#111", 0.8) + line(left, bottom, right, bottom, "#111", 0.8);
  if (figure.places.empty()) {
    for (const double tick : ticks_between(low, high)) {
      out += line(x_of(tick), bottom, x_of(tick), bottom + 3.0, "#111", 0.8);
      out += text(x_of(tick), bottom + 12.0, "middle", fmt::format("{:.4g}", tick));
    }
  } else {
    for (std::size_t i = 0; i < figure.places.size(); ++i)
      out += text(x_of(static_cast<double>(i)), bottom + 12.0, "middle", figure.places[i]);
  }
  out += text((left + right) / 2.0, bottom + 25.0, "middle", figure.x_label);
  out += text(12.0, (top + bottom) / 2.0, "middle", figure.y_label,
              fmt::format(" transform=\"rotate(-90 12 {:.1f})\"", (top + bottom) / 2.0));
  // Points: whiskers at one place are seen apart; where the axis is a number they stand at it.
  const double spread = figure.places.empty() ? 0.0 : 5.0;
  for (std::size_t s = 0; s < figure.series.size(); ++s) {
    const Stroke& stroke = stroke_of(static_cast<int>(s));
    const double aside =
        spread * (static_cast<double>(s) - (static_cast<double>(figure.series.size()) - 1.0) / 2.0);
    const PowerPoint* before = nullptr;
    for (const PowerPoint& point : figure.series[s].points) {
      const double x = x_of(point.x) + aside;
      if (before != nullptr && figure.places.empty())
        out += line(x_of(before->x) + aside, y_of(before->mean), x, y_of(point.mean), stroke.colour, 0.9,
                    stroke.dash);
      out += line(x, y_of(point.mean - 2.0 * point.standard_error), x,
                  y_of(point.mean + 2.0 * point.standard_error), stroke.colour, 0.9);
      out += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"2.1\" fill=\"{}\"/>\n", x, y_of(point.mean),
                         stroke.colour);
      before = &point;
    }
    const double y = top + 10.0 + 12.0 * static_cast<double>(s);
    const double at = right + 64.0;
    out += line(at - 14.0, y - 2.8, at - 2.0, y - 2.8, stroke.colour, 0.9, stroke.dash);
    out += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"2.1\" fill=\"{}\"/>\n", at - 8.0, y - 2.8,
                       stroke.colour);
    out += text(at + 2.0, y, "start", figure.series[s].name);
  }
  out += text(left, height - 4.0, "start", figure.footer, " fill-opacity=\"0.7\"");
  return out + "</svg>\n";
}

}  // namespace graftline::report
