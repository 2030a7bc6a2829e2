#include "sim/parse_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace graftline::sim {
namespace {

constexpr double longest = 1e4;
constexpr std::uint32_t most_patients = 100'000;  // of an arm
constexpr std::size_t most_clauses = 20;          // of one kind

}  // namespace

void TrialParser::parse(TrialPlan& trial) {
  trial_ = &trial;
  arms();
  follow_up();
  while (!reader_.failed() && clause()) {
  }
  if (!reader_.failed() && trial.endpoints.empty()) reader_.fail_here("'endpoint NAME when CONDITION'");
  if (reader_.failed()) return;
  if (trial.randomisation == TrialPlan::Randomisation::minimisation && trial.factors.empty())
    reader_.fail(trial.span, "minimisation balances factors, and there is none",
                 "declare one: factor NAME is one of a 30 %, b 70 %");
  if (trial.stratified && trial.factors.empty())
    reader_.fail(trial.span, "tests are stratified by factors, and there is none",
                 "declare one: factor NAME is one of a 30 %, b 70 %");
  const TrialPlan::Endpoint& primary = trial.endpoints.front();
  if (primary.test == TrialPlan::Test::gray && primary.competing.empty())
    reader_.fail(trial.span, fmt::format("Gray's test of {} needs a competing event", primary.name),
                 "write: endpoint NAME when CONDITION competing CONDITION tested by gray");
}

// A figure of the statement, within limits.
double TrialParser::figure(std::string_view what, double low, double high) {
  const Span span = reader_.peek().span;
  ExpressionParser parser(reader_, names_, model_);
  const double value = parser.figure(what);
  if (!reader_.failed() && !(value >= low && value <= high))
    reader_.fail(span, fmt::format("{} lies between {:.6g} and {:.6g}", what, low, high));
  return value;
}

Expression TrialParser::condition() {
  return ExpressionParser(reader_, names_, model_).parse(Purpose::condition);
}

void TrialParser::arms() {
  reader_.expect_word("arms", "behind the name");
  do {
    arm();
  } while (reader_.accept_symbol(",") && !reader_.failed());
  if (!reader_.failed() && trial_->arms.size() != 2)
    reader_.fail(trial_->span, "a trial has two arms: control, experimental");
}

void TrialParser::arm() {
  TrialPlan::Arm arm;
  arm.variant = names_.find(reader_, Name::Kind::variant, "of an arm").value_or(0);
  const Span span = reader_.peek().span;
  arm.patients = static_cast<std::uint32_t>(reader_.integer("the number of its patients"));
  if (reader_.failed()) return;
  if (arm.patients == 0) return reader_.fail(span, "an arm has at least one patient");
  if (arm.patients > most_patients)
    return reader_.fail(span, fmt::format("an arm has at most {} patients", most_patients));
  if (reader_.at_words({"by", "protocol"})) arm.by = by_protocol();
  trial_->arms.push_back(std::move(arm));
}

TrialPlan::ByProtocol TrialParser::by_protocol() {
  TrialPlan::ByProtocol by;
  by.span = reader_.peek().span;
  reader_.accept_words({"by", "protocol"});
  by.protocol =
      reader_.at_string() ? reader_.string("the protocol") : std::string(reader_.raw("the protocol"));
  reader_.expect_word("record", "behind the protocol");
  by.record = reader_.string("the file of the base record");
  while (!reader_.failed() && reader_.accept_word("set")) {
    std::string name = reader_.word("a parameter of the protocol");
    reader_.expect_symbol("=", "behind the parameter");
    by.settings.emplace_back(std::move(name), reader_.at_string() ? reader_.string("its value")
                                                                  : std::string(reader_.raw("its value")));
  }
  if (!reader_.failed() && reader_.accept_words({"from", "day"}))
    by.first_day = reader_.integer("the first decision day");
  if (!reader_.failed() && reader_.accept_word("every")) {
    const Span span = reader_.peek().span;
    by.every_days = reader_.integer("the days between decisions");
    reader_.expect_word("days", "behind the number");
    if (!reader_.failed() && (by.every_days < 1 || by.every_days > 3650))
      reader_.fail(span, "decision days are 1 to 3650 days apart");
  }
  if (!reader_.failed() && reader_.accept_words({"until", "day"}))
    by.last_day = reader_.integer("the last decision day");
  if (!reader_.failed() && (by.last_day < by.first_day || by.last_day > 36'525))
    reader_.fail(by.span, "decision days end after they began, within 100 years of transplant");
  return by;
}

void TrialParser::follow_up() {
  TrialPlan& trial = *trial_;
  if (reader_.accept_word("accrual"))
    trial.accrual = figure("the time over which patients enter", 0.0, longest);
  trial.each = reader_.accept_word("each");
  reader_.expect_word("followed", "before the time of follow-up");
  const Span span = reader_.peek().span;
  trial.followed = figure("the time of follow-up", 0.0, longest);
  if (!reader_.failed() && !(trial.followed > 0.0)) return reader_.fail(span, "follow-up is above 0");
  if (trial.each) return;
  reader_.expect_word("after", "behind the time, or 'each' before 'followed'");
  reader_.expect_word("the", "behind 'after'");
  reader_.expect_word("last", "behind 'after the'");
}

bool TrialParser::clause() {
  const auto room = [&](std::size_t n) {
    if (n >= most_clauses) reader_.fail_here(fmt::format("at most {} of these", most_clauses));
  };
  if (reader_.at_word("alpha")) {
    level();
  } else if (reader_.accept_word("dropout")) {
    trial_->dropout = figure("the hazard of being lost", 0.0, 100.0);
  } else if (reader_.at_word("factor")) {
    room(trial_->factors.size());
    factor();
  } else if (reader_.at_word("randomised")) {
    randomisation();
  } else if (reader_.accept_word("stratified")) {
    trial_->stratified = true;
  } else if (reader_.at_word("crossover")) {
    room(trial_->crossovers.size());
    crossover();
  } else if (reader_.at_word("looks")) {
    looks();
  } else if (reader_.at_word("safety")) {
    room(trial_->safety.size());
    safety();
  } else if (reader_.at_word("endpoint")) {
    room(trial_->endpoints.size());
    endpoint();
  } else if (reader_.at_word("count")) {
    room(trial_->counts.size());
    count();
  } else {
    return false;
  }
  return true;
}

void TrialParser::level() {
  reader_.accept_word("alpha");
  const Span span = reader_.peek().span;
  trial_->alpha = figure("the level of the test", 0.0, 1.0);
  if (!reader_.failed() && !(trial_->alpha > 0.0 && trial_->alpha < 1.0))
    return reader_.fail(span, "alpha lies between 0 and 1");
  if (reader_.accept_words({"one", "sided"})) trial_->sides = 1;
}

void TrialParser::factor() {
  reader_.accept_word("factor");
  TrialPlan::Factor factor;
  const Span span = reader_.peek().span;
  factor.name = reader_.word("the name of the factor");
  if (reader_.failed()) return;
  if (std::ranges::find(trial_->factors, factor.name, &TrialPlan::Factor::name) != trial_->factors.end())
    return reader_.fail(span, fmt::format("there is a factor '{}' already", factor.name));
  if (!reader_.accept_words({"is", "one", "of"})) {
    const Name* known = names_.find(factor.name);
    if (known == nullptr || known->kind != Name::Kind::state || model_.states[known->index].share.empty()) {
      return reader_.fail(span, fmt::format("{} is no covariate of the model", factor.name),
                          "give it levels: factor NAME is one of a 30 %, b 70 %");
    }
    factor.state = known->index;
    factor.levels = model_.states[known->index].values;
  } else {
    double total = 0.0;
    do {
      factor.levels.push_back(reader_.word("a level of the factor"));
      factor.share.push_back(figure("the share of this level, such as 30 %", 0.0, 1.0));
      total += factor.share.back();
    } while (!reader_.failed() && reader_.accept_symbol(",") && factor.levels.size() < most_values);
    if (!reader_.failed() && std::abs(total - 1.0) > 1e-9)
      return reader_.fail(
          span, fmt::format("the shares of {} add up to {:.6g} %, not 100 %", factor.name, 100.0 * total));
  }
  trial_->factors.push_back(std::move(factor));
}

void TrialParser::randomisation() {
  reader_.accept_word("randomised");
  using enum TrialPlan::Randomisation;
  const auto towards = [&] {
    if (reader_.accept_word("towards"))
      trial_->towards_balance = figure("the probability towards balance", 0.5, 1.0);
  };
  if (reader_.accept_words({"in", "blocks", "of"})) {
    trial_->randomisation = blocks;
    const int n0 = static_cast<int>(trial_->arms[0].patients);
    const int n1 = static_cast<int>(trial_->arms[1].patients);
    const int unit = (n0 + n1) / std::gcd(n0, n1);
    do {
      const Span span = reader_.peek().span;
      const int size = reader_.integer("the size of a block");
      if (reader_.failed()) return;
      if (size < unit || size % unit != 0 || size / unit > 1000)
        return reader_.fail(span,
                            fmt::format("a block holds the arms in ratio: a multiple of {} patients", unit));
      trial_->block_sizes.push_back(size);
    } while (reader_.accept_symbol(",") && trial_->block_sizes.size() < most_clauses);
  } else if (reader_.accept_words({"by", "coin"})) {
    trial_->randomisation = coin;
    towards();
  } else if (reader_.accept_words({"by", "minimisation"})) {
    trial_->randomisation = minimisation;
    towards();
  } else {
    reader_.fail_here("'in blocks of 2, 4, 6', 'by coin' or 'by minimisation'");
  }
}

// "control" or "experimental", or the variant's name.
std::uint32_t TrialParser::arm_named(std::string_view where) {
  const Span span = reader_.peek().span;
  const std::string word = reader_.word(fmt::format("an arm {}", where));
  if (reader_.failed() || word == "control") return 0;
  if (word == "experimental") return 1;
  for (std::uint32_t arm = 0; arm < trial_->arms.size(); ++arm) {
    if (model_.variants[trial_->arms[arm].variant].name == word) return arm;
  }
  reader_.fail(span, fmt::format("there is no arm '{}'", word),
               "an arm is 'control', 'experimental' or a variant");
  return 0;
}

void TrialParser::crossover() {
  reader_.accept_word("crossover");
  TrialPlan::Crossover crossover;
  reader_.expect_word("from", "behind 'crossover'");
  crossover.from = arm_named("that is left");
  reader_.expect_word("when", "behind the arm");
  crossover.when = condition();
  if (reader_.accept_words({"with", "probability"}))
    crossover.probability = figure("the probability to cross over", 0.0, 1.0);
  trial_->crossovers.push_back(std::move(crossover));
}

void TrialParser::looks() {
  reader_.accept_word("looks");
  TrialPlan::Looks looks;
  const Span span = reader_.peek().span;
  if (trial_->looks) return reader_.fail(span, "a trial has one plan of looks");
  reader_.expect_word("after", "behind 'looks'");
  do {
    looks.events.push_back(static_cast<std::uint32_t>(reader_.integer("a number of events")));
  } while (!reader_.failed() && reader_.accept_symbol(",") && looks.events.size() < most_clauses);
  reader_.expect_word("of", "before the events planned for the last analysis");
  looks.planned_events =
      static_cast<std::uint32_t>(reader_.integer("the events planned for the last analysis"));
  reader_.expect_word("events", "behind the number");
  if (reader_.failed()) return;
  std::uint32_t before = 0;
  for (const std::uint32_t events : looks.events) {
    if (events <= before || events >= looks.planned_events)
      return reader_.fail(span, "looks come at increasing numbers of events, all below the planned one");
    before = events;
  }
  if (reader_.accept_word("boundary")) {
    if (reader_.accept_word("pocock")) {
      looks.boundary = TrialPlan::Boundary::pocock;
    } else if (reader_.accept_word("haybittle_peto")) {
      looks.boundary = TrialPlan::Boundary::haybittle_peto;
    } else if (!reader_.accept_word("obrien_fleming")) {
      return reader_.fail_here("'obrien_fleming', 'pocock' or 'haybittle_peto'");
    }
  }
  if (reader_.accept_words({"futility", "z"})) {
    const double sign = reader_.accept_symbol("-") ? -1.0 : 1.0;
    looks.futility = sign * figure("the bound for futility", 0.0, 10.0);
  }
  trial_->looks = std::move(looks);
}

void TrialParser::safety() {
  reader_.accept_word("safety");
  TrialPlan::Safety safety;
  safety.name = reader_.word("what is watched");
  if (reader_.accept_word("in")) safety.arm = arm_named("that is watched");
  reader_.expect_word("when", "before the condition");
  safety.harm = condition();
  reader_.expect_word("within", "behind the condition");
  safety.within = figure("the time after entry", 0.0, longest);
  reader_.expect_word("acceptable", "behind the time");
  safety.acceptable = figure("the acceptable proportion", 0.001, 0.999);
  if (reader_.accept_word("level"))
    safety.level = figure("the chance to stop at that proportion", 0.001, 0.999);
  trial_->safety.push_back(std::move(safety));
}

void TrialParser::endpoint() {
  reader_.accept_word("endpoint");
  TrialPlan::Endpoint endpoint;
  endpoint.name = reader_.word("the name of the endpoint");
  reader_.expect_word("when", "behind the name");
  endpoint.event = condition();
  if (reader_.accept_word("competing")) endpoint.competing = condition();
  if (reader_.accept_words({"tested", "by"})) {
    if (reader_.accept_word("gray")) {
      endpoint.test = TrialPlan::Test::gray;
    } else if (reader_.accept_word("difference")) {
      endpoint.test = TrialPlan::Test::difference;
    } else if (!reader_.accept_word("log_rank")) {
      return reader_.fail_here("'log_rank', 'gray' or 'difference'");
    }
  }
  trial_->endpoints.push_back(std::move(endpoint));
}

void TrialParser::count() {
  reader_.accept_word("count");
  TrialPlan::Count count;
  count.name = reader_.word("what is counted");
  reader_.expect_word("when", "behind the name");
  count.event = condition();
  trial_->counts.push_back(std::move(count));
}

}  // namespace graftline::sim
