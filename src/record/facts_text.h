#pragma once
// The catalogue made readable: for `graftline facts`, and for docs/facts.md.

#include <string>
#include <string_view>
#include <vector>

#include "record/facts.h"

namespace graftline::record {

// A row with its lists taken apart; everything a reader or a JSON writer shows.
struct FactDescription {
  std::string_view id;
  std::string_view phrase;
  std::vector<std::string_view> synonyms;
  std::string_view type;  // name(FactType)
  std::string_view unit;
  std::string_view kind;        // name(Kind); empty: none
  std::string_view molar_mass;  // g/mol
  std::vector<std::string_view> levels;
  std::vector<std::string_view> members;
  std::vector<std::string_view> made_of;
  std::string_view impossible_when;
  bool is_computed = false;
  std::vector<std::string_view> parameters;
  std::string_view absence;  // "unknown" or "no"
  std::vector<Coding> codes;
  std::string_view documentation;
  std::string_view source;
};

FactDescription describe(const Fact& fact);
std::vector<FactDescription> describe_facts();

// Facts whose id, phrase, synonyms or documentation contain every word of `words`, ignoring case; all when
// empty.
std::vector<FactDescription> search_facts(std::string_view words);

// A few lines for the terminal.
std::string to_text(const FactDescription& fact);

// The tables of docs/facts.md, as Markdown.
std::string reference_tables();

}  // namespace graftline::record
