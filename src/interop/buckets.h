#pragma once
// Documents divided over files without a name, so that all of one patient can be read together although they
// came far apart.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::interop {

class Buckets {
 public:
  // n  files, in the folder for temporary files (TMPDIR)
  explicit Buckets(std::size_t n);
  ~Buckets();
  Buckets(const Buckets&) = delete;
  Buckets& operator=(const Buckets&) = delete;

  std::size_t size() const { return files_.size(); }

  // The documents of one patient, in the order in which they come.
  void add(std::string_view patient, std::string_view document, std::string_view place);
  // To every bucket; in all but the first it is a copy.
  void add_to_all(std::string_view document, std::string_view place);

  struct Kept {
    std::string place;
    std::string_view document;  // followed by 64 readable bytes; until the next one is read
    bool is_copy = false;
  };
  // The documents of a bucket from its first on; nothing after its last, or after a mistake.
  void rewind(std::size_t bucket);
  bool next(Kept& kept);

  // conflict: what was written does not fit, or cannot be read again.
  std::optional<Error> problem() const;

 private:
  void write(std::size_t bucket, std::string_view document, std::string_view place, bool is_copy);

  std::vector<std::FILE*> files_;
  std::FILE* reading_ = nullptr;
  std::string buffer_;
  bool failed_ = false;
};

}  // namespace graftline::interop
