#pragma once
// The criteria of a protocol asked of a whole cohort: the same answers as the explaining evaluator, without
// the explanations. Columns find who; `decide` for that one patient says why.
//
// A condition becomes kernels over the rows of a chunk, 4,096 at a time, each writing two planes of bits.
// What a kernel cannot prove from its columns, a row or a whole condition, the explaining evaluator answers;
// `rows_explained` and `Asked::by_row` say how much that is.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "engine/planes.h"
#include "record/cohort.h"

namespace graftline::engine {

struct BatchOptions {
  std::size_t chunk = 4096;  // rows; rounded up to a multiple of 64
  bool parallel = false;     // over the chunks, on all cores
};

// One condition that is asked of every patient.
struct Asked {
  enum class What : unsigned char { criterion, trigger };
  What what = What::criterion;
  std::string id;                   // of the criterion; the name of a trigger's strategy
  int strategy = -1;                // index; -1: common
  bool counts_against = false;      // exclusion criterion: its yes is a failure
  std::vector<std::string> by_row;  // the parts of it, and why, that no kernel answers
};

struct BatchAnswers {
  std::size_t rows = 0;
  std::vector<Planes> asked;       // as Batch::asked: is it met?
  Planes verdict;                  // by the common criteria: yes is eligible, no is not eligible
  std::vector<Planes> strategy;    // by the common criteria and those of each strategy
  std::size_t rows_explained = 0;  // questions (condition and row) that the explaining evaluator answered
};

class Batch {
 public:
  // `protocol` and `settings` must outlive it. known_on defaults to as_of.
  Batch(const protocol::Protocol& protocol, const Settings& settings, Day as_of,
        std::optional<Day> known_on = std::nullopt);
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  // Common criteria (and judgements that no rule names), then per strategy its trigger and its criteria.
  std::span<const Asked> asked() const;

  // The facts a cohort has to keep for these questions.
  const std::vector<record::FactId>& facts() const;

  // One call at a time.
  // cost  tens of nanoseconds a row for typical criteria; microseconds for each question that is explained
  BatchAnswers run(const record::Cohort& cohort, const BatchOptions& options = {});

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

// The planes as a verdict.
Verdict verdict_of(const Planes& verdict, std::size_t row);

}  // namespace graftline::engine
