#include "service/ladder.h"

#include <fmt/format.h>

#include <utility>

#include "engine/ladder.h"
#include "interop/csv/writer.h"
#include "interop/import.h"
#include "interop/site.h"
#include "record/facts.h"

namespace graftline::service {
namespace {

using product::Finding;
using Form = Finding::Form;

void add_step(int level, const engine::Dose& dose, const std::string& protocol, Ladder& ladder) {
  ladder.doses.push_back({fmt::format("level {} of {}", level, protocol), targets_of(dose), 1});
}

void add_gap(int level, const std::string& gap, Ladder& ladder) {
  ladder.findings.push_back({Form::asked, "dose", fmt::format("level {}: {}", level, gap), ""});
}

// The weight that aliquots were filled for, where the record says it.
std::optional<product::Kilograms> prepared_weight_of(const record::View& view) {
  const record::Reading reading = view.read(record::fact_id("preparation_weight"), record::Pick::latest, {});
  if (reading.members.size() != 1 || !reading.reasons.empty()) return std::nullopt;
  const auto* quantity = std::get_if<Quantity>(&reading.members.front().value);
  const auto kilogram = parse_unit("kg");
  if (quantity == nullptr || quantity->comparator != Comparator::none || !kilogram) return std::nullopt;
  const auto value = convert(to_rational(quantity->value), quantity->unit, *kilogram);
  if (!value || *value <= 0) return std::nullopt;
  return product::Kilograms(*value);
}

// For a patient: the infusions that the plan still holds.
std::optional<Error> add_plan(const Ask& ask, const Prepared& prepared, Ladder& ladder) {
  const auto one = read_one(ask);
  if (!one) return one.error();
  const Answered answered = answer(prepared.protocol, one->timeline, prepared.question);
  const record::View view(one->timeline, prepared.question.as_of, prepared.question.known_on);
  ladder.recipient = one->timeline.patient;
  ladder.abo = abo_mismatch_of(view);
  ladder.prepared_weight = prepared_weight_of(view);
  if (answered.plan.weight.kilograms) ladder.weight = product::Kilograms(*answered.plan.weight.kilograms);
  if (!answered.plan.weight.too_old.empty()) {
    ladder.findings.push_back(
        {Form::asked, "weight",
         fmt::format("the weight on record is too old: {}", answered.plan.weight.too_old), ""});
  }
  Kind governing = Kind::none;
  if (kind_from_name(answered.plan.governing, governing)) ladder.governing = governing;
  for (const engine::PlannedInfusion& infusion : answered.plan.infusions) {
    if (infusion.dose) {
      add_step(infusion.level, *infusion.dose, prepared.protocol.id, ladder);
    } else {
      add_gap(infusion.level, infusion.dose_gap, ladder);
    }
  }
  if (!answered.plan.infusions.empty()) return std::nullopt;
  ladder.findings.push_back({Form::asked, "dose",
                             fmt::format("the protocol plans no infusion for this patient on {}: {}",
                                         to_text(prepared.question.as_of), answered.plan.end),
                             ""});
  return std::nullopt;
}

// What is still missing, and how it may be given.
std::string how_to_give(const engine::Missing& missing, const protocol::Protocol& protocol) {
  if (protocol.find_parameter(missing.name) != nullptr) return fmt::format("--set {}=...", missing.name);
  const protocol::FactDeclaration* fact = protocol.find_fact(missing.name);
  if (fact != nullptr) return fmt::format("--fact {}=...", record::fact(fact->fact).id);
  return missing.name;
}

// Typed facts as rows of the long form, which gives them their meaning: "donor_type=matched_sibling",
// "transplant=2025-09-01", "lvef=60 %".
Result<record::Timeline> typed_record(const std::vector<std::string>& facts, Day as_of) {
  std::string csv = interop::csv::long_form_header();
  for (const std::string& typed : facts) {
    const std::size_t equals = typed.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{ErrorKind::malformed_input, fmt::format("--fact '{}': expected FACT=VALUE", typed)};
    const auto fact = record::find_fact(typed.substr(0, equals));
    if (!fact) {
      const std::string closest = record::closest_fact(typed.substr(0, equals));
      return Error{ErrorKind::not_found,
                   fmt::format("--fact '{}': no such fact{}", typed,
                               closest.empty() ? "" : fmt::format("; did you mean '{}'?", closest))};
    }
    std::string value = typed.substr(equals + 1);
    std::string date = to_text(as_of);
    std::string unit;
    if (parse_partial_date(value)) {
      date = std::exchange(value, "yes");
    } else if (const auto blank = value.find(' '); blank != std::string::npos) {
      unit = value.substr(blank + 1);
      value.resize(blank);
    }
    csv += fmt::format("typed,{},{},{},{},,,,,,\n", date, record::fact(*fact).id, interop::csv::field(value),
                       interop::csv::field(unit));
  }
  record::Timeline timeline;
  const auto report = interop::import_text("typed.csv", csv, interop::Mapping::defaults(),
                                           [&](record::Timeline&& read) { timeline = std::move(read); });
  for (const auto& finding : report.refusals)
    return Error{ErrorKind::malformed_input,
                 fmt::format("--fact: {}: {} {}", finding.path, finding.reason, finding.detail)};
  return timeline;
}

// For anybody: the table alone.
std::optional<Error> add_table(const Prepared& prepared, const std::vector<std::string>& facts,
                               Ladder& ladder) {
  const auto typed = typed_record(facts, prepared.question.as_of);
  if (!typed) return typed.error();
  const record::View view(*typed, prepared.question.as_of, prepared.question.known_on);
  const auto steps = engine::ladder(prepared.protocol, view, prepared.question.settings);
  if (!steps) return Error{steps.error().kind, steps.error().message + " (--strategy)"};
  for (const engine::LadderStep& step : *steps) {
    if (step.dose) {
      add_step(step.level, *step.dose, prepared.protocol.id, ladder);
      continue;
    }
    std::string how;
    for (const engine::Missing& one : step.missing)
      how += (how.empty() ? "" : ", ") + how_to_give(one, prepared.protocol);
    add_gap(step.level,
            how.empty() ? step.gap : fmt::format("{}; give the patient's record, or {}", step.gap, how),
            ladder);
  }
  return std::nullopt;
}

}  // namespace

// The levels of the fact stand in the order of the enumeration, behind unknown.
product::AboMismatch abo_mismatch_of(const record::View& view) {
  const record::Reading reading = view.read(record::fact_id("abo_mismatch"), record::Pick::latest, {});
  if (reading.members.size() != 1 || !reading.reasons.empty()) return product::AboMismatch::unknown;
  const auto* level = std::get_if<record::Level>(&reading.members.front().value);
  if (level == nullptr || level->low != level->high) return product::AboMismatch::unknown;
  return static_cast<product::AboMismatch>(level->low + 1);
}

std::vector<product::DoseTarget> targets_of(const engine::Dose& dose) {
  std::vector<product::DoseTarget> targets;
  for (const engine::TargetDose& target : dose.targets)
    targets.push_back({target.kind, target.per_kilogram, target.low, target.high});
  return targets;
}

Result<Ladder> find_ladder(const LadderRequest& request) {
  Ladder ladder;
  if (!request.facts.empty() && (!request.ask || !request.ask->records.empty()))
    return Error{
        ErrorKind::malformed_input,
        "--fact: says what a protocol's table asks of a patient without records; give --protocol, and no "
        "records"};
  if (request.ask) {
    auto protocols = find_protocols(*request.ask);
    if (!protocols) return protocols.error();
    const auto prepared = prepare(*request.ask, std::move(*protocols));
    if (!prepared) return prepared.error();
    for (const Prepared& one : *prepared) {
      const auto problem = request.ask->records.empty() ? add_table(one, request.facts, ladder)
                                                        : add_plan(*request.ask, one, ladder);
      if (problem) return *problem;
    }
  }
  if (!request.doses.empty()) {
    if (!ladder.doses.empty()) {
      ladder.findings.push_back(
          {Form::caution, "dose", "the doses given are used, not those of the protocol", ""});
    }
    std::erase_if(ladder.findings,
                  [](const Finding& f) { return f.form == Form::asked && f.about == "dose"; });
    ladder.doses.clear();
    for (const std::string& text : request.doses) {
      auto targets = product::parse_dose(text);
      if (!targets) return targets.error();
      ladder.doses.push_back(
          {fmt::format("dose {}", ladder.doses.size() + 1), std::move(*targets), request.times});
    }
  }
  if (request.weight) {
    const auto weight = product::parse_weight(*request.weight);
    if (!weight) return weight.error();
    if (ladder.weight && !(*ladder.weight == *weight))
      ladder.findings.push_back(
          {Form::caution, "weight", "the weight given is used, not that of the record", ""});
    std::erase_if(ladder.findings,
                  [](const Finding& f) { return f.form == Form::asked && f.about == "weight"; });
    ladder.weight = *weight;
  }
  return ladder;
}

Result<product::SiteValues> product_values(const std::string& site_file,
                                           const std::vector<std::string>& typed) {
  product::SiteValues values;
  if (!site_file.empty()) {
    const auto read = interop::read_product_values(site_file);
    if (!read) return read.error();
    for (const interop::ProductValue& one : *read) {
      if (auto problem = values.set(one.name, one.value, one.origin)) return *problem;
    }
  }
  for (const std::string& pair : typed) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{ErrorKind::malformed_input, fmt::format("--value '{}': expected NAME=VALUE", pair)};
    if (auto problem = values.set(pair.substr(0, equals), pair.substr(equals + 1), "command line"))
      return *problem;
  }
  return values;
}

}  // namespace graftline::service
