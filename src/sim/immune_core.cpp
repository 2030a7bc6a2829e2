#include "sim/immune_core.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "stats/normal.h"

namespace graftline::sim {
namespace {

enum : std::size_t { naive, effector, memory, leukaemia, host, donor, damage, n_states };

constexpr double extinct = 5e-10;  // half a cell
constexpr double blasts_of_relapse = .05;

OdeSystem system_of(const ImmuneParameters& p, const ImmuneScenario& scenario, const bool& is_on_drug) {
  OdeSystem system;
  system.slope = [p, at = scenario.days_after_transplant, &is_on_drug](double t, const OdeState& y,
                                                                       OdeState& d) {
    const double antigen =
        p.a0 * std::exp(-(t + at) / p.tau_a) + (y[leukaemia] + y[host]) / p.ka + p.gam * y[damage];
    const double drive = antigen / (1.0 + antigen);
    const double damage4 = std::pow(y[damage], 4);
    const double treatment = .9 * damage4 / (std::pow(p.g_treated, 4) + damage4);
    const double active = drive * (1.0 - (is_on_drug ? p.drug_brake : 0.0)) * (1.0 - treatment);
    const double from_naive = p.al * y[naive] * active;
    const double from_memory = p.al_m * y[memory] * active;
    const double kill = y[effector] / (1.0 + y[effector] / p.eh);
    const double crowd = (y[leukaemia] + y[host] + y[donor]) / p.room;
    d[naive] = -p.dn * y[naive] - from_naive;
    d[effector] = std::exp2(p.nb) * from_naive + std::exp2(p.nm) * from_memory +
                  p.r * y[effector] * active / (1.0 + y[effector] / p.e_max) - (p.de + p.mu) * y[effector];
    d[memory] = p.mu * y[effector] - p.dm * y[memory] - from_memory;
    d[leukaemia] = p.rho_l * y[leukaemia] * (1.0 - y[leukaemia] / p.room) - p.kl * y[leukaemia] * kill;
    d[host] = p.rho_h * y[host] * (1.0 - crowd) - p.kh * y[host] * kill;
    d[donor] = p.rho_d * y[donor] * (1.0 - crowd);
    d[damage] = p.kg * y[effector] * (1.0 - y[damage]) - p.dg * y[damage];
  };
  return system;
}

void infuse(const ImmuneParameters& p, double cd3_per_kg, OdeState& y) {
  const double cells = p.weight_kg * cd3_per_kg / 1e9;
  y[naive] += cells * p.naive_share * p.alloreactive_share;
  y[memory] += cells * (1.0 - p.naive_share) * p.alloreactive_share * p.memory_share;
}

std::optional<Error> problem_of(const ImmuneScenario& scenario, double until, double step) {
  const auto bad = [](double x) { return !(x >= 0.0) || !std::isfinite(x); };
  const auto error = [](const char* why) { return Error{ErrorKind::out_of_range, why}; };
  if (bad(scenario.days_after_transplant)) return error("the days after transplant are 0 or more");
  if (bad(scenario.leukaemia) || scenario.leukaemia > 1000.0)
    return error("leukaemia is 0 to 1000 x 1e9 cells");
  if (bad(scenario.host) || scenario.host > 900.0)
    return error("host haematopoiesis is 0 to 900 x 1e9 cells");
  if (bad(scenario.immunosuppression_until)) return error("immunosuppression ends on day 0 or later");
  for (const InfusionAt& infusion : scenario.infusions) {
    if (bad(infusion.day)) return error("infusions are given on day 0 or later");
    if (bad(infusion.cd3_per_kg) || infusion.cd3_per_kg > 1e10) return error("a dose is 0 to 1e10 CD3/kg");
  }
  if (bad(until) || until > 36'525.0 || !(step > 0.0) || until / step > 1e6)
    return error("a course is 0 to 36525 days long, in at most 1000000 steps");
  return std::nullopt;
}

}  // namespace

Result<ImmuneCourse> immune_course(const ImmuneParameters& p, const ImmuneScenario& scenario, double until,
                                   double step) {
  if (auto problem = problem_of(scenario, until, step)) return *problem;
  bool is_on_drug = scenario.immunosuppression_until > 0.0;
  const OdeSystem system = system_of(p, scenario, is_on_drug);
  OdeState y(n_states, 0.0);
  y[leukaemia] = scenario.leukaemia;
  y[host] = scenario.host;
  y[donor] = 900.0 - scenario.host;
  std::vector<OdeEvent> events;
  for (const InfusionAt& infusion : scenario.infusions) {
    events.push_back(
        {infusion.day, [&p, dose = infusion.cd3_per_kg](OdeState& state) { infuse(p, dose, state); }});
  }
  if (is_on_drug)
    events.push_back({scenario.immunosuppression_until, [&is_on_drug](OdeState&) { is_on_drug = false; }});
  // Half a cell is none: looked at often, since a clone may grow back from less than one.
  constexpr double look = .25;
  for (double t = look; t < until; t += look) {
    events.push_back({t, [](OdeState& state) {
                        if (state[leukaemia] < extinct) state[leukaemia] = 0.0;
                      }});
  }
  std::vector<double> times;
  const auto count = static_cast<std::size_t>(std::floor(until / step + 1e-9));
  for (std::size_t i = 0; i <= count; ++i) times.push_back(static_cast<double>(i) * step);
  const auto states = solve(system, std::move(y), 0.0, times, events, {.relative = 1e-8, .absolute = 1e-13});
  if (!states) return states.error();
  ImmuneCourse course;
  course.nadir = 1e9;
  for (std::size_t i = 0; i < states->size(); ++i) {
    const OdeState& s = (*states)[i];
    const ImmuneDay day{times[i],     s[naive], s[effector], s[memory],
                        s[leukaemia], s[host],  s[donor],    s[damage]};
    if (day.damage > course.peak_damage) {
      course.peak_damage = day.damage;
      course.peak_damage_day = day.day;
    }
    if (day.effector > course.peak_effector) {
      course.peak_effector = day.effector;
      course.peak_effector_day = day.day;
    }
    if (course.overt_relapse_day < 0.0 && day.leukaemia >= blasts_of_relapse * p.room)
      course.overt_relapse_day = day.day;
    course.nadir = std::min(course.nadir, day.host + day.donor);
    course.days.push_back(day);
  }
  return course;
}

ImmuneParameters drawn(ImmuneParameters parameters, RandomKey key, double log_sd) {
  parameters.alloreactive_share *= std::exp(log_sd * KeyedRandom(key).normal());
  return parameters;
}

Result<double> share_with_gvhd(const ImmuneParameters& parameters, const ImmuneScenario& scenario,
                               double log_sd, double threshold, double until) {
  ImmuneParameters changed = parameters;
  const auto peak = [&](double z) -> Result<double> {
    changed.alloreactive_share = parameters.alloreactive_share * std::exp(log_sd * z);
    const auto course = immune_course(changed, scenario, until);
    if (!course) return course.error();
    return course->peak_damage;
  };
  double low = -6.0;
  double high = 6.0;
  for (int i = 0; i < 20; ++i) {
    const double middle = (low + high) / 2.0;
    const auto found = peak(middle);
    if (!found) return found.error();
    (*found > threshold ? high : low) = middle;
  }
  return stats::normal_upper_tail((low + high) / 2.0);
}

double gvhd_hazard_ratio(double t_cells, double reference) {
  return std::pow(t_cells / reference, std::log(2.44));
}
double relapse_hazard_ratio(double t_cells, double reference) {
  return std::pow(t_cells / reference, std::log(0.65));
}

}  // namespace graftline::sim
