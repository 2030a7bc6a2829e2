#include "record/facts.h"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <unordered_map>

#include "record/catalogue.h"

namespace graftline::record {

namespace {

// Lower case; underscores, hyphens and runs of blanks become one blank; no blank at either end.
std::string normalised(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool is_blank = c == ' ' || c == '_' || c == '-' || c == '\t';
    if (is_blank) {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    } else {
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

struct Catalogue {
  std::vector<Fact> rows;
  std::unordered_map<std::string, FactId> by_name;  // normalised id, phrase or synonym
  std::unordered_map<std::string_view, FactId> by_id;
  std::vector<std::vector<FactId>> members;
  std::vector<std::vector<FactId>> supersets;

  Catalogue() {
    for (auto* part : {patient_facts, transplant_facts, disease_facts, chimerism_facts, gvhd_facts,
                       organ_facts, treatment_facts}) {
      for (const Fact& row : part()) rows.push_back(row);
    }
    ensure(rows.size() < std::numeric_limits<FactId>::max(), "a fact's index fits FactId");
    for (std::size_t i = 0; i < rows.size(); ++i) index(static_cast<FactId>(i));
    members.resize(rows.size());
    supersets.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) link(static_cast<FactId>(i));
  }

  void link(FactId id) {
    for (const std::string_view name : split(rows[id].members)) {
      const auto member = by_id.find(name);
      ensure(member != by_id.end(), "a fact's members are rows of the catalogue");
      members[id].push_back(member->second);
      supersets[member->second].push_back(id);
    }
  }

  void index(FactId id) {
    const Fact& row = rows[id];
    ensure(by_id.emplace(row.id, id).second, "no two facts have the same id");
    std::vector<std::string_view> names = split(row.synonyms);
    names.push_back(row.id);
    names.push_back(row.phrase);
    for (const std::string_view name : names) {
      const auto place = by_name.emplace(normalised(name), id).first;
      ensure(place->second == id, "no two facts share a name");
    }
  }
};

const Catalogue& catalogue() {
  static const Catalogue all;
  return all;
}

// Insertions, deletions and replacements that turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// I to V, which is all that medical scales use.
std::string_view arabic(std::string_view roman) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> numerals{
      {{"i", "1"}, {"ii", "2"}, {"iii", "3"}, {"iv", "4"}, {"v", "5"}}};
  for (const auto& [letters, digit] : numerals) {
    if (letters == roman) return digit;
  }
  return roman;
}

}  // namespace

std::string_view name(FactType type) {
  constexpr std::array<std::string_view, 6> names{"quantity",  "ordinal", "code",
                                                  "statement", "event",   "course"};
  return names[static_cast<std::size_t>(type)];
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const auto bar = list.find('|');
    parts.push_back(list.substr(0, bar));
    list = bar == std::string_view::npos ? std::string_view{} : list.substr(bar + 1);
  }
  return parts;
}

std::span<const Coding> codes(std::initializer_list<Coding> list) {
  static std::deque<std::vector<Coding>> kept;
  kept.emplace_back(list);
  return kept.back();
}

std::span<const Fact> facts() { return catalogue().rows; }

const Fact& fact(FactId id) {
  ensure(id < catalogue().rows.size(), "a fact id is an index into the catalogue");
  return catalogue().rows[id];
}

std::optional<FactId> find_fact(std::string_view name) {
  const auto& names = catalogue().by_name;
  const auto found = names.find(normalised(name));
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

FactId fact_id(std::string_view id) {
  const auto found = catalogue().by_id.find(id);
  ensure(found != catalogue().by_id.end(), "our own code names facts that exist");
  return found->second;
}

std::span<const FactId> members_of(FactId id) { return catalogue().members[id]; }
std::span<const FactId> supersets_of(FactId id) { return catalogue().supersets[id]; }

std::vector<std::string_view> levels_of(const Fact& fact) { return split(fact.levels); }

std::optional<int> level_of(const Fact& fact, std::string_view word) {
  const std::string wanted = normalised(word);
  const auto levels = levels_of(fact);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::string level = normalised(levels[i]);
    const bool is_grade = fact.type == FactType::ordinal && arabic(level) == arabic(wanted);
    if (level == wanted || is_grade) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::string closest_fact(std::string_view name) {
  const std::string wanted = normalised(name);
  std::size_t best = std::numeric_limits<std::size_t>::max();
  FactId closest = 0;
  for (std::size_t i = 0; i < facts().size(); ++i) {
    const Fact& row = facts()[i];
    std::vector<std::string_view> names = split(row.synonyms);
    names.push_back(row.id);
    names.push_back(row.phrase);
    for (const std::string_view candidate : names) {
      const std::size_t distance = edit_distance(wanted, normalised(candidate));
      if (distance < best) {
        best = distance;
        closest = static_cast<FactId>(i);
      }
    }
  }
  return std::string(fact(closest).phrase);
}

}  // namespace graftline::record
