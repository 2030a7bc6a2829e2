#pragma once
// A model of what happens to patients after transplant, as data. docs/model-language.md is the reference for
// the text; this is what the text becomes.
//
// Several states run side by side (disease, acute GVHD, immunosuppression); transitions change them, at rates
// or after delays, when their condition holds; clocks remember when something happened. Variants are named
// sets of changes: another population, another strategy.

#include <optional>
#include <string>
#include <vector>

#include "protocol/protocol.h"
#include "record/facts.h"
#include "sim/expression.h"

namespace graftline::sim {

using protocol::Span;

// How far a number can be trusted.
enum class Support : unsigned char { found, recall, derived, proposal };
std::string_view name(Support support);

struct Citation {
  Support support = Support::proposal;
  std::string source;
  std::string locator;
};

struct Source {
  std::string id;
  std::string description;
  Span span;
};

struct StateVariable {
  std::string name;
  std::vector<std::string> values;  // a patient begins with the first, or by `share`
  std::vector<double> share;        // a covariate: probability of each value; empty: the first
  std::optional<Citation> cite;
  Span span;
};

struct Clock {
  std::string name;
  Span span;
};

// A continuous covariate, or a frailty (mean 1).
struct Trait {
  enum class Form : unsigned char { normal, log_normal, gamma, uniform };
  std::string name;
  Form form = Form::normal;
  double first = 0.0;   // normal: mean; log_normal: median; gamma: mean; uniform: least
  double second = 1.0;  // normal: sd; log_normal: sd of the logarithm; gamma: variance; uniform: greatest
  double low = -std::numeric_limits<double>::infinity();  // drawn again until inside
  double high = std::numeric_limits<double>::infinity();
  std::optional<Citation> cite;
  Span span;
};

struct Number {
  std::string name;
  Expression value;  // of constants and earlier numbers
  std::string meaning;
  std::optional<Citation> cite;
  Span span;
};

// A function of the reading of a clock.
struct Curve {
  enum class Form : unsigned char { steps, weibull, gompertz, log_logistic };
  std::string name;
  std::uint32_t clock = 0;
  Form form = Form::steps;
  std::vector<double> until;   // steps: ends of all pieces but the last
  std::vector<double> values;  // steps: one more than `until`
  double shape = 1.0;          // weibull, log_logistic: shape; gompertz: rate of increase per unit of time
  double scale = 1.0;          // weibull, log_logistic: scale; gompertz: hazard at 0
  std::optional<Citation> cite;
  Span span;
};

struct Let {
  std::string name;
  Expression value;
  std::size_t size = 1;  // nodes, with earlier named expressions written out
  std::optional<Citation> cite;
  Span span;
};

struct Delay {
  enum class Form : unsigned char { fixed, exponential, gamma, log_normal, weibull, uniform };
  Form form = Form::fixed;
  Expression first;   // fixed: the delay; exponential: mean; gamma, weibull: shape; log_normal: median;
                      // uniform: least
  Expression second;  // gamma, weibull: scale; log_normal: sd of the logarithm; uniform: greatest
};

struct Action {
  enum class Form : unsigned char { becomes, rises_to, starts, restarts, infuse };
  Form form = Form::becomes;
  std::uint32_t index = 0;  // state or clock
  std::uint8_t value = 0;   // of the state
  Expression dose;          // infuse
  Expression when;          // empty: always
};

// One way for a transition to come out.
struct Outcome {
  Expression probability;  // empty: whatever is left
  std::vector<Action> actions;
};

struct Transition {
  std::string name;
  bool is_policy = false;         // happens only in variants that use it
  Expression when;                // empty: always. With a delay it is asked at its end
  Expression rate;                // empty: on a trigger
  std::vector<std::uint32_t> on;  // triggers: transitions by index, or the two below
  Expression probability;         // that the trigger leads to anything, as of the trigger; empty: 1
  std::optional<Delay> after;
  std::vector<Outcome> outcomes;
  std::optional<Citation> cite;
  Span span;
};
inline constexpr std::uint32_t trigger_start = 0xFFFFU;     // time zero of the patient
inline constexpr std::uint32_t trigger_infusion = 0xFFFEU;  // cells were given, whoever decided it

// A named set of changes to the model.
struct Variant {
  struct NewNumber {
    std::uint32_t index = 0;
    Expression value;
  };
  struct Beginning {
    std::uint32_t state = 0;
    std::uint8_t value = 0;
  };
  std::string name;
  std::vector<std::uint32_t> extends;  // earlier variants, applied first
  std::vector<NewNumber> numbers;
  std::vector<std::pair<std::uint32_t, Curve>> curves;
  std::vector<Beginning> beginnings;
  std::vector<std::uint32_t> uses;     // policies
  std::vector<std::uint32_t> without;  // transitions
  std::optional<int> from_day;
  std::optional<Citation> cite;
  Span span;
};

// A published or derived figure that simulated patients should show.
struct Check {
  enum class Form : unsigned char { percent, mean, median };
  std::string label;
  std::uint32_t variant = 0;
  Form form = Form::percent;
  Expression quantity;  // percent: a condition
  double at = 0.0;
  Expression given;  // a condition; empty: all patients
  double given_at = 0.0;
  double target = 0.0;
  double tolerance = 0.0;
  std::optional<Citation> cite;
  Span span;
};

// How something true of a patient becomes an entry of the record, if it does: an assay, a grading, a visit.
struct Measurement {
  struct Level {
    std::string word;  // of the fact; "yes" or "no"
    Expression when;   // the last has none: otherwise
  };
  struct Period {
    double every = 1.0;  // in the model's unit of time
    double until = 0.0;
  };
  std::string name;
  record::FactId fact = 0;
  std::vector<Level> levels;  // the first whose condition holds; empty: a value
  Expression value;
  std::string unit;                  // UCUM
  std::string method;                // assay or grading criteria, as records name it
  Expression error;                  // standard deviation of the assay, in that unit; empty: none
  Expression limit;                  // of detection: below it "<limit" is recorded; empty: none
  double first = 0.0;                // visit
  std::vector<Period> periods;       // empty: one visit
  Expression missed;                 // probability that a visit does not take place; empty: none
  Expression false_first;            // probability that the first level is recorded when it is not so
  Expression missed_first;           // probability that it is not recorded when it is so
  std::optional<Delay> known_after;  // from the visit until the result is on record
  std::optional<Citation> cite;
  Span span;
};

// A randomised trial of two variants of the model. Times are in the model's unit, days where the name says
// so.
struct TrialPlan {
  // A protocol file decides for the patients of an arm, on what is measured of them.
  struct ByProtocol {
    std::string protocol;  // id or path
    std::string record;    // the base record that all share: a path, from the folder of the file
    std::vector<std::pair<std::string, std::string>> settings;
    int first_day = 0;  // decision days, after transplant
    int every_days = 7;
    int last_day = 365;
    Span span;
  };
  struct Arm {
    std::uint32_t variant = 0;
    std::uint32_t patients = 0;
    std::optional<ByProtocol> by;  // else the policies of the variant decide
  };
  enum class Test : unsigned char { log_rank, gray, difference };
  struct Endpoint {
    std::string name;
    Expression event;            // the first time this holds; noticed after each event of the patient
    Expression competing;        // empty: none
    Test test = Test::log_rank;  // of the first endpoint: the one that decides
  };
  // What randomisation and the stratified tests know of a patient.
  struct Factor {
    std::string name;
    std::vector<std::string> levels;
    std::vector<double> share;           // without a state: independent of all else
    std::optional<std::uint32_t> state;  // a covariate of the model instead
  };
  enum class Randomisation : unsigned char { in_turn, blocks, coin, minimisation };
  // From the moment the condition holds, this share of an arm's patients goes on as in the other arm.
  struct Crossover {
    std::uint32_t from = 0;
    Expression when;
    double probability = 1.0;
  };
  enum class Boundary : unsigned char { obrien_fleming, pocock, haybittle_peto };
  // Analyses of the first endpoint before the last one.
  struct Looks {
    std::vector<std::uint32_t> events;  // of the endpoint, both arms
    std::uint32_t planned_events = 0;   // at the last analysis: what the information of a look is counted by
    Boundary boundary = Boundary::obrien_fleming;
    std::optional<double> futility;  // stop where Z is at or below
  };
  // The trial stops for harm when too many of an arm's patients have had it.
  struct Safety {
    std::string name;
    std::uint32_t arm = 1;
    Expression harm;
    double within = 0.0;      // of entry
    double acceptable = 0.0;  // proportion
    double level = 0.05;      // chance to stop when the proportion is acceptable
  };
  struct Count {
    std::string name;
    Expression event;
  };

  std::string name;
  std::vector<Arm> arms;  // control, experimental
  double accrual = 0.0;   // patients enter uniformly over this time
  double followed = 0.0;
  bool each = true;  // every patient so long; otherwise so long after the last entry
  double alpha = 0.05;
  int sides = 2;
  double dropout = 0.0;  // hazard of being lost
  std::vector<Factor> factors;
  Randomisation randomisation = Randomisation::in_turn;
  std::vector<int> block_sizes;
  double towards_balance = 0.8;  // of coin and minimisation
  bool stratified = false;       // the tests, by all factors
  std::vector<Crossover> crossovers;
  std::optional<Looks> looks;
  std::vector<Safety> safety;
  std::vector<Endpoint> endpoints;  // the first decides
  std::vector<Count> counts;
  std::optional<Citation> cite;
  Span span;
};

// The head of a file of trials.
struct Scenario {
  std::string title;
  std::string id;
  std::string model;  // id or path
};

struct Model {
  std::string title;
  std::string id;
  std::string version;
  bool is_exploratory = false;
  std::string time_unit = "months";
  double days_per_unit = 30.4375;
  int from_day = 0;  // time zero, in days after transplant
  std::vector<Source> sources;
  std::vector<StateVariable> states;
  std::vector<Clock> clocks;  // the first two are always there
  std::vector<Trait> traits;
  std::vector<Number> numbers;
  std::vector<Curve> curves;
  std::vector<Let> lets;
  std::vector<Transition> transitions;
  std::vector<Measurement> measurements;
  Expression followed;  // a patient is seen while this holds; empty: always
  std::vector<Variant> variants;
  std::vector<Check> checks;
  std::vector<TrialPlan> trials;
  Scenario scenario;  // empty: the trials are the model's own
};
inline constexpr std::uint32_t clock_start = 0;       // "start": time zero
inline constexpr std::uint32_t clock_transplant = 1;  // "transplant": day 0
inline constexpr std::uint32_t clock_infusion = 2;    // "infusion": the last one
inline constexpr std::uint32_t built_in_clocks = 3;

}  // namespace graftline::sim
