#include "interop/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace graftline::interop {

namespace {

using Counts = std::map<std::string, std::size_t>;

// Commonest first; equal counts by name.
std::vector<std::pair<std::string, std::size_t>> ranked(const Counts& counts) {
  std::vector<std::pair<std::string, std::size_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return rows;
}

void add_reasons(std::string& text, std::string_view what, const Counts& reasons) {
  for (const auto& [reason, count] : ranked(reasons))
    text += fmt::format("      {} {}: {}\n", count, what, reason);
}

std::string place_of(const Finding& finding) {
  std::string place = finding.origin.file;
  if (!finding.origin.place.empty()) place += ", " + finding.origin.place;
  if (!finding.path.empty()) {
    // A FHIR path continues the resource's name; a column stands beside its line.
    place += finding.origin.place.find('/') != std::string::npos ? "." : ", ";
    place += finding.path;
  }
  return place;
}

void add_findings(std::string& text, const std::vector<Finding>& findings, std::size_t most,
                  std::size_t not_listed) {
  for (std::size_t i = 0; i < std::min(most, findings.size()); ++i) {
    const Finding& finding = findings[i];
    text += fmt::format("  {}: {}", place_of(finding), finding.reason);
    if (!finding.detail.empty()) text += fmt::format(" ({})", finding.detail);
    text += '\n';
  }
  const std::size_t more = not_listed + (findings.size() > most ? findings.size() - most : 0);
  if (more > 0) text += fmt::format("  and {} more\n", more);
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_of(const Counts& counts) {
  std::string text = "{";
  for (const auto& [key, count] : counts)
    text += fmt::format("{}{}:{}", text.size() > 1 ? "," : "", json_text(key), count);
  return text + "}";
}

std::string json_of(const std::vector<Finding>& findings) {
  std::string text = "[";
  for (const auto& finding : findings) {
    text += fmt::format("{}{{\"file\":{},\"place\":{},\"path\":{},\"reason\":{},\"detail\":{}}}",
                        text.size() > 1 ? "," : "", json_text(finding.origin.file),
                        json_text(finding.origin.place), json_text(finding.path), json_text(finding.reason),
                        json_text(finding.detail));
  }
  return text + "]";
}

std::string json_of(const Tally& tally) {
  return fmt::format(
      "{{\"read\":{},\"mapped\":{},\"ignored\":{},\"refused\":{},\"ignored_because\":{},\"refused_because\":{"
      "}}}",
      tally.read, tally.mapped, tally.ignored, tally.refused, json_of(tally.ignored_because),
      json_of(tally.refused_because));
}

}  // namespace

Tally ImportReport::total() const {
  Tally sum;
  for (const auto& [type, tally] : by_type) {
    sum.read += tally.read;
    sum.mapped += tally.mapped;
    sum.ignored += tally.ignored;
    sum.refused += tally.refused;
    for (const auto& [reason, count] : tally.ignored_because) sum.ignored_because[reason] += count;
    for (const auto& [reason, count] : tally.refused_because) sum.refused_because[reason] += count;
  }
  return sum;
}

bool ImportReport::adds_up() const {
  return std::all_of(by_type.begin(), by_type.end(), [](const auto& row) { return row.second.adds_up(); });
}

std::string to_text(const ImportReport& report, bool full) {
  const Tally total = report.total();
  std::string text = fmt::format("{} files, {} patients\n", report.files, report.patients);
  text += fmt::format("\n{:<28}{:>9}{:>9}{:>9}{:>9}\n", "", "read", "mapped", "ignored", "refused");
  const auto add_row = [&](std::string_view name, const Tally& tally) {
    text += fmt::format("{:<28}{:>9}{:>9}{:>9}{:>9}\n", name, tally.read, tally.mapped, tally.ignored,
                        tally.refused);
  };
  for (const auto& [type, tally] : report.by_type) {
    add_row(type, tally);
    add_reasons(text, "ignored", tally.ignored_because);
    add_reasons(text, "refused", tally.refused_because);
  }
  add_row("total", total);

  if (!report.by_fact.empty()) {
    text += fmt::format("\n{:<28}{:>9}{:>9}\n", "facts", "usable", "unknown");
    for (const auto& [fact, tally] : report.by_fact) {
      text += fmt::format("{:<28}{:>9}{:>9}\n", fact, tally.usable, tally.unusable);
    }
    for (const auto& [reason, count] : ranked(report.unusable_because)) {
      text += fmt::format("      {} unknown: {}\n", count, reason);
    }
    if (report.exact_duplicates > 0) {
      text += fmt::format("      {} exact duplicates, each kept once\n", report.exact_duplicates);
    }
  }
  constexpr std::size_t few = 10;
  if (!report.unmapped_codes.empty()) {
    text += fmt::format("\ncodes not mapped ({})\n", report.unmapped_codes.size());
    std::size_t shown = 0;
    for (const auto& [code, count] : ranked(report.unmapped_codes)) {
      if (!full && shown++ == few) {
        text += fmt::format("  and {} more\n", report.unmapped_codes.size() - few);
        break;
      }
      text += fmt::format("  {:>7}  {}\n", count, code);
    }
  }
  if (!report.refusals.empty() || report.refusals_not_listed > 0) {
    text += fmt::format("\nrefused ({})\n", report.refusals.size() + report.refusals_not_listed);
    add_findings(text, report.refusals, report.refusals.size(), report.refusals_not_listed);
  }
  if (!report.notes.empty() || report.notes_not_listed > 0) {
    text += fmt::format("\nworth a look ({})\n", report.notes.size() + report.notes_not_listed);
    add_findings(text, report.notes, full ? report.notes.size() : few, report.notes_not_listed);
  }
  return text;
}

std::string to_json(const ImportReport& report) {
  std::string text = fmt::format("{{\"files\":{},\"patients\":{},\"total\":{},\"by_type\":{{", report.files,
                                 report.patients, json_of(report.total()));
  bool is_first = true;
  for (const auto& [type, tally] : report.by_type) {
    text += fmt::format("{}{}:{}", is_first ? "" : ",", json_text(type), json_of(tally));
    is_first = false;
  }
  text += "},\"by_fact\":{";
  is_first = true;
  for (const auto& [fact, tally] : report.by_fact) {
    text += fmt::format("{}{}:{{\"usable\":{},\"unusable\":{}}}", is_first ? "" : ",", json_text(fact),
                        tally.usable, tally.unusable);
    is_first = false;
  }
  text += fmt::format(
      "}},\"unusable_because\":{},\"unmapped_codes\":{},\"exact_duplicates\":{},\"refusals\":{},"
      "\"refusals_not_listed\":{},\"notes_because\":{},\"notes\":{},\"notes_not_listed\":{}}}",
      json_of(report.unusable_because), json_of(report.unmapped_codes), report.exact_duplicates,
      json_of(report.refusals), report.refusals_not_listed, json_of(report.notes_because),
      json_of(report.notes), report.notes_not_listed);
  return text;
}

}  // namespace graftline::interop
