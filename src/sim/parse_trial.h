#pragma once
// The statement `trial` of a model or a scenario, from tokens to a plan. docs/simulation.md is the reference.

#include "sim/parse_expression.h"

namespace graftline::sim {

class TrialParser {
 public:
  TrialParser(protocol::Reader& reader, Names& names, const Model& model)
      : reader_(reader), names_(names), model_(model) {}

  // Everything behind the name, but the citation. What cannot be is complained about with its place.
  void parse(TrialPlan& trial);

 private:
  void arms();
  void arm();
  TrialPlan::ByProtocol by_protocol();
  void follow_up();
  bool clause();
  void level();
  void factor();
  void randomisation();
  void crossover();
  void looks();
  void safety();
  void endpoint();
  void count();
  std::uint32_t arm_named(std::string_view where);
  Expression condition();
  double figure(std::string_view what, double low, double high);

  protocol::Reader& reader_;
  Names& names_;
  const Model& model_;
  TrialPlan* trial_ = nullptr;
};

}  // namespace graftline::sim
