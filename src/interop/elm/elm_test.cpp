#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "interop/elm/library.h"
#include "interop/elm/plan_definition.h"
#include "protocol/parse.h"

using namespace graftline;
using namespace graftline::interop::elm;
using nlohmann::json;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

protocol::Protocol read(const std::string& text) {
  protocol::Parsed parsed = protocol::parse_protocol(text);
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

std::vector<protocol::Protocol> shipped() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root + "/protocols")) {
    if (file.path().extension() == ".protocol") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<protocol::Protocol> all;
  for (const auto& file : files) all.push_back(read(text_of(file)));
  return all;
}

// Elements of R4 (hl7.org/fhir/R4/plandefinition.html), those that occur here or in the published resources.
const std::map<std::string, std::set<std::string>> elements{{"PlanDefinition",
                                                             {"resourceType",
                                                              "id",
                                                              "meta",
                                                              "text",
                                                              "contained",
                                                              "extension",
                                                              "url",
                                                              "identifier",
                                                              "version",
                                                              "name",
                                                              "title",
                                                              "subtitle",
                                                              "type",
                                                              "status",
                                                              "experimental",
                                                              "subjectCodeableConcept",
                                                              "date",
                                                              "publisher",
                                                              "author",
                                                              "editor",
                                                              "reviewer",
                                                              "endorser",
                                                              "approvalDate",
                                                              "lastReviewDate",
                                                              "effectivePeriod",
                                                              "contact",
                                                              "description",
                                                              "useContext",
                                                              "jurisdiction",
                                                              "purpose",
                                                              "usage",
                                                              "copyright",
                                                              "topic",
                                                              "relatedArtifact",
                                                              "library",
                                                              "goal",
                                                              "action"}},
                                                            {"action",
                                                             {"id",
                                                              "extension",
                                                              "prefix",
                                                              "title",
                                                              "description",
                                                              "textEquivalent",
                                                              "priority",
                                                              "code",
                                                              "reason",
                                                              "documentation",
                                                              "goalId",
                                                              "trigger",
                                                              "condition",
                                                              "input",
                                                              "output",
                                                              "relatedAction",
                                                              "participant",
                                                              "type",
                                                              "definitionCanonical",
                                                              "dynamicValue",
                                                              "action",
                                                              "groupingBehavior",
                                                              "selectionBehavior",
                                                              "requiredBehavior",
                                                              "precheckBehavior",
                                                              "cardinalityBehavior"}}};

// The first element that R4 does not know, or that is there in a form it does not allow; empty: none.
std::string not_r4(const json& node, const std::string& kind) {
  for (const auto& [key, value] : node.items()) {
    if (elements.at(kind).count(key) == 0) return kind + "." + key;
  }
  if (node.contains("action")) {
    if (!node["action"].is_array()) return kind + ".action is no list";
    for (const json& action : node["action"]) {
      if (auto problem = not_r4(action, "action"); !problem.empty()) return problem;
    }
  }
  if (kind == "action") {
    if (node.contains("condition")) {
      for (const json& condition : node["condition"]) {
        static const std::set<std::string> kinds{"applicability", "start", "stop"};
        if (kinds.count(condition.at("kind")) == 0) return "condition.kind";
        if (!condition.at("expression").contains("language")) return "expression.language";
      }
    }
    return "";
  }
  static const std::set<std::string> statuses{"draft", "active", "retired", "unknown"};
  if (statuses.count(node.at("status")) == 0) return "status";
  if (!node.at("type").at("coding").is_array()) return "type.coding";
  if (node.contains("library") && !node["library"].is_array()) return "library is no list";
  return "";
}

}  // namespace

TEST_CASE("the structure that exports are held to is the one published PlanDefinitions have") {
  int n = 0;
  for (const auto& file : std::filesystem::directory_iterator(root + "/tests/data/plandefinition")) {
    if (file.path().extension() != ".json") continue;
    CAPTURE(file.path().filename().string());
    CHECK(not_r4(json::parse(text_of(file.path())), "PlanDefinition") == "");
    ++n;
  }
  CHECK(n == 3);
}

TEST_CASE("every shipped protocol is exported as an R4 PlanDefinition whose Library holds its eligibility") {
  for (const protocol::Protocol& protocol : shipped()) {
    CAPTURE(protocol.id);
    const Library written = library(protocol);
    const json bundle = json::parse(plan_definition(protocol, written));
    REQUIRE(bundle["entry"].size() == 2);
    const json& plan = bundle["entry"][0]["resource"];
    const json& eligibility = bundle["entry"][1]["resource"];
    CHECK(not_r4(plan, "PlanDefinition") == "");
    CHECK(plan["library"][0] == eligibility["url"].get<std::string>() + "|" + protocol.version);
    CHECK(eligibility["resourceType"] == "Library");
    CHECK(eligibility["content"].size() == 2);
    CHECK(plan["action"][0]["condition"][0]["expression"]["expression"] == "\"Eligible\"");
  }
}

TEST_CASE("each common criterion is a definition; what is left out is null there and is listed") {
  for (const protocol::Protocol& protocol : shipped()) {
    CAPTURE(protocol.id);
    const Library written = library(protocol);
    const json elm = json::parse(written.elm);
    std::set<std::string> defined;
    std::size_t n_not_expressed = 0;
    for (const json& statement : elm["library"]["statements"]["def"]) {
      defined.insert(statement["name"].get<std::string>());
      const std::string text = statement.dump();
      for (auto at = text.find("not-expressed"); at != std::string::npos;
           at = text.find("not-expressed", at + 1)) {
        ++n_not_expressed;
      }
    }
    CHECK(defined.count("Eligible") == 1);
    for (const auto& criterion : protocol.common.criteria) CHECK(defined.count(criterion.id) == 1);
    CHECK(n_not_expressed <= written.left_out.size());
    CHECK(written.cql.find("define \"Eligible\"") != std::string::npos);
  }
}

TEST_CASE("a limit is compared in units that convert exactly, and in no other") {
  const auto with_limit = [](const std::string& limit, const std::string& unit) {
    return library(
        read("protocol \"kidney\" id kidney version 1.0.0\n"
             "day 0 is graft infusion\n"
             "fact creatinine is blood creatinine in " +
             unit +
             ", latest within 14 days\n"
             "include A \"kidney\" creatinine < " +
             limit + " " + unit + "\n"));
  };
  // Creatinine weighs 113.12 g/mol: one umol/L is 0.011312 mg/dL, and one mg/L 0.1 mg/dL.
  const Library mass = with_limit("1.3", "mg/dL");
  CHECK(mass.left_out.empty());
  CHECK(mass.cql.find("* 0.011312") != std::string::npos);
  CHECK(mass.cql.find("* 0.1)") != std::string::npos);
  // One mg/dL is 10000 / 113.12 umol/L, which no decimal of eight places is.
  const Library amount = with_limit("115", "umol/L");
  CHECK(amount.cql.find("'mmol/L'") != std::string::npos);
  CHECK(amount.cql.find("'mg/dL'") == std::string::npos);
}
