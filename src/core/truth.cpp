#include "core/truth.h"

namespace graftline {
namespace {

struct ReasonRow {
  Reason reason;
  std::string_view name;
};

// In the order of the enumeration, which the assertion below holds.
constexpr std::array<ReasonRow, reason_count> reason_rows{{
    {Reason::never_measured, "never measured"},
    {Reason::too_old, "too old"},
    {Reason::no_unit, "no unit"},
    {Reason::not_convertible, "not convertible"},
    {Reason::unreadable, "unreadable"},
    {Reason::imprecise_date, "imprecise date"},
    {Reason::comparator, "comparator"},
    {Reason::conflicting, "conflicting"},
    {Reason::no_reference_range, "no reference range"},
    {Reason::window_open, "window still open"},
    {Reason::judgement_not_given, "judgement not given"},
    {Reason::status_unknown, "status unknown"},
    {Reason::parameter_not_set, "parameter not set"},
    {Reason::not_stated_by_source, "not stated by the source"},
    {Reason::not_applicable, "not applicable"},
}};

constexpr bool rows_follow_the_enumeration() {
  for (std::size_t i = 0; i < reason_rows.size(); ++i) {
    if (static_cast<std::size_t>(reason_rows[i].reason) != i) return false;
  }
  return true;
}
static_assert(rows_follow_the_enumeration());

}  // namespace

std::string_view name(Reason reason) { return reason_rows.at(static_cast<std::size_t>(reason)).name; }

bool reason_from_name(std::string_view text, Reason& reason) {
  for (const ReasonRow& row : reason_rows) {
    if (row.name != text) continue;
    reason = row.reason;
    return true;
  }
  return false;
}

}  // namespace graftline
