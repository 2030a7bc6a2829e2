#pragma once
// Ordinary differential equations with doses: states over time, jumps at given times, and (for one delay) the
// past.
//
// A thin front of Boost.odeint, so that models are written once and no other file includes it.
//
//   solver   Dormand-Prince 5(4) with controlled steps. Explicit: a rate of 1000 a day costs 300 steps a day
//   accuracy local error below `absolute` + `relative` |y| per step
//   errors   out_of_range: output times that decrease or lie before the start; conflict: the step size went
//   to nothing, a
//            state became infinite, or more than `most_steps` steps were needed
//   source   Dormand and Prince, J Comput Appl Math 1980; 6:19
//   checked  against closed forms and printed reference solutions (ode_test.cpp, published_models_test.cpp)

#include <functional>
#include <span>
#include <vector>

#include "core/result.h"

namespace graftline::sim {

using OdeState = std::vector<double>;

struct OdeSystem {
  // dy/dt at (t, y).
  std::function<void(double t, const OdeState& y, OdeState& slope)> slope;
};

// A jump of the state, such as an infusion. Before the solution is read at the same time.
struct OdeEvent {
  double time = 0.0;
  std::function<void(OdeState& y)> apply;
};

struct OdeOptions {
  double relative = 1e-9;
  double absolute = 1e-12;
  std::size_t most_steps = 5'000'000;
};

// States at the given times (increasing), from `start` at time `from`.
Result<std::vector<OdeState>> solve(const OdeSystem& system, OdeState start, double from,
                                    std::span<const double> times, std::span<const OdeEvent> events = {},
                                    const OdeOptions& options = {});

// dy/dt depends on the state one constant delay ago as well; before `from` the state was `start`. By the
// method of steps, with the past interpolated by cubics over slices of a twentieth of the delay (or less).
struct DelaySystem {
  double delay = 1.0;
  std::function<void(double t, const OdeState& y, const OdeState& past, OdeState& slope)> slope;
};
Result<std::vector<OdeState>> solve(const DelaySystem& system, OdeState start, double from,
                                    std::span<const double> times, const OdeOptions& options = {});

}  // namespace graftline::sim
