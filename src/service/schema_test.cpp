// The JSON that programs read is the JSON that docs/schemas describe: every answer about the example cohort
// is checked.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>

#include "service/analysis.h"
#include "service/ask.h"
#include "service/criteria_screen.h"
#include "service/render.h"
#include "service/screen.h"

using namespace graftline;
using nlohmann::json;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

json schema(const std::string& name) {
  std::ifstream file(root + "/docs/schemas/" + name);
  REQUIRE(file);
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

// The keywords of JSON Schema 2020-12 that our schemas use; any other keyword is a failure, so that none is
// passed over.
class Checker {
 public:
  explicit Checker(const json& schema) : root_(schema) {}

  // Empty when the value fits; else the place and the keyword that it breaks.
  std::string check(const json& value) const { return check(value, root_, "$"); }

 private:
  static bool is_type(const json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == value.type_name();
  }

  std::string check(const json& value, const json& schema, const std::string& at) const {
    for (const auto& [keyword, rule] : schema.items()) {
      if (auto problem = broken(value, schema, keyword, rule, at); !problem.empty()) return problem;
    }
    return "";
  }

  std::string broken(const json& value, const json& schema, const std::string& keyword, const json& rule,
                     const std::string& at) const {
    const auto failure = [&] { return at + ": " + keyword + " " + rule.dump().substr(0, 60); };
    if (keyword == "$ref") {
      return check(value, root_.at(json::json_pointer(rule.get<std::string>().substr(1))), at);
    }
    if (keyword == "const") return value == rule ? "" : failure();
    if (keyword == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end() ? "" : failure();
    if (keyword == "type") {
      const json types = rule.is_array() ? rule : json::array({rule});
      const bool fits =
          std::any_of(types.begin(), types.end(), [&](const json& type) { return is_type(value, type); });
      return fits ? "" : failure();
    }
    if (keyword == "pattern") {
      const bool fits = !value.is_string() || std::regex_search(value.get<std::string>(), pattern(rule));
      return fits ? "" : failure();
    }
    if (keyword == "oneOf") {
      const auto fitting = std::count_if(rule.begin(), rule.end(),
                                         [&](const json& one) { return check(value, one, at).empty(); });
      return fitting == 1 ? "" : failure();
    }
    if (keyword == "items") return check_items(value, rule, at);
    if (keyword == "required") return check_required(value, rule, at);
    if (keyword == "properties" || keyword == "additionalProperties") return check_members(value, schema, at);
    const bool says_nothing = keyword == "$schema" || keyword == "$id" || keyword == "title" ||
                              keyword == "description" || keyword == "$defs";
    return says_nothing ? "" : at + ": this test does not know the keyword " + keyword;
  }

  std::string check_items(const json& value, const json& rule, const std::string& at) const {
    if (!value.is_array()) return "";
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto problem = check(value[i], rule, at + "[" + std::to_string(i) + "]"); !problem.empty())
        return problem;
    }
    return "";
  }

  static std::string check_required(const json& value, const json& rule, const std::string& at) {
    if (!value.is_object()) return "";
    for (const auto& name : rule) {
      if (!value.contains(name.get<std::string>())) return at + ": required " + name.dump();
    }
    return "";
  }

  std::string check_members(const json& value, const json& schema, const std::string& at) const {
    if (!value.is_object()) return "";
    for (const auto& [name, member] : value.items()) {
      if (!schema.at("properties").contains(name)) return at + ": no property \"" + name + "\" is declared";
      if (auto problem = check(member, schema.at("properties").at(name), at + "." + name); !problem.empty())
        return problem;
    }
    return "";
  }

  // A regular expression is dear to build and the same few come up thousands of times.
  static const std::regex& pattern(const std::string& text) {
    static std::map<std::string, std::regex> built;
    const auto found = built.find(text);
    return found != built.end() ? found->second : built.emplace(text, std::regex(text)).first->second;
  }

  const json& root_;
};

struct Answers {
  std::vector<json> decisions;
  std::vector<json> rows;
};

Answers ask_about_the_cohort() {
  service::Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.site_file = root + "/examples/site.toml";
  ask.protocol_folders = {root + "/protocols"};
  ask.protocols = {"nct07319793", "ebmt-2024", "cml-escalating-dose"};
  ask.question.as_of = day_of({2026, 3, 2});
  auto protocols = service::find_protocols(ask);
  REQUIRE(protocols);
  const auto prepared = service::prepare(ask, std::move(*protocols));
  REQUIRE(prepared);
  Answers answers;
  const auto report = service::ask_each(
      ask, *prepared, [&](const auto&, const service::Prepared& one, const service::Answered& answered) {
        answers.decisions.push_back(
            json::parse(service::render({answered}, {one}, service::View::decision, true, false)));
        const auto row = service::screen_row(answered);
        answers.rows.push_back(json::parse(service::to_line(row, service::ScreenFormat::ndjson)));
      });
  REQUIRE(report);
  REQUIRE(answers.decisions.size() == 20 * ask.protocols.size());
  return answers;
}

const Answers& answers_about_the_cohort() {
  static const Answers answers = ask_about_the_cohort();
  return answers;
}

}  // namespace

TEST_CASE("every decision about the example cohort is as the schema says") {
  const json described = schema("decision.schema.json");
  const Checker checker(described);
  for (const json& decision : answers_about_the_cohort().decisions) {
    CAPTURE(decision.at("patient"));
    CAPTURE(decision.at("protocol").at("id"));
    CHECK(checker.check(decision) == "");
  }
}

TEST_CASE("every row of a screening is as the schema says") {
  const json described = schema("screen-row.schema.json");
  const Checker checker(described);
  for (const json& row : answers_about_the_cohort().rows) CHECK(checker.check(row) == "");
}

TEST_CASE("every kind of analysis prints what its schema says") {
  const json described = schema("analysis.schema.json");
  const Checker checker(described);
  const auto data = service::read_data_file(root + "/tests/golden/survival/bmt137.csv", {});
  REQUIRE(data);
  for (const auto& [kind, formula] : {std::pair{"km", "Surv(t2, d3) ~ group"},
                                      {"cif", "Surv(t2, cause) ~ group"},
                                      {"logrank", "Surv(t2, d3) ~ group + strata(z10)"},
                                      {"gray", "Surv(t2, cause) ~ group"},
                                      {"rmst", "Surv(t1, d1) ~ group"},
                                      {"cox", "Surv(t2, d3) ~ z1 + factor(group)"},
                                      {"finegray", "Surv(t2, cause) ~ z1"},
                                      {"table1", "group ~ z1 + z3"}}) {
    CAPTURE(kind);
    service::AnalysisTask task;
    task.kind = kind;
    task.request.formula = formula;
    task.format = service::AnalysisFormat::json;
    task.version = "0";
    const auto output = service::run_analysis(task, *data);
    REQUIRE(output);
    CHECK(checker.check(json::parse(output->printed)) == "");
  }
}

TEST_CASE("every row of a screening by criteria is as the schema says") {
  const json described = schema("criteria-row.schema.json");
  const Checker checker(described);
  service::Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.protocol_folders = {root + "/protocols"};
  ask.protocols = {"nct07319793", "ebmt-2024"};
  ask.question.as_of = day_of({2026, 3, 2});
  auto protocols = service::find_protocols(ask);
  REQUIRE(protocols);
  const auto prepared = service::prepare(ask, std::move(*protocols));
  REQUIRE(prepared);
  service::CriteriaScreen screen;
  screen.format = service::ScreenFormat::ndjson;
  auto run = service::CriteriaRun::plan(ask, *prepared, screen);
  REQUIRE(run);
  std::string rows;
  REQUIRE(run->run([&](std::string_view more) { rows += more; }));
  std::istringstream lines(rows);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(checker.check(json::parse(line)) == "");
  CHECK(count == 40);
}

TEST_CASE("the schema notices what is missing, misspelt, of the wrong type or out of its list") {
  const json described = schema("decision.schema.json");
  const Checker checker(described);
  const json good = answers_about_the_cohort().decisions.front();
  REQUIRE(checker.check(good) == "");
  json changed = good;
  changed.erase("verdict");
  CHECK(checker.check(changed) == "$: required \"verdict\"");
  changed = good;
  changed["verdicts"] = "eligible";
  CHECK(checker.check(changed) == "$: no property \"verdicts\" is declared");
  changed = good;
  changed["decision"] = "maybe";
  CHECK(checker.check(changed).find("$.decision: enum") == 0);
  changed = good;
  changed["as_of"] = "2 March 2026";
  CHECK(checker.check(changed).find("$.as_of: pattern") == 0);
  changed = good;
  changed["plan"]["weight"]["kg"] = 58;
  CHECK(checker.check(changed).find("$.plan.weight.kg: type") == 0);
}
