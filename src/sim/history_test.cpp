#include "sim/history.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

#include "sim/calibrate.h"
#include "sim/parse_model.h"

using namespace graftline;

namespace {

const std::string head = "model \"test\" id test version 0.1.0\nsource s \"a paper\"\n";

sim::Model model_of(const std::string& text) {
  auto parsed = sim::parse_model(head + text, "test.model");
  INFO(parsed.mistakes());
  REQUIRE(parsed.ok());
  return std::move(parsed.model);
}

// The share of `n` patients in whom `condition` holds at `time`.
double share(const sim::Model& model, std::string_view variant, const std::string& state,
             const std::string& value, double time, std::uint32_t n) {
  const auto process = sim::compile(model, variant);
  REQUIRE(process);
  std::size_t at = 0;
  while (model.states[at].name != state) ++at;
  std::size_t wanted = 0;
  while (model.states[at].values[wanted] != value) ++wanted;
  sim::History history(*process);
  int count = 0;
  for (std::uint32_t patient = 0; patient < n; ++patient) {
    history.begin({7, stream_of(0, patient)});
    history.run_until(time);
    REQUIRE(!history.problem());
    count += history.patient().state[at] == wanted ? 1 : 0;
  }
  return static_cast<double>(count) / n;
}

// Four standard errors of a share of n.
double four_errors(double p, double n) { return 4.0 * std::sqrt(p * (1.0 - p) / n); }

}  // namespace

TEST_CASE("two exponential causes compete as the closed form says") {
  const auto model = model_of(
      "state disease: remission, relapsed, dead\n"
      "transition relapse when disease is remission at rate 0.03 then disease becomes relapsed found cite s "
      "\"p\"\n"
      "transition death when disease is remission at rate 0.008 then disease becomes dead found cite s "
      "\"p\"\n");
  // Cause-specific hazards l1, l2: CIF_1(t) = l1/(l1+l2) (1 - exp(-(l1+l2) t)).
  const double all = 1.0 - std::exp(-0.038 * 24.0);
  const double relapse = 0.03 / 0.038 * all;
  const double death = 0.008 / 0.038 * all;
  constexpr std::uint32_t n = 20'000;
  CHECK(std::abs(share(model, "", "disease", "relapsed", 24.0, n) - relapse) < four_errors(relapse, n));
  CHECK(std::abs(share(model, "", "disease", "dead", 24.0, n) - death) < four_errors(death, n));
}

TEST_CASE("a rate in pieces has the survival of its integral, and a clock that starts again runs from zero") {
  const auto model = model_of(
      "state s1: a, b, c\nclock since_b\n"
      "curve first since start: 0.1 to 2, 0.5 to 3, 0 found cite s \"p\"\n"
      "curve second since since_b: 0 to 1, 2 found cite s \"p\"\n"
      "transition ab when s1 is a at rate first then s1 becomes b, starts since_b\n"
      "transition bc when s1 is b at rate second then s1 becomes c\n");
  constexpr std::uint32_t n = 20'000;
  // Still a at 10: exp(-(0.1 x 2 + 0.5 x 1)) = exp(-0.7).
  CHECK(std::abs(share(model, "", "s1", "a", 10.0, n) - std::exp(-0.7)) < four_errors(0.5, n));
  // c by t = 2: left a at u <= 1 (rate 0.1), then within 2 - u - 1 at rate 2: integral of
  // 0.1 exp(-0.1 u) (1 - exp(-2 (1 - u))) du over (0, 1) = (1 - e^-0.1) - 0.1 e^-2 (e^1.9 - 1) / 1.9.
  const double c = (1.0 - std::exp(-0.1)) - 0.1 * std::exp(-2.0) * (std::exp(1.9) - 1.0) / 1.9;
  CHECK(std::abs(share(model, "", "s1", "c", 2.0, n) - c) < four_errors(c, n));
}

TEST_CASE("Weibull, Gompertz and log-logistic hazards give their own survival, also times a constant") {
  const auto model = model_of(
      "state s1: a, b\n"
      "curve w since start: weibull shape 1.5 scale 10 found cite s \"p\"\n"
      "curve g since start: gompertz rate 0.02 growth 0.1 found cite s \"p\"\n"
      "curve l since start: log_logistic shape 2 scale 8 found cite s \"p\"\n"
      "policy by_w when s1 is a at rate 2 x w then s1 becomes b found cite s \"p\"\n"
      "policy by_g when s1 is a at rate g then s1 becomes b\n"
      "policy by_l when s1 is a at rate l then s1 becomes b\n"
      "variant v_w uses by_w\nvariant v_g uses by_g\nvariant v_l uses by_l\n");
  constexpr std::uint32_t n = 20'000;
  const double w = std::exp(-2.0 * std::pow(0.6, 1.5));
  CHECK(std::abs(share(model, "v_w", "s1", "a", 6.0, n) - w) < four_errors(w, n));
  const double g = std::exp(-0.02 * std::expm1(0.6) / 0.1);
  CHECK(std::abs(share(model, "v_g", "s1", "a", 6.0, n) - g) < four_errors(g, n));
  const double l = 1.0 / (1.0 + std::pow(0.75, 2.0));
  CHECK(std::abs(share(model, "v_l", "s1", "a", 6.0, n) - l) < four_errors(l, n));
}

TEST_CASE("a gamma frailty of variance v turns exp(-H) into (1 + v H)^(-1/v)") {
  const auto model = model_of(
      "frailty z is gamma variance 0.5 recall cite s \"p\"\nstate s1: a, b\n"
      "transition t when s1 is a at rate z then s1 becomes b\n");
  constexpr std::uint32_t n = 20'000;
  const double survival = std::pow(1.0 + 0.5 * 2.0, -2.0);
  CHECK(std::abs(share(model, "", "s1", "a", 2.0, n) - survival) < four_errors(survival, n));
}

TEST_CASE("delays: a gamma delay of shape 2 and scale 26.8 days has its median at 45 days") {
  // 1 - exp(-x)(1 + x) = 0.5 at x = 1.67835; times 26.8 = 44.98. P(<= 100 d) = 0.8865.
  const auto model = model_of(
      "time in days\nstate s1: a, b\n"
      "transition t on start after gamma shape 2 scale 26.8 then s1 becomes b found cite s \"p\"\n");
  constexpr std::uint32_t n = 20'000;
  CHECK(std::abs(share(model, "", "s1", "b", 44.98, n) - 0.5) < four_errors(0.5, n));
  CHECK(std::abs(share(model, "", "s1", "b", 100.0, n) - 0.8865) < four_errors(0.8865, n));
}

TEST_CASE("conditions of a delayed transition are asked at its end") {
  const auto model = model_of(
      "state s1: a, b\nstate s2: no, yes\n"
      "transition leave on start after 2 when s1 is a then s1 becomes b found cite s \"p\"\n"
      "transition late on start after 3 when s1 is a then s2 becomes yes found cite s \"p\"\n"
      "transition early on start after 1 when s1 is a then s2 becomes yes found cite s \"p\"\n"
      "variant no_early without early\n");
  CHECK(share(model, "", "s2", "yes", 5.0, 10) == 1.0);
  CHECK(share(model, "no_early", "s2", "yes", 5.0, 10) == 0.0);
}

TEST_CASE("a patient is the same whoever is simulated before, and whether it is watched often or once") {
  const auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  REQUIRE(model);
  const auto process = sim::compile(*model, "h_prophylactic");
  REQUIRE(process);
  sim::History one(*process);
  sim::History other(*process);
  CHECK(rc::check([&](std::uint16_t patient, std::uint8_t stops) {
    one.begin({3, patient});
    one.run_until(60.0);
    other.begin({3, static_cast<std::uint64_t>(patient) + 1});
    other.run_until(60.0);
    other.begin({3, patient});
    for (int i = 1; i <= stops; ++i) other.run_until(60.0 * i / (stops + 1));
    other.run_until(60.0);
    RC_ASSERT(one.happened().size() == other.happened().size());
    for (std::size_t i = 0; i < one.happened().size(); ++i) {
      RC_ASSERT(one.happened()[i].transition == other.happened()[i].transition);
      RC_ASSERT(std::abs(one.happened()[i].time - other.happened()[i].time) < 1e-9);
    }
  }));
}

TEST_CASE("a patient meets the same fate in two strategies until they differ for this very patient") {
  const auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  REQUIRE(model);
  const auto without = sim::compile(*model, "h_no_dli");
  const auto with = sim::compile(*model, "h_preemptive");
  REQUIRE(without);
  REQUIRE(with);
  sim::History a(*without);
  sim::History b(*with);
  int differ = 0;
  for (std::uint32_t patient = 0; patient < 500; ++patient) {
    a.begin({1, patient});
    b.begin({1, patient});
    a.run_until(36.0);
    b.run_until(36.0);
    if (b.patient().infusions == 0) {
      CHECK(a.patient().state == b.patient().state);
    } else {
      ++differ;
    }
  }
  CHECK(differ > 50);  // about 20 % get pre-emptive DLI
}

TEST_CASE("a model whose events never end is reported, not run for ever") {
  const auto model = model_of(
      "state s1: a, b\ntransition again on start after 0 then s1 becomes b\n"
      "transition more on again after 0 then s1 becomes a\ntransition circle on more after 0 then infuse 1\n"
      "transition back on infusion after 0 then infuse 1\n");
  const auto process = sim::compile(model, "");
  REQUIRE(process);
  sim::History history(*process);
  history.begin({1, 1});
  history.run_until(1.0);
  REQUIRE(history.problem());
  CHECK(history.problem()->message.find("back happens without end") != std::string::npos);
}

TEST_CASE("calibration gives the same figures on one thread and on two") {
  auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  REQUIRE(model);
  model->checks.resize(12);
  const auto one = sim::calibrate(*model, {5000, 9, 1});
  const auto two = sim::calibrate(*model, {5000, 9, 2});
  REQUIRE(one);
  REQUIRE(two);
  for (std::size_t i = 0; i < one->size(); ++i) {
    CHECK((*one)[i].simulated == (*two)[i].simulated);
    CHECK((*one)[i].standard_error == (*two)[i].standard_error);
  }
}

// An independent reference: the same population written out day by day, with another generator, for clarity.
// It shares no code with the simulator; the figures are those of models/acute-leukaemia.model.
namespace {

struct DayByDay {
  double relapse = 0.0, death_without_relapse = 0.0, alive = 0.0, ever_mrd = 0.0, acute = 0.0, chronic = 0.0;
};

double in_pieces(double t, std::initializer_list<std::pair<double, double>> pieces, double last) {
  for (const auto& [until, value] : pieces) {
    if (t < until) return value;
  }
  return last;
}

DayByDay day_by_day(int patients, double months) {
  std::mt19937_64 random(20260101);
  const auto unit = [&] { return std::generate_canonical<double, 53>(random); };
  constexpr double day = 1.0 / 30.0;
  DayByDay sums;
  for (int patient = 0; patient < patients; ++patient) {
    enum { negative, positive, cleared, persistent, relapsed } disease = negative;
    bool alive = true, severe = false, dli = false;
    double mrd_at = -1.0, relapse_at = -1.0, acute_at = -1.0, chronic_at = -1.0, response_at = -1.0,
           dli_gvhd_at = -1.0;
    bool first_severe = false;
    for (double t = 0.0; t < months && alive; t += day) {
      const auto happens = [&](double rate) { return unit() < 1.0 - std::exp(-rate * day); };
      if (disease == relapsed) {
        const double at_relapse = relapse_at + 1.0;
        const double group = at_relapse < 6 ? 1 : at_relapse < 24 ? 0.55 : at_relapse < 36 ? 0.39 : 0.28;
        const double base = in_pieces(t - relapse_at, {{6, 0.25}, {12, 0.12}, {36, 0.04}}, 0.02);
        if (happens(1.25 * base * group)) alive = false;
        continue;
      }
      const double gvl = (chronic_at >= 0 ? 0.75 : 1.0) * (acute_at >= 0 ? 0.91 : 1.0);
      const double shape = in_pieces(t, {{6, 1}, {12, 0.6}, {24, 0.22}, {36, 0.06}}, 0.02);
      double nrm = 1.04 * in_pieces(t, {{6, 0.006}, {12, 0.004}, {24, 0.0015}, {36, 0.0007}}, 0.0005);
      if (acute_at >= 0 && t - acute_at < 6) nrm += first_severe ? 0.05 : 0.01;
      if (chronic_at >= 0) nrm *= 2;
      if (happens(nrm)) {
        alive = false;
        sums.death_without_relapse += 1;
        continue;
      }
      double relapse_rate = 0.0;
      const double since_mrd = t - mrd_at;
      switch (disease) {
        case negative:
          relapse_rate = 0.0272 * shape * gvl;
          if (happens(0.0265 * shape * gvl)) {
            disease = positive;
            mrd_at = t;
            sums.ever_mrd += 1;
            continue;
          }
          break;
        case positive:
          relapse_rate = (since_mrd < 12 ? 0.15 : 0.015) * gvl;
          break;
        case cleared:
          relapse_rate = (since_mrd < 12 ? 0.03 : 0.0075) * gvl;
          break;
        case persistent:
          relapse_rate = in_pieces(since_mrd, {{6, 0.14}, {12, 0.06}}, 0.01) * gvl;
          break;
        case relapsed:
          break;
      }
      if (happens(relapse_rate)) {
        disease = relapsed;
        relapse_at = t;
        sums.relapse += 1;
        continue;
      }
      if (disease == positive && !dli && since_mrd >= 0.7 && since_mrd < 0.7 + day && !severe) {
        dli = true;
        response_at = t + 1.0;
        if (unit() < 0.18) dli_gvhd_at = t + (-std::log(unit()) - std::log(unit())) * 26.8 / 30.0;
      }
      if (disease == positive && response_at >= 0 && t >= response_at)
        disease = unit() < 0.44 ? cleared : persistent;
      if (dli_gvhd_at >= 0 && t >= dli_gvhd_at) {
        dli_gvhd_at = -1.0;
        const bool is_severe = unit() < 0.40;
        severe |= is_severe;
        if (acute_at < 0) {
          acute_at = t;
          first_severe = is_severe;
          sums.acute += 1;
        }
      }
      if (acute_at < 0 && chronic_at < 0 && happens(in_pieces(t, {{1, 0.06}, {2, 0.05}, {4, 0.02}}, 0.002))) {
        acute_at = t;
        severe = first_severe = unit() < 0.35;
        sums.acute += 1;
      }
      const double chronic = in_pieces(t, {{1.5, 0.0}, {12, 0.035}, {24, 0.01}}, 0.002);
      if (chronic_at < 0 && happens(chronic * (acute_at >= 0 ? 1.5 : 1.0) * (dli ? 1.2 : 1.0))) {
        chronic_at = t;
        sums.chronic += 1;
      }
    }
    sums.alive += alive ? 1 : 0;
  }
  for (double* sum :
       {&sums.relapse, &sums.death_without_relapse, &sums.alive, &sums.ever_mrd, &sums.acute, &sums.chronic})
    *sum /= patients;
  return sums;
}

}  // namespace

TEST_CASE("a simulator that goes day by day, written apart, finds the same three years") {
  const auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  REQUIRE(model);
  constexpr int n = 12'000;
  const DayByDay reference = day_by_day(n, 36.0);
  const auto process = sim::compile(*model, "h_preemptive");
  REQUIRE(process);
  sim::History history(*process);
  std::map<std::string, double> found;
  for (std::uint32_t patient = 0; patient < n; ++patient) {
    history.begin({11, patient});
    history.run_until(36.0);
    REQUIRE(!history.problem());
    const sim::Patient& p = history.patient();
    const bool is_alive = p.state[0] == 0;
    const bool is_relapsed = p.state[1] == 4;
    found["relapse"] += is_relapsed;
    found["death without relapse"] += !is_alive && !is_relapsed;
    found["alive"] += is_alive;
    found["ever MRD"] += p.started[3] != sim::not_started;
    found["acute"] += p.state[2] != 0;
    found["chronic"] += p.state[4] != 0;
  }
  const std::map<std::string, double> expected{
      {"relapse", reference.relapse}, {"death without relapse", reference.death_without_relapse},
      {"alive", reference.alive},     {"ever MRD", reference.ever_mrd},
      {"acute", reference.acute},     {"chronic", reference.chronic}};
  for (const auto& [what, share_of] : expected) {
    CAPTURE(what);
    CAPTURE(share_of);
    // Two samples of n, four standard errors; a day's step moves a share by less than 0.2 points.
    CHECK(std::abs(found[what] / n - share_of) < std::sqrt(2.0) * four_errors(share_of, n) + 0.002);
  }
}
