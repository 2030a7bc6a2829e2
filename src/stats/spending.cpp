#include "stats/spending.h"

#include <cmath>
#include <numbers>

#include "stats/normal.h"

namespace graftline::stats {

double spent(const Spending& spending, double level, double information_fraction, int sides) {
  const double t = information_fraction;
  if (t <= 0.0) return 0.0;
  switch (spending.family) {
    case SpendingFamily::obrien_fleming:
      return 2.0 * sides * normal_upper_tail(normal_upper_quantile(level / (2.0 * sides)) / std::sqrt(t));
    case SpendingFamily::pocock:
      return level * std::log1p((std::numbers::e - 1.0) * t);
    case SpendingFamily::hwang_shih_decani:
      if (spending.parameter == 0.0) return level * t;
      return level * std::expm1(-spending.parameter * t) / std::expm1(-spending.parameter);
    case SpendingFamily::power:
      return level * std::pow(t, spending.parameter);
  }
  return level;
}

}  // namespace graftline::stats
