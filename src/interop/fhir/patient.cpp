#include <fmt/format.h>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;

namespace {

// Identifier system of the Global Registration Identifier for Donors (ISBT 128): a recipient has none.
constexpr std::string_view donor_identifier = "http://www.isbt128.org/uri/GRID";

void add_death(const Json& resource, Context& context, Draft& draft, Day earliest) {
  Entry entry;
  entry.fact = record::fact_id("death");
  entry.origin = draft.origin;
  const WhenFound found = read_when(resource, "deceased");
  if (!found.mistake.empty()) {
    context.refuse(draft, found.path, "date unreadable", found.mistake);
    return;
  }
  const auto updated = parse_partial_date(resource["meta"]["lastUpdated"].string());
  const std::optional<Day> said_on = updated ? std::optional(updated->last) : context.read_on;
  if (found.when) {
    entry.when = found.when->start;
    entry.known_on = found.when->start.last;
    entry.value = true;
  } else if (resource["deceasedBoolean"].text() == "true") {
    // Dead, nobody says since when: at the latest when this was said.
    entry.when = spanning(earliest, said_on.value_or(no_known_end()));
    entry.known_on = said_on.value_or(earliest);
    entry.value = true;
    context.note(draft, "deceasedBoolean", "date of death not recorded", "");
  } else if (resource["deceasedBoolean"].text() == "false" && said_on) {
    entry.when = exactly(*said_on);
    entry.known_on = *said_on;
    entry.value = false;
  } else {
    return;
  }
  draft.entries.push_back(std::move(entry));
}

}  // namespace

Outcome read_patient(const Json& resource, Context& context, Draft& draft) {
  Links& links = draft.make_links();
  links.patient = std::string(resource["id"].string());
  const std::string& wanted = context.mapping().patient_identifier_system();
  for (const Json identifier : resource["identifier"]) {
    if (!identifier["value"].string().empty()) {
      links.identifiers.push_back(
          identifier_reference(identifier["system"].string(), identifier["value"].string()));
    }
    if (identifier["system"].string() == donor_identifier) links.is_donor = true;
    if (!wanted.empty() && identifier["system"].string() == wanted && !identifier["value"].string().empty()) {
      links.patient = std::string(identifier["value"].string());
    }
  }
  if (extension_value(resource, "donor-of").exists()) links.is_donor = true;
  if (links.patient.empty()) links.patient = links.full_url;
  if (links.patient.empty()) {
    context.refuse(draft, "id", "no identifier", "a Patient needs an id for its records to be found by");
    return refused("no identifier");
  }

  for (const Json link : resource["link"]) {
    const std::string other = reference_of(link["other"]);
    if (link["type"].string() == "replaced-by") links.replaced_by = other;
    if (link["type"].string() == "replaces") links.replaces.push_back(other);
  }

  Day earliest = day_of({1900, 1, 1});
  const WhenFound birth = read_date(resource["birthDate"], "birthDate");
  if (birth.when) {
    earliest = birth.when->start.first;
    Entry entry;
    entry.fact = record::fact_id("birth");
    entry.when = birth.when->start;
    entry.known_on = birth.when->start.last;
    entry.value = true;
    entry.as_written = std::string(resource["birthDate"].string());
    entry.origin = draft.origin;
    draft.entries.push_back(std::move(entry));
  } else if (!birth.mistake.empty()) {
    context.refuse(draft, "birthDate", "date unreadable", birth.mistake);
  }

  const std::string_view gender = resource["gender"].string();
  const auto sex = record::level_of(record::fact(record::fact_id("sex")), gender);
  if (sex) {
    Entry entry;
    entry.fact = record::fact_id("sex");
    entry.when = exactly(earliest);
    entry.known_on = earliest;
    entry.value = record::Level{*sex, *sex};
    entry.as_written = std::string(gender);
    entry.origin = draft.origin;
    draft.entries.push_back(std::move(entry));
  } else if (!gender.empty() && gender != "unknown") {
    context.refuse(draft, "gender", "value unreadable", "expected male, female, other or unknown");
  }
  add_death(resource, context, draft, earliest);
  return mapped();  // the patient is known, whatever else is
}

}  // namespace graftline::interop::fhir
