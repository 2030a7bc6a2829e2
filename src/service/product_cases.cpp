#include "service/product_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/suggestion.h"
#include "service/products.h"

namespace graftline::service {
namespace {

using nlohmann::json;
constexpr double tolerance = 0.005;

// How the options of a command reach its request.
template <class Request>
using Setters = std::map<std::string, std::function<void(Request&, const std::string&)>, std::less<>>;

template <class Request> Setters<Request> shared() {
  return {
      {"dose", [](Request& r, const std::string& v) { r.ladder.doses.push_back(v); }},
      {"weight", [](Request& r, const std::string& v) { r.ladder.weight = v; }},
      {"times", [](Request& r, const std::string& v) { r.ladder.times = std::max(1, std::atoi(v.c_str())); }},
      {"value", [](Request& r, const std::string& v) { r.values.push_back(v); }}};
}

// Options that are passed on as typed.
template <class Request> using Members = std::initializer_list<std::pair<std::string_view, Typed Request::*>>;
template <class Request> Setters<Request> with(Setters<Request> setters, Members<Request> members) {
  for (const auto& [name, member] : members) {
    setters.emplace(name, [m = member](Request& r, const std::string& v) { r.*m = v; });
  }
  return setters;
}

Setters<CollectRequest> collect_setters() {
  using R = CollectRequest;
  return with<R>(shared<R>(), {{"wbc", &R::wbc},
                               {"lymphocytes", &R::lymphocytes},
                               {"cd3", &R::cd3},
                               {"mnc", &R::mnc},
                               {"cd3-count", &R::cd3_count},
                               {"mnc-count", &R::mnc_count},
                               {"efficiency", &R::efficiency},
                               {"recovery", &R::recovery},
                               {"donor-weight", &R::donor_weight},
                               {"donor-blood-volume", &R::donor_blood_volume},
                               {"volume", &R::volume},
                               {"collected", &R::collected}});
}

Setters<SplitOptions> split_setters() {
  using R = SplitOptions;
  auto setters = with<R>(shared<R>(), {{"product", &R::product},
                                       {"cells", &R::kind},
                                       {"recovery", &R::recovery},
                                       {"dmso", &R::dmso},
                                       {"freeze-at", &R::freeze_at},
                                       {"age", &R::age},
                                       {"fills", &R::fills},
                                       {"reserve", &R::reserve}});
  setters.emplace("upper", [](R& r, const std::string& v) { r.upper_ends = v == "yes"; });
  setters.emplace("fewest-thaws", [](R& r, const std::string& v) { r.fewest_thaws_first = v == "yes"; });
  return setters;
}

Setters<DoseOptions> dose_setters() {
  using R = DoseOptions;
  return with<R>(shared<R>(), {{"product", &R::product},
                               {"governing", &R::governing},
                               {"frozen", &R::frozen},
                               {"dmso", &R::dmso},
                               {"age", &R::age},
                               {"collected", &R::collected},
                               {"infused", &R::infused},
                               {"thawed-minutes", &R::thawed_minutes},
                               {"red-cells", &R::red_cells},
                               {"abo", &R::abo},
                               {"prepared-weight", &R::prepared_weight}});
}

template <class Request>
Result<json> asked(const interop::ProductQuestion& question, const std::string& file,
                   const Setters<Request>& setters, Result<Printed> (*answer)(const Request&, bool)) {
  Request request;
  for (const auto& option : question.options) {
    const auto setter = setters.find(option.name);
    if (setter == setters.end()) {
      std::vector<std::string> names;
      for (const auto& [name, ignored] : setters) names.push_back(name);
      const auto closest = closest_name(option.name, names);
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}:{}: {} has no option '{}'{}", file, option.line, question.command,
                               option.name, closest ? fmt::format("; did you mean '{}'?", *closest) : "")};
    }
    setter->second(request, option.value);
  }
  const auto printed = answer(request, true);
  if (!printed) return printed.error();
  return json::parse(printed->text);
}

Result<json> answer_of(const interop::ProductQuestion& question, const std::string& file) {
  if (question.command == "collect") return asked(question, file, collect_setters(), collect);
  if (question.command == "split") return asked(question, file, split_setters(), split);
  return asked(question, file, dose_setters(), dose_to_volume);
}

// What the findings of one form are about, each once.
std::set<std::string> about(const json& answer, const std::string& form) {
  std::set<std::string> names;
  for (const json& finding : answer.value("findings", json::array())) {
    if (finding.at("form") == form) names.insert(finding.at("about").get<std::string>());
  }
  return names;
}

// "steps.1.bags.2.fill_ml"; null: no such place.
const json* place(const json& answer, std::string_view path) {
  const json* at = &answer;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string name(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (at->is_array()) {
      const int index = std::atoi(name.c_str());
      if (index < 1 || static_cast<std::size_t>(index) > at->size()) return nullptr;
      at = &(*at)[static_cast<std::size_t>(index - 1)];
    } else if (at->is_object() && at->contains(name)) {
      at = &(*at)[name];
    } else {
      return nullptr;
    }
  }
  return at;
}

std::string written(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "unknown";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.dump();
}

bool is_same(const std::string& found, const std::string& wanted) {
  if (found == wanted) return true;
  const auto a = parse_decimal(found);
  const auto b = parse_decimal(std::string_view(wanted).substr(0, wanted.find(' ')));
  if (!a || !b) return false;
  return std::abs(to_double(*a) - to_double(*b)) <= tolerance * std::abs(to_double(*b));
}

std::string failure(const interop::Expectation& expectation, const std::string& found) {
  return fmt::format("line {}: expected {} {} {}, found {}", expectation.line, expectation.subject,
                     expectation.relation, expectation.value, found);
}

std::string check(const interop::Expectation& expectation, const Result<json>& answer) {
  if (expectation.subject == "error") {
    const std::string found = answer ? "none" : answer.error().message;
    const bool holds = expectation.relation == "=" ? found == expectation.value
                                                   : found.find(expectation.value) != std::string::npos;
    return holds ? "" : failure(expectation, found);
  }
  if (!answer) return failure(expectation, answer.error().message);
  for (const char* form : {"limit", "asked", "caution", "assumption", "met"}) {
    if (expectation.subject != form) continue;
    const auto names = about(*answer, form);
    const std::string found = names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
    const bool is_in = names.contains(expectation.value);
    const bool holds = expectation.relation == "=" ? found == expectation.value
                                                   : is_in == (expectation.relation == "includes");
    return holds ? "" : failure(expectation, found);
  }
  const json* value = place(*answer, expectation.subject);
  if (value == nullptr) return failure(expectation, "no such place in the answer");
  const std::string found = written(*value);
  const bool is_in = found.find(expectation.value) != std::string::npos;
  const bool holds = expectation.relation == "=" ? is_same(found, expectation.value)
                                                 : is_in == (expectation.relation == "includes");
  return holds ? "" : failure(expectation, found);
}

}  // namespace

std::vector<std::string> run_product_case(const interop::Case& c, const std::string& file) {
  const auto answer = answer_of(c.product_question, file);
  std::vector<std::string> failures;
  const bool expects_error = std::any_of(c.expectations.begin(), c.expectations.end(),
                                         [](const interop::Expectation& e) { return e.subject == "error"; });
  if (!answer && !expects_error) return {answer.error().message};
  for (const interop::Expectation& expectation : c.expectations) {
    if (std::string what = check(expectation, answer); !what.empty()) failures.push_back(std::move(what));
  }
  return failures;
}

}  // namespace graftline::service
