#pragma once
// The short way from a bundle to a row of a cohort, for bundles of plain form.
//
// Most bundles say the same few things over and over: the same codes, the same values with the same reference
// ranges. What the importer made of a resource once is remembered by the bytes it depends on, and taken again
// for the next one with these bytes, with its own dates. What is not of plain form, one resource or the whole
// bundle, goes to the importer itself, so the meaning stands in one place.
//
// The whole document is checked to be JSON before any of it counts, as the importer does.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "interop/ledger.h"
#include "interop/mapping.h"
#include "record/cohort.h"

namespace graftline::interop::fhir {

class QuickReader {
 public:
  // All must outlive it. Only facts that the cohort keeps are read.
  QuickReader(const Mapping& mapping, record::Cohort& cohort, std::optional<Day> read_on,
              int deepest_nesting);
  ~QuickReader();
  QuickReader(const QuickReader&) = delete;
  QuickReader& operator=(const QuickReader&) = delete;

  // Appends the one patient of a bundle. False: nothing was appended, and the importer has to read the
  // document.
  //   place   as DocumentReader::read
  //   bytes   followed by JsonReader::padding() readable bytes
  //   ledger  gets the values that cannot be used; resources are not counted one by one
  bool read(std::string_view bytes, const std::string& place, Ledger& ledger);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graftline::interop::fhir
