#pragma once
// A simulation of trials as people see it, from its JSON document alone.

#include <string>

#include "core/result.h"

namespace graftline::service {

struct TrialViews {
  std::string text, svg, html;
};
// errors  malformed_input: no such document
Result<TrialViews> trial_views(const std::string& json, const std::string& version);

}  // namespace graftline::service
