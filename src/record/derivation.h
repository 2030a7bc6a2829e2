#pragma once
// What the rules of derived*.cpp share. Internal to record.

#include <optional>
#include <string_view>
#include <vector>

#include "core/decimal.h"
#include "record/view.h"

namespace graftline::record {

// What a rule is asked, and what it may look at.
struct Question {
  const View& view;
  FactId fact;
  Pick pick;
  const Window& window;
  const std::vector<Argument>& arguments;
};

// The value of an argument; empty when it was not given or its parameter is not set.
std::string_view argument(const Question& question, std::string_view name);
// The same as a number; absent: not given; errors  malformed_input
Result<std::optional<Decimal>> number_argument(const Question& question, std::string_view name);

Reading answer_with(const Question& question, Member member);
Reading no_answer(const Question& question, ReasonSet reasons);
Reading statement(const Question& question, const Answer& answer, std::vector<const Entry*> evidence,
                  std::string note);

// Values of a quantity in the fact's own unit. errors  unit_mismatch
Result<Range> in_own_unit(const Quantity& quantity, const Fact& fact);

// The measurements of a fact that may lie in the question's window, oldest first.
std::vector<Member> measurements(const Question& question, FactId fact);

// derived.cpp
Reading age(const Question& question);
Reading days_since_transplant(const Question& question);
// derived_kidney.cpp
Reading estimated_gfr(const Question& question);
// derived_chimerism.cpp
Reading chimerism_class(const Question& question);
Reading falling_chimerism(const Question& question);
Reading chimerism_rise(const Question& question);
// derived_disease.cpp
Reading residual_disease_positivity(const Question& question);
Reading cml_molecular_relapse(const Question& question);
// derived_gvhd.cpp
std::vector<Member> grades_from_stages(const View& view);
std::vector<Member> skin_stages_from_rash(const View& view);
std::vector<Member> lower_gi_stages_from_stool(const View& view);

}  // namespace graftline::record
