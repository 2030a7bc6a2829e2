#include <fmt/format.h>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;
using record::FactType;

namespace {

std::string_view code_of(const Json& concept_) { return concept_["coding"].front()["code"].string(); }

}  // namespace

Outcome read_condition(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  const std::string_view verification = code_of(resource["verificationStatus"]);
  if (verification == "entered-in-error") return ignored("entered in error");
  if (verification == "refuted") return ignored("refuted");

  const auto meanings = meanings_of(resource["code"], context.mapping());
  if (meanings.empty()) {
    count_unmapped(resource["code"], context.ledger);
    return ignored("code not mapped");
  }
  WhenFound onset = read_when(resource, "onset");
  const WhenFound recorded = read_date(resource["recordedDate"], "recordedDate");
  const WhenFound abatement = read_when(resource, "abatement");
  for (const WhenFound* date : std::initializer_list<const WhenFound*>{&onset, &recorded, &abatement}) {
    if (date->mistake.empty()) continue;
    context.refuse(draft, date->path, "date unreadable", date->mistake);
    return refused("date unreadable");
  }
  if (!onset.when && recorded.when) {
    onset.when = recorded.when;
    context.note(draft, "recordedDate", "onset taken from when it was recorded", "no onset date");
  }
  if (!onset.when) {
    context.refuse(draft, "onset[x]", "no date", "neither an onset nor a recorded date");
    return refused("no date");
  }

  const bool is_confirmed = verification.empty() || verification == "confirmed";
  const std::string_view clinical = code_of(resource["clinicalStatus"]);
  const bool has_ended = clinical == "inactive" || clinical == "resolved" || clinical == "remission";
  std::string reason;
  for (const auto& meaning : meanings) {
    Entry entry;
    entry.fact = meaning.fact;
    entry.when = onset.when->start;
    entry.known_on = known_on(resource, "recordedDate", onset.when->start, context);
    entry.as_written = std::string(words_of(resource["code"]));
    entry.origin = draft.origin;
    if (record::fact(meaning.fact).type == FactType::course) {
      if (abatement.when) {
        entry.until = abatement.when->end.value_or(abatement.when->start);
      } else if (onset.when->end) {
        entry.until = onset.when->end;
      } else if (has_ended) {
        entry.until = spanning(onset.when->start.first, ended_by(resource, context, onset.when->start.first));
      }
    }
    std::optional<Problem> problem = context.values.read_code_itself(meaning, entry.value);
    std::string path = "code";
    if (!is_confirmed) {
      problem = Problem{"", Reason::status_unknown, "status unknown",
                        fmt::format("verification status '{}' is not confirmed", verification)};
      path = "verificationStatus";
    }
    if (problem) {
      entry.value = std::monostate{};
      entry.unusable = problem->reason;
      reason = problem->what;
      context.refuse(draft, path, *problem);
    }
    draft.entries.push_back(std::move(entry));
  }
  return outcome_of(draft, reason);
}

}  // namespace graftline::interop::fhir
