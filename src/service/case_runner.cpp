#include "service/case_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "interop/import.h"
#include "service/case_expectations.h"
#include "service/product_cases.h"

namespace graftline::service {
namespace {

namespace fs = std::filesystem;

// One field of a CSV row, quoted so that any text is a text.
std::string field(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// A case is a shorthand for rows of the CSV long form; the importer gives them their meaning.
std::string as_csv(const interop::Case& c) {
  std::string csv = "patient,date,fact,value,unit,known_on,upper_limit,method,status,end\n";
  for (const interop::CaseRow& row : c.rows) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", field("case"), field(row.date), field(row.fact),
                       field(row.value), field(row.unit), field(row.known_on), field(row.upper_limit),
                       field(row.method), field(row.status), field(row.end));
  }
  return csv;
}

std::vector<fs::path> case_files(const std::vector<fs::path>& paths, std::vector<Error>& unreadable) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::path& path : paths) {
    if (fs::is_directory(path, ignored)) {
      for (const auto& entry : fs::recursive_directory_iterator(path, ignored)) {
        if (entry.path().extension() == ".cases") files.push_back(entry.path());
      }
    } else if (fs::exists(path, ignored)) {
      files.push_back(path);
    } else {
      unreadable.push_back({ErrorKind::not_found, fmt::format("{}: no such file or folder", path.string())});
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::size_t CaseReport::passed() const {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [](const CaseOutcome& o) { return o.passed(); }));
}

Result<CaseQuestion> question_of(const interop::Case& c, const std::string& file) {
  CaseQuestion result;
  const auto place = [&](std::size_t row) { return fmt::format("{}:{}", file, c.rows.at(row).line); };
  const interop::Mapping mapping = interop::Mapping::defaults();
  const interop::ImportReport report =
      interop::import_text("case.csv", as_csv(c), mapping,
                           [&](record::Timeline&& timeline) { result.timeline = std::move(timeline); });
  for (const auto& finding : report.refusals) {
    // Rows stand from line 2 on, in the order of the case.
    const auto line = std::strtoul(
        finding.origin.place.c_str() + std::min<std::size_t>(5, finding.origin.place.size()), nullptr, 10);
    const bool is_row = line >= 2 && line - 2 < c.rows.size();
    // A value that is unreadable on purpose is what some cases are about: it stays in the record as unknown.
    const auto is_in = [&](std::string_view column) {
      return finding.path.find(column) != std::string::npos;
    };
    if (is_in("value") || is_in("unit") || is_in("status")) continue;
    return Error{ErrorKind::malformed_input, fmt::format("{}: {} {}: {}", is_row ? place(line - 2) : file,
                                                         finding.path, finding.reason, finding.detail)};
  }
  result.timeline.patient = c.name;
  for (record::Entry& entry : result.timeline.entries) {
    const auto line = std::strtoul(
        entry.origin.place.c_str() + std::min<std::size_t>(5, entry.origin.place.size()), nullptr, 10);
    entry.origin = {
        "", line >= 2 && line - 2 < c.rows.size() ? fmt::format("line {}", c.rows[line - 2].line) : ""};
  }
  result.question.as_of = c.as_of;
  result.question.known_on = c.known_on;
  result.question.settings.strategy = c.strategy;
  for (const auto& [name, value] : c.parameters) result.question.settings.parameters[name] = {value, "case"};
  for (const auto& [name, value] : c.upper_limits)
    result.question.settings.upper_limits[name] = {value, "case"};
  for (const auto& [name, value] : c.judgements) result.question.settings.judgements[name] = {value, "case"};
  if (!c.product.empty()) {
    auto product = product::parse_product(c.product);
    if (!product)
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}:{}: {}", file, c.line, product.error().message)};
    result.question.product = std::move(*product);
  }
  return result;
}

CaseOutcome run_case(const interop::Case& c, const std::string& file, const protocol::Protocol& protocol) {
  CaseOutcome outcome{file, c.line, c.name, {}};
  const auto question = question_of(c, file);
  if (!question) {
    outcome.failures.push_back(question.error().message);
    return outcome;
  }
  if (const auto problem = check_settings(protocol, question->question.settings, false)) {
    outcome.failures.push_back(problem->message);
    return outcome;
  }
  const Answered answered = answer(protocol, question->timeline, question->question);
  for (const auto& expectation : c.expectations) {
    const std::string failure = check_expectation(expectation, answered, protocol);
    if (!failure.empty()) outcome.failures.push_back(fmt::format("line {}: {}", expectation.line, failure));
  }
  return outcome;
}

CaseReport run_cases(const std::vector<fs::path>& paths, const ProtocolLibrary& library) {
  CaseReport report;
  std::map<std::string, Result<protocol::Protocol>> loaded;
  for (const fs::path& path : case_files(paths, report.unreadable)) {
    const auto file = interop::read_case_file(path);
    if (!file) {
      report.unreadable.push_back(file.error());
      continue;
    }
    for (const interop::Case& c : file->cases) {
      if (!c.product_question.command.empty()) {
        report.outcomes.push_back({path.string(), c.line, c.name, run_product_case(c, path.string())});
        continue;
      }
      const std::string wanted = c.protocol.empty() ? path.parent_path().string() : c.protocol;
      auto protocol = loaded.find(wanted);
      if (protocol == loaded.end()) protocol = loaded.emplace(wanted, library.find(wanted)).first;
      if (!protocol->second) {
        report.outcomes.push_back({path.string(), c.line, c.name, {protocol->second.error().message}});
        continue;
      }
      report.outcomes.push_back(run_case(c, path.string(), *protocol->second));
    }
  }
  return report;
}

std::string to_text(const CaseReport& report, bool verbose) {
  std::string out;
  for (const Error& error : report.unreadable) out += error.message + "\n";
  for (const CaseOutcome& outcome : report.outcomes) {
    if (!outcome.passed() || verbose) {
      out += fmt::format("{} {}:{}: {}\n", outcome.passed() ? "pass" : "FAIL", outcome.file, outcome.line,
                         outcome.name);
    }
    for (const std::string& failure : outcome.failures) out += fmt::format("     {}\n", failure);
  }
  out += fmt::format(
      "{} cases, {} passed, {} failed{}\n", report.outcomes.size(), report.passed(),
      report.outcomes.size() - report.passed(),
      report.unreadable.empty() ? "" : fmt::format(", {} files unreadable", report.unreadable.size()));
  return out;
}

}  // namespace graftline::service
