#pragma once
// One condition asked of many patients at once. Internal to the batch evaluator.
//
// A kernel answers a row from the columns where it can prove that it says what the explaining evaluator says,
// and leaves every other row to that evaluator.

#include <algorithm>
#include <array>
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
  const std::int32_t* days_zero() const { return day_zero_.data(); }

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

// What is said of the rows of one word of a plane, as numbers of one width, so that the compiler can work on
// several rows at once.
using Block = std::array<std::int32_t, Planes::word_bits>;
constexpr std::int32_t code(Said said) { return static_cast<std::int32_t>(said); }

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
        set(chunk.explain(*expr_, begin + bit), bit, yes, no);
      }
      out.yes(word) = yes;
      out.no(word) = no;
    }
  }

  // Asks `block_says(begin, n, codes)` for up to 64 rows together, and `row_says(i)` for those of which the
  // block said `look`.
  template <class BlockSays, class RowSays>
  void each_block(Chunk& chunk, Planes& out, const BlockSays& block_says, const RowSays& row_says) const {
    Block codes{};
    for (std::size_t word = 0; word < out.words(); ++word) {
      const std::size_t begin = word * Planes::word_bits;
      const std::size_t n = std::min(Planes::word_bits, chunk.rows() - begin);
      block_says(begin, n, codes.data());
      std::fill(codes.begin() + static_cast<std::ptrdiff_t>(n), codes.end(), code(Said::unknown));
      const Packed packed = pack(codes);
      Planes::Word yes = packed.high & ~packed.low;
      Planes::Word no = ~packed.high & ~packed.low;
      for (Planes::Word open = packed.high & packed.low; open != 0; open &= open - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(open));
        const Said said = row_says(begin + bit);
        set(said == Said::look ? chunk.explain(*expr_, begin + bit) : static_cast<Truth>(said), bit, yes, no);
      }
      out.yes(word) = yes;
      out.no(word) = no;
    }
  }

 private:
  static void set(Truth truth, std::size_t bit, Planes::Word& yes, Planes::Word& no) {
    yes |= static_cast<Planes::Word>(truth == Truth::yes) << bit;
    no |= static_cast<Planes::Word>(truth == Truth::no) << bit;
  }

  // The two bits of each code, a plane each.
  struct Packed {
    Planes::Word low = 0;
    Planes::Word high = 0;
  };
  static Packed pack(const Block& codes) {
    std::array<unsigned char, Planes::word_bits> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(codes[i]);
    Packed packed;
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
      std::uint64_t eight = 0;
      for (std::size_t j = 0; j < 8; ++j) eight |= static_cast<std::uint64_t>(bytes[i + j]) << (8 * j);
      packed.low |= lowest_bits(eight) << i;
      packed.high |= lowest_bits(eight >> 1U) << i;
    }
    return packed;
  }
  // The lowest bit of each of eight bytes: the product moves byte i's bit to place 56 + i, and no two of its
  // other terms meet.
  static std::uint64_t lowest_bits(std::uint64_t bytes) {
    return ((bytes & 0x0101010101010101U) * 0x0102040810204080U) >> 56U;
  }

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

  // Calls `body(i, first, last, is_open, is_usable)` for n rows, with the days of `at`; where a row is not
  // usable (no day 0, or one to be looked at) the days mean nothing. Without branches, for the sake of loops
  // over blocks.
  template <class Body>
  void each(const Chunk& chunk, std::size_t begin, std::size_t n, const Body& body) const {
    const std::int32_t first_offset = first_.is_set ? first_.days : record::earliest_day.value;
    const std::int32_t last_offset = last_.is_set ? last_.days : as_of_;
    const bool may_be_open = last_.is_set && !so_far_;
    if (is_fixed()) {
      const std::int32_t last = std::min(last_offset, as_of_);
      const bool is_open = may_be_open && last_offset > as_of_;
      for (std::size_t i = 0; i < n; ++i) body(i, first_offset, last, is_open, true);
      return;
    }
    const std::int32_t first_counts = first_.is_set && first_.from_day_zero ? -1 : 0;
    const std::int32_t last_counts = last_.is_set && last_.from_day_zero ? -1 : 0;
    const std::int32_t* zeros = chunk.days_zero() + begin;
    for (std::size_t i = 0; i < n; ++i) {
      const bool is_usable = zeros[i] > Chunk::look;
      const std::int32_t zero = is_usable ? zeros[i] : 0;
      const std::int32_t end = last_offset + (zero & last_counts);
      body(i, first_offset + (zero & first_counts), std::min(end, as_of_), may_be_open & (end > as_of_),
           is_usable);
    }
  }

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

// Sets to `look` what is said of rows that have an entry of one of these facts.
void look_where_any(const record::Cohort& cohort, const std::vector<record::FactId>& facts, std::size_t row,
                    std::size_t n, std::int32_t* codes);

// Those of the facts that any row has an entry of.
std::vector<record::FactId> with_entries(const record::Cohort& cohort,
                                         const std::vector<record::FactId>& facts);

}  // namespace graftline::engine
