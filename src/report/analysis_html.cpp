// An analysis as one page: what was done, the figure, the tables; styles inside, no script, nothing fetched.
#include <fmt/format.h>

#include <array>

#include "report/analysis_document.h"
#include "report/html.h"
#include "report/page_style.h"

namespace graftline::report {
namespace {

struct PageWords {
  std::string_view code, what, formula, data, rows, missing, options, none, methods, notes, figure, research;
};
constexpr PageWords english{
    .code = "en",
    .what = "Analysis",
    .formula = "Formula",
    .data = "Data",
    .rows = "{0} rows, {1} analysed",
    .missing = "{0}: missing in {1} rows (lines {2}{3})",
    .options = "Options",
    .none = "defaults",
    .methods = "Methods",
    .notes = "Notes",
    .figure = "Figure",
    .research = "Research use. Made by graftline {0}; data {1}, sha256 {2}.",
};
// Not yet read by a statistician who works in Chinese.
constexpr PageWords chinese{
    .code = "zh",
    .what = "统计分析",
    .formula = "公式",
    .data = "数据",
    .rows = "共 {0} 行，分析 {1} 行",
    .missing = "{0}：{1} 行缺失（第 {2}{3} 行）",
    .options = "选项",
    .none = "默认",
    .methods = "方法",
    .notes = "说明",
    .figure = "图",
    .research = "仅供研究使用。由 graftline {0} 生成；数据 {1}，sha256 {2}。",
};

// Headings of tables by their id, before the English title, which says what the options were. Likewise not
// yet read.
struct ChineseTitle {
  std::string_view id, title;
};
constexpr std::array chinese_titles{
    ChineseTitle{"characteristics", "基线特征"},
    ChineseTitle{"coefficients", "系数"},
    ChineseTitle{"contrasts", "组间比较"},
    ChineseTitle{"current", "当前生存"},
    ChineseTitle{"estimates", "估计值"},
    ChineseTitle{"fit", "拟合"},
    ChineseTitle{"groups", "分组"},
    ChineseTitle{"hazard_ratios", "风险比"},
    ChineseTitle{"hazards", "累积风险"},
    ChineseTitle{"length_of_stay", "各状态平均停留时间"},
    ChineseTitle{"means", "限制平均时间"},
    ChineseTitle{"occupancy", "各状态概率"},
    ChineseTitle{"pairs", "配对比较"},
    ChineseTitle{"predicted", "模型预测"},
    ChineseTitle{"probabilities", "转移概率"},
    ChineseTitle{"proportional_hazards", "比例风险检验"},
    ChineseTitle{"size", "行数与事件"},
    ChineseTitle{"summary", "患者、事件与分位数"},
    ChineseTitle{"tests", "检验"},
    ChineseTitle{"transitions", "状态转移"},
    ChineseTitle{"transition_sizes", "各转移的行数与事件"},
    ChineseTitle{"transition_coefficients", "各转移的系数"},
    ChineseTitle{"transition_proportional_hazards", "各转移的比例风险检验"},
};

std::string title_of(const analysis::Table& table, Language language) {
  if (language == Language::chinese)
    for (const auto& [id, title] : chinese_titles)
      if (id == table.id) return fmt::format("{} · {}", title, table.title);
  return table.title;
}

void write_table(const analysis::Table& table, Language language, std::string& out) {
  constexpr std::size_t most_rows = 2000;  // the full table is what CSV and JSON are for
  out +=
      fmt::format("<h2>{}</h2><div class=\"scroll\"><table><thead><tr>", escaped(title_of(table, language)));
  const auto css = [&table](std::size_t c) {
    return table.columns[c].kind == analysis::Kind::text ? " class=\"t\"" : "";
  };
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += fmt::format("<th{}>{}</th>", css(c), escaped(table.columns[c].name));
  out += "</tr></thead><tbody>\n";
  for (std::size_t r = 0; r < std::min(table.rows.size(), most_rows); ++r) {
    out += "<tr>";
    for (std::size_t c = 0; c < table.rows[r].size(); ++c)
      out += fmt::format("<td{}>{}</td>", css(c), escaped(shown(table.rows[r][c], table.columns[c].kind)));
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (table.rows.size() > most_rows)
    out += fmt::format("<p class=\"soft\">{} / {}</p>\n", most_rows, table.rows.size());
}

void write_list(std::string_view title, const std::vector<std::string>& items, std::string& out) {
  if (items.empty()) return;
  out += fmt::format("<h2>{}</h2><ul>", title);
  for (const std::string& item : items) out += fmt::format("<li>{}</li>", escaped(item));
  out += "</ul>\n";
}

}  // namespace

std::string to_html(const AnalysisDocument& document, const std::string& svg) {
  const PageWords& words = document.language == Language::chinese ? chinese : english;
  const analysis::Analysis& a = document.analysis;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>{} {}</title><style>{}</style></head>\n<body><main>\n<h1>{}: {}</h1>\n<dl>",
      words.code, words.what, escaped(a.kind), page_style, words.what, escaped(a.kind));
  const auto row = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>", name, value);
  };
  if (!a.formula.empty()) row(words.formula, fmt::format("<code>{}</code>", escaped(a.formula)));
  row(words.data, fmt::format("{}{}; {}", escaped(document.file),
                              document.cut_off.empty() ? "" : " (" + escaped(document.cut_off) + ")",
                              fmt::format(fmt::runtime(words.rows), a.rows_read, a.rows_analysed)));
  for (const auto& m : a.missing)
    row("", escaped(fmt::format(fmt::runtime(words.missing), m.column, m.rows, fmt::join(m.first_lines, ", "),
                                m.rows > m.first_lines.size() ? ", ..." : "")));
  std::string options;
  for (const auto& [name, value] : document.options)
    options +=
        fmt::format("{}<code>--{} {}</code>", options.empty() ? "" : ", ", escaped(name), escaped(value));
  row(words.options, options.empty() ? std::string(words.none) : options);
  out += "</dl>\n";
  if (!svg.empty())
    out += fmt::format("<figure>{}<figcaption>{}{}</figcaption></figure>\n", svg,
                       escaped(a.figure ? a.figure->caption : ""),
                       a.figure && !a.figure->test.empty() ? " " + escaped(a.figure->test) + "." : "");
  write_list(words.methods, a.methods, out);
  write_list(words.notes, a.notes, out);
  for (const analysis::Table& table : a.tables) write_table(table, document.language, out);
  return out + fmt::format("<footer>{}</footer>\n</main></body></html>\n",
                           escaped(fmt::format(fmt::runtime(words.research), document.version, document.file,
                                               document.sha256)));
}

}  // namespace graftline::report
