#pragma once
// The operators of the language on what a record says: three-valued, exact, quantified over the entries of a
// reading.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "protocol/protocol.h"
#include "record/view.h"

namespace graftline::engine {

// a < b is b > a
protocol::Op mirrored(protocol::Op op);

// Applies an operator to two ranges. `why` names what makes a range wide.
Answer apply(protocol::Op op, const Range& left, const Range& right, ReasonSet why);

// A filter keeps unknown members and the quantifier sees them:
//   latest, first   the one member; several that differ are conflicting
//   worst           the highest: > and >= ask whether any is, < and <= whether all are
//   best            the lowest: the mirror image
//   any             whether any is
// An open window leaves "none is" and "all are" unknown.
Answer quantify(protocol::Op op, const record::Reading& reading, const std::vector<Answer>& member_answers);

Answer in_set(const record::Reading& reading, const std::vector<int>& levels);

// One side of a comparison, filled by the evaluator.
struct Side {
  const protocol::FactDeclaration* fact = nullptr;
  record::Reading reading;  // of `fact`
  const protocol::Parameter* parameter = nullptr;
  std::optional<std::string> parameter_value;
  std::optional<Range> range;  // days since, number of infusions
  ReasonSet reasons;           // why `range` is absent or wide
  std::string missing;
};

struct Comparison {
  const protocol::Operand& subject_operand;
  protocol::Op op;
  const protocol::Operand& limit_operand;
  Side subject = {};
  Side limit = {};
  std::optional<Settings::Setting> site_upper_limit = {};
};

// Answers the comparison and writes answer, margin, assumptions and missing into `node`.
void judge(const Comparison& comparison, Node& node);

}  // namespace graftline::engine
