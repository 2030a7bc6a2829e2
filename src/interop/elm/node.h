#pragma once
// Short ways to write ELM, the expression trees of HL7 Clinical Quality Language. Internal to elm.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace graftline::interop::elm {

using Node = nlohmann::ordered_json;

inline const std::string system_type = "{urn:hl7-org:elm-types:r1}";

inline Node op(std::string_view type, Node operand) {
  return {{"type", std::string(type)}, {"operand", std::move(operand)}};
}
inline Node op(std::string_view type, Node left, Node right) {
  return {{"type", std::string(type)}, {"operand", Node::array({std::move(left), std::move(right)})}};
}
inline Node literal(std::string_view type, std::string_view value) {
  return {{"type", "Literal"}, {"valueType", system_type + std::string(type)}, {"value", std::string(value)}};
}
inline Node number(std::string_view decimal) { return literal("Decimal", decimal); }
inline Node whole(int value) { return literal("Integer", std::to_string(value)); }
inline Node text(std::string_view value) { return literal("String", value); }
inline Node boolean(bool value) { return literal("Boolean", value ? "true" : "false"); }
inline Node null_of(std::string_view type) {
  return {{"type", "As"}, {"asType", system_type + std::string(type)}, {"operand", {{"type", "Null"}}}};
}
inline Node no_answer() { return null_of("Boolean"); }
inline Node parameter(std::string_view name) {
  return {{"type", "ParameterRef"}, {"name", std::string(name)}};
}
inline Node definition(std::string_view name) {
  return {{"type", "ExpressionRef"}, {"name", std::string(name)}};
}
inline Node alias(std::string_view name) { return {{"type", "AliasRef"}, {"name", std::string(name)}}; }
inline Node property(Node source, std::string_view path) {
  return {{"type", "Property"}, {"path", std::string(path)}, {"source", std::move(source)}};
}
// A FHIR primitive wraps its value.
inline Node primitive(Node source, std::string_view path) {
  return property(property(std::move(source), path), "value");
}
inline Node days(int count) { return {{"type", "Quantity"}, {"value", count}, {"unit", "days"}}; }
inline Node where(Node source, std::string_view name, Node condition) {
  return {{"type", "Query"},
          {"source", Node::array({{{"alias", std::string(name)}, {"expression", std::move(source)}}})},
          {"relationship", Node::array()},
          {"where", std::move(condition)}};
}
inline Node choose(Node condition, Node then, Node otherwise) {
  return {{"type", "If"},
          {"condition", std::move(condition)},
          {"then", std::move(then)},
          {"else", std::move(otherwise)}};
}

std::string cql_text(const Node& library);

}  // namespace graftline::interop::elm
