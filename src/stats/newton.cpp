#include "stats/newton.h"

#include <algorithm>
#include <cmath>

namespace graftline::stats {
namespace {

bool gradient_is_small(const Ascent& at, const std::vector<double>& coefficient, double tolerance) {
  double largest = 0.0;
  for (std::size_t j = 0; j < coefficient.size(); ++j)
    largest = std::max(largest, std::abs(at.gradient[j]) * std::max(std::abs(coefficient[j]), 1.0));
  return largest < tolerance * std::max(std::abs(at.value), 1.0);
}

std::vector<double> newton_step(const Ascent& at) {
  const Factored information = factor(at.likelihood.information, 0.0);
  if (at.curvature.rows == 0) return solve(information, at.gradient);
  const Factored curvature = factor(at.curvature, 0.0);
  return solve(curvature.rank == information.rank ? curvature : information, at.gradient);
}

}  // namespace

// When the gain that is left falls below what a double of the likelihood can show, either the steps are tiny
// too (an optimum), or they are not (the likelihood is flat in that direction because the optimum is at
// infinity).
NewtonEnd maximise(const std::function<Ascent(const std::vector<double>&)>& evaluate,
                   const NewtonOptions& options, std::vector<double>& coefficient, Ascent& at) {
  NewtonEnd end;
  std::vector<double> trial(coefficient.size());
  for (; end.iterations < options.most_iterations; ++end.iterations) {
    if (options.gradient_tolerance > 0.0 && gradient_is_small(at, coefficient, options.gradient_tolerance)) {
      end.converged = true;
      return end;
    }
    std::vector<double> step = newton_step(at);
    double gain = 0.0;
    for (std::size_t j = 0; j < step.size(); ++j) gain += step[j] * at.gradient[j];
    Ascent next;
    for (int halving = 0; halving < 40; ++halving) {
      for (std::size_t j = 0; j < step.size(); ++j) trial[j] = coefficient[j] + step[j];
      next = evaluate(trial);
      if (std::isfinite(next.value) && next.value >= at.value - 1e-12 * (1.0 + std::abs(at.value))) break;
      for (double& s : step) s *= 0.5;
    }
    coefficient = trial;
    at = std::move(next);
    if (gain > 1e-13) continue;
    end.converged = true;
    for (std::size_t j = 0; j < step.size(); ++j)
      if (std::abs(step[j]) * options.range[j] > 1e-3)
        end.monotone.push_back({static_cast<int>(j), step[j] > 0.0 ? 1 : -1});
    return end;
  }
  return end;
}

}  // namespace graftline::stats
