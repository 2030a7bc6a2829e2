#include "report/figure/axis.h"

#include <cmath>

namespace graftline::report {
namespace {

std::vector<double> steps_of(std::string_view unit, double last) {
  if (unit == "days" && last > 42.0 && last < 40000.0)
    return {7, 14, 30, 60, 90, 180, 365, 730, 1095, 1825, 3650, 7300};
  if (unit == "months" && last > 6.0 && last < 2400.0) return {1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600};
  std::vector<double> steps;
  const double unit_step = std::pow(10.0, std::floor(std::log10(last / 10.0)));
  for (const double multiple : {1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0})
    steps.push_back(unit_step * multiple);
  return steps;
}

}  // namespace

std::vector<double> axis_ticks(double last, std::string_view unit, int most) {
  if (!(last > 0.0)) return {0.0, 1.0};
  const std::vector<double> steps = steps_of(unit, last);
  double step = steps.back();
  for (const double candidate : steps)
    if (std::ceil(last / candidate - 1e-9) <= most) {
      step = candidate;
      break;
    }
  std::vector<double> ticks;
  const double count = std::ceil(last / step - 1e-9);
  for (int i = 0; i <= static_cast<int>(count); ++i) ticks.push_back(step * i);
  return ticks;
}

}  // namespace graftline::report
