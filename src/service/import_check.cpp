#include "service/import_check.h"

#include "interop/csv/writer.h"
#include "interop/import.h"

namespace graftline::service {
namespace {

Result<interop::Mapping> mapping_of(const std::string& file) {
  return file.empty() ? Result<interop::Mapping>(interop::Mapping::defaults())
                      : interop::Mapping::from_file(file);
}

}  // namespace

Result<std::string> import_report(const std::vector<std::string>& paths, const std::string& mapping_file,
                                  std::optional<Day> read_on, bool json, bool full) {
  auto mapping = mapping_of(mapping_file);
  if (!mapping) return mapping.error();
  interop::ImportOptions options;
  options.read_on = read_on;
  const auto report = interop::import_records(
      paths, *mapping, [](record::Timeline&&) {}, options);
  if (!report) return report.error();
  return json ? interop::to_json(*report) + "\n" : interop::to_text(*report, full);
}

Result<std::string> import_as_csv(const std::vector<std::string>& paths, const std::string& mapping_file) {
  auto mapping = mapping_of(mapping_file);
  if (!mapping) return mapping.error();
  std::string out = interop::csv::long_form_header();
  const auto report = interop::import_records(
      paths, *mapping, [&](record::Timeline&& timeline) { out += interop::csv::long_form_rows(timeline); });
  if (!report) return report.error();
  return out;
}

}  // namespace graftline::service
