#pragma once
// A timeline as JSON and back, whole: what a store keeps of an import. Unlike the CSV long form it also keeps
// where each entry was read and the weight that a dose was computed with.

#include <string>
#include <string_view>

#include "core/result.h"
#include "record/timeline.h"

namespace graftline::interop {

std::string timeline_to_json(const record::Timeline& timeline);
// Arranged. errors  malformed_input naming the field
Result<record::Timeline> timeline_from_json(std::string_view json);

}  // namespace graftline::interop
