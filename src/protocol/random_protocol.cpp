#include "protocol/random_protocol.h"

#include <fmt/format.h>

#include <array>

#include "protocol/format.h"

namespace graftline::protocol {
namespace {

// Builds protocols that use every statement and every form of the language. The same seed gives the same
// protocol.
class RandomProtocol {
 public:
  explicit RandomProtocol(std::uint64_t seed) : state_(seed) {}

  Protocol build() {
    p_.title = words();
    p_.id = "random-" + std::to_string(below(1000));
    p_.version = fmt::format("{}.{}.{}", below(9), below(9), below(9));
    p_.status = pick<Status>({Status::draft, Status::reviewed, Status::active, Status::retired});
    p_.reviews.push_back({words(), Day{20000 + below(800)}, words(), maybe() ? words() : "", {}});
    p_.sources.push_back({"s1", "NCT00000000", words(), "https://example.org/#a", {}});
    p_.sources.push_back({"s2", "", words(), "", {}});
    if (maybe()) p_.gaps.push_back({words(), cite(), {}});
    declare_facts();
    declare_parameters();
    for (int i = 0; i < below(3); ++i) {
      p_.definitions.push_back({fmt::format("d{}", i), maybe() ? words() : "", expr(3), cite(), {}});
      n_definitions_ = i + 1;
    }
    rules(p_.common, "C");
    for (int i = 0; i < 1 + below(3); ++i) {
      Strategy strategy;
      strategy.name = fmt::format("strategy_{}", i);
      strategy.label = words();
      if (maybe()) strategy.when = expr(2);
      rules(strategy.rules, fmt::format("S{}_", i));
      strategy.cite = cite();
      p_.strategies.push_back(std::move(strategy));
    }
    for (int i = 0; i < below(4); ++i) p_.claims.push_back(claim());
    p_.order = default_order(p_);
    decorate();
    return std::move(p_);
  }

 private:
  // splitmix64: small, and the same everywhere.
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  bool maybe() { return below(2) == 0; }
  template <class T> T pick(std::initializer_list<T> items) {
    return *(items.begin() + below(static_cast<int>(items.size())));
  }

  std::string words() {
    std::string text;
    const int n = 1 + below(9);
    for (int i = 0; i < n; ++i) {
      if (i > 0) text += ' ';
      text +=
          pick<std::string>({"severe", "infection", "≥ grade 2", "a \"quoted\" word", "back\\slash", "1×10⁷",
                             "donor,", "within", "# no comment", "ciclosporin", "供者", "cite", "include"});
    }
    return text;
  }
  std::optional<Citation> cite() {
    if (!maybe()) return std::nullopt;
    return Citation{maybe() ? "s1" : "s2", words(), {}};
  }
  Duration duration() {
    return {1 + below(30), pick({TimeUnit::days, TimeUnit::weeks, TimeUnit::months, TimeUnit::years,
                                 TimeUnit::calendar_months})};
  }
  Anchor plain_anchor() {
    Anchor anchor;
    anchor.base = pick({Anchor::Base::day_zero, Anchor::Base::today, Anchor::Base::first_infusion,
                        Anchor::Base::last_infusion, Anchor::Base::infusion, Anchor::Base::event});
    if (anchor.base == Anchor::Base::infusion) anchor.infusion = 1 + below(3);
    if (anchor.base == Anchor::Base::event) {
      anchor.event = maybe() ? "relapse" : "infection";
      anchor.or_today = maybe();
    }
    return anchor;
  }
  Anchor anchor() {
    Anchor result = plain_anchor();
    if (maybe()) {
      result.offset = duration();
      result.sign = maybe() ? 1 : -1;
    }
    return result;
  }
  // first before last: what a reader would refuse is not built
  Window window() {
    Window w;
    switch (below(7)) {
      case 0:
        w.ever = true;
        break;
      case 1:
        w.first = anchor();
        break;
      case 2:
        w.last = anchor();
        break;
      case 3:
        w.last = plain_anchor();
        w.first = w.last;
        w.first->sign = -1;
        w.first->offset = duration();
        break;
      default:
        w = span_of_days();
        w.so_far = maybe();
    }
    return w;
  }
  Window span_of_days() {
    Window w;
    w.first = plain_anchor();
    w.last = w.first;
    const int begin = below(60) - 20;
    const int end = begin + below(90);
    set_days(*w.first, begin);
    set_days(*w.last, end);
    return w;
  }
  static void set_days(Anchor& anchor, int days) {
    anchor.sign = days < 0 ? -1 : 1;
    if (days != 0) anchor.offset = Duration{days < 0 ? -days : days, TimeUnit::days};
  }

  void fact(const std::string& name, const std::string& id, const std::string& unit) {
    FactDeclaration f;
    f.name = name;
    f.fact = record::fact_id(id);
    const record::Fact& row = record::fact(f.fact);
    f.phrase = row.phrase;
    if (maybe()) f.unit = unit;
    const bool holds = row.type == record::FactType::event || row.type == record::FactType::course ||
                       row.type == record::FactType::statement;
    f.pick = pick({Pick::latest, Pick::first, Pick::any});
    if (row.type == record::FactType::ordinal && maybe()) f.pick = Pick::worst;
    if (maybe()) f.window = window();
    if (!f.window.is_written() && row.type != record::FactType::quantity && maybe()) f.pick = Pick::current;
    if (holds && maybe()) {
      f.absence = record::Absence::no;
      f.absence_because = words();
    } else if (maybe()) {
      f.absence = record::Absence::unknown;
    }
    f.cite = cite();
    p_.facts.push_back(std::move(f));
  }
  void declare_facts() {
    fact("alt", "alt", "U/L");
    fact("bilirubin", "bilirubin", "umol/L");
    fact("lvef", "lvef", "%");
    fact("agvhd", "agvhd_grade", "");
    fact("cgvhd", "cgvhd_severity", "");
    fact("disease", "disease", "");
    fact("relapse", "relapse", "");
    fact("infection", "uncontrolled_infection", "");
    fact("egfr", "egfr", "");
    p_.facts.back().arguments.push_back({"equation", "egfr_equation", true, {}});
    p_.judgements.push_back({"fit", words(), cite(), {}});
  }
  void declare_parameters() {
    Parameter equation;
    equation.name = "egfr_equation";
    equation.choices = {"ckd_epi_2009", "ckd_epi_2021"};
    if (maybe()) {
      equation.default_value = "ckd_epi_2021";
      equation.default_because = words();
    }
    equation.description = maybe() ? words() : "";
    equation.cite = cite();
    Parameter first_dose;
    first_dose.name = "first_dose";
    first_dose.type = ParameterType::quantity;
    first_dose.unit = "CD3/kg";
    if (maybe()) {
      first_dose.default_value = "1e5";
      first_dose.default_because = words();
    }
    Parameter washout;
    washout.name = "washout";
    washout.type = ParameterType::duration;
    Parameter limit;
    limit.name = "most";
    limit.type = ParameterType::number;
    p_.parameters = {equation, first_dose, washout, limit};
  }

  Operand fact_side(const std::string& name) {
    Operand o;
    o.form = Operand::Form::fact;
    o.name = name;
    return o;
  }
  Operand literal(Decimal value, const std::string& unit, Kind kind) {
    Operand o;
    o.quantity.value = value;
    o.quantity.kind = kind;
    o.quantity_text = decimal_text(value) + (unit.empty() ? "" : " " + unit);
    return o;
  }
  Operand level(const std::string& name, int index) {
    Operand o;
    o.form = Operand::Form::level;
    o.name = name;
    o.level = index;
    return o;
  }
  Op any_op() {
    return pick({Op::less, Op::less_or_equal, Op::equal, Op::not_equal, Op::greater_or_equal, Op::greater});
  }

  Expr comparison() {
    Expr e;
    e.form = Expr::Form::comparison;
    e.op = any_op();
    switch (below(9)) {
      case 0:
        e.left = fact_side("alt");
        e.right.form = Operand::Form::upper_limit;
        e.right.factor = Decimal{15, -1};
        break;
      case 1:
        e.left = fact_side("bilirubin");
        e.right = literal({342, -1}, "umol/L", Kind::none);
        break;
      case 2:
        e.left = literal({50, 0}, "%", Kind::none);
        e.right = fact_side("lvef");
        break;
      case 3: {
        constexpr std::array<const char*, 5> grades{"0", "I", "II", "III", "IV"};
        const int grade = below(5);
        e.left = fact_side("agvhd");
        e.right = level(grades.at(static_cast<std::size_t>(grade)), grade);
        break;
      }
      case 4:
        e.op = maybe() ? Op::equal : Op::not_equal;
        e.left = fact_side("disease");
        e.right = level("aml", 0);
        break;
      case 5:
        e.left.form = Operand::Form::days_since;
        e.left.anchor = anchor();
        e.right = literal({28, 0}, maybe() ? "" : "days", Kind::none);
        break;
      case 6:
        e.left.form = Operand::Form::infusions;
        e.right.form = Operand::Form::parameter;
        e.right.name = "most";
        break;
      case 7:
        e.op = Op::equal;
        e.left.form = Operand::Form::parameter;
        e.left.name = "egfr_equation";
        e.right = level("ckd_epi_2021", 1);
        break;
      default:
        e.left = fact_side("egfr");
        e.right = literal({60, 0}, "mL/min/{1.73_m2}", Kind::none);
    }
    return e;
  }

  Expr leaf() {
    Expr e;
    switch (below(7)) {
      case 0:
        e.form = Expr::Form::membership;
        e.name = "cgvhd";
        e.words = {"mild", "severe"};
        e.levels = {1, 3};
        return e;
      case 1:
        e.form = Expr::Form::is_true;
        e.name = n_definitions_ > 0 && maybe() ? "d0" : pick<std::string>({"fit", "relapse", "infection"});
        return e;
      case 2:
        e.form = Expr::Form::held;
        e.name = maybe() ? "relapse" : "infection";
        e.at_no_time = maybe();
        if (maybe()) e.window = window();
        return e;
      case 3:
        e.form = Expr::Form::known;
        e.name = pick<std::string>({"alt", "fit", "washout"});
        return e;
      case 4:
        e.form = Expr::Form::today;
        if (maybe()) {
          e.window = span_of_days();
        } else if (maybe()) {
          e.window.first = anchor();
        } else {
          e.window.last = anchor();
        }
        return e;
      default:
        return comparison();
    }
  }

  Expr expr(int depth) {
    if (depth == 0 || below(3) == 0) return leaf();
    Expr e;
    e.form = pick({Expr::Form::all, Expr::Form::any, Expr::Form::negation, Expr::Form::at_least});
    const int n = e.form == Expr::Form::negation ? 1 : 2 + below(3);
    for (int i = 0; i < n; ++i) e.children.push_back(expr(depth - 1));
    if (e.form == Expr::Form::at_least) e.count = 1 + below(n);
    return e;
  }
  std::optional<Expr> condition() {
    if (!maybe()) return std::nullopt;
    return expr(2);
  }

  Decimal dose() { return pick<Decimal>({{1, 5}, {30, 6}, {5, 5}, {100000, 0}, {25, 5}}); }
  Target target(Kind kind) {
    Target t;
    t.kind = kind;
    t.low = dose();
    t.high = maybe() ? t.low : Decimal{1, 9};
    t.per_kilogram = below(4) != 0;
    return t;
  }
  Amount amount(int level) {
    Amount a;
    const int form = level == 1 ? below(3) : below(6);
    if (form == 0) {
      a.targets = {target(Kind::cd3_cells), target(Kind::mononuclear_cells)};
    } else if (form == 1) {
      Target t;
      t.parameter = "first_dose";
      a.targets = {t};
    } else if (form == 2) {
      a.form = Amount::Form::not_stated;
    } else {
      a.form = pick({Amount::Form::log_step, Amount::Form::factor, Amount::Form::same});
      if (a.form != Amount::Form::same) {
        a.low = {5, -1};
        a.high = maybe() ? a.low : Decimal{1, 0};
      }
    }
    return a;
  }

  void rules(Rules& r, const std::string& prefix) {
    for (int i = 0; i < below(4); ++i) {
      r.criteria.push_back({maybe(), prefix + std::to_string(i), words(), expr(3), cite(), {}});
    }
    const int n_levels = 1 + below(3);
    for (int level = 1; level <= n_levels; ++level) {
      DoseRow row;
      row.first_level = row.last_level = level;
      row.amount = amount(level);
      row.when = condition();
      if (maybe()) row.window = span_of_days();
      row.cite = cite();
      r.doses.push_back(std::move(row));
    }
    GiveRule give;
    give.last_level = n_levels;
    if (maybe()) give.window = span_of_days();
    if (give.window.first && maybe()) give.window.last.reset();
    give.once = maybe();
    give.when = condition();
    give.cite = cite();
    r.gives.push_back(std::move(give));
    if (maybe()) r.intervals.push_back(interval());
    if (maybe()) r.count = Count{below(3), 3 + below(3), cite(), {}};
    if (maybe()) r.cap = cap();
    if (maybe())
      r.governing = Governing{pick<std::string>({"CD3", "MNC", "both", "egfr_equation"}), cite(), {}};
    for (int i = 0; i < below(4); ++i) r.guards.push_back(guard());
    if (maybe())
      r.waits.push_back({{1 + below(60), TimeUnit::days},
                         maybe() ? "relapse" : "infection",
                         maybe() ? words() : "",
                         cite(),
                         {}});
    if (maybe()) r.preparations.push_back(preparation());
    if (maybe())
      r.prophylaxis.push_back(
          {words(), {4, TimeUnit::weeks}, {4 + below(3), TimeUnit::weeks}, condition(), cite(), {}});
    if (maybe()) r.monitoring.push_back(monitoring());
  }
  Interval interval() {
    Interval i;
    i.at_least = {3, TimeUnit::weeks};
    if (maybe()) {
      i.recommended_from = Duration{4, TimeUnit::weeks};
      i.recommended_to = Duration{4 + below(3), TimeUnit::weeks};
    }
    if (maybe()) i.at_most = Duration{3, TimeUnit::months};
    if (maybe()) {
      i.first_level = 2;
      i.last_level = 2 + below(2);
    }
    i.when = condition();
    i.cite = cite();
    return i;
  }
  Cap cap() {
    Cap c;
    c.form = pick({Cap::Form::amount, Cap::Form::not_stated, Cap::Form::none});
    if (c.form == Cap::Form::amount || (c.form == Cap::Form::not_stated && maybe())) {
      c.target = target(Kind::cd3_cells);
      c.target->high = c.target->low;
    }
    c.cite = cite();
    return c;
  }
  Guard guard() {
    Guard g;
    g.form = pick(
        {Guard::Form::hold, Guard::Form::stop, Guard::Form::ask, Guard::Form::caution, Guard::Form::repeat});
    const bool may_stand_alone = g.form == Guard::Form::ask || g.form == Guard::Form::caution;
    if (may_stand_alone || maybe()) g.label = words();
    if (!may_stand_alone || maybe()) g.when = expr(2);
    g.cite = cite();
    return g;
  }
  Preparation preparation() {
    Preparation prep;
    prep.what = words();
    prep.from = {72, TimeUnit::hours};
    prep.to = {maybe() ? 48 : 72, TimeUnit::hours};
    if (maybe()) {
      prep.reference = pick<std::string>({"start", "end", "egfr_equation"});
      prep.reference_of = words();
    }
    prep.when = condition();
    prep.cite = cite();
    return prep;
  }
  Monitoring monitoring() {
    Monitoring m;
    m.what = words();
    switch (below(3)) {
      case 0:
        m.at = {{28, TimeUnit::days}, {8, TimeUnit::weeks}, {12, TimeUnit::weeks}};
        break;
      case 1:
        m.every = Duration{1 + below(3), TimeUnit::weeks};
        if (maybe()) m.from = Duration{1, TimeUnit::weeks};
        if (maybe()) m.until = Duration{8, TimeUnit::weeks};
        break;
      default:
        m.before_infusion = true;
    }
    m.when = condition();
    m.cite = cite();
    return m;
  }
  Claim claim() {
    Claim c;
    c.form = pick({Claim::Form::never, Claim::Form::always, Claim::Form::reachable, Claim::Form::eventually});
    c.about = pick({Claim::About::give, Claim::About::give_level, Claim::About::two_infusions_within,
                    Claim::About::decision});
    if (c.about == Claim::About::give_level) c.level = 1 + below(3);
    if (c.about == Claim::About::two_infusions_within) c.within = {28, TimeUnit::days};
    if (c.about == Claim::About::decision)
      c.decision = pick<std::string>({"hold", "need data", "not eligible"});
    c.when = condition();
    return c;
  }

  // Comments and blank lines in all the places where a file may have them.
  void decorate() {
    for (std::size_t i = 0; i < p_.order.size(); ++i) {
      StatementRef& ref = p_.order[i];
      ref.blank_lines_before = i > 0 && maybe() ? 1 : 0;
      for (int k = 0; k < below(3); ++k) {
        if (k > 0 && maybe()) ref.comments.emplace_back("\n");
        ref.comments.push_back(" " + words());
      }
      if (!ref.comments.empty() && below(4) == 0) ref.comments.emplace_back("\n");
      if (below(4) == 0) ref.trailing_comment = "# " + words();
    }
    if (maybe()) p_.closing_comments = {"\n", " " + words(), "\n", words()};
  }

  std::uint64_t state_;
  int n_definitions_ = 0;
  Protocol p_;
};

}  // namespace

Protocol random_protocol(std::uint64_t seed) { return RandomProtocol(seed).build(); }

}  // namespace graftline::protocol
