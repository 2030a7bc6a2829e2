#include "report/history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/csv_field.h"
#include "report/decision_text.h"

namespace graftline::report {
namespace {

using engine::Change;
using engine::Series;
using engine::Step;
using json = nlohmann::ordered_json;

std::vector<std::string> reason_names(ReasonSet reasons) {
  std::vector<std::string> names;
  for (int i = 0; i < reason_count; ++i) {
    if (reasons.has(static_cast<Reason>(i))) names.emplace_back(name(static_cast<Reason>(i)));
  }
  return names;
}

std::string answer_text(const Answer& answer) {
  return answer.reasons.empty() ? std::string(name(answer.truth))
                                : fmt::format("{} ({})", name(answer.truth), to_text(answer.reasons));
}

std::string_view kind(Change::Of of) {
  static constexpr std::array<std::string_view, 3> names{"criterion", "strategy", "rule"};
  return names.at(static_cast<std::size_t>(of));
}

std::string_view over_name(Series::Over over) {
  static constexpr std::array<std::string_view, 3> names{"days", "as of", "knowledge"};
  return names.at(static_cast<std::size_t>(over));
}

std::string series_text(const Series& series) {
  switch (series.over) {
    case Series::Over::days:
      return "each day as known on that day";
    case Series::Over::as_of:
      return fmt::format("each day as known on {}", graftline::to_text(series.fixed));
    case Series::Over::knowledge:
      return fmt::format("what was known on each day about {}", graftline::to_text(series.fixed));
  }
  return "";
}

std::string days_text(const Step& step) {
  return step.first == step.last
             ? graftline::to_text(step.first)
             : fmt::format("{} to {}", graftline::to_text(step.first), graftline::to_text(step.last));
}

std::string evidence_text(const engine::Evidence& evidence) {
  const bool is_span = evidence.date.rfind("since", 0) == 0;
  std::string text =
      fmt::format("{} {} {}{}", evidence.fact, evidence.value, is_span ? "" : "of ", evidence.date);
  if (!evidence.origin.empty()) text += ", " + evidence.origin;
  return text;
}

std::string change_text(const Change& change) {
  std::string who = change.of == Change::Of::strategy ? "strategy " + change.id : change.id;
  if (!change.sentence.empty() && change.sentence != change.id) who += " " + change.sentence;
  std::string text = fmt::format("{}: {} → {}", who, answer_text(change.before), answer_text(change.after));
  if (!change.evidence.empty()) return text + "; " + evidence_text(change.evidence.front());
  if (!change.facts.empty()) text += fmt::format("; {}", fmt::join(change.facts, ", "));
  return text;
}

json day_or_null(const std::optional<Day>& day) {
  return day ? json(graftline::to_text(*day)) : json(nullptr);
}

json answer_json(const Answer& answer) {
  return {{"truth", name(answer.truth)}, {"reasons", reason_names(answer.reasons)}};
}

json change_json(const Change& change) {
  json evidence = json::array();
  for (const auto& item : change.evidence) {
    evidence.push_back(
        {{"fact", item.fact}, {"value", item.value}, {"date", item.date}, {"origin", item.origin}});
  }
  return {{"of", kind(change.of)},
          {"strategy", change.strategy},
          {"id", change.id},
          {"sentence", change.sentence},
          {"before", answer_json(change.before)},
          {"after", answer_json(change.after)},
          {"facts", change.facts},
          {"evidence", std::move(evidence)}};
}

json step_json(const Step& step) {
  json changes = json::array();
  for (const Change& change : step.changes) changes.push_back(change_json(change));
  return {{"first", graftline::to_text(step.first)},
          {"last", graftline::to_text(step.last)},
          {"verdict", name(step.verdict)},
          {"decision", name(step.action)},
          {"strategy", step.strategy},
          {"because", step.because},
          {"wait_until", day_or_null(step.wait_until)},
          {"dose", step.dose},
          {"failing", step.failing},
          {"missing", step.missing},
          {"changes", std::move(changes)}};
}

std::string changes_in_short(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "; ", change.id, answer_text(change.before),
                        answer_text(change.after));
    if (!change.facts.empty()) text += fmt::format(" [{}]", fmt::join(change.facts, " "));
  }
  return text;
}

}  // namespace

std::string to_text(const HistoryOf& what) {
  const auto& [patient, protocol, series, history] = what;
  std::string out =
      fmt::format("Patient {}, {} {} ({})\n{} to {}, {}\n\n", patient, protocol.id, protocol.version,
                  protocol::name(protocol.status), graftline::to_text(series.first),
                  graftline::to_text(series.last), series_text(series));
  for (const Step& step : history.steps) {
    out += fmt::format("{:<24}  {:<12}  {}{}{}\n", days_text(step), name(step.verdict), name(step.action),
                       step.strategy.empty() ? "" : " (" + step.strategy + ")",
                       step.because.empty() ? "" : ": " + step.because);
    for (const Change& change : step.changes) out += "    " + change_text(change) + "\n";
  }
  out += "\n";
  for (const engine::Opening& opening : history.openings) {
    const auto day = [](const std::optional<Day>& d) {
      return d ? graftline::to_text(*d) : "never in these days";
    };
    out += fmt::format("{}: first open {}, first give {}\n",
                       opening.strategy.empty() ? "Protocol" : "Strategy " + opening.strategy,
                       day(opening.first_open), day(opening.first_give));
  }
  return out + "\n" + research_use + "\n";
}

std::string to_json(const HistoryOf& what) {
  const auto& [patient, protocol, series, history] = what;
  json steps = json::array();
  for (const Step& step : history.steps) steps.push_back(step_json(step));
  json openings = json::array();
  for (const engine::Opening& opening : history.openings) {
    openings.push_back({{"strategy", opening.strategy},
                        {"first_open", day_or_null(opening.first_open)},
                        {"first_give", day_or_null(opening.first_give)}});
  }
  const bool has_fixed = series.over != Series::Over::days;
  const json result{{"patient", patient},
                    {"protocol",
                     {{"id", protocol.id},
                      {"version", protocol.version},
                      {"sha256", protocol.sha256},
                      {"status", protocol::name(protocol.status)}}},
                    {"series",
                     {{"over", over_name(series.over)},
                      {"fixed", has_fixed ? json(graftline::to_text(series.fixed)) : json(nullptr)},
                      {"first", graftline::to_text(series.first)},
                      {"last", graftline::to_text(series.last)}}},
                    {"steps", std::move(steps)},
                    {"openings", std::move(openings)}};
  return result.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string history_csv_header() {
  return "patient,protocol,first,last,verdict,decision,strategy,because,wait_until,dose,failing,missing,"
         "changes\n";
}

std::string to_csv(const HistoryOf& what) {
  std::string out;
  for (const Step& step : what.history.steps) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(what.patient),
                       csv_field(what.protocol.id), graftline::to_text(step.first),
                       graftline::to_text(step.last), name(step.verdict), name(step.action),
                       csv_field(step.strategy), csv_field(step.because),
                       step.wait_until ? graftline::to_text(*step.wait_until) : "", csv_field(step.dose),
                       csv_field(fmt::format("{}", fmt::join(step.failing, " "))),
                       csv_field(fmt::format("{}", fmt::join(step.missing, " "))),
                       csv_field(changes_in_short(step.changes)));
  }
  return out;
}

}  // namespace graftline::report
