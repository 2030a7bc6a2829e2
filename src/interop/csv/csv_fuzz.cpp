// Any bytes as a table, long or wide: the books add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "interop/import.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view site = R"(
[table]
patient = "record_id"
date = "visit"
event = "event"

[[column]]
name = "alt"
fact = "alt"
unit = "U/L"
upper_limit = "uln"

[[column]]
name = "grade"
fact = "acute GVHD grade"
values = { "-9" = "" }

[[column]]
name = "relapse"
fact = "relapse"
end = "visit"
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  static const interop::Mapping mapping = *interop::Mapping::from_toml(site, "site.toml");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  interop::ImportOptions options;
  options.largest_document = 4096;
  const auto report = interop::import_text(
      "input.csv", text, mapping, [](record::Timeline&&) {}, options);
  require(report.adds_up());
  require(!interop::to_text(report, true).empty() && !interop::to_json(report).empty());
  return 0;
}
