#pragma once
// How the parts of a long run are shared among several processes; the program that knows how sets it.

#include <functional>

#include "core/result.h"
#include "service/parted_work.h"

namespace graftline::cli {

// Has every unit of the work made by somebody, into its folder of parts. True in the one process that puts
// them together and prints; the others are then done.
using Distribute = std::function<Result<bool>(service::PartedWork&)>;

// Empty: this process is alone.
Distribute& distribute();

}  // namespace graftline::cli
