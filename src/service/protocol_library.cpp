#include "service/protocol_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/suggestion.h"
#include "protocol/json.h"
#include "protocol/parse.h"

namespace graftline::service {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, fmt::format("{}: cannot be opened", path.string())};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The id line alone: enough to choose the file, far cheaper than binding it all.
std::string id_of(const fs::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find("\" id ");
    if (line.rfind("protocol", 0) != 0 || at == std::string::npos) continue;
    const std::string rest = line.substr(at + 5);
    return rest.substr(0, rest.find_first_of(" \t\r"));
  }
  return "";
}

}  // namespace

Result<protocol::Protocol> load_protocol(const fs::path& path) {
  fs::path file = path;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path, ignored)) {
      if (entry.path().extension() == ".protocol") found.push_back(entry.path());
    }
    if (found.size() != 1) {
      return Error{ErrorKind::not_found,
                   fmt::format("{}: holds {} .protocol files, expected one", path.string(), found.size())};
    }
    file = found.front();
  }
  auto text = read_file(file);
  if (!text) return text.error();
  protocol::Parsed parsed = file.extension() == ".json" ? protocol::from_json(*text)
                                                        : protocol::parse_protocol(*text, file.string());
  if (parsed.ok()) return std::move(parsed.protocol);
  std::string message;
  for (const auto& diagnostic : parsed.diagnostics) {
    if (diagnostic.severity == protocol::Severity::error)
      message += protocol::to_text(diagnostic, *text, file.string()) + "\n";
  }
  return Error{ErrorKind::malformed_input, message};
}

std::vector<fs::path> ProtocolLibrary::files() const {
  std::vector<fs::path> result;
  std::error_code ignored;
  for (const fs::path& folder : folders_) {
    for (auto it = fs::recursive_directory_iterator(folder, ignored);
         it != fs::recursive_directory_iterator(); it.increment(ignored)) {
      if (it->path().extension() == ".protocol") result.push_back(it->path());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

Result<fs::path> ProtocolLibrary::path_of(std::string_view id_or_path) const {
  std::error_code ignored;
  if (fs::exists(fs::path(id_or_path), ignored)) return fs::path(id_or_path);
  std::vector<std::string> ids;
  for (const fs::path& file : files()) {
    std::string id = id_of(file);
    if (id == id_or_path || file.parent_path().filename() == id_or_path) return file;
    ids.push_back(std::move(id));
  }
  std::string message = fmt::format("no protocol '{}'", id_or_path);
  if (const auto closest = closest_name(id_or_path, ids))
    message += fmt::format("; did you mean '{}'?", *closest);
  return Error{ErrorKind::not_found,
               message + " (an id as `graftline protocol list` shows it, a folder or a file)"};
}

Result<protocol::Protocol> ProtocolLibrary::find(std::string_view id_or_path) const {
  const auto path = path_of(id_or_path);
  if (!path) return path.error();
  return load_protocol(*path);
}

}  // namespace graftline::service
