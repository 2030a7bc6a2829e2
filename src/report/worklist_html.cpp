// The worklist as one page: styles inside, no script, nothing fetched. Lanes differ by word, not by colour
// alone.
#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"
#include "report/worklist_phrases.h"

namespace graftline::report {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59626d;--line:#d6dae0;--paper:#fff;--band:#f4f5f7;
--overdue:#8a1c1c;--due:#0b5d33;--upcoming:#1d4e89;--blocked:#7a4a00;--closed:#4b5563}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaee;--soft:#a7b0bb;--line:#3a424d;--paper:#14181d;--band:#1c2128;
--overdue:#ff9a9a;--due:#7fd8a4;--upcoming:#9cc4f5;--blocked:#f0c27a;--closed:#b4bcc6}}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem;background:var(--paper);color:var(--ink);overflow-wrap:anywhere;
font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:76rem;margin:auto}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
p{margin:.25rem 0}
.soft{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:1rem 0}
nav a{color:inherit;display:inline-block;padding:.25rem 0}
section{margin:1.75rem 0}
h2{font-size:1.1rem;border-bottom:2px solid currentColor;padding-bottom:.25rem;margin:0}
.overdue h2{color:var(--overdue)}.due h2{color:var(--due)}.upcoming h2{color:var(--upcoming)}
.blocked h2{color:var(--blocked)}.closed h2{color:var(--closed)}
.row{display:grid;grid-template-columns:9rem 14rem minmax(0,1fr);gap:.15rem 1.5rem;padding:.65rem 0;
border-bottom:1px solid var(--line)}
.row>div>*{display:block}
.who b,.decision{font-weight:600}
.dose{font-weight:600}
.power,.date{white-space:nowrap}.power b{font-weight:800}
ul{margin:.25rem 0;padding-left:1.1rem}
summary{cursor:pointer;color:var(--soft);min-height:24px;display:inline-block}
pre{white-space:pre-wrap;background:var(--band);padding:.75rem;margin:.25rem 0;font-size:13px;line-height:1.45}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:.5rem;color:var(--soft)}
@media(max-width:48rem){body{padding:1rem}.row{grid-template-columns:minmax(0,1fr)}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#333;--line:#999;--paper:#fff}
body{padding:0;font-size:10pt}nav,details:not([open]){display:none}
.row{break-inside:avoid;grid-template-columns:6rem 11rem minmax(0,1fr)}h2{break-after:avoid}
section.empty{display:none}@page{margin:15mm}}
)";

bool is_date_at(std::string_view text) {
  static constexpr std::string_view form = "dddd-dd-dd";
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !is_digit : text[i] != '-') return false;
  }
  return true;
}

// A date never breaks over two lines either.
std::string with_dates(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (is_date_at(text)) {
      out += fmt::format("<span class=\"date\">{}</span>", text.substr(0, 10));
      text.remove_prefix(10);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string marked_up(const std::string& text) { return with_dates(with_powers(escaped(text))); }

void write_line(std::string_view kind, const std::string& text, std::string& out) {
  if (text.empty()) return;
  out += fmt::format("<span class=\"{}\">{}</span>", kind, marked_up(text));
}

void write_row(const WorklistRow& row, const WorklistWords& words, std::string& out) {
  const RowPhrases says = phrases(row, words);
  out +=
      fmt::format("<article class=\"row\"><div class=\"who\"><b>{}</b><span class=\"soft\">{}</span></div>",
                  escaped(row.patient), escaped(says.day));
  out += "<div>";
  write_line("decision", says.decision, out);
  write_line("soft", says.when, out);
  write_line("soft",
             fmt::format(fmt::runtime(words.protocol), row.protocol) +
                 (says.strategy.empty() ? "" : ", " + says.strategy),
             out);
  out += "</div><div>";
  write_line("dose", says.dose, out);
  write_line("cells", says.cells, out);
  write_line("soft", says.ratio, out);
  write_line("obstacle", says.obstacle, out);
  if (!says.cautions.empty()) {
    out += "<ul>";
    for (const auto& caution : says.cautions) out += fmt::format("<li>{}</li>", marked_up(caution));
    out += "</ul>";
  }
  out += fmt::format("<details><summary>{}</summary><pre>{}</pre></details></div></article>\n",
                     escaped(words.why), escaped(row.detail));
}

}  // namespace

std::string to_html(const Worklist& worklist) {
  const WorklistWords& words = report::words(worklist.language);
  const std::string as_of = fmt::format(fmt::runtime(words.as_of), to_text(worklist.as_of));
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>{} {}</title><style>{}</style></head>\n<body><main>\n<h1>{}</h1>\n<p>{}. {}.</p>\n",
      words.code, escaped(words.title), to_text(worklist.as_of), style, escaped(words.title), as_of,
      fmt::format(fmt::runtime(words.answers), worklist.rows.size()));
  const auto count = [&worklist](Lane lane) {
    return std::count_if(worklist.rows.begin(), worklist.rows.end(),
                         [lane](const WorklistRow& row) { return row.lane == lane; });
  };
  out += fmt::format("<nav aria-label=\"{}\">", words.lanes_label);
  for (const Lane lane : all_lanes) {
    out += fmt::format("<a href=\"#{}\">{}: {}</a>", name(lane),
                       words.lanes.at(static_cast<std::size_t>(lane)), count(lane));
  }
  out += "</nav>\n";
  for (const Lane lane : all_lanes) {
    out += fmt::format("<section class=\"{0}{1}\" id=\"{0}\"><h2>{2} ({3})</h2>\n", name(lane),
                       count(lane) == 0 ? " empty" : "", words.lanes.at(static_cast<std::size_t>(lane)),
                       count(lane));
    if (count(lane) == 0) out += fmt::format("<p class=\"soft\">{}</p>\n", words.nobody);
    for (const auto& row : worklist.rows) {
      if (row.lane == lane) write_row(row, words, out);
    }
    out += "</section>\n";
  }
  if (!worklist.import_notice.empty()) {
    out += fmt::format("<section><h2>{}</h2><pre>{}</pre></section>\n", words.not_used,
                       escaped(worklist.import_notice));
  }
  return out + fmt::format("<footer>{}</footer>\n</main></body></html>\n", words.research_use);
}

}  // namespace graftline::report
