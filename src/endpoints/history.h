#pragma once
// What a timeline says after time 0, component by component: what endpoints are made of.
//
//   time 0        the transplant, the first donor lymphocyte infusion after it, or randomisation
//   happened      the first entry after time 0 that says so (on the day itself included)
//   absent        no such entry, and somebody looked: at least one entry after time 0 documents
//                 absence (remission, grade 0, "no relapse"); it then counts until the last contact,
//                 or until the last such entry when asked
//   unknown       never looked for; an entry that may mean it and cannot be used (status unknown, no
//                 grade); a date that leaves open on which side of time 0 it lies
//   at time 0     it already was so: such a patient is not at risk of it
//   last contact  the last day on which anything happened that only the living have recorded, up to
//                 the cut-off
//   source        docs/analysis.md, "From records to endpoints"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"
#include "record/timeline.h"

namespace graftline::endpoints {

enum class Component : unsigned char {
  death,
  relapse,
  acute_gvhd_2_to_4,
  acute_gvhd_3_to_4,
  chronic_gvhd,
  chronic_gvhd_moderate_severe,
  chronic_gvhd_severe,
  chronic_gvhd_systemic_treatment,
  aplasia,
  infection,
};
inline constexpr std::size_t component_count = 10;
std::string_view name(Component component);                       // "death", "acute GVHD II-IV", ...
std::optional<Component> component_named(std::string_view name);  // also by id: agvhd24, relapse, ...
std::string_view id(Component component);

enum class TimeZero : unsigned char { transplant, first_dli, randomisation };

struct Occurrence {
  Truth happened = Truth::unknown;
  std::optional<PartialDate> when;  // of the first, when it happened
  Day absent_until;                 // when it did not: followed without it until then
  std::optional<Day> unknown_from;  // unknown: from this day on it may have happened
  std::string reason;               // why unknown
  bool never_looked_for = false;    // unknown because no entry after time 0 says anything of it
  bool at_time_zero = false;
  record::Origin source;  // of what decided
  std::string fact;       // id of the fact that decided
};

struct History {
  std::string patient;
  std::string arm;  // allocated, as recorded; empty: none
  std::optional<Day> time_zero;
  std::string why_no_time_zero;
  record::Origin time_zero_source;
  std::optional<Day> first_dli;
  Day last_contact;
  std::array<Occurrence, component_count> components;

  const Occurrence& of(Component c) const { return components[static_cast<std::size_t>(c)]; }
  Occurrence& of(Component c) { return components[static_cast<std::size_t>(c)]; }
};

struct HistoryOptions {
  TimeZero time_zero = TimeZero::transplant;
  Day cut_off;
  std::optional<Day> known_on;  // cut_off unless said
  // Components whose absence from the record means that they did not happen, in this data source.
  std::vector<Component> absence_means_no;
  bool censor_at_last_assessment = false;
};

History history_of(const record::Timeline& timeline, const HistoryOptions& options);

}  // namespace graftline::endpoints
