#pragma once
// Curves over time as a figure for a journal: steps with bands, ticks where subjects are censored,
// and under the axis how many are at risk, have been censored and have had an event, by group.
//
//   layout  first the geometry (points, 1/72 inch, from the upper left corner), so that a test can
//           read it; then SVG
//   widths  one column 85 mm, two columns 175 mm; 8 pt sans serif
//   y axis  always 0 to 100 %
//   x axis  from 0, ticks where the table under it has its columns; names the unit and what time 0
//           is
//   groups  differ by dashes and shade as well as colour, so that print in black and white can be
//           read; labelled at the end of the curve, or in a legend where the ends are too close
//   thin    a curve is drawn thin where fewer than `few_at_risk` are at risk
//   source  Morris et al., BMJ Open 2019; 9:e030215 (KMunicate): table of at risk, censored, events,
//           and bands

#include <string>
#include <vector>

#include "analysis/result.h"
#include "report/figure/point.h"
#include "report/worklist_words.h"

namespace graftline::report {

enum class FigureWidth : unsigned char { one_column, two_columns };

struct FigureOptions {
  FigureWidth width = FigureWidth::one_column;
  std::string unit = "days";
  std::string origin;  // "randomisation"; empty: not named
  double few_at_risk = 10.0;
  bool censor_ticks = true;
  bool bands = true;
  std::vector<double> ticks;  // of the time axis; empty: chosen
  std::string event;          // name of the cause that is drawn first; empty: all alike
  std::string y_label;        // empty: by the kind of figure
  std::string footer;         // data hash, cut-off, version
  Language language = Language::english;
};

struct PlacedText {
  Point at;
  std::string text;
  char anchor = 's';  // s start, m middle, e end
  bool bold = false;
  bool turned = false;  // by 90 degrees, for the y axis
  double size = 8.0;
  int style = -1;  // of the curve it labels; -1 plain ink
};

struct PlacedCurve {
  int style = 0;         // which dash and colour: one per group (or per state)
  bool lighter = false;  // a competing event
  std::string name;
  std::vector<Point> thick, thin;  // corners of the steps, while enough are at risk and after
  std::vector<Point> band;         // closed outline; empty where there are no limits
  std::vector<Point> ticks;        // where subjects were censored
};

// A filled square.
struct PlacedBox {
  Point from, to;
};

struct FigureLayout {
  double width = 0.0, height = 0.0;
  Point plot_from, plot_to;              // upper left and lower right corner
  std::vector<double> x_ticks, y_ticks;  // positions
  std::vector<PlacedCurve> curves;
  std::vector<PlacedText> texts;
  std::vector<PlacedCurve> legend;  // short strokes
  std::vector<PlacedBox> boxes;
  bool left_axis = true;
  // The table under the axis as numbers: [group][row: at risk, censored, events][tick].
  std::vector<std::vector<std::vector<double>>> table;
};

FigureLayout layout(const analysis::Figure& figure, const FigureOptions& options);
std::string to_svg(const FigureLayout& layout, const std::string& description,
                   const std::string& language_code);

}  // namespace graftline::report
