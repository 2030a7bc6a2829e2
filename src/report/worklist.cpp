#include "report/worklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "report/decision_text.h"
#include "report/dose_text.h"

namespace graftline::report {
namespace {

using engine::Action;

constexpr std::array lanes{Lane::overdue, Lane::due, Lane::upcoming, Lane::blocked, Lane::closed};

Lane lane_of(const engine::Decision& decision) {
  switch (decision.action) {
    case Action::give: {
      const auto* strategy = decision.answer();
      const auto& last = strategy != nullptr ? strategy->dates.recommended_last : std::nullopt;
      return last && decision.as_of > *last ? Lane::overdue : Lane::due;
    }
    case Action::wait:
      return Lane::upcoming;
    case Action::stop:
    case Action::outside:
      return Lane::closed;
    default:
      return Lane::blocked;
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string date_text(const WorklistRow& row) {
  if (!row.date) return "";
  if (row.lane == Lane::overdue)
    return fmt::format("{} ({} days overdue)", to_text(*row.date), row.days_overdue);
  return to_text(*row.date);
}

std::string what_text(const WorklistRow& row) {
  if (row.lane == Lane::due || row.lane == Lane::overdue) return row.dose;
  std::string text = row.blocked_by;
  if (!row.missing.empty())
    text += fmt::format("{}missing: {}", text.empty() ? "" : "; ", fmt::join(row.missing, ", "));
  return text;
}

std::string csv_field(std::string text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

constexpr std::string_view style = R"(
:root{--ink:#1b1f24;--soft:#5b6470;--line:#d6dae0;--paper:#fff;--band:#f5f6f8;
--overdue:#8a1c1c;--due:#0b5d33;--upcoming:#1d4e89;--blocked:#7a4a00;--closed:#4b5563}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaee;--soft:#a7b0bb;--line:#3a424d;--paper:#14181d;--band:#1c2128;
--overdue:#ff9a9a;--due:#7fd8a4;--upcoming:#9cc4f5;--blocked:#f0c27a;--closed:#b4bcc6}}
*{box-sizing:border-box}body{margin:0;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:80rem;margin:auto}h1{font-size:1.5rem;margin:0 0 .25rem}p{margin:.25rem 0}.soft{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;margin:1rem 0}nav a{color:inherit}
section{margin:1.5rem 0}h2{font-size:1.1rem;border-bottom:2px solid currentColor;padding-bottom:.25rem;margin:0}
.overdue h2{color:var(--overdue)}.due h2{color:var(--due)}.upcoming h2{color:var(--upcoming)}
.blocked h2{color:var(--blocked)}.closed h2{color:var(--closed)}
.row{display:grid;grid-template-columns:minmax(9rem,1.2fr) minmax(8rem,1fr) minmax(12rem,3fr);gap:.25rem 1.5rem;
padding:.6rem 0;border-bottom:1px solid var(--line)}.who b{display:block}.what ul{margin:.25rem 0;padding-left:1.1rem}
details{grid-column:1/-1}summary{cursor:pointer;color:var(--soft)}
pre{white-space:pre-wrap;background:var(--band);padding:.75rem;overflow-wrap:anywhere;font-size:13px}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:.5rem;color:var(--soft)}
@media(max-width:40rem){.row{grid-template-columns:1fr}}
@media print{body{padding:0}nav{display:none}details:not([open]){display:none}.row{break-inside:avoid}}
)";

void write_row(const WorklistRow& row, std::string& out) {
  out += R"(<article class="row"><div class="who">)";
  out += fmt::format("<b>{}</b><span class=\"soft\">{}{}</span></div>", escaped(row.patient),
                     row.day.empty() ? "day 0 unknown" : "day " + row.day,
                     row.strategy.empty() ? "" : " · " + escaped(row.strategy));
  out += fmt::format("<div class=\"when\">{}<br><span class=\"soft\">{}</span></div>", escaped(row.decision),
                     escaped(date_text(row)));
  out += fmt::format("<div class=\"what\">{}", escaped(what_text(row)));
  if (!row.cells.empty() && (row.lane == Lane::due || row.lane == Lane::overdue))
    out += "<br>" + escaped(row.cells);
  if (!row.cautions.empty()) {
    out += "<ul>";
    for (const auto& caution : row.cautions) out += fmt::format("<li>Caution: {}</li>", escaped(caution));
    out += "</ul>";
  }
  out += fmt::format("<span class=\"soft\">protocol {}</span></div>", escaped(row.protocol));
  out +=
      fmt::format("<details><summary>Why</summary><pre>{}</pre></details></article>\n", escaped(row.detail));
}

}  // namespace

std::string_view name(Lane lane) {
  static constexpr std::array<std::string_view, 5> names{"overdue", "due", "upcoming", "blocked", "closed"};
  return names.at(static_cast<std::size_t>(lane));
}

WorklistRow worklist_row(const engine::Decision& decision, const engine::Plan& plan,
                         const protocol::Protocol& protocol) {
  WorklistRow row;
  row.lane = lane_of(decision);
  row.patient = decision.patient;
  row.protocol = decision.protocol_id;
  row.decision = engine::name(decision.action);
  row.blocked_by = decision.because;
  if (decision.verdict == engine::Verdict::not_eligible) {
    row.blocked_by = fmt::format("not eligible: {}", fmt::join(decision.failing, ", "));
  }
  if (decision.day_zero) {
    const int day = decision.as_of - decision.day_zero->last;
    row.day = fmt::format("{:+}", day);
  }
  if (row.lane == Lane::blocked) {
    for (const auto& missing : decision.missing) row.missing.push_back(missing.name);
  }
  row.cautions = plan.cautions;
  if (const auto* strategy = decision.answer()) {
    row.strategy = strategy->name;
    if (strategy->dose) row.dose = both_ways(*strategy->dose);
    row.latest = strategy->dates.latest;
    row.date = decision.action == Action::wait ? strategy->wait_until : strategy->dates.earliest;
    if (row.lane == Lane::overdue) {
      row.date = strategy->dates.recommended_last;
      row.days_overdue = decision.as_of - *row.date;
    }
    if (row.lane == Lane::blocked || row.lane == Lane::closed) row.date.reset();
  }
  if (!plan.infusions.empty()) {
    for (const auto& target : plan.infusions.front().targets) {
      if (!target.cells_low) continue;
      if (!row.cells.empty()) row.cells += " and ";
      row.cells +=
          fmt::format("{}{} {}", in_words(*target.cells_low),
                      *target.cells_high == *target.cells_low ? "" : " to " + in_words(*target.cells_high),
                      full_name(target.dose.kind));
    }
    if (!row.cells.empty())
      row.cells += fmt::format(" for {} recipient weight ({})", plan.weight.text, plan.weight.date);
    if (row.cells.empty() && plan.infusions.front().dose)
      row.cells = "total cells unknown: no weight of the last 30 days";
  }
  row.detail = to_text(decision, plan, protocol);
  return row;
}

void Worklist::sort() {
  std::stable_sort(rows.begin(), rows.end(), [](const WorklistRow& a, const WorklistRow& b) {
    if (a.lane != b.lane) return a.lane < b.lane;
    const Day last{std::numeric_limits<std::int32_t>::max()};
    if (a.date.value_or(last) != b.date.value_or(last)) return a.date.value_or(last) < b.date.value_or(last);
    return a.patient < b.patient;
  });
}

std::string to_text(const Worklist& worklist) {
  std::string out =
      fmt::format("Worklist of {}: {} answers\n", to_text(worklist.as_of), worklist.rows.size());
  for (const Lane lane : lanes) {
    bool first = true;
    for (const auto& row : worklist.rows) {
      if (row.lane != lane) continue;
      if (first) {
        std::string title(name(lane));
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
        out += fmt::format("\n{}\n", title);
      }
      first = false;
      out += fmt::format(
          "  {:<14} day {:<6} {:<10} {:<24} {}\n", row.patient, row.day.empty() ? "?" : row.day, row.decision,
          fmt::format("{}{}{}", row.protocol, row.strategy.empty() ? "" : "/", row.strategy), what_text(row));
      if (row.date) out += fmt::format("  {:>14} {}\n", "", date_text(row));
    }
  }
  return out + "\n" + research_use + "\n";
}

std::string to_csv(const Worklist& worklist) {
  std::string out =
      "lane,patient,day,protocol,strategy,decision,date,latest,days_overdue,dose,cells,blocked_by,missing\n";
  for (const auto& row : worklist.rows) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", name(row.lane), csv_field(row.patient),
                       row.day, csv_field(row.protocol), csv_field(row.strategy), row.decision,
                       row.date ? to_text(*row.date) : "", row.latest ? to_text(*row.latest) : "",
                       row.days_overdue, csv_field(row.dose), csv_field(row.cells), csv_field(row.blocked_by),
                       csv_field(fmt::format("{}", fmt::join(row.missing, " "))));
  }
  return out;
}

std::string to_html(const Worklist& worklist) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>DLI worklist {}</title><style>{}</style></head>\n<body><main>\n<h1>DLI worklist</h1>\n"
      "<p>As of {}. {} answers.</p>\n",
      to_text(worklist.as_of), style, to_text(worklist.as_of), worklist.rows.size());
  if (!worklist.import_notice.empty()) out += fmt::format("<pre>{}</pre>\n", escaped(worklist.import_notice));
  out += "<nav aria-label=\"Lanes\">";
  const auto count = [&](Lane lane) {
    return std::count_if(worklist.rows.begin(), worklist.rows.end(),
                         [&](const WorklistRow& row) { return row.lane == lane; });
  };
  for (const Lane lane : lanes) out += fmt::format("<a href=\"#{0}\">{0}: {1}</a>", name(lane), count(lane));
  out += "</nav>\n";
  for (const Lane lane : lanes) {
    std::string title(name(lane));
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    out +=
        fmt::format("<section class=\"{0}\" id=\"{0}\"><h2>{1} ({2})</h2>\n", name(lane), title, count(lane));
    if (count(lane) == 0) out += "<p class=\"soft\">Nobody.</p>\n";
    for (const auto& row : worklist.rows) {
      if (row.lane == lane) write_row(row, out);
    }
    out += "</section>\n";
  }
  return out + fmt::format("<footer>{}</footer>\n</main></body></html>\n", research_use);
}

}  // namespace graftline::report
