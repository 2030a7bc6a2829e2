// CQL, printed from ELM: the library that is read and the one that runs cannot differ.
#include <fmt/format.h>

#include <map>

#include "core/result.h"
#include "interop/elm/node.h"

namespace graftline::interop::elm {
namespace {

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

std::string in_single_quotes(const std::string& value) {
  std::string out = "'";
  for (const char c : value) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string local(const std::string& qualified) { return qualified.substr(qualified.find('}') + 1); }

std::string print(const Node& node);

std::string infix(const Node& node, std::string_view symbol) {
  return fmt::format("({} {} {})", print(node["operand"][0]), symbol, print(node["operand"][1]));
}

std::string listed(const Node& nodes) {
  std::string out;
  for (const Node& one : nodes) out += (out.empty() ? "" : ", ") + print(one);
  return out;
}

std::string literal_text(const Node& node) {
  const std::string type = local(node["valueType"]);
  const std::string value = node["value"];
  if (type == "String") return in_single_quotes(value);
  if (type == "Decimal" && value.find('.') == std::string::npos) return value + ".0";
  return value;
}

std::string query_text(const Node& node) {
  const Node& source = node["source"][0];
  std::string out = fmt::format("({} {}", print(source["expression"]), source["alias"].get<std::string>());
  if (node.contains("where")) out += "\n    where " + print(node["where"]);
  if (node.contains("return")) out += "\n    return " + print(node["return"]["expression"]);
  return out + ")";
}

std::string case_text(const Node& node) {
  std::string out = "(case";
  for (const Node& item : node["caseItem"]) {
    out += fmt::format("\n    when {} then {}", print(item["when"]), print(item["then"]));
  }
  return out + fmt::format("\n    else {} end)", print(node["else"]));
}

std::string print(const Node& node) {
  static const std::map<std::string, std::string_view> infixes{{"And", "and"},
                                                               {"Or", "or"},
                                                               {"Equal", "="},
                                                               {"NotEqual", "!="},
                                                               {"Less", "<"},
                                                               {"LessOrEqual", "<="},
                                                               {"Greater", ">"},
                                                               {"GreaterOrEqual", ">="},
                                                               {"Add", "+"},
                                                               {"Subtract", "-"},
                                                               {"Multiply", "*"},
                                                               {"In", "in"},
                                                               {"After", "after"},
                                                               {"Before", "before"},
                                                               {"SameOrAfter", "on or after"},
                                                               {"SameOrBefore", "on or before"}};
  const std::string type = node["type"];
  if (const auto found = infixes.find(type); found != infixes.end()) return infix(node, found->second);
  if (type == "Literal") return literal_text(node);
  if (type == "Null") return "null";
  if (type == "As") return fmt::format("({} as {})", print(node["operand"]), local(node["asType"]));
  if (type == "ParameterRef" || type == "ExpressionRef" || type == "CodeRef") return quoted(node["name"]);
  if (type == "AliasRef") return node["name"];
  if (type == "Property") {
    return fmt::format("{}.{}", print(node["source"]), node["path"].get<std::string>());
  }
  if (type == "Quantity") return fmt::format("{} {}", node["value"].dump(), node["unit"].get<std::string>());
  if (type == "List") return fmt::format("{{ {} }}", listed(node["element"]));
  if (type == "Query") return query_text(node);
  if (type == "Case") return case_text(node);
  if (type == "If") {
    return fmt::format("(if {} then {} else {})", print(node["condition"]), print(node["then"]),
                       print(node["else"]));
  }
  if (type == "Not") return fmt::format("(not {})", print(node["operand"]));
  if (type == "IsNull") return fmt::format("({} is null)", print(node["operand"]));
  if (type == "IsTrue") return fmt::format("({} is true)", print(node["operand"]));
  if (type == "IsFalse") return fmt::format("({} is false)", print(node["operand"]));
  if (type == "Exists") return fmt::format("exists {}", print(node["operand"]));
  if (type == "DateFrom") return fmt::format("(date from {})", print(node["operand"]));
  if (type == "DateTimeComponentFrom") return fmt::format("(day from {})", print(node["operand"]));
  if (type == "SingletonFrom") return fmt::format("singleton from ({})", print(node["operand"]));
  if (type == "First") return fmt::format("First({})", print(node["source"]));
  if (type == "Coalesce") return fmt::format("Coalesce({})", listed(node["operand"]));
  if (type == "Round") return fmt::format("Round({}, {})", print(node["operand"]), print(node["precision"]));
  if (type == "CalculateAgeAt") {
    return fmt::format("CalculateAgeInYearsAt({})", listed(node["operand"]));
  }
  if (type == "Retrieve") {
    const std::string resource = "FHIR." + local(node["dataType"]);
    return node.contains("codes") ? fmt::format("[{}: code in {}]", resource, print(node["codes"]))
                                  : fmt::format("[{}]", resource);
  }
  ensure(false, "every kind of ELM that is written has a CQL text");
  return "";
}

}  // namespace

std::string cql_text(const Node& library) {
  std::string out = fmt::format("library {} version {}\n\nusing FHIR version '4.0.1'\n\n",
                                library["identifier"]["id"].get<std::string>(),
                                in_single_quotes(library["identifier"]["version"]));
  for (const Node& system : library["codeSystems"]["def"]) {
    out += fmt::format("codesystem {}: {}\n", quoted(system["name"]), in_single_quotes(system["id"]));
  }
  for (const Node& code : library["codes"]["def"]) {
    out += fmt::format("code {}: {} from {}\n", quoted(code["name"]), in_single_quotes(code["id"]),
                       quoted(code["codeSystem"]["name"]));
  }
  out += "\n";
  for (const Node& parameter : library["parameters"]["def"]) {
    out += fmt::format("parameter {} {}{}\n", quoted(parameter["name"]),
                       local(parameter["parameterTypeSpecifier"]["name"]),
                       parameter.contains("default") ? " default " + print(parameter["default"]) : "");
  }
  out += "\ncontext Patient\n";
  for (const Node& statement : library["statements"]["def"]) {
    if (statement["name"] == "Patient") continue;  // what the context declares
    out += "\n";
    const Node& expression = statement["expression"];
    if (expression.contains("annotation")) {
      for (const Node& tag : expression["annotation"][0]["t"]) {
        out += fmt::format("// {}: {}\n", tag["name"].get<std::string>(), tag["value"].get<std::string>());
      }
    }
    out += fmt::format("define {}:\n  {}\n", quoted(statement["name"]), print(expression));
  }
  return out;
}

}  // namespace graftline::interop::elm
