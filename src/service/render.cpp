#include "service/render.h"

#include <fmt/format.h>

#include "report/decision_json.h"
#include "report/decision_text.h"
#include "report/dose_text.h"

namespace graftline::service {
namespace {

std::string comparison_text(const std::vector<Answered>& answers) {
  const engine::Decision& first = answers.front().decision;
  std::string out = fmt::format("Patient {}, asked as of {}\n\n", first.patient, to_text(first.as_of));
  for (const Answered& answered : answers) {
    const engine::Decision& decision = answered.decision;
    const auto* strategy = decision.answer();
    out += fmt::format("{} {} ({})\n", decision.protocol_id, decision.protocol_version,
                       protocol::name(decision.protocol_status));
    out += fmt::format(
        "  eligibility  {}{}\n", engine::name(decision.verdict),
        decision.failing.empty() ? "" : fmt::format(" (fails {})", fmt::join(decision.failing, ", ")));
    out += fmt::format(
        "  decision     {}{}{}\n", engine::name(decision.action),
        strategy != nullptr && strategy->wait_until ? " until " + to_text(*strategy->wait_until) : "",
        decision.because.empty() || decision.action == engine::Action::give ? "" : ": " + decision.because);
    if (strategy != nullptr && !strategy->name.empty())
      out += fmt::format("  strategy     {}\n", strategy->label);
    if (strategy != nullptr && strategy->dose)
      out += fmt::format("  next dose    {}\n", report::both_ways(*strategy->dose));
    if (!decision.missing.empty()) {
      out += "  missing      ";
      for (std::size_t i = 0; i < decision.missing.size(); ++i)
        out += (i == 0 ? "" : ", ") + decision.missing[i].name;
      out += "\n";
    }
    out += "\n";
  }
  return out + report::research_use + "\n";
}

}  // namespace

std::string render(const std::vector<Answered>& answers, const std::vector<Prepared>& prepared, View view,
                   bool json, bool brief) {
  if (json) {
    std::string out;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      out +=
          (i == 0 ? "" : ",\n") + report::to_json(answers[i].decision, answers[i].plan, prepared[i].protocol);
    }
    return view == View::comparison ? "[" + out + "]\n" : out + "\n";
  }
  if (view == View::comparison) return comparison_text(answers);
  const Answered& answered = answers.front();
  if (view == View::plan) {
    report::TextOptions options;
    options.only_answer = true;
    return report::to_text(answered.decision, answered.plan, prepared.front().protocol, options);
  }
  report::TextOptions options;
  options.only_answer = brief;
  return report::to_text(answered.decision, answered.plan, prepared.front().protocol, options);
}

}  // namespace graftline::service
