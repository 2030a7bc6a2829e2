#include "interop/site.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "core/suggestion.h"
#include "interop/toml_text.h"
#include "record/facts.h"

namespace graftline::interop {
namespace {

constexpr std::array<std::string_view, 4> tables{"parameters", "upper_limits", "product", "protocols"};

Error at(std::string_view file, const toml::node& node, const std::string& what) {
  return {ErrorKind::malformed_input, fmt::format("{}:{}: {}", file, node.source().begin.line, what)};
}

// Numbers keep the digits they were written with only as text, so that is how limits and doses are to be
// given.
std::optional<std::string> scalar(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto integer = node.value_exact<std::int64_t>()) return std::to_string(*integer);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "yes" : "no";
  return std::nullopt;
}

std::optional<Error> take_parameters(const toml::node& node, std::string_view file,
                                     engine::Settings& settings) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(file, node, "expected a table of parameters");
  for (const auto& [key, value] : *table) {
    const auto text = scalar(value);
    if (!text)
      return at(
          file, value,
          fmt::format("{}: expected text or a whole number; write decimals as text: \"1.5\"", key.str()));
    settings.parameters[std::string(key.str())] = {
        *text, fmt::format("{} line {}", file, value.source().begin.line)};
  }
  return std::nullopt;
}

std::optional<Error> take_upper_limits(const toml::node& node, std::string_view file,
                                       engine::Settings& settings) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(file, node, "expected a table of upper limits: alt = \"40 U/L\"");
  for (const auto& [key, value] : *table) {
    const auto fact = record::find_fact(key.str());
    if (!fact) {
      return at(file, value,
                fmt::format("no fact '{}'; did you mean '{}'?", key.str(), record::closest_fact(key.str())));
    }
    const auto text = value.value_exact<std::string>();
    if (!text)
      return at(file, value,
                fmt::format("{}: expected a number with its unit as text: \"40 U/L\"", key.str()));
    settings.upper_limits[std::string(record::fact(*fact).id)] = {
        *text, fmt::format("{} line {}", file, value.source().begin.line)};
  }
  return std::nullopt;
}

std::optional<Error> take_protocol(const toml::node& node, std::string_view file,
                                   std::string_view protocol_id, engine::Settings& settings) {
  const toml::table* protocols = node.as_table();
  if (protocols == nullptr) return at(file, node, "expected [protocols.ID.parameters]");
  const toml::node* own = protocols->get(protocol_id);
  if (own == nullptr) return std::nullopt;
  const toml::table* table = own->as_table();
  if (table == nullptr) return at(file, *own, "expected [protocols.ID.parameters]");
  for (const auto& [key, value] : *table) {
    if (key.str() != "parameters")
      return at(file, value, fmt::format("unknown table '{}'; expected 'parameters'", key.str()));
    if (auto problem = take_parameters(value, file, settings)) return problem;
  }
  return std::nullopt;
}

}  // namespace

Result<engine::Settings> parse_site(std::string_view text, std::string_view file,
                                    std::string_view protocol_id) {
  if (auto foreign = check_toml_text(text, file)) return *foreign;
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const auto& error = parsed.error();
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line, error.description())};
  }
  engine::Settings settings;
  const toml::table& root = parsed.table();
  for (const auto& [key, value] : root) {
    std::optional<Error> problem;
    if (key.str() == "parameters") {
      problem = take_parameters(value, file, settings);
    } else if (key.str() == "upper_limits") {
      problem = take_upper_limits(value, file, settings);
    } else if (key.str() != "protocols" && key.str() != "product") {
      problem =
          at(file, value, fmt::format("unknown table '{}'; expected {}", key.str(), fmt::join(tables, ", ")));
    }
    if (problem) return *problem;
  }
  if (const toml::node* protocols = root.get("protocols")) {
    if (auto problem = take_protocol(*protocols, file, protocol_id, settings)) return *problem;
  }
  return settings;
}

namespace {

Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, fmt::format("{}: cannot be opened", path)};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<engine::Settings> read_site_file(const std::string& path, std::string_view protocol_id) {
  const auto text = text_of(path);
  if (!text) return text.error();
  return parse_site(*text, path, protocol_id);
}

Result<std::vector<ProductValue>> read_product_values(const std::string& path) {
  const auto text = text_of(path);
  if (!text) return text.error();
  if (const auto known = parse_site(*text, path, ""); !known) return known.error();
  const toml::parse_result parsed = toml::parse(*text, path);
  ensure(static_cast<bool>(parsed), "the site file was read above");
  std::vector<ProductValue> values;
  const toml::node* node = parsed.table().get("product");
  if (node == nullptr) return values;
  const toml::table* table = node->as_table();
  if (table == nullptr) return at(path, *node, "expected a table of product values");
  for (const auto& [key, value] : *table) {
    const auto written = scalar(value);
    if (!written) {
      return at(
          path, value,
          fmt::format("{}: expected text or a whole number; write decimals as text: \"0.5\"", key.str()));
    }
    values.push_back(
        {std::string(key.str()), *written, fmt::format("{} line {}", path, value.source().begin.line)});
  }
  return values;
}

}  // namespace graftline::interop
