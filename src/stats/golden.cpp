#include "stats/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "stats/golden_case.h"

namespace graftline::stats {
namespace {

using golden::Case;
using golden::Json;
using golden::Unanswerable;

using Answer = Json (*)(const std::string& method, const Case& c);

struct Method {
  const char* name;
  Answer answer;
  const char* roles;    // what of the rows it reads beside times and statuses, separated by blanks
  const char* options;  // likewise
};

constexpr const char* curve_roles = "entry weights group arm cluster";
constexpr const char* curve_options =
    "conf_type conf_level variance hazard_variance robust type estimator stype ctype ties quantiles probs "
    "quantile_p";
constexpr const char* incidence_options = "conf_type conf_level variance causes cause";
constexpr const char* regression_roles = "entry weights strata cluster covariates";
constexpr const char* cox_options =
    "ties exact method robust variance firth conf_type conf_level transform newdata";
constexpr const char* state_roles = "from to id cluster entry weights";

// One row per method of the schema; docs/validation.md describes their fields.
// clang-format off
constexpr std::array methods{
    Method{"kaplan_meier", golden::answer_curves, curve_roles, curve_options},
    Method{"kaplan_meier_curve", golden::answer_curves, curve_roles, curve_options},
    Method{"nelson_aalen", golden::answer_curves, curve_roles, curve_options},
    Method{"reverse_kaplan_meier", golden::answer_curves, curve_roles, curve_options},
    Method{"aalen_johansen", golden::answer_curves, curve_roles, incidence_options},
    Method{"cumulative_incidence", golden::answer_curves, curve_roles, incidence_options},
    Method{"rmst", golden::answer_curves, "entry weights group arm", "tau conf_level"},
    Method{"logrank", golden::answer_tests, "entry weights group arm strata", "rho scores test"},
    Method{"logrank_trend", golden::answer_tests, "entry weights group arm strata", "rho scores test"},
    Method{"gray_test", golden::answer_tests, "group arm strata", "rho causes cause"},
    Method{"cox", golden::answer_regression, regression_roles, cox_options},
    Method{"cox_zph", golden::answer_regression, regression_roles, cox_options},
    Method{"cox_predict", golden::answer_regression, regression_roles, cox_options},
    Method{"concordance", golden::answer_regression, regression_roles, "reverse"},
    Method{"fine_gray", golden::answer_regression, "entry weights strata cluster covariates censoring_strata",
           "program ties exact method variance conf_level cause newdata"},
    Method{"transition_counts", golden::answer_states, state_roles, ""},
    Method{"cumulative_hazards", golden::answer_states, state_roles, "variance"},
    Method{"transition_probabilities", golden::answer_states, state_roles, "variance from_time"},
    Method{"expected_length_of_stay", golden::answer_states, state_roles, "from_time tau"},
    Method{"state_occupancy", golden::answer_states, state_roles, "sets conf_type conf_level"},
    Method{"current_survival", golden::answer_states, state_roles, "good"},
    Method{"mean_cumulative_function", golden::answer_states, "entry weights cluster group arm",
           "death_ends conf_level variance"},
    Method{"win_ratio", golden::answer_states, "arm", "conf_level"},
};
// clang-format on

bool listed(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

// Rows that a method would use differently from what was asked give another answer than was asked for.
void check_roles(const Method& method, const Json& input) {
  for (const char* role : {"entry", "weights", "group", "arm", "strata", "cluster", "id", "from", "to",
                           "covariates", "censoring_strata"}) {
    const auto given = input.find(role);
    // `group` beside `group_column` is the value of the one group wanted.
    if (role == std::string_view("group") && input.contains("group_column")) continue;
    const bool named = given != input.end() && !given->is_null();
    if ((named || input.contains(std::string(role) + "_values")) && !listed(method.roles, role))
      throw Unanswerable(fmt::format("input: {} reads no {}", method.name, role));
  }
}

// Walks what was expected and finds the largest difference.
class Comparison {
 public:
  explicit Comparison(GoldenOutcome& outcome) : outcome_(outcome) {}

  void compare(const Json& theirs, const Json& ours, const std::string& field, bool null_means_none) {
    if (ours.is_string() && ours == golden::not_compared) return;
    if (theirs.is_null()) {
      if (null_means_none && ours.is_number()) disagree(field, "a number where there is none");
      return;
    }
    if (theirs.is_object()) return compare_objects(theirs, ours, field, null_means_none);
    if (theirs.is_array()) return compare_arrays(theirs, ours, field, null_means_none);
    if (theirs.is_number() || theirs.is_boolean()) return compare_numbers(theirs, ours, field);
    if (theirs.is_string()) return compare_texts(theirs, ours, field);
  }

 private:
  void disagree(const std::string& field, const std::string& why) {
    if (outcome_.remark.empty()) outcome_.remark = fmt::format("{}: {}", field, why);
    outcome_.agrees = false;
  }

  void compare_objects(const Json& theirs, const Json& ours, const std::string& field, bool null_means_none) {
    if (!ours.is_object()) return disagree(field, "not answered");
    for (const auto& [key, value] : theirs.items()) {
      const std::string inner = field.empty() ? key : fmt::format("{}.{}", field, key);
      const auto found = ours.find(key);
      const bool none = null_means_none || key.starts_with("quantile") || key.starts_with("median");
      if (found == ours.end())
        disagree(inner, "not answered");
      else
        compare(value, *found, inner, none);
    }
  }

  void compare_arrays(const Json& theirs, const Json& ours, const std::string& field, bool null_means_none) {
    if (theirs.size() == 1 && !theirs.front().is_structured() && !ours.is_structured())
      return compare(theirs.front(), ours, field, null_means_none);
    if (!ours.is_array()) return disagree(field, "not answered");
    if (ours.size() != theirs.size())
      return disagree(field, fmt::format("{} values instead of {}", ours.size(), theirs.size()));
    for (std::size_t i = 0; i < theirs.size(); ++i)
      compare(theirs[i], ours[i], fmt::format("{}[{}]", field, i), null_means_none);
  }

  void compare_numbers(const Json& theirs, const Json& ours, const std::string& field) {
    const Json& mine = ours.is_array() && ours.size() == 1 ? ours.front() : ours;
    if (!mine.is_number() && !mine.is_boolean()) return disagree(field, "not answered");
    const double want = theirs.is_boolean() ? theirs.get<bool>() : theirs.get<double>();
    const double have = mine.is_boolean() ? mine.get<bool>() : mine.get<double>();
    ++outcome_.values_compared;
    const double difference = std::abs(have - want);
    if (!(difference > 1e-14)) {
      if (std::isnan(difference)) disagree(field, "not a number");
      return;
    }
    const double relative = want == 0.0 ? difference / 1e-14 : difference / std::abs(want);
    if (relative > outcome_.worst_relative_error) {
      outcome_.worst_relative_error = relative;
      outcome_.worst_field = field;
    }
    if (relative > outcome_.rel_tol) disagree(field, fmt::format("{:.15g} instead of {:.15g}", have, want));
  }

  void compare_texts(const Json& theirs, const Json& ours, const std::string& field) {
    ++outcome_.values_compared;
    if (!ours.is_string() || ours != theirs)
      disagree(field, fmt::format("{} instead of {}", ours.dump(), theirs.dump()));
  }

  GoldenOutcome& outcome_;
};

GoldenOutcome run(const Json& item, const DataTable* data, const std::string& file) {
  GoldenOutcome outcome;
  outcome.file = file;
  outcome.id = item.value("id", "");
  outcome.method = item.value("method", "");
  outcome.rel_tol = item.value("rel_tol", 1e-9);
  const auto method =
      std::find_if(methods.begin(), methods.end(), [&](const Method& m) { return m.name == outcome.method; });
  if (method == methods.end()) {
    outcome.remark = "no such method";
    return outcome;
  }
  try {
    const Json nothing = Json::object();
    for (const char* key : {"input", "options", "expect"})
      // An empty list of R is written [] whether it has names or not.
      if (const auto found = item.find(key);
          found != item.end() && !found->is_object() && !found->is_null() && !found->empty())
        throw Unanswerable(fmt::format("{}: an object was expected", key));
    const auto part = [&](const char* key) -> const Json& {
      const auto found = item.find(key);
      return found != item.end() && found->is_object() ? *found : nothing;
    };
    const Case c{part("input"), part("options"), part("expect"), golden::case_table(part("input"), data)};
    check_roles(*method, c.input);
    for (const auto& [key, value] : c.options.items())
      if (!listed(method->options, key)) outcome.options_not_read.push_back(key);
    const Json answer = method->answer(outcome.method, c);
    outcome.agrees = true;
    Comparison(outcome).compare(c.expect, answer, "", false);
  } catch (const Unanswerable& why) {
    outcome.remark = why.what();
  } catch (const Json::exception& why) {
    outcome.remark = why.what();
  }
  return outcome;
}

Result<std::string> file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorKind::not_found, fmt::format("{} cannot be read", path.filename().string())};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Error unreadable(const std::string& file, const std::string& why) {
  return Error{ErrorKind::malformed_input, fmt::format("{}: {}", file, why)};
}

// The data that columns are names of: `file`, or the CSV beside that is called like the data set.
std::optional<std::string> data_file(const Json& document, const std::filesystem::path& directory) {
  const auto text = [&](const char* key) { return document.contains(key) && document[key].is_string(); };
  if (text("file")) return std::filesystem::path(document["file"].get<std::string>()).filename().string();
  if (!text("dataset")) return std::nullopt;
  const std::string beside =
      std::filesystem::path(document["dataset"].get<std::string>()).filename().string() + ".csv";
  std::error_code failed;
  return std::filesystem::is_regular_file(directory / beside, failed) ? std::optional(beside) : std::nullopt;
}

}  // namespace

bool GoldenValidation::all_agree() const {
  return std::all_of(cases.begin(), cases.end(), [](const GoldenOutcome& c) { return c.agrees; });
}

Result<GoldenValidation> validate_survival_text(const std::string& json,
                                                const std::filesystem::path& directory,
                                                const std::string& file) {
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_object()) return unreadable(file, "not a JSON object");
  if (document.value("schema", "") != "survival-golden/1")
    return unreadable(file, "not of schema survival-golden/1");
  std::optional<DataTable> data;
  if (const auto name = data_file(document, directory)) {
    auto text = file_text(directory / *name);
    if (!text) return text.error();
    auto table = parse_csv(*text);
    if (!table) return unreadable(*name, table.error().message);
    data = *std::move(table);
  }
  const auto items = document.find("cases");
  if (items == document.end() || !items->is_array()) return unreadable(file, "no cases");
  GoldenValidation validation;
  for (const Json& item : *items)
    if (item.is_object()) validation.cases.push_back(run(item, data ? &*data : nullptr, file));
  return validation;
}

Result<GoldenValidation> validate_survival(const std::filesystem::path& directory) {
  std::error_code failed;
  if (!std::filesystem::is_directory(directory, failed))
    return Error{ErrorKind::not_found, fmt::format("{} is no directory", directory.string())};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  GoldenValidation all;
  for (const auto& path : files) {
    auto text = file_text(path);
    if (!text) return text.error();
    if (text->find("survival-golden/1") == std::string::npos) continue;
    auto part = validate_survival_text(*text, directory, path.filename().string());
    if (!part) return part.error();
    all.cases.insert(all.cases.end(), part->cases.begin(), part->cases.end());
  }
  return all;
}

std::string survival_validation_table(const GoldenValidation& validation) {
  struct Row {
    int cases = 0;
    int agreeing = 0;
    int values = 0;
    double worst = 0.0;
    std::string where;
  };
  std::map<std::string, Row> rows;
  for (const GoldenOutcome& c : validation.cases) {
    Row& row = rows[c.method];
    ++row.cases;
    row.agreeing += c.agrees ? 1 : 0;
    row.values += c.values_compared;
    if (c.worst_relative_error > row.worst) {
      row.worst = c.worst_relative_error;
      row.where = c.id + " " + c.worst_field;
    }
  }
  std::string text = fmt::format("{:<26}{:>7}{:>7}{:>9}  {:<12} {}\n", "method", "cases", "agree", "values",
                                 "worst error", "at");
  for (const auto& [method, row] : rows)
    text += fmt::format("{:<26}{:>7}{:>7}{:>9}  {:<12.2e} {}\n", method, row.cases, row.agreeing, row.values,
                        row.worst, row.where);
  std::map<std::pair<std::string, std::string>, int> not_read;
  for (const GoldenOutcome& c : validation.cases)
    for (const std::string& option : c.options_not_read) ++not_read[{c.method, option}];
  for (const auto& [what, cases] : not_read)
    text += fmt::format("NOT READ  {}: option {} in {} case{}\n", what.first, what.second, cases,
                        cases == 1 ? "" : "s");
  for (const GoldenOutcome& c : validation.cases)
    if (!c.agrees) text += fmt::format("DISAGREES {} {} ({}): {}\n", c.file, c.id, c.method, c.remark);
  return text;
}

}  // namespace graftline::stats
