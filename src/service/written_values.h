#pragma once
// Values as a person types them: "60 umol/L", "<0.5", "30", "2026-01-10,0.06". Numbers stay exact decimals.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"
#include "core/quantity.h"
#include "core/truth.h"

namespace graftline::service {

// All errors name the option (`field`), never the value: malformed_input, unit_mismatch.

// A number, an optional comparator before it, a unit behind it. "µ" is read as "u" and "/day" as "/d";
// everything else must be UCUM. A number without a unit takes `unit_if_none`; without that it is refused.
Result<Quantity> read_quantity(std::string_view field, std::string_view text,
                               std::string_view unit_if_none = {});

// A number in a unit: "30", "30 %", "<30".
Result<Range> read_range(std::string_view field, std::string_view text, std::string_view unit);
Result<std::optional<Range>> read_range(std::string_view field, const std::optional<std::string>& text,
                                        std::string_view unit);

// "yes", "no", "unknown"; absent is unknown, and empty (an option given without a value) is yes.
Result<Truth> read_truth(std::string_view field, const std::optional<std::string>& text);

// One of several words; their order is the value. errors  malformed_input lists them.
Result<int> read_word(std::string_view field, std::string_view text,
                      const std::vector<std::string_view>& words);

// "2026-01-10,flow,0.3" into exactly `n` parts.
Result<std::vector<std::string>> read_parts(std::string_view field, std::string_view text, std::size_t n);
Result<PartialDate> read_date(std::string_view field, std::string_view text);
Result<int> read_integer(std::string_view field, std::string_view text);

// "3.51", "2 to 3", "below 0.5"; rounded to `decimals` places for reading, never for comparing.
std::string written(const Range& range, int decimals);

}  // namespace graftline::service
