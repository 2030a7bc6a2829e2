#pragma once
// What people do with protocol files: list, show, format, check, convert.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

// One line per protocol: id, version, status, title, file; files with mistakes are listed as such.
std::string list_protocols(const std::vector<std::filesystem::path>& folders, bool json);

enum class ProtocolView : unsigned char { text, json, summary };

// errors  not_found, malformed_input with every mistake
Result<std::string> show_protocol(const std::string& id_or_path,
                                  const std::vector<std::filesystem::path>& folders, ProtocolView view);

// Every mistake and warning of a file, as text with carets; `ok` is false when there are errors.
struct ProtocolCheck {
  bool ok = false;
  std::string text;
};
Result<ProtocolCheck> check_protocol(const std::string& path);

// The canonical layout of a file's text. errors  as show_protocol
Result<std::string> format_protocol(const std::string& path);

}  // namespace graftline::service
