#pragma once
// Pointwise limits for a probability, on the scale on which its estimate is taken to be normal.
//
//   plain    p +- z se                               log-log  p^exp(+- z se / (p log p))
//   log      p exp(+- z se / p)                      logit    1 / (1 + exp(-logit p -+ z se / (p (1 - p))))
//   arcsine  sin^2(asin sqrt p +- z se / (2 sqrt(p (1 - p))))
//
//   returns  limits cut to [0, 1]; NaN where the scale does not exist (log at p = 0; log-log at 0 and 1)
//   source   Borgan and Liestol, Scand J Stat 1990; 17:35; Klein and Moeschberger, Survival Analysis, 4.3

#include <optional>
#include <string_view>

namespace graftline::stats {

enum class LimitScale { plain, log, log_log, logit, arcsine };

// "plain", "log", "log-log", "logit", "arcsin" or "arcsine"; no value for any other text.
std::optional<LimitScale> limit_scale(std::string_view name);

struct LimitOptions {
  LimitScale scale = LimitScale::log;
  double level = 0.95;  // 0: no limits, and no time spent on them
};

struct Limits {
  double lower = 0.0;
  double upper = 0.0;
};

// `se` is the standard error of p itself. `z` is the normal quantile of the level, computed once per curve.
Limits probability_limits(double p, double se, LimitScale scale, double z);
double limit_z(double level);

}  // namespace graftline::stats
