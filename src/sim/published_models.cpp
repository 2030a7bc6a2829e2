#include "sim/published_models.h"

#include <cmath>

namespace graftline::sim {

OdeSystem MooreLi::system() const {
  const MooreLi p = *this;
  OdeSystem system;
  system.slope = [p](double, const OdeState& y, OdeState& d) {
    const double saturation = y[2] / (y[2] + p.eta);
    d[0] = p.sn - p.dn * y[0] - p.kn * y[0] * saturation;
    d[1] = p.an * p.kn * y[0] * saturation + p.ae * y[1] * saturation - p.de * y[1] - p.ge * y[2] * y[1];
    d[2] = p.rc * y[2] * std::log(p.c_max / y[2]) - p.dc * y[2] - p.gc * y[2] * y[1];
  };
  return system;
}

namespace {
// Rates that all patients share; "untreated" ones set the start.
constexpr double ry = .008, k = 1.0, qc = .75, qt = .5, tau = 1.0;
constexpr double d0 = .75 * .003, d1 = .75 * .008, d2 = .75 * .05, d3 = .75 * 1.0;
constexpr double ay = .016, by = 1.0 / 75.0, cy = 100.0;
constexpr double ay_untreated = 1.6, by_untreated = 10.0, cy_untreated = 100.0;
}  // namespace

DelaySystem KimLeeLevy::system() const {
  const KimLeeLevy p = *this;
  DelaySystem system;
  system.delay = p.n * tau;
  system.slope = [p](double, const OdeState& y, const OdeState& past, OdeState& d) {
    const auto stimulation = [&](const OdeState& s, double& load) {
      load = s[0] + s[1] + s[2] + s[3];
      return p.p0 * std::exp(-p.c_n * load) * k * s[4];
    };
    double load = 0.0;
    double past_load = 0.0;
    const double now = stimulation(y, load);
    const double before = stimulation(past, past_load);
    d[0] = (ry - d0) * y[0] - qc * now * y[0];
    d[1] = ay * y[0] - d1 * y[1] - qc * now * y[1];
    d[2] = by * y[1] - d2 * y[2] - qc * now * y[2];
    d[3] = cy * y[2] - d3 * y[3] - qc * now * y[3];
    d[4] = p.s_t - p.d_t * y[4] - now * load + std::pow(2.0, p.n) * qt * before * past_load;
  };
  return system;
}

OdeState KimLeeLevy::start() const {
  const double y1 = ay_untreated * y0 / d1;
  const double y2 = by_untreated * y1 / d2;
  const double y3 = cy_untreated * y2 / d3;
  return {y0, y1, y2, y3, s_t / d_t};
}

OdeSystem ImmuneWindow::system() const {
  const ImmuneWindow p = *this;
  OdeSystem system;
  system.slope = [p](double, const OdeState& y, OdeState& d) {
    d[0] = p.py * y[0] * (1.0 - y[0] / p.ky) - p.m * y[0] * y[1];
    d[1] = p.rz - p.a * y[1] + p.pz * y[0] * y[1] / (p.kz * p.kz + y[0] * y[0]);
  };
  return system;
}

}  // namespace graftline::sim
