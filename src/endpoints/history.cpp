#include "endpoints/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/facts.h"
#include "record/view.h"

namespace graftline::endpoints {
namespace {

using record::Entry;
using record::fact_id;
using record::FactId;
using record::View;

struct ComponentRow {
  std::string_view id, name;
};
constexpr std::array<ComponentRow, component_count> component_rows{
    ComponentRow{"death", "death"},
    ComponentRow{"relapse", "relapse"},
    ComponentRow{"agvhd24", "acute GVHD II-IV"},
    ComponentRow{"agvhd34", "acute GVHD III-IV"},
    ComponentRow{"cgvhd", "chronic GVHD"},
    ComponentRow{"cgvhdms", "moderate or severe chronic GVHD"},
    ComponentRow{"cgvhdsev", "severe chronic GVHD"},
    ComponentRow{"cgvhdist", "chronic GVHD with systemic treatment"},
    ComponentRow{"aplasia", "marrow aplasia"},
    ComponentRow{"infection", "severe infection"}};

// One thing the record says about a component on a day.
struct Saying {
  Truth says = Truth::unknown;
  PartialDate when;
  std::optional<PartialDate> until;  // of a course
  const Entry* entry = nullptr;
  std::string why;  // unknown
};

std::string reasons_text(ReasonSet reasons) {
  std::string text;
  for (int r = 0; r < reason_count; ++r)
    if (reasons.has(static_cast<Reason>(r)))
      text += (text.empty() ? "" : ", ") + std::string(graftline::name(static_cast<Reason>(r)));
  return text;
}

// Events, courses and statements: what each entry says.
void add_said(const View& view, std::string_view fact, bool means, std::vector<Saying>& sayings) {
  for (const Entry* entry : view.own_entries(fact_id(fact))) {
    if (entry->is_stop) continue;
    Saying saying{Truth::unknown, entry->when, entry->until, entry, ""};
    if (!entry->unusable.empty())
      saying.why = reasons_text(entry->unusable);
    else if (entry->standing == record::Standing::preliminary)
      saying.why = "preliminary";
    else if (const bool* said = std::get_if<bool>(&entry->value))
      saying.says = truth(*said == means);
    else
      continue;
    // That something else is not known to hold says nothing here.
    if (!means && saying.says != Truth::no) continue;
    sayings.push_back(std::move(saying));
  }
}

// An ordinal: yes at or above the level, no below it.
void add_graded(const View& view, std::string_view fact, int level, std::vector<Saying>& sayings) {
  const record::Reading reading = view.read(fact_id(fact), record::Pick::any, {});
  for (const record::Member& member : reading.members) {
    if (member.evidence.empty()) continue;
    Saying saying{Truth::unknown, member.evidence.front()->when, std::nullopt, member.evidence.front(), ""};
    if (const auto* graded = std::get_if<record::Level>(&member.value)) {
      if (graded->low >= level)
        saying.says = Truth::yes;
      else if (graded->high < level)
        saying.says = Truth::no;
      else
        saying.why = "grade recorded as a range";
    } else {
      saying.why = reasons_text(member.reasons);
    }
    sayings.push_back(std::move(saying));
  }
}

// A "no" about something wider is a no here; its "yes" says nothing.
void add_absence(const View& view, std::string_view fact, std::vector<Saying>& sayings) {
  for (const Entry* entry : view.own_entries(fact_id(fact)))
    if (const bool* said = std::get_if<bool>(&entry->value);
        said != nullptr && !*said && entry->unusable.empty() && !entry->is_stop)
      sayings.push_back({Truth::no, entry->when, entry->until, entry, ""});
}
// A "yes" that excludes the component: remission, when asked about relapse.
void add_exclusion(const View& view, std::string_view fact, std::vector<Saying>& sayings) {
  for (const Entry* entry : view.own_entries(fact_id(fact)))
    if (const bool* said = std::get_if<bool>(&entry->value);
        said != nullptr && *said && entry->unusable.empty() && !entry->is_stop)
      sayings.push_back({Truth::no, entry->when, entry->until, entry, ""});
}

// GVHD is known to be there, and nobody graded it: it may be of any grade.
void add_ungraded(const View& view, std::string_view course, const std::vector<std::string_view>& grades,
                  std::vector<Saying>& sayings) {
  for (const Entry* entry : view.own_entries(fact_id(course))) {
    const bool* said = std::get_if<bool>(&entry->value);
    if (said == nullptr || !*said || !entry->unusable.empty() || entry->is_stop) continue;
    const Day until = entry->until ? entry->until->last : view.as_of();
    bool graded = false;
    for (const std::string_view grade : grades)
      for (const Entry* other : view.own_entries(fact_id(grade)))
        graded = graded || (other->when.last >= entry->when.first && other->when.first <= until);
    if (!graded)
      sayings.push_back({Truth::unknown, entry->when, entry->until, entry, "GVHD recorded without a grade"});
  }
}

constexpr std::array<std::string_view, 3> acute_grades{"agvhd_grade", "agvhd_grade_glucksberg",
                                                       "agvhd_grade_keystone"};

void add_acute(const View& view, int level, std::vector<Saying>& sayings) {
  for (const std::string_view grade : acute_grades) add_graded(view, grade, level, sayings);
  add_ungraded(view, "active_agvhd", {acute_grades.begin(), acute_grades.end()}, sayings);
  add_absence(view, "active_agvhd", sayings);
  add_absence(view, "active_gvhd", sayings);
}
void add_chronic(const View& view, int level, std::vector<Saying>& sayings) {
  add_graded(view, "cgvhd_severity", level, sayings);
  if (level <= 1)
    add_said(view, "active_cgvhd", true, sayings);
  else
    add_ungraded(view, "active_cgvhd", {"cgvhd_severity"}, sayings);
  add_absence(view, "active_cgvhd", sayings);
  add_absence(view, "active_gvhd", sayings);
}

std::vector<Saying> sayings_about(const View& view, Component component) {
  std::vector<Saying> sayings;
  switch (component) {
    case Component::death:
      add_said(view, "death", true, sayings);
      break;
    case Component::relapse:
      for (const char* fact : {"relapse", "hematological_relapse", "extramedullary_relapse"})
        add_said(view, fact, true, sayings);
      for (const char* fact : {"relapse_any_level", "relapse_or_progression", "death_or_relapse"})
        add_absence(view, fact, sayings);
      add_exclusion(view, "remission", sayings);
      break;
    case Component::acute_gvhd_2_to_4:
      add_acute(view, 2, sayings);
      break;
    case Component::acute_gvhd_3_to_4:
      add_acute(view, 3, sayings);
      break;
    case Component::chronic_gvhd:
      add_chronic(view, 1, sayings);
      break;
    case Component::chronic_gvhd_moderate_severe:
      add_chronic(view, 2, sayings);
      break;
    case Component::chronic_gvhd_severe:
      add_chronic(view, 3, sayings);
      break;
    case Component::chronic_gvhd_systemic_treatment:
      break;  // of two facts together: see treated_chronic_gvhd()
    case Component::aplasia:
      add_said(view, "marrow_aplasia", true, sayings);
      break;
    case Component::infection:
      for (const char* fact : {"severe_infection", "uncontrolled_infection"})
        add_said(view, fact, true, sayings);
      add_absence(view, "active_infection", sayings);
      break;
  }
  std::stable_sort(sayings.begin(), sayings.end(),
                   [](const Saying& a, const Saying& b) { return a.when.first < b.when.first; });
  return sayings;
}

struct Frame {
  Day time_zero;
  std::optional<Day> since;  // earlier entries are of another transplant
  Day last_contact;
  bool absence_means_no = false;
  bool at_last_assessment = false;
};

void decided_by(const Saying& saying, Occurrence& occurrence) {
  occurrence.source = saying.entry->origin;
  occurrence.fact = record::fact(saying.entry->fact).id;
}

Occurrence occurrence_of(const std::vector<Saying>& sayings, const Frame& frame, Component component) {
  Occurrence occurrence;
  occurrence.absent_until = frame.last_contact;
  bool was_so = false;  // just before time 0
  const Saying* assessed = nullptr;
  const Saying* happened = nullptr;
  const Saying* unclear = nullptr;
  const Saying* earlier = nullptr;
  for (const Saying& saying : sayings) {
    if (frame.since && saying.when.last < *frame.since) continue;
    const bool before = saying.when.last < frame.time_zero;
    const bool after = saying.when.first >= frame.time_zero;
    if (before) {
      const bool ended = saying.until && saying.until->last < frame.time_zero;
      if (saying.says == Truth::yes && !ended) {
        was_so = true;
        earlier = &saying;
      }
      if (saying.says == Truth::no || ended) was_so = false;
      continue;
    }
    if (saying.says == Truth::no) {
      if (after) assessed = &saying;
    } else if (saying.says == Truth::yes && after) {
      if (happened == nullptr) happened = &saying;
    } else if (unclear == nullptr) {
      unclear = &saying;
    }
  }
  if (was_so && component != Component::death) {
    occurrence.at_time_zero = true;
    decided_by(*earlier, occurrence);
  }
  const bool unclear_first =
      unclear != nullptr && (happened == nullptr || unclear->when.first <= happened->when.last);
  if (unclear_first) {
    occurrence.unknown_from = std::max(unclear->when.first, frame.time_zero);
    occurrence.reason =
        fmt::format("{}: {}", name(component),
                    unclear->why.empty() ? "a date that may lie before or after time 0" : unclear->why);
    decided_by(*unclear, occurrence);
    return occurrence;
  }
  if (happened != nullptr) {
    occurrence.happened = Truth::yes;
    occurrence.when = happened->when;
    decided_by(*happened, occurrence);
    return occurrence;
  }
  if (assessed == nullptr && !frame.absence_means_no && component != Component::death) {
    occurrence.unknown_from = frame.time_zero;
    occurrence.never_looked_for = true;
    occurrence.reason = fmt::format("{}: never looked for after time 0", name(component));
    return occurrence;
  }
  occurrence.happened = Truth::no;
  if (assessed != nullptr) {
    decided_by(*assessed, occurrence);
    if (frame.at_last_assessment)
      occurrence.absent_until = std::min(assessed->when.first, frame.last_contact);
  }
  return occurrence;
}

// Chronic GVHD while immunosuppression is given for GVHD: the later of the two beginnings.
Occurrence treated_chronic_gvhd(const View& view, const Frame& frame) {
  Occurrence disease = occurrence_of(sayings_about(view, Component::chronic_gvhd), frame,
                                     Component::chronic_gvhd_systemic_treatment);
  std::vector<Saying> treatment;
  add_said(view, "immunosuppression_for_gvhd", true, treatment);
  add_absence(view, "systemic_immunosuppression", treatment);
  std::stable_sort(treatment.begin(), treatment.end(),
                   [](const Saying& a, const Saying& b) { return a.when.first < b.when.first; });
  if (disease.happened == Truth::no && !disease.at_time_zero) return disease;
  if (disease.happened == Truth::unknown && !disease.at_time_zero) return disease;
  // Treatment from the disease on; one that runs when it begins counts from that day.
  const Day from = disease.happened == Truth::yes ? disease.when->first : frame.time_zero;
  Frame during = frame;
  during.time_zero = from;
  Occurrence treated = occurrence_of(treatment, during, Component::chronic_gvhd_systemic_treatment);
  if (treated.at_time_zero) {
    treated.at_time_zero = disease.at_time_zero && from == frame.time_zero;
    if (treated.at_time_zero) return treated;
    treated.happened = Truth::yes;
    treated.when = disease.when ? *disease.when : exactly(from);
  }
  if (treated.happened == Truth::unknown)
    treated.reason = "chronic GVHD recorded; whether it had systemic treatment is not";
  return treated;
}

// The last day on which anything happened that only the living have recorded.
Day last_contact_of(const View& view, Day fallback) {
  Day last = fallback;
  const record::Timeline& timeline = view.timeline();
  for (const Entry& entry : timeline.entries) {
    if (entry.known_on > view.known_on() || entry.when.first > view.as_of()) continue;
    last = std::max(last, std::min(entry.when.first, view.as_of()));
    if (entry.until) last = std::max(last, std::min(entry.until->first, view.as_of()));
  }
  return last;
}

std::string arm_of(const View& view) {
  const record::Reading reading = view.read(fact_id("trial_arm"), record::Pick::latest, {});
  if (reading.members.size() != 1) return "";
  const auto* level = std::get_if<record::Level>(&reading.members.front().value);
  if (level == nullptr || level->low != level->high) return "";
  const auto levels = record::split(record::fact(fact_id("trial_arm")).levels);
  return std::string(levels[static_cast<std::size_t>(level->low)]);
}

const Entry* first_certain(std::span<const Entry* const> entries, std::optional<Day> since,
                           std::string& why) {
  const Entry* first = nullptr;
  for (const Entry* entry : entries) {
    const bool* said = std::get_if<bool>(&entry->value);
    const bool usable = entry->unusable.empty() && entry->standing != record::Standing::preliminary;
    if (usable && said != nullptr && !*said) continue;
    if (since && entry->when.last < *since) continue;
    // An entry that cannot be used may have been the first.
    if (!usable) {
      why = "status unknown: " + reasons_text(entry->unusable);
      return nullptr;
    }
    first = entry;
    break;
  }
  if (first == nullptr) return nullptr;
  if (first->when.first != first->when.last) {
    why = "imprecise date";
    return nullptr;
  }
  return first;
}

}  // namespace

std::string_view name(Component component) {
  return component_rows[static_cast<std::size_t>(component)].name;
}
std::string_view id(Component component) { return component_rows[static_cast<std::size_t>(component)].id; }

std::optional<Component> component_named(std::string_view wanted) {
  for (std::size_t c = 0; c < component_count; ++c)
    if (component_rows[c].id == wanted || component_rows[c].name == wanted) return static_cast<Component>(c);
  return std::nullopt;
}

History history_of(const record::Timeline& timeline, const HistoryOptions& options) {
  const View view(timeline, options.cut_off, options.known_on);
  History history;
  history.patient = timeline.patient;
  history.arm = arm_of(view);
  std::string why;
  // The first transplant is the one followed; a second one is a later event of its own.
  const Entry* graft = first_certain(view.own_entries(fact_id("transplant")), std::nullopt, why);
  const std::optional<Day> first_graft = graft != nullptr ? std::optional(graft->when.first) : std::nullopt;
  std::string why_no_dli;
  const Entry* dli = first_certain(view.own_entries(fact_id("dli")), first_graft, why_no_dli);
  if (dli != nullptr) history.first_dli = dli->when.first;
  const Entry* zero = nullptr;
  switch (options.time_zero) {
    case TimeZero::transplant:
      zero = graft;
      if (zero == nullptr)
        history.why_no_time_zero = why.empty() ? "no transplant is recorded" : "transplant: " + why;
      break;
    case TimeZero::first_dli:
      zero = dli;
      if (zero == nullptr)
        history.why_no_time_zero =
            why_no_dli.empty() ? "no donor lymphocyte infusion is recorded" : "first infusion: " + why_no_dli;
      break;
    case TimeZero::randomisation: {
      std::string why_not;
      zero = first_certain(view.own_entries(fact_id("randomisation")), std::nullopt, why_not);
      if (zero == nullptr)
        history.why_no_time_zero =
            why_not.empty() ? "no randomisation is recorded" : "randomisation: " + why_not;
      break;
    }
  }
  if (zero == nullptr) return history;
  history.time_zero = zero->when.first;
  history.time_zero_source = zero->origin;
  history.last_contact = last_contact_of(view, *history.time_zero);
  Frame frame{*history.time_zero, first_graft, history.last_contact, false,
              options.censor_at_last_assessment};
  for (std::size_t c = 0; c < component_count; ++c) {
    const auto component = static_cast<Component>(c);
    frame.absence_means_no = std::find(options.absence_means_no.begin(), options.absence_means_no.end(),
                                       component) != options.absence_means_no.end();
    history.of(component) = component == Component::chronic_gvhd_systemic_treatment
                                ? treated_chronic_gvhd(view, frame)
                                : occurrence_of(sayings_about(view, component), frame, component);
  }
  return history;
}

}  // namespace graftline::endpoints
