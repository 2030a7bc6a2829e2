#include "record/facts_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/catalogue.h"

namespace graftline::record {

namespace {

std::string joined(const std::vector<std::string_view>& parts, std::string_view between) {
  std::string text;
  for (const std::string_view part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// What the fact's values look like: unit and kind, or levels.
std::string values_of(const FactDescription& fact) {
  if (!fact.levels.empty()) return joined(fact.levels, ", ");
  std::string text(fact.unit);
  if (!fact.kind.empty()) text += fmt::format("{}{}", text.empty() ? "" : " of ", fact.kind);
  if (!fact.molar_mass.empty()) text += fmt::format(" ({} g/mol)", fact.molar_mass);
  return text;
}

std::string short_system(std::string_view system) {
  if (system == loinc) return "LOINC";
  if (system == snomed_ct) return "SNOMED CT";
  if (system == icd_10_cm) return "ICD-10-CM";
  if (system == icd_10_pcs) return "ICD-10-PCS";
  if (system == ncit) return "NCIt";
  if (system == rxnorm) return "RxNorm";
  if (system == atc) return "ATC";
  if (system == cpt) return "CPT";
  return "graftline";
}

std::string codes_text(const std::vector<Coding>& codes) {
  std::string text;
  std::string_view system;
  for (const Coding& coding : codes) {
    if (coding.system != system) {
      text += fmt::format("{}{} ", text.empty() ? "" : "; ", short_system(coding.system));
    } else {
      text += ", ";
    }
    system = coding.system;
    text += coding.code;
    if (!coding.level.empty()) text += fmt::format(" ({})", joined(split(coding.level), " or "));
  }
  return text;
}

// What else there is to say, a sentence each.
std::vector<std::string> remarks(const FactDescription& fact) {
  std::vector<std::string> all;
  if (!fact.members.empty()) all.push_back(fmt::format("Members: {}.", joined(fact.members, ", ")));
  if (!fact.made_of.empty()) all.push_back(fmt::format("All of it: {}.", joined(fact.made_of, ", ")));
  if (!fact.impossible_when.empty()) all.push_back(fmt::format("Impossible when {}.", fact.impossible_when));
  if (fact.is_computed) all.emplace_back("Computed.");
  if (!fact.parameters.empty()) all.push_back(fmt::format("Parameters: {}.", joined(fact.parameters, ", ")));
  if (fact.absence != "unknown") all.push_back(fmt::format("No record means {}.", fact.absence));
  return all;
}

// A bar would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string row(const FactDescription& fact) {
  std::string meaning(fact.documentation);
  for (const std::string& remark : remarks(fact)) meaning += " " + remark;
  std::string codes = codes_text(fact.codes);
  if (!codes.empty()) meaning += fmt::format(" Codes: {}.", codes);
  std::string phrase(fact.phrase);
  if (!fact.synonyms.empty()) phrase += fmt::format(" (also: {})", joined(fact.synonyms, "; "));
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", fact.id, cell(phrase), fact.type,
                     cell(values_of(fact)), cell(meaning), cell(fact.source));
}

struct Chapter {
  std::string_view title;
  std::vector<Fact> (*rows)();
};

}  // namespace

FactDescription describe(const Fact& fact) {
  FactDescription d;
  d.id = fact.id;
  d.phrase = fact.phrase;
  d.synonyms = split(fact.synonyms);
  d.type = name(fact.type);
  d.unit = fact.unit;
  if (fact.kind != Kind::none) d.kind = name(fact.kind);
  d.molar_mass = fact.molar_mass;
  d.levels = split(fact.levels);
  d.members = split(fact.members);
  d.made_of = split(fact.made_of);
  d.impossible_when = fact.impossible_when;
  d.is_computed = !fact.derivation.empty();
  d.parameters = split(fact.parameters);
  d.absence = fact.absence == Absence::no ? "no" : "unknown";
  d.codes.assign(fact.codes.begin(), fact.codes.end());
  d.documentation = fact.documentation;
  d.source = fact.source;
  return d;
}

std::vector<FactDescription> describe_facts() {
  std::vector<FactDescription> all;
  for (const Fact& fact : facts()) all.push_back(describe(fact));
  return all;
}

std::vector<FactDescription> search_facts(std::string_view words) {
  std::vector<std::string> wanted;
  std::string text = lower(words);
  std::replace(text.begin(), text.end(), ' ', '|');
  for (const std::string_view word : split(text)) {
    if (!word.empty()) wanted.emplace_back(word);
  }
  std::vector<FactDescription> found;
  for (const Fact& fact : facts()) {
    const std::string all =
        lower(fmt::format("{} {} {} {}", fact.id, fact.phrase, fact.synonyms, fact.documentation));
    const bool matches = std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
      return all.find(word) != std::string::npos;
    });
    if (matches) found.push_back(describe(fact));
  }
  return found;
}

std::string to_text(const FactDescription& fact) {
  std::string text = fmt::format("{}  ({})\n", fact.phrase, fact.id);
  const auto line = [&](std::string_view label, const std::string& content) {
    if (!content.empty()) text += fmt::format("  {:<10}{}\n", label, content);
  };
  line("also", joined(fact.synonyms, "; "));
  line("type", std::string(fact.type));
  line(fact.levels.empty() ? "unit" : "levels", values_of(fact));
  line("", std::string(fact.documentation));
  for (const std::string& remark : remarks(fact)) line("", remark);
  line("codes", codes_text(fact.codes));
  line("source", std::string(fact.source));
  return text;
}

std::string reference_tables() {
  const Chapter chapters[] = {{"Patient", patient_facts},
                              {"Transplant", transplant_facts},
                              {"Disease", disease_facts},
                              {"Chimerism", chimerism_facts},
                              {"Graft-versus-host disease", gvhd_facts},
                              {"Organs", organ_facts},
                              {"Treatment and infection", treatment_facts}};
  std::string text;
  for (const Chapter& chapter : chapters) {
    text += fmt::format("\n### {}\n\n", chapter.title);
    text += "| id | phrase | type | unit or levels | meaning | source |\n|---|---|---|---|---|---|\n";
    for (const Fact& fact : chapter.rows()) text += row(describe(fact));
  }
  return text;
}

}  // namespace graftline::record
