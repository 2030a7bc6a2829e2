#pragma once
// A part of the input -> rows of a cohort. For inputs of which every document holds whole patients: bundles,
// one to a line or one to a file.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/date.h"
#include "interop/import.h"
#include "interop/inputs.h"
#include "interop/mapping.h"
#include "interop/report.h"
#include "record/cohort.h"

namespace graftline::interop {

class CohortReader {
 public:
  struct Counts {
    std::size_t quick = 0;  // documents read the short way
    std::size_t full = 0;   // documents that the importer read
  };

  // All must outlive it.
  CohortReader(const Mapping& mapping, record::Cohort& cohort, const ImportOptions& options);
  ~CohortReader();
  CohortReader(const CohortReader&) = delete;
  CohortReader& operator=(const CohortReader&) = delete;

  // Appends the patients of a piece. `full` is called when the cohort holds at least `rows`, and has to clear
  // it.
  //   returns  false: the input holds single resources or tables, whose patients only a whole import brings
  //   together;
  //            rows already appended are then worth nothing
  bool read(const Piece& piece, std::size_t rows, const std::function<void()>& full);

  const Counts& counts() const;
  // What could not be used, since the last call.
  ImportReport take_report();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graftline::interop
