// Reference solutions: lsoda with tolerances of 1e-10 (1e-8 with delay), computed once with a public
// re-implementation of each model and printed to four to six digits. docs/models.md says which.
#include "sim/published_models.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace graftline;
using sim::OdeState;

namespace {

// Equal to the digits that are printed: half a unit of the last of `digits`.
bool agrees(double value, double printed, int digits) {
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(printed))) - digits + 1);
  return std::abs(value - printed) <= 0.51 * unit;
}

std::vector<double> grid(double last, double step) {
  std::vector<double> times;
  for (int i = 0; i * step <= last + 1e-9; ++i) times.push_back(i * step);
  return times;
}

double load(const OdeState& y) { return y[0] + y[1] + y[2] + y[3]; }

}  // namespace

TEST_CASE("Moore and Li: the four published parameter sets, to the digits printed") {
  struct Row {
    const sim::MooreLi& set;
    double tn1, te1, c1, tn2, te2, c2, c50, c250;
  };
  const Row rows[] = {
      {sim::moore_li_table_1, 1449.43, .012997, 9061.74, 1391.29, .0136894, 8251.53, 788.607, 382.445},
      {sim::moore_li_figure_6, 1132.66, .0162101, 9937.27, 849.718, .0122305, 9876.62, 7657.62, 4419.39},
      {sim::moore_li_figure_7, 997.257, .0316105, 10147.8, 658.694, .0205364, 10319.2, 20272.7, 48240.9},
      {sim::moore_li_figure_8, 1349.10, .644951, 9605.92, 1205.36, .587995, 9415.17, 9869.38, 9879.31}};
  const std::vector<double> times{1.0, 2.0, 50.0};
  for (const Row& row : rows) {
    CAPTURE(row.c50);
    const auto states = sim::solve(row.set.system(), {1510.0, 20.0, 1e4}, 0.0, times, {}, {1e-10, 1e-10});
    REQUIRE(states);
    CHECK(agrees((*states)[0][0], row.tn1, 6));
    CHECK(agrees((*states)[0][1], row.te1, 5));
    CHECK(agrees((*states)[0][2], row.c1, 6));
    CHECK(agrees((*states)[1][0], row.tn2, 6));
    CHECK(agrees((*states)[1][1], row.te2, 6));
    CHECK(agrees((*states)[1][2], row.c2, 6));
    CHECK(agrees((*states)[2][2], row.c50, 6));
  }
  // Long runs where the equations are not stiff; without T cells C* = Cmax exp(-dc / rc) = 381.790.
  const std::vector<double> late{250.0, 750.0};
  const auto states =
      sim::solve(sim::moore_li_table_1.system(), {1510.0, 20.0, 1e4}, 0.0, late, {}, {1e-10, 1e-10});
  REQUIRE(states);
  CHECK(agrees((*states)[0][2], 382.445, 6));
  CHECK(agrees((*states)[1][2], 381.770, 6));
  const auto six =
      sim::solve(sim::moore_li_figure_6.system(), {1510.0, 20.0, 1e4}, 0.0, late, {}, {1e-10, 1e-10});
  REQUIRE(six);
  CHECK(agrees((*six)[0][2], 4419.39, 6));
  CHECK(agrees((*six)[1][2], 3464.18, 6));
}

TEST_CASE("Kim, Lee and Levy: response, trough and relapse under imatinib, to the digits printed") {
  struct Row {
    const sim::KimLeeLevy& patient;
    double c0, t0, peak, peak_day, least, least_day, c200, c500, c1000, c1500, least_alone, c1500_alone;
  };
  const Row rows[] = {{sim::kim_patient_1, 72.60, .0012, .01549, 303, 2.52e-4, 937, .05833, 7.247e-4,
                       2.547e-4, 4.892e-4, .01361, 2.469},
                      {sim::kim_patient_4, 22.93, 4.091e-4, .01771, 320, 1.133e-4, 737, .02197, 2.354e-4,
                       1.677e-4, 1.019e-3, 4.296e-3, .7796}};
  const std::vector<double> times = grid(1500.0, 1.0);
  for (const Row& row : rows) {
    CAPTURE(row.c0);
    const auto states = sim::solve(row.patient.system(), row.patient.start(), 0.0, times, {1e-9, 1e-15});
    REQUIRE(states);
    const auto& s = *states;
    CHECK(agrees(load(s[0]), row.c0, 4));
    CHECK(agrees(s[0][4], row.t0, 4));
    const auto peak = std::ranges::max_element(s, {}, [](const OdeState& y) { return y[4]; });
    CHECK(agrees((*peak)[4], row.peak, 4));
    CHECK(std::abs(static_cast<double>(peak - s.begin()) - row.peak_day) <= 1.0);
    const auto least = std::ranges::min_element(s, {}, load);
    CHECK(agrees(load(*least), row.least, row.least == 2.52e-4 ? 3 : 4));
    CHECK(std::abs(static_cast<double>(least - s.begin()) - row.least_day) <= 1.0);
    CHECK(agrees(load(s[200]), row.c200, 4));
    CHECK(agrees(load(s[500]), row.c500, 4));
    CHECK(agrees(load(s[1000]), row.c1000, 4));
    CHECK(agrees(load(s[1500]), row.c1500, 4));
    sim::KimLeeLevy without = row.patient;
    without.p0 = 0.0;
    const auto alone = sim::solve(without.system(), without.start(), 0.0, times, {1e-9, 1e-15});
    REQUIRE(alone);
    CHECK(agrees(load(*std::ranges::min_element(*alone, {}, load)), row.least_alone, 4));
    CHECK(agrees(load(alone->back()), row.c1500_alone, 4));
  }
}

TEST_CASE("the immune window: two steady states, a threshold of load and one of immune cells") {
  const sim::OdeOptions options{1e-10, 1e-10};
  const auto run = [&](double pz, double y0, double z0, const std::vector<double>& times) {
    sim::ImmuneWindow window;
    window.pz = pz;
    auto states = sim::solve(window.system(), {y0, z0}, 0.0, times, {}, options);
    REQUIRE(states);
    return std::move(*states);
  };
  const auto at = run(4000, 1, 200, {50.0, 200.0});
  CHECK(agrees(at[0][0], 725.38, 5));
  CHECK(agrees(at[1][0], 660.86, 5));
  const auto open = run(4100, 1, 200, {50.0, 200.0});
  CHECK(agrees(open[0][0], 652.95, 5));
  CHECK(agrees(open[1][0], 622.84, 4));
  for (const auto& [pz, height, month] :
       {std::tuple{4000.0, 3695.8, 37.70}, std::tuple{4100.0, 3801.7, 36.50}}) {
    const auto course = run(pz, 1, 200, grid(50.0, 0.01));
    const auto peak = std::ranges::max_element(course, {}, [](const OdeState& y) { return y[1]; });
    CHECK(agrees((*peak)[1], height, 5));
    CHECK(std::abs(0.01 * static_cast<double>(peak - course.begin()) - month) < 0.015);
  }
  const auto escaping = run(4100, 1e5, 6000, {1.0, 3.0, 6.0, 12.0});
  const double printed[] = {95290, 136770, 237230, 533350};
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(escaping[i][0] / printed[i] - 1.0) < 5e-5);
  // Below the threshold it settles near 622.8, above it escapes to 9.198e5; likewise with the immune cells
  // needed.
  const auto settles = [&](double y0, double z0) { return run(4100, y0, z0, {400.0}).back()[0] < 1e4; };
  CHECK(settles(775.0, 200.0));
  CHECK(!settles(776.2, 200.0));
  CHECK(run(4100, 776.2, 200.0, {600.0}).back()[0] == doctest::Approx(9.198e5).epsilon(1e-3));
  for (const auto& [y0, z0] : {std::pair{1e4, 25147.0}, std::pair{1e5, 69776.0}, std::pair{3e5, 91988.0}}) {
    CHECK(settles(y0, 1.0005 * z0));
    CHECK(!settles(y0, 0.9995 * z0));
  }
}
