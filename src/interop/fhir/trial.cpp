// Consent and participation in a trial.
#include <fmt/format.h>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;

namespace {

Entry event(const Draft& draft, std::string_view fact, const PartialDate& when, bool value) {
  Entry entry;
  entry.fact = record::fact_id(fact);
  entry.when = when;
  entry.known_on = when.last;
  entry.value = value;
  entry.origin = draft.origin;
  return entry;
}

}  // namespace

Outcome read_consent(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["patient"]);
  const std::string_view status = resource["status"].string();
  const std::string_view scope = resource["scope"]["coding"].front()["code"].string();
  if (status == "entered-in-error") return ignored("entered in error");
  if (scope != "research" && scope != "treatment") return ignored("not consent to research or treatment");
  if (status != "active" && status != "rejected")
    return ignored(fmt::format("consent {}", plain_word(status)));
  const WhenFound signed_on = read_date(resource["dateTime"], "dateTime");
  if (!signed_on.when) {
    const bool is_absent = signed_on.mistake.empty();
    context.refuse(draft, "dateTime", is_absent ? "no date" : "date unreadable",
                   is_absent ? "a consent needs the day it was given" : signed_on.mistake);
    return refused(is_absent ? "no date" : "date unreadable");
  }
  const bool is_given = status == "active" && resource["provision"]["type"].string() != "deny";
  draft.entries.push_back(event(draft, "consent", signed_on.when->start, is_given));
  draft.entries.back().context = std::string(scope);
  return mapped();
}

Outcome read_research_subject(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["individual"]);
  const std::string_view status = resource["status"].string();
  const bool is_on_study = status.substr(0, 8) == "on-study" || status == "follow-up";
  const bool is_withdrawn = status == "withdrawn";
  if (!is_on_study && !is_withdrawn) return ignored(fmt::format("participation {}", plain_word(status)));
  const WhenFound start = read_date(resource["period"]["start"], "period.start");
  const WhenFound end = read_date(resource["period"]["end"], "period.end");
  for (const WhenFound* date : std::initializer_list<const WhenFound*>{&start, &end}) {
    if (date->mistake.empty()) continue;
    context.refuse(draft, date->path, "date unreadable", date->mistake);
    return refused("date unreadable");
  }
  if (!start.when && !(is_withdrawn && end.when)) {
    context.refuse(draft, "period", "no date", "when participation began or ended is not recorded");
    return refused("no date");
  }
  if (start.when) {
    draft.entries.push_back(event(draft, "enrolment", start.when->start, true));
    const auto& arms = record::fact(record::fact_id("trial_arm"));
    const std::string_view arm =
        resource["actualArm"].exists() ? resource["actualArm"].string() : resource["assignedArm"].string();
    if (const auto level = record::level_of(arms, arm)) {
      draft.entries.push_back(event(draft, "trial_arm", start.when->start, true));
      draft.entries.back().value = record::Level{*level, *level};
      draft.entries.back().as_written = std::string(arm);
    } else if (!arm.empty()) {
      context.note(draft, "assignedArm", "trial arm not mapped",
                   fmt::format("expected one of {}", arms.levels));
    }
  }
  if (is_withdrawn && end.when) draft.entries.push_back(event(draft, "withdrawal", end.when->start, true));
  return mapped();
}

}  // namespace graftline::interop::fhir
