#include <fmt/format.h>

#include <algorithm>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;
using record::FactId;
using record::FactType;

namespace {

// The drugs that the codes of a Medication, or of its ingredients, mean.
std::vector<FactId> drugs_of(const Json& concept_, const Json& ingredients,
                             const std::string& ingredient_name, const Mapping& mapping) {
  std::vector<FactId> drugs;
  const auto take = [&](const Json& from) {
    for (const auto& meaning : meanings_of(from, mapping)) {
      if (record::fact(meaning.fact).type != FactType::course) continue;
      if (std::find(drugs.begin(), drugs.end(), meaning.fact) == drugs.end()) drugs.push_back(meaning.fact);
    }
  };
  take(concept_);
  for (const Json ingredient : ingredients) take(ingredient[ingredient_name]);
  return drugs;
}

// The word by which a route, form or name says that the drug stays where it is applied.
std::string local_use(const Json& concept_, const Mapping& mapping) {
  std::string words(words_of(concept_));
  for (const Json coding : concept_["coding"]) {
    words.append(" ").append(coding["display"].string()).append(" ").append(coding["code"].string());
  }
  for (char& c : words) {
    const bool is_part_of_word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!is_part_of_word) c = ' ';
  }
  const std::string text = " " + folded(words) + " ";
  for (const auto& word : mapping.local_use_words()) {
    if (text.find(" " + word + " ") != text.npos) return word;
  }
  return {};
}

std::string local_use_of_dosage(const Json& resource, const char* element, const Mapping& mapping) {
  const Json dosage = resource[element];
  if (dosage.is_object()) return local_use(dosage["route"], mapping);
  for (const Json line : dosage) {
    if (auto word = local_use(line["route"], mapping); !word.empty()) return word;
  }
  return {};
}

// How long, and in what sense, a drug was taken.
struct Use {
  std::optional<When> when;
  bool is_open = false;  // still going on
  bool value = true;     // false: documented not to have been taken
  bool is_status_known = true;
  std::string known_element;
  std::string context;
};

Outcome finish(const Json& resource, Context& context, Draft& draft, const Use& use) {
  const Mapping& mapping = context.mapping();
  const Json concept_ = resource["medicationCodeableConcept"];
  std::vector<FactId> drugs = drugs_of(concept_, {}, {}, mapping);
  std::string local = local_use(concept_, mapping);
  std::string reference = reference_of(resource["medicationReference"]);
  if (reference.substr(0, 1) == "#") {
    for (const Json contained : resource["contained"]) {
      if (contained["id"].string() != std::string_view(reference).substr(1)) continue;
      drugs = drugs_of(contained["code"], contained["ingredient"], "itemCodeableConcept", mapping);
      if (local.empty()) local = local_use(contained["form"], mapping);
      if (local.empty()) local = local_use(contained["code"], mapping);
      if (drugs.empty()) count_unmapped(contained["code"], context.ledger);
    }
    reference.clear();
  } else if (drugs.empty() && reference.empty()) {
    count_unmapped(concept_, context.ledger);
  }
  for (const char* const element : {"dosage", "dosageInstruction"}) {
    if (local.empty()) local = local_use_of_dosage(resource, element, mapping);
  }
  if (!local.empty()) return ignored(fmt::format("local use: {}", local));
  if (drugs.empty() && reference.empty()) return ignored("code not mapped");
  if (!use.when) {
    context.refuse(draft, "effective[x]", "no date",
                   "neither when the drug was taken nor when that was said");
    return refused("no date");
  }

  Entry entry;
  entry.when = use.when->start;
  entry.until = use.when->end;
  if (!entry.until && !use.is_open) {
    entry.until = spanning(entry.when.first, ended_by(resource, context, entry.when.first));
  }
  entry.known_on = known_on(resource, use.known_element, entry.when, context);
  entry.context = use.context;
  entry.as_written = std::string(words_of(concept_));
  entry.origin = draft.origin;
  entry.value = use.value;
  if (!use.is_status_known) {
    entry.value = std::monostate{};
    entry.unusable = Reason::status_unknown;
    context.refuse(draft, "status", "status unknown",
                   fmt::format("status '{}' does not say whether it was taken", resource["status"].string()));
  }
  // A drug named by reference is filled in once the whole scope has been read.
  if (!reference.empty()) {
    draft.make_links().medication = std::move(reference);
    draft.entries.push_back(std::move(entry));
    return mapped();
  }
  for (const FactId drug : drugs) {
    entry.fact = drug;
    draft.entries.push_back(entry);
  }
  return outcome_of(draft, "status unknown");
}

}  // namespace

Outcome read_medication(const Json& resource, Context& context, Draft& draft) {
  Links& links = draft.make_links();
  links.drugs = drugs_of(resource["code"], resource["ingredient"], "itemCodeableConcept", context.mapping());
  links.local_use = local_use(resource["form"], context.mapping());
  if (links.local_use.empty()) links.local_use = local_use(resource["code"], context.mapping());
  if (!links.drugs.empty()) return mapped();
  count_unmapped(resource["code"], context.ledger);
  return ignored("code not mapped");
}

Outcome read_medication_statement(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  const std::string_view status = resource["status"].string();
  if (status == "entered-in-error") return ignored("entered in error");
  if (status == "intended") return ignored("intended, not taken");
  const WhenFound effective = read_when(resource, "effective");
  const WhenFound asserted = read_date(resource["dateAsserted"], "dateAsserted");
  if (!effective.mistake.empty()) {
    context.refuse(draft, effective.path, "date unreadable", effective.mistake);
    return refused("date unreadable");
  }
  Use use;
  use.when = effective.when ? effective.when : asserted.when;
  use.known_element = "dateAsserted";
  use.is_open = status == "active";
  if (status == "not-taken") {
    use.value = false;
    // Not taken on the day it was asked, or all through the period given.
    if (use.when && !use.when->end) use.when->end = use.when->start;
  } else if (status == "completed" && use.when && resource["effectiveDateTime"].exists()) {
    use.when->end = use.when->start;
  } else if (status != "active" && status != "completed" && status != "stopped") {
    use.is_status_known = false;
    use.is_open = true;
  }
  return finish(resource, context, draft, use);
}

Outcome read_medication_administration(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  const std::string_view status = resource["status"].string();
  if (status == "entered-in-error") return ignored("entered in error");
  const WhenFound effective = read_when(resource, "effective");
  if (!effective.mistake.empty()) {
    context.refuse(draft, effective.path, "date unreadable", effective.mistake);
    return refused("date unreadable");
  }
  Use use;
  use.when = effective.when;
  use.context = "administration";
  if (use.when && !use.when->end && resource["effectiveDateTime"].exists()) use.when->end = use.when->start;
  use.is_open = status == "in-progress";
  use.value = status != "not-done";
  use.is_status_known =
      status == "completed" || status == "in-progress" || status == "stopped" || status == "not-done";
  return finish(resource, context, draft, use);
}

Outcome read_medication_request(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  const std::string_view status = resource["status"].string();
  const std::string_view intent = resource["intent"].string();
  if (status == "entered-in-error") return ignored("entered in error");
  if (status == "cancelled" || status == "draft") return ignored(fmt::format("order {}", status));
  if (resource["doNotPerform"].text() == "true") return ignored("order not to give");
  if (intent == "proposal" || intent == "plan" || intent == "option") return ignored("planned, not ordered");
  if (context.mapping().orders() == Orders::ignored) return ignored("orders are not read (mapping)");

  Json period;  // of the first dosage that has one
  for (const Json line : resource["dosageInstruction"]) {
    if (!period.exists()) period = line["timing"]["repeat"]["boundsPeriod"];
  }
  WhenFound begin = read_date(period["start"], "dosageInstruction.timing.repeat.boundsPeriod.start");
  if (!begin.when && begin.mistake.empty()) begin = read_date(resource["authoredOn"], "authoredOn");
  const WhenFound end = read_date(period["end"], "dosageInstruction.timing.repeat.boundsPeriod.end");
  for (const WhenFound* date : std::initializer_list<const WhenFound*>{&begin, &end}) {
    if (date->mistake.empty()) continue;
    context.refuse(draft, date->path, "date unreadable", date->mistake);
    return refused("date unreadable");
  }
  Use use;
  use.when = begin.when;
  if (use.when && end.when) use.when->end = end.when->start;
  use.known_element = "authoredOn";
  use.context = "order";
  use.is_open = status == "active";
  use.is_status_known = status == "active" || status == "completed" || status == "stopped";
  if (!use.is_status_known) use.is_open = true;
  return finish(resource, context, draft, use);
}

}  // namespace graftline::interop::fhir
