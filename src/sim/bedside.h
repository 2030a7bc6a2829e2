#pragma once
// The protocol acts: a virtual patient is measured, recorded, and treated by the very protocol file of the
// clinic.
//
// The record begins with what is the same for all (a base record: laboratory values, consent, arm), and grows
// by what the model's measurements say, with errors, missed visits and late results. On each decision day the
// engine is asked as of that day, knowing what was on record by then; it never sees the patient. When it says
// give, cells are given, recorded and the model goes on from there.
//
//   cost     an evaluation of the protocol for each decision day, some milliseconds
//   checked  the exported record gives the same decisions through import and engine (simulate_bedside_test of
//   service)

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "protocol/protocol.h"
#include "record/timeline.h"
#include "sim/history.h"

namespace graftline::sim {

struct BedsidePlan {
  const protocol::Protocol* protocol = nullptr;
  engine::Settings settings;
  record::Timeline base;   // entries that every patient has
  Day day_zero;            // of the transplant in the base record
  int first_decision = 0;  // days after transplant
  int every = 7;
  int until = 365;
  std::vector<Expression> questions;  // about the patient: when did each first become true?
  double followed = 0.0;              // the patient's own course goes on to this time of the model, at least
};

struct BedsideDecision {
  Day day;
  engine::Action action = engine::Action::need_data;
  std::string because;
  double cd3_per_kg = 0.0;  // given on this day; 0: nothing
};

struct BedsideCourse {
  record::Timeline record;  // arranged: what a clinic would have
  std::vector<BedsideDecision> decisions;
  int infusions = 0;
  Patient at_end;                  // what was true
  std::vector<double> first_true;  // of each question; infinity: not so far
  std::vector<Given> given;
};

// errors  out_of_range: a plan that ends before it begins; conflict: the model went wrong; unsupported: the
// protocol gives
//         cells that are not CD3 per kg
Result<BedsideCourse> bedside(const Process& process, const BedsidePlan& plan, RandomKey key);

}  // namespace graftline::sim
