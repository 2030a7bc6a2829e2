#include "service/randomisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "stats/data_table.h"
#include "trial/allocation.h"
#include "trial/allocation_quality.h"

namespace graftline::service {
namespace {

constexpr const char* source =
    "Zelen 1974 (blocks); Efron 1971 (coin); Pocock and Simon 1975 (minimisation); docs/designs.md";

Error malformed(std::string message) { return {ErrorKind::malformed_input, std::move(message)}; }

struct Factor {
  std::string name;
  std::vector<std::string> levels;
};

// A rule, with the words that its numbers stand for.
struct Scheme {
  trial::AllocationRule rule;
  std::vector<std::string> arms;
  std::vector<Factor> factors;
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == by)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Result<std::vector<int>> ratio_of(const RuleRequest& request) {
  std::vector<int> ratio;
  for (const std::string& part : split(request.ratio, ':')) {
    int share = 0;
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), share);
    if (code != std::errc() || end != part.data() + part.size() || share < 1 || share > 100)
      return malformed(
          fmt::format("--ratio: '{}' is not whole shares from 1 to 100 such as 2:1", request.ratio));
    ratio.push_back(share);
  }
  if (ratio.size() != request.arms.size())
    return malformed(
        fmt::format("--ratio has {} shares, --arms names {}", ratio.size(), request.arms.size()));
  return ratio;
}

Result<std::vector<Factor>> factors_of(const RuleRequest& request) {
  std::vector<Factor> factors;
  for (const std::string& text : request.factors) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return malformed(fmt::format("--factor: '{}' is not NAME=LEVEL,LEVEL,..", text));
    Factor factor{text.substr(0, equals), split(text.substr(equals + 1), ',')};
    if (factor.name == "arm" ||
        std::any_of(factors.begin(), factors.end(), [&](const Factor& f) { return f.name == factor.name; }))
      return malformed(fmt::format("--factor: the name '{}' is taken", factor.name));
    for (const std::string& level : factor.levels)
      if (level.empty() || std::count(factor.levels.begin(), factor.levels.end(), level) > 1)
        return malformed(fmt::format("--factor {}: an empty level, or one given twice", factor.name));
    factors.push_back(std::move(factor));
  }
  return factors;
}

Result<trial::AllocationRule> rule_of(const RuleRequest& r, const std::vector<int>& ratio) {
  if (r.rule == "blocks") {
    const int whole = std::accumulate(ratio.begin(), ratio.end(), 0);
    trial::PermutedBlocks rule{ratio, {}};
    for (int size : r.block_sizes) {
      if (size < 1 || size % whole != 0)
        return malformed(
            fmt::format("--blocks: a block of {} cannot hold the ratio {}; its size must be a multiple of {}",
                        size, r.ratio, whole));
      rule.repeats.push_back(size / whole);
    }
    return trial::AllocationRule(rule);
  }
  if (r.rule == "coin")
    return trial::AllocationRule(
        trial::BiasedCoin{ratio, r.probability == 0.0 ? 2.0 / 3.0 : r.probability, r.limit});
  if (r.rule != "minimisation")
    return malformed(fmt::format("--rule: '{}' is not blocks, coin or minimisation", r.rule));
  if (r.measure != "range" && r.measure != "variance")
    return malformed(fmt::format("--measure: '{}' is not range or variance", r.measure));
  if (!r.weights.empty() && r.weights.size() != r.factors.size())
    return malformed(fmt::format("--weights has {} numbers, --factor was given {} times", r.weights.size(),
                                 r.factors.size()));
  return trial::AllocationRule(trial::Minimisation{
      ratio, r.weights,
      r.measure == "range" ? trial::ImbalanceMeasure::range : trial::ImbalanceMeasure::variance,
      r.probability == 0.0 ? 0.8 : r.probability});
}

Result<Scheme> scheme_of(const RuleRequest& request) {
  for (const std::string& arm : request.arms)
    if (arm.empty() || std::count(request.arms.begin(), request.arms.end(), arm) > 1)
      return malformed("--arms: an empty name, or one given twice");
  auto ratio = ratio_of(request);
  if (!ratio) return ratio.error();
  auto factors = factors_of(request);
  if (!factors) return factors.error();
  auto rule = rule_of(request, *ratio);
  if (!rule) return rule.error();
  if (auto sound = trial::is_sound(*rule); !sound) return sound.error();
  return Scheme{*rule, request.arms, *factors};
}

std::vector<Item> inputs_of(const RuleRequest& r) {
  std::vector<Item> inputs{
      {"rule", r.rule}, {"arms", fmt::format("{}", fmt::join(r.arms, ", "))}, {"ratio", r.ratio}};
  for (const std::string& factor : r.factors) inputs.push_back({"factor", factor});
  if (r.rule == "blocks")
    inputs.push_back({"block sizes", fmt::format("{}", fmt::join(r.block_sizes, ", "))});
  if (r.rule != "blocks" && r.probability != 0.0)
    inputs.push_back({"probability towards balance", fmt::format("{:.6g}", r.probability)});
  if (r.rule == "minimisation") inputs.push_back({"measure", r.measure});
  return inputs;
}

Result<trial::Levels> checked_levels(const Scheme& scheme, const std::vector<std::string>& levels,
                                     const std::string& where) {
  if (levels.size() != scheme.factors.size())
    return malformed(
        fmt::format("{}: {} levels for {} factors", where, levels.size(), scheme.factors.size()));
  for (std::size_t f = 0; f < levels.size(); ++f) {
    const Factor& factor = scheme.factors[f];
    if (std::find(factor.levels.begin(), factor.levels.end(), levels[f]) == factor.levels.end())
      return malformed(fmt::format("{}: '{}' is no level of {}; there are {}", where, levels[f], factor.name,
                                   fmt::join(factor.levels, ", ")));
  }
  return levels;
}

std::string text_at(const stats::Column& column, std::size_t row) {
  return column.is_text ? std::string(column.text(row)) : stats::label_of(column.number[row]);
}

Result<std::vector<trial::Allocated>> read_allocations(const Scheme& scheme, const std::string& csv) {
  std::vector<trial::Allocated> all;
  if (csv.empty()) return all;
  auto table = stats::parse_csv(csv);
  if (!table) return table.error();
  std::vector<const stats::Column*> columns;
  for (const Factor& factor : scheme.factors) columns.push_back(table->find(factor.name));
  const stats::Column* arms = table->find("arm");
  for (std::size_t f = 0; f < columns.size(); ++f)
    if (columns[f] == nullptr)
      return malformed(fmt::format("allocations: no column '{}'", scheme.factors[f].name));
  if (arms == nullptr) return malformed("allocations: no column 'arm'");
  for (std::size_t row = 0; row < table->rows; ++row) {
    const std::string where = fmt::format("allocations, row {}", row + 1);
    std::vector<std::string> levels;
    levels.reserve(columns.size());
    for (const stats::Column* column : columns) levels.push_back(text_at(*column, row));
    auto checked = checked_levels(scheme, levels, where);
    if (!checked) return checked.error();
    const auto arm = std::find(scheme.arms.begin(), scheme.arms.end(), text_at(*arms, row));
    if (arm == scheme.arms.end())
      return malformed(fmt::format("{}, column arm: none of {}", where, fmt::join(scheme.arms, ", ")));
    all.push_back({*checked, static_cast<int>(arm - scheme.arms.begin())});
  }
  return all;
}

// Every combination of levels, the last factor changing fastest.
std::vector<trial::Levels> strata_of(const std::vector<Factor>& factors) {
  std::vector<trial::Levels> strata(1);
  for (const Factor& factor : factors) {
    std::vector<trial::Levels> longer;
    for (const trial::Levels& stratum : strata)
      for (const std::string& level : factor.levels) {
        longer.push_back(stratum);
        longer.back().push_back(level);
      }
    strata = std::move(longer);
  }
  return strata;
}

}  // namespace

Result<DesignSheet> randomise_seal(const std::string& secret) {
  auto seed = trial::SealedSeed::from_secret(secret);
  if (!seed) return seed.error();
  DesignSheet sheet;
  sheet.what = "Seal of an allocation secret";
  sheet.results = {{"seal", seed->seal()}};
  sheet.notes.emplace_back("publish the seal before the first patient; keep the secret from whoever enrols");
  sheet.source = "SHA-256; src/trial/sealed_seed.h";
  return sheet;
}

Result<DesignSheet> randomise_list(const RuleRequest& request, const std::string& secret, int patients) {
  auto scheme = scheme_of(request);
  if (!scheme) return scheme.error();
  if (std::holds_alternative<trial::Minimisation>(scheme->rule))
    return Error{
        ErrorKind::unsupported,
        "minimisation has no list beforehand: each arm depends on the patients so far; use randomise next"};
  if (patients < 1 || patients > 100000)
    return Error{ErrorKind::out_of_range, "--patients: from 1 to 100000 in each stratum"};
  auto seed = trial::SealedSeed::from_secret(secret);
  if (!seed) return seed.error();
  DesignSheet sheet;
  sheet.what = "Allocation list";
  sheet.inputs = inputs_of(request);
  sheet.results = {{"seal", seed->seal()}};
  SheetTable table{"Allocations, in the order of enrolment within each stratum", {}, {}};
  for (const Factor& factor : scheme->factors) table.columns.push_back(factor.name);
  table.columns.insert(table.columns.end(), {"number", "arm"});
  for (const trial::Levels& stratum : strata_of(scheme->factors)) {
    std::vector<trial::Allocated> so_far;
    for (int k = 1; k <= patients; ++k) {
      auto arm = trial::next_arm(scheme->rule, *seed, so_far, stratum);
      if (!arm) return arm.error();
      so_far.push_back({stratum, *arm});
      std::vector<SheetCell> row(stratum.begin(), stratum.end());
      row.emplace_back(double(k));
      row.emplace_back(scheme->arms[static_cast<std::size_t>(*arm)]);
      table.rows.push_back(std::move(row));
    }
  }
  sheet.tables.push_back(std::move(table));
  sheet.source = source;
  return sheet;
}

Result<DesignSheet> randomise_next(const RuleRequest& request, const std::string& secret,
                                   const std::string& so_far, const std::vector<std::string>& levels) {
  auto scheme = scheme_of(request);
  if (!scheme) return scheme.error();
  auto seed = trial::SealedSeed::from_secret(secret);
  if (!seed) return seed.error();
  auto allocations = read_allocations(*scheme, so_far);
  if (!allocations) return allocations.error();
  auto checked = checked_levels(*scheme, levels, "--levels");
  if (!checked) return checked.error();
  auto arm = trial::next_arm(scheme->rule, *seed, *allocations, *checked);
  if (!arm) return arm.error();
  DesignSheet sheet;
  sheet.what = "Next allocation";
  sheet.inputs = inputs_of(request);
  sheet.results = {{"patient", double(allocations->size() + 1)},
                   {"arm", scheme->arms[static_cast<std::size_t>(*arm)]},
                   {"seal", seed->seal()}};
  sheet.source = source;
  return sheet;
}

Result<Audit> randomise_verify(const RuleRequest& request, const std::string& secret, const std::string& seal,
                               const std::string& so_far) {
  auto scheme = scheme_of(request);
  if (!scheme) return scheme.error();
  auto seed = trial::SealedSeed::from_secret(secret);
  if (!seed) return seed.error();
  auto allocations = read_allocations(*scheme, so_far);
  if (!allocations) return allocations.error();
  Audit audit;
  SheetTable table{"Allocations that do not follow from the secret", {"row", "recorded", "should be"}, {}};
  for (std::size_t i = 0; i < allocations->size(); ++i) {
    const trial::Allocated& patient = (*allocations)[i];
    auto arm = trial::next_arm(scheme->rule, *seed, std::span(allocations->data(), i), patient.levels);
    if (!arm) return arm.error();
    if (*arm != patient.arm)
      table.rows.push_back({double(i + 1), scheme->arms[static_cast<std::size_t>(patient.arm)],
                            scheme->arms[static_cast<std::size_t>(*arm)]});
  }
  const bool fits = trial::opens(seal, secret);
  audit.ok = fits && table.rows.empty();
  audit.sheet.what = "Audit of an allocation sequence";
  audit.sheet.inputs = inputs_of(request);
  audit.sheet.results = {{"the secret fits the seal", std::string(fits ? "yes" : "no")},
                         {"allocations", double(allocations->size())},
                         {"that differ", double(table.rows.size())}};
  audit.sheet.tables.push_back(std::move(table));
  audit.sheet.notes.emplace_back("each row is worked out from the recorded rows before it");
  audit.sheet.source = source;
  return audit;
}

Result<DesignSheet> randomise_quality(const RuleRequest& request, int patients, int replicates,
                                      std::uint64_t seed) {
  auto scheme = scheme_of(request);
  if (!scheme) return scheme.error();
  trial::SimulatedEnrolment enrolment;
  enrolment.patients = patients;
  enrolment.replicates = replicates;
  enrolment.seed = seed;
  for (const Factor& factor : scheme->factors) enrolment.level_share.emplace_back(factor.levels.size(), 1.0);
  auto found = trial::allocation_quality(scheme->rule, enrolment);
  if (!found) return found.error();
  DesignSheet sheet;
  sheet.what = "Balance and predictability, simulated";
  sheet.inputs = inputs_of(request);
  sheet.inputs.push_back({"patients", fmt::format("{}", patients)});
  sheet.inputs.push_back({"trials simulated", fmt::format("{}, seed {}", replicates, seed)});
  SheetTable table{"Means over the trials", {"measure", "mean", "standard error"}, {}};
  const auto add = [&](std::string name, const trial::Measured& m) {
    table.rows.push_back({std::move(name), cell(m.mean), cell(m.standard_error)});
  };
  add("imbalance at the end", found->overall_imbalance);
  add("imbalance within a level", found->marginal_imbalance);
  add("worst imbalance on the way", found->worst_imbalance);
  add("allocations guessed", found->guessed);
  for (std::size_t arm = 0; arm < found->arm_share.size(); ++arm)
    add("share of " + scheme->arms[arm], found->arm_share[arm]);
  sheet.tables.push_back(std::move(table));
  sheet.notes.emplace_back(
      "imbalance: most minus fewest patients over the arms, each divided by its share; the guesser "
      "names the arm that is behind in the stratum");
  sheet.source = "Blackwell and Hodges 1957; Rosenberger and Lachin 2016; docs/designs.md";
  return sheet;
}

}  // namespace graftline::service
