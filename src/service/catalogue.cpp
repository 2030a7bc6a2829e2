#include "service/catalogue.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "record/facts.h"

namespace graftline::service {
namespace {

std::string block(const record::Fact& fact) {
  std::string out = fmt::format("{}\n  id            {}\n  type          {}\n", fact.phrase, fact.id,
                                record::name(fact.type));
  const auto add = [&](std::string_view label, std::string_view value) {
    if (!value.empty()) out += fmt::format("  {:<13} {}\n", label, value);
  };
  add("also called", fact.synonyms);
  add("unit", fact.unit);
  add("kind", name(fact.kind) == "none" ? "" : name(fact.kind));
  add("molar mass", fact.molar_mass);
  add("levels", fact.levels);
  add("made of", fact.members);
  add("computed by", fact.derivation);
  add("told", fact.parameters);
  add("no record", fact.absence == record::Absence::no ? "counts as no" : "is unknown");
  for (const auto& code : fact.codes) {
    add("code",
        fmt::format("{}|{}{}{}", code.system, code.code, code.level.empty() ? "" : " = ", code.level));
  }
  add("meaning", fact.documentation);
  add("source", fact.source);
  return out;
}

nlohmann::ordered_json row(const record::Fact& fact) {
  nlohmann::ordered_json codes = nlohmann::ordered_json::array();
  for (const auto& code : fact.codes)
    codes.push_back({{"system", code.system}, {"code", code.code}, {"level", code.level}});
  return {{"id", fact.id},
          {"phrase", fact.phrase},
          {"synonyms", fact.synonyms},
          {"type", record::name(fact.type)},
          {"unit", fact.unit},
          {"kind", name(fact.kind)},
          {"molar_mass", fact.molar_mass},
          {"levels", fact.levels},
          {"members", fact.members},
          {"derivation", fact.derivation},
          {"parameters", fact.parameters},
          {"absence", fact.absence == record::Absence::no ? "no" : "unknown"},
          {"codes", codes},
          {"documentation", fact.documentation},
          {"source", fact.source}};
}

}  // namespace

Result<std::string> show_facts(const std::string& only, bool json) {
  if (!only.empty()) {
    const auto found = record::find_fact(only);
    if (!found) {
      return Error{ErrorKind::not_found,
                   fmt::format("no fact '{}'; did you mean '{}'?", only, record::closest_fact(only))};
    }
    return json ? row(record::fact(*found)).dump(2) + "\n" : block(record::fact(*found));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string out;
  for (const auto& fact : record::facts()) {
    list.push_back(row(fact));
    out += fmt::format("{:<34} {:<10} {:<24} {}\n", fact.id, record::name(fact.type),
                       fact.unit.empty() ? fact.levels.substr(0, 24) : fact.unit, fact.phrase);
  }
  return json ? list.dump(2) + "\n" : out;
}

}  // namespace graftline::service
