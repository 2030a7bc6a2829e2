#pragma once
// Brings the entries of a patient together, from however many documents, and hands the timelines on.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "interop/ledger.h"
#include "record/timeline.h"

namespace graftline::interop {

class Gatherer {
 public:
  // read_on   the day the records were taken: what lies after it is noted as future
  Gatherer(const std::function<void(record::Timeline&&)>& sink, Ledger& ledger,
           std::optional<Day> read_on = {})
      : sink_(&sink), ledger_(&ledger), read_on_(read_on) {}

  // Who stands in more than one document, or in none (tables and single resources belong to no document).
  using Spread = std::unordered_set<std::string>;

  // From now on nothing is kept: only who stands in which document is taken down, until `take_census`.
  void begin_census() { is_census_ = true; }
  Spread take_census();

  // From now on the patients of a document are handed on when it ends, except those named here.
  void stream_except(Spread spread) {
    spread_ = std::move(spread);
    is_streaming_ = true;
  }

  // The timeline under construction; made when new.
  record::Timeline& timeline(std::string_view patient);

  // A record of the patient's person was read; the second of one patient is noted.
  void meet(std::string_view patient, const record::Origin& origin);

  // Between these calls entries come from one document that names every patient it is about.
  void begin_document() { is_in_document_ = true; }
  void end_document();
  // Nothing more will come for this patient: hands the timeline on.
  void release(const std::string& patient);
  // Everything has been read.
  void finish();

 private:
  void hand_on(record::Timeline&& timeline);

  const std::function<void(record::Timeline&&)>* sink_;
  Ledger* ledger_;
  std::optional<Day> read_on_;
  bool is_census_ = false;
  bool is_streaming_ = false;
  bool is_in_document_ = false;
  Spread spread_;
  std::vector<record::Timeline> timelines_;                   // in order of first appearance
  std::unordered_map<std::string, std::size_t> by_patient_;   // index into timelines_
  std::unordered_set<std::size_t> released_;                  // indices into timelines_
  std::vector<record::Timeline> of_document_;                 // streaming: of the document that is open
  std::unordered_map<std::string, std::size_t> in_document_;  // index into of_document_
  std::unordered_map<std::string, record::Origin> met_;
  std::size_t document_ = 0;
  std::unordered_map<std::string, std::size_t> census_;  // patient -> the one document seen so far
};

}  // namespace graftline::interop
