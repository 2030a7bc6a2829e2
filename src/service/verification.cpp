#include "service/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "protocol/json.h"
#include "protocol/parse.h"
#include "service/protocol_library.h"

namespace graftline::service {
namespace {

namespace fs = std::filesystem;
using verify::Finding;
using verify::Severity;

Result<VerifiedProtocol> verify_file(const fs::path& file, const verify::Limits& limits) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{ErrorKind::not_found, fmt::format("{}: cannot be opened", file.string())};
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const protocol::Parsed parsed =
      file.extension() == ".json" ? protocol::from_json(text) : protocol::parse_protocol(text, file.string());
  VerifiedProtocol result;
  result.file = file.string();
  result.id = parsed.protocol.id;
  result.version = parsed.protocol.version;
  result.sha256 = parsed.protocol.sha256;
  if (!parsed.ok()) {
    for (const auto& diagnostic : parsed.diagnostics)
      result.mistakes += protocol::to_text(diagnostic, text, result.file) + "\n";
    return result;
  }
  result.verification = verify::verify(parsed.protocol, parsed.diagnostics, limits);
  return result;
}

std::string indented(const std::string& text) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += "    " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return out;
}

std::size_t count(const VerifiedProtocol& verified, Severity severity) {
  const auto& findings = verified.verification.findings;
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                [&](const Finding& f) { return f.severity == severity; }));
}

std::string statistics_text(const verify::Statistics& s) {
  return fmt::format(
      "  {} states, {} transitions between them, {} kinds of decision, {} formulas, {} stories put to the "
      "engine "
      "({} not confirmed and not reported), {} steps of work{}\n",
      s.n_states, s.n_transitions, s.n_decisions, s.n_formulas, s.n_replays, s.n_refuted, s.n_steps,
      s.is_complete ? "" : ", search not complete");
}

}  // namespace

Result<std::vector<VerifiedProtocol>> verify_protocols(const std::vector<std::string>& ids_or_paths,
                                                       const std::vector<fs::path>& folders,
                                                       const verify::Limits& limits) {
  std::vector<VerifiedProtocol> result;
  for (const std::string& name : ids_or_paths) {
    const auto path = ProtocolLibrary(folders).path_of(name);
    if (!path) return path.error();
    std::error_code ignored;
    std::vector<fs::path> files{*path};
    if (fs::is_directory(*path, ignored)) files = ProtocolLibrary({*path}).files();
    if (files.empty())
      return Error{ErrorKind::not_found, fmt::format("{}: holds no .protocol file", path->string())};
    for (const fs::path& file : files) {
      auto verified = verify_file(file, limits);
      if (!verified) return verified.error();
      result.push_back(std::move(*verified));
    }
  }
  return result;
}

std::vector<std::string> verification_errors(const protocol::Protocol& protocol) {
  return verify::soundness_of(protocol).errors;
}

interop::Case case_of(const Finding& finding, const std::string& protocol_id) {
  interop::Case c;
  c.name = finding.what;
  c.protocol = protocol_id;
  if (!finding.story) return c;
  const verify::Story& story = *finding.story;
  c.day_zero = story.day_zero;
  c.as_of = story.as_of;
  c.parameters = story.parameters;
  c.judgements = story.judgements;
  std::vector<verify::StoryRow> rows = story.rows;
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.when < b.when; });
  c.rows.push_back({to_text(story.day_zero), "transplant", "yes", "", "", "", "", "", "", 0});
  for (const verify::StoryRow& row : rows) {
    c.rows.push_back({to_text(row.when), row.fact, row.value, row.unit, "", row.upper_limit, "", row.status,
                      row.until ? to_text(*row.until) : "", 0});
  }
  c.expectations.push_back({"decision", "=", story.decision, 0});
  return c;
}

std::string to_text(const std::vector<VerifiedProtocol>& verified, bool statistics) {
  std::string out;
  for (const VerifiedProtocol& one : verified) {
    if (!one.is_usable()) {
      out += one.mistakes + fmt::format("{}: has mistakes; nothing else was looked at\n", one.file);
      continue;
    }
    for (const Finding& finding : one.verification.findings) {
      out += verify::to_text(finding, one.file);
      if (finding.story) out += indented(interop::to_text(case_of(finding, one.id)));
    }
    out += fmt::format("{}: {} errors, {} warnings, {} notes\n", one.file, count(one, Severity::error),
                       count(one, Severity::warning), count(one, Severity::note));
    for (const auto& proved : one.verification.proved) out += fmt::format("  holds: {}\n", proved.claim);
    if (statistics) out += statistics_text(one.verification.statistics);
  }
  return out;
}

std::string to_json(const std::vector<VerifiedProtocol>& verified) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const VerifiedProtocol& one : verified) {
    nlohmann::ordered_json findings = nlohmann::ordered_json::array();
    for (const Finding& finding : one.verification.findings) {
      nlohmann::ordered_json row{{"kind", verify::name(finding.kind)},
                                 {"severity", verify::name(finding.severity)},
                                 {"line", finding.span.line},
                                 {"column", finding.span.column},
                                 {"what", finding.what},
                                 {"why", finding.why},
                                 {"repair", finding.repair}};
      if (finding.story) row["case"] = interop::to_text(case_of(finding, one.id));
      findings.push_back(std::move(row));
    }
    nlohmann::ordered_json holds = nlohmann::ordered_json::array();
    for (const auto& proved : one.verification.proved) holds.push_back(proved.claim);
    const verify::Statistics& s = one.verification.statistics;
    all.push_back({{"file", one.file},
                   {"id", one.id},
                   {"version", one.version},
                   {"sha256", one.sha256},
                   {"mistakes", one.mistakes},
                   {"findings", std::move(findings)},
                   {"holds", std::move(holds)},
                   {"statistics",
                    {{"states", s.n_states},
                     {"transitions", s.n_transitions},
                     {"decisions", s.n_decisions},
                     {"formulas", s.n_formulas},
                     {"stories", s.n_replays},
                     {"not_confirmed", s.n_refuted},
                     {"work", s.n_steps},
                     {"complete", s.is_complete}}}});
  }
  return all.dump(1) + "\n";
}

std::string to_cases(const std::vector<VerifiedProtocol>& verified) {
  std::string out;
  for (const VerifiedProtocol& one : verified) {
    for (const Finding& finding : one.verification.findings) {
      if (finding.story) out += interop::to_text(case_of(finding, one.id)) + "\n";
    }
  }
  return out;
}

}  // namespace graftline::service
