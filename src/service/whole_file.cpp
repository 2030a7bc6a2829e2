#include "service/whole_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace graftline::service {
namespace {

std::string system_reason() { return std::generic_category().message(errno); }

}  // namespace

WholeFile::WholeFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) {
    file_ = stdout;
    return;
  }
  // A device or a pipe (/dev/null, /dev/stdout) is written to; a rename would put a file in its place.
  std::error_code unknown;
  const auto there = std::filesystem::status(path_, unknown);
  const bool is_file = !std::filesystem::exists(there) || std::filesystem::is_regular_file(there);
  if (is_file) beside_ = fmt::format("{}.{}.part", path_, getpid());
  file_ = std::fopen(is_file ? beside_.c_str() : path_.c_str(), "wb");
  if (file_ == nullptr) problem_ = system_reason();
}

WholeFile::~WholeFile() {
  if (path_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  if (!beside_.empty()) std::remove(beside_.c_str());
}

void WholeFile::write(std::string_view bytes) {
  if (file_ == nullptr || !problem_.empty()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) problem_ = system_reason();
}

std::optional<Error> WholeFile::finish() {
  if (file_ != nullptr && problem_.empty() && std::fflush(file_) != 0) problem_ = system_reason();
  const std::string shown = path_.empty() ? "standard output" : path_;
  if (!problem_.empty())
    return Error{ErrorKind::conflict, fmt::format("{}: cannot be written: {}", shown, problem_)};
  if (path_.empty()) return std::nullopt;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (closed && (beside_.empty() || std::rename(beside_.c_str(), path_.c_str()) == 0)) return std::nullopt;
  const std::string reason = system_reason();
  if (!beside_.empty()) std::remove(beside_.c_str());
  return Error{ErrorKind::conflict, fmt::format("{}: cannot be written: {}", shown, reason)};
}

}  // namespace graftline::service
