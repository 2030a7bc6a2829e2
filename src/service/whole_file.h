#pragma once
// Output that is there whole or not at all: written beside its place and renamed at the end. What stands
// there already and is no file (a device, a pipe) is written to as it is.

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace graftline::service {

class WholeFile {
 public:
  explicit WholeFile(std::string path);  // empty: standard output
  ~WholeFile();                          // without finish(), what was written is removed
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  void write(std::string_view bytes);  // failures are remembered for finish()
  // errors  conflict: cannot be written (no such folder, disk full, read-only), with the system's reason
  std::optional<Error> finish();

 private:
  std::string path_;
  std::string beside_;  // empty: not renamed
  std::FILE* file_ = nullptr;
  std::string problem_;
};

}  // namespace graftline::service
