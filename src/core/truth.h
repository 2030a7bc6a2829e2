#pragma once
// Kleene's three-valued logic whose "unknown" says why it is unknown.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace graftline {

// With no < unknown < yes, AND is the smaller, OR the larger, NOT turns the order round.
enum class Truth : unsigned char { no, unknown, yes };

constexpr Truth operator&(Truth a, Truth b) { return std::min(a, b); }
constexpr Truth operator|(Truth a, Truth b) { return std::max(a, b); }
constexpr Truth operator!(Truth a) { return static_cast<Truth>(2 - static_cast<int>(a)); }
constexpr Truth truth(bool value) { return value ? Truth::yes : Truth::no; }
constexpr std::string_view name(Truth t) {
  constexpr std::array<std::string_view, 3> names{"no", "unknown", "yes"};
  return names[static_cast<std::size_t>(t)];
}

// Why an answer is unknown. A new reason is a new row in `reason_rows` (truth.cpp) and in docs/errors.md.
enum class Reason : unsigned char {
  never_measured,
  too_old,
  no_unit,
  not_convertible,
  unreadable,
  imprecise_date,
  comparator,
  conflicting,
  no_reference_range,
  window_open,
  judgement_not_given,
  status_unknown,
  parameter_not_set,
  not_stated_by_source,
  not_applicable,
};
inline constexpr int reason_count = 15;

std::string_view name(Reason reason);  // "never measured", "too old", ... as docs and users read it
bool reason_from_name(std::string_view text, Reason& reason);

// A set of reasons in one word.
class ReasonSet {
 public:
  constexpr ReasonSet() = default;
  constexpr ReasonSet(Reason reason)
      : bits_(static_cast<std::uint32_t>(1U << static_cast<unsigned>(reason))) {}
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(Reason reason) const { return (bits_ & ReasonSet(reason).bits_) != 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr ReasonSet operator|(ReasonSet a, ReasonSet b) { return from_bits(a.bits_ | b.bits_); }
  constexpr ReasonSet& operator|=(ReasonSet other) { return *this = *this | other; }
  friend constexpr bool operator==(ReasonSet, ReasonSet) = default;
  static constexpr ReasonSet from_bits(std::uint32_t bits) {
    ReasonSet set;
    set.bits_ = bits;
    return set;
  }

 private:
  std::uint32_t bits_ = 0;
};
constexpr ReasonSet operator|(Reason a, Reason b) { return ReasonSet(a) | ReasonSet(b); }

// A truth with the reasons for its "unknown"; yes and no carry none.
struct Answer {
  Truth truth = Truth::unknown;
  ReasonSet reasons;

  friend constexpr bool operator==(const Answer&, const Answer&) = default;
};
constexpr Answer answer(bool value) { return {truth(value), {}}; }
constexpr Answer unknown(ReasonSet why) { return {Truth::unknown, why}; }
constexpr Answer operator!(Answer a) { return {!a.truth, a.reasons}; }
// The reasons of an unknown AND / OR are those of its unknown members; a decided result has none.
constexpr Answer operator&(Answer a, Answer b) {
  const Truth t = a.truth & b.truth;
  return {t, t == Truth::unknown ? a.reasons | b.reasons : ReasonSet{}};
}
constexpr Answer operator|(Answer a, Answer b) {
  const Truth t = a.truth | b.truth;
  return {t, t == Truth::unknown ? a.reasons | b.reasons : ReasonSet{}};
}

}  // namespace graftline
