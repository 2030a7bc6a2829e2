#pragma once
// What an analysis gives: tables of numbers, the sentences that say how they came about, and curves for a
// figure. Numbers are unrounded; whoever prints them rounds by their kind.

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace graftline::analysis {

enum class Kind : unsigned char { text, count, number, time, probability, ratio, p_value };

struct ColumnHead {
  std::string name;  // as in CSV and JSON: "n_risk"
  Kind kind = Kind::number;
};

// monostate: undefined or not reached.
using Value = std::variant<std::monostate, double, std::string>;

struct Table {
  std::string id;     // "estimates", "summary", "tests", ...
  std::string title;  // one line for people
  std::vector<ColumnHead> columns;
  std::vector<std::vector<Value>> rows;
};

// One curve of a figure: a right-continuous step function from `start`.
struct Curve {
  std::string group;  // empty when there is one group
  std::string event;  // the cause, or the state; empty for survival
  double start = 1.0;
  std::vector<double> time, value, lower, upper;
};

// Who was at risk, had been censored, and had had an event in each group, at any time: sorted by time.
struct RiskCounts {
  std::string group;
  double n = 0.0;
  std::vector<double> time;       // distinct ends of follow-up
  std::vector<double> n_at_risk;  // just before
  std::vector<double> n_event, n_censored;
  bool late_entry = false;  // then at risk + censored + events is not n
};

// A ratio with its limits, a row of a forest plot. NaN where there is none (a reference, an infinite one).
struct Effect {
  std::string label;
  double ratio = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p = 1.0;
};

enum class FigureKind : unsigned char { survival, incidence, occupancy, current, effects };

struct Figure {
  FigureKind kind = FigureKind::survival;
  std::vector<Curve> curves;
  std::vector<RiskCounts> risk;
  std::vector<Effect> effects;  // of FigureKind::effects, instead of curves
  std::string ratio;            // what they are: "hazard ratio"
  std::string test;             // "log-rank p = 0.012; hazard ratio 0.65 (0.40 to 1.05)"
  std::string limits;           // "95 % limits on the log-log scale"
  std::string caption;          // N, events, median follow-up
};

struct MissingColumn {
  std::string column;
  std::size_t rows = 0;
  std::vector<std::size_t> first_lines;  // of the file, the first few
};

// One row as it was analysed, for whoever wants to see or pass on what went in.
struct AnalysedRow {
  std::string subject;  // by --id, else "line 17"
  std::string group;
  double time = 0.0;
  int status = 0;     // 0 censored, else the cause
  std::string event;  // its name; empty when censored
};

struct Analysis {
  std::string kind;  // "km", "cif", ...
  std::string formula;
  std::size_t rows_read = 0;  // of the table, after `subset`
  std::size_t rows_analysed = 0;
  std::vector<MissingColumn> missing;
  std::vector<std::string> methods;  // sentences
  std::vector<std::string> notes;    // what the reader should know before believing the numbers
  std::vector<Table> tables;
  std::vector<AnalysedRow> rows;  // when asked for
  std::optional<Figure> figure;
};

}  // namespace graftline::analysis
