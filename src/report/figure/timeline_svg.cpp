// A timeline as SVG and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/figure/timeline_figure.h"
#include "report/html.h"

namespace graftline::report {
namespace {

// Distinct for the colour-blind and from dark to light in grey (Okabe and Ito 2008, darkened for thin lines).
constexpr std::array<const char*, 6> colours{"#0b3c5d", "#b5410f", "#3f7f5f",
                                             "#7a3b69", "#8a6d00", "#555555"};
// Grades from light to dark: none, I, II, III, IV.
constexpr std::array<const char*, 5> grades{"#9aa5ad", "#f0c27b", "#e08a2e", "#b5410f", "#6e1f0a"};

const char* colour_of(const TimelineTrack& track, const std::string& series) {
  std::vector<std::string> seen;
  for (const TimelineMark& mark : track.marks) {
    if (std::find(seen.begin(), seen.end(), mark.series) == seen.end()) seen.push_back(mark.series);
  }
  const auto at = std::find(seen.begin(), seen.end(), series) - seen.begin();
  const bool is_one = track.id == "labs" || track.id == "infection" || track.id == "immunosuppression";
  return colours[is_one ? 0 : static_cast<std::size_t>(at) % colours.size()];
}

std::string shape_of(const TimelineMark& mark, const char* colour) {
  const double x = mark.x;
  const double y = mark.y;
  switch (mark.shape) {
    case MarkShape::dot:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>", x, y, colour);
    case MarkShape::square:
      return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"8\" fill=\"{}\"/>", x - 4,
                         y - 4, colour);
    case MarkShape::triangle:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l5 9h-10z\" fill=\"{}\"/>", x, y - 5, colour);
    case MarkShape::open:
      return fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#fff\" stroke=\"{}\" stroke-width=\"1.5\"/>", x,
          y, colour);
    case MarkShape::bar:
      return fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" fill=\"{}\" "
          "fill-opacity=\"0.75\"/>",
          x, y - 6, std::max(2.0, mark.x2 - x), colour);
    case MarkShape::unknown:
      return fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" fill=\"url(#unknown)\" "
          "stroke=\"#555\" stroke-width=\"0.6\"/>",
          x, y - 6, std::max(8.0, mark.x2 - x));
    case MarkShape::diamond:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l6 7l-6 7l-6 -7z\" fill=\"{}\"/>", x, y - 7, colour);
    case MarkShape::planned:
      return fmt::format(
          "<path d=\"M{:.1f} {:.1f}l6 7l-6 7l-6 -7z\" fill=\"#fff\" stroke=\"{}\" stroke-width=\"1.2\"/>", x,
          y - 7, colour);
    case MarkShape::cross:
      return fmt::format(
          "<path d=\"M{:.1f} {:.1f}l8 8m0 -8l-8 8\" stroke=\"{}\" stroke-width=\"1.5\" fill=\"none\"/>",
          x - 4, y - 4, colour);
  }
  return {};
}

std::string text_at(double x, double y, std::string_view anchor, double size, const std::string& text,
                    std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\"{}>{}</text>", x, y,
                     anchor, size, more, escaped(text));
}

}  // namespace

std::string to_svg(const TimelineFigure& figure, const std::string& heading, Language language) {
  const double top = 26.0;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 {2:.0f} "
      "{0:.0f} {1:.0f}\" "
      "role=\"img\" xml:lang=\"{3}\" font-family=\"Arial, Helvetica, 'Noto Sans CJK SC', 'Microsoft YaHei', "
      "'WenQuanYi Micro Hei', sans-serif\" fill=\"#111\">\n<desc>{4}</desc>\n"
      "<defs><pattern id=\"unknown\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#fff\"/><path d=\"M0 0v6\" "
      "stroke=\"#555\" stroke-width=\"2\"/></pattern></defs>\n"
      "<rect y=\"{2:.0f}\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      figure.width, figure.height + top + 6.0, -top, words(language).code, escaped(heading));
  out += text_at(8, -8, "start", 14, heading, " font-weight=\"bold\"") + "\n";
  const double floor = figure.height - 24.0;
  for (const TimelineTick& tick : figure.ticks) {
    out +=
        fmt::format("<path d=\"M{0:.1f} 0V{1:.1f}\" stroke=\"#d5dade\" stroke-width=\"1\"/>", tick.x, floor);
    out += text_at(tick.x, floor + 15, "middle", 12, tick.label) + "\n";
  }
  for (const TimelineTrack& track : figure.tracks) {
    out += fmt::format("<path d=\"M0 {0:.1f}H{1:.1f}\" stroke=\"#aeb6bc\" stroke-width=\"0.6\"/>",
                       track.y + track.height + 5.0, figure.width);
    out += text_at(8, track.y + 16, "start", 12, track.label, " font-weight=\"bold\"") + "\n";
    for (const TimelineScale& scale : track.scale) {
      out += text_at(figure.left - 8, scale.y + 4, "end", 12, scale.label, " fill=\"#444\"");
    }
    for (const TimelineLine& line : track.lines) {
      std::string d;
      for (const Point& p : line.points) d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", p.x, p.y);
      out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"/>\n", d,
                         line.series.empty() ? "#555" : colour_of(track, line.series),
                         line.series.empty() ? 1.0 : 1.6);
    }
    for (const TimelineMark& mark : track.marks) {
      const char* colour = track.id == "gvhd" && mark.shape == MarkShape::dot
                               ? grades[static_cast<std::size_t>(std::clamp(mark.level, 0, 4))]
                               : colour_of(track, mark.series);
      out += fmt::format("<g><title>{}</title>{}", escaped(mark.title), shape_of(mark, colour));
      if (!mark.label.empty()) {
        const double end = std::max(mark.x, mark.x2);
        const bool is_left = end + 10.0 + 6.4 * double(mark.label.size()) > figure.width;
        out += is_left ? text_at(mark.x - 8, mark.y + 4, "end", 12, mark.label)
                       : text_at(end + 8, mark.y + 4, "start", 12, mark.label);
      }
      out += "</g>\n";
    }
  }
  if (figure.today) {
    out += fmt::format(
        "<path d=\"M{0:.1f} 0V{1:.1f}\" stroke=\"#111\" stroke-width=\"1\" stroke-dasharray=\"4 3\"/>\n",
        *figure.today, floor);
  }
  return out + "</svg>\n";
}

std::string to_json(const TimelineFigure& figure) {
  using json = nlohmann::ordered_json;
  const auto rounded = [](double value) { return std::round(value * 10.0) / 10.0; };
  json ticks = json::array();
  for (const TimelineTick& tick : figure.ticks) {
    ticks.push_back({{"x", rounded(tick.x)}, {"label", tick.label}, {"date", graftline::to_text(tick.date)}});
  }
  json tracks = json::array();
  for (const TimelineTrack& track : figure.tracks) {
    json scale = json::array();
    for (const TimelineScale& s : track.scale) scale.push_back({{"y", rounded(s.y)}, {"label", s.label}});
    json lines = json::array();
    for (const TimelineLine& line : track.lines) {
      json points = json::array();
      for (const Point& p : line.points) points.push_back({rounded(p.x), rounded(p.y)});
      lines.push_back({{"points", points}, {"style", line.series}});
    }
    json marks = json::array();
    for (const TimelineMark& mark : track.marks) {
      json one{{"entry", std::to_string(mark.entry)},
               {"shape", name(mark.shape)},
               {"x", rounded(mark.x)},
               {"y", rounded(mark.y)}};
      if (mark.x2 > 0.0) one["x2"] = rounded(mark.x2);
      one.update(
          {{"series", mark.series}, {"label", mark.label}, {"title", mark.title}, {"date", mark.date}});
      if (mark.level > 0) one["level"] = mark.level;
      marks.push_back(std::move(one));
    }
    tracks.push_back({{"id", track.id},
                      {"label", track.label},
                      {"y", rounded(track.y)},
                      {"height", rounded(track.height)},
                      {"scale", scale},
                      {"lines", lines},
                      {"marks", marks}});
  }
  return json{{"width", figure.width},
              {"height", rounded(figure.height)},
              {"plot", {{"left", figure.left}, {"right", figure.right}}},
              {"first_day", graftline::to_text(figure.first_day)},
              {"last_day", graftline::to_text(figure.last_day)},
              {"day_zero", figure.day_zero ? json(graftline::to_text(*figure.day_zero)) : json(nullptr)},
              {"ticks", ticks},
              {"today", figure.today ? json(rounded(*figure.today)) : json(nullptr)},
              {"earlier", figure.n_earlier},
              {"tracks", tracks}}
      .dump();
}

}  // namespace graftline::report
