#pragma once
// The reasoned answer for one patient on one day: the shape that text, JSON, HTML and cards are rendered
// from.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/quantity.h"
#include "core/truth.h"
#include "protocol/protocol.h"
#include "record/timeline.h"

namespace graftline::engine {

// What a site or a user adds to a record: values for the protocol's parameters, upper limits of the site's
// laboratory, judgements given now. Each says where it comes from, since answers repeat it.
struct Settings {
  struct Setting {
    std::string value;
    std::string origin;  // "site.toml line 3", "command line"
  };
  std::map<std::string, Setting, std::less<>> parameters;    // by name in the protocol
  std::map<std::string, Setting, std::less<>> upper_limits;  // by fact id: "40 U/L"
  std::map<std::string, Setting, std::less<>> judgements;    // by name in the protocol: "yes" or "no"
  std::string strategy;  // chosen by the user: its trigger counts as met unless the record says no
};

enum class Verdict : unsigned char { eligible, not_eligible, unknown };
std::string_view name(Verdict verdict);  // "eligible", "not eligible", "unknown"

// In the order in which they win over each other when several apply.
enum class Action : unsigned char { stop, outside, hold, wait, need_data, ask, give };
std::string_view name(Action action);  // "stop", "outside", "hold", "wait", "need data", "ask", "give"

// A fact that was used: what the record says, when, and where it says so.
struct Evidence {
  std::string fact;    // as the protocol names it
  std::string value;   // "35 U/L (upper limit 40 U/L)"
  std::string date;    // "2026-02-27", "2026-02", "since 2026-01-20"
  std::string origin;  // "p1.json Observation/alt-1"
  ReasonSet unusable;  // why it does not count, when it does not
};

// One condition of the protocol with its answer; the tree mirrors the text.
struct Node {
  enum class Form : unsigned char { all, any, negation, at_least, leaf, criterion, definition };
  Form form = Form::leaf;
  std::string id;        // criterion id, definition name; empty inside
  std::string sentence;  // the label, or the condition as written
  Answer answer;
  bool counts_against = false;  // exclusion criterion: its yes is a failure
  int count = 0;                // at_least
  std::string margin;           // "0.875 x upper limit, 3 allowed"
  std::string note;             // how a derived value came about
  std::vector<Evidence> evidence;
  std::vector<std::string> assumptions;  // "no record counts as no, because ..."
  std::vector<std::string> missing;  // leaf: what would have to be known: fact, judgement or parameter names
  const protocol::Citation* cite = nullptr;
  protocol::Span span;
  std::vector<Node> children;
};

// Something that would have to be known, with why it is not.
struct Missing {
  std::string name;    // fact, judgement or parameter of the protocol
  std::string phrase;  // as the catalogue or the question puts it
  ReasonSet reasons;
  std::vector<std::string> needed_by;  // criterion ids or rules
};

// A smallest set of names that would settle the eligibility verdict one way.
struct WouldDecide {
  Verdict verdict = Verdict::unknown;  // eligible or not_eligible
  std::vector<std::string> names;
};

// One target of the next dose, worked out.
struct TargetDose {
  Kind kind = Kind::cd3_cells;
  bool per_kilogram = true;
  Rational low;          // per kg (or total) before multiplication with weight
  Rational high;         // equal to low: a single value
  bool rounded = false;  // 10^0.5 is no fraction: shown to three figures
};

struct Dose {
  int level = 0;
  std::vector<TargetDose> targets;
  bool capped = false;  // the step led above the cap; the cap is given
  std::string step;     // "previous 1 × 10⁶ + 1 log", or empty
  const protocol::Citation* cite = nullptr;
  protocol::Span span;
};

// Days on which the next infusion may fall. Absent ends are not stated.
struct Dates {
  std::optional<Day> earliest;
  std::optional<Day> recommended_first;
  std::optional<Day> recommended_last;
  std::optional<Day> latest;
};

// A rule that holds back, stops, asks or cautions, with its condition worked out.
struct RuleOutcome {
  Action action = Action::hold;  // what it leads to when it applies
  bool is_caution = false;
  std::string label;
  Node node;
  std::optional<Day> until;  // wait
};

struct StrategyDecision {
  std::string name;
  std::string label;
  Answer open;  // its trigger
  std::optional<Node> trigger;
  bool chosen_by_user = false;
  Verdict verdict = Verdict::unknown;  // of the common and its own criteria
  std::vector<Node> criteria;          // its own; the common ones stand in Decision
  Action action = Action::need_data;
  std::string because;  // one sentence naming the rule
  ReasonSet reasons;
  std::optional<Day> wait_until;
  std::vector<RuleOutcome> rules;
  std::optional<Dose> dose;  // the next, where the table gives one
  std::string dose_gap;      // why there is none: "not stated by the source", "no row for ..."
  Dates dates;
  int infusions_given = 0;
  int next_level = 0;
  std::vector<Missing> missing;
};

struct GivenInfusion {
  PartialDate when;
  std::vector<Quantity> amounts;
  std::string as_written;
  std::string origin;
  bool status_unknown = false;
};

struct Decision {
  std::string patient;
  std::string protocol_id;
  std::string protocol_version;
  std::string protocol_sha256;
  protocol::Status protocol_status = protocol::Status::draft;
  Day as_of;
  Day known_on;
  std::optional<PartialDate> day_zero;
  Verdict verdict = Verdict::unknown;
  std::vector<Node> criteria;        // common ones, in the order of the text
  std::vector<std::string> failing;  // ids, common and of the answering strategy
  std::vector<Missing> missing;
  std::vector<std::string> decided_by;  // smallest set of conditions that fixes the verdict
  std::vector<WouldDecide> would_decide;
  std::vector<StrategyDecision> strategies;
  int answering = -1;  // index of the strategy whose action is the answer; -1: none applies
  Action action = Action::need_data;
  std::string because;
  std::vector<GivenInfusion> infusions;
  std::vector<std::string> assumptions;  // all of them, once
  std::vector<std::string> parameters;   // "egfr_equation = ckd_epi_2021 (site.toml line 3)"

  const StrategyDecision* answer() const {
    return answering < 0 ? nullptr : &strategies[static_cast<std::size_t>(answering)];
  }
};

}  // namespace graftline::engine
