#include "analysis/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "stats/cox_curve.h"

namespace graftline::analysis {
namespace {

Error unreadable(const std::string& text) {
  return Error{
      ErrorKind::malformed_input,
      fmt::format("--predict {}: expected COLUMN=VALUE, ... with a value for each column of the model",
                  text)};
}

// "age=60, arm=B" as a table of one row.
Result<stats::DataTable> subject_of(const stats::DataTable& table, const Request& request,
                                    const std::string& text) {
  stats::DataTable subject;
  subject.rows = 1;
  for (const std::string& part : stats::split_outside(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0) return unreadable(text);
    const std::vector<std::string> sides = stats::split_outside(part, '=');
    if (sides.size() != 2 || sides[1].empty()) return unreadable(text);
    const std::string& name = sides[0];
    const std::string& word = sides[1];
    const bool exposure = std::any_of(request.exposures.begin(), request.exposures.end(),
                                      [&name](const Exposure& e) { return e.name == name; });
    if (const auto problem = check_names(table, name); problem && !exposure) return *problem;
    const stats::Column* column = table.find(name);
    if (column == nullptr && !exposure) return unreadable(text);
    if (column != nullptr && column->is_text) {
      if (std::find(column->words.begin(), column->words.end(), word) == column->words.end())
        return Error{ErrorKind::not_found,
                     fmt::format("--predict {}: column {} has no {}; it has {}", text, name, word,
                                 fmt::join(stats::coded(*column).label, ", "))};
      subject.columns[name] = stats::text_column({word});
      continue;
    }
    double value = 0.0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
      return Error{ErrorKind::malformed_input,
                   fmt::format("--predict {}: a number is expected for column {}", text, name)};
    subject.columns[name] = stats::number_column({value});
  }
  return subject;
}

Result<std::vector<std::vector<double>>> values_of(const stats::DataTable& table, const Begun& begun) {
  std::vector<std::vector<double>> all;
  all.reserve(begun.request.predict.size());
  for (const std::string& text : begun.request.predict) {
    const auto subject = subject_of(table, begun.request, text);
    if (!subject) return subject.error();
    auto values = stats::subject_values(*subject, begun.rows.covariates.names);
    if (!values)
      return Error{values.error().kind, fmt::format("--predict {}: {}", text, values.error().message)};
    all.push_back(std::move(*values));
  }
  return all;
}

// The value of a right-continuous step function, `start` before its first time.
double at(const std::vector<double>& time, const std::vector<double>& value, double t, double start) {
  const auto after = std::upper_bound(time.begin(), time.end(), t) - time.begin();
  return after == 0 ? start : value[static_cast<std::size_t>(after) - 1];
}

Table predicted_table(const char* what, bool strata) {
  Table table{"predicted", "Predicted by the model", {{"subject", Kind::text}}, {}};
  if (strata) table.columns.push_back({"stratum", Kind::text});
  table.columns.push_back({"time", Kind::time});
  table.columns.push_back({what, Kind::probability});
  return table;
}

std::string label_of(const std::string& subject, const Rows& rows, std::size_t stratum) {
  return rows.strata.empty() ? subject : fmt::format("{}; {}", subject, rows.strata[stratum]);
}

std::vector<double> times_of(const Begun& begun) {
  double last = 0.0;
  for (const double t : begun.rows.time) last = std::max(last, t);
  return times_or_ticks(begun.request, last);
}

}  // namespace

std::optional<Error> add_predicted_survival(Analysis& analysis, const stats::DataTable& table,
                                            const Begun& begun, const stats::CoxDesign& design,
                                            const stats::CoxFit& fit) {
  if (!fit.monotone.empty())
    return Error{ErrorKind::conflict, "--predict: a coefficient is infinite; --firth gives finite ones"};
  const auto limits = limits_of(begun.request, stats::LimitScale::log_log);
  if (!limits) return limits.error();
  const auto subjects = values_of(table, begun);
  if (!subjects) return subjects.error();
  const bool strata = !begun.rows.strata.empty();
  Table predicted = predicted_table("survival", strata);
  for (const char* name : {"std_err", "lower", "upper", "cumhaz"})
    predicted.columns.push_back({name, Kind::probability});
  Figure figure;
  figure.limits = limits_text(*limits);
  const std::vector<double> times = times_of(begun);
  for (std::size_t s = 0; s < subjects->size(); ++s) {
    const auto curves = stats::predicted_curves(design, fit, (*subjects)[s], *limits);
    for (std::size_t k = 0; k < curves.size(); ++k) {
      const auto& c = curves[k];
      const std::string& subject = begun.request.predict[s];
      for (const double t : times) {
        std::vector<Value> row{subject};
        if (strata) row.emplace_back(begun.rows.strata[k]);
        const double survival = at(c.time, c.survival, t, 1.0);
        row.insert(row.end(),
                   {t, number(survival), number(survival * at(c.time, c.cumulative_hazard_se, t, 0.0)),
                    number(at(c.time, c.lower, t, 1.0)), number(at(c.time, c.upper, t, 1.0)),
                    number(at(c.time, c.cumulative_hazard, t, 0.0))});
        predicted.rows.push_back(std::move(row));
      }
      figure.curves.push_back(
          {label_of(subject, begun.rows, k), "", 1.0, c.time, c.survival, c.lower, c.upper});
    }
  }
  figure.caption = fmt::format("Predicted by Cox regression; {}.", figure.limits);
  analysis.tables.push_back(std::move(predicted));
  analysis.figure = std::move(figure);
  analysis.methods.push_back(fmt::format(
      "Survival was predicted from the fitted model (baseline hazard of the ties' kind), with {}.",
      limits_text(*limits)));
  return std::nullopt;
}

std::optional<Error> add_predicted_incidence(Analysis& analysis, const stats::DataTable& table,
                                             const Begun& begun, const stats::FineGrayFit& fit,
                                             const std::string& cause) {
  const auto subjects = values_of(table, begun);
  if (!subjects) return subjects.error();
  const bool strata = !begun.rows.strata.empty();
  Table predicted = predicted_table("incidence", strata);
  Figure figure;
  figure.kind = FigureKind::incidence;
  const std::vector<double> times = times_of(begun);
  for (std::size_t s = 0; s < subjects->size(); ++s)
    for (std::size_t k = 0; k < fit.baseline.size(); ++k) {
      const std::string& subject = begun.request.predict[s];
      const std::vector<double> incidence = stats::predicted_incidence(fit, (*subjects)[s], k);
      for (const double t : times) {
        std::vector<Value> row{subject};
        if (strata) row.emplace_back(begun.rows.strata[k]);
        row.insert(row.end(), {t, number(at(fit.baseline[k].time, incidence, t, 0.0))});
        predicted.rows.push_back(std::move(row));
      }
      figure.curves.push_back(
          {label_of(subject, begun.rows, k), cause, 0.0, fit.baseline[k].time, incidence, {}, {}});
    }
  figure.caption = fmt::format("Cumulative incidence of {} predicted by Fine and Gray's regression.", cause);
  analysis.tables.push_back(std::move(predicted));
  analysis.figure = std::move(figure);
  analysis.methods.push_back(
      fmt::format("The cumulative incidence of {} was predicted as 1 - exp(-H0(t) exp(x'b)).", cause));
  return std::nullopt;
}

}  // namespace graftline::analysis
