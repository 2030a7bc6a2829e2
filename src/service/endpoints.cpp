#include "service/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/adtte.h"
#include "core/suggestion.h"
#include "endpoints/endpoint.h"
#include "interop/casefile/casefile.h"
#include "interop/import.h"
#include "report/dataset_json.h"
#include "service/ask.h"
#include "service/case_runner.h"
#include "service/data_file.h"

namespace graftline::service {
namespace {

using endpoints::Component;
using endpoints::Definition;
using endpoints::History;
using endpoints::Occurrence;

Result<std::vector<const Definition*>> wanted_definitions(const EndpointTask& task) {
  std::vector<const Definition*> wanted;
  std::vector<std::string_view> ids;
  for (const Definition& d : endpoints::definitions()) {
    ids.push_back(d.id);
    if (task.endpoints.empty()) wanted.push_back(&d);
  }
  for (const std::string& name : task.endpoints) {
    const Definition* definition = endpoints::definition(name);
    if (definition == nullptr) {
      const auto closest = closest_name(name, ids);
      return Error{ErrorKind::not_found,
                   closest ? fmt::format("no endpoint '{}'; did you mean '{}'?", name, *closest)
                           : fmt::format("no endpoint '{}'; there are {}", name, fmt::join(ids, ", "))};
    }
    wanted.push_back(definition);
  }
  return wanted;
}

Result<endpoints::HistoryOptions> history_options(const EndpointTask& task) {
  endpoints::HistoryOptions options;
  if (task.time_zero == "transplant")
    options.time_zero = endpoints::TimeZero::transplant;
  else if (task.time_zero == "dli")
    options.time_zero = endpoints::TimeZero::first_dli;
  else if (task.time_zero == "randomisation" || task.time_zero == "randomization")
    options.time_zero = endpoints::TimeZero::randomisation;
  else
    return Error{ErrorKind::malformed_input,
                 fmt::format("--from {}: expected transplant, dli or randomisation", task.time_zero)};
  options.cut_off = task.cut_off;
  options.known_on = task.known_on;
  options.censor_at_last_assessment = task.censor_at_last_assessment;
  std::vector<std::string> ids;
  for (std::size_t c = 0; c < endpoints::component_count; ++c)
    ids.emplace_back(endpoints::id(static_cast<Component>(c)));
  for (const std::string& name : task.absence_means_no) {
    const auto component = endpoints::component_named(name);
    if (!component && name != "all")
      return Error{ErrorKind::not_found,
                   fmt::format("--absence-means-no {}: there is no such component; there are all, {}", name,
                               fmt::join(ids, ", "))};
    for (std::size_t c = 0; c < endpoints::component_count; ++c)
      if (name == "all" || component == static_cast<Component>(c))
        options.absence_means_no.push_back(static_cast<Component>(c));
  }
  return options;
}

// The rows of ADTTE as one history per subject: every PARAMCD that is a component of an endpoint.
struct AdtteComponent {
  const char* paramcd;
  Component component;
};
constexpr std::array adtte_components{AdtteComponent{"OS", Component::death},
                                      AdtteComponent{"DEATH", Component::death},
                                      AdtteComponent{"RELAPSE", Component::relapse},
                                      AdtteComponent{"AGVHD24", Component::acute_gvhd_2_to_4},
                                      AdtteComponent{"AGVHD34", Component::acute_gvhd_3_to_4},
                                      AdtteComponent{"CGVHD", Component::chronic_gvhd},
                                      AdtteComponent{"CGVHDMS", Component::chronic_gvhd_moderate_severe},
                                      AdtteComponent{"CGVHDSEV", Component::chronic_gvhd_severe},
                                      AdtteComponent{"CGVHDIST", Component::chronic_gvhd_systemic_treatment},
                                      AdtteComponent{"APLASIA", Component::aplasia},
                                      AdtteComponent{"INFECT", Component::infection}};

Result<std::vector<History>> histories_of_table(const DataFile& data,
                                                const endpoints::HistoryOptions& options) {
  const stats::DataTable& table = data.table;
  for (const char* name : {"USUBJID", "PARAMCD", "AVAL", "CNSR"})
    if (table.find(name) == nullptr)
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}: a table of endpoints needs a column {}", data.name, name)};
  const stats::Column& aval = *table.find("AVAL");
  const stats::Column& cnsr = *table.find("CNSR");
  for (const auto& [name, column] : {std::pair{"AVAL", &aval}, {"CNSR", &cnsr}})
    if (column->is_text)
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}: line {}, column {}: text where a number is expected", data.name,
                               table.line(column->first_text_row), name)};
  const stats::Coded subjects = stats::coded(*table.find("USUBJID"));
  const stats::Coded parameters = stats::coded(*table.find("PARAMCD"));
  const stats::Column* start = table.find("STARTDT");
  const stats::Column* arm = table.find("TRTP");
  const stats::Column* dli_day = table.find("DLIDY");
  std::vector<History> histories(subjects.label.size());
  for (std::size_t s = 0; s < histories.size(); ++s) {
    histories[s].patient = subjects.label[s];
    for (std::size_t c = 0; c < endpoints::component_count; ++c) {
      Occurrence& o = histories[s].components[c];
      const auto component = static_cast<Component>(c);
      o.unknown_from = Day{0};
      o.never_looked_for = true;
      o.reason = fmt::format("{}: no row in {}", endpoints::name(component), data.name);
    }
  }
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (subjects.code[i] < 0 || parameters.code[i] < 0) continue;
    History& history = histories[static_cast<std::size_t>(subjects.code[i])];
    const std::string& code = parameters.label[static_cast<std::size_t>(parameters.code[i])];
    Day zero{0};
    if (start != nullptr && start->is_text && !start->is_missing(i)) {
      const auto day = parse_day(start->text(i));
      if (!day)
        return Error{
            ErrorKind::malformed_input,
            fmt::format("{}: line {}, column STARTDT: expected YYYY-MM-DD", data.name, table.line(i))};
      zero = *day;
    }
    if (history.time_zero && *history.time_zero != zero)
      return Error{ErrorKind::conflict,
                   fmt::format("{}: line {}: another STARTDT than the rows of this subject before it",
                               data.name, table.line(i))};
    history.time_zero = zero;
    if (arm != nullptr && arm->is_text) history.arm = arm->text(i);
    if (dli_day != nullptr && !dli_day->is_text && !dli_day->is_missing(i))
      history.first_dli = zero + static_cast<int>(dli_day->number[i]);
    for (const AdtteComponent& row : adtte_components) {
      if (code != row.paramcd) continue;
      Occurrence& o = history.of(row.component);
      o.source = {data.name, fmt::format("line {}", table.line(i))};
      o.fact = code;
      if (std::isnan(aval.number[i]) || std::isnan(cnsr.number[i])) {
        o.reason = fmt::format("{}: AVAL or CNSR is missing", endpoints::name(row.component));
        o.unknown_from = zero;
        o.never_looked_for = false;
        continue;
      }
      if (aval.number[i] < 1)
        return Error{ErrorKind::out_of_range,
                     fmt::format("{}: line {}, column AVAL: a time before its start (AVAL counts from 1)",
                                 data.name, table.line(i))};
      const Day day = zero + (static_cast<int>(aval.number[i]) - 1);
      o.reason.clear();
      o.never_looked_for = false;
      o.unknown_from.reset();
      o.happened = truth(cnsr.number[i] == 0.0);
      if (o.happened == Truth::yes)
        o.when = exactly(day);
      else
        o.absent_until = day;
      history.last_contact = std::max(history.last_contact, day);
    }
  }
  for (History& history : histories) {
    if (!history.time_zero) history.why_no_time_zero = "no row with an endpoint";
    for (const Component c : options.absence_means_no) {
      Occurrence& o = history.of(c);
      if (!o.never_looked_for) continue;
      o = {};
      o.happened = Truth::no;
      o.absent_until = history.last_contact;
    }
  }
  return histories;
}

using HistorySink = std::function<void(const History&)>;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// A table with one row per endpoint, told by its header.
Result<bool> read_as_table(const std::string& path, const endpoints::HistoryOptions& options,
                           const HistorySink& sink) {
  if (!ends_with(path, ".csv") && !ends_with(path, ".json") && !ends_with(path, ".ndjson")) return false;
  auto data = read_data_file(path, {"USUBJID", "PARAMCD", "AVAL", "CNSR", "STARTDT", "TRTP", "DLIDY"});
  if (!data || !analysis::is_adtte(data->table))
    return false;  // records; the importer says what is wrong with them
  const auto histories = histories_of_table(*data, options);
  if (!histories) return histories.error();
  for (const History& history : *histories) sink(history);
  return true;
}

Result<bool> read_as_cases(const std::string& path, const endpoints::HistoryOptions& options,
                           const HistorySink& sink) {
  if (!ends_with(path, ".cases")) return false;
  const auto file = interop::read_case_file(path);
  if (!file) return file.error();
  for (const interop::Case& c : file->cases) {
    const auto question = question_of(c, path);
    if (!question) return question.error();
    endpoints::HistoryOptions at = options;
    at.cut_off = std::min(at.cut_off, question->question.as_of);
    History history = endpoints::history_of(question->timeline, at);
    for (Occurrence& o : history.components)
      if (!o.source.place.empty()) o.source.file = path;
    sink(history);
  }
  return true;
}

// Counts that nobody can overlook.
struct Counts {
  std::array<std::size_t, 5> status{};
  std::map<std::string, std::size_t> reasons;
};

report::Dataset dataset_of(const EndpointTask& task) {
  using enum report::DatasetType;
  report::Dataset dataset{
      .name = "ADTTE",
      .label = "Time-to-Event Analysis",
      .study = task.study,
      .made_at = task.made_at,
      .version = task.version,
      .columns = {{"STUDYID", "Study Identifier"},
                  {"USUBJID", "Unique Subject Identifier", text, 1},
                  {"TRTP", "Planned Treatment"},
                  {"PARAM", "Parameter"},
                  {"PARAMCD", "Parameter Code", text, 2},
                  {"AVAL", "Analysis Value (days, the first is 1)", integer},
                  {"AVALU", "Analysis Value Unit"},
                  {"STARTDT", "Time-to-Event Origin Date for Subject", date},
                  {"ADT", "Analysis Date", date},
                  {"CNSR", "Censor (0 event, 1 censored, 2 competing event)", integer},
                  {"EVNTDESC", "Event or Censoring Description"},
                  {"STATUS", "event, competing, censored, unknown or not at risk"},
                  {"REASON", "Why unknown or not at risk"},
                  {"DLIDY", "Days from origin to first donor lymphocyte infusion", integer},
                  {"SRCDOM", "Source file"},
                  {"SRCVAR", "Source fact"},
                  {"SRCSEQ", "Source place"}},
      .rows = {}};
  return dataset;
}

std::string origin_label(const std::string& time_zero) {
  return time_zero == "dli" ? "first donor lymphocyte infusion" : time_zero;
}

std::vector<analysis::Value> row_of(const EndpointTask& task, const Definition& definition,
                                    const History& history, const endpoints::Endpoint& endpoint) {
  using analysis::Value;
  const auto day = [](const std::optional<Day>& d) { return d ? Value{to_text(*d)} : Value{}; };
  const auto days = [&](const std::optional<Day>& d, int add) {
    return d && history.time_zero ? Value{static_cast<double>(*d - *history.time_zero + add)} : Value{};
  };
  const auto code = endpoints::cnsr(endpoint.status);
  return {task.study,
          history.patient,
          history.arm,
          fmt::format("{} from {}", definition.label, origin_label(task.time_zero)),
          std::string(definition.paramcd),
          days(endpoint.day, 1),
          std::string(endpoint.day ? "DAYS" : ""),
          day(history.time_zero),
          day(endpoint.day),
          code ? Value{static_cast<double>(*code)} : Value{},
          endpoint.description,
          std::string(endpoints::name(endpoint.status)),
          endpoint.reason,
          days(history.first_dli, 0),
          endpoint.source.file,
          endpoint.fact,
          endpoint.source.place};
}

std::string counts_text(const std::vector<const Definition*>& wanted, const std::vector<Counts>& counts,
                        std::size_t patients) {
  std::string text = fmt::format("{} patients\n{:<10} {:>7} {:>10} {:>9} {:>8} {:>12}\n", patients,
                                 "endpoint", "event", "competing", "censored", "unknown", "not at risk");
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    const auto& s = counts[d].status;
    text +=
        fmt::format("{:<10} {:>7} {:>10} {:>9} {:>8} {:>12}\n", wanted[d]->id, s[0], s[1], s[2], s[3], s[4]);
  }
  for (std::size_t d = 0; d < wanted.size(); ++d)
    for (const auto& [reason, count] : counts[d].reasons)
      text += fmt::format("{}, {} {}\n", wanted[d]->id, count, reason);
  return text;
}

std::string table_text(const report::Dataset& dataset) {
  std::string text = fmt::format("{:<20} {:<9} {:<12} {:>6} {:<11} {}\n", "patient", "endpoint", "status",
                                 "days", "date", "what, from where");
  const auto word = [](const analysis::Value& v) {
    const auto* t = std::get_if<std::string>(&v);
    return t == nullptr ? std::string() : *t;
  };
  for (const auto& row : dataset.rows) {
    const auto* aval = std::get_if<double>(&row[5]);
    const std::string source =
        word(row[14]).empty() ? "" : fmt::format(" [{} {}]", word(row[14]), word(row[16]));
    std::string what = word(row[12]).empty() ? word(row[10]) : word(row[12]);
    if (word(row[11]) == "event" && !word(row[12]).empty()) what = word(row[10]) + " (" + word(row[12]) + ")";
    text += fmt::format("{:<20} {:<9} {:<12} {:>6} {:<11} {}{}\n", word(row[1]), word(row[4]), word(row[11]),
                        aval == nullptr ? "-" : fmt::format("{:.0f}", *aval - 1), word(row[8]), what, source);
  }
  return text;
}

}  // namespace

Result<EndpointOutput> endpoints_of(const EndpointTask& task, EndpointFormat format) {
  const auto wanted = wanted_definitions(task);
  if (!wanted) return wanted.error();
  const auto options = history_options(task);
  if (!options) return options.error();
  report::Dataset dataset = dataset_of(task);
  std::vector<Counts> counts(wanted->size());
  std::size_t patients = 0;
  const HistorySink take = [&](const History& history) {
    ++patients;
    for (std::size_t d = 0; d < wanted->size(); ++d) {
      const auto endpoint = endpoints::endpoint_of(*(*wanted)[d], history);
      ++counts[d].status[static_cast<std::size_t>(endpoint.status)];
      if (!endpoint.reason.empty()) {
        // Dates would make every reason its own.
        const std::string kind = endpoint.reason.substr(0, endpoint.reason.find(" between "));
        ++counts[d].reasons[fmt::format("{}: {}", endpoints::name(endpoint.status), kind)];
      }
      dataset.rows.push_back(row_of(task, *(*wanted)[d], history, endpoint));
    }
  };
  std::vector<std::string> records;
  for (const std::string& path : task.records) {
    const auto cases = read_as_cases(path, *options, take);
    if (!cases) return cases.error();
    if (*cases) continue;
    const auto table = read_as_table(path, *options, take);
    if (!table) return table.error();
    if (!*table) records.push_back(path);
  }
  std::string notice;
  if (!records.empty()) {
    auto mapping = task.mapping_file.empty() ? Result<interop::Mapping>(interop::Mapping::defaults())
                                             : interop::Mapping::from_file(task.mapping_file);
    if (!mapping) return mapping.error();
    interop::ImportOptions reading;
    reading.progress = task.progress;
    reading.read_on = task.cut_off;
    const auto report = interop::import_records(
        records, *mapping,
        [&](record::Timeline&& timeline) { take(endpoints::history_of(timeline, *options)); }, reading);
    if (!report) return report.error();
    notice = import_notice(*report);
  }
  if (patients == 0) return Error{ErrorKind::not_found, "the records hold no patient\n" + notice};
  EndpointOutput output;
  output.counts = counts_text(*wanted, counts, patients) + notice;
  switch (format) {
    case EndpointFormat::text:
      output.printed = table_text(dataset);
      break;
    case EndpointFormat::csv:
      output.printed = report::to_dataset_csv(dataset);
      break;
    case EndpointFormat::dataset_json:
      output.printed = report::to_dataset_json(dataset);
      break;
    case EndpointFormat::dataset_ndjson:
      output.printed = report::to_dataset_ndjson(dataset);
      break;
  }
  return output;
}

std::string endpoint_list() {
  std::string text;
  for (const Definition& d : endpoints::definitions()) {
    std::vector<std::string_view> events, competing;
    for (const Component c : d.events()) events.push_back(endpoints::name(c));
    for (const Component c : d.competing()) competing.push_back(endpoints::name(c));
    text += fmt::format("{:<10} {}: first of {}{} [{}]\n", d.id, d.label, fmt::join(events, ", "),
                        competing.empty() ? "" : fmt::format("; competing: {}", fmt::join(competing, ", ")),
                        d.source);
  }
  return text;
}

}  // namespace graftline::service
