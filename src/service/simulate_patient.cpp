#include "service/simulate_patient.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "sim/behaviours.h"
#include "sim/immune_core.h"

namespace graftline::service {
namespace {

constexpr std::string_view label =
    "exploratory: equations proposed for this program, fitted to no patient; they order schedules and "
    "predict nobody\n";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<double> number(std::string_view text) {
  text = trimmed(text);
  double value = 0.0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

struct Schedule {
  std::string name;
  std::vector<sim::InfusionAt> infusions;
};

Result<Schedule> schedule_of(const std::string& written) {
  const auto wrong = [&] {
    return Error{
        ErrorKind::malformed_input,
        fmt::format(
            "--schedule '{}': expected NAME = DAY:CD3_PER_KG, DAY:CD3_PER_KG, ... such as \"bulk = 0:1e8\"",
            written)};
  };
  const std::size_t equals = written.find('=');
  if (equals == std::string::npos) return wrong();
  Schedule schedule{std::string(trimmed(std::string_view(written).substr(0, equals))), {}};
  if (schedule.name.empty() || schedule.name.find_first_of(",\"\n") != std::string::npos) return wrong();
  std::string_view rest = trimmed(std::string_view(written).substr(equals + 1));
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, comma);
    const std::size_t colon = one.find(':');
    if (colon == std::string_view::npos) return wrong();
    const auto day = number(one.substr(0, colon));
    const auto dose = number(one.substr(colon + 1));
    if (!day || !dose) return wrong();
    schedule.infusions.push_back({*day, *dose});
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return schedule;
}

}  // namespace

Result<std::string> simulate_patient(const PatientRequest& request) {
  if (!(request.naive_share >= 0.0 && request.naive_share <= 1.0))
    return Error{ErrorKind::out_of_range, "the naive share lies between 0 and 1"};
  if (!(request.doubling_days > 0.0))
    return Error{ErrorKind::out_of_range, "a doubling time is above 0 days"};
  if (!(request.host_percent >= 0.0 && request.host_percent <= 100.0))
    return Error{ErrorKind::out_of_range, "the host share lies between 0 and 100 %"};
  if (request.schedules.empty())
    return Error{ErrorKind::malformed_input, "give at least one --schedule \"NAME = DAY:DOSE, ...\""};
  const bool is_csv = request.format == "csv";
  std::string text =
      is_csv
          ? "schedule,day,naive_1e9,effector_1e9,memory_1e9,leukaemia_1e9,host_1e9,donor_1e9,donor_percent,"
            "gvhd_damage\n"
          : std::string(label);
  if (!is_csv) {
    text += fmt::format("{:<20} {:>12} {:>6} {:>14} {:>6} {:>16} {:>16} {:>9}\n", "schedule", "peak damage",
                        "day", "peak effectors", "day", "5 % blasts, day", "leukaemia left", "donor %");
  }
  sim::ImmuneParameters parameters;
  parameters.naive_share = request.naive_share;
  parameters.rho_l = std::log(2.0) / request.doubling_days;
  for (const std::string& written : request.schedules) {
    const auto schedule = schedule_of(written);
    if (!schedule) return schedule.error();
    const auto course =
        sim::immune_course(parameters,
                           {request.days_after_transplant, request.leukaemia, 9.0 * request.host_percent,
                            request.immunosuppression_days, schedule->infusions},
                           request.until);
    if (!course) return course.error();
    if (is_csv) {
      for (const auto& day : course->days) {
        text += fmt::format("{},{:g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g}\n",
                            schedule->name, day.day, day.naive, day.effector, day.memory, day.leukaemia,
                            day.host, day.donor, day.donor_percent(), day.damage);
      }
      continue;
    }
    const auto& last = course->days.back();
    text += fmt::format(
        "{:<20} {:>12.3f} {:>6.0f} {:>14.4f} {:>6.0f} {:>16} {:>16.3g} {:>9.1f}\n", schedule->name,
        course->peak_damage, course->peak_damage_day, course->peak_effector, course->peak_effector_day,
        course->overt_relapse_day < 0.0 ? "none" : fmt::format("{:.0f}", course->overt_relapse_day),
        last.leukaemia, last.donor_percent());
  }
  return text;
}

Result<std::string> mechanistic_behaviours() {
  const auto found = sim::behaviours();
  if (!found) return found.error();
  std::string text(label);
  for (const auto& one : *found) {
    text += fmt::format("{:<5} {:<16} {} [{}]\n{:<22} {}\n", one.id, sim::name(one.shown), one.statement,
                        one.evidence, "", one.figures);
  }
  return text;
}

}  // namespace graftline::service
