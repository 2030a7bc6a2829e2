#include "sim/parse_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

#include "core/suggestion.h"
#include "protocol/lexer.h"
#include "sim/parse_expression.h"
#include "sim/parse_trial.h"
#include "sim/verify_model.h"

namespace graftline::sim {
namespace {

using protocol::Diagnostic;
using protocol::Reader;
using protocol::Severity;
using protocol::Token;
using protocol::TokenKind;

constexpr std::array<std::string_view, 18> keywords{
    "model", "status", "source",     "time",   "state",   "clock",   "covariate", "frailty", "number",
    "curve", "let",    "transition", "policy", "variant", "measure", "followed",  "trial",   "scenario"};
constexpr std::size_t most_mistakes = 200;

bool starts_statement(const Token& token) {
  return token.starts_line && token.kind == TokenKind::word &&
         (token.text == "check" || std::ranges::find(keywords, token.text) != keywords.end());
}

// scenario "title" id ID model MODEL
void scenario_head(Reader& reader, Scenario& scenario) {
  scenario.title = reader.string("the title of the scenario");
  reader.expect_word("id", "behind the title");
  scenario.id = std::string(reader.raw("an id"));
  reader.expect_word("model", "behind the id");
  scenario.model = reader.at_string() ? reader.string("the file of the model")
                                      : std::string(reader.raw("the id of the model"));
  reader.finish();
}

class ModelParser {
 public:
  ModelParser(Model& model, std::vector<Diagnostic>& diagnostics, bool only_checks)
      : model_(model), diagnostics_(diagnostics), only_checks_(only_checks) {
    if (model_.clocks.empty()) {
      model_.clocks = {{"start", {}}, {"transplant", {}}, {"infusion", {}}};
    }
    remember_names();
  }

  void run(std::string_view text) {
    protocol::Lexed lexed = protocol::tokenise(text);
    for (Diagnostic& found : lexed.diagnostics) diagnostics_.push_back(std::move(found));
    const std::span<const Token> tokens(lexed.tokens.data(), lexed.tokens.size() - 1);
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= tokens.size(); ++i) {
      if (i < tokens.size() && !starts_statement(tokens[i])) continue;
      if (begin < i) statement(text, tokens.subspan(begin, i - begin));
      begin = i;
      if (diagnostics_.size() > most_mistakes) break;
    }
  }

  bool has_header() const { return has_header_; }

 private:
  void remember_names() {
    // Checks of a file of their own are read against the names of a finished model.
    std::vector<Diagnostic> none;
    Reader reader("", {}, none);
    const auto all = [&](const auto& list, Name::Kind kind, std::size_t from = 0) {
      for (std::size_t i = from; i < list.size(); ++i)
        names_.declare(reader, list[i].name, {kind, static_cast<std::uint32_t>(i), list[i].span});
    };
    all(model_.states, Name::Kind::state);
    all(model_.clocks, Name::Kind::clock, built_in_clocks);
    all(model_.traits, Name::Kind::trait);
    all(model_.numbers, Name::Kind::number);
    all(model_.curves, Name::Kind::curve);
    all(model_.lets, Name::Kind::let);
    all(model_.transitions, Name::Kind::transition);
    all(model_.variants, Name::Kind::variant);
    for (std::size_t i = 0; i < model_.sources.size(); ++i)
      names_.declare(reader, model_.sources[i].id, {Name::Kind::source, static_cast<std::uint32_t>(i), {}});
  }

  void statement(std::string_view text, std::span<const Token> tokens) {
    Reader reader(text, tokens, diagnostics_);
    const Token keyword = reader.take();
    if (!starts_statement(keyword)) {
      std::vector<std::string_view> known(keywords.begin(), keywords.end());
      known.push_back("check");
      const auto nearest = closest_name(keyword.text, std::span<const std::string_view>(known));
      reader.fail(keyword.span, fmt::format("no statement begins with {}", protocol::described(keyword)),
                  nearest ? fmt::format("did you mean '{}'?", *nearest) : "");
      return;
    }
    constexpr std::array<std::string_view, 5> beside_a_model{"scenario", "source", "variant", "trial",
                                                             "check"};
    if (only_checks_ && std::ranges::find(beside_a_model, keyword.text) == beside_a_model.end()) {
      reader.fail(
          keyword.span,
          "a file beside a model holds only 'scenario', 'source', 'variant', 'trial' and 'check' statements");
      return;
    }
    if (keyword.text == "scenario") return scenario(reader);
    if (keyword.text == "model") return header(reader);
    if (keyword.text == "status") return status(reader);
    if (keyword.text == "source") return source(reader);
    if (keyword.text == "time") return time(reader);
    if (keyword.text == "state") return state(reader);
    if (keyword.text == "clock") return clock(reader);
    if (keyword.text == "covariate") return covariate(reader);
    if (keyword.text == "frailty") return frailty(reader);
    if (keyword.text == "number") return number(reader);
    if (keyword.text == "curve") return curve_statement(reader);
    if (keyword.text == "let") return let(reader);
    if (keyword.text == "transition" || keyword.text == "policy") {
      return transition(reader, keyword.text == "policy");
    }
    if (keyword.text == "variant") return variant(reader);
    if (keyword.text == "trial") return trial(reader);
    if (keyword.text == "measure") return measure(reader);
    if (keyword.text == "followed") return followed(reader);
    check(reader);
  }

  // `found cite SOURCE "place"`; required when the statement brings figures of its own.
  std::optional<Citation> citation(Reader& reader, bool required) {
    constexpr std::array<std::pair<std::string_view, Support>, 4> words{{{"found", Support::found},
                                                                         {"recall", Support::recall},
                                                                         {"derived", Support::derived},
                                                                         {"proposal", Support::proposal}}};
    for (const auto& [word, support] : words) {
      if (!reader.accept_word(word)) continue;
      const Span span = reader.peek().span;
      const auto cite = reader.citation();
      if (!cite) {
        if (!reader.failed()) reader.fail_here(fmt::format("'cite SOURCE \"place\"' behind '{}'", word));
        return std::nullopt;
      }
      const Name* known = names_.find(cite->source);
      if (known == nullptr || known->kind != Name::Kind::source) {
        reader.error(span, fmt::format("there is no source '{}' before this line", cite->source),
                     "declare it: source ID \"reference\"");
      }
      return Citation{support, cite->source, cite->locator};
    }
    if (required && !reader.failed()) {
      reader.fail_here(
          "where the figures of this statement come from: found, recall, derived or proposal, then cite",
          "for example: found cite s7 \"42 of 176\"");
    }
    return std::nullopt;
  }

  template <class Thing>
  std::uint32_t add(Reader& reader, std::vector<Thing>& list, Thing thing, Name::Kind kind,
                    std::size_t most) {
    if (reader.failed()) return 0;
    if (list.size() >= most) {
      reader.fail(thing.span, fmt::format("a model has at most {} of {}", most, name(kind)));
      return 0;
    }
    const auto index = static_cast<std::uint32_t>(list.size());
    names_.declare(reader, thing.name, {kind, index, thing.span});
    list.push_back(std::move(thing));
    return index;
  }

  std::string new_name(Reader& reader, Span& span, std::string_view what) {
    span = reader.peek().span;
    return reader.word(fmt::format("the name of {}", what));
  }

  void header(Reader& reader) {
    if (has_header_) return reader.fail(reader.peek().span, "a file holds one model");
    has_header_ = true;
    model_.title = reader.string("the title of the model");
    reader.expect_word("id", "behind the title");
    model_.id = std::string(reader.raw("an id"));
    reader.expect_word("version", "behind the id");
    model_.version = std::string(reader.raw("a version"));
    reader.finish();
  }

  void status(Reader& reader) {
    if (reader.accept_word("exploratory")) {
      model_.is_exploratory = true;
    } else if (!reader.accept_word("calibrated")) {
      reader.fail_here("'exploratory' or 'calibrated'");
    }
    reader.finish();
  }

  void source(Reader& reader) {
    Source source;
    source.id = new_name(reader, source.span, "a source");
    source.description = reader.string("the reference of the source");
    reader.finish();
    if (reader.failed()) return;
    if (only_checks_ && names_.find(source.id) != nullptr) return;  // the model has it already
    names_.declare(reader, source.id, {Name::Kind::source, 0, source.span});
    model_.sources.push_back(std::move(source));
  }

  void time(Reader& reader) {
    reader.expect_word("in", "behind 'time'");
    const Token unit = reader.take();
    if (unit.text == "days") {
      model_.days_per_unit = 1.0;
    } else if (unit.text == "months") {
      model_.days_per_unit = 30.4375;
      if (reader.accept_word("of")) {
        model_.days_per_unit = reader.integer("days of a month");
        reader.expect_word("days", "behind the length of a month");
        if (!reader.failed() && (model_.days_per_unit < 28 || model_.days_per_unit > 31))
          reader.fail(unit.span, "a month has 28 to 31 days");
      }
    } else {
      return reader.fail(unit.span, "time is counted in 'days' or 'months'");
    }
    model_.time_unit = std::string(unit.text);
    if (reader.accept_word("from")) model_.from_day = from_day(reader);
    reader.finish();
  }

  int from_day(Reader& reader) {
    reader.expect_word("day", "behind 'from'");
    reader.accept_symbol("+");
    return reader.integer("the day after transplant on which time starts");
  }

  void values(Reader& reader, StateVariable& state, bool with_shares) {
    double total = 0.0;
    do {
      const Span span = reader.peek().span;
      std::string value = reader.word(fmt::format("a value of {}", state.name));
      if (reader.failed()) return;
      if (std::ranges::find(state.values, value) != state.values.end())
        return reader.fail(span, fmt::format("{} has the value '{}' twice", state.name, value));
      if (state.values.size() >= most_values)
        return reader.fail(span, fmt::format("a state has at most {} values", most_values));
      state.values.push_back(std::move(value));
      if (!with_shares) continue;
      ExpressionParser figures(reader, names_, model_);
      const Span share_span = reader.peek().span;
      const double share = figures.figure("the share of this value, such as 30 %");
      if (!reader.failed() && (share < 0.0 || share > 1.0))
        return reader.fail(share_span, "a share lies between 0 and 100 %");
      state.share.push_back(share);
      total += share;
    } while (reader.accept_symbol(",") && !reader.failed());
    if (with_shares && !reader.failed() && std::abs(total - 1.0) > 1e-9) {
      reader.error(state.span,
                   fmt::format("the shares of {} add up to {:.6g} %, not 100 %", state.name, 100.0 * total));
    }
  }

  void state(Reader& reader) {
    StateVariable state;
    state.name = new_name(reader, state.span, "a state");
    reader.expect_symbol(":", "before the values of the state");
    values(reader, state, false);
    reader.finish();
    add(reader, model_.states, std::move(state), Name::Kind::state, most_states);
  }

  void clock(Reader& reader) {
    do {
      Clock clock;
      clock.name = new_name(reader, clock.span, "a clock");
      add(reader, model_.clocks, std::move(clock), Name::Kind::clock, most_clocks);
    } while (reader.accept_symbol(",") && !reader.failed());
    reader.finish();
  }

  void covariate(Reader& reader) {
    Span span;
    const std::string written = new_name(reader, span, "a covariate");
    reader.expect_word("is", "behind the name");
    if (reader.accept_words({"one", "of"})) {
      StateVariable state;
      state.name = written;
      state.span = span;
      values(reader, state, true);
      state.cite = citation(reader, true);
      reader.finish();
      add(reader, model_.states, std::move(state), Name::Kind::state, most_states);
      return;
    }
    Trait trait;
    trait.name = written;
    trait.span = span;
    ExpressionParser figures(reader, names_, model_);
    if (reader.accept_word("normal")) {
      trait.form = Trait::Form::normal;
      reader.expect_word("mean", "behind 'normal'");
      trait.first = figures.figure("the mean");
      reader.expect_word("sd", "behind the mean");
      trait.second = figures.figure("the standard deviation");
    } else if (reader.accept_word("log_normal")) {
      trait.form = Trait::Form::log_normal;
      reader.expect_word("median", "behind 'log_normal'");
      trait.first = figures.figure("the median");
      reader.expect_word("log_sd", "behind the median");
      trait.second = figures.figure("the standard deviation of the logarithm");
    } else if (reader.accept_word("uniform")) {
      trait.form = Trait::Form::uniform;
      trait.first = figures.figure("the least value");
      reader.expect_word("to", "before the greatest value");
      trait.second = figures.figure("the greatest value");
    } else {
      return reader.fail_here("'one of', 'normal', 'log_normal' or 'uniform'");
    }
    if (reader.accept_word("from")) {
      trait.low = figures.figure("the least value possible");
      reader.expect_word("to", "between the limits");
      trait.high = figures.figure("the greatest value possible");
    }
    trait.cite = citation(reader, true);
    reader.finish();
    add(reader, model_.traits, std::move(trait), Name::Kind::trait, most_traits);
  }

  void frailty(Reader& reader) {
    Trait trait;
    trait.name = new_name(reader, trait.span, "a frailty");
    reader.expect_word("is", "behind the name");
    ExpressionParser figures(reader, names_, model_);
    if (reader.accept_word("gamma")) {
      trait.form = Trait::Form::gamma;
      reader.expect_word("variance", "behind 'gamma'");
      trait.first = 1.0;
      trait.second = figures.figure("the variance of a frailty of mean 1");
    } else if (reader.accept_word("log_normal")) {
      trait.form = Trait::Form::log_normal;
      reader.expect_word("log_sd", "behind 'log_normal'");
      trait.second = figures.figure("the standard deviation of the logarithm");
      trait.first = std::exp(-trait.second * trait.second / 2.0);  // so that the mean is 1
    } else {
      return reader.fail_here("'gamma' or 'log_normal'");
    }
    trait.cite = citation(reader, true);
    reader.finish();
    add(reader, model_.traits, std::move(trait), Name::Kind::trait, most_traits);
  }

  void number(Reader& reader) {
    Number number;
    number.name = new_name(reader, number.span, "a number");
    reader.expect_symbol("=", "behind the name");
    ExpressionParser parser(reader, names_, model_);
    number.value = parser.parse(Purpose::value);
    if (reader.at_string()) number.meaning = reader.string("the meaning");
    number.cite = citation(reader, parser.saw_figure());
    reader.finish();
    add(reader, model_.numbers, std::move(number), Name::Kind::number, 400);
  }

  Curve curve_body(Reader& reader) {
    Curve curve;
    ExpressionParser figures(reader, names_, model_);
    if (reader.accept_word("weibull")) {
      curve.form = Curve::Form::weibull;
    } else if (reader.accept_word("log_logistic")) {
      curve.form = Curve::Form::log_logistic;
    } else if (reader.accept_word("gompertz")) {
      curve.form = Curve::Form::gompertz;
      reader.expect_word("rate", "behind 'gompertz'");
      curve.scale = figures.figure("the hazard at the start of the clock");
      reader.expect_word("growth", "behind the rate");
      curve.shape = figures.figure("the growth per unit of time");
      return curve;
    }
    if (curve.form != Curve::Form::steps) {
      reader.expect_word("shape", "behind the form");
      curve.shape = figures.figure("the shape");
      reader.expect_word("scale", "behind the shape");
      curve.scale = figures.figure("the scale");
      return curve;
    }
    do {
      curve.values.push_back(figures.figure("the value of a piece of the curve"));
      if (!reader.accept_word("to")) break;
      const Span span = reader.peek().span;
      const double until = figures.figure("the end of this piece");
      if (!reader.failed() && (until <= 0.0 || (!curve.until.empty() && until <= curve.until.back())))
        reader.fail(span, "the ends of the pieces increase, from above 0");
      curve.until.push_back(until);
    } while (reader.accept_symbol(",") && !reader.failed());
    if (!reader.failed() && curve.values.size() != curve.until.size() + 1) {
      reader.fail_here("the value after the last end", "a curve ends with a value without 'to'");
    }
    return curve;
  }

  void curve_statement(Reader& reader) {
    Span span;
    const std::string written = new_name(reader, span, "a curve");
    reader.expect_word("since", "behind the name");
    std::uint32_t clock = clock_start;
    if (reader.accept_word("transplant")) {
      clock = clock_transplant;
    } else if (reader.accept_word("infusion")) {
      clock = clock_infusion;
    } else if (!reader.accept_word("start")) {
      clock = names_.find(reader, Name::Kind::clock, "").value_or(0);
    }
    reader.expect_symbol(":", "before the curve");
    Curve curve = curve_body(reader);
    curve.name = written;
    curve.span = span;
    curve.clock = clock;
    curve.cite = citation(reader, true);
    reader.finish();
    add(reader, model_.curves, std::move(curve), Name::Kind::curve, 200);
  }

  void let(Reader& reader) {
    Let let;
    let.name = new_name(reader, let.span, "an expression");
    reader.expect_symbol("=", "behind the name");
    ExpressionParser parser(reader, names_, model_);
    let.value = parser.parse(Purpose::any);
    let.cite = citation(reader, parser.saw_figure());
    reader.finish();
    let.size = parser.written_out();
    add(reader, model_.lets, std::move(let), Name::Kind::let, 400);
  }

  Expression condition(Reader& reader, bool& saw) {
    ExpressionParser parser(reader, names_, model_);
    Expression parsed = parser.parse(Purpose::condition);
    saw |= parser.saw_figure();
    return parsed;
  }
  Expression value(Reader& reader, bool& saw) {
    ExpressionParser parser(reader, names_, model_);
    Expression parsed = parser.parse(Purpose::value);
    saw |= parser.saw_figure();
    return parsed;
  }

  // A value and a unit of time behind it, when it is no literal with its own.
  Delay delay(Reader& reader, bool& saw) {
    Delay delay;
    const auto two = [&](Delay::Form form, std::string_view first, std::string_view second) {
      delay.form = form;
      reader.expect_word(first, "behind the form of the delay");
      delay.first = value(reader, saw);
      reader.expect_word(second, fmt::format("behind the {}", first));
      delay.second = value(reader, saw);
    };
    if (reader.accept_word("exponential")) {
      delay.form = Delay::Form::exponential;
      reader.expect_word("mean", "behind 'exponential'");
      delay.first = value(reader, saw);
    } else if (reader.accept_word("gamma")) {
      two(Delay::Form::gamma, "shape", "scale");
    } else if (reader.accept_word("weibull")) {
      two(Delay::Form::weibull, "shape", "scale");
    } else if (reader.accept_word("log_normal")) {
      two(Delay::Form::log_normal, "median", "log_sd");
    } else if (reader.accept_word("uniform")) {
      delay.form = Delay::Form::uniform;
      delay.first = value(reader, saw);
      reader.expect_word("to", "between the ends");
      delay.second = value(reader, saw);
    } else {
      delay.first = value(reader, saw);
    }
    return delay;
  }

  Action action(Reader& reader, bool& saw) {
    Action action;
    if (reader.accept_word("starts") || reader.accept_word("start")) {
      action.form = Action::Form::starts;
      action.index = names_.find(reader, Name::Kind::clock, "to start").value_or(0);
    } else if (reader.accept_word("restarts") || reader.accept_word("restart")) {
      action.form = Action::Form::restarts;
      action.index = names_.find(reader, Name::Kind::clock, "to start again").value_or(0);
    } else if (reader.accept_word("infuse")) {
      action.form = Action::Form::infuse;
      action.dose = value(reader, saw);
    } else {
      action.index = names_.find(reader, Name::Kind::state, "to change").value_or(0);
      if (reader.accept_word("rises")) {
        reader.expect_word("to", "behind 'rises'");
        action.form = Action::Form::rises_to;
      } else {
        reader.expect_word("becomes", "behind the state");
      }
      if (reader.failed()) return action;
      const StateVariable& state = model_.states[action.index];
      const Span span = reader.peek().span;
      const std::string word = reader.word(fmt::format("a value of {}", state.name));
      const auto at = std::ranges::find(state.values, word);
      if (!reader.failed() && at == state.values.end()) {
        reader.fail(span, fmt::format("{} has no value '{}'", state.name, word),
                    fmt::format("its values are {}", fmt::join(state.values, ", ")));
        return action;
      }
      action.value = static_cast<std::uint8_t>(at - state.values.begin());
    }
    if (reader.accept_word("when")) action.when = condition(reader, saw);
    return action;
  }

  std::vector<Action> actions(Reader& reader, bool& saw) {
    std::vector<Action> list;
    do {
      list.push_back(action(reader, saw));
      if (list.size() > 20) reader.fail_here("at most 20 actions");
    } while (reader.accept_symbol(",") && !reader.failed());
    return list;
  }

  void triggers(Reader& reader, Transition& transition) {
    do {
      if (reader.accept_word("start")) {
        transition.on.push_back(trigger_start);
      } else if (reader.accept_word("infusion")) {
        transition.on.push_back(trigger_infusion);
      } else {
        transition.on.push_back(
            names_.find(reader, Name::Kind::transition, "that triggers this one").value_or(0));
      }
    } while (reader.accept_word("or") && !reader.failed());
  }

  void transition(Reader& reader, bool is_policy) {
    Transition transition;
    transition.is_policy = is_policy;
    transition.name = new_name(reader, transition.span, is_policy ? "a policy" : "a transition");
    bool saw = false;
    if (reader.accept_word("on")) {
      triggers(reader, transition);
      if (reader.accept_words({"with", "probability"})) transition.probability = value(reader, saw);
      if (reader.accept_word("after")) transition.after = delay(reader, saw);
    }
    if (reader.accept_word("when")) transition.when = condition(reader, saw);
    if (transition.on.empty()) {
      reader.expect_word("at", "before the rate, or 'on' with what triggers it");
      reader.expect_word("rate", "behind 'at'");
      transition.rate = value(reader, saw);
    }
    reader.expect_word("then", "before what happens");
    while (reader.accept_words({"with", "probability"})) {
      Outcome outcome;
      outcome.probability = value(reader, saw);
      reader.expect_symbol(":", "behind the probability");
      outcome.actions = actions(reader, saw);
      transition.outcomes.push_back(std::move(outcome));
      if (!reader.accept_symbol(";") || transition.outcomes.size() > 20) break;
    }
    if (transition.outcomes.empty()) {
      transition.outcomes.push_back({{}, actions(reader, saw)});
    } else if (reader.accept_word("otherwise")) {
      transition.outcomes.push_back({{}, actions(reader, saw)});
    }
    transition.cite = citation(reader, saw);
    reader.finish();
    add(reader, model_.transitions, std::move(transition), Name::Kind::transition, most_transitions);
  }

  void followed(Reader& reader) {
    bool saw = false;
    reader.expect_word("while", "behind 'followed'");
    model_.followed = condition(reader, saw);
    reader.finish();
  }

  // records FACT as LEVEL when CONDITION, ..., otherwise LEVEL; or as value NUMBER in UNIT
  void what_is_recorded(Reader& reader, Measurement& measurement, bool& saw) {
    reader.expect_word("records", "behind the name");
    const Span span = reader.peek().span;
    const std::string phrase = reader.string("a fact of the catalogue");
    if (reader.failed()) return;
    const auto fact = record::find_fact(phrase);
    if (!fact) {
      return reader.fail(
          span, fmt::format("the catalogue has no fact '{}'", phrase),
          fmt::format("did you mean \"{}\"? 'graftline facts' lists them all", record::closest_fact(phrase)));
    }
    measurement.fact = *fact;
    const record::Fact& row = record::fact(*fact);
    if (reader.accept_word("by")) measurement.method = reader.string("the method");
    reader.expect_word("as", "behind the fact");
    if (row.type == record::FactType::quantity) {
      reader.expect_word("value", "for a fact that is a number");
      measurement.value = value(reader, saw);
      reader.expect_word("in", "before the unit");
      measurement.unit = reader.string("a UCUM unit");
      if (reader.accept_words({"error", "sd"})) measurement.error = value(reader, saw);
      if (reader.accept_word("limit")) measurement.limit = value(reader, saw);
      return;
    }
    const bool is_graded = row.type == record::FactType::ordinal || row.type == record::FactType::code;
    const auto level = [&] {
      const Span at = reader.peek().span;
      const std::string word =
          reader.at_number() ? std::string(reader.take().text) : reader.word("a level of the fact");
      const bool is_known =
          is_graded ? record::level_of(row, word).has_value() : word == "yes" || word == "no";
      if (!reader.failed() && !is_known) {
        reader.fail(at, fmt::format("'{}' is no level of {}", word, row.phrase),
                    is_graded ? fmt::format("its levels are {}", fmt::join(record::levels_of(row), ", "))
                              : "write yes or no");
      }
      return word;
    };
    while (!reader.failed()) {
      if (reader.accept_word("otherwise")) {
        measurement.levels.push_back({level(), {}});
        break;
      }
      Measurement::Level one{level(), {}};
      reader.expect_word("when", "behind the level");
      one.when = condition(reader, saw);
      measurement.levels.push_back(std::move(one));
      reader.expect_symbol(",", "before the next level; the last is 'otherwise LEVEL'");
    }
    if (reader.accept_words({"false", "positive"})) measurement.false_first = value(reader, saw);
    if (reader.accept_words({"false", "negative"})) measurement.missed_first = value(reader, saw);
  }

  void measure(Reader& reader) {
    Measurement measurement;
    measurement.name = new_name(reader, measurement.span, "a measurement");
    bool saw = false;
    what_is_recorded(reader, measurement, saw);
    ExpressionParser figures(reader, names_, model_);
    reader.expect_word("from", "before the time of the first visit");
    measurement.first = figures.figure("the time of the first visit");
    while (!reader.failed() && reader.accept_word("every")) {
      Measurement::Period period;
      const Span span = reader.peek().span;
      period.every = figures.figure("the time between visits");
      reader.expect_word("until", "behind the time between visits");
      period.until = figures.figure("the time of the last visit");
      const double before =
          measurement.periods.empty() ? measurement.first : measurement.periods.back().until;
      if (!reader.failed() &&
          (!(period.every * model_.days_per_unit >= 1.0) || !(period.until > before) || period.until > 1e5))
        return reader.fail(span, "visits are a day or more apart, and end after they began");
      measurement.periods.push_back(period);
      if (!reader.accept_symbol(",") || measurement.periods.size() >= 20) break;
    }
    if (!reader.failed() && measurement.first < 0.0)
      reader.fail(measurement.span, "a visit is at time 0 or later");
    if (reader.accept_word("missed")) measurement.missed = value(reader, saw);
    if (reader.accept_words({"known", "after"})) measurement.known_after = delay(reader, saw);
    measurement.cite = citation(reader, saw || figures.saw_figure());
    reader.finish();
    if (reader.failed()) return;
    if (model_.measurements.size() >= 100)
      return reader.fail(measurement.span, "a model has at most 100 measurements");
    model_.measurements.push_back(std::move(measurement));
  }

  void variant(Reader& reader) {
    Variant variant;
    variant.name = new_name(reader, variant.span, "a variant");
    bool saw = false;
    const auto list = [&](Name::Kind kind, std::vector<std::uint32_t>& into) {
      do {
        into.push_back(names_.find(reader, kind, "").value_or(0));
      } while (reader.accept_symbol(",") && !reader.failed());
    };
    while (!reader.at_end() && !reader.failed()) {
      if (reader.accept_word("extends")) {
        list(Name::Kind::variant, variant.extends);
      } else if (reader.accept_word("uses")) {
        const Span span = reader.peek().span;
        list(Name::Kind::transition, variant.uses);
        for (const std::uint32_t index : variant.uses) {
          if (!reader.failed() && !model_.transitions[index].is_policy)
            reader.fail(span, fmt::format("{} is a transition of every variant, no policy",
                                          model_.transitions[index].name));
        }
      } else if (reader.accept_word("without")) {
        list(Name::Kind::transition, variant.without);
      } else if (reader.accept_word("from")) {
        variant.from_day = from_day(reader);
        saw = true;
      } else if (reader.accept_word("begins")) {
        Variant::Beginning beginning;
        beginning.state = names_.find(reader, Name::Kind::state, "that begins otherwise").value_or(0);
        reader.expect_word("as", "behind the state");
        if (reader.failed()) return;
        const StateVariable& state = model_.states[beginning.state];
        const Span span = reader.peek().span;
        const std::string word = reader.word("its value");
        const auto at = std::ranges::find(state.values, word);
        if (at == state.values.end())
          return reader.fail(span, fmt::format("{} has no value '{}'", state.name, word),
                             fmt::format("its values are {}", fmt::join(state.values, ", ")));
        beginning.value = static_cast<std::uint8_t>(at - state.values.begin());
        variant.beginnings.push_back(beginning);
      } else if (reader.accept_word("set")) {
        const Token token = reader.take();
        const Name* known = names_.find(token.text);
        if (known == nullptr || (known->kind != Name::Kind::number && known->kind != Name::Kind::curve))
          return reader.fail(token.span, fmt::format("'{}' is neither a number nor a curve", token.text),
                             names_.suggestion(token.text));
        reader.expect_symbol("=", "behind the name");
        if (known->kind == Name::Kind::number) {
          variant.numbers.push_back({known->index, value(reader, saw)});
        } else {
          Curve curve = curve_body(reader);
          curve.name = token.text;
          curve.clock = model_.curves[known->index].clock;
          curve.span = token.span;
          variant.curves.emplace_back(known->index, std::move(curve));
          saw = true;
        }
      } else {
        break;
      }
      // One source for one or several lines of a variant; the last line has one too when it brings figures.
      if (auto cite = citation(reader, false)) {
        variant.cite = std::move(cite);
        saw = false;
      }
    }
    if (saw && !reader.failed()) variant.cite = citation(reader, true);
    reader.finish();
    add(reader, model_.variants, std::move(variant), Name::Kind::variant, 200);
  }

  void trial(Reader& reader) {
    TrialPlan trial;
    trial.name = new_name(reader, trial.span, "a trial");
    TrialParser(reader, names_, model_).parse(trial);
    trial.cite = citation(reader, true);
    reader.finish();
    if (reader.failed()) return;
    if (std::ranges::find(model_.trials, trial.name, &TrialPlan::name) != model_.trials.end())
      return reader.fail(trial.span, fmt::format("there is a trial '{}' already", trial.name));
    if (model_.trials.size() >= 500) return reader.fail(trial.span, "at most 500 trials");
    model_.trials.push_back(std::move(trial));
  }

  // The head of a file of trials; the model it names has been read.
  void scenario(Reader& reader) {
    const Span span = reader.peek().span;
    if (!only_checks_) return reader.fail(span, "a scenario is a file of its own, and names its model");
    scenario_head(reader, model_.scenario);
  }

  void check(Reader& reader) {
    Check check;
    check.span = reader.peek().span;
    check.label = reader.string("what is checked");
    reader.expect_word("in", "behind what is checked");
    check.variant = names_.find(reader, Name::Kind::variant, "").value_or(0);
    reader.expect_symbol(":", "behind the variant");
    ExpressionParser figures(reader, names_, model_);
    bool saw = false;
    if (reader.accept_word("percent")) {
      reader.expect_word("with", "behind 'percent'");
      check.quantity = condition(reader, saw);
    } else if (reader.accept_word("mean") || reader.at_word("median")) {
      check.form = reader.accept_word("median") ? Check::Form::median : Check::Form::mean;
      reader.expect_word("of", "before the quantity");
      check.quantity = value(reader, saw);
    } else {
      return reader.fail_here("'percent with', 'mean of' or 'median of'");
    }
    reader.expect_word("at", "before the time");
    const Span at_span = reader.peek().span;
    check.at = figures.figure("the time at which it is asked");
    check.given_at = check.at;
    if (reader.accept_word("given")) {
      check.given = condition(reader, saw);
      if (reader.accept_word("at")) check.given_at = figures.figure("the time of that condition");
    }
    if (!reader.failed() &&
        (check.at < 0.0 || check.given_at < 0.0 || check.at > 1e5 || check.given_at > 1e5))
      return reader.fail(at_span, "a time from 0 to 100000");
    reader.expect_word("is", "before the figure");
    check.target = figures.figure("the figure");
    reader.expect_word("within", "behind the figure");
    const Span tolerance_span = reader.peek().span;
    check.tolerance = figures.figure("the tolerance");
    if (!reader.failed() && check.tolerance < 0.0)
      return reader.fail(tolerance_span, "a tolerance is 0 or more");
    check.cite = citation(reader, true);
    reader.finish();
    if (reader.failed()) return;
    if (model_.checks.size() >= 5000) return reader.fail(check.span, "at most 5000 checks");
    model_.checks.push_back(std::move(check));
  }

  Model& model_;
  std::vector<Diagnostic>& diagnostics_;
  bool only_checks_ = false;
  bool has_header_ = false;
  Names names_;
};

std::optional<std::string> whole_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool no_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

}  // namespace

std::string_view name(Support support) {
  constexpr std::array<std::string_view, 4> words{"found", "recall", "derived", "proposal"};
  return words[static_cast<std::size_t>(support)];
}

bool ParsedModel::ok() const { return no_errors(diagnostics); }

std::string ParsedModel::mistakes() const {
  std::string out;
  for (const Diagnostic& found : diagnostics) out += protocol::to_text(found, text, file);
  return out;
}

ParsedModel parse_model(std::string_view text, std::string file) {
  ParsedModel parsed;
  parsed.text = text;
  parsed.file = std::move(file);
  ModelParser parser(parsed.model, parsed.diagnostics, false);
  parser.run(text);
  if (!parser.has_header() && parsed.ok()) {
    parsed.diagnostics.push_back({Severity::error,
                                  "the file does not say which model it is",
                                  "begin with: model \"title\" id ID version 0.1.0",
                                  {0, 0, 1, 1}});
  }
  if (parsed.ok()) verify(parsed.model, parsed.diagnostics);
  return parsed;
}

ParsedModel with_targets(ParsedModel model, std::string_view targets, std::string file) {
  ParsedModel parsed;
  parsed.model = std::move(model.model);
  parsed.text = targets;
  parsed.file = std::move(file);
  parsed.model.checks.clear();
  parsed.model.trials.clear();
  ModelParser(parsed.model, parsed.diagnostics, true).run(targets);
  if (parsed.ok()) verify(parsed.model, parsed.diagnostics);
  return parsed;
}

Result<Scenario> read_scenario_head(const std::filesystem::path& path) {
  const auto text = whole_text(path);
  if (!text)
    return Error{ErrorKind::not_found, fmt::format("{}: there is no such scenario file", path.string())};
  ParsedModel parsed;
  parsed.text = *text;
  parsed.file = path.string();
  const protocol::Lexed lexed = protocol::tokenise(parsed.text);
  std::size_t end = 1;
  while (end + 1 < lexed.tokens.size() && !starts_statement(lexed.tokens[end])) ++end;
  Reader reader(parsed.text,
                std::span<const Token>(lexed.tokens.data(), std::min(end, lexed.tokens.size() - 1)),
                parsed.diagnostics);
  Scenario scenario;
  if (!reader.accept_word("scenario")) {
    reader.fail_here("'scenario'", "begin with: scenario \"title\" id ID model acute-leukaemia");
  } else {
    scenario_head(reader, scenario);
  }
  if (!parsed.ok()) return Error{ErrorKind::malformed_input, parsed.mistakes()};
  return scenario;
}

Result<Model> read_model(const std::filesystem::path& path, const std::filesystem::path& targets) {
  const auto text = whole_text(path);
  if (!text)
    return Error{ErrorKind::not_found, fmt::format("{}: there is no such model file", path.string())};
  ParsedModel parsed = parse_model(*text, path.string());
  if (!parsed.ok()) return Error{ErrorKind::malformed_input, parsed.mistakes()};
  if (targets.empty()) return std::move(parsed.model);
  const auto more = whole_text(targets);
  if (!more)
    return Error{ErrorKind::not_found, fmt::format("{}: there is no such file of targets", targets.string())};
  ParsedModel whole = with_targets(std::move(parsed), *more, targets.string());
  if (!whole.ok()) return Error{ErrorKind::malformed_input, whole.mistakes()};
  return std::move(whole.model);
}

}  // namespace graftline::sim
