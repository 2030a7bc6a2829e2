#include "product/collection.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::product {
namespace {

using Form = Finding::Form;

std::string figure(const Rational& value) { return graftline::to_text(value, 4); }

Error not_possible(std::string_view what, std::string_view expected) {
  return {ErrorKind::out_of_range, fmt::format("{}: expected {}", what, expected)};
}

std::optional<Error> check_share(std::string_view what, const std::optional<Fraction>& share) {
  if (!share || (share->value() > 0 && share->value() <= 1)) return std::nullopt;
  return not_possible(what, "above 0 and at most 100 %");
}

std::optional<Error> check_above_zero(std::string_view what, const std::optional<Rational>& value) {
  if (!value || *value > 0) return std::nullopt;
  return not_possible(what, "above 0");
}

std::optional<Error> check_request(const CollectionRequest& request) {
  const DonorBlood& blood = request.blood;
  for (const auto& problem :
       {check_share("lymphocytes", blood.lymphocytes), check_share("CD3 share", blood.cd3_of_lymphocytes),
        check_share("mononuclear cells", blood.mononuclear),
        check_share("collection efficiency", request.efficiency), check_share("recovery", request.recovery),
        check_above_zero("WBC", blood.wbc_per_ul), check_above_zero("CD3 count", blood.cd3_per_ul),
        check_above_zero("MNC count", blood.mnc_per_ul)}) {
    if (problem) return problem;
  }
  if (request.volume && request.volume->value() <= 0) return not_possible("blood volume", "above 0");
  if (request.donor_blood_volume && request.donor_blood_volume->value() <= 0)
    return not_possible("donor blood volume", "above 0");
  return std::nullopt;
}

void ask(std::string about, std::string text, Findings& findings) {
  findings.push_back({Form::asked, std::move(about), std::move(text), ""});
}

// The ranges that one published calculator accepts; outside them a number may be right, and is worth a look.
void check_usual(std::string_view about, std::string_view unit, const std::optional<Rational>& value, int low,
                 int high, Findings& findings) {
  if (!value || (*value >= low && *value <= high)) return;
  findings.push_back({Form::caution, std::string(about),
                      fmt::format("{} {}: outside {} to {} {}, which a published calculator accepts",
                                  figure(*value), unit, low, high, unit),
                      "implementation of the MDCalc page"});
}

std::optional<Rational> in_percent(const std::optional<Fraction>& share) {
  return share ? std::optional(Rational(share->value() * 100)) : std::nullopt;
}

// Cells of a kind per mL of donor blood.
std::optional<CellsPerMl> blood_count(Kind kind, const DonorBlood& blood, const SiteValues& site,
                                      Findings& findings) {
  if (kind == Kind::cd3_cells) {
    if (blood.cd3_per_ul) return CellsPerMl(Rational(*blood.cd3_per_ul * 1000));
    if (!blood.wbc_per_ul || !blood.lymphocytes) {
      if (!blood.wbc_per_ul)
        ask("wbc", "the donor's white blood cells are not given (wbc), nor CD3+ cells per uL", findings);
      if (!blood.lymphocytes)
        ask("lymphocytes", "the share of lymphocytes is not given (lymphocytes)", findings);
      return std::nullopt;
    }
    Rational share = 0;
    if (blood.cd3_of_lymphocytes) {
      share = blood.cd3_of_lymphocytes->value();
    } else {
      site.note_assumption("cd3_percent_of_lymphocytes", findings);
      share = site.get("cd3_percent_of_lymphocytes") / 100;
    }
    return CellsPerMl(Rational(*blood.wbc_per_ul * 1000 * blood.lymphocytes->value() * share));
  }
  if (kind == Kind::mononuclear_cells) {
    if (blood.mnc_per_ul) return CellsPerMl(Rational(*blood.mnc_per_ul * 1000));
    if (blood.wbc_per_ul && blood.mononuclear)
      return CellsPerMl(Rational(*blood.wbc_per_ul * 1000 * blood.mononuclear->value()));
    ask("mnc", "mononuclear cells of the donor's blood are not given (mnc per uL, or their share of the WBC)",
        findings);
    return std::nullopt;
  }
  ask(std::string(name(kind)),
      fmt::format("a blood count of {} is not something this can work out", full_name(kind)), findings);
  return std::nullopt;
}

// The spread never excludes the value that is used.
Spread<Fraction> efficiency_of(const CollectionRequest& request, const SiteValues& site, Findings& findings) {
  if (!request.efficiency) site.note_assumption("collection_efficiency_percent", findings);
  const Fraction expected =
      request.efficiency ? *request.efficiency : percent(site.get("collection_efficiency_percent"));
  Fraction low = percent(site.get("collection_efficiency_low_percent"));
  Fraction high = percent(site.get("collection_efficiency_high_percent"));
  findings.push_back({Form::assumption, "collection_efficiency_spread",
                      fmt::format("interval from CE2 of {} to {} %", figure(Rational(low.value() * 100)),
                                  figure(Rational(high.value() * 100))),
                      fmt::format("{}; {}", site.source("collection_efficiency_low_percent"),
                                  site.source("collection_efficiency_high_percent"))});
  return {expected, std::min(low, expected), std::max(high, expected)};
}

// Less is caught at a low efficiency: the volume then is the larger.
Spread<Millilitres> volume_for(const Cells& cells, const CellsPerMl& blood, const Spread<Fraction>& ce) {
  const Millilitres bare = cells / blood;
  return {bare / ce.expected, bare / ce.high, bare / ce.low};
}

void check_sessions(const CollectionRequest& request, const SiteValues& site, CollectionAnswer& answer) {
  const std::optional<Millilitres> planned = request.volume ? request.volume : answer.volume;
  if (!planned) return;
  if (planned->value() < site.get("collection_aliquot_below_ml")) {
    answer.findings.push_back(
        {Form::caution, "aliquot",
         fmt::format("{} of blood: no apheresis is run for less than {}; use whole blood or an aliquot "
                     "of another product",
                     to_text(*planned), to_text(Millilitres(site.get("collection_aliquot_below_ml")))),
         site.source("collection_aliquot_below_ml")});
  }
  if (request.donor_blood_volume) {
    answer.donor_blood_volume = request.donor_blood_volume;
  } else if (request.donor_weight) {
    site.note_assumption("donor_blood_volume_ml_per_kg", answer.findings);
    answer.donor_blood_volume =
        Millilitres(Rational(request.donor_weight->value() * site.get("donor_blood_volume_ml_per_kg")));
  } else {
    ask("donor_weight", "sessions are not worked out: the donor's weight or blood volume is not given",
        answer.findings);
    return;
  }
  answer.blood_volumes = ratio(*planned, *answer.donor_blood_volume);
  const Rational most = site.get("session_blood_volumes");
  // More than a million sessions are no plan, whatever their number.
  const Rational sessions = std::min(Rational(answer.blood_volumes->value() / most), Rational(1000000));
  const auto whole = static_cast<int>(numerator(sessions) / denominator(sessions));
  answer.sessions = std::max(1, Rational(whole) == sessions ? whole : whole + 1);
  site.note_assumption("session_blood_volumes", answer.findings);
  if (*answer.sessions > 1) {
    answer.findings.push_back(
        {Form::limit, "session",
         fmt::format("{} blood volumes of the donor, at most {} in one session: {} sessions",
                     figure(answer.blood_volumes->value()), figure(most), *answer.sessions),
         site.source("session_blood_volumes")});
  }
}

}  // namespace

Result<Fraction> collection_efficiency(const Cells& collected, const CellsPerMl& blood,
                                       const Millilitres& processed) {
  if (collected <= Cells() || blood <= CellsPerMl() || processed <= Millilitres())
    return not_possible("collection efficiency", "cells, blood count and volume above 0");
  return ratio(collected, blood * processed);
}

Result<CollectionAnswer> plan_collection(const CollectionRequest& request, const SiteValues& site) {
  if (auto problem = check_request(request)) return *problem;
  CollectionAnswer answer;
  Findings& findings = answer.findings;
  if (request.doses.empty()) ask("dose", "no dose is given (dose, or a protocol's ladder)", findings);
  check_usual("weight", "kg", request.weight ? std::optional(request.weight->value()) : std::nullopt, 1, 300,
              findings);
  if (request.blood.wbc_per_ul)
    check_usual("wbc", "x 10^3/uL", Rational(*request.blood.wbc_per_ul / 1000), 1, 50, findings);
  check_usual("lymphocytes", "%", in_percent(request.blood.lymphocytes), 5, 80, findings);
  check_usual("cd3", "%", in_percent(request.blood.cd3_of_lymphocytes), 30, 90, findings);
  check_usual("collection_efficiency", "%", in_percent(request.efficiency), 10, 90, findings);
  const Spread<Fraction> ce = efficiency_of(request, site, findings);
  answer.efficiency = ce.expected;
  std::vector<Kind> kinds;
  for (const LadderDose& dose : request.doses) {
    for (const DoseTarget& target : dose.targets) {
      if (std::find(kinds.begin(), kinds.end(), target.kind) == kinds.end()) kinds.push_back(target.kind);
    }
  }
  if (kinds.empty() && request.volume) {  // forward, without a dose in mind: what was counted
    const bool has_mnc = request.blood.mnc_per_ul || request.blood.mononuclear;
    if (request.blood.cd3_per_ul || request.blood.lymphocytes || !has_mnc) kinds.push_back(Kind::cd3_cells);
    if (has_mnc) kinds.push_back(Kind::mononuclear_cells);
  }
  bool is_whole = !kinds.empty();
  for (const Kind kind : kinds) {
    CollectionTarget made;
    made.kind = kind;
    bool needs_known = true;
    std::vector<Cells> steps;
    for (const LadderDose& dose : request.doses) {
      for (const DoseTarget& target : dose.targets) {
        if (target.kind != kind) continue;
        const auto low = cells_of(target.low, target.per_kilogram, request.weight);
        const auto high = cells_of(target.high, target.per_kilogram, request.weight);
        if (!low || !high) {
          needs_known = false;
          continue;
        }
        for (int i = 0; i < dose.times; ++i) {
          const Fraction recovery = request.recovery.value_or(Fraction(1));
          made.needed_low += *low / recovery;
          made.needed_high += *high / recovery;
          steps.push_back(*low / recovery);
        }
      }
    }
    if (!needs_known) ask("weight", "the recipient's weight is not given", findings);
    made.blood = blood_count(kind, request.blood, site, findings);
    if (made.blood && needs_known && !steps.empty()) {
      made.volume = volume_for(made.needed_low, *made.blood, ce);
      made.volume_high = volume_for(made.needed_high, *made.blood, ce);
      answer.volume = answer.volume ? std::max(*answer.volume, made.volume->expected) : made.volume->expected;
    } else {
      is_whole = false;
    }
    if (made.blood && request.volume) {
      const Cells passing = *made.blood * *request.volume;
      made.yield = Spread<Cells>{passing * ce.expected, passing * ce.low, passing * ce.high};
      Cells left = made.yield->expected;
      for (const Cells& step : steps) {
        if (step > left) break;
        left -= step;
        ++made.doses_covered;
      }
      if (needs_known && made.doses_covered < static_cast<int>(steps.size())) {
        findings.push_back({Form::caution, "yield",
                            fmt::format("the expected yield covers {} of {} doses of {}", made.doses_covered,
                                        steps.size(), full_name(kind)),
                            ""});
      }
    }
    answer.targets.push_back(std::move(made));
  }
  if (!is_whole) answer.volume.reset();
  check_sessions(request, site, answer);
  return answer;
}

}  // namespace graftline::product
