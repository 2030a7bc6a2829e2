#pragma once
// The catalogue of facts as people and programs read it.

#include <string>

#include "core/result.h"

namespace graftline::service {

// errors  not_found with the closest fact, when `only` names none
Result<std::string> show_facts(const std::string& only, bool json);

}  // namespace graftline::service
