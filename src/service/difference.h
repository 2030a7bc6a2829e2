#pragma once
// Two versions of a protocol: which rules differ, and for which patients of a cohort that changes the answer.

#include <optional>
#include <string>
#include <vector>

#include "protocol/difference.h"
#include "service/ask.h"

namespace graftline::service {

// What a version says about a patient; a change of any of these is a change of behaviour.
struct Behaviour {
  std::string verdict;
  std::string decision;
  std::string strategy;
  std::string dose;
  std::string earliest;  // of the next infusion, ISO; empty: none
  std::string latest;
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};
std::string to_text(const Behaviour& behaviour);

struct ChangedPatient {
  std::string patient;
  Behaviour before;
  Behaviour after;
};

// Patients whose answer changes for the same reason.
struct Cause {
  // How many of the differences it takes to turn the old answer into the new one.
  enum class Form : unsigned char {
    one,       // this one alone does it, and no other does
    any,       // each of these alone does it
    together,  // only all of these together do it
  };
  Form form = Form::one;
  std::vector<std::size_t> changes;  // places in Difference::changes
  std::vector<ChangedPatient> patients;
};

struct Difference {
  std::string before;  // "nct07319793 0.1.0"
  std::string after;
  std::vector<protocol::StatementChange> changes;
  bool has_cohort = false;
  std::size_t n_patients = 0;
  std::vector<Cause> causes;  // those with most patients first

  bool is_empty() const { return changes.empty() && causes.empty(); }
};

Difference difference(const protocol::Protocol& before, const protocol::Protocol& after);

// Adds the behaviour over the records of `ask`, which needs no protocols of its own; its settings hold for
// both versions. Each difference is applied alone to the old version; where none alone gives the new answer,
// a smallest set is sought by leaving one after the other out.
//   errors  as ask_each; malformed_input: settings that fit neither version
Result<interop::ImportReport> add_behaviour(const Ask& ask, const protocol::Protocol& before,
                                            const protocol::Protocol& after, Difference& difference);

std::string to_text(const Difference& difference);
std::string to_json(const Difference& difference);  // docs/schemas/difference.schema.json

}  // namespace graftline::service
