#pragma once
// Understands one recorded value as a value of a fact. What cannot be understood stays unknown, with a
// reason.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/quantity.h"
#include "interop/mapping.h"
#include "record/timeline.h"

namespace graftline::interop {

// Why a value cannot be used. `where` is the part of it that is at fault ("unit", "value").
struct Problem {
  std::string where;
  Reason reason = Reason::unreadable;
  std::string what;    // the phrase that is counted: "unit is not UCUM"
  std::string detail;  // with the unit or code met, and what would help
};

// A unit as recorded: FHIR gives a code with its system and a text for people; CSV only a text.
struct WrittenUnit {
  std::string_view code;  // declared to be UCUM
  std::string_view text;  // anything
  bool empty() const { return code.empty() && text.empty(); }
};

// An answer as recorded: what a code or a text says. Tried in order.
struct WrittenAnswer {
  std::string_view system;
  std::string_view code;  // empty: only text
  std::string_view text;
};

class ValueReader {
 public:
  // `mapping` must outlive the reader.
  explicit ValueReader(const Mapping& mapping) : mapping_(&mapping) {}
  const Mapping& mapping() const { return *mapping_; }

  // A number as written, with its comparator in front or given apart ("<60"), and its unit. Checked to
  // convert to the fact's own unit. For ordinal and yes/no facts the number is read as their word.
  std::optional<Problem> read_number(const Meaning& meaning, std::string_view number, Comparator comparator,
                                     const WrittenUnit& unit, record::Value& value);

  // A word, code or text: a level, a range of levels (">=II", "II-IV"), yes or no, or a number by the
  // mapping.
  std::optional<Problem> read_answer(const Meaning& meaning, const std::vector<WrittenAnswer>& answers,
                                     record::Value& value);

  // The level that the code itself stands for; for yes/no facts, yes.
  std::optional<Problem> read_code_itself(const Meaning& meaning, record::Value& value) const;

  // A plain amount (dose, weight) whose unit needs only to be readable.
  std::optional<Problem> read_amount(std::string_view number, const WrittenUnit& unit, Kind kind,
                                     Quantity& amount);

  // The unit meant, through aliases where the text is not UCUM.
  std::optional<Problem> read_unit(const WrittenUnit& unit, Unit& found);

 private:
  const Result<Unit>& parsed(std::string_view code);

  const Mapping* mapping_;
  std::unordered_map<std::string, Result<Unit>> units_;  // each text is parsed once per import
};

// yes/true/positive/present ... and no/false/negative/absent ...; nothing for other words.
std::optional<bool> yes_or_no(std::string_view word);

}  // namespace graftline::interop
