#include "service/screen.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/csv_field.h"
#include "engine/doses.h"

namespace graftline::service {
namespace {

std::string joined(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, " ")); }

std::string counts(const std::map<std::string, std::size_t>& of) {
  std::vector<std::pair<std::size_t, std::string>> sorted;
  sorted.reserve(of.size());
  for (const auto& [name, count] : of) sorted.emplace_back(count, name);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::string text;
  for (const auto& [count, name] : sorted)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  return text.empty() ? "none" : text;
}

}  // namespace

ScreenRow screen_row(const Answered& answered) {
  const engine::Decision& decision = answered.decision;
  ScreenRow row;
  row.patient = decision.patient;
  row.protocol = decision.protocol_id;
  row.verdict = engine::name(decision.verdict);
  row.decision = engine::name(decision.action);
  row.failing = decision.failing;
  for (const auto& missing : decision.missing) row.missing.push_back(missing.name);
  row.because = decision.because;
  if (const auto* strategy = decision.answer()) {
    row.strategy = strategy->name;
    if (strategy->dose) row.dose = engine::to_text(*strategy->dose);
    if (strategy->dates.earliest) row.earliest = to_text(*strategy->dates.earliest);
    if (strategy->dates.latest) row.latest = to_text(*strategy->dates.latest);
  }
  return row;
}

std::string header(ScreenFormat format) {
  switch (format) {
    case ScreenFormat::table:
      return fmt::format("{:<20} {:<13} {:<10} {:<14} {:<11} {}\n", "patient", "eligibility", "decision",
                         "strategy", "not before", "why");
    case ScreenFormat::csv:
      return "patient,protocol,verdict,decision,strategy,dose,earliest,latest,failing,missing,because\n";
    case ScreenFormat::ndjson:
      return "";
  }
  return "";
}

std::string to_line(const ScreenRow& row, ScreenFormat format) {
  switch (format) {
    case ScreenFormat::table: {
      std::string why = row.because;
      if (row.verdict == "not eligible") why = "fails " + joined(row.failing);
      if (row.decision == "need data" || row.decision == "ask")
        why += row.missing.empty() ? "" : "; missing " + joined(row.missing);
      return fmt::format("{:<20} {:<13} {:<10} {:<14} {:<11} {}\n", row.patient, row.verdict, row.decision,
                         row.strategy, row.earliest, why);
    }
    case ScreenFormat::csv:
      return fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(row.patient),
                         csv_field(row.protocol), row.verdict, row.decision, row.strategy,
                         csv_field(row.dose), row.earliest, row.latest, csv_field(joined(row.failing)),
                         csv_field(joined(row.missing)), csv_field(row.because));
    case ScreenFormat::ndjson: {
      const nlohmann::ordered_json line{
          {"patient", row.patient},   {"protocol", row.protocol}, {"verdict", row.verdict},
          {"decision", row.decision}, {"strategy", row.strategy}, {"dose", row.dose},
          {"earliest", row.earliest}, {"latest", row.latest},     {"failing", row.failing},
          {"missing", row.missing},   {"because", row.because}};
      return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
  }
  return "";
}

void ScreenCounts::add(const ScreenRow& row) {
  ++patients_;
  ++verdicts_[row.verdict];
  ++decisions_[row.decision];
  for (const auto& name : row.missing) ++missing_[name];
  for (const auto& id : row.failing) ++failing_[id];
}

std::string ScreenCounts::to_text() const {
  return fmt::format("{} answers. Eligibility: {}. Decisions: {}.\nFailing: {}.\nMissing: {}.\n", patients_,
                     counts(verdicts_), counts(decisions_), counts(failing_), counts(missing_));
}

}  // namespace graftline::service
