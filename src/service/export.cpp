#include "service/export.h"

#include <fmt/format.h>

#include "interop/elm/plan_definition.h"
#include "protocol/json.h"

namespace graftline::service {

Exported export_protocol(const protocol::Protocol& protocol, ExportFormat format) {
  if (format == ExportFormat::json) return {protocol::to_json(protocol), ""};
  const interop::elm::Library library = interop::elm::library(protocol);
  Exported result;
  result.text = format == ExportFormat::elm   ? library.elm
                : format == ExportFormat::cql ? library.cql
                                              : interop::elm::plan_definition(protocol, library);
  if (library.left_out.empty()) return result;
  result.left_out =
      fmt::format("{} conditions are not expressed and stand as null:\n", library.left_out.size());
  for (const auto& left : library.left_out) {
    result.left_out += fmt::format("  {} {}: {}\n", left.criterion, left.condition, left.why);
  }
  return result;
}

}  // namespace graftline::service
