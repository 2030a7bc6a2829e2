#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "analysis/analyse.h"
#include "report/figure/axis.h"
#include "report/figure/forest_figure.h"

using namespace graftline;
using namespace graftline::report;

namespace {

std::string file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

analysis::Analysis analysed(const std::string& kind, const std::string& formula,
                            analysis::Request request = {}) {
  const auto table =
      stats::parse_csv(file(std::string(GRAFTLINE_SOURCE_DIR) + "/tests/golden/survival/bmt137.csv"));
  REQUIRE(table);
  request.formula = formula;
  auto result = analysis::analyse(kind, *table, request);
  REQUIRE(result);
  return *std::move(result);
}

FigureOptions since_transplant() {
  FigureOptions options;
  options.origin = "transplant";
  return options;
}

// The stored figure; GRAFTLINE_UPDATE_GOLDEN=1 writes it anew, to be looked at before it is kept.
void check_golden(const std::string& name, const std::string& svg) {
  const std::string path = std::string(GRAFTLINE_SOURCE_DIR) + "/tests/golden/figures/" + name;
  if (std::getenv("GRAFTLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << svg;
  CHECK_MESSAGE(svg == file(path), path);
}

}  // namespace

TEST_CASE("at risk, censored and events are everybody in every column of the table") {
  for (const auto& [kind, formula] : {std::pair{"km", "Surv(t2, d3) ~ group"},
                                      {"cif", "Surv(t2, cause) ~ group"},
                                      {"km", "Surv(t1, d1) ~ 1"}}) {
    const auto a = analysed(kind, formula);
    const FigureLayout placed = layout(*a.figure, since_transplant());
    REQUIRE(placed.table.size() == a.figure->risk.size());
    for (std::size_t g = 0; g < placed.table.size(); ++g)
      for (std::size_t tick = 0; tick < placed.x_ticks.size(); ++tick)
        CHECK(placed.table[g][0][tick] + placed.table[g][1][tick] + placed.table[g][2][tick] ==
              a.figure->risk[g].n);
  }
}

TEST_CASE("the y axis runs from 0 to 100 percent and curves begin at its end") {
  const auto a = analysed("km", "Surv(t2, d3) ~ group");
  const FigureLayout placed = layout(*a.figure, since_transplant());
  CHECK(placed.y_ticks.front() == placed.plot_to.y);
  CHECK(placed.y_ticks.back() == placed.plot_from.y);
  for (const auto& curve : placed.curves) CHECK(curve.thick.front().y == placed.plot_from.y);
}

TEST_CASE("a curve is right-continuous: it goes across, then down, and never back") {
  const auto a = analysed("km", "Surv(t2, d3) ~ group");
  for (const auto& curve : layout(*a.figure, since_transplant()).curves)
    for (std::size_t i = 1; i < curve.thick.size(); ++i) {
      const bool across = curve.thick[i].y == curve.thick[i - 1].y;
      const bool down = curve.thick[i].x == curve.thick[i - 1].x;
      CHECK((across || down));
      CHECK(curve.thick[i].x >= curve.thick[i - 1].x);
      CHECK(curve.thick[i].y >= curve.thick[i - 1].y);
    }
}

TEST_CASE("a curve is thin from where fewer than ten are at risk") {
  // Group 1 of bmt137: the ninth but last leaves after 1199 days (38 patients; at 1279 days 9 are at risk).
  const auto a = analysed("km", "Surv(t2, d3) ~ group");
  const auto& risk = a.figure->risk[0];
  double few = 0.0;
  for (std::size_t i = 0; i < risk.time.size() && few == 0.0; ++i)
    if (risk.n_at_risk[i] < 10) few = risk.time[i];
  const FigureLayout placed = layout(*a.figure, since_transplant());
  const double scale = (placed.plot_to.x - placed.plot_from.x) / 2920.0;
  CHECK(placed.curves[0].thick.back().x == doctest::Approx(placed.plot_from.x + few * scale).epsilon(1e-9));
  CHECK(!placed.curves[0].thin.empty());
}

TEST_CASE("a figure is one column wide, 85 mm, or two, 175 mm") {
  const auto a = analysed("km", "Surv(t2, d3) ~ group");
  FigureOptions options = since_transplant();
  CHECK(layout(*a.figure, options).width == doctest::Approx(85.0 * 72 / 25.4));
  options.width = FigureWidth::two_columns;
  CHECK(layout(*a.figure, options).width == doctest::Approx(175.0 * 72 / 25.4));
}

TEST_CASE("nothing is written outside the figure") {
  for (const auto& [kind, formula] :
       {std::pair{"km", "Surv(t2, d3) ~ group"}, {"cif", "Surv(t2, cause) ~ group"}}) {
    const FigureLayout placed = layout(*analysed(kind, formula).figure, since_transplant());
    for (const auto& text : placed.texts) {
      CHECK(text.at.x >= 0.0);
      CHECK(text.at.x <= placed.width);
      CHECK(text.at.y <= placed.height);
    }
  }
}

TEST_CASE("ticks are numbers that people read in the unit of the axis") {
  CHECK(axis_ticks(2640, "days", 6) == std::vector<double>{0, 730, 1460, 2190, 2920});
  CHECK(axis_ticks(100, "days", 6) == std::vector<double>{0, 30, 60, 90, 120});
  CHECK(axis_ticks(34, "months", 6) == std::vector<double>{0, 6, 12, 18, 24, 30, 36});
  CHECK(axis_ticks(5, "years", 6) == std::vector<double>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("the figures are those that were looked at") {
  FigureOptions options = since_transplant();
  options.footer = "bmt137.csv";
  const auto km = analysed("km", "Surv(t2, d3) ~ group");
  check_golden("km-three-groups.svg", to_svg(layout(*km.figure, options), km.figure->caption, "en"));
  analysis::Request named;
  named.causes = {"1=relapse", "2=NRM"};
  const auto cif = analysed("cif", "Surv(t2, cause) ~ group", named);
  check_golden("cif-three-groups.svg", to_svg(layout(*cif.figure, options), cif.figure->caption, "en"));
  const auto cox = analysed("cox", "Surv(t2, d3) ~ factor(group) + z1 + z8");
  check_golden("forest-cox.svg", to_svg(forest_layout(*cox.figure, options), cox.figure->caption, "en"));
  const auto one = analysed("cif", "Surv(t2, cause) ~ 1", named);
  options.width = FigureWidth::two_columns;
  options.language = Language::chinese;
  options.origin = "移植";
  check_golden("cif-one-group-zh.svg", to_svg(layout(*one.figure, options), one.figure->caption, "zh"));
}

TEST_CASE("the axis of a forest plot has round numbers at both ends and in between") {
  CHECK(ratio_ticks(0.3, 2.4) == std::vector<double>{0.2, 0.5, 1, 2, 5});
  CHECK(ratio_ticks(0.02, 50) == std::vector<double>{0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50});
  const auto near_one = ratio_ticks(0.96, 1.03);
  CHECK(near_one.size() == 5);  // 0.96, 0.98, 1, 1.02, 1.04
  CHECK(near_one.front() == doctest::Approx(0.96));
  CHECK(near_one.back() == doctest::Approx(1.04));
}

TEST_CASE("in a forest plot every interval holds its ratio, and 1 stands where the line is") {
  const auto a = analysed("cox", "Surv(t2, d3) ~ factor(group) + z1 + z8");
  const FigureLayout placed = forest_layout(*a.figure, since_transplant());
  REQUIRE(a.figure->effects.size() == 4);
  REQUIRE(placed.boxes.size() == 4);
  REQUIRE(placed.curves.size() == 5);  // the line at 1, and one interval each
  const double one = placed.curves[0].thick.front().x;
  for (std::size_t i = 0; i < 4; ++i) {
    const double middle = (placed.boxes[i].from.x + placed.boxes[i].to.x) / 2;
    CHECK(placed.curves[i + 1].thick.front().x < middle);
    CHECK(placed.curves[i + 1].thick.back().x > middle);
    CHECK((a.figure->effects[i].ratio > 1.0) == (middle > one));
  }
}
