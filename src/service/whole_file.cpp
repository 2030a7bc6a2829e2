#include "service/whole_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
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
  beside_ = fmt::format("{}.{}.part", path_, getpid());
  file_ = std::fopen(beside_.c_str(), "wb");
  if (file_ == nullptr) problem_ = system_reason();
}

WholeFile::~WholeFile() {
  if (path_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  std::remove(beside_.c_str());
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
  if (closed && std::rename(beside_.c_str(), path_.c_str()) == 0) return std::nullopt;
  const std::string reason = system_reason();
  std::remove(beside_.c_str());
  return Error{ErrorKind::conflict, fmt::format("{}: cannot be written: {}", shown, reason)};
}

}  // namespace graftline::service
