#pragma once
// The facts of many patients as columns: what `Timeline` is for one.
//
// A column holds one fact. Its entries stand patient after patient, each patient's in the order of an
// arranged timeline: days, integers, reasons, of one size each. What a rule usually asks, the newest entry of
// each patient, stands once more in an array with one place per patient, so that a criterion reads memory
// from front to back. Nothing is interpreted and nothing is lost but where an entry was read and how it was
// written: `timeline` gives each patient back.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/timeline.h"

namespace graftline::record {

using Row = std::uint32_t;  // a patient of a cohort, from 0

// How an integer of a column is to be read: integer x 10^exponent, in `unit`.
struct Scale {
  Unit unit;
  std::int32_t exponent = 0;
  Kind kind = Kind::none;
  Viability viability = Viability::unstated;
  friend bool operator==(const Scale&, const Scale&) = default;
};
using ScaleId = std::uint16_t;  // index into Column::scales

// The newest entry of a patient, where it alone answers "the latest": a number, level or yes/no that can be
// used as it stands, of a whole day, known on that day, the only one of that day, and no date of the fact
// left open.
struct Newest {
  static constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();  // the patient has no entry
  static constexpr std::int32_t look = none + 1;  // there are entries, and the list has to be read

  std::vector<std::int32_t> day;    // days since 1970-01-01, or one of the above
  std::vector<std::int32_t> value;  // integer of the entry; a level; 1 or 0
  std::vector<ScaleId> scale;
  std::vector<std::int32_t> limit;  // upper limit of the reference range; `none`: there is none
  std::vector<ScaleId> limit_scale;
};

// All entries of a patient together, where each of them can be used as it stands: a level or yes/no, of a
// whole day, known on that day, without an end.
struct Together {
  std::vector<std::int32_t> first_day;  // days since 1970-01-01, or Newest::none, or Newest::look
  std::vector<std::int32_t> last_day;   // where first_day is a day
  std::vector<std::uint32_t> said;  // bit per level that an entry has; of yes/no, bit 0 for no and 1 for yes
};

// What few entries have, by the index of the entry.
template <class T> class Sparse {
 public:
  void add(std::uint32_t index, T value) { at_.emplace_back(index, std::move(value)); }  // in rising order
  const T& operator[](std::uint32_t index) const {
    const auto found =
        std::partition_point(at_.begin(), at_.end(), [&](const auto& e) { return e.first < index; });
    ensure(found != at_.end() && found->first == index, "an entry that says so has it");
    return found->second;
  }
  const T& last() const { return at_.back().second; }
  void clear() { at_.clear(); }

 private:
  std::vector<std::pair<std::uint32_t, T>> at_;
};

struct Placed;

// One fact.
class Column {
 public:
  enum class Form : unsigned char { nothing, number, level, yes_no };  // of Entry::value

  struct Item {  // one entry
    PartialDate when;
    Day known_on;
    std::int64_t value = 0;  // number: mantissa; level: `low`; yes_no: 1 or 0
    std::int32_t high = 0;   // level: the highest it may be
    ScaleId scale = 0;       // number
    Form form = Form::nothing;
    Comparator comparator = Comparator::none;
    Standing standing = Standing::final;
    bool is_stop = false;
    bool has_until = false;
    bool has_limit = false;
    bool has_rest = false;
    ReasonSet unusable;
  };

  std::size_t rows() const { return offsets_.size() - 1; }
  // The entries of a patient are those with index first(row) up to first(row + 1).
  std::uint32_t first(Row row) const { return offsets_[row]; }
  bool is_empty() const { return items_.empty(); }
  bool has(Row row) const { return offsets_[row] != offsets_[row + 1]; }
  std::span<const Item> items(Row row) const {
    return {items_.data() + offsets_[row], items_.data() + offsets_[row + 1]};
  }
  const Newest& newest() const { return newest_; }
  const Together& together() const { return together_; }
  std::span<const std::uint32_t> offsets() const {
    return offsets_;
  }  // first(row), for every row and one more
  std::span<const Scale> scales() const { return scales_; }

  // Of the entry with this index.
  struct Limit {
    std::int64_t value = 0;
    ScaleId scale = 0;
    Comparator comparator = Comparator::none;
  };
  const Limit& limit(std::uint32_t index) const { return limits_[index]; }
  const PartialDate& until(std::uint32_t index) const { return untils_[index]; }

 private:
  friend class Cohort;

  struct Rest {  // what few entries have
    std::vector<Quantity> amounts;
    std::string method;
    std::string context;
  };

  void append(const Placed& placed);
  void end_row();
  void end_together(std::uint32_t begin, std::uint32_t end);
  ScaleId scale_of(const Quantity& quantity);
  Entry entry(FactId fact, std::uint32_t index) const;

  std::vector<std::uint32_t> offsets_{0};
  std::vector<Item> items_;
  Newest newest_;
  Together together_;
  std::vector<Scale> scales_;
  Sparse<Limit> limits_;
  Sparse<PartialDate> untils_;
  Sparse<Rest> rests_;
};

// An entry on its way into a column, with its integers.
struct Placed {
  FactId fact = 0;
  Column::Item item;
  Column::Limit limit;          // where item.has_limit
  PartialDate until;            // where item.has_until
  const Entry* rest = nullptr;  // where item.has_rest: who holds amounts, method and context
};

class Cohort {
 public:
  // facts  those to keep; empty: all of the catalogue
  explicit Cohort(std::span<const FactId> facts = {});

  // Appends a patient. The timeline must be arranged.
  Row add(const Timeline& timeline);

  // The same in two steps, for a reader that has no timeline: each entry placed, in any order, then all of a
  // patient. `rest` of what was placed must live until then; facts that are not kept are passed over.
  Placed place(const Entry& entry);
  Row add(std::string_view patient, std::vector<Placed>& entries);

  void clear();  // forgets the patients and keeps the memory

  std::size_t size() const { return rows_; }
  bool keeps(FactId fact) const { return kept_[fact] != 0; }
  const Column& column(FactId fact) const { return columns_[fact]; }  // of a fact that is kept
  std::string_view patient(Row row) const;
  std::span<const GivenJudgement> judgements(Row row) const;

  // The patient again, arranged: every entry of the facts kept, without origins and wording.
  Timeline timeline(Row row) const;

 private:
  std::size_t rows_ = 0;
  std::vector<unsigned char> kept_;
  std::vector<Column> columns_;  // by fact
  std::string names_;
  std::vector<std::size_t> name_ends_;
  std::vector<GivenJudgement> judgements_;
  std::vector<std::size_t> judgement_ends_;

  void end_row(std::string_view patient);
};

}  // namespace graftline::record
