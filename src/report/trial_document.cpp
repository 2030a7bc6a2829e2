#include "report/trial_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "report/figure/power_figure.h"
#include "report/html.h"
#include "report/page_style.h"

namespace graftline::report {
namespace {

using nlohmann::ordered_json;

struct TextTable {
  std::string title;
  std::vector<std::string> columns;  // the first is left-aligned
  std::vector<std::vector<std::string>> rows;
};

// "41.7 (1.6)": mean and Monte-Carlo standard error, times a factor; "-" where there is none.
std::string shown(const ordered_json& value, double factor, int digits) {
  if (value.is_null()) return "-";
  return fmt::format("{:.{}f} ({:.{}f})", factor * value.at("mean").get<double>(), digits,
                     factor * value.at("monte_carlo_standard_error").get<double>(), digits);
}
std::string percent(const ordered_json& value) { return shown(value, 100.0, 1); }
std::string number(const ordered_json& value) { return shown(value, 1.0, 1); }
std::string cells(const ordered_json& value) {
  return fmt::format("{:.3g} ({:.1g})", value.at("mean").get<double>(),
                     value.at("monte_carlo_standard_error").get<double>());
}
std::string word(const ordered_json& value) {
  std::string text = value.get<std::string>();
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string settings_text(const ordered_json& point) {
  std::string text;
  for (const auto& [name, value] : point.at("settings").items())
    text += fmt::format("{}{} = {:.6g}", text.empty() ? "" : ", ", name, value.get<double>());
  return text;
}

std::string heading(const ordered_json& point) {
  const std::string settings = settings_text(point);
  return point.at("trial").get<std::string>() + (settings.empty() ? "" : " with " + settings);
}

std::string arm_text(const ordered_json& arm) {
  return fmt::format("{} {}{}", arm.at("patients").get<int>(), arm.at("variant").get<std::string>(),
                     arm.at("protocol").is_null()
                         ? ""
                         : fmt::format(" by protocol {} {}", arm.at("protocol").at("id").get<std::string>(),
                                       arm.at("protocol").at("version").get<std::string>()));
}

std::string design_text(const ordered_json& design) {
  const std::string unit = design.at("time_unit");
  std::string text =
      fmt::format("{} against {}; ", arm_text(design.at("arms")[0]), arm_text(design.at("arms")[1]));
  if (design.at("accrual").get<double>() > 0.0)
    text += fmt::format("accrual {:.6g} {}, ", design.at("accrual").get<double>(), unit);
  text += design.at("each").get<bool>()
              ? fmt::format("each followed {:.6g} {}", design.at("followed").get<double>(), unit)
              : fmt::format("followed {:.6g} {} after the last", design.at("followed").get<double>(), unit);
  text += fmt::format("; {} by {} at {:.4g} % {}-sided{}", design.at("primary").get<std::string>(),
                      word(design.at("primary_test")), 100.0 * design.at("alpha").get<double>(),
                      design.at("sides").get<int>() == 2 ? "two" : "one",
                      design.at("stratified").get<bool>() ? ", stratified" : "");
  const std::string randomisation = design.at("randomisation");
  text += randomisation == "in_turn" ? "; arms in turn" : "; randomised by " + randomisation;
  if (!design.at("factors").empty()) {
    std::vector<std::string> names;
    for (const auto& factor : design.at("factors")) names.push_back(factor);
    text += fmt::format(" ({})", fmt::join(names, ", "));
  }
  if (design.at("dropout").get<double>() > 0.0)
    text += fmt::format("; lost at {:.4g} per {}", design.at("dropout").get<double>(),
                        unit.substr(0, unit.size() - 1));
  return text;
}

std::vector<TextTable> tables_of(const ordered_json& point) {
  const ordered_json& result = point.at("result");
  const ordered_json& without = point.at("without_effect");
  std::vector<TextTable> tables;
  TextTable power{"Share of trials that reject, in percent", {"", "percent"}, {}};
  power.rows.push_back(
      {fmt::format("{}, with the effect (power)", point.at("design").at("primary").get<std::string>()),
       percent(result.at("rejected"))});
  if (!without.is_null())
    power.rows.push_back({"both arms as control (type I error)", percent(without.at("rejected"))});
  if (result.at("looks").size() > 1) {
    for (const auto& look : result.at("looks")) {
      const int events = look.at("events").get<int>();
      const double critical = look.at("critical_value").get<double>();
      power.rows.push_back(
          {fmt::format("  {}, Z beyond {:.3f}",
                       events > 0 ? fmt::format("look after {} events", events) : "last analysis", critical),
           percent(look.at("rejected"))});
      if (look.at("stopped_for_futility").at("mean").get<double>() > 0.0)
        power.rows.push_back({"    stopped for futility", percent(look.at("stopped_for_futility"))});
    }
  }
  for (const auto& harm : result.at("stopped_for_harm"))
    power.rows.push_back({fmt::format("stopped for {}", word(harm.at("what"))), percent(harm.at("share"))});
  tables.push_back(std::move(power));

  TextTable endpoints{
      "Endpoints: incidence and share of trials that reject, in percent; difference in points",
      {"endpoint", "control", "experimental", "events", "log-rank", "Gray", "difference", "estimate", "bias",
       "coverage", "ln HR"},
      {}};
  for (const auto& endpoint : result.at("endpoints")) {
    endpoints.rows.push_back(
        {endpoint.at("endpoint"), percent(endpoint.at("incidence")[0]), percent(endpoint.at("incidence")[1]),
         number(endpoint.at("events")), percent(endpoint.at("rejected_log_rank")),
         percent(endpoint.at("rejected_gray")), percent(endpoint.at("rejected_difference")),
         percent(endpoint.at("difference")), shown(endpoint.at("bias"), 100.0, 2),
         percent(endpoint.at("interval_covers")), shown(endpoint.at("log_hazard_ratio"), 1.0, 2)});
  }
  tables.push_back(std::move(endpoints));

  TextTable course{"A trial, on average", {"", "control", "experimental", "both"}, {}};
  course.rows.push_back({"patients entered", "", "", number(result.at("patients"))});
  course.rows.push_back({fmt::format("duration, {}", point.at("design").at("time_unit").get<std::string>()),
                         "", "", number(result.at("duration"))});
  if (result.at("lost").at("mean").get<double>() > 0.0)
    course.rows.push_back({"lost to follow-up", "", "", number(result.at("lost"))});
  if (result.at("crossed_over").at("mean").get<double>() > 0.0)
    course.rows.push_back({"crossed over", "", "", number(result.at("crossed_over"))});
  const auto by_arm = [&](std::string what, const ordered_json& pair,
                          std::string (*form)(const ordered_json&)) {
    course.rows.push_back({std::move(what), form(pair[0]), form(pair[1]), ""});
  };
  by_arm("infusions", result.at("infusions"), number);
  by_arm("patients infused", result.at("patients_infused"), number);
  by_arm("CD3 cells per kg, all infusions", result.at("cd3_per_kg"), cells);
  for (const auto& count : result.at("counts")) by_arm(word(count.at("what")), count.at("patients"), number);
  tables.push_back(std::move(course));

  const ordered_json& truth = point.at("truth");
  TextTable both{
      fmt::format("The same {} patients under both arms, nobody lost: percent by the end of follow-up",
                  truth.at("patients").get<int>()),
      {"", "control", "experimental", "difference", "caused", "prevented"},
      {}};
  for (const auto& quantity : truth.at("quantities")) {
    both.rows.push_back({word(quantity.at("what")), percent(quantity.at("proportion")[0]),
                         percent(quantity.at("proportion")[1]), percent(quantity.at("difference")),
                         percent(quantity.at("caused")), percent(quantity.at("prevented"))});
  }
  both.rows.push_back(
      {"infused", percent(truth.at("infused")[0]), percent(truth.at("infused")[1]), "", "", ""});
  tables.push_back(std::move(both));
  return tables;
}

TextTable scan_table(const ordered_json& json) {
  TextTable table{
      "All settings: share of trials that reject, in percent",
      {"setting", "patients", "power", "type I error", "events", "entered", "duration", "infusions"},
      {}};
  for (const auto& point : json.at("points")) {
    const ordered_json& result = point.at("result");
    const ordered_json& arms = point.at("design").at("arms");
    const ordered_json& without = point.at("without_effect");
    const double infusions = result.at("infusions")[0].at("mean").get<double>() +
                             result.at("infusions")[1].at("mean").get<double>();
    table.rows.push_back(
        {heading(point),
         fmt::format("{} + {}", arms[0].at("patients").get<int>(), arms[1].at("patients").get<int>()),
         percent(result.at("rejected")), without.is_null() ? "-" : percent(without.at("rejected")),
         number(result.at("endpoints")[0].at("events")), number(result.at("patients")),
         number(result.at("duration")), fmt::format("{:.1f}", infusions)});
  }
  return table;
}

std::size_t columns_wide(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string as_text(const TextTable& table) {
  std::vector<std::size_t> wide;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t most = columns_wide(table.columns[c]);
    for (const auto& row : table.rows) most = std::max(most, columns_wide(row[c]));
    wide.push_back(most);
  }
  std::string out = table.title + "\n";
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string blanks(wide[c] - columns_wide(cells[c]), ' ');
      text += c == 0 ? "  " + cells[c] + blanks : "  " + blanks + cells[c];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(table.columns);
  for (const auto& row : table.rows) line(row);
  return out;
}

std::string as_html(const TextTable& table) {
  std::string out = fmt::format("<h3>{}</h3>\n<div class=\"scroll\"><table><tr>", escaped(table.title));
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += fmt::format("<th{}>{}</th>", c == 0 ? " class=\"t\"" : "", escaped(table.columns[c]));
  out += "</tr>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c)
      out += fmt::format("<td{}>{}</td>", c == 0 ? " class=\"t\"" : "", escaped(row[c]));
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string origin_text(const ordered_json& json) {
  const ordered_json& model = json.at("model");
  const ordered_json& scenario = json.at("scenario");
  return fmt::format("{}model {} {}{}, seed {}",
                     scenario.is_null() ? "" : scenario.at("id").get<std::string>() + ", ",
                     model.at("id").get<std::string>(), model.at("version").get<std::string>(),
                     model.at("exploratory").get<bool>() ? " (exploratory)" : "",
                     json.at("request").at("seed").get<std::uint64_t>());
}

std::string completeness(const ordered_json& json) {
  if (json.at("complete").get<bool>()) return "";
  return fmt::format(
      "Stopped before the end: figures rest on the trials that were finished, not on the {} asked for.\n",
      json.at("request").at("trials").get<std::uint32_t>());
}

// The one name that is varied by numbers, when there is one.
std::optional<std::string> varied(const ordered_json& points) {
  std::set<std::string> names;
  for (const auto& point : points) {
    if (point.at("settings").size() != 1) return std::nullopt;
    names.insert(point.at("settings").begin().key());
  }
  if (points.size() < 2 || names.size() != 1) return std::nullopt;
  return *names.begin();
}

PowerFigure figure_of(const ordered_json& json) {
  const ordered_json& points = json.at("points");
  PowerFigure figure;
  figure.y_label = "trials that reject, %";
  figure.footer = origin_text(json) + "; bars: two Monte-Carlo standard errors";
  const auto one = [](const ordered_json& value, double x) {
    return PowerPoint{x, value.at("mean").get<double>(),
                      value.at("monte_carlo_standard_error").get<double>()};
  };
  if (!points.empty()) figure.levels.emplace_back("alpha", points[0].at("design").at("alpha").get<double>());
  if (!json.at("request").at("target_power").is_null())
    figure.levels.emplace_back("target", json.at("request").at("target_power").get<double>());
  if (const auto name = varied(points)) {
    figure.x_label = *name;
    for (const auto& point : points) {
      const double x = point.at("settings").begin().value().get<double>();
      const auto add = [&](const std::string& series, const ordered_json& value) {
        auto at = std::ranges::find(figure.series, series, &PowerSeries::name);
        if (at == figure.series.end()) {
          figure.series.push_back({series, {}});
          at = figure.series.end() - 1;
        }
        at->points.push_back(one(value, x));
      };
      const std::string trial = point.at("trial");
      const bool is_one_trial =
          std::ranges::all_of(points, [&](const auto& p) { return p.at("trial") == trial; });
      const std::string before = is_one_trial ? "" : trial + ": ";
      add(before + "primary", point.at("result").at("rejected"));
      if (is_one_trial) {
        const auto& endpoints = point.at("result").at("endpoints");
        for (std::size_t e = 1; e < endpoints.size() && e < 5; ++e)
          add(word(endpoints[e].at("endpoint")) + ", log-rank", endpoints[e].at("rejected_log_rank"));
        if (!point.at("without_effect").is_null())
          add("no effect", point.at("without_effect").at("rejected"));
      }
    }
    for (auto& series : figure.series) std::ranges::sort(series.points, {}, &PowerPoint::x);
    return figure;
  }
  if (points.size() == 1) {
    figure.x_label = "endpoint";
    PowerSeries log_rank{"log-rank", {}}, gray{"Gray", {}}, difference{"difference", {}};
    double x = 0.0;
    for (const auto& endpoint : points[0].at("result").at("endpoints")) {
      figure.places.push_back(word(endpoint.at("endpoint")));
      log_rank.points.push_back(one(endpoint.at("rejected_log_rank"), x));
      if (!endpoint.at("rejected_gray").is_null())
        gray.points.push_back(one(endpoint.at("rejected_gray"), x));
      difference.points.push_back(one(endpoint.at("rejected_difference"), x));
      x += 1.0;
    }
    figure.series = {std::move(log_rank), std::move(gray), std::move(difference)};
    return figure;
  }
  figure.x_label = "setting, in the order of the table";
  PowerSeries power{"with effect", {}}, none{"no effect", {}};
  double x = 0.0;
  for (const auto& point : points) {
    figure.places.push_back(fmt::format("{:g}", x + 1.0));
    power.points.push_back(one(point.at("result").at("rejected"), x));
    if (!point.at("without_effect").is_null())
      none.points.push_back(one(point.at("without_effect").at("rejected"), x));
    x += 1.0;
  }
  figure.series = {std::move(power), std::move(none)};
  return figure;
}

std::string text_of(const ordered_json& json) {
  std::string out = origin_text(json) + "; Monte-Carlo standard errors in brackets\n" + completeness(json);
  const ordered_json& points = json.at("points");
  if (points.size() > 1) return out + as_text(scan_table(json));
  for (const auto& point : points) {
    out += fmt::format("{}: {}\n{} trials\n", heading(point), design_text(point.at("design")),
                       point.at("result").at("trials").get<std::uint32_t>());
    for (const TextTable& table : tables_of(point)) out += "\n" + as_text(table);
  }
  return out;
}

std::string html_of(const ordered_json& json, const std::string& version) {
  const ordered_json& scenario = json.at("scenario");
  const std::string title = scenario.is_null() ? "Simulated trials" : scenario.at("title").get<std::string>();
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<title>{0}</title><style>{1}</style></"
      "head>\n<body><main>\n"
      "<h1>{0}</h1>\n<p class=\"soft\">{2}. Monte-Carlo standard errors in brackets.</p>\n",
      escaped(title), page_style, escaped(origin_text(json)));
  if (const std::string note = completeness(json); !note.empty())
    out += fmt::format("<p><b>{}</b></p>\n", escaped(note));
  const ordered_json& points = json.at("points");
  out += fmt::format(
      "<figure>{}<figcaption>Trials that reject at the level alpha, with two Monte-Carlo standard errors "
      "either way.</figcaption></figure>\n",
      to_svg(figure_of(json)));
  if (points.size() > 1) out += as_html(scan_table(json));
  for (const auto& point : points) {
    out += fmt::format("<h2>{}</h2>\n<p>{}. {} trials.</p>\n", escaped(heading(point)),
                       escaped(design_text(point.at("design"))),
                       point.at("result").at("trials").get<std::uint32_t>());
    for (const TextTable& table : tables_of(point)) out += as_html(table);
  }
  out += fmt::format("<h2>To run it again</h2>\n<pre class=\"scroll\"><code>{}</code></pre>\n",
                     escaped(json.at("request").dump(2)));
  out += fmt::format(
      "<footer>Research use: virtual patients of a model, not patients. Made by graftline {}; model "
      "sha256 {}{}.</footer>\n</main></body></html>\n",
      escaped(version), json.at("model").at("sha256").get<std::string>(),
      scenario.is_null() ? "" : ", scenario sha256 " + scenario.at("sha256").get<std::string>());
  return out;
}

// The text is a document as simulate writes it; whatever else it may hold is an error, no exception.
template <class Draw> Result<std::string> drawn(const std::string& text, const Draw& draw) {
  const Error wrong{ErrorKind::malformed_input, "no document of graftline simulate trial --format json"};
  const auto json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || json.value("what", "") != "graftline trial simulation")
    return wrong;
  try {
    return draw(json);
  } catch (const nlohmann::json::exception&) {
    return wrong;
  }
}

}  // namespace

Result<std::string> trial_text(const std::string& json) {
  return drawn(json, [](const ordered_json& document) { return text_of(document); });
}

Result<std::string> trial_svg(const std::string& json) {
  return drawn(json, [](const ordered_json& document) { return to_svg(figure_of(document)); });
}

Result<std::string> trial_html(const std::string& json, const std::string& version) {
  return drawn(json, [&](const ordered_json& document) { return html_of(document, version); });
}

}  // namespace graftline::report
