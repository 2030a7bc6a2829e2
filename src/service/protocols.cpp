#include "service/protocols.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "protocol/format.h"
#include "protocol/json.h"
#include "protocol/parse.h"
#include "service/protocol_library.h"

namespace graftline::service {
namespace {

std::string summary_of(const protocol::Protocol& p) {
  std::string out = fmt::format("{}\nid {} version {} ({})\nsha256 {}\n", p.title, p.id, p.version,
                                protocol::name(p.status), p.sha256);
  out += p.reviews.empty() ? "Reviews: none; no clinician has signed this file\n" : "Reviews:\n";
  for (const auto& review : p.reviews) {
    out += fmt::format("  {} {}: compared {}{}\n", to_text(review.on), review.role, review.compared,
                       review.finding.empty() ? "" : "; found " + review.finding);
  }
  out += "Sources:\n";
  for (const auto& source : p.sources) {
    out += fmt::format("  {}  {}{}\n", source.id, source.reference.empty() ? "" : source.reference + ", ",
                       source.description);
  }
  if (!p.gaps.empty()) out += "Known gaps:\n";
  for (const auto& gap : p.gaps) out += fmt::format("  {}\n", gap.text);
  if (!p.parameters.empty()) out += "Site parameters:\n";
  for (const auto& parameter : p.parameters) {
    out +=
        fmt::format("  {}{}{}: {}\n", parameter.name,
                    parameter.choices.empty() ? "" : fmt::format(" ({})", fmt::join(parameter.choices, ", ")),
                    parameter.default_value ? " = " + *parameter.default_value : ", no default",
                    parameter.description.empty() ? "see the protocol" : parameter.description);
  }
  std::size_t criteria = p.common.criteria.size();
  for (const auto& strategy : p.strategies) criteria += strategy.rules.criteria.size();
  out += fmt::format("{} facts, {} criteria\n", p.facts.size(), criteria);
  for (const auto& strategy : p.strategies)
    out += fmt::format("Strategy {}: {}\n", strategy.name, strategy.label);
  return out;
}

}  // namespace

std::string list_protocols(const std::vector<std::filesystem::path>& folders, bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string out;
  for (const auto& file : ProtocolLibrary(folders).files()) {
    const auto loaded = load_protocol(file);
    if (!loaded) {
      out += fmt::format("{:<30} has mistakes: graftline protocol check {}\n", file.stem().string(),
                         file.string());
      list.push_back({{"file", file.string()}, {"mistakes", loaded.error().message}});
      continue;
    }
    out += fmt::format("{:<30} {:<7} {:<9} {}\n", loaded->id, loaded->version, protocol::name(loaded->status),
                       loaded->title);
    list.push_back({{"id", loaded->id},
                    {"version", loaded->version},
                    {"status", protocol::name(loaded->status)},
                    {"title", loaded->title},
                    {"sha256", loaded->sha256},
                    {"file", file.string()}});
  }
  return json ? list.dump(2) + "\n" : out;
}

Result<std::string> show_protocol(const std::string& id_or_path,
                                  const std::vector<std::filesystem::path>& folders, ProtocolView view) {
  const auto loaded = ProtocolLibrary(folders).find(id_or_path);
  if (!loaded) return loaded.error();
  if (view == ProtocolView::json) return protocol::to_readable_json(*loaded) + "\n";
  if (view == ProtocolView::summary) return summary_of(*loaded);
  return protocol::to_text(*loaded);
}

Result<ProtocolCheck> check_protocol(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, fmt::format("{}: cannot be opened", path)};
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const protocol::Parsed parsed = protocol::parse_protocol(text, path);
  ProtocolCheck check{parsed.ok(), ""};
  for (const auto& diagnostic : parsed.diagnostics)
    check.text += protocol::to_text(diagnostic, text, path) + "\n";
  check.text += parsed.ok() ? fmt::format("{}: no mistakes; sha256 {}\n", path, parsed.protocol.sha256)
                            : fmt::format("{}: has mistakes\n", path);
  return check;
}

Result<std::string> format_protocol(const std::string& path) {
  auto loaded = load_protocol(path);
  if (!loaded) return loaded.error();
  return protocol::to_text(*loaded);
}

}  // namespace graftline::service
