#include "engine/borders.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/unit.h"
#include "protocol/format.h"
#include "protocol/parse.h"
#include "record/facts.h"
#include "record/related.h"

namespace graftline::engine {
namespace {

using protocol::Expr;
using protocol::FactDeclaration;
using protocol::Operand;
using record::FactId;

constexpr std::string_view of_members = "where one of its conditions has one";
constexpr std::string_view of_the_fact =
    "the days of the fact's entries, the days they became known, and the days they enter or leave its window";
constexpr std::string_view of_the_window = "the days on which the ends of the window fall, and the day after";

constexpr std::array<BorderRule, 27> rules{{
    {"or", of_members},
    {"and", of_members},
    {"not", of_members},
    {"at least N of", of_members},
    {"all of", of_members},
    {"any of", of_members},
    {"<", of_the_fact},
    {"<=", of_the_fact},
    {">", of_the_fact},
    {">=", of_the_fact},
    {"=", of_the_fact},
    {"!=", of_the_fact},
    {"is", of_the_fact},
    {"is not", of_the_fact},
    {"in", of_the_fact},
    {"is known", of_the_fact},
    {"is not known", of_the_fact},
    {"at any time", of_the_fact},
    {"at no time", of_the_fact},
    {"today from", of_the_window},
    {"today before", of_the_window},
    {"today after", of_the_window},
    {"today on or before", of_the_window},
    {"today on or after", of_the_window},
    {"x upper limit", of_the_fact},
    {"number of infusions", "the days of the infusions and of the transplants"},
    {"days since", "the day counted from, plus the limit"},
}};

void add(std::vector<FactId>& facts, FactId id) {
  if (std::find(facts.begin(), facts.end(), id) == facts.end()) facts.push_back(id);
}

// A count of days, from a literal ("28 d") or a setting ("4 weeks", "28"); rounded down, which the borders
// allow for.
std::optional<int> whole_days(const Rational& value, const Unit& unit) {
  const auto day = parse_unit("d");
  ensure(static_cast<bool>(day), "d is UCUM");
  const auto days = convert(value, unit, *day);
  if (!days) return std::nullopt;
  const double whole = std::floor(graftline::to_double(*days));
  return std::abs(whole) < 1e6 ? std::optional<int>(static_cast<int>(whole)) : std::nullopt;
}

std::optional<int> days_of_setting(std::string_view text) {
  if (const auto duration = protocol::parse_duration(text)) {
    const bool counts_days =
        duration->unit != protocol::TimeUnit::hours && duration->unit != protocol::TimeUnit::calendar_months;
    return counts_days ? std::optional<int>(in_days(*duration)) : std::nullopt;
  }
  const std::size_t blank = text.find(' ');
  const auto number = parse_decimal(text.substr(0, blank));
  const auto unit = parse_unit(blank == std::string_view::npos ? "d" : text.substr(blank + 1));
  if (!number || !unit) return std::nullopt;
  return whole_days(to_rational(*number), *unit);
}

class Collector {
 public:
  Collector(const protocol::Protocol& protocol, const Settings& settings)
      : protocol_(protocol), settings_(settings) {}

  std::vector<Dependent> collect() {
    rules(protocol_.common);
    for (const auto& strategy : protocol_.strategies) {
      if (strategy.when) leaves(*strategy.when);
      rules(strategy.rules);
    }
    for (const auto& judgement : protocol_.judgements) {
      Dependent asked;
      asked.judgements.push_back(judgement.name);
      found_.push_back(std::move(asked));
    }
    Dependent infusions;
    count_infusions(infusions);
    found_.push_back(std::move(infusions));
    for (Dependent& one : found_) {
      std::sort(one.facts.begin(), one.facts.end());
      one.facts.erase(std::unique(one.facts.begin(), one.facts.end()), one.facts.end());
    }
    return std::move(found_);
  }

 private:
  void rules(const protocol::Rules& rules) {
    for (const auto& criterion : rules.criteria) leaves(criterion.when);
    for (const auto& guard : rules.guards) {
      if (guard.when) leaves(*guard.when);
      if (guard.when && guard.form == protocol::Guard::Form::repeat) asked_at_infusions(*guard.when);
    }
    for (const auto& row : rules.doses) {
      if (row.when) leaves(*row.when);
      window_rule(row.window);
    }
    for (const auto& give : rules.gives) {
      if (give.when) leaves(*give.when);
      window_rule(give.window);
      const auto& first = give.window.first;
      // A window that opens some days after today moves the day waited for along with today.
      if (first && moves_with_today(*first) && first->offset && first->sign > 0)
        found_.back().every_day = true;
    }
    for (const auto& interval : rules.intervals) {
      if (interval.when) leaves(*interval.when);
      Dependent rule;
      count_infusions(rule);
      rule.limits.push_back(in_days(interval.at_least));
      if (interval.at_most) rule.limits.push_back(in_days(*interval.at_most));
      found_.push_back(std::move(rule));
    }
    for (const auto& wait : rules.waits) {
      Dependent rule;
      depend(rule, declared(wait.after).fact);
      rule.limits.push_back(in_days(wait.duration));
      found_.push_back(std::move(rule));
    }
  }

  void window_rule(const protocol::Window& window) {
    Dependent rule;
    ends(rule, window);
    found_.push_back(std::move(rule));
  }

  // A repeat rule is asked as of each infusion, on what was known by then: it moves only with what becomes
  // known.
  void asked_at_infusions(const Expr& expr) {
    Collector inner(protocol_, settings_);
    inner.leaves(expr);
    Dependent rule;
    for (const Dependent& leaf : inner.found_) {
      rule.facts.insert(rule.facts.end(), leaf.facts.begin(), leaf.facts.end());
      rule.judgements.insert(rule.judgements.end(), leaf.judgements.begin(), leaf.judgements.end());
    }
    found_.push_back(std::move(rule));
  }

  // The conditions that stand in an expression, each once.
  void leaves(const Expr& expr) {
    switch (expr.form) {
      case Expr::Form::all:
      case Expr::Form::any:
      case Expr::Form::negation:
      case Expr::Form::at_least:
        for (const Expr& child : expr.children) leaves(child);
        return;
      case Expr::Form::is_true:
        if (const auto* definition = protocol_.find_definition(expr.name)) {
          leaves(definition->when);
          return;
        }
        break;
      case Expr::Form::comparison:
      case Expr::Form::membership:
      case Expr::Form::held:
      case Expr::Form::known:
      case Expr::Form::today:
        break;
    }
    if (seen_.insert(to_text(expr)).second) found_.push_back(leaf(expr));
  }

  Dependent leaf(const Expr& expr) {
    Dependent one;
    one.condition = &expr;
    switch (expr.form) {
      case Expr::Form::comparison:
        for (const Operand* side : {&expr.left, &expr.right}) operand(one, *side);
        if (counts_days(expr.left) || counts_days(expr.right)) limits(one, expr);
        keeps_latest_only(one, expr);
        break;
      case Expr::Form::membership:
      case Expr::Form::known:
        named(one, expr.name);
        keeps_latest_only(one, expr);
        break;
      case Expr::Form::is_true:
        named(one, expr.name);
        break;
      case Expr::Form::held:
        depend(one, declared(expr.name).fact);
        if (expr.window.is_written()) {
          ends(one, expr.window);
        } else {
          window_of(one, declared(expr.name));
        }
        break;
      case Expr::Form::today:
        ends(one, expr.window);
        break;
      case Expr::Form::all:
      case Expr::Form::any:
      case Expr::Form::negation:
      case Expr::Form::at_least:
        throw std::logic_error("a leaf has no children");
    }
    return one;
  }

  const FactDeclaration& declared(std::string_view name) const {
    const FactDeclaration* found = protocol_.find_fact(name);
    if (found == nullptr) throw std::logic_error("a rule names a declared fact");
    return *found;
  }

  void named(Dependent& one, const std::string& name) {
    if (protocol_.find_parameter(name) != nullptr) return;
    if (protocol_.find_judgement(name) != nullptr) {
      one.judgements.push_back(name);
      return;
    }
    fact(one, declared(name));
  }

  void fact(Dependent& one, const FactDeclaration& declaration) {
    depend(one, declaration.fact);
    window_of(one, declaration);
  }

  void depend(Dependent& one, FactId id) {
    const std::vector<FactId> on = record::with_facts_behind({id});
    one.facts.insert(one.facts.end(), on.begin(), on.end());
    one.changes_on_birthdays = one.changes_on_birthdays || record::counts_birthdays(id);
  }

  void window_of(Dependent& one, const FactDeclaration& declaration) {
    ends(one, declaration.window);
    const bool over_time = declaration.pick == protocol::Pick::worst ||
                           declaration.pick == protocol::Pick::best ||
                           declaration.pick == protocol::Pick::any;
    if (!declaration.window.first && !declaration.window.last && over_time && !declaration.window.ever) {
      anchor(one, protocol::Anchor{}, one.starts);
    }
  }

  void ends(Dependent& one, const protocol::Window& window) {
    if (window.first) anchor(one, *window.first, one.starts);
    if (window.last) anchor(one, *window.last, one.ends);
  }

  static bool moves_with_today(const protocol::Anchor& anchor) {
    return anchor.base == protocol::Anchor::Base::today ||
           (anchor.base == protocol::Anchor::Base::event && anchor.or_today);
  }

  void anchor(Dependent& one, const protocol::Anchor& anchor, std::vector<CountedDay>& into) {
    using Base = protocol::Anchor::Base;
    CountedDay day;
    if (anchor.offset) {
      const bool by_calendar = anchor.offset->unit == protocol::TimeUnit::calendar_months;
      (by_calendar ? day.months : day.days) =
          anchor.sign * (by_calendar ? anchor.offset->count : in_days(*anchor.offset));
    }
    if (moves_with_today(anchor)) {
      CountedDay moving = day;
      moving.is_today = true;
      into.push_back(std::move(moving));
    }
    Dependent on;
    switch (anchor.base) {
      case Base::today:
        return;
      case Base::day_zero:
        add(on.facts, record::fact_id("transplant"));
        break;
      case Base::first_infusion:
      case Base::last_infusion:
      case Base::infusion:
        count_infusions(on);
        break;
      case Base::event:
        depend(on, declared(anchor.event).fact);
        break;
    }
    day.facts = on.facts;
    into.push_back(std::move(day));
    one.facts.insert(one.facts.end(), on.facts.begin(), on.facts.end());
  }

  // Which infusions count depends on the transplant they follow.
  static void count_infusions(Dependent& one) {
    add(one.facts, record::fact_id("dli"));
    add(one.facts, record::fact_id("transplant"));
  }

  void operand(Dependent& one, const Operand& side) {
    switch (side.form) {
      case Operand::Form::fact:
        fact(one, declared(side.name));
        break;
      case Operand::Form::days_since:
        anchor(one, side.anchor, one.starts);
        break;
      case Operand::Form::infusions:
        count_infusions(one);
        break;
      case Operand::Form::literal:
      case Operand::Form::level:
      case Operand::Form::upper_limit:
      case Operand::Form::parameter:
        break;
    }
  }

  bool counts_days(const Operand& side) const {
    if (side.form == Operand::Form::days_since) return true;
    return side.form == Operand::Form::fact && record::counts_days(declared(side.name).fact);
  }

  // The number of days that a count is held against.
  void limits(Dependent& one, const Expr& expr) {
    const bool both = counts_days(expr.left) && counts_days(expr.right);
    const Operand& limit = counts_days(expr.left) ? expr.right : expr.left;
    std::optional<int> days;
    if (!both && limit.form == Operand::Form::literal && !limit.factor) {
      days = whole_days(to_rational(limit.quantity.value), limit.quantity.unit);
    }
    if (!both && limit.form == Operand::Form::parameter && !limit.factor) {
      const auto set = settings_.parameters.find(limit.name);
      const auto* declared = protocol_.find_parameter(limit.name);
      const bool has_default = declared != nullptr && declared->default_value;
      if (set == settings_.parameters.end() && !has_default) return;  // unknown on every day
      days =
          days_of_setting(set != settings_.parameters.end() ? set->second.value : *declared->default_value);
    }
    if (days) one.limits.push_back(*days);
    if (!days) one.every_day = true;
  }

  // A value read as "the latest before the end of the window" needs nothing older than the newest certain
  // one.
  void keeps_latest_only(Dependent& one, const Expr& expr) {
    std::vector<std::string> names;
    if (expr.form == Expr::Form::comparison) {
      for (const Operand* side : {&expr.left, &expr.right}) {
        if (side->form == Operand::Form::fact) names.push_back(side->name);
      }
    } else {
      names.push_back(expr.name);
    }
    if (names.size() != 1 || protocol_.find_fact(names.front()) == nullptr) return;
    const FactDeclaration& declaration = declared(names.front());
    const bool is_latest =
        declaration.pick == protocol::Pick::latest || declaration.pick == protocol::Pick::current;
    if (!is_latest || one.changes_on_birthdays) return;
    const record::Fact& row = record::fact(declaration.fact);
    const bool is_value = row.type == record::FactType::quantity || row.type == record::FactType::ordinal ||
                          row.type == record::FactType::code;
    if (is_value && row.derivation.empty()) one.latest_only.push_back(declaration.fact);
  }

  const protocol::Protocol& protocol_;
  const Settings& settings_;
  std::set<std::string> seen_;
  std::vector<Dependent> found_;
};

// The span of a fact's entries: a timeline is arranged by fact.
std::span<const record::Entry> entries_of(const record::Timeline& timeline, FactId id) {
  const auto first = std::partition_point(timeline.entries.begin(), timeline.entries.end(),
                                          [id](const record::Entry& e) { return e.fact < id; });
  const auto last = std::partition_point(first, timeline.entries.end(),
                                         [id](const record::Entry& e) { return e.fact == id; });
  return {first, last};
}

Day moved(Day day, const CountedDay& counted) {
  return (counted.months == 0 ? day : add_months(day, counted.months)) + counted.days;
}

// Days around the one on which a comparison turns.
struct Around {
  int from = -1;
  int to = 2;
};
constexpr Around by_calendar{-5, 5};  // months differ in length by up to three days

class BorderDays {
 public:
  BorderDays(const Dependent& dependent, const Series& series) : dependent_(dependent), series_(series) {
    // A latest value is compared with the ends of its window only: nothing happens around those days.
    if (!dependent.latest_only.empty()) {
      on_its_day_ = {0, 0};
      at_start_ = {1, 1};
      at_end_ = {0, 0};
    }
  }

  void around(Day day, Around k) {
    for (int i = k.from; i <= k.to; ++i) add(day + i);
  }
  void add(Day day) {
    if (day > series_.first && day <= series_.last) days_.push_back(day);
  }

  // A day of the record against today and against every day counted from today.
  void on_record(Day day, Around k) {
    around(day, k);
    for (const CountedDay& start : dependent_.starts) against_today(day, start, at_start_);
    for (const CountedDay& end : dependent_.ends) against_today(day, end, at_end_);
    for (const int limit : dependent_.limits) around(day + limit, {});
  }
  void entry_day(const PartialDate& date) {
    on_record(date.first, on_its_day_);
    if (date.last != date.first) on_record(date.last, on_its_day_);
  }

  void birthdays(const PartialDate& date) {
    for (const Day day : {date.first, date.last}) {
      const int years = civil(day).year;
      const int first = civil(series_.first).year - years;
      const int last = civil(series_.last).year - years + 1;
      // An age on record turns on a day counted back by whole years, the day after included.
      for (int year = first; year <= last; ++year) around(add_months(day, 12 * year), by_calendar);
    }
  }

  void every_day() {
    for (Day day = series_.first + 1; day <= series_.last; day = day + 1) days_.push_back(day);
  }

  std::vector<Day> in_order() {
    std::sort(days_.begin(), days_.end());
    days_.erase(std::unique(days_.begin(), days_.end()), days_.end());
    return std::move(days_);
  }

 private:
  void against_today(Day day, const CountedDay& counted, Around k) {
    if (!counted.is_today) return;
    const Day turns = add_months(day - counted.days, -counted.months);
    around(turns, counted.months == 0 ? k : by_calendar);
  }

  const Dependent& dependent_;
  const Series& series_;
  Around on_its_day_;
  Around at_start_;
  Around at_end_;
  std::vector<Day> days_;
};

}  // namespace

std::span<const BorderRule> border_rules() { return rules; }

std::vector<Dependent> dependents(const protocol::Protocol& protocol, const Settings& settings) {
  return Collector(protocol, settings).collect();
}

std::vector<Day> borders(const Dependent& dependent, const record::Timeline& timeline, const Series& series) {
  BorderDays days(dependent, series);
  const bool time_passes = series.over != Series::Over::knowledge;
  const bool is_learnt = series.over != Series::Over::as_of;
  for (const auto& given : timeline.judgements) {
    const auto& asked = dependent.judgements;
    if (std::find(asked.begin(), asked.end(), given.name) == asked.end()) continue;
    if (is_learnt) days.add(given.known_on);
    if (time_passes) days.entry_day(given.when);
  }
  static const std::array birth_facts{record::fact_id("birth"), record::fact_id("age")};
  for (const FactId id : dependent.facts) {
    const bool tells_birth = std::find(birth_facts.begin(), birth_facts.end(), id) != birth_facts.end();
    for (const record::Entry& entry : entries_of(timeline, id)) {
      if (is_learnt) days.add(entry.known_on);
      if (!time_passes) continue;
      days.entry_day(entry.when);
      if (entry.until) days.entry_day(*entry.until);
      if (tells_birth && dependent.changes_on_birthdays) days.birthdays(entry.when);
    }
  }
  if (!time_passes) return days.in_order();
  if (dependent.every_day) days.every_day();
  // Ends of windows that stand still. An imprecise one is tried as each of its days, so each may be a border.
  for (const auto* ends : {&dependent.starts, &dependent.ends}) {
    for (const CountedDay& counted : *ends) {
      for (const FactId id : counted.facts) {
        for (const record::Entry& entry : entries_of(timeline, id)) {
          const Day last = moved(entry.when.last, counted);
          for (Day day = moved(entry.when.first, counted); day <= last; day = day + 1) {
            days.on_record(day, {});
          }
        }
      }
    }
  }
  return days.in_order();
}

}  // namespace graftline::engine
