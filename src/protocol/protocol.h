#pragma once
// A DLI protocol as data. docs/protocol-language.md is the reference for the text; this is what the text
// becomes.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/decimal.h"
#include "core/quantity.h"
#include "record/facts.h"
#include "record/view.h"

namespace graftline::protocol {

// A place in the protocol text. Lines and columns count from 1; columns count UTF-8 characters. Where a node
// stood is no part of what it says: places never make two nodes differ.
struct Span {
  std::uint32_t offset = 0;  // bytes
  std::uint32_t length = 0;  // bytes
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend constexpr bool operator==(const Span&, const Span&) { return true; }
};

// "cite nct "exclusion criteria, item 2"": document by its id among the sources, then section and item.
struct Citation {
  std::string source;
  std::string locator;
  Span span;
  friend bool operator==(const Citation&, const Citation&) = default;
};

// Dates
// ------------------------------------------------------------------------------------------------------------

enum class TimeUnit : unsigned char { hours, days, weeks, months, years, calendar_months };

// As written. In days: 1 week = 7; n months = 30 n, but 365 for every full 12; calendar months follow the
// calendar.
struct Duration {
  int count = 0;
  TimeUnit unit = TimeUnit::days;
  friend bool operator==(const Duration&, const Duration&) = default;
};
int in_days(const Duration& duration);          // not for hours or calendar_months (ensure)
std::string to_text(const Duration& duration);  // "4 weeks", "1 day", "72 hours"

// A day that a rule counts from.
struct Anchor {
  enum class Base : unsigned char { day_zero, today, first_infusion, last_infusion, infusion, event };
  Base base = Base::day_zero;
  int infusion = 0;                // Base::infusion: which, from 1
  std::string event;               // Base::event: the name of a declared fact; its date counts
  bool or_today = false;           // Base::event: today, as long as the event has not happened
  int sign = 1;                    // +1 after, -1 before
  std::optional<Duration> offset;  // "day +45" is day_zero + 45 days
  Span span;
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// "from A to B", both days included. An absent end has no limit. `so_far` stops at today: it never waits for
// days to come. Nothing set at all: no window was written, and the default of its place applies; `ever`: it
// was written that there is no limit, so days before day 0 count too.
struct Window {
  std::optional<Anchor> first;
  std::optional<Anchor> last;
  bool so_far = false;
  bool ever = false;
  bool is_written() const { return first || last || ever; }
  Span span;
  friend bool operator==(const Window&, const Window&) = default;
};

// Declarations
// -------------------------------------------------------------------------------------------------------

struct Source {
  std::string id;
  std::string reference;  // NCT07319793, doi:..., may be empty
  std::string description;
  std::string url;
  Span span;
  friend bool operator==(const Source&, const Source&) = default;
};

struct Review {
  std::string role;
  Day on;
  std::string compared;
  std::string finding;
  Span span;
  friend bool operator==(const Review&, const Review&) = default;
};

struct RuleArgument {  // ", with equation = egfr_equation": a parameter's name, or a literal word or number
  std::string name;
  std::string value;
  bool is_parameter = false;
  Span span;
  friend bool operator==(const RuleArgument&, const RuleArgument&) = default;
};

enum class Pick : unsigned char { latest, first, worst, best, any, current };

struct FactDeclaration {
  std::string name;         // local name: alt
  record::FactId fact = 0;  // resolved in the catalogue
  std::string phrase;       // as the catalogue writes it
  std::string unit;         // "in U/L"; empty: the catalogue's
  std::vector<RuleArgument> arguments;
  Pick pick = Pick::current;  // quantities: never `current` (the parser makes it `latest`)
  Window window;  // not written: no limit (latest, first, current) or since day 0 (worst, best, any)
  std::optional<record::Absence> absence;
  std::string absence_because;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const FactDeclaration&, const FactDeclaration&) = default;
};

struct Judgement {
  std::string name;
  std::string question;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

enum class ParameterType : unsigned char { word, number, duration, quantity };

struct Parameter {
  std::string name;
  ParameterType type = ParameterType::word;
  std::vector<std::string> choices;  // word
  std::string unit;                  // quantity: UCUM or "CD3/kg"
  std::string description;
  std::optional<std::string> default_value;  // as written
  std::string default_because;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

// Conditions
// ----------------------------------------------------------------------------------------------------------

enum class Op : unsigned char { less, less_or_equal, equal, not_equal, greater_or_equal, greater };
std::string_view symbol(Op op);

// One side of a comparison.
struct Operand {
  enum class Form : unsigned char {
    literal,      // quantity
    level,        // a level's word: II, negative
    fact,         // a declared fact
    upper_limit,  // the upper limit of the fact on the other side
    parameter,
    days_since,  // days since an anchor, in d
    infusions,   // number of infusions given since day 0
  };
  Form form = Form::literal;
  std::optional<Decimal> factor;  // "3 x upper limit"
  Quantity quantity;  // literal; its kind is the other side's. A bare number beside `days since` has unit d
  std::string quantity_text;  // literal as written: "50 %"
  std::string name;           // fact, parameter, or the level's word
  int level = 0;  // level: index on the other side's scale (fact), or among its choices (parameter)
  Anchor anchor;  // days_since
  Span span;
  friend bool operator==(const Operand& a, const Operand& b);
};

// A condition is a tree. Leaves name facts; inner nodes are Kleene connectives.
struct Expr {
  enum class Form : unsigned char {
    all,         // and
    any,         // or
    negation,    // not
    at_least,    // at least `count` of the children
    comparison,  // left op right; "donor is haploidentical" is op equal with a level on the right
    membership,  // fact or word parameter in {..}
    is_true,     // a statement, course, event, judgement or definition by its name
    held,        // name at any time in window; with `at_no_time` it is true when that is not
    known,       // name is known
    today,       // today in window
  };
  Form form = Form::all;
  std::vector<Expr> children;
  int count = 0;
  Op op = Op::equal;
  Operand left;
  Operand right;
  std::string name;                // membership, is_true, held, known
  std::vector<std::string> words;  // membership: as written
  std::vector<int> levels;         // membership: resolved
  bool at_no_time = false;         // held: turned round ("at no time"), without a negation node around it
  Window window;                   // held, today
  Span span;
  friend bool operator==(const Expr&, const Expr&) = default;
};

struct Definition {
  std::string name;
  std::string label;
  Expr when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Definition&, const Definition&) = default;
};

struct Criterion {
  bool include = true;  // exclude: met means not eligible
  std::string id;
  std::string label;
  Expr when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Criterion&, const Criterion&) = default;
};

// Doses
// -----------------------------------------------------------------------------------------------------------------

// One target of a dose: a single value or a range, per kg of the recipient's actual weight unless `total`.
struct Target {
  Kind kind = Kind::cd3_cells;
  bool per_kilogram = true;
  Decimal low;
  Decimal high;           // equal to low: a single value
  std::string parameter;  // instead of low/high: the value is this parameter's
  friend bool operator==(const Target&, const Target&) = default;
};

struct Amount {
  enum class Form : unsigned char {
    targets,     // one, or two to be reached together (MNC and CD3)
    log_step,    // previous + low..high log10
    factor,      // previous x low..high
    same,        // same as previous
    not_stated,  // the source states no dose: never filled from elsewhere
  };
  Form form = Form::targets;
  std::vector<Target> targets;
  Decimal low;  // log_step, factor
  Decimal high;
  Span span;
  friend bool operator==(const Amount&, const Amount&) = default;
};

// "dose level 2 to 3 previous + 0.5 to 1 log for donor in {...} from day +90 to day +179"
struct DoseRow {
  int first_level = 1;
  int last_level = 1;
  Amount amount;
  std::optional<Expr> when;  // for
  Window window;             // today must lie in it
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const DoseRow&, const DoseRow&) = default;
};

// "give level 1 from day +45 to day +60 once"
struct GiveRule {
  int first_level = 1;
  int last_level = 1;
  Window window;
  bool once = false;
  std::optional<Expr> when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const GiveRule&, const GiveRule&) = default;
};

struct Interval {  // between infusions
  Duration at_least;
  std::optional<Duration> recommended_from;
  std::optional<Duration> recommended_to;
  std::optional<Duration> at_most;
  int first_level = 2;  // which next levels it applies to; 2..0 means every next
  int last_level = 0;
  std::optional<Expr> when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Interval&, const Interval&) = default;
};

struct Count {  // number of infusions of the series: "infusions 1 to 3", "infusions 3", "infusions up to 3"
  int at_least = 0;  // 0: up to
  int at_most = 0;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Count&, const Count&) = default;
};

struct Cap {  // highest single dose
  enum class Form : unsigned char { amount, not_stated, none };
  Form form = Form::amount;
  std::optional<Target>
      target;  // amount: the cap; not_stated: above it a physician is asked ("ask above 1e8 CD3/kg")
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Cap&, const Cap&) = default;
};

struct Governing {                  // which of two targets decides the volume
  std::string target_or_parameter;  // "CD3", "MNC", "both" or a parameter's name
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Governing&, const Governing&) = default;
};

// hold while / stop when / ask when / caution when / repeat when
struct Guard {
  enum class Form : unsigned char { hold, stop, ask, caution, repeat };
  Form form = Form::hold;
  std::string label;
  std::optional<Expr> when;  // caution without a condition always shows
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Guard&, const Guard&) = default;
};

// "wait 30 days after immunosuppression": not before so long after an event, or after a course has ended
struct Wait {
  Duration duration;
  std::string after;  // declared fact: event or course
  std::string label;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Wait&, const Wait&) = default;
};

// Around the infusion
// ---------------------------------------------------------------------------------------------------

// "prepare "chemotherapy" 72 to 48 hours before infusion counted from start of chemotherapy"
struct Preparation {
  std::string what;
  Duration from;             // the longer distance before the infusion
  Duration to;               // the shorter
  std::string reference;     // "start", "end", or a parameter's name when the source does not say
  std::string reference_of;  // of what
  std::optional<Expr> when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Preparation&, const Preparation&) = default;
};

// "after infusion "ciclosporin or methotrexate" for 4 to 6 weeks when donor in {...}"
struct Prophylaxis {
  std::string what;
  Duration at_least;
  Duration at_most;
  std::optional<Expr> when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Prophylaxis&, const Prophylaxis&) = default;
};

// "monitor "blood count" every 1 week until week 8" / "at day 28" / "at week 4, 8"; counted from each
// infusion
struct Monitoring {
  std::string what;
  std::vector<Duration> at;  // single times
  std::optional<Duration> every;
  std::optional<Duration> from;  // of `every`; absent: from the infusion
  std::optional<Duration> until;
  bool before_infusion = false;  // "before infusion": done again before each
  std::optional<Expr> when;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Monitoring&, const Monitoring&) = default;
};

// Rules that hold for every strategy stand in Protocol::common; a strategy adds its own.
struct Rules {
  std::vector<Criterion> criteria;
  std::vector<DoseRow> doses;
  std::vector<GiveRule> gives;
  std::vector<Interval> intervals;
  std::optional<Count> count;
  std::optional<Cap> cap;
  std::optional<Governing> governing;
  std::vector<Guard> guards;
  std::vector<Wait> waits;
  std::vector<Preparation> preparations;
  std::vector<Prophylaxis> prophylaxis;
  std::vector<Monitoring> monitoring;
  friend bool operator==(const Rules&, const Rules&) = default;
};

struct Strategy {
  std::string name;
  std::string label;
  std::optional<Expr> when;  // trigger; absent: always open
  Rules rules;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Strategy&, const Strategy&) = default;
};

struct Claim {
  enum class Form : unsigned char { never, always, reachable, eventually };
  enum class About : unsigned char { give, give_level, two_infusions_within, decision };
  Form form = Form::never;
  About about = About::give;
  int level = 0;             // give_level
  Duration within;           // two_infusions_within
  std::string decision;      // decision: wait, hold, stop, need data, ask, outside or not eligible
  std::optional<Expr> when;  // while / when
  Span span;
  friend bool operator==(const Claim&, const Claim&) = default;
};

enum class Status : unsigned char { draft, reviewed, active, retired };
std::string_view name(Status status);

struct Gap {  // something the source does not settle, said aloud
  std::string text;
  std::optional<Citation> cite;
  Span span;
  friend bool operator==(const Gap&, const Gap&) = default;
};

// The order in which statements stood, with their comments, so that formatting gives the author's file back.
struct StatementRef {
  enum class Kind : unsigned char {
    header,
    status,
    review,
    source,
    day_zero,
    gap,
    fact,
    judgement,
    parameter,
    definition,
    criterion,
    strategy,
    common,
    when,
    dose,
    give,
    interval,
    count,
    cap,
    governing,
    guard,
    wait,
    preparation,
    prophylaxis,
    monitoring,
    claim
  };
  Kind kind = Kind::header;
  int strategy = -1;  // index into strategies; -1: common
  int index = 0;      // index in its own vector
  std::vector<std::string>
      comments;                  // lines before it, without '#'; an entry "\n" is a blank line between them
  int blank_lines_before = 0;    // 0 or 1, before the comments
  std::string trailing_comment;  // behind it on its line, with the '#'; may be empty
  friend bool operator==(const StatementRef&, const StatementRef&) = default;
};

struct Protocol {
  std::string title;
  std::string id;
  std::string version;
  Status status = Status::draft;
  std::vector<Review> reviews;
  std::vector<Source> sources;
  std::vector<Gap> gaps;
  std::vector<FactDeclaration> facts;
  std::vector<Judgement> judgements;
  std::vector<Parameter> parameters;
  std::vector<Definition> definitions;
  Rules common;
  std::vector<Strategy> strategies;
  std::vector<Claim> claims;
  std::vector<StatementRef> order;  // empty: the formatter takes the order of this struct
  std::vector<std::string> closing_comments;
  std::string file;    // where the text was read
  std::string sha256;  // of the canonical JSON

  const FactDeclaration* find_fact(std::string_view name) const;
  const Judgement* find_judgement(std::string_view name) const;
  const Parameter* find_parameter(std::string_view name) const;
  const Definition* find_definition(std::string_view name) const;
  const Source* find_source(std::string_view id) const;

  // What the two say, in order and with their comments; not where it was read from.
  friend bool operator==(const Protocol& a, const Protocol& b);
};

}  // namespace graftline::protocol
