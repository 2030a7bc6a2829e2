#include "interop/source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace graftline::interop {

namespace {

constexpr std::size_t chunk = 1 << 18;
constexpr std::size_t padding = 64;  // JsonReader::padding() and some

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

Result<std::vector<std::string>> files_of(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (error || !fs::exists(status))
      return Error{ErrorKind::not_found, fmt::format("no such file: {}", path)};
    if (!fs::is_directory(status)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> below;
    for (auto it =
             fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error);
         !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (it->is_regular_file(error)) below.push_back(it->path().string());
    }
    if (error) return Error{ErrorKind::not_found, fmt::format("the directory {} cannot be read", path)};
    std::sort(below.begin(), below.end());
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

std::string base_name_without_gz(std::string_view path) {
  const auto slash = path.find_last_of('/');
  std::string_view base = slash == path.npos ? path : path.substr(slash + 1);
  if (ends_with(base, ".gz")) base.remove_suffix(3);
  return std::string(base);
}

struct LineSource::State {
  gzFile file = nullptr;    // either this
  std::string_view memory;  // or these bytes, not yet taken
  std::size_t longest = 0;
  std::vector<char> buffer;  // [begin, end) is unread; the last line starts at line_begin
  std::size_t line_begin = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t lines = 0;
  std::size_t bytes = 0;
  std::size_t start = 0;                            // where in the file reading began
  std::size_t stop = static_cast<std::size_t>(-1);  // lines that begin here or later are not read
  bool at_end = false;
  bool broken = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (file) gzclose(file);
  }

  // Makes room behind `end` and reads into it; bytes before line_begin are forgotten.
  bool fill() {
    if (at_end) return false;
    if (line_begin > 0) {
      std::memmove(buffer.data(), buffer.data() + line_begin, end - line_begin);
      begin -= line_begin;
      end -= line_begin;
      line_begin = 0;
    }
    if (buffer.size() < end + chunk + padding) {
      buffer.resize(std::max(end + chunk + padding, std::min(2 * buffer.size(), longest + chunk + padding)));
    }
    std::size_t got = 0;
    if (file) {
      const int n = gzread(file, buffer.data() + end, static_cast<unsigned>(chunk));
      int code = Z_OK;
      gzerror(file, &code);
      if (n < 0 || code == Z_BUF_ERROR || code == Z_DATA_ERROR) broken = true;
      got = n > 0 ? static_cast<std::size_t>(n) : 0;
    } else {
      got = std::min(chunk, memory.size());
      std::memcpy(buffer.data() + end, memory.data(), got);
      memory.remove_prefix(got);
    }
    if (got == 0 || broken) at_end = true;
    end += got;
    bytes += got;
    return got > 0;
  }

  // Passes over the rest of a line that is too long, keeping none of it.
  void skip_line() {
    for (;;) {
      const void* found = std::memchr(buffer.data() + begin, '\n', end - begin);
      if (found) {
        begin = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data()) + 1;
        return;
      }
      line_begin = begin = end;
      if (!fill()) return;
    }
  }
};

LineSource::LineSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

Result<LineSource> LineSource::open(const std::string& path, std::size_t longest_line) {
  auto state = std::make_unique<State>();
  state->longest = longest_line;
  state->file = gzopen(path.c_str(), "rb");
  if (!state->file) return Error{ErrorKind::not_found, fmt::format("the file {} cannot be opened", path)};
  gzbuffer(state->file, 1 << 17);
  return LineSource(std::move(state));
}

Result<LineSource> LineSource::open(const std::string& path, std::size_t begin, std::size_t end,
                                    std::size_t longest_line) {
  auto source = open(path, longest_line);
  if (!source) return source.error();
  State& s = *source->state_;
  s.stop = end;
  if (begin == 0) return source;
  // One byte earlier: what is left of the line that holds it belongs to the part before. Reading a byte first
  // lets zlib see that the file is not packed, and then seek instead of reading.
  char ignored = 0;
  s.start = begin - 1;
  if (gzread(s.file, &ignored, 1) != 1 || gzseek(s.file, static_cast<z_off_t>(s.start), SEEK_SET) < 0) {
    return Error{ErrorKind::not_found, fmt::format("the file {} cannot be read from byte {}", path, begin)};
  }
  s.skip_line();
  return source;
}

LineSource LineSource::of(std::string_view bytes, std::size_t longest_line) {
  auto state = std::make_unique<State>();
  state->longest = longest_line;
  state->memory = bytes;
  return LineSource(std::move(state));
}

LineSource::Got LineSource::next(std::string_view& line) {
  State& s = *state_;
  s.line_begin = s.begin;
  if (s.start + s.bytes - (s.end - s.begin) >= s.stop) return Got::end;
  std::size_t searched = s.begin;
  for (;;) {
    const void* found =
        s.end > searched ? std::memchr(s.buffer.data() + searched, '\n', s.end - searched) : nullptr;
    if (found || (s.at_end && s.end > s.begin)) {
      const std::size_t stop =
          found ? static_cast<std::size_t>(static_cast<const char*>(found) - s.buffer.data()) : s.end;
      if (!found && s.broken) return Got::broken;
      ++s.lines;
      s.begin = found ? stop + 1 : stop;
      if (stop - s.line_begin > s.longest) return Got::too_long;
      line = {s.buffer.data() + s.line_begin, stop - s.line_begin};
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      return Got::line;
    }
    if (s.at_end) return s.broken ? Got::broken : Got::end;
    if (s.end - s.line_begin > s.longest) {
      ++s.lines;
      s.skip_line();
      return Got::too_long;
    }
    searched = s.end - s.line_begin;  // `fill` moves the line to the front
    s.fill();
  }
}

void LineSource::unread() {
  state_->begin = state_->line_begin;
  --state_->lines;
}

LineSource::Got LineSource::rest(std::string_view& document) {
  State& s = *state_;
  s.begin = s.line_begin;
  while (s.end - s.line_begin <= s.longest && s.fill()) s.begin = s.line_begin;
  if (s.broken) return Got::broken;
  if (s.end - s.line_begin > s.longest) return Got::too_long;
  document = {s.buffer.data() + s.line_begin, s.end - s.line_begin};
  s.begin = s.end;
  return Got::line;
}

std::size_t LineSource::line_number() const { return state_->lines; }
std::size_t LineSource::bytes_read() const { return state_->bytes; }

std::string_view foreign_encoding(std::string_view first_bytes) {
  const auto starts = [&](std::string_view with) { return first_bytes.substr(0, with.size()) == with; };
  if (starts(std::string_view("\xff\xfe\0\0", 4)) || starts(std::string_view("\0\0\xfe\xff", 4)))
    return "UTF-32";
  if (starts("\xff\xfe") || starts("\xfe\xff")) return "UTF-16";
  if (starts("PK\x03\x04")) return "a ZIP archive (a spreadsheet?)";
  if (starts("%PDF-")) return "a PDF";
  // Text never holds the character 0; UTF-16 without a mark has it in every second byte.
  if (first_bytes.substr(0, 64).find('\0') != first_bytes.npos) return "UTF-16 or not text";
  return {};
}

std::string_view without_byte_order_mark(std::string_view text) {
  return text.substr(0, 3) == "\xef\xbb\xbf" ? text.substr(3) : text;
}

}  // namespace graftline::interop
