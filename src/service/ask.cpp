#include "service/ask.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/suggestion.h"
#include "interop/import.h"
#include "interop/site.h"
#include "record/facts.h"

namespace graftline::service {
namespace {

Result<interop::Mapping> mapping_of(const Ask& ask) {
  return ask.mapping_file.empty() ? Result<interop::Mapping>(interop::Mapping::defaults())
                                  : interop::Mapping::from_file(ask.mapping_file);
}

// What was set for this question wins over what the site declares for every question.
void lay_over(const engine::Settings& asked, engine::Settings& settings) {
  for (const auto& [name, setting] : asked.parameters) settings.parameters[name] = setting;
  for (const auto& [name, setting] : asked.upper_limits) settings.upper_limits[name] = setting;
  for (const auto& [name, setting] : asked.judgements) settings.judgements[name] = setting;
  settings.strategy = asked.strategy;
}

Error no_such_patient(const std::string& wanted, const std::vector<std::string>& seen) {
  std::string message = fmt::format("no patient '{}' in the records", wanted);
  if (const auto closest = closest_name(wanted, seen)) {
    message += fmt::format("; did you mean '{}'?", *closest);
  } else if (!seen.empty()) {
    const std::size_t shown = std::min<std::size_t>(seen.size(), 8);
    message += fmt::format("; they hold {}{}",
                           fmt::join(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                           seen.size() > shown ? ", ..." : "");
  }
  return {ErrorKind::not_found, message};
}

Result<interop::ImportReport> import_all(const Ask& ask, const interop::TimelineSink& sink) {
  auto mapping = mapping_of(ask);
  if (!mapping) return mapping.error();
  interop::ImportOptions options;
  options.progress = ask.progress;
  options.read_on = ask.read_on;
  return interop::import_records(ask.records, *mapping, sink, options);
}

}  // namespace

Result<std::vector<protocol::Protocol>> find_protocols(const Ask& ask) {
  const ProtocolLibrary library(ask.protocol_folders);
  std::vector<protocol::Protocol> protocols;
  for (const std::string& wanted : ask.protocols) {
    auto protocol = library.find(wanted);
    if (!protocol) return protocol.error();
    protocols.push_back(std::move(*protocol));
  }
  return protocols;
}

Result<std::vector<Prepared>> prepare(const Ask& ask, std::vector<protocol::Protocol> protocols) {
  std::vector<Prepared> prepared;
  for (protocol::Protocol& protocol : protocols) {
    Prepared one{std::move(protocol), ask.question};
    // One protocol: its own parameters are all that can be meant. Several: each takes those it has.
    if (const auto problem = check_settings(one.protocol, ask.question.settings, ask.protocols.size() > 1))
      return *problem;
    if (!ask.site_file.empty()) {
      auto site = interop::read_site_file(ask.site_file, one.protocol.id);
      if (!site) return site.error();
      if (const auto problem = check_settings(one.protocol, *site, true)) return *problem;
      lay_over(ask.question.settings, *site);
      one.question.settings = std::move(*site);
    }
    prepared.push_back(std::move(one));
  }
  return prepared;
}

Result<interop::ImportReport> each_patient(const Ask& ask, const PatientSink& sink) {
  std::vector<std::string> seen;
  bool found = ask.patient.empty();
  bool is_any = false;
  auto report = import_all(ask, [&](record::Timeline&& timeline) {
    is_any = true;
    if (!ask.patient.empty() && timeline.patient != ask.patient) {
      if (seen.size() < 10000) seen.push_back(timeline.patient);
      return;
    }
    found = true;
    sink(std::move(timeline));
  });
  if (report && !found) return no_such_patient(ask.patient, seen);
  if (report && !is_any) {
    return Error{ErrorKind::not_found,
                 "the records hold no patient: FHIR R4 or CSV with a Patient or a column 'patient' is "
                 "expected\n" +
                     import_notice(*report)};
  }
  return report;
}

Result<interop::ImportReport> ask_each(const Ask& ask, const std::vector<Prepared>& prepared,
                                       const AnswerSink& sink) {
  return each_patient(ask, [&](record::Timeline&& timeline) {
    for (const Prepared& one : prepared) sink(timeline, one, answer(one.protocol, timeline, one.question));
  });
}

Result<OnePatient> read_one(const Ask& ask) {
  OnePatient one;
  std::vector<std::string> seen;
  bool found = false;
  auto report = import_all(ask, [&](record::Timeline&& timeline) {
    seen.push_back(timeline.patient);
    if (found || (!ask.patient.empty() && timeline.patient != ask.patient)) return;
    found = true;
    one.timeline = std::move(timeline);
  });
  if (!report) return report.error();
  one.report = std::move(*report);
  if (ask.patient.empty() && seen.size() > 1) {
    const std::size_t shown = std::min<std::size_t>(seen.size(), 8);
    return Error{ErrorKind::conflict,
                 fmt::format("the records hold {} patients: name one with --patient ({}{})", seen.size(),
                             fmt::join(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                             seen.size() > shown ? ", ..." : "")};
  }
  if (!found && !ask.patient.empty()) return no_such_patient(ask.patient, seen);
  if (!found)
    return Error{ErrorKind::not_found, "the records hold no patient\n" + interop::to_text(one.report)};
  return one;
}

std::optional<Error> add_upper_limit(const std::string& fact, const engine::Settings::Setting& setting,
                                     engine::Settings& settings) {
  const auto found = record::find_fact(fact);
  if (!found) {
    return Error{ErrorKind::not_found,
                 fmt::format("no fact '{}'; did you mean '{}'?", fact, record::closest_fact(fact))};
  }
  settings.upper_limits[std::string(record::fact(*found).id)] = setting;
  return std::nullopt;
}

std::string import_notice(const interop::ImportReport& report) {
  const std::size_t refused = report.refusals.size() + report.refusals_not_listed;
  if (refused == 0) return "";
  std::string text = fmt::format("{} value{} or record{} could not be used:\n", refused,
                                 refused == 1 ? "" : "s", refused == 1 ? "" : "s");
  const std::size_t shown = std::min<std::size_t>(report.refusals.size(), 5);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& finding = report.refusals[i];
    text += "  " + finding.origin.file;
    for (const std::string& part : {finding.origin.place, finding.path})
      text += part.empty() ? "" : " " + part;
    text +=
        fmt::format(": {}{}\n", finding.reason, finding.detail.empty() ? "" : " (" + finding.detail + ")");
  }
  if (refused > shown) text += fmt::format("  ... all {}: graftline import --report\n", refused);
  return text;
}

}  // namespace graftline::service
