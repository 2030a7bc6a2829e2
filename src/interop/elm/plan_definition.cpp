#include "interop/elm/plan_definition.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "protocol/format.h"
#include "protocol/statement_text.h"

namespace graftline::interop::elm {
namespace {

using json = nlohmann::ordered_json;
using protocol::Protocol;
using protocol::StatementRef;
using Kind = protocol::StatementRef::Kind;

std::string base64(const std::string& bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      value = value << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : digits[(value >> (18U - 6U * static_cast<unsigned>(k))) & 63U];
    }
  }
  return out;
}

std::string status_of(const Protocol& protocol) {
  switch (protocol.status) {
    case protocol::Status::active:
      return "active";
    case protocol::Status::retired:
      return "retired";
    case protocol::Status::draft:
    case protocol::Status::reviewed:
      return "draft";
  }
  return "unknown";
}

std::string url_of(std::string_view kind, const Protocol& protocol) {
  return fmt::format("urn:graftline:{}:{}", kind, protocol.id);
}

// ids of FHIR: letters, digits, hyphens and full stops, at most 64
std::string id_of(const Protocol& protocol, std::string_view suffix) {
  std::string id = protocol.id.substr(0, 50) + std::string(suffix);
  for (char& c : id) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.') c = '-';
  }
  return id;
}

json concept_of(const std::string& system, const std::string& code) {
  return {{"coding", json::array({{{"system", system}, {"code", code}}})}};
}

json eligible_condition() {
  return {{"kind", "applicability"},
          {"expression",
           {{"description", "all common criteria are met; null where the record leaves one open"},
            {"language", "text/cql"},
            {"expression", "\"Eligible\""}}}};
}

json cited(const Protocol& protocol, const std::optional<protocol::Citation>& cite) {
  const auto* source = cite ? protocol.find_source(cite->source) : nullptr;
  if (source == nullptr) return nullptr;
  json article{{"type", "citation"},
               {"citation", fmt::format("{} {}, {}", source->reference, source->description, cite->locator)}};
  if (!source->url.empty()) article["url"] = source->url;
  return article;
}

// The statements of one kind of rule, one scope.
std::vector<StatementRef> rules_of(const Protocol& protocol, int strategy) {
  std::vector<StatementRef> refs;
  for (const StatementRef& ref : default_order(protocol)) {
    const bool is_rule = ref.kind >= Kind::dose && ref.kind <= Kind::monitoring;
    if (is_rule && ref.strategy == strategy) refs.push_back(ref);
  }
  return refs;
}

std::string stripped(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  while (!text.empty() && text.front() == ' ') text.erase(0, 1);
  return text;
}

// A dose row or a give rule is an action of its own; every other rule is text of the action it belongs to.
json actions_of(const Protocol& protocol, int strategy, std::string& not_computable) {
  json actions = json::array();
  const auto& rules =
      strategy < 0 ? protocol.common : protocol.strategies.at(static_cast<std::size_t>(strategy)).rules;
  for (const StatementRef& ref : rules_of(protocol, strategy)) {
    const std::string text = stripped(to_text(protocol, ref));
    if (ref.kind != Kind::dose && ref.kind != Kind::give) {
      not_computable += (not_computable.empty() ? "" : "\n") + text;
      continue;
    }
    const auto i = static_cast<std::size_t>(ref.index);
    const bool is_dose = ref.kind == Kind::dose;
    const auto& cite = is_dose ? rules.doses.at(i).cite : rules.gives.at(i).cite;
    json action{{"title", is_dose ? fmt::format("dose level {}", rules.doses.at(i).first_level)
                                  : fmt::format("give level {}", rules.gives.at(i).first_level)},
                {"description", "not computable here, as the protocol says it:\n" + text},
                {"code", json::array({concept_of("http://snomed.info/sct", "18629005")})},
                {"type", concept_of("http://terminology.hl7.org/CodeSystem/action-type", "create")}};
    if (json article = cited(protocol, cite); !article.is_null())
      action["documentation"] = json::array({article});
    actions.push_back(std::move(action));
  }
  return actions;
}

json action_of(const Protocol& protocol, int strategy) {
  std::string not_computable;
  json inner = actions_of(protocol, strategy, not_computable);
  json action;
  if (strategy < 0) {
    action["title"] = protocol.title;
  } else {
    const auto& declared = protocol.strategies.at(static_cast<std::size_t>(strategy));
    action["title"] = declared.label.empty() ? declared.name : declared.label;
    if (declared.when) {
      not_computable =
          "when " + to_text(*declared.when) + (not_computable.empty() ? "" : "\n" + not_computable);
    }
  }
  if (!not_computable.empty()) {
    action["description"] = "not computable here, as the protocol says it:\n" + not_computable;
  }
  if (strategy < 0) action["condition"] = json::array({eligible_condition()});
  if (!inner.empty()) action["action"] = std::move(inner);
  return action;
}

json library_resource(const Protocol& protocol, const Library& library) {
  json parameters = json::array();
  for (const std::string& id : library.criteria) {
    parameters.push_back({{"name", id}, {"use", "out"}, {"min", 0}, {"max", "1"}, {"type", "boolean"}});
  }
  parameters.push_back({{"name", "Eligible"}, {"use", "out"}, {"min", 0}, {"max", "1"}, {"type", "boolean"}});
  return {
      {"resourceType", "Library"},
      {"id", id_of(protocol, "-library")},
      {"url", url_of("Library", protocol)},
      {"version", protocol.version},
      {"name", library.name},
      {"title", "eligibility of " + protocol.title},
      {"status", status_of(protocol)},
      {"experimental", true},
      {"type", concept_of("http://terminology.hl7.org/CodeSystem/library-type", "logic-library")},
      {"parameter", std::move(parameters)},
      {"content", json::array({{{"contentType", "text/cql"}, {"data", base64(library.cql)}},
                               {{"contentType", "application/elm+json"}, {"data", base64(library.elm)}}})}};
}

}  // namespace

std::string plan_definition(const Protocol& protocol, const Library& library) {
  json artifacts = json::array();
  for (const auto& source : protocol.sources) {
    json artifact{{"type", "citation"}, {"citation", stripped(source.reference + " " + source.description)}};
    if (!source.url.empty()) artifact["url"] = source.url;
    artifacts.push_back(std::move(artifact));
  }
  json action = action_of(protocol, -1);
  json inner = action.contains("action") ? action["action"] : json::array();
  for (std::size_t i = 0; i < protocol.strategies.size(); ++i) {
    inner.push_back(action_of(protocol, static_cast<int>(i)));
  }
  if (!inner.empty()) action["action"] = std::move(inner);
  std::string usage =
      "Research use: written by graftline from a protocol file; a clinician decides and signs.";
  for (const LeftOut& left : library.left_out) {
    usage += fmt::format("\nnot computable: {} {}: {}", left.criterion, left.condition, left.why);
  }
  json plan{
      {"resourceType", "PlanDefinition"},
      {"id", id_of(protocol, "")},
      {"url", url_of("PlanDefinition", protocol)},
      {"identifier", json::array({{{"system", "urn:graftline:sha256"}, {"value", protocol.sha256}}})},
      {"version", protocol.version},
      {"name", library.name},
      {"title", protocol.title},
      {"type", concept_of("http://terminology.hl7.org/CodeSystem/plan-definition-type", "clinical-protocol")},
      {"status", status_of(protocol)},
      {"experimental", true},
      {"description", protocol.title},
      {"usage", usage},
      {"relatedArtifact", std::move(artifacts)},
      {"library", json::array({url_of("Library", protocol) + "|" + protocol.version})},
      {"action", json::array({std::move(action)})}};
  if (plan["relatedArtifact"].empty()) plan.erase("relatedArtifact");
  json bundle{{"resourceType", "Bundle"},
              {"type", "collection"},
              {"entry", json::array({{{"fullUrl", url_of("PlanDefinition", protocol)}, {"resource", plan}},
                                     {{"fullUrl", url_of("Library", protocol)},
                                      {"resource", library_resource(protocol, library)}}})}};
  return bundle.dump(1) + "\n";
}

}  // namespace graftline::interop::elm
