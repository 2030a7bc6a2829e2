#include "service/simulate_bedside.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "interop/csv/writer.h"
#include "record/view.h"
#include "service/verification.h"
#include "service/whole_file.h"
#include "sim/parse_model.h"

namespace graftline::service {
namespace {

std::optional<Error> write(const std::filesystem::path& path, const std::string& text) {
  WholeFile file(path.string());
  file.write(text);
  return file.finish();
}

std::optional<Error> export_course(const std::filesystem::path& folder, const sim::BedsideCourse& course) {
  const std::string& name = course.record.patient;
  if (auto problem = write(folder / (name + ".csv"),
                           interop::csv::long_form_header() + interop::csv::long_form_rows(course.record))) {
    return problem;
  }
  std::string decisions = "patient,date,decision,cd3_per_kg\n";
  for (const auto& one : course.decisions)
    decisions +=
        fmt::format("{},{},{},{:.6g}\n", name, to_text(one.day), engine::name(one.action), one.cd3_per_kg);
  return write(folder / (name + ".decisions.csv"), decisions);
}

struct Tally {
  std::map<std::string, int> decisions;     // by action
  std::map<std::string, int> last_reasons;  // of the last decision of each patient
  std::map<int, int> infused;               // patients by number of infusions
  std::vector<int> first_day;               // of the first infusion
};

void add(const sim::BedsideCourse& course, Day day_zero, Tally& tally) {
  bool has_first = false;
  for (const auto& one : course.decisions) {
    ++tally.decisions[std::string(engine::name(one.action))];
    if (one.cd3_per_kg > 0.0 && !has_first) {
      has_first = true;
      tally.first_day.push_back(one.day - day_zero);
    }
  }
  ++tally.infused[course.infusions];
  if (!course.decisions.empty()) {
    const auto& last = course.decisions.back();
    ++tally.last_reasons[fmt::format("{}: {}", engine::name(last.action), last.because)];
  }
}

}  // namespace

Result<ProtocolArm> protocol_arm(const Ask& ask) {
  auto protocols = find_protocols(ask);
  if (!protocols) return protocols.error();
  if (protocols->size() != 1) return Error{ErrorKind::malformed_input, "one protocol is simulated at a time"};
  const protocol::Protocol& protocol = protocols->front();
  if (const auto errors = verification_errors(protocol); !errors.empty()) {
    return Error{
        ErrorKind::conflict,
        fmt::format("protocol {} {}: nothing is simulated on a protocol with verification errors:\n{}\n"
                    "graftline verify {} shows patients for each",
                    protocol.id, protocol.version, fmt::join(errors, "\n"), protocol.id)};
  }
  auto prepared = prepare(ask, std::move(*protocols));
  if (!prepared) return prepared.error();
  auto base = read_one(ask);
  if (!base) return base.error();
  base->timeline.arrange();
  const Day late{std::numeric_limits<std::int32_t>::max() / 2};
  const auto day_zero = record::View(base->timeline, late).day_zero();
  if (!day_zero || day_zero->first != day_zero->last) {
    return Error{ErrorKind::malformed_input,
                 "the base record has no transplant with an exact day: add a row such as "
                 "base,2026-01-10,transplant,yes"};
  }
  return ProtocolArm{std::move(prepared->front()), std::move(base->timeline), day_zero->first};
}

Result<BedsideSetting> bedside_setting(const BedsideRequest& request) {
  auto model = sim::read_model(request.model);
  if (!model) return model.error();
  auto arm = protocol_arm(request.ask);
  if (!arm) return arm.error();
  return BedsideSetting{std::move(*arm), std::move(*model)};
}

sim::BedsidePlan bedside_plan(const ProtocolArm& arm, int first_decision, int every, int until) {
  sim::BedsidePlan plan;
  plan.protocol = &arm.prepared.protocol;
  plan.settings = arm.prepared.question.settings;
  plan.base = arm.base;
  plan.day_zero = arm.day_zero;
  plan.first_decision = first_decision;
  plan.every = every;
  plan.until = until;
  return plan;
}

Result<std::string> simulate_bedside(const BedsideRequest& request) {
  const auto setting = bedside_setting(request);
  if (!setting) return setting.error();
  const auto process = sim::compile(setting->model, request.variant);
  if (!process) return process.error();
  if (!request.export_folder.empty()) {
    std::error_code problem;
    std::filesystem::create_directories(request.export_folder, problem);
    if (problem)
      return Error{ErrorKind::conflict,
                   fmt::format("{}: {}", request.export_folder.string(), problem.message())};
  }
  const sim::BedsidePlan plan = bedside_plan(*setting, request.first_decision, request.every, request.until);
  Tally tally;
  for (std::uint32_t patient = 0; patient < request.patients; ++patient) {
    const auto course = sim::bedside(*process, plan, {request.seed, stream_of(0, patient)});
    if (!course) return course.error();
    add(*course, setting->day_zero, tally);
    if (request.export_folder.empty()) continue;
    if (auto problem = export_course(request.export_folder, *course)) return *problem;
  }
  std::string text =
      fmt::format("{} {} acting on {} virtual patients of {}{}{}, seed {}\n", setting->prepared.protocol.id,
                  setting->prepared.protocol.version, request.patients, setting->model.id,
                  request.variant.empty() ? "" : ", variant ", request.variant, request.seed);
  text += "patients by number of infusions\n";
  for (const auto& [count, n] : tally.infused) text += fmt::format("  {:>3}  {}\n", count, n);
  if (!tally.first_day.empty()) {
    std::ranges::sort(tally.first_day);
    text += fmt::format("first infusion: median day +{}, from +{} to +{}\n",
                        tally.first_day[tally.first_day.size() / 2], tally.first_day.front(),
                        tally.first_day.back());
  }
  text += "decisions\n";
  for (const auto& [action, n] : tally.decisions) text += fmt::format("  {:<12} {}\n", action, n);
  text += "last decision of each patient\n";
  for (const auto& [reason, n] : tally.last_reasons) text += fmt::format("  {:>5}  {}\n", n, reason);
  return text;
}

}  // namespace graftline::service
