#pragma once
// What was asked of an analysis: the formula and every option, with the defaults that hold when nothing is
// said.

#include <optional>
#include <string>
#include <vector>

namespace graftline::analysis {

// An exposure that begins after time 0 (an infusion, GVHD): `name` becomes a column 0/1, `day` is the column
// with the time at which it began, empty where it never did.
struct Exposure {
  std::string name;
  std::string day;
};

// A state of a multi-state model in a table of one row per subject: entered at `time` if `status` is 1, not
// by `time` if 0.
struct StateColumn {
  std::string state;
  std::string time;
  std::string status;
};

struct Request {
  std::string formula;  // "Surv(time, status) ~ group"; table1: "arm ~ age + sex"
  std::string event;    // what the event is called, for axes and captions; also for the refusals of honesty.h
  std::string subset;   // condition
  std::string entry, weights, id;            // columns or expressions
  std::vector<std::string> strata, cluster;  // besides those in the formula
  std::vector<std::string> censoring_strata;
  std::string censored;                     // which word of a text status means censored
  std::vector<std::string> causes;          // "1=relapse": the codes there may be, and their names
  std::string cause;                        // the cause of interest, by code or name
  std::vector<std::string> known_at_start;  // columns that were fixed at time 0, whatever their names suggest
  std::vector<Exposure> exposures;
  std::optional<double> landmark;
  bool time_dependent = false;

  std::string conf_type;  // plain, log, log-log, logit, arcsin, none; empty: the default of the analysis
  double conf_level = 0.95;
  std::vector<double> times;
  std::vector<double> quantiles{0.25, 0.5, 0.75};
  double rho = 0.0;
  bool trend = false;
  std::vector<double> scores;
  std::string ties = "efron";
  std::string variance;  // km: greenwood, robust; cif: jackknife, greenwood, aalen; finegray: crr, finegray
  std::string estimate;  // km: kaplan-meier, nelson-aalen
  bool robust = false;
  bool firth = false;
  std::vector<std::string> predict;  // cox, finegray: "age=60, arm=B", one for each patient
  std::string clock = "forward";     // multistate: time since the origin, or "reset" since entering the state
  std::string treated;     // win ratio: which value of the group is the treatment; empty: the second
  std::string zph = "km";  // transform of time; "none"
  std::optional<double> tau;
  bool every_time = false;  // one row per time of the data instead of `times`

  std::string from_state;  // multistate: column with the state at the start of a row
  std::vector<StateColumn> states;
  std::string start_state = "start";
  std::vector<std::string> transitions;  // "Tx>PR"; empty: those that occur
  double from_time = 0.0;
  std::vector<std::string> good_states;  // current survival: the states that count

  bool keep_rows = false;  // Analysis::rows is wanted

  std::string origin;  // "randomisation": what time 0 is
  std::string time_unit = "days";
};

}  // namespace graftline::analysis
