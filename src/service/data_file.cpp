#include "service/data_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <limits>

#include "analysis/dataset_json.h"
#include "core/sha256.h"
#include "interop/source.h"

namespace graftline::service {
namespace {

// The bytes of a file: mapped when it is a plain one, read when it is a pipe.
class Bytes {
 public:
  explicit Bytes(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
      problem_ = std::generic_category().message(errno);
      return;
    }
    struct stat facts {};
    if (::fstat(file, &facts) == 0 && S_ISDIR(facts.st_mode)) {
      problem_ = "is a folder; a file of rows is expected";
    } else if (S_ISREG(facts.st_mode) && facts.st_size > 0) {
      size_ = static_cast<std::size_t>(facts.st_size);
      mapped_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
      if (mapped_ == MAP_FAILED) {
        mapped_ = nullptr;
        problem_ = std::generic_category().message(errno);
      }
    } else {
      std::string chunk(std::size_t{1} << 20, '\0');
      for (ssize_t n = 0; (n = ::read(file, chunk.data(), chunk.size())) > 0;)
        read_.append(chunk, 0, static_cast<std::size_t>(n));
    }
    ::close(file);
  }
  ~Bytes() {
    if (mapped_ != nullptr) ::munmap(mapped_, size_);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  const std::string& problem() const { return problem_; }
  std::string_view view() const {
    return mapped_ != nullptr ? std::string_view(static_cast<const char*>(mapped_), size_)
                              : std::string_view(read_);
  }

 private:
  void* mapped_ = nullptr;
  std::size_t size_ = 0;
  std::string read_;
  std::string problem_;
};

Result<std::string> unpacked(const std::string& path, const std::string& name) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max() / 4;
  auto source = interop::LineSource::open(path, no_limit);
  if (!source) return source.error();
  std::string_view line;
  const auto got = source->next(line);
  if (got == interop::LineSource::Got::end) return std::string();
  std::string_view whole;
  if (got != interop::LineSource::Got::line || source->rest(whole) != interop::LineSource::Got::line)
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}: the gzip stream is damaged or cut short", name)};
  return std::string(whole);
}

}  // namespace

Result<DataFile> read_data_file(const std::string& path, const std::vector<std::string>& only) {
  const Bytes bytes(path);
  if (!bytes.problem().empty())
    return Error{ErrorKind::not_found, fmt::format("{}: cannot be read: {}", path, bytes.problem())};
  DataFile data;
  data.name = std::filesystem::path(path).filename().string();
  std::string_view text = bytes.view();
  // The fingerprint is taken beside the reading.
  auto fingerprint = std::async(std::launch::async, [&bytes] { return sha256_hex(bytes.view()); });
  std::string plain;
  if (text.starts_with("\x1F\x8B")) {
    auto whole = unpacked(path, data.name);
    if (!whole) return whole.error();
    plain = std::move(*whole);
    text = plain;
  }
  if (const auto foreign = interop::foreign_encoding(text.substr(0, 64)); !foreign.empty())
    return Error{
        ErrorKind::malformed_input,
        fmt::format("{}: is {}; CSV as UTF-8 text, or Dataset-JSON, is expected", data.name, foreign)};
  auto table = analysis::looks_like_dataset_json(text) ? analysis::parse_dataset_json(text)
                                                       : stats::parse_csv(text, only);
  if (!table) return Error{table.error().kind, fmt::format("{}: {}", data.name, table.error().message)};
  data.table = std::move(*table);
  data.sha256 = fingerprint.get();
  return data;
}

}  // namespace graftline::service
