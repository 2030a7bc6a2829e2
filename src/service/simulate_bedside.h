#pragma once
// A protocol acts on virtual patients through their records, as it would in a clinic.

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"
#include "service/ask.h"
#include "sim/bedside.h"

namespace graftline::service {

struct BedsideRequest {
  std::filesystem::path model;
  std::string variant;
  Ask ask;  // one protocol with its settings, and the base record of one patient with a transplant
  std::uint32_t patients = 100;
  std::uint64_t seed = 1;
  int first_decision = 0;
  int every = 7;
  int until = 365;
  std::filesystem::path
      export_folder;  // empty: none. Per patient NAME.csv (the record) and NAME.decisions.csv
};

// A protocol made ready to act on virtual patients, and the record they all begin with.
struct ProtocolArm {
  Prepared prepared;
  record::Timeline base;
  Day day_zero;
};
// errors  those of protocol, settings and record; conflict: verification finds errors in the protocol, each
// with its
//         place; malformed_input: no transplant in the base record, or its day is not exact
Result<ProtocolArm> protocol_arm(const Ask& ask);

// Everything that does not change between patients.
struct BedsideSetting : ProtocolArm {
  sim::Model model;
};
// errors  those of the model and of protocol_arm()
Result<BedsideSetting> bedside_setting(const BedsideRequest& request);
// `arm` must outlive the plan.
sim::BedsidePlan bedside_plan(const ProtocolArm& arm, int first_decision, int every, int until);

// How often each decision was made, how many were infused and when.
Result<std::string> simulate_bedside(const BedsideRequest& request);

}  // namespace graftline::service
