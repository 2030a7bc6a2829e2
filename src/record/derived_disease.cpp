// Residual disease by a center's rule, and molecular relapse of CML.
#include <fmt/format.h>

#include <algorithm>

#include "clinical/cml_molecular_relapse.h"
#include "clinical/residual_disease.h"
#include "record/derivation.h"

namespace graftline::record {

namespace {

// What one result says: the order of the levels is negative, positive, indeterminate.
Answer positive(const Member& member) {
  const Level* level = std::get_if<Level>(&member.value);
  if (level == nullptr) return unknown(member.reasons);
  const auto words = levels_of(fact(fact_id("mrd")));
  const std::string_view word = words[static_cast<std::size_t>(level->low)];
  if (level->low != level->high || word == "indeterminate") return unknown(Reason::unreadable);
  return answer(word == "positive");
}

std::vector<clinical::MrdSample> samples_of(const std::vector<Member>& results) {
  std::vector<clinical::MrdSample> samples;
  for (const Member& member : results) {
    const Entry& entry = *member.evidence.front();
    if (samples.empty() || samples.back().taken != entry.when) samples.push_back({entry.when, {}});
    auto& sample = samples.back().results;
    const auto same = std::find_if(sample.begin(), sample.end(),
                                   [&](const clinical::MrdResult& r) { return r.method == entry.method; });
    const Answer found = positive(member);
    if (same == sample.end()) {
      sample.push_back({entry.method, found});
    } else if (same->positive != found) {
      same->positive = unknown(Reason::conflicting);
    }
  }
  return samples;
}

std::vector<std::string> methods_of(const std::vector<clinical::MrdSample>& samples) {
  std::vector<std::string> methods;
  for (const auto& sample : samples) {
    for (const auto& result : sample.results) {
      if (std::find(methods.begin(), methods.end(), result.method) == methods.end()) {
        methods.push_back(result.method);
      }
    }
  }
  return methods;
}

bool all_negative(const clinical::MrdSample& sample) {
  return std::all_of(sample.results.begin(), sample.results.end(),
                     [](const clinical::MrdResult& r) { return r.positive.truth == Truth::no; });
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace

Reading residual_disease_positivity(const Question& question) {
  const auto consecutive = number_argument(question, "n_consecutive");
  const auto gap = number_argument(question, "min_gap_days");
  const auto methods = number_argument(question, "methods");
  if (!consecutive || !gap || !methods) return no_answer(question, Reason::unreadable);
  const std::vector<Member> results = measurements(question, fact_id("mrd"));
  if (results.empty()) {
    return no_answer(question, question.view.read(fact_id("mrd"), Pick::latest, question.window).reasons);
  }
  std::vector<const Entry*> evidence;
  evidence.reserve(results.size());
  for (const Member& member : results) evidence.push_back(member.evidence.front());
  const auto samples = samples_of(results);
  if (!*consecutive || !*gap || !*methods) {
    // Every rule asks for a positive result in the latest sample.
    const bool is_negative = all_negative(samples.back());
    return statement(question, is_negative ? answer(false) : unknown(Reason::parameter_not_set),
                     std::move(evidence), is_negative ? "negative by every method in the latest sample" : "");
  }
  clinical::MrdRule rule;
  rule.methods = methods_of(samples);
  rule.n_consecutive = static_cast<int>(to_double(**consecutive));
  rule.min_gap_days = static_cast<int>(to_double(**gap));
  rule.n_methods_in_one_sample = static_cast<int>(to_double(**methods));
  const auto found = clinical::mrd_positivity(samples, rule);
  if (!found) return no_answer(question, Reason::parameter_not_set);
  return statement(question, found->positive, std::move(evidence), joined(found->needed));
}

Reading cml_molecular_relapse(const Question& question) {
  const auto zero = question.view.day_zero();
  if (!zero) return no_answer(question, Reason::never_measured);
  std::vector<clinical::BcrAbl1Sample> samples;
  std::vector<const Entry*> evidence;
  for (const Member& member : measurements(question, fact_id("bcr_abl1"))) {
    const Entry& entry = *member.evidence.front();
    const Quantity* ratio = std::get_if<Quantity>(&member.value);
    std::optional<Range> percent;
    if (ratio != nullptr) {
      const auto range = in_own_unit(*ratio, fact(entry.fact));
      if (range) percent = *range;
    }
    samples.push_back({entry.when, percent});
    evidence.push_back(&entry);
  }
  const auto from_first = clinical::cml_molecular_relapse(samples, zero->first);
  const auto from_last = clinical::cml_molecular_relapse(samples, zero->last);
  if (!from_first || !from_last) return no_answer(question, Reason::unreadable);
  if (from_first->relapse.truth != from_last->relapse.truth) {
    return statement(question, unknown(Reason::imprecise_date), std::move(evidence), "");
  }
  std::string note;
  if (from_last->established) note = fmt::format("established {}", to_text(*from_last->established));
  return statement(question, from_last->relapse, std::move(evidence), std::move(note));
}

}  // namespace graftline::record
