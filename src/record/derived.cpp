#include "record/derived.h"

#include <array>

#include "record/holding.h"

namespace graftline::record {

std::vector<std::string_view> derivation_names() { return {}; }
bool is_computed(const Fact&) { return false; }
Reading compute(const View&, FactId, Pick, const Window&, const std::vector<Argument>&) { return {}; }
std::vector<Member> added_members(const View&, FactId) { return {}; }

}  // namespace graftline::record
