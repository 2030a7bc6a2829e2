#pragma once
// One condition asked of many patients at once. Internal to the batch evaluator.
//
// A kernel answers a row from the columns where it can prove that it says what the explaining evaluator says,
// and leaves every other row to that evaluator.

#include <algorithm>
#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/evaluate.h"
#include "engine/planes.h"
#include "record/cohort.h"

namespace graftline::engine {

// What a kernel says of a row. The first three are those of Truth.
enum class Said : unsigned char { no, unknown, yes, look };  // look: ask the explaining evaluator
constexpr Said said(Truth truth) { return static_cast<Said>(truth); }

// The question that every kernel of a batch answers.
struct BatchQuestion {
  const protocol::Protocol& protocol;
  const Settings& settings;
  Day as_of;
  Day known_on;
  // The newest entry of a fact is visible when its day is not after this one.
  std::int32_t seen_until() const { return std::min(as_of, known_on).value; }
};

// The rows [first, first + rows) of a cohort, and what several kernels need of them.
class Chunk {
 public:
  Chunk(const BatchQuestion& question, const record::Cohort& cohort, record::Row first, std::size_t rows);
  ~Chunk();
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  const record::Cohort& cohort() const { return cohort_; }
  record::Row first() const { return first_; }
  std::size_t rows() const { return rows_; }

  // Day 0 of a row: days since 1970-01-01, or one of these.
  static constexpr std::int32_t no_day = record::Newest::none;
  static constexpr std::int32_t look = record::Newest::look;  // imprecise, corrected: not for a kernel
  std::int32_t day_zero(std::size_t i) const { return day_zero_[i]; }

  // The answer of the explaining evaluator.
  Truth explain(const protocol::Expr& expr, std::size_t i);
  std::size_t explained() const { return explained_; }

 private:
  struct Patient;

  std::int32_t find_day_zero(record::Row row) const;

  const BatchQuestion& question_;
  const record::Cohort& cohort_;
  record::Row first_;
  std::size_t rows_;
  std::vector<std::int32_t> day_zero_;
  std::unordered_map<std::size_t, std::unique_ptr<Patient>> patients_;
  std::size_t explained_ = 0;
};

class Kernel {
 public:
  explicit Kernel(const protocol::Expr& expr) : expr_(&expr) {}
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // Once per cohort, before any `answer`: the scales of a column are known only with it.
  virtual void bind(const record::Cohort&) {}
  // Any thread.
  virtual void answer(Chunk& chunk, Planes& out) const = 0;
  // Empty: a kernel. Otherwise why every row goes to the explaining evaluator.
  virtual std::string by_row() const { return {}; }

 protected:
  const protocol::Expr& expr() const { return *expr_; }

  // Asks `row_says(i)` for each row of the chunk, 64 to a word.
  template <class RowSays> void each_row(Chunk& chunk, Planes& out, const RowSays& row_says) const {
    for (std::size_t word = 0; word < out.words(); ++word) {
      const std::size_t begin = word * Planes::word_bits;
      const std::size_t end = std::min(begin + Planes::word_bits, chunk.rows());
      Planes::Word yes = 0;
      Planes::Word no = 0;
      Planes::Word open = 0;
      for (std::size_t i = begin; i < end; ++i) {
        const auto code = static_cast<Planes::Word>(row_says(i));
        const std::size_t bit = i - begin;
        yes |= static_cast<Planes::Word>(code == static_cast<Planes::Word>(Said::yes)) << bit;
        no |= static_cast<Planes::Word>(code == static_cast<Planes::Word>(Said::no)) << bit;
        open |= static_cast<Planes::Word>(code == static_cast<Planes::Word>(Said::look)) << bit;
      }
      for (; open != 0; open &= open - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(open));
        const Truth truth = chunk.explain(*expr_, begin + bit);
        yes |= static_cast<Planes::Word>(truth == Truth::yes) << bit;
        no |= static_cast<Planes::Word>(truth == Truth::no) << bit;
      }
      out.yes(word) = yes;
      out.no(word) = no;
    }
  }

 private:
  const protocol::Expr* expr_;
};

// The kernel of a leaf of a condition, by its form; where there is none, one that asks the explaining
// evaluator. `question` must outlive it.
std::unique_ptr<Kernel> kernel_of(const protocol::Expr& leaf, const BatchQuestion& question);

// kernels_numbers.cpp: comparisons of a fact, days or a count, membership, "is known"
std::unique_ptr<Kernel> comparison_kernel(const protocol::Expr& leaf, const BatchQuestion& question);
std::unique_ptr<Kernel> membership_kernel(const protocol::Expr& leaf, const BatchQuestion& question);
std::unique_ptr<Kernel> known_kernel(const protocol::Expr& leaf, const BatchQuestion& question);
// kernels_holding.cpp: facts that hold or not, by name or "at any time in ..."; known: asks whether that is
// known
std::unique_ptr<Kernel> holding_kernel(const protocol::Expr& leaf, const BatchQuestion& question, bool known);

// The days a window comes to for a row.
struct RowDays {
  std::int32_t first = record::earliest_day.value;
  std::int32_t last = 0;  // at most as_of
  bool is_open = false;   // the window ends after as_of
  bool is_unanchored = false;
  bool look = false;
};

// A window that counts from day 0, from today or from nothing.
class WindowPlan {
 public:
  // Absent: it counts from something else, or in calendar months from a day that differs between patients.
  static std::optional<WindowPlan> of(const protocol::Window& window, const BatchQuestion& question);
  // Of a declared fact, with the default where none is written.
  static std::optional<WindowPlan> of(const protocol::FactDeclaration& fact, const BatchQuestion& question);

  bool is_fixed() const { return !first_.from_day_zero && !last_.from_day_zero; }
  RowDays at(const Chunk& chunk, std::size_t i) const;

 private:
  struct End {
    bool is_set = false;
    bool from_day_zero = false;
    std::int32_t days = 0;  // the day itself, or days after day 0
  };
  static std::optional<End> end_of(const std::optional<protocol::Anchor>& anchor,
                                   const BatchQuestion& question);

  End first_;
  End last_;
  bool so_far_ = false;
  std::int32_t as_of_ = 0;
};

// Facts of which a row must have no entry, or what it says of another fact is not its own column's to answer.
bool has_any(const record::Cohort& cohort, const std::vector<record::FactId>& facts, record::Row row);

// Those of the facts that any row has an entry of.
std::vector<record::FactId> with_entries(const record::Cohort& cohort,
                                         const std::vector<record::FactId>& facts);

}  // namespace graftline::engine
