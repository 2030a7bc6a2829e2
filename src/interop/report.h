#pragma once
// What an import did with everything it read. Nothing is dropped silently: for every kind of thing read,
// read = mapped + ignored + refused, and each refusal is listed with its place and reason.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/truth.h"
#include "record/timeline.h"

namespace graftline::interop {

// One thing an import has to say about one place. `detail` never holds a patient's value: reports get logged.
struct Finding {
  record::Origin origin;  // file, and "line 17" or "Observation/alt-1"
  std::string path;    // below that place: "valueQuantity.unit", "column 3 (value)"; empty: the whole of it
  std::string reason;  // a short fixed phrase, counted in the tallies: "no unit", "date unreadable"
  std::string detail;  // what was met and what would have been right
};

// How one kind of thing fared: a FHIR resource type, "CSV row", "document" (a file or a line with a mistake
// of its own), "file" (of a directory).
//   mapped   gave the patient, or at least one entry that can be used
//   refused  gave none because of what it says; each refusal is listed
//   ignored  says nothing a rule may read: resource type not used, code not mapped, entered in error, ...
struct Tally {
  std::size_t read = 0;
  std::size_t mapped = 0;
  std::size_t ignored = 0;
  std::size_t refused = 0;
  std::map<std::string, std::size_t> ignored_because;
  std::map<std::string, std::size_t> refused_because;

  bool adds_up() const { return read == mapped + ignored + refused; }
};

// Entries made of one fact.
struct FactTally {
  std::size_t usable = 0;
  std::size_t unusable = 0;  // kept in the timeline as unknown, with the reason
};

struct ImportReport {
  std::size_t files = 0;     // opened
  std::size_t patients = 0;  // timelines handed on
  std::map<std::string, Tally> by_type;
  std::map<std::string, FactTally> by_fact;             // by fact id
  std::map<std::string, std::size_t> unusable_because;  // "no unit" -> entries
  std::map<std::string, std::size_t> unmapped_codes;    // "http://loinc.org|2339-0" -> resources
  std::vector<Finding> refusals;                        // whole things, and single values of mapped things
  std::vector<Finding> notes;                           // kept, and worth a look: duplicates, future dates
  std::map<std::string, std::size_t> notes_because;     // all of them, listed or not
  std::size_t refusals_not_listed = 0;                  // beyond ImportOptions::most_listed
  std::size_t notes_not_listed = 0;
  std::size_t exact_duplicates = 0;  // entries said twice in the very same words, kept once

  Tally total() const;
  bool adds_up() const;  // every tally does
};

// `full` also lists every unmapped code and every note; without it the commonest ten of each.
std::string to_text(const ImportReport& report, bool full = false);

// The same as JSON, one object; docs/import.md has the fields.
std::string to_json(const ImportReport& report);

}  // namespace graftline::interop
