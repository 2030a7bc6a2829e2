#pragma once
// Reads records of any supported form into timelines and says what became of everything it read.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"
#include "core/result.h"
#include "interop/mapping.h"
#include "interop/report.h"
#include "record/timeline.h"

namespace graftline::interop {

struct ImportOptions {
  // Bytes of one line, or of one file that holds a single document. More is refused, not read.
  std::size_t largest_document = std::size_t{64} << 20;
  // Levels of objects and arrays in a document.
  int deepest_nesting = 128;
  // Up to this many bytes of input every timeline is kept until all is read. Above it a first pass finds out
  // which patients occur in more than one document, and all others are handed on as soon as their document
  // ends.
  std::size_t keep_all_below = std::size_t{64} << 20;
  // Single resources (a bulk export by resource type) above this many bytes are first divided by patient,
  // over files in the folder for temporary files, and then read a few patients at a time.
  std::size_t divide_above = std::size_t{8} << 20;
  // Refusals, and notes, listed one by one; the others are only counted.
  std::size_t most_listed = 100000;
  // The day the records were taken from their source. Dates after it are noted as lying in the future, and a
  // drug said to be stopped had stopped by then.
  std::optional<Day> read_on;
  // Called now and then with the bytes read so far.
  std::function<void(std::size_t)> progress;
};

// Receives each patient once, arranged.
using TimelineSink = std::function<void(record::Timeline&&)>;

// paths     FHIR R4 JSON (bundles of any type, single resources), NDJSON (a bundle or a resource per line,
// bulk-data
//           exports), CSV, all also gzipped, and directories of these. What a file is, its content tells.
// order     patients come in the order in which their first record was read; patients spread over several
// documents
//           of a large import come last, and those of a large bulk export in an order of its own (the same on
//           every machine).
// memory    one document, the entries of the patients being built, and all entries of small imports; of a
// bulk
//           export some four hundredth of it once it is larger than 1.6 GB
// errors    not_found: a path is not there. conflict: no room for temporary files. Everything else is a
// listed refusal: one broken file or value
//           costs itself, never the rest.
Result<ImportReport> import_records(const std::vector<std::string>& paths, const Mapping& mapping,
                                    const TimelineSink& sink, const ImportOptions& options = {});

// The same for bytes already in memory; `name` stands for the file in reports and origins.
ImportReport import_text(std::string_view name, std::string_view bytes, const Mapping& mapping,
                         const TimelineSink& sink, const ImportOptions& options = {});

}  // namespace graftline::interop
