#include "interop/elm/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/unit.h"
#include "interop/elm/node.h"
#include "protocol/format.h"
#include "record/facts.h"

namespace graftline::interop::elm {
namespace {

using protocol::Expr;
using protocol::FactDeclaration;
using protocol::Op;
using protocol::Operand;
using record::FactType;

// Units that laboratories report in; those that convert exactly to a limit's unit are accepted beside it.
constexpr std::array<std::string_view, 30> reported_units{
    "U/L",   "kU/L", "ukat/L", "nkat/L",           "mg/dL",   "g/dL",   "mg/L",  "g/L",
    "ug/dL", "ug/L", "ng/mL",  "umol/L",           "mmol/L",  "nmol/L", "mol/L", "%",
    "1",     "kg",   "g",      "10*9/L",           "10*3/uL", "10*6/L", "/uL",   "/mm3",
    "cm",    "m",    "mL/min", "mL/min/{1.73_m2}", "mm[Hg]",  "d"};

struct Stop {  // why a condition cannot be said
  std::string why;
};
using Said = std::variant<Node, Stop>;

std::string_view elm_type(Op op) {
  switch (op) {
    case Op::less:
      return "Less";
    case Op::less_or_equal:
      return "LessOrEqual";
    case Op::greater:
      return "Greater";
    case Op::greater_or_equal:
      return "GreaterOrEqual";
    case Op::equal:
      return "Equal";
    case Op::not_equal:
      return "NotEqual";
  }
  return "";
}

Op turned_round(Op op) {
  switch (op) {
    case Op::less:
      return Op::greater;
    case Op::less_or_equal:
      return Op::greater_or_equal;
    case Op::greater:
      return Op::less;
    case Op::greater_or_equal:
      return Op::less_or_equal;
    default:
      return op;
  }
}

// The exact decimal of a fraction, if it has one of at most eight places: what CQL's Decimal can hold.
std::optional<std::string> exact_decimal(const Rational& value) {
  static const Rational scale(100'000'000);
  const Rational scaled = value * scale;
  if (denominator(scaled) != 1) return std::nullopt;
  return graftline::to_text(value, 18);
}

Node one_of(Node value, const std::vector<std::string>& words) {
  Node list = Node::array();
  for (const std::string& word : words) list.push_back(text(word));
  return op("In", std::move(value), {{"type", "List"}, {"element", std::move(list)}});
}

Node all_of(std::vector<Node> nodes, std::string_view type) {
  Node result = std::move(nodes.front());
  for (std::size_t i = 1; i < nodes.size(); ++i) result = op(type, std::move(result), std::move(nodes[i]));
  return result;
}

class Writer {
 public:
  explicit Writer(const protocol::Protocol& protocol) : protocol_(protocol) {}

  Library write() {
    result_.name = protocol_.id;
    std::replace_if(
        result_.name.begin(), result_.name.end(),
        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    result_.version = protocol_.version;
    parameter_definition("AsOf", "Date", Node());
    statements_.push_back(
        {{"name", "Patient"},
         {"context", "Patient"},
         {"expression",
          op("SingletonFrom", {{"type", "Retrieve"}, {"dataType", "{http://hl7.org/fhir}Patient"}})}});
    std::vector<Node> met;
    for (const auto& criterion : protocol_.common.criteria) {
      criterion_ = criterion.id;
      Node condition = expression(criterion.when);
      if (!criterion.label.empty()) annotate(condition, "label", criterion.label);
      define(criterion.id, std::move(condition));
      result_.criteria.push_back(criterion.id);
      met.push_back(criterion.include ? definition(criterion.id) : op("Not", definition(criterion.id)));
    }
    for (const auto& judgement : protocol_.judgements) {
      result_.left_out.push_back(
          {judgement.name, judgement.question, "a judgement is asked, never computed"});
    }
    for (const auto& strategy : protocol_.strategies) {
      for (const auto& criterion : strategy.rules.criteria) {
        result_.left_out.push_back({criterion.id, to_text(criterion.when),
                                    "it belongs to strategy " + strategy.name + ", not to all"});
      }
    }
    define("Eligible", met.empty() ? no_answer() : all_of(std::move(met), "And"));
    finish();
    return std::move(result_);
  }

 private:
  void finish() {
    Node library{
        {"identifier", {{"id", result_.name}, {"version", result_.version}}},
        {"schemaIdentifier", {{"id", "urn:hl7-org:elm"}, {"version", "r1"}}},
        {"usings",
         {{"def",
           Node::array(
               {{{"localIdentifier", "System"}, {"uri", "urn:hl7-org:elm-types:r1"}},
                {{"localIdentifier", "FHIR"}, {"uri", "http://hl7.org/fhir"}, {"version", "4.0.1"}}})}}},
        {"parameters", {{"def", parameters_}}},
        {"codeSystems", {{"def", code_systems_}}},
        {"codes", {{"def", codes_}}},
        {"statements", {{"def", statements_}}}};
    result_.elm = Node{{"library", library}}.dump(1) + "\n";
    result_.cql = cql_text(library);
  }

  void define(const std::string& name, Node expression) {
    statements_.push_back({{"name", name},
                           {"context", "Patient"},
                           {"accessLevel", "Public"},
                           {"expression", std::move(expression)}});
  }

  void parameter_definition(const std::string& name, const std::string& type, Node by_default) {
    if (!named_.insert("parameter " + name).second) return;
    Node row{{"name", name},
             {"accessLevel", "Public"},
             {"parameterTypeSpecifier", {{"type", "NamedTypeSpecifier"}, {"name", system_type + type}}}};
    if (!by_default.is_null()) row["default"] = std::move(by_default);
    parameters_.push_back(std::move(row));
  }

  static void annotate(Node& node, std::string_view name, const std::string& value) {
    if (!node.contains("annotation")) {
      node["annotation"] = Node::array({{{"type", "Annotation"}, {"t", Node::array()}}});
    }
    node["annotation"][0]["t"].push_back({{"name", std::string(name)}, {"value", value}});
  }

  Node left_out(const Expr& expr, const std::string& why) {
    result_.left_out.push_back({criterion_, to_text(expr), why});
    Node node = no_answer();
    annotate(node, "not-expressed", fmt::format("{}: {}", to_text(expr), why));
    return node;
  }

  Node expression(const Expr& expr) {
    std::vector<Node> children;
    switch (expr.form) {
      case Expr::Form::all:
      case Expr::Form::any:
        for (const Expr& child : expr.children) children.push_back(expression(child));
        return all_of(std::move(children), expr.form == Expr::Form::all ? "And" : "Or");
      case Expr::Form::negation:
        return op("Not", expression(expr.children.front()));
      case Expr::Form::is_true:
        if (const auto* named = protocol_.find_definition(expr.name)) return expression(named->when);
        if (protocol_.find_judgement(expr.name) != nullptr) {
          return left_out(expr, "a judgement is asked, never computed");
        }
        return left_out(expr,
                        "whether it holds is read from starts, stops and documented absence, which ELM "
                        "over FHIR does not fold");
      case Expr::Form::comparison: {
        Said said = comparison(expr);
        if (const Stop* stop = std::get_if<Stop>(&said)) return left_out(expr, stop->why);
        return std::get<Node>(std::move(said));
      }
      case Expr::Form::today: {
        Said said = today(expr.window);
        if (const Stop* stop = std::get_if<Stop>(&said)) return left_out(expr, stop->why);
        return std::get<Node>(std::move(said));
      }
      case Expr::Form::at_least:
        return left_out(expr, "a count over unknown members");
      case Expr::Form::membership:
        return left_out(expr, "levels are read through a site's mapping of words and codes");
      case Expr::Form::held:
        return left_out(expr,
                        "whether it held in a window is read from starts, stops and documented absence, "
                        "which ELM over FHIR does not fold");
      case Expr::Form::known:
        return left_out(expr, "whether something is known depends on what graftline accepts as known");
    }
    return no_answer();
  }

  Said comparison(const Expr& expr) {
    const bool is_left = expr.left.form == Operand::Form::fact;
    const Operand& subject = is_left ? expr.left : expr.right;
    const Operand& limit = is_left ? expr.right : expr.left;
    if (subject.form != Operand::Form::fact) return Stop{"days and infusions are counted from folded events"};
    const FactDeclaration* fact = protocol_.find_fact(subject.name);
    const record::Fact& row = record::fact(fact->fact);
    const Op how = is_left ? expr.op : turned_round(expr.op);
    if (row.type != FactType::quantity)
      return Stop{"levels are read through a site's mapping of words and codes"};
    if (row.id == "age") return age(how, limit);
    if (!row.derivation.empty()) return Stop{"it is computed by an equation or a rule over several facts"};
    if (fact->pick != protocol::Pick::latest)
      return Stop{"only the latest value is expressed, not " + to_text(expr)};
    if (how == Op::equal || how == Op::not_equal) return Stop{"equality of measurements"};
    if (limit.form != Operand::Form::literal && limit.form != Operand::Form::upper_limit) {
      return Stop{"the limit is a parameter or another fact"};
    }
    return latest_against(*fact, row, how, limit);
  }

  Said age(Op how, const Operand& limit) {
    const auto year = parse_unit("a");
    if (limit.form != Operand::Form::literal) return Stop{"the limit of the age is not a number"};
    const auto years = convert(to_rational(limit.quantity.value), limit.quantity.unit, *year);
    if (!years || denominator(*years) != 1) return Stop{"the limit of the age is no whole number of years"};
    const Node birth = primitive(definition("Patient"), "birthDate");
    const Node completed{{"type", "CalculateAgeAt"},
                         {"precision", "Year"},
                         {"operand", Node::array({birth, parameter("AsOf")})}};
    return op(elm_type(how), completed, whole(static_cast<int>(graftline::to_double(*years))));
  }

  // Days
  // -----------------------------------------------------------------------------------------------------------

  static Node moved(Node day, int by) {
    if (by == 0) return day;
    return op(by > 0 ? "Add" : "Subtract", std::move(day), days(std::abs(by)));
  }

  // The day itself, when it is counted in whole days.
  Said day_of(const protocol::Anchor& anchor) {
    using Base = protocol::Anchor::Base;
    int by = 0;
    if (anchor.offset) {
      if (anchor.offset->unit == protocol::TimeUnit::calendar_months) return Stop{"calendar months"};
      by = anchor.sign * in_days(*anchor.offset);
    }
    switch (anchor.base) {
      case Base::today:
        return moved(parameter("AsOf"), by);
      case Base::day_zero:
        define_day_zero();
        return moved(definition("Day 0"), by);
      case Base::event: {
        const std::string name = "Day of " + anchor.event;
        parameter_definition(name, "Date", null_of("Date"));
        Node day = parameter(name);
        if (anchor.or_today) {
          day = {{"type", "Coalesce"}, {"operand", Node::array({std::move(day), parameter("AsOf")})}};
        }
        return moved(std::move(day), by);
      }
      case Base::first_infusion:
      case Base::last_infusion:
      case Base::infusion:
        return Stop{"it counts from an infusion of the series"};
    }
    return Stop{"it counts from a day that is not expressed"};
  }

  static Node on_or_after(Node a, Node b) { return op("SameOrAfter", std::move(a), std::move(b)); }
  static Node on_or_before(Node a, Node b) { return op("SameOrBefore", std::move(a), std::move(b)); }

  Said today(const protocol::Window& window) {
    std::vector<Node> both;
    for (const auto* end : {&window.first, &window.last}) {
      if (!*end) continue;
      Said day = day_of(**end);
      if (std::holds_alternative<Stop>(day)) return day;
      Node other = std::get<Node>(std::move(day));
      both.push_back(end == &window.first ? on_or_after(parameter("AsOf"), std::move(other))
                                          : on_or_before(parameter("AsOf"), std::move(other)));
    }
    return both.empty() ? Said(boolean(true)) : Said(all_of(std::move(both), "And"));
  }

  // Resources
  // ------------------------------------------------------------------------------------------------------

  Node coded(const record::Fact& row) {
    Node list = Node::array();
    for (const record::Coding& coding : row.codes) {
      if (!coding.level.empty()) continue;
      const std::string name = fmt::format("{} {}", coding.system, coding.code);
      if (named_.insert("system " + std::string(coding.system)).second) {
        code_systems_.push_back({{"name", std::string(coding.system)},
                                 {"id", std::string(coding.system)},
                                 {"accessLevel", "Public"}});
      }
      if (named_.insert("code " + name).second) {
        codes_.push_back({{"name", name},
                          {"id", std::string(coding.code)},
                          {"accessLevel", "Public"},
                          {"codeSystem", {{"name", std::string(coding.system)}}}});
      }
      list.push_back({{"type", "CodeRef"}, {"name", name}});
    }
    return {{"type", "List"}, {"element", std::move(list)}};
  }

  Node retrieve(std::string_view resource, const record::Fact& row) {
    return {{"type", "Retrieve"},
            {"dataType", "{http://hl7.org/fhir}" + std::string(resource)},
            {"codeProperty", "code"},
            {"codeComparator", "in"},
            {"codes", coded(row)}};
  }

  static Node day_when(std::string_view name, std::string_view path) {
    return op("DateFrom", primitive(alias(name), path));
  }
  static Node is_whole_day(std::string_view name, std::string_view path) {
    return op("Not", op("IsNull", {{"type", "DateTimeComponentFrom"},
                                   {"precision", "Day"},
                                   {"operand", primitive(alias(name), path)}}));
  }
  static Node certainly(Node condition) { return op("IsTrue", std::move(condition)); }

  // The last completed transplant of a whole day; an imprecise one, or two days at odds, leave it null.
  void define_day_zero() {
    if (!named_.insert("Day 0").second) return;
    const record::Fact& row = record::fact(record::fact_id("transplant"));
    define("Transplants",
           where(retrieve("Procedure", row), "T",
                 op("And", op("Equal", primitive(alias("T"), "status"), text("completed")),
                    op("Not", certainly(op("After", day_when("T", "performed"), parameter("AsOf")))))));
    Node last = where(
        definition("Transplants"), "T",
        op("Not", {{"type", "Exists"},
                   {"operand", where(definition("Transplants"), "U",
                                     op("After", day_when("U", "performed"), day_when("T", "performed")))}}));
    last["return"] = {{"distinct", true}, {"expression", day_when("T", "performed")}};
    define("Day 0", choose({{"type", "Exists"},
                            {"operand", where(definition("Transplants"), "T",
                                              op("Not", is_whole_day("T", "performed")))}},
                           null_of("Date"), {{"type", "First"}, {"source", std::move(last)}}));
  }

  // Values
  // ---------------------------------------------------------------------------------------------------------

  // A FHIR Quantity as a number in a unit; any unit that does not convert exactly is null.
  static Node amount_in(const Node& quantity, const std::string& unit, const record::Fact& row) {
    const Node code = {{"type", "Coalesce"},
                       {"operand", Node::array({primitive(quantity, "code"), primitive(quantity, "unit")})}};
    Node items = Node::array();
    const auto target = parse_unit(unit);
    MolarMass molar_mass;
    if (!row.molar_mass.empty()) molar_mass = *parse_decimal(row.molar_mass);
    std::vector<std::string_view> units{unit};
    for (const std::string_view other : reported_units) {
      if (other != unit) units.push_back(other);
    }
    for (const std::string_view other : units) {
      const auto from = parse_unit(other);
      if (!from || !target) continue;
      const auto one = range_in(Quantity{decimal(1), Comparator::none, *from, row.kind, Viability::unstated},
                                *target, row.kind, molar_mass);
      if (!one || !one->is_point()) continue;
      const auto factor = exact_decimal(*one->low);
      if (!factor) continue;
      Node value = primitive(quantity, "value");
      if (*factor != "1") value = op("Multiply", std::move(value), number(*factor));
      items.push_back({{"when", op("Equal", code, text(other))}, {"then", std::move(value)}});
    }
    return {{"type", "Case"}, {"caseItem", std::move(items)}, {"else", null_of("Decimal")}};
  }

  // Decimals are compared at eight places: 1.8 is 1.5 x 1.2 whatever binary fraction an engine computes with.
  static Node rounded(Node value) {
    return {{"type", "Round"}, {"operand", std::move(value)}, {"precision", whole(8)}};
  }

  // "<5" and its like are intervals: yes, no or null.
  static Node with_comparator(const Node& comparator, const Node& value, Op how, const Node& limit) {
    const bool wants_small = how == Op::less || how == Op::less_or_equal;
    const auto sure = [&](Op test, bool answer) {
      Node outcome = choose(op(elm_type(test), value, limit), boolean(answer), no_answer());
      return outcome;
    };
    Node items = Node::array();
    const auto add = [&](std::string_view symbol, Node then) {
      items.push_back({{"when", op("Equal", comparator, text(symbol))}, {"then", std::move(then)}});
    };
    // value < x: below the limit when x <= limit. value <= x: when x < limit (or <=, where the limit counts).
    add("<", sure(Op::less_or_equal, wants_small));
    add("<=",
        sure(how == Op::less || how == Op::greater_or_equal ? Op::less : Op::less_or_equal, wants_small));
    add(">", sure(Op::greater_or_equal, !wants_small));
    add(">=", sure(how == Op::less || how == Op::greater_or_equal ? Op::greater_or_equal : Op::greater,
                   !wants_small));
    items.push_back({{"when", op("IsNull", comparator)}, {"then", op(elm_type(how), value, limit)}});
    return {{"type", "Case"}, {"caseItem", std::move(items)}, {"else", no_answer()}};
  }

  // The latest observations of the window; of one day, corrections before what they correct, final results
  // before preliminary ones.
  Said latest(const FactDeclaration& fact, const record::Fact& row) {
    const std::string name = fact.name;
    Node start;
    Node end = parameter("AsOf");
    if (fact.window.first) {
      Said day = day_of(*fact.window.first);
      if (std::holds_alternative<Stop>(day)) return day;
      start = std::get<Node>(std::move(day));
    }
    if (fact.window.last) {
      Said day = day_of(*fact.window.last);
      if (std::holds_alternative<Stop>(day)) return day;
      end = std::get<Node>(std::move(day));
    }
    if (row.codes.empty()) return Stop{"the catalogue has no code for it"};
    if (!named_.insert("latest " + name).second) return definition("Latest " + name);
    define("Results " + name,
           where(retrieve("Observation", row), "O",
                 op("And",
                    one_of(primitive(alias("O"), "status"),
                           {"final", "appended", "amended", "corrected", "preliminary", "registered"}),
                    op("Not", op("IsNull", primitive(alias("O"), "effective"))))));
    Node in_window = on_or_before(day_when("O", "effective"), end);
    if (!start.is_null()) in_window = op("And", in_window, on_or_after(day_when("O", "effective"), start));
    define("In window " + name, where(definition("Results " + name), "O",
                                      op("And", is_whole_day("O", "effective"), std::move(in_window))));
    define("Last day " + name, where(definition("In window " + name), "O",
                                     op("Not", {{"type", "Exists"},
                                                {"operand", where(definition("In window " + name), "P",
                                                                  op("After", day_when("P", "effective"),
                                                                     day_when("O", "effective")))}})));
    const auto status_in = [](std::string_view of, const std::vector<std::string>& words) {
      return one_of(primitive(alias(of), "status"), words);
    };
    const auto exists_last = [&](const std::vector<std::string>& words) {
      return Node{{"type", "Exists"},
                  {"operand", where(definition("Last day " + name), "P", status_in("P", words))}};
    };
    const std::vector<std::string> corrected{"amended", "corrected"};
    const std::vector<std::string> settled{"final", "appended", "amended", "corrected"};
    define("Latest " + name,
           where(definition("Last day " + name), "O",
                 choose(exists_last(corrected), status_in("O", corrected),
                        choose(exists_last(settled), status_in("O", settled), boolean(true)))));
    // An imprecise date that may be as late as the latest, and may lie in the window, leaves the latest open.
    Node before_window =
        start.is_null() ? boolean(false) : certainly(op("Before", day_when("O", "effective"), start));
    Node matters =
        op("And", op("Not", is_whole_day("O", "effective")),
           op("And", op("Not", certainly(op("After", day_when("O", "effective"), end))),
              op("And", op("Not", std::move(before_window)),
                 op("Not", {{"type", "Exists"},
                            {"operand",
                             where(definition("Latest " + name), "P",
                                   op("After", day_when("P", "effective"), day_when("O", "effective")))}}))));
    define("Imprecise " + name, where(definition("Results " + name), "O", std::move(matters)));
    return definition("Latest " + name);
  }

  Said latest_against(const FactDeclaration& fact, const record::Fact& row, Op how, const Operand& limit) {
    Said found = latest(fact, row);
    if (std::holds_alternative<Stop>(found)) return found;
    const bool by_upper_limit = limit.form == Operand::Form::upper_limit;
    const std::string unit = by_upper_limit ? std::string(row.unit) : limit.quantity.unit.code;
    const Node quantity = property(alias("O"), "value");
    const Node value = rounded(amount_in(quantity, unit, row));
    Node bound;
    if (by_upper_limit) {
      const std::string name = "Upper limit of " + std::string(row.id);
      parameter_definition(name, "Decimal", null_of("Decimal"));
      const Node high =
          property({{"type", "First"}, {"source", property(alias("O"), "referenceRange")}}, "high");
      Node upper{{"type", "Coalesce"},
                 {"operand", Node::array({amount_in(high, unit, row), parameter(name)})}};
      bound = upper;
      if (limit.factor) bound = op("Multiply", number(decimal_in_full(*limit.factor)), std::move(upper));
    } else {
      bound = number(decimal_in_full(limit.quantity.value));
    }
    const Node preliminary = one_of(primitive(alias("O"), "status"), {"preliminary", "registered"});
    const Node each =
        choose(preliminary, no_answer(),
               with_comparator(primitive(quantity, "comparator"), value, how, rounded(std::move(bound))));
    const auto every = [&](bool wanted) {
      return op("Not", {{"type", "Exists"},
                        {"operand", where(definition("Latest " + fact.name), "O",
                                          op("Not", op(wanted ? "IsTrue" : "IsFalse", each)))}});
    };
    Node items = Node::array();
    const auto exists = [](const std::string& name) {
      return Node{{"type", "Exists"}, {"operand", definition(name)}};
    };
    items.push_back(
        {{"when", op("Or", exists("Imprecise " + fact.name), op("Not", exists("Latest " + fact.name)))},
         {"then", no_answer()}});
    items.push_back({{"when", every(true)}, {"then", boolean(true)}});
    items.push_back({{"when", every(false)}, {"then", boolean(false)}});
    return Node{{"type", "Case"}, {"caseItem", std::move(items)}, {"else", no_answer()}};
  }

  static std::string decimal_in_full(const Decimal& value) {
    return graftline::to_text(to_rational(value), 18);
  }

  const protocol::Protocol& protocol_;
  Library result_;
  std::string criterion_;
  std::set<std::string> named_;
  Node parameters_ = Node::array();
  Node code_systems_ = Node::array();
  Node codes_ = Node::array();
  Node statements_ = Node::array();
};

}  // namespace

Library library(const protocol::Protocol& protocol) { return Writer(protocol).write(); }

}  // namespace graftline::interop::elm
