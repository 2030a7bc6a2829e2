#include "interop/fhir/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;

namespace {

bool is_about_patient(std::string_view reference) {
  for (const std::string_view other : {"Group/", "Device/", "Location/", "Practitioner/", "Organization/",
                                       "Substance/", "Medication/", "RelatedPerson/"}) {
    if (relative_reference(reference).substr(0, other.size()) == other) return false;
  }
  return true;
}

bool joins_something(const Draft& draft) {
  return draft.type == "Patient" || draft.type == "Medication" ||
         draft.type == "BiologicallyDerivedProduct" || !draft.entries.empty() || !draft.links().doses.empty();
}

}  // namespace

std::string_view relative_reference(std::string_view reference) {
  const auto last = reference.rfind('/');
  if (last == reference.npos || last == 0) return reference;
  const auto before = reference.rfind('/', last - 1);
  return before == reference.npos ? reference : reference.substr(before + 1);
}

void Scope::take(Draft&& draft, Ledger& ledger) {
  if (!joins_something(draft) && draft.outcome.kind != Outcome::Kind::mapped) {
    if (!draft.is_copy) ledger.count(draft.type, draft.outcome);
    return;
  }
  drafts_.push_back(std::move(draft));
}

void Scope::remove(std::string resource) { removed_.insert(std::move(resource)); }

void Scope::refuse_all(Draft& draft, Ledger& ledger, std::string path, std::string reason,
                       std::string detail) {
  draft.entries.clear();
  draft.outcome = refused(reason);
  ledger.refuse({draft.origin, std::move(path), std::move(reason), std::move(detail)});
}

void Scope::keep_latest_versions() {
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    Draft& draft = drafts_[i];
    if (draft.self.empty()) continue;
    if (removed_.contains(draft.self)) {
      draft.entries.clear();
      draft.kept_links.reset();
      draft.outcome = ignored("deleted");
      continue;
    }
    const auto [at, is_new] = by_address_.try_emplace(draft.self, i);
    if (is_new || drafts_[at->second].version == draft.version) continue;
    // The later version stands; without versions both do, and may conflict openly.
    const std::size_t older = drafts_[at->second].version < draft.version ? at->second : i;
    if (older != i) at->second = i;
    drafts_[older].entries.clear();
    drafts_[older].kept_links.reset();
    drafts_[older].outcome = ignored("older version of the same resource");
  }
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (!drafts_[i].links().full_url.empty()) by_address_.try_emplace(drafts_[i].links().full_url, i);
  }
}

void Scope::name_patients() {
  for (const Draft& draft : drafts_) {
    if (draft.type != "Patient" || draft.links().patient.empty()) continue;
    if (!draft.links().full_url.empty()) patients_.try_emplace(draft.links().full_url, draft.links().patient);
    if (!draft.self.empty()) patients_.try_emplace(draft.self, draft.links().patient);
    for (const auto& identifier : draft.links().identifiers)
      patients_.try_emplace(identifier, draft.links().patient);
    if (draft.links().is_donor) donors_[draft.links().patient] = true;
  }
  // One person under two numbers: the records go to the one that stands.
  for (const Draft& draft : drafts_) {
    if (draft.type != "Patient" || draft.links().patient.empty()) continue;
    const Links& links = draft.links();
    if (!links.replaced_by.empty()) merge(links.patient, patient_of(links.replaced_by));
    for (const auto& replaced : links.replaces) merge(patient_of(replaced), links.patient);
  }
  // Who gave the cells of a product meant for someone else is a donor.
  for (const Draft& draft : drafts_) {
    if (draft.links().source_patient.empty() || draft.links().intended_recipient.empty()) continue;
    const std::string source = patient_of(draft.links().source_patient);
    if (source != patient_of(draft.links().intended_recipient)) donors_[source] = true;
  }
}

void Scope::merge(const std::string& replaced, const std::string& standing) {
  if (replaced == standing) return;
  for (auto& [address, patient] : patients_) {
    if (patient == replaced) patient = standing;
  }
  patients_.insert_or_assign("Patient/" + replaced, standing);
}

std::string Scope::patient_of(const std::string& reference) const {
  if (const auto found = patients_.find(reference); found != patients_.end()) return found->second;
  if (reference.substr(0, identifier_prefix.size()) == identifier_prefix) {
    return reference.substr(reference.find('|') + 1);
  }
  const std::string_view local = relative_reference(reference);
  if (const auto found = patients_.find(std::string(local)); found != patients_.end()) return found->second;
  constexpr std::string_view prefix = "Patient/";
  return std::string(local.substr(0, prefix.size()) == prefix ? local.substr(prefix.size()) : reference);
}

const Draft* Scope::find(const std::string& reference) const {
  auto found = by_address_.find(reference);
  if (found == by_address_.end()) found = by_address_.find(std::string(relative_reference(reference)));
  return found == by_address_.end() ? nullptr : &drafts_[found->second];
}

void Scope::name_drugs(Ledger& ledger) {
  for (Draft& draft : drafts_) {
    if (draft.links().medication.empty() || draft.entries.empty()) continue;
    const Draft* medication = find(draft.links().medication);
    if (!medication || medication->type != "Medication") {
      refuse_all(
          draft, ledger, "medicationReference", "reference not found",
          fmt::format("{} is not among the records read", relative_reference(draft.links().medication)));
      continue;
    }
    if (!medication->links().local_use.empty()) {
      draft.entries.clear();
      draft.outcome = ignored(fmt::format("local use: {}", medication->links().local_use));
      continue;
    }
    if (medication->links().drugs.empty()) {
      draft.entries.clear();
      draft.outcome = ignored("code not mapped");
      continue;
    }
    const Entry said = draft.entries.front();
    draft.entries.clear();
    for (const auto drug : medication->links().drugs) {
      draft.entries.push_back(said);
      draft.entries.back().fact = drug;
    }
    if (!said.unusable.empty()) draft.outcome = refused("status unknown");
  }
}

// The infusion that a count of cells is part of; without a reference, the only one of that patient and day.
Entry* Scope::infusion_of(const Draft& dose, const Infusions& infusions) {
  const auto dli = record::fact_id("dli");
  Entry* infusion = nullptr;
  const auto take = [&](Draft& procedure) {
    for (auto& entry : procedure.entries) {
      if (entry.fact != dli || (dose.links().part_of.empty() && entry.when != dose.links().day)) continue;
      if (infusion) return false;
      infusion = &entry;
    }
    return true;
  };
  if (!dose.links().part_of.empty()) {
    const Draft* procedure = find(dose.links().part_of);
    if (procedure) take(drafts_[static_cast<std::size_t>(procedure - drafts_.data())]);
    return infusion;
  }
  const auto [first, last] = infusions.equal_range(patient_of(dose.subject));
  for (auto at = first; at != last; ++at) {
    if (!take(drafts_[at->second])) return nullptr;
  }
  return infusion;
}

void Scope::join_doses(Ledger& ledger) {
  const auto dli = record::fact_id("dli");
  Infusions infusions;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const auto& entries = drafts_[i].entries;
    const bool has_one =
        std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.fact == dli; });
    if (has_one) infusions.emplace(patient_of(drafts_[i].subject), i);
  }
  for (Draft& draft : drafts_) {
    if (draft.links().doses.empty()) continue;
    Entry* infusion = infusion_of(draft, infusions);
    if (!infusion) {
      refuse_all(draft, ledger, "partOf", "infusion not found",
                 "a count of cells given must be part of an infusion (Procedure) among the records read, or "
                 "of its day");
      continue;
    }
    for (const auto& dose : draft.links().doses) infusion->amounts.push_back(dose);
  }
}

std::string Scope::owner_of(Draft& draft, Ledger& ledger) {
  if (draft.type == "Patient") {
    if (draft.outcome.kind != Outcome::Kind::mapped) return {};
    std::string patient = draft.self.empty() ? draft.links().patient : patient_of(draft.self);
    if (!donors_.contains(patient)) return patient;
    draft.outcome = ignored("a donor");
  } else if (draft.entries.empty()) {
    return {};
  } else if (draft.subject.empty()) {
    refuse_all(draft, ledger, "subject", "no subject", "nobody says whose record this is");
  } else if (draft.subject.front() == '#') {
    // "#p1" is a name within one resource only: everybody's contained patient may be called that.
    refuse_all(draft, ledger, "subject", "no subject",
               "the patient is contained in the record and has no name outside it");
  } else if (!is_about_patient(draft.subject)) {
    draft.outcome = ignored("not about a patient");
  } else {
    std::string patient = patient_of(draft.subject);
    if (!donors_.contains(patient)) return patient;
    draft.outcome = ignored("about a donor");
  }
  return {};
}

void Scope::close(Ledger& ledger, Gatherer& gatherer, End end) {
  keep_latest_versions();
  name_patients();
  name_drugs(ledger);
  join_doses(ledger);

  // Patient by patient, so that at the end of an import each can leave before the next is put together.
  std::vector<std::string> patients;  // in order of first appearance
  std::unordered_map<std::string, std::vector<std::size_t>> drafts_of;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    std::string patient = owner_of(drafts_[i], ledger);
    if (!drafts_[i].is_copy) ledger.count(drafts_[i].type, drafts_[i].outcome);
    if (patient.empty()) continue;
    auto& theirs = drafts_of[patient];
    if (theirs.empty()) patients.push_back(std::move(patient));
    theirs.push_back(i);
  }
  for (const auto& patient : patients) {
    record::Timeline& timeline = gatherer.timeline(patient);
    for (const std::size_t i : drafts_of[patient]) {
      Draft& draft = drafts_[i];
      if (draft.type == "Patient") gatherer.meet(patient, draft.origin);
      std::move(draft.entries.begin(), draft.entries.end(), std::back_inserter(timeline.entries));
      draft = {};
    }
    if (end == End::of_import) gatherer.release(patient);
  }
  drafts_.clear();
  removed_.clear();
  by_address_.clear();
  patients_.clear();
  donors_.clear();
}

}  // namespace graftline::interop::fhir
