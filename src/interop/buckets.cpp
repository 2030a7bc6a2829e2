#include "interop/buckets.h"

namespace graftline::interop {

namespace {

constexpr std::size_t padding = 64;  // JsonReader::padding() and some

struct Head {
  std::uint64_t document = 0;  // bytes
  std::uint32_t place = 0;
  std::uint32_t is_copy = 0;
};

// FNV-1a: the same on every machine, so that patients come in the same order everywhere.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

Buckets::Buckets(std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    std::FILE* file = std::tmpfile();
    if (file == nullptr) break;  // as many as there can be
    files_.push_back(file);
  }
  failed_ = files_.empty();
}

Buckets::~Buckets() {
  for (std::FILE* file : files_) std::fclose(file);
}

void Buckets::write(std::size_t bucket, std::string_view document, std::string_view place, bool is_copy) {
  std::FILE* file = files_[bucket];
  const Head head{document.size(), static_cast<std::uint32_t>(place.size()), is_copy ? 1U : 0U};
  const bool is_written = std::fwrite(&head, sizeof head, 1, file) == 1 &&
                          std::fwrite(place.data(), 1, place.size(), file) == place.size() &&
                          std::fwrite(document.data(), 1, document.size(), file) == document.size();
  failed_ = failed_ || !is_written;
}

void Buckets::add(std::string_view patient, std::string_view document, std::string_view place) {
  if (!failed_) write(hash_of(patient) % files_.size(), document, place, false);
}

void Buckets::add_to_all(std::string_view document, std::string_view place) {
  for (std::size_t i = 0; i < files_.size() && !failed_; ++i) write(i, document, place, i > 0);
}

void Buckets::rewind(std::size_t bucket) {
  reading_ = files_[bucket];
  if (std::fflush(reading_) != 0 || std::fseek(reading_, 0, SEEK_SET) != 0) failed_ = true;
}

bool Buckets::next(Kept& kept) {
  Head head;
  if (failed_ || std::fread(&head, sizeof head, 1, reading_) != 1) return false;
  kept.place.resize(head.place);
  if (buffer_.size() < head.document + padding) buffer_.resize(head.document + padding);
  const bool is_read = std::fread(kept.place.data(), 1, head.place, reading_) == head.place &&
                       std::fread(buffer_.data(), 1, head.document, reading_) == head.document;
  failed_ = failed_ || !is_read;
  kept.document = std::string_view(buffer_).substr(0, head.document);
  kept.is_copy = head.is_copy != 0;
  return is_read;
}

std::optional<Error> Buckets::problem() const {
  if (!failed_) return std::nullopt;
  return Error{
      ErrorKind::conflict,
      "the records do not fit into the folder for temporary files: free some space, or set TMPDIR to "
      "a folder with as much space as the records take unpacked"};
}

}  // namespace graftline::interop
