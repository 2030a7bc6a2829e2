// Differences of two protocols as text and JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/decision_text.h"
#include "service/difference.h"

namespace graftline::service {
namespace {

using json = nlohmann::ordered_json;
using protocol::StatementChange;

std::string name_of(const StatementChange& change) {
  return change.strategy.empty() || change.statement == "strategy " + change.strategy
             ? change.statement
             : fmt::format("{} (strategy {})", change.statement, change.strategy);
}

std::string marked(const std::string& text, char mark) {
  std::string out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    out += fmt::format("  {} {}\n", mark, text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string_view form_name(Cause::Form form) {
  static constexpr std::array<std::string_view, 3> names{"one", "any", "together"};
  return names.at(static_cast<std::size_t>(form));
}

std::string cause_text(const Cause& cause, const std::vector<StatementChange>& changes) {
  std::string list;
  for (const std::size_t i : cause.changes) list += (list.empty() ? "" : ", ") + name_of(changes.at(i));
  const std::size_t n = cause.patients.size();
  const std::string who = fmt::format("{} patient{}", n, n == 1 ? "" : "s");
  switch (cause.form) {
    case Cause::Form::one:
      return fmt::format("{}: {}", who, list);
    case Cause::Form::any:
      return fmt::format("{}: each of these alone does it: {}", who, list);
    case Cause::Form::together:
      return fmt::format("{}: only these together do it: {}", who, list);
  }
  return list;
}

json behaviour_json(const Behaviour& b) {
  return {{"verdict", b.verdict}, {"decision", b.decision}, {"strategy", b.strategy},
          {"dose", b.dose},       {"earliest", b.earliest}, {"latest", b.latest}};
}

}  // namespace

std::string to_text(const Behaviour& b) {
  std::string text = fmt::format("{}, {}", b.verdict, b.decision);
  if (!b.strategy.empty()) text += fmt::format(" ({})", b.strategy);
  if (!b.dose.empty()) text += ", " + b.dose;
  if (!b.earliest.empty()) text += ", from " + b.earliest;
  if (!b.latest.empty()) text += ", until " + b.latest;
  return text;
}

std::string to_text(const Difference& difference) {
  std::string out = fmt::format("--- {}\n+++ {}\n", difference.before, difference.after);
  if (difference.changes.empty()) out += "no statement differs\n";
  for (const StatementChange& change : difference.changes) {
    out += fmt::format("\n{}: {}\n{}{}", name(change.form), name_of(change), marked(change.before, '-'),
                       marked(change.after, '+'));
  }
  if (!difference.has_cohort) return out;
  std::size_t n = 0;
  for (const Cause& cause : difference.causes) n += cause.patients.size();
  out += fmt::format("\n{} of {} patients are answered otherwise\n", n, difference.n_patients);
  for (const Cause& cause : difference.causes) {
    out += "\n" + cause_text(cause, difference.changes) + "\n";
    for (const ChangedPatient& patient : cause.patients) {
      out += fmt::format("  {}\n  - {}\n  + {}\n", patient.patient, to_text(patient.before),
                         to_text(patient.after));
    }
  }
  return out + "\n" + report::research_use + "\n";
}

std::string to_json(const Difference& difference) {
  json changes = json::array();
  for (const StatementChange& change : difference.changes) {
    changes.push_back({{"change", name(change.form)},
                       {"statement", change.statement},
                       {"strategy", change.strategy},
                       {"before", change.before},
                       {"after", change.after}});
  }
  json causes = json::array();
  for (const Cause& cause : difference.causes) {
    json patients = json::array();
    for (const ChangedPatient& patient : cause.patients) {
      patients.push_back({{"patient", patient.patient},
                          {"before", behaviour_json(patient.before)},
                          {"after", behaviour_json(patient.after)}});
    }
    json statements = json::array();
    for (const std::size_t i : cause.changes) {
      statements.push_back({{"statement", difference.changes.at(i).statement},
                            {"strategy", difference.changes.at(i).strategy}});
    }
    causes.push_back({{"form", form_name(cause.form)},
                      {"statements", std::move(statements)},
                      {"patients", std::move(patients)}});
  }
  const json result{{"before", difference.before},
                    {"after", difference.after},
                    {"changes", std::move(changes)},
                    {"patients", difference.has_cohort ? json(difference.n_patients) : json(nullptr)},
                    {"causes", std::move(causes)}};
  return result.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace graftline::service
