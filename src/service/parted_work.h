#pragma once
// Long work that is cut into numbered units, each kept in a file of its own once it is made: by any process
// or machine that sees the folder.

#include <cstddef>
#include <optional>
#include <string>

#include "core/result.h"

namespace graftline::service {

class PartedWork {
 public:
  virtual ~PartedWork() = default;
  virtual std::size_t units() const = 0;
  // One unit into the folder of parts. Any thread.
  virtual std::optional<Error> make_part(std::size_t unit) = 0;
  virtual bool has_part(std::size_t unit) const = 0;
  // Parts that are there are kept, not made again.
  virtual bool resumes() const = 0;
  // A place in the folder of parts, for whoever shares the work.
  virtual std::string beside_parts(const std::string& name) const = 0;
};

}  // namespace graftline::service
