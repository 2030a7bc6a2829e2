// Chimerism, residual disease and molecular relapse of CML, as typed.

#include <fmt/format.h>

#include <array>

#include "clinical/chimerism.h"
#include "clinical/cml_molecular_relapse.h"
#include "clinical/residual_disease.h"
#include "service/calculators.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using namespace clinical;

constexpr std::array<std::string_view, lineage_count> lineage_options{
    "whole-blood", "bone-marrow", "t-cell", "myeloid", "b-cell", "nk-cell", "cd34"};

std::string answer_text(const Answer& answer) {
  if (answer.truth != Truth::unknown) return std::string(name(answer.truth));
  std::string reasons;
  for (int i = 0; i < reason_count; ++i)
    if (answer.reasons.has(static_cast<Reason>(i)))
      reasons += fmt::format("{}{}", reasons.empty() ? "" : ", ", name(static_cast<Reason>(i)));
  return fmt::format("unknown: {}", reasons);
}

std::optional<Error> read_decimal(std::string_view field, const Typed& typed, Decimal& value) {
  if (!typed) return std::nullopt;
  auto read = parse_decimal(*typed);
  if (!read) return Error{ErrorKind::malformed_input, fmt::format("{}: expected a number", field)};
  value = *read;
  return std::nullopt;
}

std::optional<Error> read_count(std::string_view field, const Typed& typed, int& value) {
  if (!typed) return std::nullopt;
  auto read = read_integer(field, *typed);
  if (!read) return read.error();
  if (*read < 0) return Error{ErrorKind::out_of_range, fmt::format("{}: expected 0 or more", field)};
  value = *read;
  return std::nullopt;
}

Range as_donor(const Range& percent, bool is_recipient) {
  return is_recipient ? donor_from_recipient_percent(percent) : percent;
}

Result<LineageChimerism> read_lineage(const std::string& typed, bool is_recipient, Calculation& c) {
  const std::size_t equals = typed.find('=');
  const std::string lineage_text = typed.substr(0, equals);
  auto lineage = read_word("chimerism", lineage_text, {lineage_options.begin(), lineage_options.end()});
  if (!lineage) return lineage.error();
  if (equals == std::string::npos)
    return Error{ErrorKind::malformed_input, "chimerism: expected a lineage, =, and a percentage"};
  auto percent = read_range(lineage_text, std::string_view(typed).substr(equals + 1), "%");
  if (!percent) return percent.error();
  const Range donor = as_donor(*percent, is_recipient);
  c.inputs.push_back(
      {std::string(name(static_cast<Lineage>(*lineage))), fmt::format("{} % donor", written(donor, 1))});
  return LineageChimerism{static_cast<Lineage>(*lineage), donor};
}

std::optional<Error> add_class(const ChimerismRequest& r, Calculation& c) {
  ChimerismLimits limits;
  if (auto error = read_decimal("full-above", r.full_above, limits.full_above)) return error;
  if (auto error = read_decimal("absent-below", r.absent_below, limits.absent_below)) return error;
  std::vector<LineageChimerism> lineages;
  for (const std::string& typed : r.lineages) {
    auto lineage = read_lineage(typed, r.is_recipient, c);
    if (!lineage) return lineage.error();
    lineages.push_back(*lineage);
  }
  auto classified = chimerism_over_lineages(lineages, limits);
  if (!classified) return classified.error();
  for (const Chimerism::Row& row : classified->by_lineage)
    c.parts.push_back({std::string(name(row.lineage)), to_text(row.classes)});
  c.result = to_text(classified->overall);
  if (!classified->overall.only())
    for (const Lineage missing : classified->missing)
      c.missing.push_back(fmt::format("{} not measured", name(missing)));
  return std::nullopt;
}

std::optional<Error> read_falling_rule(const ChimerismRequest& r, FallingRule& rule) {
  if (auto error = read_decimal("step", r.step, rule.step)) return error;
  if (auto error = read_count("steps", r.n_steps, rule.n_steps)) return error;
  if (auto error = read_count("min-gap", r.min_gap_days, rule.min_gap_days)) return error;
  return read_decimal("single-drop", r.single_drop, rule.single_drop);
}

std::optional<Error> add_trend(const ChimerismRequest& r, Calculation& c) {
  FallingRule rule;
  if (auto error = read_falling_rule(r, rule)) return error;
  std::vector<ChimerismTest> tests;
  for (const std::string& typed : r.series) {
    auto parts = read_parts("series", typed, 2);
    if (!parts) return parts.error();
    auto date = read_date("series", parts->front());
    if (!date) return date.error();
    auto percent = read_range("series", std::string_view(parts->back()), "%");
    if (!percent) return percent.error();
    const Range donor = as_donor(*percent, r.is_recipient);
    c.inputs.push_back({to_text(*date), fmt::format("{} % donor", written(donor, 1))});
    tests.push_back({*date, donor});
  }
  auto trend = chimerism_trend(tests, rule);
  if (!trend) return trend.error();
  c.parts.push_back({"donor falling (recipient increasing)", answer_text(trend->donor_falling)});
  c.parts.push_back({"donor rising (recipient decreasing)", answer_text(trend->donor_rising)});
  if (trend->last_fall) c.parts.push_back({"last certain fall", to_text(*trend->last_fall)});
  c.result += (c.result.empty() ? "" : "; ") + to_text(*trend);
  c.notes.push_back(
      fmt::format("falling: a drop of at least {} points from the test before, in {} consecutive tests at "
                  "least {} days apart, or one drop "
                  "of at least {} points [convention; centers differ]",
                  to_text(rule.step), rule.n_steps, rule.min_gap_days, to_text(rule.single_drop)));
  return std::nullopt;
}

// "flow>=0.1", "WT1>0.6", or only "flow" when results are typed as positive and negative.
struct TypedMethod {
  MrdMethod method;
  bool has_threshold = false;
};

Result<TypedMethod> read_method(const std::string& typed) {
  const std::size_t sign = typed.find('>');
  if (sign == std::string::npos) return TypedMethod{{typed, {}, true}, false};
  const bool at_threshold = typed.compare(sign, 2, ">=") == 0;
  auto threshold = parse_decimal(std::string_view(typed).substr(sign + (at_threshold ? 2 : 1)));
  if (!threshold)
    return Error{ErrorKind::malformed_input,
                 "method: expected a name, >= or >, and the threshold of a positive"};
  return TypedMethod{{typed.substr(0, sign), *threshold, at_threshold}, true};
}

Result<Answer> judge_result(const std::string& value, const std::string& method,
                            const std::vector<TypedMethod>& methods) {
  if (value == "positive") return answer(true);
  if (value == "negative") return answer(false);
  if (value == "unreadable") return unknown(Reason::unreadable);
  auto number = read_range("sample", std::string_view(value), "%");
  if (!number)
    return Error{ErrorKind::malformed_input,
                 "sample: expected positive, negative, unreadable or a percentage"};
  for (const TypedMethod& m : methods)
    if (m.method.name == method && m.has_threshold) return is_positive(m.method, *number);
  return Error{ErrorKind::not_found,
               "sample: a number needs the threshold of its method (method NAME>=NUMBER); none is a default"};
}

std::optional<Error> add_sample(const std::string& typed, const std::vector<TypedMethod>& methods,
                                std::vector<MrdSample>& samples, Calculation& c) {
  auto parts = read_parts("sample", typed, 3);
  if (!parts) return parts.error();
  auto date = read_date("sample", (*parts)[0]);
  if (!date) return date.error();
  auto positive = judge_result((*parts)[2], (*parts)[1], methods);
  if (!positive) return positive.error();
  c.inputs.push_back({fmt::format("{} {}", to_text(*date), (*parts)[1]),
                      fmt::format("{} ({})", (*parts)[2],
                                  positive->truth == Truth::yes  ? "positive"
                                  : positive->truth == Truth::no ? "negative"
                                                                 : "unknown")});
  for (MrdSample& sample : samples)
    if (sample.taken == *date) {
      sample.results.push_back({(*parts)[1], *positive});
      return std::nullopt;
    }
  samples.push_back({*date, {{(*parts)[1], *positive}}});
  return std::nullopt;
}

}  // namespace

Result<Calculation> classify_chimerism(const ChimerismRequest& r) {
  if (r.lineages.empty() && r.series.empty())
    return Error{ErrorKind::not_found, "chimerism: needs a lineage's percentage or a series of tests"};
  Calculation c;
  c.what = "donor chimerism";
  c.source =
      "classes: EBMT Handbook 2024 ch. 21 (full above 95 % donor in lymphoid and myeloid cells, absent below "
      "5 %)";
  if (!r.lineages.empty())
    if (auto error = add_class(r, c)) return *error;
  if (!r.series.empty())
    if (auto error = add_trend(r, c)) return *error;
  return c;
}

Result<Calculation> judge_residual_disease(const MrdRequest& r) {
  Calculation c;
  MrdRule rule;
  std::vector<TypedMethod> methods;
  for (const std::string& typed : r.methods) {
    auto method = read_method(typed);
    if (!method) return method.error();
    rule.methods.push_back(method->method.name);
    methods.push_back(*method);
  }
  if (auto error = read_count("consecutive", r.n_consecutive, rule.n_consecutive)) return *error;
  if (auto error = read_count("min-gap", r.min_gap_days, rule.min_gap_days)) return *error;
  if (auto error =
          read_count("methods-in-one-sample", r.n_methods_in_one_sample, rule.n_methods_in_one_sample))
    return *error;
  std::vector<MrdSample> samples;
  for (const std::string& typed : r.samples)
    if (auto error = add_sample(typed, methods, samples, c)) return *error;
  auto judged = mrd_positivity(samples, rule);
  if (!judged) return judged.error();
  c.what = "measurable residual disease";
  c.result = fmt::format("positive: {}", answer_text(judged->positive));
  c.low = c.high = name(judged->positive.truth);
  if (judged->first_established)
    c.parts.push_back({"first established", to_text(*judged->first_established)});
  c.missing = judged->needed;
  c.source = "the rule as given here: thresholds, counts and gaps belong to the protocol or the site";
  return c;
}

Result<Calculation> judge_cml_relapse(const CmlRelapseRequest& r) {
  Calculation c;
  auto transplant = parse_day(r.transplant);
  if (!transplant) return Error{ErrorKind::malformed_input, "transplant: expected a date such as 2026-01-31"};
  std::vector<BcrAbl1Sample> samples;
  for (const std::string& typed : r.samples) {
    auto parts = read_parts("sample", typed, 2);
    if (!parts) return parts.error();
    auto date = read_date("sample", parts->front());
    if (!date) return date.error();
    auto ratio = read_range("sample", std::string_view(parts->back()), "%");
    if (!ratio) return ratio.error();
    samples.push_back({*date, *ratio});
    c.inputs.push_back({fmt::format("{} (day {:+})", to_text(*date), date->first - *transplant),
                        fmt::format("{} %", parts->back())});
  }
  auto judged = cml_molecular_relapse(samples, *transplant);
  if (!judged) return judged.error();
  c.what = "molecular relapse of CML";
  c.parts = {{"(a) above 0.02 % in 3 samples", answer_text(judged->by_three_low)},
             {"(b) rising in 3 samples, the last two above 0.02 %", answer_text(judged->by_rise)},
             {"(c) above 0.05 % in 2 samples", answer_text(judged->by_two_high)},
             {"samples counted, from day +120", fmt::format("{}", judged->n_counted)}};
  if (judged->established) c.parts.push_back({"established", to_text(*judged->established)});
  c.result = fmt::format("molecular relapse: {}", answer_text(judged->relapse));
  c.low = c.high = name(judged->relapse.truth);
  if (judged->relapse.truth == Truth::unknown && judged->relapse.reasons.has(Reason::never_measured))
    c.missing.emplace_back("a further sample, at least 28 days after the last one that counted");
  c.notes.emplace_back(
      "samples at least 28 days apart; one at or below its threshold breaks the chain; rising: at least "
      "twofold");
  c.source = "EBMT Handbook 2024 ch. 77, which cites Kaeda 2006; chain rule by convention (docs/clinical.md)";
  return c;
}

}  // namespace graftline::service
