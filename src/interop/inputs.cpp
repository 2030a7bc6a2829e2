#include "interop/inputs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "interop/source.h"

namespace graftline::interop {

namespace {

bool has_known_ending(std::string_view name) {
  constexpr std::array<std::string_view, 6> endings{".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".txt"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

bool is_gzip(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<char, 2> magic{};
  in.read(magic.data(), magic.size());
  return in.gcount() == 2 && magic[0] == '\x1f' && magic[1] == '\x8b';
}

}  // namespace

bool is_one_document_per_line(std::string_view name) {
  return name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

Result<std::vector<Input>> inputs_of(const std::vector<std::string>& paths) {
  std::vector<Input> inputs;
  for (const auto& path : paths) {
    auto files = files_of({path});
    if (!files) return files.error();
    for (auto& file : *files) {
      const bool is_read = file == path || has_known_ending(base_name_without_gz(file));
      inputs.push_back({std::move(file), is_read});
    }
  }
  return inputs;
}

Result<std::vector<Piece>> pieces_of(const std::vector<std::string>& paths, std::size_t bytes) {
  const auto inputs = inputs_of(paths);
  if (!inputs) return inputs.error();
  std::vector<Piece> pieces;
  for (const Input& input : *inputs) {
    if (!input.is_read) continue;
    std::error_code error;
    const auto size = std::filesystem::file_size(input.path, error);
    if (error || size <= bytes || !is_one_document_per_line(input.path) || is_gzip(input.path)) {
      pieces.push_back({input.path, 0, 0, false});
      continue;
    }
    const auto count = static_cast<std::size_t>((size + bytes - 1) / bytes);
    for (std::size_t i = 0; i < count; ++i) {
      pieces.push_back({input.path, static_cast<std::size_t>(size * i / count),
                        static_cast<std::size_t>(size * (i + 1) / count), true});
    }
  }
  return pieces;
}

}  // namespace graftline::interop
