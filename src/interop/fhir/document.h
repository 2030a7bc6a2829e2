#pragma once
// FHIR documents -> drafts: what is a bundle, what is a resource, and where each stands.

#include <string>
#include <string_view>

#include "interop/fhir/json.h"
#include "interop/fhir/scope.h"
#include "interop/gather.h"
#include "interop/ledger.h"
#include "interop/value.h"

namespace graftline::interop::fhir {

class DocumentReader {
 public:
  DocumentReader(ValueReader& values, const std::optional<Day>& read_on, int deepest_nesting)
      : values_(&values), read_on_(read_on), deepest_(deepest_nesting) {}

  // Reads one JSON document. A bundle is joined within itself and closed; a single resource joins all other
  // single resources of the import, which `finish` closes. A document with a mistake is thrown away whole, so
  // that nobody decides on half a record.
  //   place    where it stands: "cohort.ndjson:17"
  //   bytes    followed by JsonReader::padding() readable bytes
  //   returns  false when the document was refused; the ledger says why
  //   is_copy  counted when it was read elsewhere: only what others find in it matters
  bool read(std::string_view bytes, const std::string& place, Ledger& ledger, Gatherer& gatherer,
            bool is_copy = false);

  // With whom a single resource has to be read, for who divides many of them by patient.
  struct Belonging {
    enum class To : unsigned char {
      patient,    // what is said of `patient`; of nobody, when that is empty
      everybody,  // a drug that any patient's records may name
      unclear,    // a bundle, or a resource that may join patients
    };
    To to = To::unclear;
    std::string patient;
  };
  Belonging belonging_of(std::string_view bytes);

  // Whether single resources were read, which `finish` has to join.
  bool has_loose() const { return !loose_.is_empty(); }

  // Closes what single resources said.
  void finish(Ledger& ledger, Gatherer& gatherer) { loose_.close(ledger, gatherer, Scope::End::of_import); }

 private:
  void read_entry(const Json& entry, std::size_t index, const std::string& place, Ledger& ledger,
                  Scope& scope);
  void read_one(const Json& resource, std::string_view full_url, const std::string& fallback,
                const std::string& place, Ledger& ledger, Scope& scope, bool is_copy = false);

  ValueReader* values_;
  std::optional<Day> read_on_;
  int deepest_;
  JsonReader json_;
  Scope loose_;  // single resources
};

}  // namespace graftline::interop::fhir
