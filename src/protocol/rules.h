#pragma once
// Statements that rule: criteria, doses, intervals, guards, what is done around an infusion, claims. Each is
// called behind its keyword.

#include "protocol/conditions.h"

namespace graftline::protocol {

Definition parse_definition(Reader& reader, Scope& scope, ParsedCondition& condition);
Criterion parse_criterion(Reader& reader, Scope& scope, bool include);
Strategy parse_strategy(Reader& reader);
DoseRow parse_dose(Reader& reader, Scope& scope);
GiveRule parse_give(Reader& reader, Scope& scope);
Interval parse_interval(Reader& reader, Scope& scope);
Count parse_count(Reader& reader);
Cap parse_cap(Reader& reader, Scope& scope);
Cap parse_no_cap(Reader& reader);
Governing parse_governing(Reader& reader, Scope& scope);
Guard parse_guard(Reader& reader, Scope& scope, Guard::Form form);
Wait parse_wait(Reader& reader, Scope& scope);
Preparation parse_preparation(Reader& reader, Scope& scope);
Prophylaxis parse_prophylaxis(Reader& reader, Scope& scope);
Monitoring parse_monitoring(Reader& reader, Scope& scope);
Claim parse_claim(Reader& reader, Scope& scope);

std::string_view keyword(Guard::Form form);
std::string_view keyword(Claim::Form form);
std::span<const std::string_view> decisions();  // what a claim may name

}  // namespace graftline::protocol
