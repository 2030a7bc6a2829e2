#include "report/figure/swimmer_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "report/figure/axis.h"
#include "report/figure/strokes.h"
#include "report/html.h"

namespace graftline::report {
namespace {

constexpr double width = 496.0, left = 20.0, right = 380.0, top = 14.0;
constexpr std::size_t most_lines = 400;

std::string shape(std::size_t kind, double x, double y, double r) {
  const char* colour = stroke_of(static_cast<int>(kind)).colour;
  switch (kind % 4) {
    case 0:
      return fmt::format("<path d=\"M{:.2f} {:.2f}l{:.2f} {:.2f}h{:.2f}z\" fill=\"{}\"/>\n", x, y - r, r,
                         2.0 * r, -2.0 * r, colour);
    case 1:
      return fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{:.2f}\" fill=\"{}\"/>\n", x, y, r, colour);
    case 2:
      return fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
                         x - r, y - r, 2.0 * r, 2.0 * r, colour);
    default:
      return fmt::format(
          "<path d=\"M{0:.2f} {1:.2f}l{2:.2f} {2:.2f}m{3:.2f} 0l{2:.2f} {3:.2f}\" stroke=\"{4}\" "
          "stroke-width=\"0.9\" fill=\"none\"/>\n",
          x - r, y - r, 2.0 * r, -2.0 * r, colour);
  }
}
std::string text(double x, double y, std::string_view anchor, std::string_view words,
                 std::string_view more = "") {
  return fmt::format(
      "<text x=\"{:.2f}\" y=\"{:.2f}\" font-size=\"8\" text-anchor=\"{}\" fill=\"#111\"{}>{}</text>\n", x, y,
      anchor, more, escaped(words));
}

}  // namespace

std::string to_svg(const SwimmerFigure& figure) {
  std::vector<const Swimmer*> order;
  std::vector<std::string> groups, kinds;
  const auto index_of = [](std::vector<std::string>& names, const std::string& name) {
    const auto at = std::ranges::find(names, name);
    const auto index = static_cast<std::size_t>(at - names.begin());
    if (at == names.end()) names.push_back(name);
    return index;
  };
  double last = 1.0;
  for (const Swimmer& one : figure.swimmers) {
    order.push_back(&one);
    index_of(groups, one.group);
    last = std::max(last, one.followed);
    for (const SwimmerMark& mark : one.marks) index_of(kinds, mark.what);
  }
  std::ranges::stable_sort(order, [&](const Swimmer* a, const Swimmer* b) {
    const auto group_a = index_of(groups, a->group);
    const auto group_b = index_of(groups, b->group);
    return group_a != group_b ? group_a < group_b : a->followed > b->followed;
  });
  const std::size_t left_out = order.size() > most_lines ? order.size() - most_lines : 0;
  order.resize(order.size() - left_out);
  const double step = order.size() > 120 ? 3.0 : order.size() > 60 ? 4.5 : 7.0;
  const double gap = 12.0;
  const auto ticks = axis_ticks(last, figure.unit, 8);
  const auto x_of = [&](double at) { return left + at / ticks.back() * (right - left); };
  double y = top;
  std::string lines;
  std::string group;
  for (const Swimmer* one : order) {
    if (one->group != group || lines.empty()) {
      group = one->group;
      y += gap;
      lines += text(left, y, "start", group, " font-weight=\"bold\"");
      y += 4.0;
    }
    y += step;
    const double mid = y - step / 2.0;
    lines += fmt::format("<path d=\"M{:.2f} {:.2f}H{:.2f}\" stroke=\"#b9c0c8\" stroke-width=\"{:.2f}\"/>\n",
                         left, mid, x_of(one->followed), 0.55 * step);
    if (one->goes_on)
      lines += fmt::format("<path d=\"M{0:.2f} {1:.2f}l3 {2:.2f}l-3 {2:.2f}z\" fill=\"#7d8791\"/>\n",
                           x_of(one->followed), mid - 0.45 * step, 0.45 * step);
    for (const SwimmerMark& mark : one->marks)
      lines += shape(index_of(kinds, mark.what), x_of(mark.at), mid, std::clamp(0.42 * step, 1.3, 2.2));
  }
  const double bottom = y + 4.0;
  const double height = std::max(bottom + 40.0, top + 30.0 + 12.0 * static_cast<double>(kinds.size()));
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}pt\" height=\"{1:.0f}pt\" viewBox=\"0 0 "
      "{0:.0f} "
      "{1:.0f}\" font-family=\"Helvetica,Arial,sans-serif\" role=\"img\">\n<title>Patients over "
      "time</title>\n<rect "
      "width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      width, height);
  out += lines;
  out += fmt::format("<path d=\"M{:.2f} {:.2f}H{:.2f}\" stroke=\"#111\" stroke-width=\"0.8\"/>\n", left,
                     bottom, right);
  for (const double tick : ticks) {
    out += fmt::format("<path d=\"M{:.2f} {:.2f}v3\" stroke=\"#111\" stroke-width=\"0.8\"/>\n", x_of(tick),
                       bottom);
    out += text(x_of(tick), bottom + 12.0, "middle", fmt::format("{:g}", tick));
  }
  out += text((left + right) / 2.0, bottom + 24.0, "middle",
              fmt::format("{} since {}", figure.unit, figure.origin));
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const double at = top + 22.0 + 12.0 * static_cast<double>(kind);
    out += shape(kind, right + 16.0, at - 2.8, 2.4) + text(right + 24.0, at, "start", kinds[kind]);
  }
  const std::string more = left_out > 0 ? fmt::format(" {} more patients are not drawn.", left_out) : "";
  out += text(left, height - 4.0, "start", figure.footer + more, " fill-opacity=\"0.7\"");
  return out + "</svg>\n";
}

}  // namespace graftline::report
