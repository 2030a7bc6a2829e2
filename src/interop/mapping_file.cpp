// The site's mapping file: TOML on top of the catalogue's codes. Every mistake is reported with its line;
// nothing is guessed and no key passes unread.
#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "interop/mapping.h"
#include "interop/toml_text.h"
#include "interop/value.h"

namespace graftline::interop {

using record::FactId;

// Reads one file; a friend of Mapping.
class MappingFile {
 public:
  explicit MappingFile(std::string_view file) : file_(file), mapping_(Mapping::defaults()) {}

  Result<Mapping> read(std::string_view text);

 private:
  using Keys = std::initializer_list<std::string_view>;

  void mistake(const toml::node& at, std::string what);
  void allow(const toml::table& table, std::string_view where, Keys keys);

  const toml::table* table(const toml::table& in, std::string_view key);
  std::string text(const toml::table& in, std::string_view key);
  std::vector<std::string> texts(const toml::table& in, std::string_view key);
  std::optional<bool> truth(const toml::table& in, std::string_view key);
  template <class Read> void each(const toml::table& in, std::string_view key, Read read);

  std::optional<FactId> fact(const toml::table& in, std::string_view key);
  void values(const toml::table& in, Meaning& meaning);
  void unit(const toml::table& in, Meaning& meaning);
  std::optional<Meaning> meaning(const toml::table& in);

  void read_systems(const toml::table& root);
  void read_units(const toml::table& root);
  void read_answers(const toml::table& answer);
  void read_code(const toml::table& code);
  void read_drug(const toml::table& drug);
  void read_lineages(const toml::table& root);
  void read_drugs(const toml::table& root);
  void read_patient(const toml::table& root);
  void read_known_on(const toml::table& root);
  void read_wide(const toml::table& root);
  void read_column(const toml::table& column);

  std::string file_;
  Mapping mapping_;
  std::string mistakes_;
};

void MappingFile::mistake(const toml::node& at, std::string what) {
  if (!mistakes_.empty()) mistakes_ += '\n';
  mistakes_ += fmt::format("{}:{}: {}", file_, static_cast<unsigned>(at.source().begin.line), what);
}

void MappingFile::allow(const toml::table& table, std::string_view where, Keys keys) {
  for (const auto& [key, value] : table) {
    const std::string_view name = key.str();
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
    std::string known;
    for (const auto one : keys) known += fmt::format("{}{}", known.empty() ? "" : ", ", one);
    mistake(value, fmt::format("{} has no key '{}'; known keys: {}", where, name, known));
  }
}

const toml::table* MappingFile::table(const toml::table& in, std::string_view key) {
  const toml::node* node = in.get(key);
  if (!node) return nullptr;
  if (const auto* found = node->as_table()) return found;
  mistake(*node, fmt::format("'{}' must be a table", key));
  return nullptr;
}

std::string MappingFile::text(const toml::table& in, std::string_view key) {
  const toml::node* node = in.get(key);
  if (!node) return {};
  if (const auto value = node->value_exact<std::string>()) return *value;
  // A code such as 3008 is easily written without quotes.
  if (const auto number = node->value_exact<std::int64_t>()) return std::to_string(*number);
  mistake(*node, fmt::format("'{}' must be a text in quotes", key));
  return {};
}

std::vector<std::string> MappingFile::texts(const toml::table& in, std::string_view key) {
  const toml::node* node = in.get(key);
  if (!node) return {};
  const toml::array* array = node->as_array();
  if (!array) {
    std::string one = text(in, key);
    return one.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::move(one)};
  }
  std::vector<std::string> found;
  for (const auto& element : *array) {
    if (const auto value = element.value_exact<std::string>()) {
      found.push_back(*value);
    } else if (const auto number = element.value_exact<std::int64_t>()) {
      found.push_back(std::to_string(*number));
    } else {
      mistake(element, fmt::format("'{}' must be a list of texts in quotes", key));
    }
  }
  return found;
}

std::optional<bool> MappingFile::truth(const toml::table& in, std::string_view key) {
  const toml::node* node = in.get(key);
  if (!node) return std::nullopt;
  if (const auto value = node->value_exact<bool>()) return *value;
  mistake(*node, fmt::format("'{}' must be true or false", key));
  return std::nullopt;
}

template <class Read> void MappingFile::each(const toml::table& in, std::string_view key, Read read) {
  const toml::node* node = in.get(key);
  if (!node) return;
  const toml::array* array = node->as_array();
  if (!array) {
    mistake(*node, fmt::format("write [[{}]], a list of tables", key));
    return;
  }
  for (const auto& element : *array) {
    if (const auto* one = element.as_table()) {
      read(*one);
    } else {
      mistake(element, fmt::format("each [[{}]] is a table", key));
    }
  }
}

std::optional<FactId> MappingFile::fact(const toml::table& in, std::string_view key) {
  const toml::node* node = in.get(key);
  if (!node) {
    mistake(in, fmt::format("'{}' is missing: which fact is it?", key));
    return std::nullopt;
  }
  const std::string name = text(in, key);
  if (name.empty()) return std::nullopt;
  const auto found = record::find_fact(name);
  if (!found)
    mistake(*node, fmt::format("no fact '{}'; did you mean '{}'?", name, record::closest_fact(name)));
  return found;
}

// Each word must be a value of the fact, or empty: nothing is recorded by it.
void MappingFile::values(const toml::table& in, Meaning& meaning) {
  const toml::table* words = table(in, "values");
  if (!words) return;
  ValueReader reader(mapping_);
  for (const auto& [key, node] : *words) {
    std::string word;
    if (const auto written = node.value_exact<std::string>()) {
      word = *written;
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      word = std::to_string(*number);
    } else {
      mistake(node, fmt::format("the value for '{}' must be a text in quotes", std::string_view(key.str())));
      continue;
    }
    std::string as_recorded(key.str());
    if (const auto bar = as_recorded.find('|'); bar != std::string::npos) {
      as_recorded = code_key(mapping_.system(as_recorded.substr(0, bar)), as_recorded.substr(bar + 1));
    }
    Meaning trial = meaning;
    trial.values = {{"x", word}};
    record::Value value;
    if (!word.empty()) {
      if (auto problem = reader.read_answer(trial, {{{}, {}, "x"}}, value)) {
        const auto& one = record::fact(meaning.fact);
        mistake(node, fmt::format("'{}' is not a value of {}{}", word, one.id,
                                  one.levels.empty() ? "" : fmt::format("; it has {}", one.levels)));
        continue;
      }
    }
    meaning.values[as_recorded] = word;
    meaning.values[folded(as_recorded)] = word;
  }
}

void MappingFile::unit(const toml::table& in, Meaning& meaning) {
  const toml::node* node = in.get("unit");
  if (!node) return;
  meaning.unit = text(in, "unit");
  if (meaning.unit.empty()) return;
  if (const auto alias = mapping_.unit_alias(meaning.unit); !alias.empty()) meaning.unit = std::string(alias);
  const auto read = parse_unit(meaning.unit);
  if (!read) {
    mistake(*node, fmt::format("'{}' is not a UCUM unit: {}", meaning.unit, read.error().message));
    meaning.unit.clear();
  }
}

std::optional<Meaning> MappingFile::meaning(const toml::table& in) {
  const auto which = fact(in, "fact");
  if (!which) return std::nullopt;
  Meaning found;
  found.fact = *which;
  const auto& row = record::fact(*which);
  unit(in, found);
  found.level = text(in, "level");
  if (!found.level.empty()) {
    ValueReader reader(mapping_);
    record::Value value;
    if (row.levels.empty() || reader.read_code_itself(found, value)) {
      mistake(*in.get("level"),
              fmt::format("'{}' is not a level of {}{}", found.level, row.id,
                          row.levels.empty() ? "" : fmt::format("; it has {}", row.levels)));
    }
  }
  const std::string share = text(in, "share_of");
  if (share == "recipient" && row.kind == Kind::donor_share) {
    found.is_recipient_share = true;
  } else if (!share.empty() && share != "donor") {
    mistake(*in.get("share_of"), "share_of is \"donor\" or \"recipient\", and goes with donor chimerism");
  }
  values(in, found);
  return found;
}

void MappingFile::read_systems(const toml::table& root) {
  const toml::table* systems = table(root, "systems");
  if (!systems) return;
  for (const auto& [key, node] : *systems) {
    const auto means = node.value_exact<std::string>();
    if (!means) {
      mistake(node, "a code system is a text in quotes");
      continue;
    }
    mapping_.systems_[std::string(key.str())] = std::string(mapping_.system(*means));
  }
}

void MappingFile::read_units(const toml::table& root) {
  const toml::table* units = table(root, "units");
  if (!units) return;
  for (const auto& [key, node] : *units) {
    const auto ucum = node.value_exact<std::string>();
    if (!ucum) {
      mistake(node, "a unit is a text in quotes");
    } else if (const auto read = parse_unit(*ucum); !read) {
      mistake(node, fmt::format("'{}' is not a UCUM unit: {}", *ucum, read.error().message));
    } else {
      mapping_.units_[std::string(key.str())] = *ucum;
    }
  }
}

void MappingFile::read_answers(const toml::table& answer) {
  allow(answer, "[[answer]]", {"system", "codes", "code", "word"});
  auto codes = texts(answer, "codes");
  for (auto& code : texts(answer, "code")) codes.push_back(std::move(code));
  const std::string system = text(answer, "system");
  const std::string word = text(answer, "word");
  if (system.empty() || word.empty() || codes.empty()) {
    mistake(answer, "[[answer]] needs system, code and word");
    return;
  }
  for (const auto& code : codes) mapping_.answers_[code_key(mapping_.system(system), code)] = word;
}

void MappingFile::read_code(const toml::table& code) {
  allow(code, "[[code]]",
        {"system", "codes", "code", "fact", "level", "values", "unit", "share_of", "ignore"});
  auto codes = texts(code, "codes");
  for (auto& one : texts(code, "code")) codes.push_back(std::move(one));
  const std::string system = text(code, "system");
  if (system.empty() || codes.empty()) {
    mistake(code, "[[code]] needs system and code");
    return;
  }
  const bool is_ignored = truth(code, "ignore").value_or(false);
  std::optional<Meaning> found;
  if (!is_ignored) {
    found = meaning(code);
    if (!found) return;
  }
  for (const auto& one : codes) {
    // What the site says replaces what the catalogue says about the same fact, and "ignore" all of it.
    auto& meanings = mapping_.codes_[code_key(mapping_.system(system), one)];
    if (is_ignored) {
      meanings.clear();
      continue;
    }
    meanings.erase(std::remove_if(meanings.begin(), meanings.end(),
                                  [&](const Meaning& other) { return other.fact == found->fact; }),
                   meanings.end());
    meanings.push_back(*found);
  }
}

void MappingFile::read_drug(const toml::table& drug) {
  allow(drug, "[[drug]]", {"system", "codes", "code", "fact", "facts"});
  auto codes = texts(drug, "codes");
  for (auto& one : texts(drug, "code")) codes.push_back(std::move(one));
  const std::string system =
      text(drug, "system").empty() ? std::string(record::rxnorm) : text(drug, "system");
  if (codes.empty()) {
    mistake(drug, "[[drug]] needs codes");
    return;
  }
  std::vector<std::string> names = texts(drug, "facts");
  for (auto& one : texts(drug, "fact")) names.push_back(std::move(one));
  if (names.empty()) mistake(drug, "[[drug]] needs fact: which drug is it?");
  for (const auto& name : names) {
    const auto found = record::find_fact(name);
    if (!found) {
      mistake(drug, fmt::format("no fact '{}'; did you mean '{}'?", name, record::closest_fact(name)));
      continue;
    }
    if (record::fact(*found).type != record::FactType::course) {
      mistake(drug, fmt::format("'{}' is not a drug", name));
      continue;
    }
    Meaning meaning;
    meaning.fact = *found;
    for (const auto& code : codes) {
      auto& meanings = mapping_.codes_[code_key(mapping_.system(system), code)];
      const bool is_there = std::any_of(meanings.begin(), meanings.end(),
                                        [&](const Meaning& other) { return other.fact == meaning.fact; });
      if (!is_there) meanings.push_back(meaning);
    }
  }
}

void MappingFile::read_lineages(const toml::table& root) {
  const toml::table* lineages = table(root, "lineages");
  if (!lineages) return;
  const FactId unsorted = record::fact_id("donor_chimerism_blood");
  for (const auto& [key, node] : *lineages) {
    if (const auto which = fact(*lineages, key.str())) {
      if (record::fact(*which).kind != Kind::donor_share) {
        mistake(node, fmt::format("{} is not a donor chimerism", record::fact(*which).id));
        continue;
      }
      mapping_.lineages_[{unsorted, folded(key.str())}] = *which;
    }
  }
}

void MappingFile::read_drugs(const toml::table& root) {
  const toml::table* drugs = table(root, "drugs");
  if (!drugs) return;
  allow(*drugs, "[drugs]", {"orders", "local_use"});
  const std::string orders = text(*drugs, "orders");
  if (orders == "ignored") {
    mapping_.orders_ = Orders::ignored;
  } else if (!orders.empty() && orders != "taken") {
    mistake(*drugs->get("orders"), "orders is \"taken\" or \"ignored\"");
  }
  for (const auto& word : texts(*drugs, "local_use")) mapping_.local_use_words_.push_back(folded(word));
}

void MappingFile::read_patient(const toml::table& root) {
  const toml::table* patient = table(root, "patient");
  if (!patient) return;
  allow(*patient, "[patient]", {"identifier_system"});
  mapping_.patient_identifier_system_ = text(*patient, "identifier_system");
}

void MappingFile::read_known_on(const toml::table& root) {
  const toml::table* known_on = table(root, "known_on");
  if (!known_on) return;
  allow(*known_on, "[known_on]", {"from_last_updated"});
  mapping_.known_on_from_last_updated_ = truth(*known_on, "from_last_updated").value_or(false);
}

void MappingFile::read_column(const toml::table& column) {
  allow(column, "[[column]]",
        {"name", "fact", "level", "values", "unit", "share_of", "date", "end", "unit_column", "upper_limit",
         "events"});
  Column found;
  found.name = text(column, "name");
  if (found.name.empty()) {
    mistake(column, "[[column]] needs name");
    return;
  }
  const auto said = meaning(column);
  if (!said) return;
  found.meaning = *said;
  found.date_column = text(column, "date");
  found.end_column = text(column, "end");
  found.unit_column = text(column, "unit_column");
  found.upper_limit_column = text(column, "upper_limit");
  found.events = texts(column, "events");
  mapping_.wide_.columns.push_back(std::move(found));
}

void MappingFile::read_wide(const toml::table& root) {
  const toml::table* wide = table(root, "table");
  if (wide) {
    allow(*wide, "[table]", {"patient", "date", "event", "known_on"});
    mapping_.wide_.patient_column = text(*wide, "patient");
    mapping_.wide_.date_column = text(*wide, "date");
    mapping_.wide_.event_column = text(*wide, "event");
    mapping_.wide_.known_on_column = text(*wide, "known_on");
    if (mapping_.wide_.patient_column.empty())
      mistake(*wide, "[table] needs patient, the column that names the patient");
  }
  if (!wide && root.get("column"))
    mistake(*root.get("column"), "[[column]] needs a [table] with the patient's column");
  each(root, "column", [&](const toml::table& column) { read_column(column); });
}

Result<Mapping> MappingFile::read(std::string_view text) {
  if (auto foreign = check_toml_text(text, file_)) return *foreign;
  const toml::parse_result parsed = toml::parse(text, file_);
  if (!parsed) {
    return Error{
        ErrorKind::malformed_input,
        fmt::format("{}:{}: not TOML: {}", file_, static_cast<unsigned>(parsed.error().source().begin.line),
                    parsed.error().description())};
  }
  const toml::table& root = parsed.table();
  allow(root, "the mapping file",
        {"name", "systems", "units", "answer", "code", "drug", "lineages", "drugs", "patient", "known_on",
         "table", "column"});
  // Systems and units first: what follows is written in their words, wherever it stands.
  read_systems(root);
  read_units(root);
  each(root, "answer", [&](const toml::table& answer) { read_answers(answer); });
  each(root, "code", [&](const toml::table& code) { read_code(code); });
  each(root, "drug", [&](const toml::table& drug) { read_drug(drug); });
  read_lineages(root);
  read_drugs(root);
  read_patient(root);
  read_known_on(root);
  read_wide(root);
  if (!mistakes_.empty()) return Error{ErrorKind::malformed_input, mistakes_};
  return std::move(mapping_);
}

Result<Mapping> Mapping::from_toml(std::string_view text, std::string_view file) {
  return MappingFile(file).read(text);
}

Result<Mapping> Mapping::from_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{ErrorKind::not_found, fmt::format("no such mapping file: {}", path)};
  std::ostringstream text;
  text << stream.rdbuf();
  return from_toml(text.str(), path);
}

}  // namespace graftline::interop
