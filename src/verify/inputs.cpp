#include "verify/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "engine/evaluate.h"
#include "protocol/units.h"
#include "record/derived.h"
#include "record/facts.h"

namespace graftline::verify {
namespace {

using protocol::Expr;
using protocol::FactDeclaration;
using protocol::Operand;
using record::FactType;

bool holds_or_not(FactType type) {
  return type == FactType::statement || type == FactType::event || type == FactType::course;
}

void visit(const Expr& expr, const std::function<void(const Expr&)>& leaf) {
  for (const Expr& child : expr.children) visit(child, leaf);
  if (expr.children.empty()) leaf(expr);
}

void visit(const protocol::Rules& rules, const std::function<void(const Expr&)>& leaf) {
  const auto one = [&](const auto& items) {
    for (const auto& item : items) {
      if constexpr (std::is_same_v<std::decay_t<decltype(item.when)>, Expr>) {
        visit(item.when, leaf);
      } else {
        if (item.when) visit(*item.when, leaf);
      }
    }
  };
  one(rules.criteria);
  one(rules.guards);
  one(rules.doses);
  one(rules.gives);
  one(rules.intervals);
}

void visit(const protocol::Protocol& protocol, const std::function<void(const Expr&)>& leaf) {
  for (const auto& definition : protocol.definitions) visit(definition.when, leaf);
  visit(protocol.common, leaf);
  for (const auto& strategy : protocol.strategies) {
    if (strategy.when) visit(*strategy.when, leaf);
    visit(strategy.rules, leaf);
  }
  for (const auto& claim : protocol.claims) {
    if (claim.when) visit(*claim.when, leaf);
  }
}

// Points below, at, between and above the borders, as decimals; none below 0, none above 100 for a share.
std::vector<std::string> points(std::vector<Rational> borders, bool is_share, bool may_be_negative) {
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  std::vector<Rational> values;
  if (borders.empty()) {
    values = {is_share ? Rational(50) : Rational(10)};
  } else {
    const Rational& lowest = borders.front();
    if (lowest > 0) values.push_back(lowest / 2);
    if (lowest <= 0 && may_be_negative) values.push_back(lowest - 1);
    for (std::size_t i = 0; i < borders.size(); ++i) {
      values.push_back(borders[i]);
      if (i + 1 < borders.size()) {
        values.push_back((borders[i] + borders[i + 1]) / 2);
      } else {
        const Rational above = is_share ? Rational((borders[i] + 100) / 2) : Rational(borders[i] * 2 + 1);
        if (above > borders[i]) values.push_back(above);
      }
    }
  }
  std::vector<std::string> texts;
  for (const Rational& value : values) {
    if ((value < 0 && !may_be_negative) || (is_share && value > 100)) continue;
    const std::string text = to_text(value, 8);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  return texts;
}

std::string ucum(const record::Fact& row) { return row.unit.empty() ? "1" : std::string(row.unit); }

StoryRow before(int days_ago, std::string fact, std::string value, std::string unit) {
  return {Day{-days_ago}, std::move(fact), std::move(value), std::move(unit), {}, "", ""};
}

Candidate recipe(std::vector<StoryRow> rows) {
  Candidate candidate;
  candidate.form = Candidate::Form::recipe;
  candidate.cost = static_cast<int>(rows.size());
  candidate.recipe = std::move(rows);
  return candidate;
}

// "donor_chimerism_t" of lineage t_cells, ...
std::string lineage_fact(const FactDeclaration& fact) {
  for (const auto& argument : fact.arguments) {
    if (argument.name != "lineage") continue;
    for (const auto& [word, id] :
         {std::pair{"marrow", "donor_chimerism_marrow"}, std::pair{"t_cells", "donor_chimerism_t"},
          std::pair{"myeloid", "donor_chimerism_myeloid"}, std::pair{"b_cells", "donor_chimerism_b"},
          std::pair{"nk_cells", "donor_chimerism_nk"}, std::pair{"cd34", "donor_chimerism_cd34"}}) {
      if (argument.value == word) return id;
    }
  }
  return "donor_chimerism_blood";
}

std::vector<StoryRow> series(const std::string& fact, const std::string& unit,
                             std::initializer_list<std::pair<int, const char*>> values) {
  std::vector<StoryRow> rows;
  for (const auto& [days_ago, value] : values) rows.push_back(before(days_ago, fact, value, unit));
  return rows;
}

}  // namespace

Inputs::Inputs(const protocol::Protocol& protocol) : protocol_(protocol) {
  site_choices();
  std::set<std::string> names;
  const auto use = [&](const std::string& name) {
    if (!name.empty()) names.insert(name);
  };
  const auto use_window = [&](const protocol::Window& window) {
    for (const auto* end : {&window.first, &window.last}) {
      if (*end && (*end)->base == protocol::Anchor::Base::event) use((*end)->event);
    }
  };
  visit(protocol, [&](const Expr& leaf) {
    use(leaf.name);
    use_window(leaf.window);
    for (const Operand* side : {&leaf.left, &leaf.right}) {
      use(side->name);
      if (side->form == Operand::Form::days_since) use(side->anchor.event);
    }
  });
  const auto rules = [&](const protocol::Rules& r) {
    for (const auto& wait : r.waits) use(wait.after);
    for (const auto& row : r.doses) use_window(row.window);
    for (const auto& give : r.gives) use_window(give.window);
  };
  rules(protocol.common);
  for (const auto& strategy : protocol.strategies) rules(strategy.rules);
  for (const auto& judgement : protocol.judgements) use(judgement.name);
  for (const auto& fact : protocol.facts) {
    if (!names.contains(fact.name)) continue;
    for (const auto* end : {&fact.window.first, &fact.window.last}) {
      if (*end && (*end)->base == protocol::Anchor::Base::event && !(*end)->or_today) use((*end)->event);
    }
  }
  for (const auto& fact : protocol.facts) {
    if (names.contains(fact.name)) add_fact(fact);
  }
  for (const auto& judgement : protocol.judgements) {
    Input input;
    input.name = judgement.name;
    input.is_judgement = true;
    input.candidates.push_back({});
    for (const char* value : {"yes", "no"}) {
      Candidate candidate;
      candidate.form = Candidate::Form::answer;
      candidate.value = value;
      candidate.cost = 1;
      input.candidates.push_back(candidate);
    }
    inputs_.push_back(std::move(input));
  }
  for (const auto& parameter : protocol.parameters) {
    if (parameter.type != protocol::ParameterType::word || !names.contains(parameter.name)) continue;
    Input input;
    input.name = parameter.name;
    input.is_choice = true;
    for (const std::string& word : parameter.choices) {
      Candidate candidate;
      candidate.form = Candidate::Form::answer;
      candidate.value = word;
      input.candidates.push_back(candidate);
    }
    inputs_.push_back(std::move(input));
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) by_name_[inputs_[i].name] = static_cast<int>(i);
}

int Inputs::find(const std::string& name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? -1 : at->second;
}

// What a site would have to set stands for itself: doses rise in the order in which they are declared.
void Inputs::site_choices() {
  int n_doses = 0;
  for (const auto& parameter : protocol_.parameters) {
    if (parameter.default_value) continue;
    switch (parameter.type) {
      case protocol::ParameterType::word:
        settings_[parameter.name] = parameter.choices.empty() ? "" : parameter.choices.front();
        break;
      case protocol::ParameterType::number:
        settings_[parameter.name] = "1";
        break;
      case protocol::ParameterType::duration:
        settings_[parameter.name] = "30 days";
        break;
      case protocol::ParameterType::quantity:
        settings_[parameter.name] = fmt::format("{}e6 {}", ++n_doses, parameter.unit);
        break;
    }
  }
}

void Inputs::add_fact(const FactDeclaration& fact) {
  const record::Fact& row = record::fact(fact.fact);
  Input input;
  input.name = fact.name;
  input.fact = &fact;
  input.candidates.push_back({});
  // The transplant and the infusions are the course itself; days since day 0 are a clock.
  if (row.id == "transplant" || row.id == "dli" || row.derivation == "days_since_transplant") {
    inputs_.push_back(std::move(input));
    return;
  }
  const auto add = [&](Candidate candidate) { input.candidates.push_back(std::move(candidate)); };
  if (record::is_computed(row) && row.id != "age") {
    for (Candidate& candidate : recipes(fact)) add(std::move(candidate));
  } else if (row.type == FactType::quantity) {
    for (Candidate& candidate : quantities(fact)) add(std::move(candidate));
  } else if (holds_or_not(row.type)) {
    Candidate no;
    no.form = Candidate::Form::no;
    no.cost = 1;
    add(no);
    Candidate yes;
    yes.form = Candidate::Form::yes;
    yes.cost = 1;
    add(yes);
    for (const int age : ages_of(protocol_, fact.name)) {
      Candidate earlier = yes;
      earlier.days_ago = age;
      earlier.cost = 2;
      if (row.type == FactType::course) earlier.form = Candidate::Form::ended;
      add(earlier);
    }
  } else {
    for (const std::string_view level : record::levels_of(row)) {
      Candidate candidate;
      candidate.form = Candidate::Form::level;
      candidate.value = level;
      candidate.cost = 1;
      add(candidate);
    }
  }
  inputs_.push_back(std::move(input));
}

std::vector<Candidate> Inputs::quantities(const FactDeclaration& fact) const {
  const record::Fact& row = record::fact(fact.fact);
  const auto unit = parse_unit(ucum(row));
  std::vector<Rational> limits;
  std::vector<Rational> multiples;
  std::vector<Candidate> exact;
  const auto is_this = [&](const Operand& side) {
    const FactDeclaration* other =
        side.form == Operand::Form::fact ? protocol_.find_fact(side.name) : nullptr;
    return other != nullptr && other->fact == fact.fact;
  };
  const auto limit = [&](const Operand& own, const Operand& side) {
    const Rational own_factor = own.factor ? to_rational(*own.factor) : Rational(1);
    const Rational factor = (side.factor ? to_rational(*side.factor) : Rational(1)) / own_factor;
    if (side.form == Operand::Form::upper_limit) multiples.push_back(factor);
    if (side.form == Operand::Form::literal) {
      Quantity quantity = side.quantity;
      quantity.kind = row.kind;
      const auto range = range_in(quantity, *unit, row.kind, protocol::molar_mass(row));
      if (!range || !range->is_point()) return;
      limits.emplace_back(*range->low / own_factor);
      if (own.factor) return;
      // The limit itself, in the unit in which it was written: another may not say it exactly.
      Candidate at;
      at.form = Candidate::Form::quantity;
      at.value = to_text(side.quantity.value);
      at.unit = side.quantity.unit.code.empty() ? "1" : side.quantity.unit.code;
      at.cost = 1;
      exact.push_back(at);
    }
    if (side.form == Operand::Form::parameter) {
      const protocol::Parameter* parameter = protocol_.find_parameter(side.name);
      const auto set = settings_.find(side.name);
      const std::string text = set != settings_.end() ? set->second : *parameter->default_value;
      const auto number = parse_decimal(std::string_view(text).substr(0, text.find(' ')));
      if (number) limits.push_back(to_rational(*number) * factor);
    }
    if (side.form == Operand::Form::fact) {
      for (const int number : {10, 20}) limits.emplace_back(number);
    }
  };
  visit(protocol_, [&](const Expr& leaf) {
    if (leaf.form != Expr::Form::comparison) return;
    if (is_this(leaf.left)) limit(leaf.left, leaf.right);
    if (is_this(leaf.right)) limit(leaf.right, leaf.left);
  });
  std::vector<Candidate> all;
  const bool is_share = protocol::is_share(row);
  const auto add = [&](const std::string& value, const std::string& upper_limit) {
    Candidate candidate;
    candidate.form = Candidate::Form::quantity;
    candidate.value = value;
    candidate.unit = ucum(row);
    candidate.upper_limit = upper_limit;
    candidate.cost = 1;
    all.push_back(candidate);
  };
  if (multiples.empty()) {
    for (const std::string& value : points(limits, is_share, unit->is_special)) add(value, "");
    // What is exact in its own unit comes before what was converted.
    all.insert(all.begin(), exact.begin(), exact.end());
    return all;
  }
  // The upper limit is the laboratory's: any number will do, since only the multiple counts.
  const Rational usual = ucum(row) == "U/L" ? 40 : 1;
  for (const std::string& multiple : points(multiples, false, false)) {
    const auto times = parse_rational(multiple);
    if (!times) continue;
    if (limits.empty()) {
      add(to_text(Rational(*times * usual), 8), fmt::format("{} {}", to_text(usual, 8), ucum(row)));
      continue;
    }
    for (const std::string& value : points(limits, is_share, false)) {
      const auto number = parse_rational(value);
      if (number && *times > 0)
        add(value, fmt::format("{} {}", to_text(Rational(*number / *times), 8), ucum(row)));
    }
  }
  return all;
}

// Records from which a computed fact comes out one way and the other. Which way, the engine says.
std::vector<Candidate> Inputs::recipes(const FactDeclaration& fact) const {
  const record::Fact& row = record::fact(fact.fact);
  std::vector<Candidate> all;
  if (row.derivation == "egfr") {
    for (const char* creatinine : {"0.8", "1.2", "1.6", "2.5", "4", "8"}) {
      all.push_back(recipe({before(0, "creatinine", creatinine, "mg/dL"), before(0, "sex", "male", ""),
                            before(0, "age", "50", "a")}));
    }
  } else if (row.derivation == "falling_chimerism") {
    const std::string share = lineage_fact(fact);
    all.push_back(recipe(series(share, "%", {{60, "70"}, {30, "85"}, {0, "99"}})));
    all.push_back(recipe(series(share, "%", {{60, "99"}, {30, "80"}, {0, "60"}})));
  } else if (row.derivation == "chimerism_rise") {
    for (const char* now : {"50", "56", "65", "85", "99", "30"}) {
      all.push_back(recipe({{Day{28}, "donor_chimerism_t", "50", "%", {}, "day 0", ""},
                            before(0, "donor_chimerism_t", now, "%")}));
    }
  } else if (row.derivation == "chimerism_class") {
    for (const char* share : {"99.5", "50", "0.5"}) {
      all.push_back(recipe(
          {before(0, "donor_chimerism_blood", share, "%"), before(0, "donor_chimerism_t", share, "%")}));
    }
  } else if (row.derivation == "mrd_positivity") {
    for (const char* result : {"negative", "positive"})
      all.push_back(recipe(series("mrd", "", {{60, result}, {30, result}, {0, result}})));
  } else if (row.derivation == "cml_molecular_relapse") {
    all.push_back(recipe(series("bcr_abl1", "%", {{60, "0.001"}, {30, "0.001"}, {0, "0.001"}})));
    all.push_back(recipe(series("bcr_abl1", "%", {{90, "0.05"}, {60, "0.5"}, {30, "5"}, {0, "20"}})));
  }
  return all;
}

// Telling
// -------------------------------------------------------------------------------------------------------

// Another declaration reads the same record another way: what this one reads then lies a day further back.
bool Inputs::is_read_twice(const FactDeclaration& fact) const {
  return fact.pick != protocol::Pick::latest && fact.pick != protocol::Pick::current &&
         std::any_of(inputs_.begin(), inputs_.end(), [&](const Input& other) {
           return other.fact != nullptr && other.fact != &fact && other.fact->fact == fact.fact;
         });
}

// The day on which a record counts for the fact: today, or the last day of its window; none when the window
// has not begun.
std::optional<Day> Inputs::day_in_window(const FactDeclaration& fact, const Story& story) const {
  const record::Timeline timeline = timeline_of(story);
  const record::View view(timeline, story.as_of);
  const engine::Settings settings = settings_of(story);
  const engine::Evaluator evaluator(protocol_, view, settings);
  Day day = story.as_of;
  if (fact.window.last) {
    const auto last = evaluator.anchor(*fact.window.last);
    if (last.date) day = std::min(day, last.date->first);
  }
  std::optional<Day> first;
  if (fact.window.first) {
    const auto begin = evaluator.anchor(*fact.window.first);
    if (begin.date) first = begin.date->last;
    if (!begin.date) return std::nullopt;
  }
  if (first && day < *first) return std::nullopt;
  if (is_read_twice(fact) && (!first || day - 1 >= *first)) day = day - 1;
  return day;
}

void Inputs::tell(const std::vector<std::pair<int, int>>& said, Story& story, bool forget) const {
  for (const bool is_recipe : {false, true}) {
    for (const auto& [input, candidate] : said) {
      const Candidate& what =
          inputs_[static_cast<std::size_t>(input)].candidates[static_cast<std::size_t>(candidate)];
      if ((what.form == Candidate::Form::recipe) == is_recipe) tell_one(input, candidate, story, forget);
    }
  }
}

std::vector<int> Inputs::related(int index) const {
  const Input& input = inputs_[static_cast<std::size_t>(index)];
  std::vector<int> result;
  if (input.fact == nullptr) return result;
  const auto contains = [](record::FactId a, record::FactId b) {
    const auto all = record::members_of(a);
    return std::any_of(all.begin(), all.end(), [&](record::FactId m) {
      const auto below = record::members_of(m);
      return m == b || std::find(below.begin(), below.end(), b) != below.end();
    });
  };
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Input& other = inputs_[i];
    if (static_cast<int>(i) == index || other.fact == nullptr) continue;
    const record::FactId a = input.fact->fact;
    const record::FactId b = other.fact->fact;
    if (a == b || contains(a, b) || contains(b, a)) result.push_back(static_cast<int>(i));
  }
  return result;
}

void Inputs::tell_one(int index, int candidate_index, Story& story, bool forget) const {
  const Input& input = inputs_[static_cast<std::size_t>(index)];
  const Candidate& candidate = input.candidates[static_cast<std::size_t>(candidate_index)];
  if (input.is_choice) {
    story.parameters[input.name] = candidate.value;
    return;
  }
  if (input.is_judgement) {
    if (candidate.form == Candidate::Form::answer) story.judgements[input.name] = candidate.value;
    return;
  }
  const record::Fact& row = record::fact(input.fact->fact);
  const auto day = day_in_window(*input.fact, story);
  if (candidate.form == Candidate::Form::none) {
    // A later entry of which nobody knows whether it stands makes what was known unknown again.
    const auto earlier = std::find_if(story.rows.rbegin(), story.rows.rend(),
                                      [&](const StoryRow& r) { return r.fact == row.id; });
    const bool is_course = row.id == "dli" || row.id == "transplant";
    if (!forget || earlier == story.rows.rend() || is_course || !day || earlier->when >= *day) return;
    StoryRow blurred = *earlier;
    blurred.when = *day;
    blurred.until.reset();
    blurred.status = "unknown";
    if (blurred.value == "no") blurred.value = "yes";
    story.rows.push_back(blurred);
    return;
  }
  if (!day) return;
  const auto tell = [&](StoryRow said) {
    const auto same_day = std::any_of(story.rows.begin(), story.rows.end(), [&](const StoryRow& r) {
      return r.fact == said.fact && r.when == said.when && said.fact != "dli";
    });
    if (!same_day) story.rows.push_back(std::move(said));
  };
  StoryRow said{*day, std::string(row.id), candidate.value, candidate.unit, {}, candidate.upper_limit, ""};
  switch (candidate.form) {
    case Candidate::Form::yes:
      said.value = row.type == FactType::course ? "start" : "yes";
      said.when = *day - candidate.days_ago;
      break;
    case Candidate::Form::no:
      said.value = "no";
      break;
    case Candidate::Form::ended:
      said.value = "start";
      said.until = *day - candidate.days_ago;
      said.when = *said.until - 7;
      break;
    case Candidate::Form::recipe:
      for (StoryRow part : candidate.recipe) {
        const bool from_day_zero = part.upper_limit == "day 0";
        part.upper_limit.clear();
        part.when = (from_day_zero ? story.day_zero : *day) + part.when.value;
        tell(std::move(part));
      }
      return;
    default:
      break;
  }
  tell(std::move(said));
}

}  // namespace graftline::verify
