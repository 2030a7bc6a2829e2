#include "analysis/honesty.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace graftline::analysis {
namespace {

// "had_DLI1" -> had, dli: lower case, cut at everything but letters, digits at the end dropped.
std::vector<std::string> tokens_of(std::string_view name) {
  std::vector<std::string> tokens(1);
  for (const char c : name) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      tokens.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!tokens.back().empty())
      tokens.emplace_back();
  }
  return tokens;
}

bool any_token(const std::vector<std::string>& tokens, std::initializer_list<std::string_view> wanted) {
  return std::any_of(tokens.begin(), tokens.end(), [&wanted](const std::string& t) {
    return std::find(wanted.begin(), wanted.end(), t) != wanted.end();
  });
}
bool any_part(const std::vector<std::string>& tokens, std::initializer_list<std::string_view> wanted) {
  return std::any_of(tokens.begin(), tokens.end(), [&wanted](const std::string& t) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&t](std::string_view w) { return t.find(w) != std::string::npos; });
  });
}

bool is_allocation(std::string_view name) {
  return any_part(tokens_of(name), {"arm", "alloc", "random", "assign", "planned", "trtp"});
}

Error refused_competing(const SurvivalFormula& formula, std::string_view curve, const std::string& what,
                        const std::string& why) {
  const std::string groups = formula.terms.empty() ? "1" : fmt::format("{}", fmt::join(formula.terms, " + "));
  return Error{
      ErrorKind::unsupported,
      fmt::format(
          "{} of {} is not offered: {}. It treats patients who have had the other event as if they could "
          "still have "
          "this one, so 1 - KM overestimates (Gooley et al., Stat Med 1999; 18:695).\n"
          "Use instead:\n"
          "  graftline analyze cif FILE \"Surv(TIME, STATUS) ~ {}\"           cumulative incidence, the "
          "other event "
          "as a status of its own\n"
          "  graftline analyze cox FILE \"Surv(TIME, STATUS) ~ ...\" --cause K   rate among those still at "
          "risk\n"
          "  graftline analyze km FILE \"Surv(TIME, STATUS != 0) ~ {}\"        survival free of either event",
          curve, what, why, groups, groups)};
}

// A value of X on rows that the status expression calls censored: does X itself call them something else?
std::optional<std::string> other_events_censored(const stats::DataTable& table, const std::string& expression,
                                                 const std::vector<int>& code, const std::string& censored) {
  for (const std::string& name : names_in(expression)) {
    if (name == expression) continue;  // the column itself: its codes are its causes
    const stats::Column* column = table.find(name);
    if (column == nullptr) continue;
    const stats::Coded values = stats::coded(*column);
    if (values.label.size() < 3 || values.label.size() > 20) continue;  // a status, not a measurement
    std::set<int> among_censored;
    std::set<int> among_events;
    for (std::size_t i = 0; i < table.rows; ++i)
      if (values.code[i] >= 0 && code[i] >= 0)
        (code[i] == 0 ? among_censored : among_events).insert(values.code[i]);
    std::vector<std::string> other;
    for (const int v : among_censored) {
      const std::string& label = values.label[static_cast<std::size_t>(v)];
      const bool is_plain = label == "0" || label == censored || label == "censored" || label == "alive" ||
                            label == "none" || label == "FALSE";
      if (!is_plain && !among_events.contains(v)) other.push_back(label);
    }
    if (!other.empty() && other.size() < among_censored.size())
      return fmt::format("\"{}\" counts {} {} as censored", expression, name, fmt::join(other, ", "));
  }
  return std::nullopt;
}

}  // namespace

bool names_competing_event(std::string_view name) {
  const auto tokens = tokens_of(name);
  if (any_token(tokens, {"or", "free", "survival", "death", "dead", "lfs", "rfs", "dfs", "efs", "pfs", "grfs",
                         "crfs", "os"}))
    return false;
  return any_part(tokens, {"relaps", "gvhd"}) || any_token(tokens, {"nrm", "trm", "rel"});
}

bool names_later_exposure(std::string_view name) {
  const auto tokens = tokens_of(name);
  return any_token(tokens, {"dli", "pdli", "prodli", "predli"}) || any_part(tokens, {"gvhd", "lymphocyte"});
}

std::optional<Error> competing_events_censored(const stats::DataTable& table, const SurvivalFormula& formula,
                                               const Request& request, std::string_view curve) {
  const std::string name = request.event.empty() ? "" : request.event;
  if (names_competing_event(name))
    return refused_competing(formula, curve, name, "death without it competes with it");
  if (formula.status.empty()) return std::nullopt;
  for (const std::string& column : names_in(formula.status))
    if (request.event.empty() && names_competing_event(column))
      return refused_competing(
          formula, curve, fmt::format("\"{}\"", column),
          "by its name it is an event that death competes with (if it is not, say what it is "
          "with --event NAME)");
  auto status = status_codes(table, formula, request, true);
  if (!status) return status.error();
  if (status->causes.size() > 1) {
    std::string counts;
    for (std::size_t k = 0; k < status->causes.size(); ++k)
      counts += fmt::format("{}{} ({})", k == 0 ? "" : ", ", status->causes[k], status->count[k + 1]);
    return refused_competing(formula, curve, fmt::format("\"{}\"", formula.status),
                             fmt::format("it holds events that compete: {}", counts));
  }
  if (const auto why = other_events_censored(table, formula.status, status->code, request.censored))
    return refused_competing(formula, curve, fmt::format("\"{}\"", formula.status), *why);
  return std::nullopt;
}

std::optional<Error> group_from_the_future(const stats::DataTable& table, const SurvivalFormula& formula,
                                           const Request& request) {
  if (!formula.entry.empty() || request.time_dependent) return std::nullopt;  // start-stop rows
  const auto listed = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string> expressions = formula.terms;
  expressions.insert(expressions.end(), formula.strata.begin(), formula.strata.end());
  expressions.insert(expressions.end(), request.strata.begin(), request.strata.end());
  for (const std::string& expression : expressions)
    for (const std::string& name : names_in(expression)) {
      const bool is_exposure = std::any_of(request.exposures.begin(), request.exposures.end(),
                                           [&name](const Exposure& e) { return e.name == name; });
      if (listed(request.known_at_start, name) || (is_exposure && request.landmark)) continue;
      bool suspicious = is_exposure || (names_later_exposure(name) && !is_allocation(name));
      if (const stats::Column* column = table.find(name);
          column != nullptr && column->is_text && column->words.size() < 30 && !is_allocation(name))
        suspicious = suspicious || std::any_of(column->words.begin(), column->words.end(),
                                               [](const auto& w) { return names_later_exposure(w); });
      if (!suspicious) continue;
      return Error{
          ErrorKind::unsupported,
          fmt::format("groups by \"{0}\" from time 0 are not offered: what {0} says happens after time 0, "
                      "and whoever has it "
                      "had to live without the event until then. That waiting (immortal) time would be "
                      "credited to it "
                      "(Anderson, Cain and Gelber, J Clin Oncol 1983; 1:710).\n"
                      "Use instead:\n"
                      "  --exposure {0}=DAY_COLUMN --landmark 100     groups by what had happened by day "
                      "100, followed from "
                      "there\n"
                      "  --exposure {0}=DAY_COLUMN --time-dependent   exposed only from that day on "
                      "(start-stop rows)\n"
                      "  graftline analyze multistate ...             {0} as a state of its own\n"
                      "If {0} was fixed at time 0 (an allocation, a plan), say so: --known-at-start {0}",
                      name)};
    }
  return std::nullopt;
}

}  // namespace graftline::analysis
