#pragma once
// From a site's codes, words, units and columns to facts. The defaults are the catalogue's own codes; a
// site's file (TOML, docs/import.md) adds to them or replaces them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "record/facts.h"

namespace graftline::interop {

// What one code, or one column, says.
struct Meaning {
  record::FactId fact = 0;
  // The value, where the code itself carries it: a level, or neighbouring levels separated by '|'.
  std::string level;
  // The value as recorded ("system|code", code, or text in lower case) -> level, "yes", "no", or a number.
  std::map<std::string, std::string> values;
  // UCUM unit of values recorded without one: the site says so, nobody guesses.
  std::string unit;
  // The share is the recipient's, the fact the donor's: 100 % minus the value, exactly.
  bool is_recipient_share = false;
};

// A column of a wide table (one row per patient and visit).
struct Column {
  std::string name;
  Meaning meaning;
  std::string date_column;          // the day it happened; else the table's own date column
  std::string end_column;           // courses: last day
  std::string unit_column;          // the unit, where it is recorded beside the value
  std::string upper_limit_column;   // of the reference range
  std::vector<std::string> events;  // only rows of these events (REDCap `redcap_event_name`); empty: of all
};

struct WideTable {
  std::string patient_column;
  std::string date_column;
  std::string event_column;  // "redcap_event_name"
  std::string known_on_column;
  std::vector<Column> columns;

  bool is_declared() const { return !patient_column.empty(); }
};

// What an order for a drug (MedicationRequest) counts as.
enum class Orders : unsigned char { taken, ignored };

class Mapping {
 public:
  // The catalogue's codes, and the answers (positive, present, yes, ...) of public code lists.
  static Mapping defaults();

  // The defaults with a site's file on top.
  //   file    named in errors
  //   errors  malformed_input: not TOML, an unknown key, fact, level or unit; all mistakes of the file in one
  //           message, each with file and line, and the closest known name
  static Result<Mapping> from_toml(std::string_view text, std::string_view file);
  static Result<Mapping> from_file(const std::string& path);

  // What a code means; empty when nobody said.
  const std::vector<Meaning>& meanings(std::string_view system, std::string_view code) const;
  // The word an answer code stands for ("positive", "absent", "yes"); empty when unknown.
  std::string_view answer(std::string_view system, std::string_view code) const;
  // UCUM code of a unit text that is not UCUM; empty when no alias is declared.
  std::string_view unit_alias(std::string_view text) const;
  // The fact about one line of cells: (donor chimerism, "CD3") -> donor chimerism of CD3 cells.
  std::optional<record::FactId> of_lineage(record::FactId fact, std::string_view lineage) const;
  // The system as this program names it ("urn:oid:2.16.840.1.113883.6.1" is http://loinc.org).
  std::string_view system(std::string_view uri) const;

  const WideTable& wide() const { return wide_; }
  const std::string& patient_identifier_system() const { return patient_identifier_system_; }
  Orders orders() const { return orders_; }
  bool known_on_from_last_updated() const { return known_on_from_last_updated_; }
  // Words which, in a route, dose form or drug name, mean that the drug does not reach the blood
  // ("ophthalmic").
  const std::vector<std::string>& local_use_words() const { return local_use_words_; }

 private:
  friend class MappingFile;

  std::unordered_map<std::string, std::vector<Meaning>> codes_;  // by system and code
  std::unordered_map<std::string, std::string> answers_;
  std::unordered_map<std::string, std::string> units_;
  std::unordered_map<std::string, std::string> systems_;
  std::map<std::pair<record::FactId, std::string>, record::FactId> lineages_;
  std::vector<std::string> local_use_words_;
  WideTable wide_;
  std::string patient_identifier_system_;
  Orders orders_ = Orders::taken;
  bool known_on_from_last_updated_ = false;
};

// The key a code is found by.
std::string code_key(std::string_view system, std::string_view code);
// Lower case ASCII, blanks trimmed and runs of them made one.
std::string folded(std::string_view text);

}  // namespace graftline::interop
