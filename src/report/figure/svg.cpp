// A laid-out figure as SVG: light, for print, nothing fetched.
#include <fmt/format.h>

#include "report/figure/strokes.h"
#include "report/figure/survival_figure.h"
#include "report/html.h"

namespace graftline::report {
namespace {

std::string path(const std::vector<Point>& points, bool closed) {
  std::string d;
  for (std::size_t i = 0; i < points.size(); ++i)
    d += fmt::format("{}{:.2f} {:.2f}", i == 0 ? "M" : "L", points[i].x, points[i].y);
  return closed ? d + "Z" : d;
}

void draw(const PlacedCurve& curve, std::string& out) {
  const Stroke& stroke = stroke_of(curve.style);
  const std::string dash = *stroke.dash == '\0' ? "" : fmt::format(" stroke-dasharray=\"{}\"", stroke.dash);
  const double width = curve.lighter ? 0.6 : 1.2;
  const char* opacity = curve.lighter ? " stroke-opacity=\"0.75\"" : "";
  if (curve.thick.size() > 1)
    out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}{}/>\n",
                       path(curve.thick, false), stroke.colour, width, dash, opacity);
  if (curve.thin.size() > 1)
    out += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"0.6\"{}/>\n",
        path(curve.thin, false), stroke.colour, width * 0.45, dash);
  if (curve.ticks.empty()) return;
  std::string marks;
  for (const Point& p : curve.ticks) marks += fmt::format("M{:.2f} {:.2f}v5", p.x, p.y - 2.5);
  out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"0.5\"/>\n", marks,
                     stroke.colour);
}

void write(const PlacedText& text, std::string& out) {
  const char* anchor = text.anchor == 'm' ? "middle" : text.anchor == 'e' ? "end" : "start";
  const std::string turn =
      text.turned ? fmt::format(" transform=\"rotate(-90 {:.2f} {:.2f})\"", text.at.x, text.at.y) : "";
  out += fmt::format(
      "<text x=\"{:.2f}\" y=\"{:.2f}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\"{}{}>{}</text>\n",
      text.at.x, text.at.y, text.size, anchor, text.style < 0 ? "#111" : stroke_of(text.style).colour,
      text.bold ? " font-weight=\"bold\"" : "", turn, escaped(text.text));
}

}  // namespace

std::string to_svg(const FigureLayout& layout, const std::string& description,
                   const std::string& language_code) {
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.2f}mm\" height=\"{1:.2f}mm\" viewBox=\"0 0 "
      "{2:.2f} "
      "{3:.2f}\" role=\"img\" xml:lang=\"{4}\" font-family=\"Arial, Helvetica, 'Noto Sans CJK SC', "
      "'Microsoft YaHei', "
      "'WenQuanYi Micro Hei', sans-serif\">\n<desc>{5}</desc>\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#fff\"/>\n",
      layout.width * 25.4 / 72.0, layout.height * 25.4 / 72.0, layout.width, layout.height, language_code,
      escaped(description));
  for (const PlacedCurve& curve : layout.curves)
    if (!curve.band.empty())
      out += fmt::format("<path d=\"{}\" fill=\"{}\" fill-opacity=\"0.16\" stroke=\"none\"/>\n",
                         path(curve.band, true), stroke_of(curve.style).colour);
  const Point& a = layout.plot_from;
  const Point& b = layout.plot_to;
  std::string axis = layout.left_axis ? fmt::format("M{0:.2f} {1:.2f}V{2:.2f}H{3:.2f}", a.x, a.y, b.y, b.x)
                                      : fmt::format("M{0:.2f} {1:.2f}H{2:.2f}", a.x, b.y, b.x);
  for (const double y : layout.y_ticks) axis += fmt::format("M{:.2f} {:.2f}h-3", a.x, y);
  for (const double x : layout.x_ticks) axis += fmt::format("M{:.2f} {:.2f}v3", x, b.y);
  out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"#111\" stroke-width=\"0.6\"/>\n", axis);
  for (const PlacedCurve& curve : layout.curves) draw(curve, out);
  for (const PlacedCurve& stroke : layout.legend) draw(stroke, out);
  for (const PlacedBox& box : layout.boxes)
    out += fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
                       box.from.x, box.from.y, box.to.x - box.from.x, box.to.y - box.from.y,
                       strokes.front().colour);
  for (const PlacedText& text : layout.texts) write(text, out);
  return out + "</svg>\n";
}

}  // namespace graftline::report
