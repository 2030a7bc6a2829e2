#include "sim/behaviours.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "sim/published_models.h"
#include "sim/red_cells.h"

namespace graftline::sim {
namespace {

constexpr double year = 365.0;
constexpr double mrd = 1e-2;            // 1e7 cells
constexpr double overt = 50.0;          // 5 % of the marrow
constexpr double slow_doubling = 60.0;  // days; CML in chronic phase against 14 of the default

// Runs courses and remembers the first that failed, so that comparisons read in one line.
class Bench {
 public:
  explicit Bench(const ImmuneParameters& parameters) : parameters_(parameters) {}

  ImmuneCourse course(const ImmuneScenario& scenario) { return course(parameters_, scenario); }
  ImmuneCourse course(const ImmuneParameters& parameters, const ImmuneScenario& scenario) {
    auto found = immune_course(parameters, scenario, year);
    if (!found) {
      if (!problem_) problem_ = found.error();
      return {std::vector<ImmuneDay>(366), 0, 0, 0, 0, -1, 0};
    }
    return std::move(*found);
  }
  double gvhd(double dose, double after_transplant) {
    const auto share =
        share_with_gvhd(parameters_, {after_transplant, 5.0, 0.0, 0.0, {{0.0, dose}}}, 2.0, .10, year);
    if (!share && !problem_) problem_ = share.error();
    return share ? *share : 0.0;
  }
  const ImmuneParameters& parameters() const { return parameters_; }
  const std::optional<Error>& problem() const { return problem_; }

 private:
  ImmuneParameters parameters_;
  std::optional<Error> problem_;
};

Shown shown(bool holds) { return holds ? Shown::yes : Shown::no; }

// The effect on leukaemia half a year after an infusion, in powers of ten against no infusion.
double log_kill(Bench& bench, ImmuneParameters parameters, double doubling, double load, double dose) {
  parameters.rho_l = std::log(2.0) / doubling;
  const auto treated = bench.course(parameters, {180.0, load, 0.0, 0.0, {{0.0, dose}}});
  const auto control = bench.course(parameters, {180.0, load, 0.0, 0.0, {}});
  constexpr double least = 5e-10;
  return std::log10(std::max(control.days[180].leukaemia, least) /
                    std::max(treated.days[180].leukaemia, least));
}

Behaviour dose_and_gvhd(Bench& bench) {
  std::array<double, 4> share{};
  const std::array<double, 4> doses{1e6, 1e7, 1e8, 3e8};
  for (std::size_t i = 0; i < doses.size(); ++i) share[i] = bench.gvhd(doses[i], 180.0);
  const bool rises = share[0] < share[1] && share[1] < share[2] && share[2] < share[3];
  // Saturates: the last half power of ten adds less per power than the one before.
  const bool saturates = (share[3] - share[2]) / std::log10(3.0) < share[2] - share[1];
  return {"Q1", "the risk of GVHD rises with the dose of CD3 cells, and saturates",
          "Bar 2013; Guglielmi 2002", shown(rises && saturates),
          fmt::format("GVHD at 1e6, 1e7, 1e8, 3e8 /kg: {:.0f}, {:.0f}, {:.0f}, {:.0f} %", 100 * share[0],
                      100 * share[1], 100 * share[2], 100 * share[3])};
}

Behaviour dose_and_response(Bench& bench) {
  std::string figures = "leukaemia at a year after 1e7, 3e7, 1e8, 3e8 /kg:";
  bool is_flat = true;
  for (const double dose : {1e7, 3e7, 1e8, 3e8}) {
    const double left = bench.course({60.0, mrd, 0.0, 0.0, {{0.0, dose}}}).days[365].leukaemia;
    is_flat = is_flat && left == 0.0;
    figures += fmt::format(" {:.3g}", left);
  }
  const double small = bench.course({60.0, mrd, 0.0, 0.0, {{0.0, 1e5}}}).days[365].leukaemia;
  return {"Q2", "above a threshold the response of leukaemia hardly depends on the dose",
          "Guglielmi 2002: 78, 73, 70 %", shown(is_flat && small > 0.0),
          figures + fmt::format("; after 1e5: {:.3g}", small)};
}

Behaviour escalation(Bench& bench) {
  const auto bulk = bench.course({240.0, 0.0, 90.0, 0.0, {{0.0, 1.11e8}}});
  const auto steps = bench.course({240.0, 0.0, 90.0, 0.0, {{0.0, 1e6}, {84.0, 1e7}, {168.0, 1e8}}});
  const double donor_bulk = bulk.days[365].donor_percent();
  const double donor_steps = steps.days[365].donor_percent();
  return {"Q3", "escalation reaches the same response with less GVHD than one dose of equal total",
          "Dazzi 2000",
          shown(steps.peak_damage < bulk.peak_damage && donor_steps > 95.0 && donor_bulk > 95.0),
          fmt::format("peak damage {:.3f} against {:.3f}; donor at a year {:.1f} and {:.1f} %",
                      steps.peak_damage, bulk.peak_damage, donor_steps, donor_bulk)};
}

Behaviour timing(Bench& bench) {
  std::array<double, 4> peak{};
  const std::array<double, 4> after{60.0, 120.0, 180.0, 240.0};
  for (std::size_t i = 0; i < after.size(); ++i)
    peak[i] = bench.course({after[i], mrd, 0.0, 0.0, {{0.0, 3e7}}}).peak_damage;
  return {"Q4", "the same dose later after transplant gives less GVHD", "He 2016; Chalandon 2010",
          shown(peak[0] > peak[1] && peak[1] > peak[2] && peak[2] > peak[3]),
          fmt::format("peak damage at 60, 120, 180, 240 days: {:.3f}, {:.3f}, {:.3f}, {:.3f}", peak[0],
                      peak[1], peak[2], peak[3])};
}

Behaviour naive_depleted(Bench& bench) {
  ImmuneParameters depleted = bench.parameters();
  depleted.naive_share = .01;
  const ImmuneScenario scenario{60.0, mrd, 0.0, 0.0, {{0.0, 1e7}}};
  const double with = bench.course(depleted, scenario).peak_damage;
  const double without = bench.course(scenario).peak_damage;
  return {"Q5", "a naive-depleted product gives little GVHD at 1e7 /kg", "Maung 2020",
          shown(with < .10 && with < without / 2.0),
          fmt::format("peak damage {:.3f} against {:.3f}", with, without)};
}

Behaviour residual_host(Bench& bench) {
  std::array<double, 4> peak{};
  double least_donor = 100.0;
  const std::array<double, 4> hosts{9.0, 45.0, 180.0, 450.0};
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto course = bench.course({240.0, 0.0, hosts[i], 0.0, {{0.0, 1e7}}});
    peak[i] = course.peak_damage;
    least_donor = std::min(least_donor, course.days[180].donor_percent());
  }
  return {"Q6", "residual host cells at DLI raise GVHD and are converted to donor",
          "Koster 2024; thalassemia series 2018",
          shown(peak[0] < peak[1] && peak[1] < peak[2] && peak[2] < peak[3] && least_donor > 95.0),
          fmt::format("peak damage at 1, 5, 20, 50 % host: {:.3f}, {:.3f}, {:.3f}, {:.3f}; donor at 180 days "
                      "at least {:.1f} %",
                      peak[0], peak[1], peak[2], peak[3], least_donor)};
}

Behaviour onset(Bench& bench) {
  const auto course = bench.course({60.0, mrd, 0.0, 0.0, {{0.0, 3e7}}});
  return {
      "Q7a", "acute GVHD is greatest 4 to 8 weeks after 3e7 /kg", "Chalandon 2010",
      shown(course.peak_damage_day >= 28.0 && course.peak_damage_day <= 56.0),
      fmt::format("day {:.0f} after 3e7 /kg (day {:.0f} after 1e7, {:.0f} after 1e8)", course.peak_damage_day,
                  bench.course({60.0, mrd, 0.0, 0.0, {{0.0, 1e7}}}).peak_damage_day,
                  bench.course({60.0, mrd, 0.0, 0.0, {{0.0, 1e8}}}).peak_damage_day)};
}

Behaviour untreated(Bench& bench) {
  const auto course = bench.course({60.0, .1, 0.0, 0.0, {}});
  const double months = course.overt_relapse_day / 30.4375;
  return {"Q8", "untreated MRD of 1e-4 reaches 5 % blasts in 3 to 11 months", "Ommen 2010; CBF-2006",
          shown(months >= 3.0 && months <= 11.0), fmt::format("{:.1f} months", months)};
}

Behaviour aplasia(Bench& bench) {
  ImmuneParameters slow = bench.parameters();
  slow.rho_l = std::log(2.0) / slow_doubling;
  const auto host = bench.course(slow, {360.0, overt, 850.0, 0.0, {{0.0, 1e8}}});
  const auto donor = bench.course(slow, {360.0, overt, 0.0, 0.0, {{0.0, 1e8}}});
  return {"Q9", "the marrow empties where host haematopoiesis dominates at DLI, not in full donor chimeras",
          "Guglielmi 2002", shown(host.nadir < 450.0 && donor.nadir > 800.0),
          fmt::format("lowest haematopoiesis {:.0f} against {:.0f} of 900", host.nadir, donor.nadir)};
}

Behaviour immunosuppression(Bench& bench) {
  const auto on = bench.course({60.0, mrd, 0.0, 45.0, {{0.0, 3e7}}});
  const auto off = bench.course({60.0, mrd, 0.0, 0.0, {{0.0, 3e7}}});
  return {"Q10", "immunosuppression after DLI lowers and delays GVHD", "NCT07319793, design",
          shown(on.peak_damage < off.peak_damage && on.peak_damage_day > off.peak_damage_day),
          fmt::format("peak damage {:.3f} on day {:.0f} against {:.3f} on day {:.0f}", on.peak_damage,
                      on.peak_damage_day, off.peak_damage, off.peak_damage_day)};
}

Behaviour slow_and_fast(Bench& bench) {
  const double slow = log_kill(bench, bench.parameters(), slow_doubling, overt, 3e7);
  const double fast = log_kill(bench, bench.parameters(), 14.0, overt, 3e7);
  return {"Q11a", "at equal dose slow disease responds better than fast", "Bejanyan 2015; Dazzi 2000",
          shown(slow > fast),
          fmt::format("powers of ten below no infusion, half a year after 3e7 /kg: {:.1f} against {:.1f}",
                      slow, fast)};
}

Behaviour overt_relapse(Bench& bench) {
  // Leukaemia falls at all, from overt relapse: unlike AML, where DLI alone rarely gives a remission.
  const auto course = bench.course({60.0, overt, 0.0, 0.0, {{0.0, 3e7}}});
  const double left = course.days[365].leukaemia;
  return {"Q11b", "overt relapse of fast disease responds worse than remission does", "Schmid 2007",
          shown(left > overt),
          fmt::format("from 5 % blasts at day 60, 3e7 /kg: {:.3g} of {:.0f} x 1e9 cells left at a year", left,
                      overt)};
}

Behaviour bistable() {
  // The published immune window; the core model has no second steady state.
  const auto month_400 = [](double y0) {
    ImmuneWindow window;
    window.pz = 4100;
    const std::array<double, 1> times{400.0};
    const auto states = solve(window.system(), {y0, 200.0}, 0.0, times, {}, {1e-9, 1e-9});
    return states ? states->back()[0] : std::nan("");
  };
  const double below = month_400(775.0);
  const double above = month_400(776.2);
  return {"Q12", "the outcome flips across a threshold of load; beyond it DLI only delays",
          "immune-window model, Haehnel 2020", shown(below < 1e4 && above > 1e5),
          fmt::format("load after 400 months from 775 and 776.2 cells: {:.3g} and {:.3g}", below, above)};
}

Behaviour red_cells() {
  std::string figures = "red cells at 10, 20, 46 % donor marrow:";
  bool holds = true;
  for (const double p : {.10, .20, .46}) {
    const double f = red_cell_donor_fraction(p, {100.0, 12.0, 1.0});
    holds = holds && f > p && red_cell_donor_fraction(p, {120.0, 40.0, .25}) > p;
    figures += fmt::format(" {:.0f} %", 100.0 * f);
  }
  return {"Q13",
          "the donor share of red cells exceeds that of the marrow in sickle cell disease and thalassemia",
          "Fitzhugh 2017", shown(holds), figures};
}

}  // namespace

std::string_view name(Shown shown) {
  constexpr std::array<std::string_view, 3> words{"yes", "no", "not represented"};
  return words[static_cast<std::size_t>(shown)];
}

Result<std::vector<Behaviour>> behaviours(const ImmuneParameters& parameters) {
  Bench bench(parameters);
  std::vector<Behaviour> all{dose_and_gvhd(bench), dose_and_response(bench), escalation(bench),
                             timing(bench),        naive_depleted(bench),    residual_host(bench),
                             onset(bench)};
  all.push_back({"Q7b", "chronic GVHD begins about 6 months after DLI", "Chalandon 2010",
                 Shown::not_represented, "the model has one kind of damage"});
  for (Behaviour one : {untreated(bench), aplasia(bench), immunosuppression(bench), slow_and_fast(bench),
                        overt_relapse(bench), bistable(), red_cells()}) {
    all.push_back(std::move(one));
  }
  if (bench.problem()) return *bench.problem();
  return all;
}

}  // namespace graftline::sim
