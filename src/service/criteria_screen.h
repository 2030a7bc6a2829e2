#pragma once
// The criteria of protocols asked of as many patients as the files hold: verdict, failing and unknown
// criteria, one line each. No dose and no date: `ask_each` gives those for whoever stands out here.
//
// The input is divided into units (pieces of interop/inputs.h). Each is read, asked and written by itself, by
// any thread, process or machine; the results in the order of the units are the answer, whoever made them.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "service/ask.h"
#include "service/parted_work.h"
#include "service/screen.h"

namespace graftline::service {

struct CriteriaScreen {
  ScreenFormat format = ScreenFormat::csv;
  std::size_t unit_bytes = std::size_t{16} << 20;
  std::size_t chunk_rows = 1024;  // patients held at once by a thread
  unsigned threads = 1;
  bool ordered = true;  // false: units are written as they are finished
  // Where finished units are kept, one file each; empty: nowhere. A file that is there and answers the same
  // question of the same input is not made again when `resume` is set.
  std::string parts;
  bool resume = false;
  // Only units i with i % shards == shard; the others have to be in `parts` already or are left to others.
  std::size_t shard = 0;
  std::size_t shards = 1;
};

struct CriteriaCounts {
  std::size_t patients = 0;
  std::size_t eligible = 0;
  std::size_t not_eligible = 0;
  std::size_t unknown = 0;
  std::size_t read_quickly = 0;  // documents
  std::size_t read_in_full = 0;
  std::size_t explained = 0;  // questions that no column could answer
  std::size_t units = 0;
  std::size_t units_resumed = 0;
  std::string notice;  // values and records that could not be used
};

std::string criteria_header(ScreenFormat format);

// The questions that are answered row by row, and why: empty when every criterion runs down columns.
std::vector<std::string> criteria_by_row(const std::vector<Prepared>& prepared);

class CriteriaRun : public PartedWork {
 public:
  // errors  not_found: records
  static Result<CriteriaRun> plan(const Ask& ask, const std::vector<Prepared>& prepared,
                                  const CriteriaScreen& screen);
  ~CriteriaRun() override;
  CriteriaRun(CriteriaRun&&) noexcept;
  CriteriaRun& operator=(CriteriaRun&&) noexcept;

  std::size_t units() const override;

  // Makes the units of this shard; those that are kept in `parts` too. Output goes to `sink` when the run has
  // all units (one shard), in order or as finished.
  //   errors  as import_records; conflict: `parts` cannot be written
  Result<CriteriaCounts> run(const std::function<void(std::string_view)>& sink);

  std::optional<Error> make_part(std::size_t unit) override;
  bool has_part(std::size_t unit) const override;
  bool resumes() const override;
  void remove_parts();  // and their folder, when nothing else is in it
  std::string beside_parts(const std::string& name) const override;

  // Everything in `parts`, in order, to `sink`.
  //   errors  not_found: a unit is missing
  Result<CriteriaCounts> merge(const std::function<void(std::string_view)>& sink);

 private:
  struct State;
  explicit CriteriaRun(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

std::string to_text(const CriteriaCounts& counts);

}  // namespace graftline::service
