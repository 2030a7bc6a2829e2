#pragma once
// Finds protocols by id, folder or file.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "protocol/protocol.h"

namespace graftline::service {

class ProtocolLibrary {
 public:
  // Folders that hold one folder per protocol. Missing ones are skipped.
  explicit ProtocolLibrary(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // An id, a .protocol file, a folder with one, or its canonical JSON.
  // errors  not_found, with the closest id; malformed_input: every mistake of the file, with carets
  Result<protocol::Protocol> find(std::string_view id_or_path) const;

  // The file behind an id, a file or a folder. errors  not_found, with the closest id
  Result<std::filesystem::path> path_of(std::string_view id_or_path) const;

  // Every .protocol file below the folders, sorted by path.
  std::vector<std::filesystem::path> files() const;

 private:
  std::vector<std::filesystem::path> folders_;
};

// errors  not_found; malformed_input: every mistake of the file, with carets
Result<protocol::Protocol> load_protocol(const std::filesystem::path& path);

}  // namespace graftline::service
