#include "sim/ode.h"

#include <algorithm>
#include <boost/numeric/odeint.hpp>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

namespace graftline::sim {
namespace {

namespace odeint = boost::numeric::odeint;

bool is_finite(const OdeState& y) {
  return std::ranges::all_of(y, [](double v) { return std::isfinite(v); });
}

Error failed(const char* why, double t) {
  return {ErrorKind::conflict,
          "the equations could not be solved beyond time " + std::to_string(t) + ": " + why};
}

// One stretch without jumps; `y` goes from `from` to `to`.
class Stretch {
 public:
  Stretch(const OdeSystem& system, const OdeOptions& options) : system_(system), options_(options) {}

  void run(OdeState& y, double from, double to) {
    if (to <= from) return;
    auto stepper =
        odeint::make_controlled(options_.absolute, options_.relative, odeint::runge_kutta_dopri5<OdeState>());
    const auto slope = [this](const OdeState& state, OdeState& d, double t) { system_.slope(t, state, d); };
    double t = from;
    double step = first_step(to - from);
    while (t < to) {
      const bool is_cut = step >= to - t;
      if (is_cut) step = to - t;
      const double tried = step;
      const double began = t;
      before_ = y;
      count();
      if (stepper.try_step(slope, y, t, step) == odeint::success) {
        // A step so long that it left where the equations are defined passes the test of its error unseen.
        if (!is_finite(y)) {
          y = before_;
          stepper.reset();  // it remembers the slope at the end of the step
          t = began;
          step = tried / 10.0;
          if (step < 1e-14 * std::max(1.0, std::abs(t))) throw std::runtime_error("a state became infinite");
          continue;
        }
        // A step cut short by the end says nothing about the next, unless it could have been longer.
        step_ = is_cut && step <= tried ? std::max(step_, step) : step;
        if (is_cut) t = to;
      } else if (step < 1e-14 * std::max(1.0, std::abs(t))) {
        throw std::runtime_error("the step became too small");
      }
    }
  }

 private:
  void count() {
    if (++steps_ > options_.most_steps) throw std::runtime_error("too many steps; the equations are stiff");
  }

  // The step that was good last is tried first.
  double first_step(double length) const { return std::min(length, step_ > 0.0 ? step_ : length * 1e-3); }

  const OdeSystem& system_;
  const OdeOptions& options_;
  OdeState before_;
  double step_ = 0.0;
  std::size_t steps_ = 0;
};

std::optional<Error> problem_of(double from, std::span<const double> times, const OdeOptions& options) {
  double before = from;
  for (const double t : times) {
    if (!(t >= before) || !std::isfinite(t))
      return Error{ErrorKind::out_of_range, "output times increase, and none lies before the start"};
    before = t;
  }
  if (options.relative <= 0.0 || options.absolute <= 0.0)
    return Error{ErrorKind::out_of_range, "tolerances are above 0"};
  return std::nullopt;
}

}  // namespace

Result<std::vector<OdeState>> solve(const OdeSystem& system, OdeState start, double from,
                                    std::span<const double> times, std::span<const OdeEvent> events,
                                    const OdeOptions& options) {
  if (auto problem = problem_of(from, times, options)) return *problem;
  std::vector<const OdeEvent*> jumps;
  for (const OdeEvent& event : events) {
    if (event.time >= from) jumps.push_back(&event);
  }
  std::ranges::stable_sort(jumps, {}, &OdeEvent::time);
  std::vector<OdeState> states;
  Stretch stretch(system, options);
  double t = from;
  std::size_t next = 0;
  try {
    for (const double until : times) {
      for (; next < jumps.size() && jumps[next]->time <= until; ++next) {
        stretch.run(start, t, jumps[next]->time);
        t = jumps[next]->time;
        jumps[next]->apply(start);
      }
      stretch.run(start, t, until);
      t = until;
      if (!is_finite(start)) return failed("a state became infinite", t);
      states.push_back(start);
    }
  } catch (const std::exception& problem) {
    return failed(problem.what(), t);
  }
  return states;
}

Result<std::vector<OdeState>> solve(const DelaySystem& system, OdeState start, double from,
                                    std::span<const double> times, const OdeOptions& options) {
  if (auto problem = problem_of(from, times, options)) return *problem;
  if (!(system.delay > 0.0)) return Error{ErrorKind::out_of_range, "a delay is above 0"};
  constexpr double slices_per_delay = 20.0;
  const double slice = system.delay / slices_per_delay;
  // The past at the ends of all slices so far: state and slope, for cubic interpolation.
  std::vector<OdeState> states{start};
  std::vector<OdeState> slopes;
  const std::size_t n = start.size();
  OdeState past(n);
  const auto look_back = [&](double t) {
    const double at = (t - from) / slice;
    if (at <= 0.0) {
      past = states.front();
      return;
    }
    const auto i = std::min(static_cast<std::size_t>(at), states.size() - 2);
    const double x = at - static_cast<double>(i);
    for (std::size_t k = 0; k < n; ++k) {
      const double y0 = states[i][k];
      const double y1 = states[i + 1][k];
      const double m0 = slopes[i][k] * slice;
      const double m1 = slopes[i + 1][k] * slice;
      past[k] = y0 + x * (m0 + x * (-3 * y0 - 2 * m0 + 3 * y1 - m1 + x * (2 * y0 + m0 - 2 * y1 + m1)));
    }
  };
  const OdeSystem inner{[&](double t, const OdeState& y, OdeState& d) {
    look_back(t - system.delay);
    system.slope(t, y, past, d);
  }};
  OdeState slope(n);
  inner.slope(from, start, slope);
  slopes.push_back(slope);
  std::vector<OdeState> found;
  Stretch stretch(inner, options);
  double t = from;
  try {
    for (const double until : times) {
      while (true) {
        const double end = from + static_cast<double>(states.size()) * slice;
        if (end > until) break;
        stretch.run(start, t, end);
        t = end;
        if (!is_finite(start)) return failed("a state became infinite", t);
        inner.slope(t, start, slope);
        states.push_back(start);
        slopes.push_back(slope);
      }
      OdeState here = start;
      stretch.run(here, t, until);
      found.push_back(std::move(here));
    }
  } catch (const std::exception& problem) {
    return failed(problem.what(), t);
  }
  return found;
}

}  // namespace graftline::sim
