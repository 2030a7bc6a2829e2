#pragma once
// The words of printed forms in other languages than English. A sentence with blanks, "{}", stands for all
// that are written like it; what fills the blanks is carried over, and translated where it is in the table
// itself. What the table does not hold - what a protocol, a record or a person wrote - stays as it is.

#include <span>
#include <string>
#include <string_view>

#include "report/worklist_words.h"

namespace graftline::report {

std::string in_language(Language language, std::string_view english);

struct FormPhrase {
  std::string_view english, chinese;
};
std::span<const FormPhrase> form_phrases();

}  // namespace graftline::report
