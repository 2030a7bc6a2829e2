#include "analysis/coefficients.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/kinds.h"
#include "stats/chi_square.h"

namespace graftline::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double root(const stats::Matrix& m, std::size_t j) {
  const int i = static_cast<int>(j);
  return m.rows > i ? std::sqrt(m(i, i)) : nan;
}

double number_in(const std::vector<Value>& row, std::size_t column) {
  const double* value = std::get_if<double>(&row[column]);
  return value == nullptr ? nan : *value;
}

}  // namespace

Result<stats::Ties> ties_of(const std::string& name) {
  if (name == "efron") return stats::Ties::efron;
  if (name == "breslow") return stats::Ties::breslow;
  if (name == "exact") return stats::Ties::exact;
  return Error{ErrorKind::malformed_input, fmt::format("--ties {}: expected efron, breslow or exact", name)};
}

Table coefficients_table(const Coefficients& c, double level, Analysis& analysis) {
  Table table{"coefficients",
              "Coefficients",
              {{"term", Kind::text},
               {c.ratio, Kind::ratio},
               {"lower", Kind::ratio},
               {"upper", Kind::ratio},
               {"coef", Kind::number},
               {"std_err", Kind::number}},
              {}};
  if (c.robust) table.columns.push_back({"robust_std_err", Kind::number});
  table.columns.push_back({"z", Kind::number});
  table.columns.push_back({"p", Kind::p_value});
  const double z = stats::limit_z(level);
  for (std::size_t j = 0; j < c.value.size(); ++j) {
    const double b = c.value[j];
    const double se = root(c.used, j);
    const auto infinite = std::find_if(c.monotone.begin(), c.monotone.end(),
                                       [j](const auto& m) { return m.covariate == static_cast<int>(j); });
    const bool defined = !std::isnan(b) && infinite == c.monotone.end();
    const auto value = [defined](double x) { return defined ? number(x) : Value{}; };
    std::vector<Value> row{
        c.names[j], value(std::exp(b)),     value(std::exp(b - z * se)), value(std::exp(b + z * se)),
        value(b),   value(root(c.model, j))};
    if (c.robust) row.push_back(value(se));
    row.insert(row.end(), {value(b / se), value(stats::two_sided_normal_p(b / se))});
    table.rows.push_back(std::move(row));
    if (std::find(c.collinear.begin(), c.collinear.end(), static_cast<int>(j)) != c.collinear.end())
      analysis.notes.push_back(fmt::format(
          "{} is a combination of the terms before it (or constant) and is left out.", c.names[j]));
    if (infinite != c.monotone.end())
      analysis.notes.push_back(
          fmt::format("{} separates who has the event: its estimate is {} infinite and has no limits; "
                      "--firth gives a finite one.",
                      c.names[j], infinite->sign < 0 ? "minus" : "plus"));
  }
  return table;
}

Figure effects_figure(const Table& table, const std::string& ratio, double level) {
  Figure figure;
  figure.kind = FigureKind::effects;
  figure.ratio = ratio;
  figure.limits = fmt::format("{:g} % Wald limits", level * 100);
  const auto place = [&table](std::string_view name) {
    const auto at = std::find_if(table.columns.begin(), table.columns.end(),
                                 [name](const ColumnHead& head) { return head.name == name; });
    return static_cast<std::size_t>(at - table.columns.begin());
  };
  const std::size_t term = place("term");
  const std::size_t p = place("p");
  figure.effects.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    std::string label;
    for (std::size_t c = 0; c <= term; ++c)
      if (const auto* text = std::get_if<std::string>(&row[c]))
        label += label.empty() ? *text : (c == term ? ": " : " > ") + *text;
    figure.effects.push_back({label, number_in(row, term + 1), number_in(row, term + 2),
                              number_in(row, term + 3), number_in(row, p)});
  }
  figure.caption = fmt::format("{} with {}; {} terms.", ratio, figure.limits, table.rows.size());
  return figure;
}

}  // namespace graftline::analysis
