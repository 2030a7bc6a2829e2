// The JSON that programs read is the JSON that docs/schemas describe: every answer about the example cohort
// is checked.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
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
#include "service/designs.h"
#include "service/difference.h"
#include "service/forms.h"
#include "service/products.h"
#include "service/render.h"
#include "service/screen.h"
#include "service/simulate.h"
#include "service/simulate_plain.h"
#include "service/simulate_trial.h"
#include "service/verification.h"
#include "service/when.h"

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
    const json others = schema.value("additionalProperties", json(true));
    const json declared = schema.value("properties", json::object());
    for (const auto& [name, member] : value.items()) {
      if (!declared.contains(name) && others.is_object()) {
        if (auto problem = check(member, others, at + "." + name); !problem.empty()) return problem;
        continue;
      }
      if (!declared.contains(name)) return at + ": no property \"" + name + "\" is declared";
      if (auto problem = check(member, declared.at(name), at + "." + name); !problem.empty()) return problem;
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

TEST_CASE("every answer over time is as the schema says") {
  const json described = schema("history.schema.json");
  const Checker checker(described);
  service::Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.protocol_folders = {root + "/protocols"};
  ask.protocols = {"ebmt-2024"};
  ask.question.as_of = day_of({2026, 3, 2});
  auto protocols = service::find_protocols(ask);
  REQUIRE(protocols);
  const auto prepared = service::prepare(ask, std::move(*protocols));
  REQUIRE(prepared);
  service::WhenQuestion question;
  question.last = day_of({2026, 6, 30});
  std::size_t patients = 0;
  const auto report = service::each_patient(ask, [&](record::Timeline&& timeline) {
    ++patients;
    const auto found = service::when(prepared->front(), timeline, question);
    REQUIRE(found);
    const std::string line =
        service::to_text(timeline.patient, prepared->front(), *found, service::WhenFormat::json);
    CHECK(checker.check(json::parse(line)) == "");
  });
  REQUIRE(report);
  CHECK(patients == 20);
}

TEST_CASE("what verification finds is as the schema says") {
  const json described = schema("verification.schema.json");
  const Checker checker(described);
  const auto found = service::verify_protocols({root + "/tests/data/verify/claim-fails.protocol",
                                                root + "/tests/data/protocol-mistakes/bare-dose.protocol"},
                                               {}, {});
  REQUIRE(found);
  const json printed = json::parse(service::to_json(*found));
  CHECK(checker.check(printed) == "");
  CHECK(printed.at(0).at("findings").at(0).contains("case"));
}

TEST_CASE("a calibration is as the schema says, also where no patient meets the condition") {
  const json described = schema("calibration.schema.json");
  const Checker checker(described);
  // Nobody has GVHD and no GVHD: the figure among such patients is undefined, whoever is drawn.
  const auto targets = std::filesystem::temp_directory_path() / "graftline-nobody.targets";
  std::ofstream(targets) << "source paper \"nobody\"\n"
                            "check \"nobody\" in dose_3e7: percent with gvhd is any at 12 "
                            "given gvhd is any and gvhd is none is 5 % within 1 % found cite paper \"x\"\n";
  service::Calibration request;
  request.model = root + "/models/gvhd-after-dli.model";
  request.targets = targets;
  request.patients = 10;
  request.json = true;
  const auto answer = service::calibrate(request);
  REQUIRE(answer);
  CHECK(checker.check(json::parse(answer->text)) == "");
  CHECK(answer->text.find("\"simulated\": null") != std::string::npos);
}

TEST_CASE("plain trials are as the schema says") {
  const json described = schema("plain-trials.schema.json");
  const Checker checker(described);
  service::PlainRequest request;
  request.control_hazard = 0.05;
  request.hazard_ratio = 0.6;
  request.accrual = 24.0;
  request.follow_up = 12.0;
  request.looks = {40, 80};
  request.trials = 50;
  request.json = true;
  const auto answer = service::simulate_plain(request);
  REQUIRE(answer);
  CHECK(checker.check(json::parse(*answer)) == "");
}

TEST_CASE("simulated trials of a scenario are as the schema says") {
  const json described = schema("trial-simulation.schema.json");
  const Checker checker(described);
  service::TrialRequest request;
  request.scenario = root + "/scenarios/nct03597321.scenario";
  request.model_folders = {root + "/models"};
  request.vary = {"theta=0.4,1"};
  request.trials = 20;
  request.truth_patients = 100;
  const auto answer = service::simulate_trial(request);
  REQUIRE(answer);
  CHECK(checker.check(json::parse(answer->json)) == "");
  request.trial = "two_sided_6";
  const auto unknown = service::simulate_trial(request);
  REQUIRE(!unknown);
  CHECK(unknown.error().message.find("there are two_sided_5, one_sided_10") != std::string::npos);
}

TEST_CASE("a difference of protocols, with the patients it matters to, is as the schema says") {
  const json described = schema("difference.schema.json");
  const Checker checker(described);
  service::Ask ask;
  ask.records = {root + "/examples/cohort"};
  ask.protocol_folders = {root + "/protocols"};
  ask.protocols = {"cml-escalating-dose", "ebmt-2024"};
  ask.question.as_of = day_of({2026, 3, 2});
  const auto protocols = service::find_protocols(ask);
  REQUIRE(protocols);
  service::Difference found = service::difference((*protocols)[0], (*protocols)[1]);
  CHECK(checker.check(json::parse(service::to_json(found))) == "");
  ask.patient = "R-1001";
  REQUIRE(service::add_behaviour(ask, (*protocols)[0], (*protocols)[1], found));
  CHECK(found.n_patients == 1);
  CHECK(checker.check(json::parse(service::to_json(found))) == "");
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

namespace {

void check_against(const std::string& schema_name, const Result<service::Printed>& answer) {
  CAPTURE(schema_name);
  REQUIRE(answer);
  const json described = schema(schema_name);
  CHECK(Checker(described).check(json::parse(answer->text)) == "");
}

// R-1001 of the cohort, asked on 2 March 2026: 58 kg, cells in window, a bag for it in the example stock.
service::Ask asked_about_r_1001() {
  service::Ask ask;
  ask.records = {root + "/examples/cohort/r-1001-prophylactic-arm-due.json"};
  ask.protocols = {"nct07319793"};
  ask.protocol_folders = {root + "/protocols"};
  ask.site_file = root + "/examples/site.toml";
  ask.question.as_of = *parse_day("2026-03-02");
  return ask;
}

}  // namespace

TEST_CASE(
    "collections, splits, doses and stocks are as their schemas say, whole or with most of it missing") {
  service::CollectRequest collect;
  check_against("collection.schema.json", service::collect(collect, true));
  collect.ladder.doses = {"1e6 CD3/kg", "3.0e7 CD3/kg and 1.0e8 MNC/kg"};
  collect.ladder.weight = "58 kg";
  collect.cd3_count = "1500";
  collect.mnc_count = "2500";
  collect.donor_weight = "60 kg";
  collect.volume = "5000";
  check_against("collection.schema.json", service::collect(collect, true));
  service::SplitOptions split;
  split.ladder.doses = {"1e5 CD3/kg", "1e7 CD3/kg"};
  check_against("split.schema.json", service::split(split, true));
  split.ladder.weight = "72 kg";
  split.product = "CD3 5e7/mL viable, TNC 1e8/mL total, 30 mL";
  split.dmso = "10";
  split.reserve = "1";
  check_against("split.schema.json", service::split(split, true));
  service::DoseOptions dose;
  check_against("dose.schema.json", service::dose_to_volume(dose, true));
  dose.ladder.doses = {"5e5 CD3/kg"};
  dose.ladder.weight = "52 kg";
  dose.product = "TNC 2.4e8/mL, CD3 40 %, viability 80 %, total, 20 mL";
  check_against("dose.schema.json", service::dose_to_volume(dose, true));
  service::ProposeOptions propose;
  propose.stock = root + "/examples/stock.csv";
  propose.ladder.doses = {"3.0e7 CD3/kg"};
  propose.ladder.weight = "58 kg";
  propose.recipient = "R-1001";
  propose.on = *parse_day("2026-03-02");
  check_against("proposals.schema.json", service::propose_bag(propose, true));
  service::StockOptions stock;
  stock.stock = propose.stock;
  check_against("stock.schema.json", service::show_stock(stock, service::StockFormat::json));
  service::MoveOptions move;
  move.stock = propose.stock;
  move.bag = "1001-A";
  move.to = "reserved";
  move.at = "2026-03-02T09:00";
  move.by = "A. Lab";
  check_against("stock.schema.json", service::move_bag(move, service::StockFormat::json));
}

TEST_CASE("a label that was read, and an efficiency that was reached, are as their schemas say") {
  check_against("label.schema.json", service::read_label("A9999 26 000001 8", true, {}, true));
  check_against(
      "label.schema.json",
      service::read_label("=A99992600000168 =<S1234100 =%6200 &>0310732359 =,000001", false, {}, true));
  service::CollectRequest reached;
  reached.volume = "7000";
  reached.cd3_count = "1200";
  reached.collected = "4.2e9 CD3";
  check_against("calculation.schema.json", service::collect(reached, true));
}

TEST_CASE("a protocol's table says which facts it needs, and takes them as typed") {
  service::CollectRequest collect;
  service::Ask ask;
  ask.protocols = {root + "/protocols/cml-escalating-dose"};
  ask.question.as_of = *parse_day("2026-03-02");
  collect.ladder.ask = ask;
  collect.ladder.weight = "70 kg";
  collect.cd3_count = "1500";
  auto answer = service::collect(collect, false);
  REQUIRE(answer);
  CHECK(answer->text.find("--fact donor_type=") != std::string::npos);
  // 70 kg x (1e7 + 5e7 + 1e8) = 1.12e10 cells; of 1.5e6 per mL half: 14933 mL.
  collect.ladder.facts = {"donor_type=matched_sibling"};
  answer = service::collect(collect, false);
  REQUIRE(answer);
  CHECK(answer->text.find("14933.3 mL") != std::string::npos);
  for (const char* wrong : {"donor_type", "donor_typ=matched_sibling", "donor_type=cousin"}) {
    CAPTURE(wrong);
    collect.ladder.facts = {wrong};
    CHECK_FALSE(service::collect(collect, false));
  }
  collect.ladder.facts = {"donor_type=matched_sibling"};
  collect.ladder.ask->records = {root + "/examples/cohort/r-1001-prophylactic-arm-due.json"};
  CHECK_FALSE(service::collect(collect, false));
}

TEST_CASE("a plan with a stock names dose, day and bag in one sentence") {
  const service::Ask ask = asked_about_r_1001();
  const auto prepared = service::prepare(ask, *service::find_protocols(ask));
  REQUIRE(prepared);
  const auto one = service::read_one(ask);
  REQUIRE(one);
  const auto answered =
      service::answer(prepared->front().protocol, one->timeline, prepared->front().question);
  service::StockChoice choice;
  choice.stock = root + "/examples/stock.csv";
  const auto plan = service::plan_with_stock(answered, one->timeline, prepared->front(), choice);
  REQUIRE(plan);
  // CD3 governs: 58 x 3.0e7 = 1.74e9 of 4e9 x 0.80 in 100 mL: 54.375 mL.
  CHECK(plan->headline ==
        "Give 1 × 10⁸ mononuclear cells per kg and 3 × 10⁷ CD3+ cells per kg on or after 2026-03-02: 54.38 "
        "mL of bag "
        "1001-A (CD3+ cells govern the volume)");
  const json described = schema("stock-plan.schema.json");
  CHECK(Checker(described).check(json::parse(service::to_json(*plan, answered, prepared->front()))) == "");
}

TEST_CASE("forms are as their schema says, and leave blank what nobody knows") {
  const json described = schema("form.schema.json");
  service::FormRequest request;
  request.ask = asked_about_r_1001();
  for (const auto kind :
       {service::FormKind::order, service::FormKind::checklist, service::FormKind::form_2199}) {
    for (const char* stock : {"", "/examples/stock.csv"}) {
      request.kind = kind;
      request.choice.stock = *stock == '\0' ? "" : root + stock;
      const auto form = service::make_form(request, {true, "en"});
      REQUIRE(form);
      CHECK(Checker(described).check(json::parse(*form)) == "");
      CHECK(form->find("Not a medical device") != std::string::npos);
    }
  }
  const auto worksheet = service::make_form(request, {false, "en"});
  REQUIRE(worksheet);
  CHECK(worksheet->find("not seen: confirm against the current form") != std::string::npos);
  const auto label =
      service::make_label({root + "/examples/stock.csv", "1001-B", std::nullopt}, {true, "en"});
  REQUIRE(label);
  CHECK(Checker(described).check(json::parse(*label)) == "");
  CHECK(label->find("NOT RELEASED: quarantined") != std::string::npos);
  CHECK_FALSE(service::make_label({root + "/examples/stock.csv", "none", std::nullopt}, {true, "en"}));
}

TEST_CASE("forms have their words in Chinese too, and keep what the record says") {
  service::FormRequest request;
  request.ask = asked_about_r_1001();
  request.choice.stock = root + "/examples/stock.csv";
  std::string pages;
  for (const auto kind : {service::FormKind::order, service::FormKind::form_2199}) {
    request.kind = kind;
    const auto form = service::make_form(request, {false, "zh"});
    REQUIRE(form);
    pages += *form;
  }
  const auto label =
      service::make_label({root + "/examples/stock.csv", "1001-B", std::nullopt}, {false, "zh"});
  REQUIRE(label);
  pages += *label;
  CHECK(pages.find("1001-A") != std::string::npos);
  // A heading or label without a Chinese character was forgotten.
  static const std::regex words("<(h1|h2|th scope=\"row\")>([^<]*)<");
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  std::size_t n = 0;
  for (std::sregex_iterator at(pages.begin(), pages.end(), words); at != std::sregex_iterator(); ++at, ++n) {
    const std::string text = (*at)[2];
    CAPTURE(text);
    CHECK_FALSE(std::all_of(text.begin(), text.end(), is_ascii));
  }
  CHECK(n > 40);
}

TEST_CASE("designs print the JSON that docs/schemas describes") {
  const json designs = schema("design.schema.json");
  const Checker checker(designs);
  service::LooksRequest looks;
  looks.looks = 3;
  looks.futility = "none";
  service::SafetyRequest safety;
  safety.patients = 20;
  safety.p0 = 0.2;
  for (const auto& sheet : {service::design_boundaries(looks), service::design_safety(safety)}) {
    REQUIRE(sheet);
    CHECK(checker.check(json::parse(printed(*sheet, service::SheetFormat::json))) == "");
  }
}
