// Facts that are compared: numbers, levels, age, eGFR; days and counts.
#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <map>
#include <mutex>

#include "engine/compare.h"
#include "engine/kernel.h"
#include "engine/operators.h"
#include "record/derived.h"
#include "record/related.h"

namespace graftline::engine {
namespace {

using protocol::Expr;
using protocol::Op;
using protocol::Operand;
using record::Column;
using record::FactType;
using record::Newest;

constexpr int comparators = 5;
using Int = std::int64_t;
__extension__ using Wide = __int128;  // g++ and clang; products of two 64-bit numbers
constexpr Int largest = std::numeric_limits<Int>::max();
constexpr Int smallest = std::numeric_limits<Int>::min();

// The sign of an integer against a limit that lies on it, or between it and the next: below `from` it is
// less, above `to` it is more.
struct Border {
  Int from = 0;
  Int to = 0;
  int sign(Int value) const { return static_cast<int>(value > to) - static_cast<int>(value < from); }
};

Int clamped(const boost::multiprecision::cpp_int& value) {
  if (value > largest) return largest;
  if (value < smallest) return smallest;
  return value.convert_to<Int>();
}

Border border_at(const Rational& limit) {
  using Whole = boost::multiprecision::cpp_int;
  const Whole top = numerator(limit);
  const Whole bottom = denominator(limit);  // positive
  Whole floor = top / bottom;
  if (floor * bottom > top) floor -= 1;
  const Whole ceiling = floor * bottom == top ? floor : Whole(floor + 1);
  return {clamped(ceiling), clamped(floor)};
}

// What an operator says of a value that is `sign` of its limit (-1, 0, 1), by the value's comparator: taken
// from the operator's own row, with 0 in place of the limit.
class SignTable {
 public:
  explicit SignTable(Op op) {
    const auto unit = parse_unit("1");
    for (int comparator = 0; comparator < comparators; ++comparator) {
      for (int sign = -1; sign <= 1; ++sign) {
        const Quantity quantity{decimal(sign), static_cast<Comparator>(comparator), *unit, Kind::none,
                                Viability::unstated};
        const auto range = range_in(quantity, *unit, Kind::none, std::nullopt);
        at(comparator, sign) = said(comparing(op).one(*range, zero(), Reason::comparator).truth);
      }
    }
    for (int low = -1; low <= 1; ++low) {
      for (int high = low; high <= 1; ++high) {
        const Range range{Rational(low), Rational(high), false, false};
        between_[index(low) * 3 + index(high)] =
            said(comparing(op).one(range, zero(), Reason::imprecise_date).truth);
      }
    }
  }
  Said of(Comparator comparator, int sign) const {
    return plain_[static_cast<std::size_t>(comparator) * 3 + index(sign)];
  }
  Said of(int sign) const { return plain_[index(sign)]; }  // without a comparator
  std::int32_t code_of(int sign) const { return code(of(sign)); }
  // A value somewhere between two ends of these signs.
  Said between(int low, int high) const { return between_[index(low) * 3 + index(high)]; }

 private:
  static std::size_t index(int sign) { return sign < 0 ? 0 : sign > 0 ? 2 : 1; }
  static Range zero() { return Range::exactly(Rational(0)); }
  Said& at(int comparator, int sign) {
    return plain_[static_cast<std::size_t>(comparator) * 3 + index(sign)];
  }

  std::array<Said, std::size_t{3} * comparators> plain_{};
  std::array<Said, 9> between_{};
};

// Which entries of a row answer, and how their answers become one.
struct Picking {
  record::Pick pick = record::Pick::latest;
  enum class How : unsigned char { agreement, any, all } how = How::agreement;
  Said if_never = Said::unknown;  // nothing was ever recorded
  WindowPlan window;
  std::int32_t as_of = 0;
  std::int32_t known_on = 0;
  std::int32_t seen_until = 0;
};

record::Pick pick_of(protocol::Pick pick) {
  switch (pick) {
    case protocol::Pick::first:
      return record::Pick::first;
    case protocol::Pick::worst:
      return record::Pick::worst;
    case protocol::Pick::best:
      return record::Pick::best;
    case protocol::Pick::any:
      return record::Pick::any;
    default:
      return record::Pick::latest;
  }
}

Picking::How how_of(record::Pick pick, bool is_upward) {
  using enum Picking::How;
  switch (pick) {
    case record::Pick::any:
      return any;
    case record::Pick::worst:
      return is_upward ? any : all;
    case record::Pick::best:
      return is_upward ? all : any;
    default:
      return agreement;
  }
}

// The kernels of this file: a recorded fact, read as View::read does, judged entry by entry.
//   Judge::newest(row, chunk)      what the newest entry says, where it stands alone; also of up to 64 rows,
//   for
//                                  those marked: their codes, `look` for those to be asked one by one
//   Judge::quantifies              it knows what all entries of a patient say together (any_of, all_of)
//   Judge::item(item, index, ...)  what one entry says
//   Judge::is_for_one              an answer of several entries together is not for the kernel
template <class Judge> class ReadingKernel : public Kernel {
 public:
  ReadingKernel(const Expr& expr, record::FactId fact, Picking picking, Judge judge)
      : Kernel(expr),
        fact_(fact),
        picking_(picking),
        judge_(std::move(judge)),
        others_(record::facts_that_add(fact)) {}

  void bind(const record::Cohort& cohort) override {
    judge_.bind(cohort);
    occurring_ = with_entries(cohort, others_);
  }

  void answer(Chunk& chunk, Planes& out) const override {
    const Column& column = chunk.cohort().column(fact_);
    const auto row_says = [&](std::size_t i) { return one_row(chunk, column, i); };
    if (picking_.pick == record::Pick::latest) {
      each_block(
          chunk, out,
          [&](std::size_t begin, std::size_t n, std::int32_t* codes) {
            latest(chunk, column, begin, n, codes);
          },
          row_says);
    } else if (judge_.quantifies() && picking_.how != Picking::How::agreement) {
      each_block(
          chunk, out,
          [&](std::size_t begin, std::size_t n, std::int32_t* codes) {
            together(chunk, column, begin, n, codes);
          },
          row_says);
    } else {
      each_row(chunk, out, row_says);
    }
  }

 private:
  Said one_row(const Chunk& chunk, const Column& column, std::size_t i) const {
    if (picking_.pick != record::Pick::latest || !occurring_.empty()) return slow(chunk, column, i);
    const RowDays days = picking_.window.at(chunk, i);
    const std::size_t row = chunk.first() + i;
    const std::int32_t day = column.newest().day[row];
    const bool stands = !days.look && !days.is_unanchored && day > Newest::look &&
                        day <= std::min(days.last, picking_.seen_until);
    if (!stands) return slow(chunk, column, i);
    return day >= days.first ? judge_.newest(chunk, row) : Said::unknown;
  }

  // Rows whose newest entry stands alone, and rows without any.
  void latest(const Chunk& chunk, const Column& column, std::size_t begin, std::size_t n,
              std::int32_t* codes) const {
    const std::size_t row = chunk.first() + begin;
    const std::int32_t* newest = column.newest().day.data() + row;
    const std::int32_t seen_until = picking_.seen_until;
    const std::int32_t if_never = code(picking_.if_never);
    Block inside;  // -1: the entry lies in the window and says what the judge makes of it
    std::int32_t any = 0;
    picking_.window.each(
        chunk, begin, n,
        [&](std::size_t i, std::int32_t first, std::int32_t last, bool is_open, bool is_usable) {
          const std::int32_t day = newest[i];
          const bool stands = is_usable & (day > Newest::look) & (day <= std::min(last, seen_until));
          const std::int32_t never = is_open ? code(Said::unknown) : if_never;
          const std::int32_t otherwise = (is_usable & (day == Newest::none)) ? never : code(Said::look);
          codes[i] = stands ? code(Said::unknown) : otherwise;
          inside[i] = (stands & (day >= first)) ? -1 : 0;
          any |= inside[i];
        });
    if (any != 0) {
      Block judged;
      judge_.newest(chunk, row, n, inside.data(), judged.data());
      for (std::size_t i = 0; i < n; ++i) codes[i] = inside[i] != 0 ? judged[i] : codes[i];
    }
    look_where_any(chunk.cohort(), occurring_, row, n, codes);
  }

  // Rows of plain entries that all lie in the window, and rows without any.
  void together(const Chunk& chunk, const Column& column, std::size_t begin, std::size_t n,
                std::int32_t* codes) const {
    const std::size_t row = chunk.first() + begin;
    const std::int32_t* from = column.together().first_day.data() + row;
    const std::int32_t* to = column.together().last_day.data() + row;
    const std::uint32_t* said = column.together().said.data() + row;
    const bool is_any = picking_.how == Picking::How::any;
    const std::int32_t open_result = is_any ? code(Said::no) : code(Said::yes);
    const std::int32_t seen_until = picking_.seen_until;
    const std::int32_t if_never = code(picking_.if_never);
    picking_.window.each(
        chunk, begin, n,
        [&](std::size_t i, std::int32_t first, std::int32_t last, bool is_open, bool is_usable) {
          const bool lie_in = is_usable & (from[i] > Newest::look) & (from[i] >= first) &
                              (to[i] <= std::min(last, seen_until));
          const std::int32_t says = is_any ? judge_.any_of(said[i]) : judge_.all_of(said[i]);
          const std::int32_t so_far = (is_open & (says == open_result)) ? code(Said::unknown) : says;
          const std::int32_t never = is_open ? code(Said::unknown) : if_never;
          const std::int32_t otherwise = (is_usable & (from[i] == Newest::none)) ? never : code(Said::look);
          codes[i] = lie_in ? so_far : otherwise;
        });
    look_where_any(chunk.cohort(), occurring_, row, n, codes);
  }

  Said slow(const Chunk& chunk, const Column& column, std::size_t i) const {
    const auto row = static_cast<record::Row>(chunk.first() + i);
    const RowDays days = picking_.window.at(chunk, i);
    if (days.look) return Said::look;
    if (days.is_unanchored) return picking_.if_never;
    if (!occurring_.empty() && has_any(chunk.cohort(), occurring_, row)) return Said::look;
    const auto items = column.items(row);
    bool is_any_before = false;
    std::size_t inside = 0;
    for (const Column::Item& item : items) {
      if (!is_visible(item)) continue;
      if (item.standing != record::Standing::final) return Said::look;
      is_any_before = is_any_before || item.when.last.value < days.first;
      inside += in_window(item, days) != Truth::no ? 1 : 0;
    }
    if (inside == 0) return is_any_before || days.is_open ? Said::unknown : picking_.if_never;
    if (picking_.how == Picking::How::agreement) return agreed(chunk, column, row, days);
    return quantified(chunk, column, row, days);
  }

  bool is_visible(const Column::Item& item) const {
    return item.known_on.value <= picking_.known_on && item.when.first.value <= picking_.as_of;
  }
  static Truth in_window(const Column::Item& item, const RowDays& days) {
    return between(item.when, Day{days.first}, Day{days.last}).truth;
  }

  // The latest (first): those that may be it have to say the same.
  Said agreed(const Chunk& chunk, const Column& column, record::Row row, const RowDays& days) const {
    const bool is_latest = picking_.pick == record::Pick::latest;
    std::optional<std::int32_t> bound;
    for (const Column::Item& item : column.items(row)) {
      if (!is_visible(item) || in_window(item, days) != Truth::yes) continue;
      const std::int32_t day = is_latest ? item.when.first.value : item.when.last.value;
      bound = !bound ? day : (is_latest ? std::max(*bound, day) : std::min(*bound, day));
    }
    std::optional<Said> agreement;
    std::size_t count = 0;
    bool differ = !bound;  // perhaps none of them lies in the window
    std::uint32_t index = column.first(row);
    for (const Column::Item& item : column.items(row)) {
      const std::uint32_t at = index++;
      if (!is_visible(item) || in_window(item, days) == Truth::no) continue;
      const bool is_beaten =
          bound && (is_latest ? item.when.last.value < *bound : item.when.first.value > *bound);
      if (is_beaten) continue;
      if (++count > 1 && Judge::is_for_one) return Said::look;
      const Said here = judge_.item(chunk, row, item, at);
      if (here == Said::look) return here;
      differ = differ || (agreement && *agreement != here);
      agreement = here;
    }
    return differ ? Said::unknown : agreement.value_or(Said::unknown);
  }

  Said quantified(const Chunk& chunk, const Column& column, record::Row row, const RowDays& days) const {
    const bool is_any = picking_.how == Picking::How::any;
    Truth result = truth(!is_any);
    std::uint32_t index = column.first(row);
    for (const Column::Item& item : column.items(row)) {
      const std::uint32_t at = index++;
      if (!is_visible(item)) continue;
      const Truth inside = in_window(item, days);
      if (inside == Truth::no) continue;
      const Said here = judge_.item(chunk, row, item, at);
      if (here == Said::look) return here;
      const auto says = static_cast<Truth>(here);
      result = is_any ? result | (says & inside) : result & (says | !inside);
    }
    return days.is_open && result == truth(!is_any) ? Said::unknown : said(result);
  }

  record::FactId fact_;
  Picking picking_;
  Judge judge_;
  std::vector<record::FactId> others_;
  std::vector<record::FactId> occurring_;  // those of them that the cohort has entries of
};

MolarMass molar_mass_of(const record::Fact& row) {
  if (row.molar_mass.empty()) return std::nullopt;
  const auto mass = parse_decimal(row.molar_mass);
  ensure(static_cast<bool>(mass), "the catalogue's molar masses are decimals");
  return *mass;
}

std::size_t first_marked(const std::int32_t* marks, std::size_t n) {
  std::size_t i = 0;
  while (i + 1 < n && marks[i] == 0) ++i;
  return i;
}

// How many units of the comparison one step of a scale is.
struct Step {
  enum class Kind : unsigned char { usable, not_convertible, look } kind = Kind::usable;
  Rational size = 1;
};
Step step_of(const record::Scale& scale, const Unit& unit, const record::Fact& row) {
  if (scale.unit.is_special || unit.is_special) return {Step::Kind::look, 1};
  const Quantity one{{1, scale.exponent}, Comparator::none, scale.unit, scale.kind, scale.viability};
  const auto range = range_in(one, unit, row.kind, molar_mass_of(row));
  if (!range) return {Step::Kind::not_convertible, 1};
  return {*range->low > 0 ? Step::Kind::usable : Step::Kind::look, *range->low};
}

// A number held against a limit that is the same for everybody.
class FixedLimit {
 public:
  static constexpr bool is_for_one = false;
  FixedLimit(Op op, record::FactId fact, Unit unit, std::optional<Rational> limit)
      : table_(op), fact_(fact), unit_(std::move(unit)), limit_(std::move(limit)) {}

  void bind(const record::Cohort& cohort) {
    const Column& column = cohort.column(fact_);
    newest_ = &column.newest();
    borders_.clear();
    for (const record::Scale& scale : column.scales()) borders_.push_back(border(scale));
  }
  Said newest(const Chunk&, std::size_t row) const {
    const Bound& bound = borders_[newest_->scale[row]];
    return bound.is_usable ? table_.of(bound.border.sign(newest_->value[row])) : bound.otherwise;
  }
  void newest(const Chunk&, std::size_t row, std::size_t n, const std::int32_t* inside,
              std::int32_t* codes) const {
    // Rows of one scale are the rule; those of another are asked one by one.
    const record::ScaleId* scales = newest_->scale.data() + row;
    const std::int32_t* values = newest_->value.data() + row;
    const std::size_t one = first_marked(inside, n);
    const record::ScaleId scale = scales[one];
    const Bound& bound = borders_[scale];
    constexpr Int most = std::numeric_limits<std::int32_t>::max() - 1;
    const bool is_small = bound.border.from <= most && bound.border.from >= -most &&
                          bound.border.to <= most && bound.border.to >= -most;
    const bool is_usable = bound.is_usable && is_small;
    const std::int32_t if_not = bound.is_usable ? code(Said::look) : code(bound.otherwise);
    const std::int32_t less = is_usable ? table_.code_of(-1) : if_not;
    const std::int32_t equal = is_usable ? table_.code_of(0) : if_not;
    const std::int32_t more = is_usable ? table_.code_of(1) : if_not;
    const auto from = static_cast<std::int32_t>(is_small ? bound.border.from : 0);
    const auto to = static_cast<std::int32_t>(is_small ? bound.border.to : 0);
    for (std::size_t i = 0; i < n; ++i) {
      const std::int32_t not_less = values[i] > to ? more : equal;
      const std::int32_t says = values[i] < from ? less : not_less;
      codes[i] = scales[i] == scale ? says : code(Said::look);
    }
  }
  static constexpr bool quantifies() { return false; }
  static std::int32_t any_of(std::uint32_t) { return code(Said::look); }
  static std::int32_t all_of(std::uint32_t) { return code(Said::look); }
  Said item(const Chunk&, record::Row, const Column::Item& item, std::uint32_t) const {
    if (!item.unusable.empty() || item.form == Column::Form::nothing) return Said::unknown;
    if (item.form != Column::Form::number) return Said::look;
    const Bound& bound = borders_[item.scale];
    return bound.is_usable ? table_.of(item.comparator, bound.border.sign(item.value)) : bound.otherwise;
  }

 private:
  struct Bound {
    Border border;
    bool is_usable = true;
    Said otherwise = Said::unknown;
  };
  Bound border(const record::Scale& scale) const {
    if (!limit_) return {{}, false, Said::unknown};
    const Step step = step_of(scale, unit_, record::fact(fact_));
    if (step.kind == Step::Kind::usable)
      return {border_at(Rational(*limit_ / step.size)), true, Said::unknown};
    return {{}, false, step.kind == Step::Kind::look ? Said::look : Said::unknown};
  }

  SignTable table_;
  record::FactId fact_;
  Unit unit_;
  std::optional<Rational> limit_;  // in `unit_`; absent: not known
  const Newest* newest_ = nullptr;
  std::vector<Bound> borders_;
};

// A number held against a multiple of the upper limit reported with it.
class UpperLimit {
 public:
  static constexpr bool is_for_one = true;  // of several that agree, one may lend the other its limit
  UpperLimit(Op op, record::FactId fact, Unit unit, Rational factor, std::optional<Rational> site)
      : table_(op),
        fact_(fact),
        unit_(unit),
        factor_(std::move(factor)),
        without_(op, fact, std::move(unit), site ? std::optional<Rational>(*site * factor_) : std::nullopt) {}

  void bind(const record::Cohort& cohort) {
    without_.bind(cohort);
    const Column& column = cohort.column(fact_);
    column_ = &column;
    newest_ = &column.newest();
    const auto scales = column.scales();
    n_scales_ = scales.size();
    pairs_.assign(n_scales_ * n_scales_, {});
    for (std::size_t i = 0; i < n_scales_; ++i) {
      const Step value = step_of(scales[i], unit_, record::fact(fact_));
      for (std::size_t j = 0; j < n_scales_; ++j) {
        pairs_[i * n_scales_ + j] = weigh(value, step_of(scales[j], unit_, record::fact(fact_)));
      }
    }
  }
  Said newest(const Chunk& chunk, std::size_t row) const {
    const std::int32_t limit = newest_->limit[row];
    if (limit == Newest::none) return without_.newest(chunk, row);
    const Pair& pair = pairs_[newest_->scale[row] * n_scales_ + newest_->limit_scale[row]];
    if (!pair.is_small) return wide(pair, newest_->value[row], limit, Comparator::none);
    const Int left = newest_->value[row] * pair.of_value;
    const Int right = limit * pair.of_limit;
    return table_.of(static_cast<int>(left > right) - static_cast<int>(left < right));
  }
  void newest(const Chunk&, std::size_t row, std::size_t n, const std::int32_t* inside,
              std::int32_t* codes) const {
    const std::size_t one = row + first_marked(inside, n);
    const record::ScaleId scale = newest_->scale[one];
    const record::ScaleId limit_scale = newest_->limit_scale[one];
    const Pair& pair = pairs_[scale * n_scales_ + limit_scale];
    // Products of two numbers below this one fit 32 bits; a double holds those of a 32-bit and a 21-bit
    // number.
    constexpr std::int32_t small_enough = 1 << 15;
    constexpr Int exact = Int{1} << 21;
    if (!pair.is_small || pair.of_value >= exact || pair.of_limit >= exact) {
      std::fill_n(codes, n, code(Said::look));
      return;
    }
    const auto of_value = static_cast<double>(pair.of_value);
    const auto of_limit = static_cast<double>(pair.of_limit);
    const std::int32_t* values = newest_->value.data() + row;
    const std::int32_t* limits = newest_->limit.data() + row;
    const record::ScaleId* scales = newest_->scale.data() + row;
    const record::ScaleId* limit_scales = newest_->limit_scale.data() + row;
    const std::int32_t less = table_.code_of(-1);
    const std::int32_t equal = table_.code_of(0);
    const std::int32_t more = table_.code_of(1);
    auto all = static_cast<std::int32_t>(pair.of_value | pair.of_limit);
    for (std::size_t i = 0; i < n; ++i) all |= (values[i] | limits[i]) & inside[i];
    Block differences;
    if (all >= 0 && all < small_enough) {
      const auto by_value = static_cast<std::int32_t>(pair.of_value);
      const auto by_limit = static_cast<std::int32_t>(pair.of_limit);
      for (std::size_t i = 0; i < n; ++i) {
        const std::int32_t value = values[i] & inside[i];
        const std::int32_t limit = limits[i] & inside[i];
        differences[i] = value * by_value - limit * by_limit;
      }
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        const double difference = values[i] * of_value - limits[i] * of_limit;
        differences[i] =
            static_cast<std::int32_t>(difference > 0) - static_cast<std::int32_t>(difference < 0);
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::int32_t not_less = differences[i] > 0 ? more : equal;
      const std::int32_t says = differences[i] < 0 ? less : not_less;
      const bool is_alike =
          (scales[i] == scale) & (limit_scales[i] == limit_scale) & (limits[i] != Newest::none);
      codes[i] = is_alike ? says : code(Said::look);
    }
  }
  static constexpr bool quantifies() { return false; }
  static std::int32_t any_of(std::uint32_t) { return code(Said::look); }
  static std::int32_t all_of(std::uint32_t) { return code(Said::look); }
  Said item(const Chunk& chunk, record::Row row, const Column::Item& item, std::uint32_t index) const {
    if (!item.unusable.empty() || item.form == Column::Form::nothing) return Said::unknown;
    if (item.form != Column::Form::number) return Said::look;
    if (!item.has_limit) return without_.item(chunk, row, item, index);
    const Column::Limit& limit = column_->limit(index);
    if (limit.comparator != Comparator::none) return Said::look;
    return wide(pairs_[item.scale * n_scales_ + limit.scale], item.value, limit.value, item.comparator);
  }

 private:
  // value x of_value compares with limit x of_limit.
  struct Pair {
    Int of_value = 0;
    Int of_limit = 0;
    bool is_small = false;       // products of 32-bit numbers fit 64 bits
    Said otherwise = Said::yes;  // yes: the pair is usable
  };
  Pair weigh(const Step& value, const Step& limit) const {
    for (const Step* step : {&value, &limit}) {
      if (step->kind == Step::Kind::look) return {0, 0, false, Said::look};
    }
    if (value.kind != Step::Kind::usable || limit.kind != Step::Kind::usable)
      return {0, 0, false, Said::unknown};
    const Rational ratio = value.size / (factor_ * limit.size);
    const boost::multiprecision::cpp_int top = numerator(ratio);
    const boost::multiprecision::cpp_int bottom = denominator(ratio);
    if (top > largest || bottom > largest) return {0, 0, false, Said::look};
    constexpr Int small = Int{1} << 31;
    return {top.convert_to<Int>(), bottom.convert_to<Int>(), top < small && bottom < small, Said::yes};
  }
  Said wide(const Pair& pair, Int value, Int limit, Comparator comparator) const {
    if (pair.otherwise != Said::yes) return pair.otherwise;
    const Wide left = static_cast<Wide>(value) * pair.of_value;
    const Wide right = static_cast<Wide>(limit) * pair.of_limit;
    return table_.of(comparator, static_cast<int>(left > right) - static_cast<int>(left < right));
  }

  SignTable table_;
  record::FactId fact_;
  Unit unit_;
  Rational factor_;
  FixedLimit without_;  // reported without a range: the site's limit, if it declares one
  const Column* column_ = nullptr;
  const Newest* newest_ = nullptr;
  std::size_t n_scales_ = 0;
  std::vector<Pair> pairs_;
};

// A level: what the explaining evaluator says of each level, and of each span of levels, is looked up.
class Levels {
 public:
  static constexpr bool is_for_one = false;
  template <class Ask> Levels(record::FactId fact, const Ask& ask) : fact_(fact) {
    n_ = static_cast<int>(record::levels_of(record::fact(fact)).size());
    for (int low = 0; low < n_; ++low) {
      for (int high = 0; high < n_; ++high) {
        says_.push_back(high < low ? Said::look : said(ask(record::Level{low, high})));
      }
    }
    for (int level = 0; level < static_cast<int>(n_sets); ++level) {
      const Said says = of(level, level);
      by_level_[static_cast<std::size_t>(level)] = code(says);
      sets_[static_cast<std::size_t>(says)] |= std::uint32_t{1} << static_cast<unsigned>(level);
    }
  }
  void bind(const record::Cohort& cohort) { newest_ = &cohort.column(fact_).newest(); }
  Said newest(const Chunk&, std::size_t row) const {
    const std::int32_t level = newest_->value[row];
    return of(level, level);
  }
  void newest(const Chunk&, std::size_t row, std::size_t n, const std::int32_t*, std::int32_t* codes) const {
    const std::int32_t* levels = newest_->value.data() + row;
    for (std::size_t i = 0; i < n; ++i) {
      const auto level = static_cast<std::uint32_t>(levels[i]);
      const std::int32_t says = by_level_[level % n_sets];
      codes[i] = level < n_sets ? says : code(Said::look);
    }
  }
  static constexpr bool quantifies() { return true; }
  // Of a set of levels: whether any of them, or all, make the condition true.
  std::int32_t any_of(std::uint32_t levels) const { return together(levels, Said::yes, Said::no); }
  std::int32_t all_of(std::uint32_t levels) const { return together(levels, Said::no, Said::yes); }
  Said item(const Chunk&, record::Row, const Column::Item& item, std::uint32_t) const {
    if (!item.unusable.empty() || item.form == Column::Form::nothing) return Said::unknown;
    return item.form == Column::Form::level ? of(item.value, item.high) : Said::look;
  }

 private:
  Said of(Int low, Int high) const {
    const bool exists = low >= 0 && high < n_ && low < n_ && high >= 0;
    return exists ? says_[static_cast<std::size_t>(low * n_ + high)] : Said::look;
  }
  // One level that says `decides` decides; else one that is unknown; else all of them say the other.
  std::int32_t together(std::uint32_t levels, Said decides, Said other) const {
    const auto any = [&](Said said) { return (levels & sets_[static_cast<std::size_t>(said)]) != 0; };
    std::int32_t says = any(Said::unknown) ? code(Said::unknown) : code(other);
    says = any(decides) ? code(decides) : says;
    return any(Said::look) ? code(Said::look) : says;
  }
  static constexpr std::uint32_t n_sets = 32;  // levels that a set of bits holds

  record::FactId fact_;
  int n_ = 0;
  std::vector<Said> says_;
  std::array<std::int32_t, n_sets> by_level_{};
  std::array<std::uint32_t, 4> sets_{};  // by Said: the levels, a bit each
  const Newest* newest_ = nullptr;
};

// Whether the latest entry has a value that can be used.
class KnownKernel : public Kernel {
 public:
  KnownKernel(const Expr& expr, const BatchQuestion& question, record::FactId fact, const WindowPlan& window)
      : Kernel(expr),
        fact_(fact),
        window_(window),
        seen_until_(question.seen_until()),
        others_(record::facts_that_add(fact)) {}
  void answer(Chunk& chunk, Planes& out) const override {
    const Column& column = chunk.cohort().column(fact_);
    each_row(chunk, out, [&](std::size_t i) {
      const auto row = static_cast<record::Row>(chunk.first() + i);
      const RowDays days = window_.at(chunk, i);
      const std::int32_t day = column.newest().day[row];
      if (days.look || has_any(chunk.cohort(), others_, row)) return Said::look;
      if (days.is_unanchored || day == Newest::none) return Said::no;
      if (day <= Newest::look || day > std::min(days.last, seen_until_)) return Said::look;
      return day >= days.first ? Said::yes : Said::no;
    });
  }

 private:
  record::FactId fact_;
  WindowPlan window_;
  std::int32_t seen_until_;
  std::vector<record::FactId> others_;
};

// Age in completed years on the day asked about, from one date of birth.
struct Years {
  int low = 0;
  int high = 0;
};
// The least number of days since birth at which each age is completed, up to `oldest` and one more.
std::vector<std::int32_t> days_by_age(Day today, int oldest) {
  std::vector<std::int32_t> days{0};
  for (int age = 0; age <= oldest; ++age) {
    std::int32_t next = today - add_months(today, -12 * (age + 1));
    while (completed_years(today - next, today) <= age) ++next;
    while (next > days.back() && completed_years(today - (next - 1), today) > age) --next;
    days.push_back(next);
  }
  return days;
}

class Births {
 public:
  explicit Births(const BatchQuestion& question)
      : as_of_(question.as_of),
        known_on_(question.known_on),
        seen_until_(question.seen_until()),
        birth_(record::fact_id("birth")),
        age_(record::fact_id("age")) {}

  enum class Found : unsigned char { years, nothing, look };
  // The days of birth, both ends; `look` for what a kernel leaves alone.
  Found find(const record::Cohort& cohort, record::Row row, PartialDate& days) const {
    const Column& births = cohort.column(birth_);
    const std::int32_t day = births.newest().day[row];
    if (day > Newest::look && day <= seen_until_ && births.newest().value[row] == 1 &&
        births.first(row + 1) - births.first(row) == 1) {
      days = exactly(Day{day});
      return Found::years;
    }
    std::size_t count = 0;
    for (const Column::Item& item : births.items(row)) {
      if (item.known_on > known_on_ || item.when.first > as_of_) continue;
      const bool is_plain = item.unusable.empty() && item.standing == record::Standing::final &&
                            item.form == Column::Form::yes_no && item.value != 0;
      if (!is_plain || ++count > 1) return Found::look;
      days = item.when;
    }
    if (count == 1) return Found::years;
    return cohort.column(age_).has(row) ? Found::look : Found::nothing;
  }
  // Days since birth, of rows with one plain date of birth; the others: -1.
  void plain_days(const record::Cohort& cohort, std::size_t row, std::size_t n, std::int32_t* back) const {
    const Column& births = cohort.column(birth_);
    const std::int32_t* days = births.newest().day.data() + row;
    const std::int32_t* values = births.newest().value.data() + row;
    const std::uint32_t* offsets = births.offsets().data() + row;
    const std::int32_t as_of = as_of_.value;
    const std::int32_t seen_until = seen_until_;
    for (std::size_t i = 0; i < n; ++i) {
      const bool is_plain = (days[i] > Newest::look) & (days[i] <= seen_until) & (values[i] == 1) &
                            (offsets[i + 1] - offsets[i] == 1);
      back[i] = is_plain ? as_of - (is_plain ? days[i] : 0) : -1;
    }
  }
  Years years(const PartialDate& days) const {
    const Day last = std::min(days.last, as_of_);
    return {completed_years(last, as_of_), completed_years(days.first, as_of_)};
  }
  Day as_of() const { return as_of_; }
  std::int32_t seen_until() const { return seen_until_; }

 private:
  Day as_of_;
  Day known_on_;
  std::int32_t seen_until_;
  record::FactId birth_;
  record::FactId age_;
};

class AgeKernel : public Kernel {
 public:
  AgeKernel(const Expr& expr, const BatchQuestion& question, Op op, const Rational& limit)
      : Kernel(expr), births_(question), table_(op), limit_(border_at(limit)) {
    const auto days = days_by_age(question.as_of, oldest);
    for (int age = 0; age <= oldest; ++age) {
      const auto at = static_cast<std::size_t>(age);
      says_.insert(says_.end(), static_cast<std::size_t>(days[at + 1] - days[at]),
                   table_.of(limit_.sign(age)));
    }
    // With age the answer changes twice at most: below a limit, at it, above it.
    for (std::size_t day = 1; day < says_.size(); ++day) {
      if (says_[day] != says_[day - 1]) turns_.push_back({static_cast<std::int32_t>(day), says_[day]});
    }
    ensure(turns_.size() <= 2, "an answer turns at a limit and after it");
    while (turns_.size() < 2) {
      turns_.push_back({static_cast<std::int32_t>(says_.size()), says_.back()});
    }
  }
  void answer(Chunk& chunk, Planes& out) const override {
    const auto block_says = [&](std::size_t begin, std::size_t n, std::int32_t* codes) {
      Block back;
      births_.plain_days(chunk.cohort(), chunk.first() + begin, n, back.data());
      const auto known = static_cast<std::int32_t>(says_.size());
      const std::int32_t young = code(says_.front());
      const std::int32_t then = code(turns_[0].says);
      const std::int32_t last = code(turns_[1].says);
      const std::int32_t first_turn = turns_[0].day;
      const std::int32_t second_turn = turns_[1].day;
      for (std::size_t i = 0; i < n; ++i) {
        const std::int32_t late = back[i] < second_turn ? then : last;
        const std::int32_t says = back[i] < first_turn ? young : late;
        codes[i] = ((back[i] >= 0) & (back[i] < known)) ? says : code(Said::look);
      }
    };
    each_block(chunk, out, block_says, [&](std::size_t i) {
      PartialDate days;
      switch (births_.find(chunk.cohort(), static_cast<record::Row>(chunk.first() + i), days)) {
        case Births::Found::look:
          return Said::look;
        case Births::Found::nothing:
          return Said::unknown;
        case Births::Found::years:
          break;
      }
      const std::int32_t back = births_.as_of() - days.first;
      const auto known = static_cast<std::int32_t>(says_.size());
      if (days.first == days.last && back < known) return says_[static_cast<std::size_t>(back)];
      const Years years = births_.years(days);
      return table_.between(limit_.sign(years.low), limit_.sign(years.high));
    });
  }

 private:
  static constexpr int oldest = 120;

  Births births_;
  SignTable table_;
  Border limit_;
  std::vector<Said> says_;  // by days since birth
  struct Turn {
    std::int32_t day = 0;
    Said says = Said::unknown;
  };
  std::vector<Turn> turns_;
};

// eGFR from creatinine, age and sex: for each sex and age, the creatinine at which the answer turns. The
// turning points are found by asking the explaining evaluator about made-up patients, so the equation stands
// in one place.
class Egfr {
 public:
  static constexpr bool is_for_one = false;
  Egfr(const Expr& expr, const BatchQuestion& question, Op op)
      : expr_(&expr),
        question_(&question),
        births_(question),
        sex_(record::fact_id("sex")),
        creatinine_(record::fact_id("creatinine")),
        is_upward_(comparing(op).is_upward) {
    const auto words = record::levels_of(record::fact(sex_));
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "female" || words[i] == "male") sexes_.push_back(static_cast<int>(i));
    }
    ensure(sexes_.size() == 2, "the catalogue knows two sexes that the equations tell apart");
    const auto days = days_by_age(question.as_of, oldest);
    for (int age = 0; age <= oldest; ++age) {
      const auto at = static_cast<std::size_t>(age);
      years_.insert(years_.end(), static_cast<std::size_t>(days[at + 1] - days[at]),
                    static_cast<unsigned char>(age));
    }
  }

  void bind(const record::Cohort& cohort) {
    newest_ = &cohort.column(creatinine_).newest();
    const auto scales = cohort.column(creatinine_).scales();
    tables_.clear();
    for (const record::Scale& scale : scales) tables_.push_back(&table_for(scale));
  }
  Said newest(const Chunk& chunk, std::size_t row) const {
    return of(chunk, static_cast<record::Row>(row), newest_->value[row], newest_->scale[row]);
  }
  void newest(const Chunk& chunk, std::size_t row, std::size_t n, const std::int32_t* inside,
              std::int32_t* codes) const {
    const record::ScaleId* scales = newest_->scale.data() + row;
    const std::int32_t* values = newest_->value.data() + row;
    const record::ScaleId scale = scales[first_marked(inside, n)];
    const Table& table = *tables_[scale];
    const Column& sex = chunk.cohort().column(sex_);
    const std::int32_t* sex_days = sex.newest().day.data() + row;
    const std::int32_t* sexes = sex.newest().value.data() + row;
    const std::int32_t seen_until = births_.seen_until();
    Block back;
    births_.plain_days(chunk.cohort(), row, n, back.data());
    // What can be done on several rows at once stands apart from the two look-ups, which cannot.
    const auto n_years = static_cast<std::int32_t>(years_.size());
    constexpr auto largest_value = static_cast<std::int32_t>(most);
    const int first_sex = sexes_[0];
    const int second_sex = sexes_[1];
    Block plain;   // -1: a row for this kernel
    Block places;  // of the age, then of the turn
    for (std::size_t i = 0; i < n; ++i) {
      const bool has_age = (back[i] >= 0) & (back[i] < n_years);
      const bool has_sex = (sex_days[i] > Newest::look) & (sex_days[i] <= seen_until) &
                           ((sexes[i] == first_sex) | (sexes[i] == second_sex));
      const bool has_value = (values[i] > 0) & (values[i] <= largest_value) & (scales[i] == scale);
      plain[i] = (has_age & has_sex & has_value) ? -1 : 0;
      places[i] = back[i] & plain[i];
    }
    const unsigned char* years = years_.data();
    for (std::size_t i = 0; i < n; ++i) places[i] = years[places[i]];
    Block adult;
    for (std::size_t i = 0; i < n; ++i) {
      adult[i] = places[i] >= youngest ? -1 : 0;
      const std::int32_t of_sex = sexes[i] == first_sex ? 0 : ages;
      places[i] = (of_sex + places[i] - youngest) & plain[i] & adult[i];
    }
    Block lows;
    Block highs;
    for (std::size_t i = 0; i < n; ++i) {
      const auto place = static_cast<std::size_t>(places[i]);
      const Turn turn = unpacked(table.turns[place].load(std::memory_order_relaxed));
      lows[i] = turn.low;
      highs[i] = turn.high;
    }
    const std::int32_t up = is_upward_ ? code(Said::yes) : code(Said::no);
    const std::int32_t down = is_upward_ ? code(Said::no) : code(Said::yes);
    for (std::size_t i = 0; i < n; ++i) {
      const std::int32_t below = values[i] >= highs[i] ? down : code(Said::unknown);
      const std::int32_t says = values[i] <= lows[i] ? up : below;
      const std::int32_t found = highs[i] == 0 ? code(Said::look) : says;
      const std::int32_t of_age = adult[i] != 0 ? found : code(Said::unknown);
      codes[i] = plain[i] != 0 ? of_age : code(Said::look);
    }
  }
  static constexpr bool quantifies() { return false; }
  static std::int32_t any_of(std::uint32_t) { return code(Said::look); }
  static std::int32_t all_of(std::uint32_t) { return code(Said::look); }
  Said item(const Chunk& chunk, record::Row row, const Column::Item& item, std::uint32_t) const {
    if (!item.unusable.empty() || item.form == Column::Form::nothing) return Said::unknown;
    const bool is_plain = item.form == Column::Form::number && item.comparator == Comparator::none;
    return is_plain ? of(chunk, row, item.value, item.scale) : Said::look;
  }

 private:
  static constexpr int youngest = 18;
  static constexpr int oldest = 110;
  static constexpr int ages = oldest - youngest + 1;
  static constexpr Int most = 1'000'000'000;  // a larger creatinine is left to the explaining evaluator

  // Up to `low` the filtration is certainly on the high side of the limit, from `high` on certainly on the
  // low side.
  struct Turn {
    std::int32_t low = 0;
    std::int32_t high = 0;  // at least 1
  };
  static std::size_t place_of(std::size_t sex, int age) {
    return sex * ages + static_cast<std::size_t>(age - youngest);
  }
  static std::uint64_t packed(const Turn& turn) {
    return static_cast<std::uint64_t>(turn.high) << 32U | static_cast<std::uint32_t>(turn.low);
  }
  static Turn unpacked(std::uint64_t word) {
    return {static_cast<std::int32_t>(word & 0xFFFFFFFFU), static_cast<std::int32_t>(word >> 32U)};
  }
  struct Table {
    explicit Table(record::Scale s) : scale(std::move(s)) {}
    record::Scale scale;
    std::mutex mutex;
    // Both numbers of a turn in one word, so that other threads see both or neither; 0: not found yet.
    std::array<std::atomic<std::uint64_t>, std::size_t{2} * ages> turns{};
    Int last_low = 100;  // of the last turn found
  };

  Table& table_for(const record::Scale& scale) {
    for (const auto& table : all_) {
      if (table->scale == scale) return *table;
    }
    all_.push_back(std::make_unique<Table>(scale));
    return *all_.back();
  }

  Said of(const Chunk& chunk, record::Row row, Int creatinine, record::ScaleId scale) const {
    if (creatinine <= 0 || creatinine > most) return Said::look;
    PartialDate born;
    const auto found = births_.find(chunk.cohort(), row, born);
    if (found != Births::Found::years) return found == Births::Found::nothing ? Said::unknown : Said::look;
    const Newest& sexes = chunk.cohort().column(sex_).newest();
    const std::int32_t day = sexes.day[row];
    const auto sex = std::find(sexes_.begin(), sexes_.end(), sexes.value[row]);
    if (day <= Newest::look || day > births_.seen_until() || sex == sexes_.end()) return Said::look;
    const Years years = births_.years(born);
    if (years.low < youngest) return Said::unknown;  // the equations are for adults
    if (years.high > oldest) return Said::look;
    const auto which = static_cast<std::size_t>(sex - sexes_.begin());
    const Said young = at(*tables_[scale], which, years.low, creatinine);
    if (years.low == years.high) return young;
    // Filtration falls with age: what holds at both ends holds between them.
    const Said old = at(*tables_[scale], which, years.high, creatinine);
    return young == old ? young : Said::unknown;
  }

  Said at(Table& table, std::size_t sex, int age, Int creatinine) const {
    Turn turn = unpacked(table.turns[place_of(sex, age)].load());
    if (turn.high == 0) turn = find(table, sex, age);
    if (creatinine <= turn.low) return is_upward_ ? Said::yes : Said::no;
    if (creatinine >= turn.high) return is_upward_ ? Said::no : Said::yes;
    return Said::unknown;
  }

  Turn find(Table& table, std::size_t sex, int age) const {
    const std::lock_guard lock(table.mutex);
    auto& slot = table.turns[place_of(sex, age)];
    if (const Turn turn = unpacked(slot.load()); turn.high != 0) return turn;
    const Truth high_side = truth(is_upward_);
    std::map<Int, Truth> asked;
    const auto ask = [&](Int creatinine) {
      const auto [at, is_new] = asked.try_emplace(creatinine);
      if (is_new) at->second = ask_about(table.scale, sexes_[sex], age, creatinine);
      return at->second;
    };
    Turn turn;
    const Int low = last_where([&](Int c) { return ask(c) == high_side; }, guess(table, sex, age));
    const Int high = last_where([&](Int c) { return ask(c) != !high_side; }, low) + 1;
    turn = {static_cast<std::int32_t>(low), static_cast<std::int32_t>(high)};
    table.last_low = low;
    slot.store(packed(turn));
    return turn;
  }

  // Where to begin to search. Only that: what is found does not depend on it. At the same filtration
  // creatinine falls by about half a percent a year of age.
  static Int guess(const Table& table, std::size_t sex, int age) {
    for (int years = 1; years <= oldest - youngest; ++years) {
      for (const int other : {age - years, age + years}) {
        if (other < youngest || other > oldest) continue;
        const Turn turn = unpacked(table.turns[place_of(sex, other)].load());
        if (turn.high != 0) return turn.low + Int{turn.low} * (other - age) / 195;
      }
    }
    return table.last_low;
  }

  // The last integer from 1 on for which a claim holds that holds up to some point; 0: for none.
  template <class Holds> static Int last_where(const Holds& holds, Int guess) {
    Int low = 0;  // holds there, or is 0
    Int high = most + 1;
    guess = std::clamp<Int>(guess, 1, most);
    for (Int stride = 1; high - low > 1; stride *= 2) {
      if (guess <= low) guess = low + 1;
      if (guess >= high) guess = high - 1;
      if (holds(guess)) {
        low = guess;
        if (high > most || high - low > stride) {
          guess = high > most ? low + stride : std::min(low + stride, low + (high - low) / 2);
        } else {
          guess = low + (high - low) / 2;
        }
      } else {
        high = guess;
        guess = low == 0 ? high - stride : std::max(high - stride, low + (high - low) / 2);
      }
    }
    return low;
  }

  Truth ask_about(const record::Scale& scale, int sex, int age, Int creatinine) const {
    const Day today = births_.as_of();
    record::Timeline patient;
    const auto add = [&](record::FactId fact, Day day, record::Value value) {
      record::Entry entry;
      entry.fact = fact;
      entry.when = exactly(day);
      entry.known_on = day;
      entry.value = std::move(value);
      patient.add(std::move(entry));
    };
    const Day born = add_months(today, -12 * age) - 1;
    add(record::fact_id("birth"), born, true);
    add(sex_, born, record::Level{sex, sex});
    add(creatinine_, today,
        Quantity{{creatinine, scale.exponent}, Comparator::none, scale.unit, scale.kind, scale.viability});
    patient.arrange();
    const record::View view(patient, today);
    return Evaluator(question_->protocol, view, question_->settings).evaluate(*expr_).answer.truth;
  }

  const Expr* expr_;
  const BatchQuestion* question_;
  Births births_;
  record::FactId sex_;
  record::FactId creatinine_;
  bool is_upward_;
  std::vector<int> sexes_;            // levels
  std::vector<unsigned char> years_;  // by days since birth
  const Newest* newest_ = nullptr;
  std::vector<std::unique_ptr<Table>> all_;
  std::vector<Table*> tables_;  // by scale of the column
};

// Days since day 0 or today; the number of infusions.
class CountKernel : public Kernel {
 public:
  enum class Of : unsigned char { days, infusions };
  CountKernel(const Expr& expr, const BatchQuestion& question, Of of, std::int32_t offset, Op op,
              const std::optional<Rational>& limit)
      : Kernel(expr),
        as_of_(question.as_of),
        known_on_(question.known_on),
        of_(of),
        offset_(offset),
        table_(op),
        dli_(record::fact_id("dli")),
        is_known_(limit.has_value()),
        limit_(border_at(limit.value_or(Rational(0)))) {}

  void answer(Chunk& chunk, Planes& out) const override {
    each_row(chunk, out,
             [&](std::size_t i) { return of_ == Of::days ? days(chunk, i) : infusions(chunk, i); });
  }

 private:
  Said days(const Chunk& chunk, std::size_t i) const {
    const std::int32_t zero = chunk.day_zero(i);
    if (zero == Chunk::look) return Said::look;
    if (zero == Chunk::no_day || !is_known_) return Said::unknown;
    return table_.of(limit_.sign(as_of_.value - (zero + offset_)));
  }
  Said infusions(const Chunk& chunk, std::size_t i) const {
    const std::int32_t zero = chunk.day_zero(i);
    if (zero == Chunk::look) return Said::look;
    int certain = 0;
    int possible = 0;
    const auto row = static_cast<record::Row>(chunk.first() + i);
    for (const Column::Item& item : chunk.cohort().column(dli_).items(row)) {
      if (item.known_on > known_on_ || item.when.first > as_of_) continue;
      if (item.standing != record::Standing::final) return Said::look;
      const bool documented_none = item.form == Column::Form::yes_no && item.value == 0;
      if (documented_none || (zero != Chunk::no_day && item.when.last.value < zero)) continue;
      ++possible;
      certain += item.unusable.empty() ? 1 : 0;
    }
    if (!is_known_) return Said::unknown;
    return table_.between(limit_.sign(certain), limit_.sign(possible));
  }

  Day as_of_;
  Day known_on_;
  Of of_;
  std::int32_t offset_;
  SignTable table_;
  record::FactId dli_;
  bool is_known_;
  Border limit_;
};

// Building
// -------------------------------------------------------------------------------------------------------

Side side_of(const Operand& operand, const BatchQuestion& question, const Evaluator& evaluator) {
  Side side;
  if (operand.form == Operand::Form::fact) side.fact = question.protocol.find_fact(operand.name);
  if (operand.form == Operand::Form::parameter) {
    side.parameter = question.protocol.find_parameter(operand.name);
    side.parameter_value = evaluator.parameter(operand.name);
  }
  return side;
}

// A fixed limit that is one value; absent in `value` when it is not known. False: not for a kernel.
bool point_of(const std::optional<Range>& range, std::optional<Rational>& value) {
  if (!range) return true;
  if (!range->is_point()) return false;
  value = *range->low;
  return true;
}

bool is_positive(const std::optional<Decimal>& factor) { return !factor || factor->mantissa > 0; }
Rational factor_of(const std::optional<Decimal>& factor) {
  return factor ? to_rational(*factor) : Rational(1);
}

// What the comparison says of a reading made up for the question.
Truth judged(Comparison comparison, record::Reading reading) {
  comparison.subject.reading = std::move(reading);
  Node node;
  judge(comparison, node);
  return node.answer.truth;
}

record::Reading reading_of(record::Value value) {
  record::Reading reading;
  record::Member member;
  member.value = std::move(value);
  reading.members.push_back(std::move(member));
  return reading;
}

std::unique_ptr<Kernel> count_kernel(const Expr& leaf, const BatchQuestion& question,
                                     const Comparison& comparison) {
  const Operand& subject = comparison.subject_operand;
  if (subject.factor || (comparison.limit_operand.form != Operand::Form::literal &&
                         comparison.limit_operand.form != Operand::Form::parameter)) {
    return nullptr;
  }
  std::optional<Rational> limit;
  if (!point_of(fixed_limit(comparison), limit)) return nullptr;
  std::int32_t offset = 0;
  if (subject.form == Operand::Form::days_since) {
    if (subject.anchor.base != protocol::Anchor::Base::day_zero) return nullptr;
    if (subject.anchor.offset) {
      const protocol::TimeUnit unit = subject.anchor.offset->unit;
      if (unit == protocol::TimeUnit::calendar_months || unit == protocol::TimeUnit::hours) return nullptr;
      offset = subject.anchor.sign * in_days(*subject.anchor.offset);
    }
  }
  const auto of =
      subject.form == Operand::Form::days_since ? CountKernel::Of::days : CountKernel::Of::infusions;
  return std::make_unique<CountKernel>(leaf, question, of, offset, comparison.op, limit);
}

std::unique_ptr<Kernel> computed_kernel(const Expr& leaf, const BatchQuestion& question,
                                        const Comparison& comparison, const Picking& picking) {
  const record::Fact& row = record::fact(comparison.subject.fact->fact);
  const Operand& limit_operand = comparison.limit_operand;
  const bool is_fixed =
      limit_operand.form == Operand::Form::literal || limit_operand.form == Operand::Form::parameter;
  if (comparison.subject_operand.factor || !is_fixed) return nullptr;
  std::optional<Rational> limit;
  if (!point_of(fixed_limit(comparison), limit) || !limit) return nullptr;
  const bool is_own_unit = unit_of_comparison(row, limit_operand).code == row.unit;
  if (row.derivation == "age" && is_own_unit && !comparison.subject.fact->window.is_written() &&
      picking.pick == record::Pick::latest) {
    return std::make_unique<AgeKernel>(leaf, question, comparison.op, *limit);
  }
  const bool has_order = comparison.op != Op::equal && comparison.op != Op::not_equal;
  // Another equation than CKD-EPI reads more than age and sex.
  bool is_adult = true;
  for (const auto& argument : comparison.subject.fact->arguments) {
    const record::Timeline nobody;
    const record::View view(nobody, question.as_of, question.known_on);
    const auto value = argument.is_parameter
                           ? Evaluator(question.protocol, view, question.settings).parameter(argument.value)
                           : std::optional<std::string>(argument.value);
    is_adult = is_adult && (!value || value->empty() || *value == "ckd_epi_2009" || *value == "ckd_epi_2021");
  }
  if (row.derivation == "egfr" && has_order && is_adult && picking.pick == record::Pick::latest) {
    return std::make_unique<ReadingKernel<Egfr>>(leaf, record::fact_id("creatinine"), picking,
                                                 Egfr(leaf, question, comparison.op));
  }
  return nullptr;
}

std::unique_ptr<Kernel> number_kernel(const Expr& leaf, const BatchQuestion&, const Comparison& comparison,
                                      const Picking& picking) {
  const record::FactId fact = comparison.subject.fact->fact;
  const record::Fact& row = record::fact(fact);
  const Operand& limit_operand = comparison.limit_operand;
  if (!is_positive(comparison.subject_operand.factor) || !is_positive(limit_operand.factor)) return nullptr;
  const Rational subject_factor = factor_of(comparison.subject_operand.factor);
  const Unit unit = unit_of_comparison(row, limit_operand);
  if (limit_operand.form == Operand::Form::upper_limit) {
    std::optional<Rational> site;
    if (!point_of(site_limit(comparison), site)) return nullptr;
    const Rational factor = factor_of(limit_operand.factor) / subject_factor;
    return std::make_unique<ReadingKernel<UpperLimit>>(leaf, fact, picking,
                                                       UpperLimit(comparison.op, fact, unit, factor, site));
  }
  std::optional<Rational> limit;
  if (!point_of(fixed_limit(comparison), limit)) return nullptr;
  if (limit) *limit /= subject_factor;
  return std::make_unique<ReadingKernel<FixedLimit>>(leaf, fact, picking,
                                                     FixedLimit(comparison.op, fact, unit, limit));
}

}  // namespace

std::unique_ptr<Kernel> comparison_kernel(const Expr& leaf, const BatchQuestion& question) {
  const record::Timeline nobody;
  const record::View view(nobody, question.as_of, question.known_on);
  const Evaluator evaluator(question.protocol, view, question.settings);
  const Sides sides = sides_of(leaf);
  Comparison comparison{*sides.subject, sides.op, *sides.limit};
  comparison.subject = side_of(*sides.subject, question, evaluator);
  comparison.limit = side_of(*sides.limit, question, evaluator);
  if (sides.subject->form == Operand::Form::days_since || sides.subject->form == Operand::Form::infusions) {
    return count_kernel(leaf, question, comparison);
  }
  if (comparison.subject.fact == nullptr) return nullptr;
  const bool has_fixed_limit =
      sides.limit->form == Operand::Form::literal || sides.limit->form == Operand::Form::level ||
      sides.limit->form == Operand::Form::parameter || sides.limit->form == Operand::Form::upper_limit;
  if (!has_fixed_limit) return nullptr;
  const protocol::FactDeclaration& declared = *comparison.subject.fact;
  const record::Fact& row = record::fact(declared.fact);
  const auto site = question.settings.upper_limits.find(row.id);
  if (site != question.settings.upper_limits.end()) comparison.site_upper_limit = site->second;
  const auto window = WindowPlan::of(declared, question);
  if (!window) return nullptr;
  Picking picking;
  picking.pick = pick_of(declared.pick);
  picking.how = how_of(picking.pick, comparing(sides.op).is_upward);
  picking.window = *window;
  picking.as_of = question.as_of.value;
  picking.known_on = question.known_on.value;
  picking.seen_until = question.seen_until();
  const bool is_extreme = picking.pick == record::Pick::worst || picking.pick == record::Pick::best;
  if (is_extreme && (sides.op == Op::equal || sides.op == Op::not_equal)) return nullptr;
  record::Reading never;
  never.pick = picking.pick;
  never.reasons = Reason::never_measured;
  picking.if_never = said(judged(comparison, never));

  if (record::is_computed(row)) return computed_kernel(leaf, question, comparison, picking);
  if (row.type == FactType::quantity) return number_kernel(leaf, question, comparison, picking);
  if (row.type != FactType::ordinal && row.type != FactType::code) return nullptr;
  return std::make_unique<ReadingKernel<Levels>>(
      leaf, declared.fact, picking,
      Levels(declared.fact, [&](record::Level level) { return judged(comparison, reading_of(level)); }));
}

std::unique_ptr<Kernel> membership_kernel(const Expr& leaf, const BatchQuestion& question) {
  const protocol::FactDeclaration* declared = question.protocol.find_fact(leaf.name);
  if (declared == nullptr) return nullptr;
  const record::Fact& row = record::fact(declared->fact);
  const bool has_levels = row.type == FactType::ordinal || row.type == FactType::code;
  const auto window = WindowPlan::of(*declared, question);
  if (!has_levels || !window || record::is_computed(row)) return nullptr;
  Picking picking;
  picking.pick = pick_of(declared->pick);
  picking.how =
      how_of(picking.pick == record::Pick::worst || picking.pick == record::Pick::best ? record::Pick::any
                                                                                       : picking.pick,
             false);
  picking.window = *window;
  picking.as_of = question.as_of.value;
  picking.known_on = question.known_on.value;
  picking.seen_until = question.seen_until();
  return std::make_unique<ReadingKernel<Levels>>(leaf, declared->fact, picking,
                                                 Levels(declared->fact, [&](record::Level level) {
                                                   return in_set(reading_of(level), leaf.levels).truth;
                                                 }));
}

std::unique_ptr<Kernel> known_kernel(const Expr& leaf, const BatchQuestion& question) {
  const protocol::FactDeclaration* declared = question.protocol.find_fact(leaf.name);
  if (declared == nullptr || record::is_computed(record::fact(declared->fact))) return nullptr;
  const auto window = WindowPlan::of(*declared, question);
  if (!window || pick_of(declared->pick) != record::Pick::latest) return nullptr;
  return std::make_unique<KnownKernel>(leaf, question, declared->fact, *window);
}

}  // namespace graftline::engine
