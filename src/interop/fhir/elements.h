#pragma once
// The parts that FHIR resources share: codes, references, dates, quantities.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"
#include "interop/fhir/json.h"
#include "interop/fhir/resource.h"

namespace graftline::interop::fhir {

// What a CodeableConcept means by the mapping; the first coding that means anything decides.
std::vector<Meaning> meanings_of(const Json& concept_, const Mapping& mapping);
// Counts the first coding (or the text) as not mapped.
void count_unmapped(const Json& concept_, Ledger& ledger);
// The codings and the text, as answers to try.
std::vector<WrittenAnswer> answers_of(const Json& concept_);
// The text of a CodeableConcept, else a coding's display, else its code.
std::string_view words_of(const Json& concept_);
// The code among our own codes ("lineage"); empty when there is none.
std::string_view own_code(const Json& concept_, const Mapping& mapping);

// The first day and, for a Period, the last.
struct When {
  PartialDate start;
  std::optional<PartialDate> end;
};
// Where a date was found, and what was wrong with one that could not be read.
struct WhenFound {
  std::optional<When> when;
  std::string path;     // "effectiveDateTime"
  std::string mistake;  // of the first unreadable date
};
// `name`DateTime, `name`Instant, `name`Period, `name`Date: effective, performed, onset, abatement, deceased.
WhenFound read_when(const Json& resource, const std::string& name);
// One date element; absent, read, or a mistake.
WhenFound read_date(const Json& element, std::string path);

// The days from first to last as one partial date.
PartialDate spanning(Day first, Day last);
// A day no record reaches: "some time, nobody said when".
Day no_known_end();

// The day a drug or an illness, said to have ended without a date, must have ended by.
Day ended_by(const Json& resource, const Context& context, Day start);

// From this day on the record contained it: `issued`, `recordedDate` and the like, else the first day on
// which it may have happened: an imprecise date then makes answers unknown instead of being overlooked.
Day known_on(const Json& resource, std::string_view element, const PartialDate& when, const Context& context);

// A reference that names somebody by an identifier rather than by a resource.
inline constexpr std::string_view identifier_prefix = "urn:graftline:identifier:";
std::string identifier_reference(std::string_view system, std::string_view value);
// A status or reason as recorded, fit to be counted by: one or two words, else "(other)".
std::string plain_word(std::string_view text);

// "Patient/p1" of a Reference, an absolute address, a version or a logical identifier.
std::string reference_of(const Json& reference);

// A Quantity's unit: the code where the system is UCUM, and the text.
WrittenUnit unit_of(const Json& quantity);
Comparator comparator_of(const Json& quantity);
std::string written(const Json& quantity);

// The value[x] of an extension whose URL ends in "/name".
Json extension_value(const Json& resource, std::string_view name);

// What became of a draft whose entries are made: mapped when one is usable, else refused.
Outcome outcome_of(const Draft& draft, std::string_view reason);

}  // namespace graftline::interop::fhir
