#pragma once
// A timeline as rows of the CSV long form: what was understood, to read, or to import again.

#include <string>
#include <string_view>

#include "record/timeline.h"

namespace graftline::interop::csv {

// One field, quoted where a separator, a quote, a line break or a blank at an end asks for it.
std::string field(std::string_view text);

// "patient,date,fact,..." and a line end.
std::string long_form_header();

// One row per entry, one per kind of cells of an infusion, and one per judgement. What the long form has no
// column for is left out: the weight a dose was computed with, and where an entry was read.
std::string long_form_rows(const record::Timeline& timeline);

}  // namespace graftline::interop::csv
