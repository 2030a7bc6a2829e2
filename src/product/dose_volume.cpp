#include "product/dose_volume.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::product {
namespace {

using Form = Finding::Form;

std::string figure(const Rational& value, int significant = 4) {
  return graftline::to_text(value, significant);
}

void ask(std::string about, std::string text, Findings& findings) {
  findings.push_back({Form::asked, std::move(about), std::move(text), ""});
}

void check_dmso(const Millilitres& volume, const std::optional<Kilograms>& weight, const ProductState& state,
                const SiteValues& site, Findings& findings) {
  if (state.is_frozen == Truth::no && !state.dmso) return;
  const std::optional<Fraction> dmso =
      state.dmso
          ? state.dmso
          : (site.is_set("dmso_percent") ? std::optional(percent(site.get("dmso_percent"))) : std::nullopt);
  if (!dmso || !weight) {
    ask("dmso",
        fmt::format("DMSO per kg is not checked: {}",
                    !dmso ? "its share of the bag is not stated (dmso_percent), or that the product is fresh"
                          : "the weight is unknown"),
        findings);
    return;
  }
  const GramsPerKg carried = dmso_per_kg(volume, *dmso, *weight, site);
  const Rational most = site.get("dmso_g_per_kg");
  const bool is_above = carried.value() > most;
  const bool has_dmso = dmso->value() > 0;
  const std::string largest =
      has_dmso ? to_text(Millilitres(
                     Rational(most * weight->value() / (dmso->value() * site.get("dmso_g_per_ml")))))
               : "any volume";
  findings.push_back(
      {is_above ? Form::limit : Form::met, "dmso",
       fmt::format("DMSO {} g per kg, at most {}; {} at most at {} %{}", figure(carried.value()),
                   figure(most), largest, figure(Rational(dmso->value() * 100)),
                   is_above ? ": give less, wash, or spread over days" : ""),
       site.source("dmso_g_per_kg")});
  site.note_assumption("dmso_g_per_ml", findings);
}

void check_red_cells(const Millilitres& volume, const std::optional<Kilograms>& weight,
                     const ProductState& state, const SiteValues& site, Findings& findings) {
  if (state.rbc_ml_per_ml && *state.rbc_ml_per_ml > site.get("rbc_ml_per_ml")) {
    findings.push_back({Form::limit, "red_cells",
                        fmt::format("{} mL of red cells per mL of product, at most {}",
                                    figure(*state.rbc_ml_per_ml), figure(site.get("rbc_ml_per_ml"))),
                        site.source("rbc_ml_per_ml")});
  }
  if (state.abo == AboMismatch::unknown) {
    ask("abo", "whether donor and recipient differ in ABO is not stated: red cells are not checked",
        findings);
    return;
  }
  if (state.abo == AboMismatch::none || state.abo == AboMismatch::minor) {
    findings.push_back(
        {Form::met, "abo",
         state.abo == AboMismatch::none
             ? "no ABO mismatch"
             : "minor ABO mismatch: red cells of the product are compatible with the recipient; the "
               "plasma's antibodies are for the site to judge",
         ""});
    return;
  }
  const auto limit = site.find("rbc_ml_per_kg");
  if (!state.rbc_ml_per_ml) {
    ask("red_cells", "major ABO mismatch, and the red cells of the product are not stated (rbc_ml_per_ml)",
        findings);
  } else if (!limit) {
    ask("rbc_ml_per_kg", "major ABO mismatch, and the site sets no limit for red cells (rbc_ml_per_kg)",
        findings);
  } else if (!weight) {
    ask("weight", "major ABO mismatch: red cells per kg need the weight", findings);
  } else {
    const Rational carried = volume.value() * *state.rbc_ml_per_ml / weight->value();
    findings.push_back({carried > *limit ? Form::limit : Form::met, "red_cells",
                        fmt::format("{} mL of red cells per kg with a major ABO mismatch, at most {}",
                                    figure(carried), figure(*limit)),
                        site.source("rbc_ml_per_kg")});
  }
}

std::optional<std::size_t> governing_index(const DoseRequest& request) {
  if (request.targets.size() == 1) return 0;
  for (std::size_t i = 0; i < request.targets.size(); ++i) {
    if (request.governing && request.targets[i].kind == *request.governing) return i;
  }
  return std::nullopt;
}

// What the volume would be if the count were viable, and if it were total: the two answers that are asked
// for.
std::string add_alternatives(const Product& product, TargetVolume& made) {
  const Product::Count* count = product.find(made.target.kind);
  if (count == nullptr || count->viability != Viability::unstated || !made.cells_low || count->per_ml <= 0)
    return "";
  const auto sentence = [](const CellsPerMl& per_ml, const Millilitres& volume) {
    return fmt::format("{} viable per mL and {}", power_of_ten(per_ml.value()), to_text(volume));
  };
  const CellsPerMl as_counted(count->per_ml);
  made.volume_if_viable = *made.cells_low / as_counted;
  std::string text = "; if viable: " + sentence(as_counted, *made.volume_if_viable);
  if (!product.viable_fraction) return text + "; if total: its viability is needed too";
  if (*product.viable_fraction <= 0) return text + "; if total: none is viable";
  const CellsPerMl living = as_counted * Fraction(*product.viable_fraction);
  made.volume_if_total = *made.cells_low / living;
  return text + fmt::format("; if total, of which {} % are viable: {}",
                            figure(Rational(*product.viable_fraction * 100)),
                            sentence(living, *made.volume_if_total));
}

}  // namespace

void check_hold(const Product& product, const ProductState& state, const SiteValues& site,
                Findings& findings) {
  if (state.thawed_minutes) {
    const Rational most = site.get("thaw_to_infusion_minutes");
    findings.push_back(
        {*state.thawed_minutes > most ? Form::limit : Form::met, "thaw",
         fmt::format("{} minutes after thawing, at most {}", figure(*state.thawed_minutes), figure(most)),
         site.source("thaw_to_infusion_minutes")});
  }
  if (!state.age) {
    if (state.is_frozen == Truth::no)
      ask("age", "hold time of the fresh product is not checked: time since collection is not stated",
          findings);
    return;
  }
  const Rational hours = state.age->value();
  const Rational most = site.get("hold_hours");
  const std::string kept = fmt::format("{} h since collection", figure(hours));
  if (hours < 0) {
    findings.push_back({Form::limit, "hold", "the infusion or freezing stands before the collection", ""});
    return;
  }
  if (hours > most) {
    findings.push_back({Form::limit, "hold", fmt::format("{}, at most {} h", kept, figure(most)),
                        site.source("hold_hours")});
  } else if (hours > site.get("hold_preferred_hours")) {
    findings.push_back({Form::caution, "hold",
                        fmt::format("{}: allowed up to {} h, {} h preferred", kept, figure(most),
                                    figure(site.get("hold_preferred_hours"))),
                        site.source("hold_preferred_hours")});
  } else {
    findings.push_back({Form::met, "hold", kept, site.source("hold_hours")});
  }
  if (hours <= site.get("hold_dilute_after_hours")) return;
  const auto tnc = nucleated_per_ml(product);
  const Rational densest = site.get("hold_cells_per_ml");
  const std::string rule = fmt::format("held for more than {} h: at most {} nucleated cells per mL",
                                       figure(site.get("hold_dilute_after_hours")), power_of_ten(densest));
  if (!tnc || (tnc->is_lower_bound && tnc->per_ml <= densest)) {
    ask("hold_concentration",
        rule + (tnc ? "; whether its TNC count includes dead cells is not stated, or its viability"
                    : "; the TNC count is not stated"),
        findings);
    return;
  }
  findings.push_back({tnc->per_ml > densest ? Form::limit : Form::met, "hold_concentration",
                      fmt::format("{}; it has {}", rule, power_of_ten(tnc->per_ml)),
                      site.source("hold_cells_per_ml")});
}

GramsPerKg dmso_per_kg(const Millilitres& volume, const Fraction& dmso, const Kilograms& weight,
                       const SiteValues& site) {
  return Grams(Rational((volume * dmso).value() * site.get("dmso_g_per_ml"))) / weight;
}

void check_weight_drift(const Kilograms& prepared, const Kilograms& weight, const SiteValues& site,
                        Findings& findings) {
  const Rational difference = (weight.value() - prepared.value()) / prepared.value() * 100;
  const Rational most = site.get("weight_drift_percent");
  if (difference <= most && -difference <= most) return;
  findings.push_back(
      {Form::caution, "weight_drift",
       fmt::format("{} kg now, {} kg when prepared: {} % apart, more than {} %; the dose is worked "
                   "out with today's weight",
                   figure(weight.value(), 6), figure(prepared.value(), 6), figure(difference), figure(most)),
       site.source("weight_drift_percent")});
}

void check_volume(const Millilitres& volume, const std::optional<Kilograms>& weight, const Product& product,
                  const ProductState& state, const SiteValues& site, Findings& findings) {
  if (product.volume_ml && volume.value() > *product.volume_ml) {
    findings.push_back({Form::limit, "volume",
                        fmt::format("{} are needed and the product has {}", to_text(volume),
                                    to_text(Millilitres(*product.volume_ml))),
                        ""});
  }
  if (volume.value() < site.get("measurable_ml")) {
    findings.push_back(
        {Form::caution, "syringe",
         fmt::format("{} is below the {} that a syringe measures well: dilute first, or choose "
                     "another product",
                     to_text(volume), to_text(Millilitres(site.get("measurable_ml")))),
         site.source("measurable_ml")});
  }
  check_dmso(volume, weight, state, site, findings);
  check_red_cells(volume, weight, state, site, findings);
  check_hold(product, state, site, findings);
  if (state.prepared_weight && weight) check_weight_drift(*state.prepared_weight, *weight, site, findings);
}

DoseAnswer volume_of(const DoseRequest& request, const SiteValues& site) {
  DoseAnswer answer;
  for (const Product::Count& count : request.product.counts) {
    const auto per_ml = viable_per_ml(request.product, count.kind);
    if (per_ml) answer.viable.push_back({count.kind, per_ml->value(), Viability::viable});
  }
  const auto governing = governing_index(request);
  if (request.targets.empty())
    ask("dose", "no dose is given (dose, or a protocol and a record)", answer.findings);
  if (request.product.counts.empty())
    ask("product", "the product's counts are not given (product)", answer.findings);
  if (request.governing && !governing) {
    ask("governing", fmt::format("the dose has no {} target to govern the volume", name(*request.governing)),
        answer.findings);
  }
  for (std::size_t i = 0; i < request.targets.size(); ++i) {
    const DoseTarget& target = request.targets[i];
    TargetVolume made;
    made.target = target;
    made.governs = governing == i;
    const auto low = cells_of(target.low, target.per_kilogram, request.weight);
    const auto high = cells_of(target.high, target.per_kilogram, request.weight);
    if (low && high) {
      made.cells_low = *low;
      made.cells_high = *high;
    } else {
      ask("weight", fmt::format("cells of {}: {}", name(target.kind), low.error().message), answer.findings);
    }
    const auto per_ml = viable_per_ml(request.product, target.kind);
    if (!per_ml) {
      const std::string either = add_alternatives(request.product, made);
      ask(fmt::format("{} count", name(target.kind)), per_ml.error().message + either, answer.findings);
    } else if (per_ml->value() == 0) {
      answer.findings.push_back(
          {Form::limit, "count", fmt::format("the product holds no viable {} cells", name(target.kind)), ""});
    } else if (made.cells_low) {
      made.volume_low = *made.cells_low / *per_ml;
      made.volume_high = *made.cells_high / *per_ml;
      for (const Product::Count& count : answer.viable) {
        Delivered delivered{count.kind, CellsPerMl(count.per_ml) * *made.volume_low, std::nullopt};
        if (request.weight) delivered.per_kg = delivered.cells / *request.weight;
        made.delivers.push_back(std::move(delivered));
      }
    }
    answer.targets.push_back(std::move(made));
  }
  if (governing) answer.volume = answer.targets[*governing].volume_low;
  if (!governing && request.targets.size() > 1) {
    ask("governing", "which target decides the volume is for the protocol or the site to say; both are shown",
        answer.findings);
    // Limits are checked on the larger volume: what passes then passes for each.
    std::optional<Millilitres> largest;
    for (const TargetVolume& target : answer.targets) {
      if (target.volume_low && (!largest || *target.volume_low > *largest)) largest = target.volume_low;
    }
    if (largest)
      check_volume(*largest, request.weight, request.product, request.state, site, answer.findings);
  }
  if (answer.volume)
    check_volume(*answer.volume, request.weight, request.product, request.state, site, answer.findings);
  return answer;
}

}  // namespace graftline::product
