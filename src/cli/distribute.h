#pragma once
// How the parts of a long run are shared among several processes; the program that knows how sets it.

#include <functional>
#include <string_view>

#include "core/result.h"
#include "service/criteria_screen.h"

namespace graftline::cli {

struct Distributed {
  service::CriteriaCounts counts;
  bool is_ours_to_print = true;  // one process writes the answer
};

// Has every unit of the run made by somebody, into its folder of parts, and merges them in the one process
// that prints.
using Distribute = std::function<Result<Distributed>(service::CriteriaRun&,
                                                     const std::function<void(std::string_view)>& sink)>;

// Empty: this process is alone.
Distribute& distribute();

}  // namespace graftline::cli
