#include "service/calculation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace graftline::service {
namespace {

void add_items(std::string& text, const std::vector<Item>& items, std::size_t width) {
  for (const Item& item : items) text += fmt::format("  {:<{}}  {}\n", item.name, width, item.value);
}

void add_list(std::string& text, std::string_view heading, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text += fmt::format("{}: {}\n", heading, line);
}

// Names of inputs may repeat (two results of one day); those of parts do not.
nlohmann::ordered_json list_of(const std::vector<Item>& items) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Item& item : items) list.push_back({{"name", item.name}, {"value", item.value}});
  return list;
}

nlohmann::ordered_json object_of(const std::vector<Item>& items) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const Item& item : items) object[item.name] = item.value;
  return object;
}

}  // namespace

std::string to_text(const Calculation& c) {
  std::size_t width = 0;
  for (const auto* items : {&c.inputs, &c.parts})
    for (const Item& item : *items) width = std::max(width, item.name.size());
  std::string text = c.what + "\n";
  add_items(text, c.inputs, width);
  if (!c.inputs.empty() && !c.parts.empty()) text += "\n";
  add_items(text, c.parts, width);
  text += fmt::format("\nresult: {}\n", c.result);
  add_list(text, "missing", c.missing);
  add_list(text, "assumed", c.assumed);
  add_list(text, "note", c.notes);
  return text + fmt::format("source: {}\n", c.source);
}

std::string to_json(const Calculation& c) {
  nlohmann::ordered_json json;
  json["calculation"] = c.what;
  json["inputs"] = list_of(c.inputs);
  json["parts"] = object_of(c.parts);
  json["result"] = c.result;
  json["low"] = c.low.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(c.low);
  json["high"] = c.high.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(c.high);
  if (!c.unit.empty()) json["unit"] = c.unit;
  json["missing"] = c.missing;
  json["assumed"] = c.assumed;
  json["notes"] = c.notes;
  json["source"] = c.source;
  return json.dump(2) + "\n";
}

}  // namespace graftline::service
