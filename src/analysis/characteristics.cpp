// Table 1: characteristics by group.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/kinds.h"

namespace graftline::analysis {
namespace {

// R's default (type 7): linear between order statistics.
double quantile_of(const std::vector<double>& sorted, double p) {
  const double h = static_cast<double>(sorted.size() - 1) * p;
  const auto low = static_cast<std::size_t>(std::floor(h));
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (h - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

std::string shown(double value) {
  return std::abs(value) < 1e4 ? fmt::format("{:.4g}", value) : fmt::format("{:.0f}", value);
}

struct Groups {
  std::vector<int> code;  // last = everybody
  std::vector<std::string> label;
  std::size_t size() const { return label.size() + 1; }
  bool is_in(std::size_t row, std::size_t group) const {
    return group == label.size() || code[row] == static_cast<int>(group);
  }
};

void describe_numbers(const std::string& name, const std::vector<double>& value, const Groups& groups,
                      Table& table) {
  std::vector<Value> middle{name, std::string("median (quartiles)")};
  std::vector<Value> range{name, std::string("range")};
  std::vector<Value> missing{name, std::string("missing")};
  double any_missing = 0.0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<double> values;
    double n_missing = 0.0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!groups.is_in(i, g)) continue;
      if (std::isnan(value[i]))
        ++n_missing;
      else
        values.push_back(value[i]);
    }
    std::sort(values.begin(), values.end());
    middle.emplace_back(values.empty() ? std::string("-")
                                       : fmt::format("{} ({} to {})", shown(quantile_of(values, 0.5)),
                                                     shown(quantile_of(values, 0.25)),
                                                     shown(quantile_of(values, 0.75))));
    range.emplace_back(values.empty() ? std::string("-")
                                      : fmt::format("{} to {}", shown(values.front()), shown(values.back())));
    missing.emplace_back(fmt::format("{:g}", n_missing));
    any_missing += n_missing;
  }
  table.rows.push_back(std::move(middle));
  table.rows.push_back(std::move(range));
  if (any_missing > 0.0) table.rows.push_back(std::move(missing));
}

void describe_levels(const std::string& name, const stats::Coded& codes, const Groups& groups, Table& table) {
  const std::size_t levels = codes.label.size();
  std::vector<std::vector<double>> count(levels + 1, std::vector<double>(groups.size(), 0.0));
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t i = 0; i < codes.code.size(); ++i)
      if (groups.is_in(i, g))
        count[codes.code[i] < 0 ? levels : static_cast<std::size_t>(codes.code[i])][g] += 1.0;
  std::vector<double> known(groups.size(), 0.0);
  for (std::size_t l = 0; l < levels; ++l)
    for (std::size_t g = 0; g < groups.size(); ++g) known[g] += count[l][g];
  for (std::size_t l = 0; l < levels; ++l) {
    std::vector<Value> row{name, codes.label[l]};
    for (std::size_t g = 0; g < groups.size(); ++g)
      row.emplace_back(known[g] == 0.0
                           ? std::string("-")
                           : fmt::format("{:g} ({:.0f} %)", count[l][g], 100.0 * count[l][g] / known[g]));
    table.rows.push_back(std::move(row));
  }
  if (count[levels].back() == 0.0) return;
  std::vector<Value> missing{name, std::string("missing")};
  for (std::size_t g = 0; g < groups.size(); ++g) missing.emplace_back(fmt::format("{:g}", count[levels][g]));
  table.rows.push_back(std::move(missing));
}

}  // namespace

Result<Analysis> characteristics_analysis(const stats::DataTable& table, const Request& request) {
  auto formula = parse_two_sides(request.formula);
  if (!formula) return formula.error();
  Analysis analysis;
  analysis.kind = "table1";
  analysis.formula = request.formula;
  analysis.rows_read = analysis.rows_analysed = table.rows;
  Groups groups;
  groups.code.assign(table.rows, -1);
  if (!formula->left.empty()) {
    auto read = labelled(table, {formula->left});
    if (!read) return read.error();
    groups.code = std::move(read->code);
    groups.label = std::move(read->label);
    const auto without = static_cast<std::size_t>(std::count(groups.code.begin(), groups.code.end(), -1));
    if (without > 0)
      analysis.notes.push_back(fmt::format("{} row{} without {} count only in the last column.", without,
                                           without == 1 ? "" : "s", formula->left));
  }
  Table one{"characteristics", "Characteristics", {{"variable", Kind::text}, {"value", Kind::text}}, {}};
  std::vector<Value> sizes{std::string("n"), std::string("")};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    one.columns.push_back({g < groups.label.size() ? groups.label[g] : "all", Kind::text});
    double n = 0.0;
    for (std::size_t i = 0; i < table.rows; ++i) n += groups.is_in(i, g) ? 1.0 : 0.0;
    sizes.emplace_back(fmt::format("{:g}", n));
  }
  one.rows.push_back(std::move(sizes));
  for (const std::string& term : formula->terms) {
    if (const auto problem = check_names(table, term)) return *problem;
    auto column = stats::evaluate(table, term);
    if (!column) return column.error();
    if (const stats::Column* plain = table.find(term);
        plain != nullptr && plain->is_text && plain->n_numbers * 2 > table.rows)
      return Error{
          ErrorKind::malformed_input,
          fmt::format("{}: text where the other rows are numbers; write factor({}) if they are names",
                      place(table, plain->first_text_row, term), term)};
    const stats::Coded codes = stats::coded(*column);
    // Numbers with two values at most (0, 1) are told as counts.
    if (column->is_text || codes.label.size() <= 2)
      describe_levels(term, codes, groups, one);
    else
      describe_numbers(term, column->number, groups, one);
  }
  analysis.tables.push_back(std::move(one));
  analysis.methods.emplace_back(
      "Numbers: median, quartiles (linear between order statistics) and range; categories: count and percent "
      "of those "
      "known. No tests: differences at baseline of a randomised trial are chance (CONSORT).");
  return analysis;
}

}  // namespace graftline::analysis
