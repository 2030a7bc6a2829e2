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

// The subject of a comparison and what it is held against: "3 < alt" is about alt.
struct Sides {
  const protocol::Operand* subject;
  const protocol::Operand* limit;
  protocol::Op op;
};
Sides sides_of(const protocol::Expr& comparison);

// The unit in which a number of the fact and a literal, or the upper limit of the fact, are compared.
Unit unit_of_comparison(const record::Fact& fact, const protocol::Operand& limit);

// The limit where it is the same for every patient: a literal, a level, a parameter; with its factor. Absent:
// not set, not readable, or of another form.
//   comparison  the sides without what a record says
std::optional<Range> fixed_limit(const Comparison& comparison);

// The upper limit that the site declares, without the factor; in the unit of the comparison.
std::optional<Range> site_limit(const Comparison& comparison);

// Answers the comparison and writes answer, margin, assumptions and missing into `node`.
void judge(const Comparison& comparison, Node& node);

}  // namespace graftline::engine
