#include "report/form.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/decision_text.h"
#include "report/form_words.h"
#include "report/html.h"

namespace graftline::report {
namespace {

constexpr std::string_view style = R"(
*{box-sizing:border-box}
body{margin:0;padding:1.2rem;color:#000;background:#fff;font:11pt/1.35 system-ui,"Noto Sans CJK SC",sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:48rem;margin:auto}
h1{font-size:1.3rem;margin:0}
header p{margin:.2rem 0 .6rem;color:#333}
h2{font-size:.95rem;margin:.7rem 0 .15rem;border-bottom:1.5px solid #000}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.14rem .5rem .14rem 0;border-bottom:1px solid #ccc;font-weight:400}
th{width:34%;color:#333}
td b{font-weight:700}
.note{color:#555;font-size:.82em;display:block}
.blank{display:inline-block;min-width:11rem;border-bottom:1px solid #000;height:1.1em}
.box{display:inline-block;width:.85em;height:.85em;border:1.2px solid #000;margin-right:.4em;vertical-align:-.08em}
.power{white-space:nowrap}.power b{font-weight:800}
.sign{display:flex;flex-wrap:wrap;gap:.8rem 2rem;margin-top:1.1rem}
.sign div{flex:1 1 12rem;border-top:1px solid #000;padding-top:.15rem;font-size:.85em;color:#333}
footer{margin-top:.8rem;font-size:.8em;color:#333}
@media print{body{padding:0;font-size:9.4pt}@page{size:A4;margin:11mm}tr{break-inside:avoid}}
)";

std::string_view name(FormLine::State state) {
  switch (state) {
    case FormLine::State::filled:
      return "filled";
    case FormLine::State::to_fill:
      return "to fill";
    case FormLine::State::to_tick:
      return "to tick";
    case FormLine::State::not_seen:
      return "not seen";
  }
  return "";
}

std::string cell(const FormLine& line, Language language) {
  std::string out = with_powers(escaped(in_language(language, line.value)));
  if (line.state == FormLine::State::to_fill) out += "<span class=\"blank\"></span>";
  if (line.state == FormLine::State::to_tick) out = "<span class=\"box\"></span>" + out;
  if (line.state == FormLine::State::not_seen)
    out += "<span class=\"box\"></span>" +
           escaped(in_language(language, "not seen: confirm against the current form"));
  if (!line.note.empty())
    out +=
        fmt::format("<span class=\"note\">{}</span>", with_powers(escaped(in_language(language, line.note))));
  return out;
}

}  // namespace

std::string to_html(const Form& form, Language language) {
  const auto said = [language](std::string_view text) { return escaped(in_language(language, text)); };
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"{3}\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<title>{0}</title>\n<style>{1}</style></"
      "head><body><main>\n"
      "<header><h1>{0}</h1><p>{2}</p></header>\n",
      said(form.title), style, said(form.about), words(language).code);
  for (const FormSection& section : form.sections) {
    out += fmt::format("<section><h2>{}</h2><table>\n", said(section.heading));
    for (const FormLine& line : section.lines)
      out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", said(line.label),
                         cell(line, language));
    out += "</table></section>\n";
  }
  if (!form.signatures.empty()) {
    out += "<div class=\"sign\">";
    for (const std::string& signature : form.signatures)
      out += fmt::format("<div>{}</div>", said(signature + ", date and time"));
    out += "</div>\n";
  }
  return out + fmt::format("<footer>{}</footer>\n</main></body></html>\n", words(language).research_use);
}

std::string to_json(const Form& form) {
  using json = nlohmann::ordered_json;
  json sections = json::array();
  for (const FormSection& section : form.sections) {
    json lines = json::array();
    for (const FormLine& line : section.lines)
      lines.push_back(
          {{"label", line.label}, {"value", line.value}, {"state", name(line.state)}, {"note", line.note}});
    sections.push_back({{"heading", section.heading}, {"lines", lines}});
  }
  const json document{{"schema", "graftline-form/1"}, {"form", form.id},      {"title", form.title},
                      {"about", form.about},          {"sections", sections}, {"signatures", form.signatures},
                      {"notice", research_use}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace graftline::report
