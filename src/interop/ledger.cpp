#include "interop/ledger.h"

#include <iterator>
#include <utility>

#include "record/facts.h"

namespace graftline::interop {

namespace {

void add(std::map<std::string, std::size_t>& to, const std::map<std::string, std::size_t>& from) {
  for (const auto& [key, count] : from) to[key] += count;
}

void append(std::vector<Finding>& to, std::vector<Finding>&& from, std::size_t most,
            std::size_t& not_listed) {
  for (auto& finding : from) {
    if (to.size() < most) {
      to.push_back(std::move(finding));
    } else {
      ++not_listed;
    }
  }
}

}  // namespace

void Ledger::count(std::string_view type, const Outcome& outcome) {
  Tally& tally = report_.by_type[std::string(type)];
  ++tally.read;
  switch (outcome.kind) {
    case Outcome::Kind::mapped:
      ++tally.mapped;
      break;
    case Outcome::Kind::ignored:
      ++tally.ignored;
      ++tally.ignored_because[outcome.reason];
      break;
    case Outcome::Kind::refused:
      ++tally.refused;
      ++tally.refused_because[outcome.reason];
      break;
  }
}

void Ledger::count_unmapped(std::string_view system, std::string_view code) {
  std::string key(system);
  if (!key.empty()) key += '|';
  key.append(code);
  constexpr std::size_t most_codes = 100'000;
  const bool is_full = report_.unmapped_codes.size() >= most_codes && !report_.unmapped_codes.contains(key);
  ++report_.unmapped_codes[is_full ? "(further codes)" : key];
}

void Ledger::count_entry(const record::Entry& entry) {
  FactTally& tally = report_.by_fact[std::string(record::fact(entry.fact).id)];
  if (entry.unusable.empty()) {
    ++tally.usable;
    return;
  }
  ++tally.unusable;
  for (int i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (entry.unusable.has(reason)) ++report_.unusable_because[std::string(name(reason))];
  }
}

void Ledger::refuse(Finding finding) {
  if (report_.refusals.size() < most_listed_) {
    report_.refusals.push_back(std::move(finding));
  } else {
    ++report_.refusals_not_listed;
  }
}

void Ledger::note(Finding finding) {
  ++report_.notes_because[finding.reason];
  if (report_.notes.size() < most_listed_) {
    report_.notes.push_back(std::move(finding));
  } else {
    ++report_.notes_not_listed;
  }
}

void Ledger::post(Ledger&& document) {
  ImportReport& from = document.report_;
  report_.files += from.files;
  report_.patients += from.patients;
  report_.exact_duplicates += from.exact_duplicates;
  report_.refusals_not_listed += from.refusals_not_listed;
  report_.notes_not_listed += from.notes_not_listed;
  for (const auto& [type, tally] : from.by_type) {
    Tally& to = report_.by_type[type];
    to.read += tally.read;
    to.mapped += tally.mapped;
    to.ignored += tally.ignored;
    to.refused += tally.refused;
    add(to.ignored_because, tally.ignored_because);
    add(to.refused_because, tally.refused_because);
  }
  for (const auto& [fact, tally] : from.by_fact) {
    report_.by_fact[fact].usable += tally.usable;
    report_.by_fact[fact].unusable += tally.unusable;
  }
  add(report_.unusable_because, from.unusable_because);
  add(report_.unmapped_codes, from.unmapped_codes);
  add(report_.notes_because, from.notes_because);
  append(report_.refusals, std::move(from.refusals), most_listed_, report_.refusals_not_listed);
  append(report_.notes, std::move(from.notes), most_listed_, report_.notes_not_listed);
}

}  // namespace graftline::interop
