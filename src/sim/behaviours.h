#pragma once
// Thirteen behaviours that clinical reports ask of any model of DLI, each as an inequality on the mechanistic
// model. Those that the model does not show are reported like the others: nothing is tuned to pass.

#include <string>
#include <vector>

#include "core/result.h"
#include "sim/immune_core.h"

namespace graftline::sim {

enum class Shown : unsigned char { yes, no, not_represented };
std::string_view name(Shown shown);  // "yes", "no", "not represented"

struct Behaviour {
  std::string id;  // Q1 .. Q13; a behaviour of several parts has Q11a, Q11b
  std::string statement;
  std::string evidence;  // short reference
  Shown shown = Shown::no;
  std::string figures;  // what was compared
};

// errors  those of immune_course()
Result<std::vector<Behaviour>> behaviours(const ImmuneParameters& parameters = {});

}  // namespace graftline::sim
