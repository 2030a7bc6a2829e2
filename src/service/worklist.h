#pragma once
// The worklist of a cohort: who is due, overdue, or blocked by what, over one or several protocols.

#include <string_view>

#include "report/worklist.h"
#include "service/ask.h"

namespace graftline::service {

// Patients for whom a protocol has nothing to say (not eligible, outside) are listed too, in the last lane.
Result<report::Worklist> make_worklist(const Ask& ask, const std::vector<Prepared>& prepared);

// "en" or "zh": the words around the answers. Whatever else stays English.
void set_language(report::Worklist& worklist, std::string_view code);

using report::to_csv;
using report::to_html;
using report::to_text;

}  // namespace graftline::service
