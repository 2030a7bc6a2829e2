// The worklist for terminals and spreadsheets.
#include <fmt/format.h>

#include <algorithm>

#include "report/worklist_phrases.h"

namespace graftline::report {
namespace {

constexpr std::size_t columns = 110;
constexpr std::size_t indent = 10;

// Columns on a terminal: bytes that go on with a character take none, and Chinese characters take two.
std::size_t width(std::string_view text) {
  std::size_t result = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;
    result += byte >= 0xE3U && byte < 0xF0U ? 2 : 1;
  }
  return result;
}

std::string padded(std::string text, std::size_t to) {
  const std::size_t taken = width(text);
  return taken < to ? text.append(to - taken, ' ') : text;
}

// A number and the power of ten behind it stay on one line.
void write_wrapped(std::string_view text, std::string& out) {
  std::string line;
  const auto flush = [&] { out += std::string(indent, ' ') + line + "\n"; };
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    for (const std::string_view glue : {" × ", " 10"}) {
      if (text.substr(end).starts_with(glue)) {
        end = std::min(text.find(' ', end + glue.size()), text.size());
      }
    }
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && indent + width(line) + 1 + width(word) > columns) {
      flush();
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!line.empty()) flush();
}

void write_row(const WorklistRow& row, const WorklistWords& words, std::string& out) {
  const RowPhrases says = phrases(row, words);
  const std::string protocol = row.protocol + (says.strategy.empty() ? "" : ", " + says.strategy);
  out += fmt::format("  {}{} {} {}{}\n", padded(row.patient, indent), padded(says.day, 10),
                     padded(protocol, 28), says.decision, says.when.empty() ? "" : " " + says.when);
  for (const std::string& part : {says.dose, says.cells, says.ratio, says.obstacle}) write_wrapped(part, out);
  for (const std::string& caution : says.cautions) {
    if (row.lane == Lane::due || row.lane == Lane::overdue) write_wrapped(caution, out);
  }
}

std::string csv_field(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string to_text(const Worklist& worklist) {
  const WorklistWords& words = report::words(worklist.language);
  std::string out = fmt::format("{}. {}, {}.\n", words.title,
                                fmt::format(fmt::runtime(words.as_of), to_text(worklist.as_of)),
                                fmt::format(fmt::runtime(words.answers), worklist.rows.size()));
  for (const Lane lane : all_lanes) {
    const auto count = std::count_if(worklist.rows.begin(), worklist.rows.end(),
                                     [lane](const WorklistRow& row) { return row.lane == lane; });
    if (count == 0) continue;
    out += fmt::format("\n{} ({})\n", words.lanes.at(static_cast<std::size_t>(lane)), count);
    for (const auto& row : worklist.rows) {
      if (row.lane == lane) write_row(row, words, out);
    }
  }
  return out + fmt::format("\n{}\n", words.research_use);
}

std::string to_csv(const Worklist& worklist) {
  std::string out =
      "lane,patient,day,protocol,strategy,decision,date,latest,days_overdue,dose,cells,weight,weighed_on,"
      "blocked_by,failing,missing\n";
  for (const auto& row : worklist.rows) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", name(row.lane),
                       csv_field(row.patient), row.day, csv_field(row.protocol), csv_field(row.strategy),
                       engine::name(row.decision), row.date ? to_text(*row.date) : "",
                       row.latest ? to_text(*row.latest) : "", row.days_overdue, csv_field(row.dose),
                       csv_field(row.cells), csv_field(row.weight), row.weighed_on, csv_field(row.blocked_by),
                       csv_field(fmt::format("{}", fmt::join(row.failing, "; "))),
                       csv_field(fmt::format("{}", fmt::join(row.missing, " "))));
  }
  return out;
}

}  // namespace graftline::report
