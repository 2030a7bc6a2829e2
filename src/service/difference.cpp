#include "service/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "protocol/parse.h"
#include "service/screen.h"

namespace graftline::service {
namespace {

using protocol::Protocol;

Behaviour behaviour(const Answered& answered) {
  const ScreenRow row = screen_row(answered);
  return {row.verdict, row.decision, row.strategy, row.dose, row.earliest, row.latest};
}

// Versions between the two: `before` with some of the changes. Kept, since patients ask for the same ones.
class Mixtures {
 public:
  Mixtures(const Ask& ask, const Protocol& before, const Protocol& after,
           const std::vector<protocol::StatementChange>& changes)
      : ask_(ask), before_(before), after_(after), changes_(changes) {}

  // Absent: these changes alone make no protocol, since they name what only another one brings.
  std::optional<Behaviour> ask(const std::vector<bool>& applied, const record::Timeline& timeline) {
    const Prepared* prepared = mixture(applied);
    if (prepared == nullptr) return std::nullopt;
    return behaviour(answer(prepared->protocol, timeline, prepared->question));
  }

 private:
  const Prepared* mixture(const std::vector<bool>& applied) {
    const auto known = made_.find(applied);
    if (known != made_.end()) return known->second ? &*known->second : nullptr;
    auto& made = made_[applied];
    auto parsed = protocol::parse_protocol(protocol::mixture(before_, after_, applied));
    if (!parsed.ok()) return nullptr;
    std::vector<Protocol> one;
    one.push_back(std::move(parsed.protocol));
    auto prepared = prepare(ask_, std::move(one));
    if (!prepared) return nullptr;
    made = std::move(prepared->front());
    return &*made;
  }

  const Ask& ask_;
  const Protocol& before_;
  const Protocol& after_;
  const std::vector<protocol::StatementChange>& changes_;
  std::map<std::vector<bool>, std::optional<Prepared>> made_;
};

using CauseKey = std::pair<Cause::Form, std::vector<std::size_t>>;

// Which differences turn the old answer into the new one.
CauseKey cause_of(const std::vector<protocol::StatementChange>& changes, const Behaviour& wanted,
                  const record::Timeline& timeline, Mixtures& mixtures) {
  std::vector<std::size_t> alone;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!changes[i].can_matter) continue;
    std::vector<bool> applied(changes.size());
    applied[i] = true;
    if (mixtures.ask(applied, timeline) == wanted) alone.push_back(i);
  }
  if (alone.size() == 1) return {Cause::Form::one, alone};
  if (!alone.empty()) return {Cause::Form::any, alone};
  // Leave out one after the other, as long as the new answer stays.
  std::vector<bool> applied(changes.size(), true);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    applied[i] = false;
    if (mixtures.ask(applied, timeline) != wanted) applied[i] = true;
  }
  std::vector<std::size_t> together;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (applied[i]) together.push_back(i);
  }
  return {together.size() == 1 ? Cause::Form::one : Cause::Form::together, together};
}

std::string version_of(const Protocol& protocol) {
  return fmt::format("{} {}", protocol.id, protocol.version);
}

// A site's settings may name what only one of the two versions has.
Result<Prepared> prepared_for(const Ask& ask, const Protocol& protocol) {
  auto prepared = prepare(ask, {protocol});
  if (!prepared) return prepared.error();
  return std::move(prepared->front());
}

}  // namespace

Difference difference(const Protocol& before, const Protocol& after) {
  Difference result;
  result.before = version_of(before);
  result.after = version_of(after);
  result.changes = protocol::differences(before, after);
  return result;
}

Result<interop::ImportReport> add_behaviour(const Ask& asked, const Protocol& before, const Protocol& after,
                                            Difference& result) {
  Ask ask = asked;
  // Settings are checked as those of several protocols: a parameter may belong to one version only.
  ask.protocols = {before.id, after.id};
  const auto old_version = prepared_for(ask, before);
  if (!old_version) return old_version.error();
  const auto new_version = prepared_for(ask, after);
  if (!new_version) return new_version.error();
  Mixtures mixtures(ask, before, after, result.changes);
  result.has_cohort = true;
  std::map<CauseKey, std::vector<ChangedPatient>> by_cause;
  auto report = each_patient(ask, [&](record::Timeline&& timeline) {
    ++result.n_patients;
    ChangedPatient changed;
    changed.patient = timeline.patient;
    changed.before = behaviour(answer(old_version->protocol, timeline, old_version->question));
    changed.after = behaviour(answer(new_version->protocol, timeline, new_version->question));
    if (changed.before == changed.after) return;
    const CauseKey cause = cause_of(result.changes, changed.after, timeline, mixtures);
    by_cause[cause].push_back(std::move(changed));
  });
  if (!report) return report;
  for (auto& [key, patients] : by_cause)
    result.causes.push_back({key.first, key.second, std::move(patients)});
  std::stable_sort(result.causes.begin(), result.causes.end(),
                   [](const Cause& a, const Cause& b) { return a.patients.size() > b.patients.size(); });
  return report;
}

}  // namespace graftline::service
