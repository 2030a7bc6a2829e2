#include "protocol/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/lexer.h"
#include "protocol/rules.h"
#include "protocol/statement_text.h"

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;
constexpr std::size_t line_width = 110;
constexpr std::string_view continuation = "        ";

// One statement in pieces: the first line, and what may move to lines of its own.
struct Pieces {
  std::vector<std::string> parts;
  std::string cite;
};

std::string cite_text(const std::optional<Citation>& cite) {
  return cite ? fmt::format("cite {} {}", cite->source, in_quotes(cite->locator)) : "";
}

Pieces plain(std::string text, const std::optional<Citation>& cite = std::nullopt) {
  return {{std::move(text)}, cite_text(cite)};
}

// `before` and a condition behind it.
Pieces conditional(const std::string& before, const std::optional<Expr>& when, std::string_view word,
                   const std::optional<Citation>& cite) {
  if (!when) return plain(before, cite);
  Pieces pieces{condition_parts(*when), cite_text(cite)};
  pieces.parts.front() =
      fmt::format("{}{}{} {}", before, before.empty() ? "" : " ", word, pieces.parts.front());
  return pieces;
}

std::string label_text(const std::string& label) { return label.empty() ? "" : " " + in_quotes(label); }

std::string pick_text(Pick pick) {
  switch (pick) {
    case Pick::latest:
      return "latest";
    case Pick::first:
      return "first";
    case Pick::worst:
      return "worst";
    case Pick::best:
      return "best";
    case Pick::any:
      return "any";
    case Pick::current:
      return "current";
  }
  return "";
}

Pieces review_pieces(const Review& review) {
  std::string text = fmt::format("review by {} on {} compared {}", in_quotes(review.role),
                                 graftline::to_text(review.on), in_quotes(review.compared));
  if (!review.finding.empty()) text += " finding " + in_quotes(review.finding);
  return plain(std::move(text));
}

Pieces source_pieces(const Source& source) {
  std::string text = "source " + source.id;
  if (!source.reference.empty()) text += " " + source.reference;
  text += " " + in_quotes(source.description);
  if (!source.url.empty()) text += " url " + in_quotes(source.url);
  return plain(std::move(text));
}

Pieces fact_pieces(const FactDeclaration& fact) {
  std::string text = fmt::format("fact {} is {}", fact.name, fact.phrase);
  if (!fact.unit.empty()) text += " in " + fact.unit;
  for (std::size_t i = 0; i < fact.arguments.size(); ++i) {
    const RuleArgument& argument = fact.arguments[i];
    text += fmt::format("{} {} = {}", i == 0 ? " with" : ",", argument.name, argument.value);
  }
  text += ", " + pick_text(fact.pick);
  if (fact.window.is_written()) text += " " + to_text(fact.window);
  Pieces pieces = plain(std::move(text), fact.cite);
  if (!fact.absence) return pieces;
  pieces.parts.front() += ';';
  std::string absence =
      fmt::format("absence means {}", *fact.absence == record::Absence::no ? "no" : "unknown");
  if (!fact.absence_because.empty()) absence += " because " + in_quotes(fact.absence_because);
  pieces.parts.push_back(std::move(absence));
  return pieces;
}

Pieces parameter_pieces(const Parameter& parameter) {
  std::string text = fmt::format("parameter {} is ", parameter.name);
  switch (parameter.type) {
    case ParameterType::word:
      text += fmt::format("one of {{{}}}", fmt::join(parameter.choices, ", "));
      break;
    case ParameterType::number:
      text += "number";
      break;
    case ParameterType::duration:
      text += "duration";
      break;
    case ParameterType::quantity:
      text += "quantity in " + parameter.unit;
      break;
  }
  if (parameter.default_value) {
    text +=
        fmt::format(" default {} because {}", *parameter.default_value, in_quotes(parameter.default_because));
  }
  text += label_text(parameter.description);
  return plain(std::move(text), parameter.cite);
}

std::string levels_text(int first, int last) {
  return first == last ? fmt::format("level {}", first) : fmt::format("level {} to {}", first, last);
}

// The window of a dose row or a give rule.
std::string row_window_text(const Window& window) {
  if (!window.first) return "";
  if (!window.last) return " from " + to_text(*window.first);
  return fmt::format(" from {} to {}", to_text(*window.first), to_text(*window.last));
}

// Whether text behind the condition would be taken for a window of its last name.
bool ends_in_open_name(const Expr& expr) {
  if (expr.form == Expr::Form::held) return !expr.window.is_written();
  const bool is_open_list = expr.form == Expr::Form::all || expr.form == Expr::Form::any;
  if (is_open_list && !expr.children.empty()) return ends_in_open_name(expr.children.back());
  return false;
}

Pieces dose_pieces(const DoseRow& row) {
  std::string text =
      fmt::format("dose {} {}", levels_text(row.first_level, row.last_level), to_text(row.amount));
  const std::string window = row_window_text(row.window);
  if (!row.when) return plain(text + window, row.cite);
  const std::string condition = to_text(*row.when);
  const bool runs_on = ends_in_open_name(*row.when) || std::string_view(condition).ends_with(" or today");
  if (!window.empty() && runs_on)
    return plain(fmt::format("{} for ({}){}", text, condition, window), row.cite);
  Pieces pieces = conditional(text, row.when, "for", row.cite);
  pieces.parts.back() += window;
  return pieces;
}

Pieces give_pieces(const GiveRule& rule) {
  std::string text = "give " + levels_text(rule.first_level, rule.last_level);
  const bool is_one_day = rule.window.first && rule.window.first == rule.window.last;
  text += is_one_day ? " on " + to_text(*rule.window.first) : row_window_text(rule.window);
  if (rule.once) text += " once";
  return conditional(text, rule.when, "when", rule.cite);
}

Pieces interval_pieces(const Interval& interval) {
  std::string text = "interval at least " + to_text(interval.at_least);
  if (interval.recommended_from && interval.recommended_to) {
    text += " recommended " + range_text(*interval.recommended_from, *interval.recommended_to);
  }
  if (interval.at_most) text += " at most " + to_text(*interval.at_most);
  if (interval.last_level != 0) text += " for " + levels_text(interval.first_level, interval.last_level);
  return conditional(text, interval.when, "when", interval.cite);
}

Pieces count_pieces(const Count& count) {
  if (count.at_least == 0) return plain(fmt::format("infusions up to {}", count.at_most), count.cite);
  if (count.at_least == count.at_most) return plain(fmt::format("infusions {}", count.at_most), count.cite);
  return plain(fmt::format("infusions {} to {}", count.at_least, count.at_most), count.cite);
}

Pieces cap_pieces(const Cap& cap) {
  std::string text = "cap ";
  if (cap.form == Cap::Form::none) text += "none";
  if (cap.form == Cap::Form::amount && cap.target) text += to_text(*cap.target);
  if (cap.form == Cap::Form::not_stated) {
    text += "not stated by the source";
    if (cap.target) text += ", ask above " + to_text(*cap.target);
  }
  return plain(std::move(text), cap.cite);
}

Pieces guard_pieces(const Guard& guard) {
  const std::string text = std::string(keyword(guard.form)) + label_text(guard.label);
  return conditional(text, guard.when, guard.form == Guard::Form::hold ? "while" : "when", guard.cite);
}

Pieces preparation_pieces(const Preparation& preparation) {
  std::string text = fmt::format("prepare {} {} before infusion", in_quotes(preparation.what),
                                 range_text(preparation.from, preparation.to));
  if (!preparation.reference.empty()) {
    text += fmt::format(" counted from {} of {}", preparation.reference, in_quotes(preparation.reference_of));
  }
  return conditional(text, preparation.when, "when", preparation.cite);
}

Pieces prophylaxis_pieces(const Prophylaxis& prophylaxis) {
  return conditional(fmt::format("after infusion {} for {}", in_quotes(prophylaxis.what),
                                 range_text(prophylaxis.at_least, prophylaxis.at_most)),
                     prophylaxis.when, "when", prophylaxis.cite);
}

// "week 4"
std::string point_text(const Duration& point) {
  std::string unit = to_text(Duration{1, point.unit});
  return fmt::format("{} {}", unit.substr(2), point.count);
}

Pieces monitoring_pieces(const Monitoring& monitoring) {
  std::string text = "monitor " + in_quotes(monitoring.what);
  if (monitoring.before_infusion) {
    text += " before infusion";
  } else if (monitoring.every) {
    text += " every " + to_text(*monitoring.every);
    if (monitoring.from) text += " from " + point_text(*monitoring.from);
    if (monitoring.until) text += " until " + point_text(*monitoring.until);
  } else {
    for (std::size_t i = 0; i < monitoring.at.size(); ++i) {
      const bool same_unit = i > 0 && monitoring.at[i].unit == monitoring.at[i - 1].unit;
      text += i == 0 ? " at " : ", ";
      text += same_unit ? std::to_string(monitoring.at[i].count) : point_text(monitoring.at[i]);
    }
  }
  return conditional(text, monitoring.when, "when", monitoring.cite);
}

Pieces claim_pieces(const Claim& claim) {
  std::string text = fmt::format("claim {} ", keyword(claim.form));
  switch (claim.about) {
    case Claim::About::give:
      text += "give";
      break;
    case Claim::About::give_level:
      text += fmt::format("give level {}", claim.level);
      break;
    case Claim::About::two_infusions_within:
      text += "two infusions within " + to_text(claim.within);
      break;
    case Claim::About::decision:
      text += claim.decision;
      break;
  }
  return conditional(text, claim.when, "while", std::nullopt);
}

class Writer {
 public:
  explicit Writer(const Protocol& protocol) : protocol_(protocol) {}

  std::string run() {
    const auto order = protocol_.order.empty() ? default_order(protocol_) : protocol_.order;
    for (const StatementRef& ref : order) write(ref);
    comments(protocol_.closing_comments, "");
    return std::move(text_);
  }

  std::string run(const StatementRef& ref) {
    StatementRef alone;
    alone.kind = ref.kind;
    alone.strategy = ref.strategy;
    alone.index = ref.index;
    write(alone);
    return std::move(text_);
  }

 private:
  void comments(const std::vector<std::string>& lines, std::string_view indent) {
    for (const std::string& line : lines) text_ += line == "\n" ? "\n" : fmt::format("{}#{}\n", indent, line);
  }

  void write(const StatementRef& ref) {
    const bool is_member = ref.strategy >= 0 && ref.kind != Kind::strategy;
    const std::string indent = is_member ? "  " : "";
    if (ref.blank_lines_before > 0 && !text_.empty()) text_ += '\n';
    comments(ref.comments, indent);
    lay_out(pieces(ref), indent, ref.trailing_comment);
  }

  // One line when it fits; else the citation moves down, and then each `and` or `or` as well.
  void lay_out(const Pieces& pieces, const std::string& indent, const std::string& comment) {
    std::string line = indent + fmt::format("{}", fmt::join(pieces.parts, " "));
    std::vector<std::string> below;
    const bool fits_with_cite = line.size() + 2 + pieces.cite.size() <= line_width;
    if (!pieces.cite.empty() && fits_with_cite) {
      line += "  " + pieces.cite;
    } else if (!pieces.cite.empty()) {
      below.push_back(pieces.cite);
    }
    if (line.size() > line_width && pieces.parts.size() > 1) {
      line = indent + pieces.parts.front();
      below.insert(below.begin(), pieces.parts.begin() + 1, pieces.parts.end());
    }
    text_ += line;
    if (!comment.empty()) text_ += "  " + comment;
    text_ += '\n';
    for (const std::string& part : below) text_ += fmt::format("{}{}\n", continuation, part);
  }

  const Rules& rules(const StatementRef& ref) const {
    return ref.strategy < 0 ? protocol_.common
                            : protocol_.strategies.at(static_cast<std::size_t>(ref.strategy)).rules;
  }

  Pieces pieces(const StatementRef& ref) const {
    const auto i = static_cast<std::size_t>(ref.index);
    switch (ref.kind) {
      case Kind::header:
        return plain(fmt::format("protocol {} id {} version {}", in_quotes(protocol_.title), protocol_.id,
                                 protocol_.version));
      case Kind::status:
        return plain(fmt::format("status {}", name(protocol_.status)));
      case Kind::review:
        return review_pieces(protocol_.reviews.at(i));
      case Kind::source:
        return source_pieces(protocol_.sources.at(i));
      case Kind::day_zero:
        return plain("day 0 is graft infusion");
      case Kind::gap:
        return plain("gap " + in_quotes(protocol_.gaps.at(i).text), protocol_.gaps.at(i).cite);
      case Kind::fact:
        return fact_pieces(protocol_.facts.at(i));
      case Kind::judgement:
        return plain(fmt::format("judgement {} {}", protocol_.judgements.at(i).name,
                                 in_quotes(protocol_.judgements.at(i).question)),
                     protocol_.judgements.at(i).cite);
      case Kind::parameter:
        return parameter_pieces(protocol_.parameters.at(i));
      case Kind::definition: {
        const Definition& definition = protocol_.definitions.at(i);
        return conditional("", definition.when,
                           fmt::format("define {}{}", definition.name, label_text(definition.label)),
                           definition.cite);
      }
      case Kind::strategy: {
        const Strategy& strategy = protocol_.strategies.at(i);
        return plain(fmt::format("strategy {} {}", strategy.name, in_quotes(strategy.label)), strategy.cite);
      }
      case Kind::common:
        return plain("common");
      case Kind::when:
        return conditional("", protocol_.strategies.at(static_cast<std::size_t>(ref.strategy)).when, "when",
                           std::nullopt);
      case Kind::claim:
        return claim_pieces(protocol_.claims.at(i));
      default:
        return rule_pieces(ref, rules(ref), i);
    }
  }

  static Pieces rule_pieces(const StatementRef& ref, const Rules& rules, std::size_t i) {
    switch (ref.kind) {
      case Kind::criterion: {
        const Criterion& criterion = rules.criteria.at(i);
        return conditional("", criterion.when,
                           fmt::format("{} {} {}", criterion.include ? "include" : "exclude", criterion.id,
                                       in_quotes(criterion.label)),
                           criterion.cite);
      }
      case Kind::dose:
        return dose_pieces(rules.doses.at(i));
      case Kind::give:
        return give_pieces(rules.gives.at(i));
      case Kind::interval:
        return interval_pieces(rules.intervals.at(i));
      case Kind::count:
        return count_pieces(rules.count.value_or(Count{}));
      case Kind::cap:
        return cap_pieces(rules.cap.value_or(Cap{}));
      case Kind::governing:
        return plain("governing target " + rules.governing.value_or(Governing{}).target_or_parameter,
                     rules.governing.value_or(Governing{}).cite);
      case Kind::guard:
        return guard_pieces(rules.guards.at(i));
      case Kind::wait: {
        const Wait& wait = rules.waits.at(i);
        return plain(
            fmt::format("wait {} after {}{}", to_text(wait.duration), wait.after, label_text(wait.label)),
            wait.cite);
      }
      case Kind::preparation:
        return preparation_pieces(rules.preparations.at(i));
      case Kind::prophylaxis:
        return prophylaxis_pieces(rules.prophylaxis.at(i));
      case Kind::monitoring:
        return monitoring_pieces(rules.monitoring.at(i));
      default:
        ensure(false, "every kind of statement has a text");
        return {};
    }
  }

  const Protocol& protocol_;
  std::string text_;
};

class Order {
 public:
  std::vector<StatementRef> list;

  void one(Kind kind, int strategy = -1, int index = 0) {
    StatementRef ref;
    ref.kind = kind;
    ref.strategy = strategy;
    ref.index = index;
    ref.blank_lines_before = starts_group_ ? 1 : 0;
    starts_group_ = false;
    list.push_back(std::move(ref));
  }
  template <class T> void all(Kind kind, const std::vector<T>& items, int strategy = -1) {
    for (std::size_t i = 0; i < items.size(); ++i) one(kind, strategy, static_cast<int>(i));
  }
  void group() { starts_group_ = !list.empty(); }

  void rules(const Rules& rules, int strategy) {
    all(Kind::criterion, rules.criteria, strategy);
    all(Kind::dose, rules.doses, strategy);
    all(Kind::give, rules.gives, strategy);
    all(Kind::interval, rules.intervals, strategy);
    if (rules.count) one(Kind::count, strategy);
    if (rules.cap) one(Kind::cap, strategy);
    if (rules.governing) one(Kind::governing, strategy);
    all(Kind::guard, rules.guards, strategy);
    all(Kind::wait, rules.waits, strategy);
    all(Kind::preparation, rules.preparations, strategy);
    all(Kind::prophylaxis, rules.prophylaxis, strategy);
    all(Kind::monitoring, rules.monitoring, strategy);
  }

 private:
  bool starts_group_ = false;
};

}  // namespace

std::vector<StatementRef> default_order(const Protocol& protocol) {
  Order order;
  order.one(Kind::header);
  order.one(Kind::status);
  order.all(Kind::review, protocol.reviews);
  order.all(Kind::source, protocol.sources);
  order.one(Kind::day_zero);
  order.group();
  order.all(Kind::gap, protocol.gaps);
  order.group();
  order.all(Kind::fact, protocol.facts);
  order.all(Kind::judgement, protocol.judgements);
  order.all(Kind::parameter, protocol.parameters);
  order.group();
  order.all(Kind::definition, protocol.definitions);
  order.group();
  order.rules(protocol.common, -1);
  for (std::size_t i = 0; i < protocol.strategies.size(); ++i) {
    const auto index = static_cast<int>(i);
    order.group();
    order.one(Kind::strategy, -1, index);
    if (protocol.strategies[i].when) order.one(Kind::when, index);
    order.rules(protocol.strategies[i].rules, index);
  }
  order.group();
  order.all(Kind::claim, protocol.claims);
  return std::move(order.list);
}

std::string to_text(const Protocol& protocol) { return Writer(protocol).run(); }
std::string to_text(const Protocol& protocol, const StatementRef& statement) {
  return Writer(protocol).run(statement);
}

}  // namespace graftline::protocol
