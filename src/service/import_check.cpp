#include "service/import_check.h"

#include <fmt/format.h>

#include "interop/import.h"
#include "record/facts.h"

namespace graftline::service {
namespace {

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

Result<interop::Mapping> mapping_of(const std::string& file) {
  return file.empty() ? Result<interop::Mapping>(interop::Mapping::defaults())
                      : interop::Mapping::from_file(file);
}

struct Written {
  std::string value;
  std::string unit;
};

Written written(const record::Entry& entry) {
  const record::Fact& fact = record::fact(entry.fact);
  if (const auto* quantity = std::get_if<Quantity>(&entry.value)) {
    return {std::string(symbol(quantity->comparator)) + to_text(quantity->value), quantity->unit.code};
  }
  if (const auto* level = std::get_if<record::Level>(&entry.value)) {
    const auto words = record::levels_of(fact);
    std::string text(words.at(static_cast<std::size_t>(level->low)));
    if (level->low != level->high)
      text = fmt::format("{}-{}", text, words.at(static_cast<std::size_t>(level->high)));
    return {text, ""};
  }
  if (const auto* holds = std::get_if<bool>(&entry.value)) {
    if (*holds && !entry.amounts.empty()) return {entry.as_written, ""};
    return {entry.is_stop ? "stop" : (*holds ? "yes" : "no"), ""};
  }
  return {entry.as_written, ""};
}

}  // namespace

Result<std::string> import_report(const std::vector<std::string>& paths, const std::string& mapping_file,
                                  bool json, bool full) {
  auto mapping = mapping_of(mapping_file);
  if (!mapping) return mapping.error();
  const auto report = interop::import_records(paths, *mapping, [](record::Timeline&&) {});
  if (!report) return report.error();
  return json ? interop::to_json(*report) + "\n" : interop::to_text(*report, full);
}

Result<std::string> import_as_csv(const std::vector<std::string>& paths, const std::string& mapping_file) {
  auto mapping = mapping_of(mapping_file);
  if (!mapping) return mapping.error();
  std::string out = "patient,date,fact,value,unit,known_on,upper_limit,method,end\n";
  const auto report = interop::import_records(paths, *mapping, [&](record::Timeline&& timeline) {
    for (const record::Entry& entry : timeline.entries) {
      const Written value = written(entry);
      out += fmt::format("{},{},{},{},{},{},{},{},{}\n", field(timeline.patient), to_text(entry.when),
                         record::fact(entry.fact).id, field(value.value), field(value.unit),
                         to_text(entry.known_on), entry.upper_limit ? field(to_text(*entry.upper_limit)) : "",
                         field(entry.method), entry.until ? to_text(*entry.until) : "");
    }
  });
  if (!report) return report.error();
  return out;
}

}  // namespace graftline::service
