#pragma once
// Answers for one patient as the commands print them.

#include <string>
#include <vector>

#include "service/ask.h"

namespace graftline::service {

enum class View : unsigned char { decision, plan, comparison };

// JSON: one object for decision and plan, an array of decisions for a comparison.
std::string render(const std::vector<Answered>& answers, const std::vector<Prepared>& prepared, View view,
                   bool json, bool brief);

}  // namespace graftline::service
