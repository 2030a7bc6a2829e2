#pragma once
// A form on one page: what is known filled in, what is not left to be written, and what this program has not
// seen said to be so.

#include <string>
#include <vector>

#include "report/worklist_words.h"

namespace graftline::report {

struct FormLine {
  enum class State : unsigned char {
    filled,
    to_fill,   // for a person: left blank, with the note beside it
    to_tick,   // for a person: compared, or found to be so; the value, if any, is what it is compared with
    not_seen,  // a question of the form whose text was not seen: confirm against the current form
  };
  std::string label;
  std::string value;
  State state = State::filled;
  std::string note;  // where it comes from, or what is asked
};

struct FormSection {
  std::string heading;
  std::vector<FormLine> lines;
};

struct Form {
  std::string id;  // "medical-order"
  std::string title;
  std::string about;  // whom or what, protocol and day
  std::vector<FormSection> sections;
  std::vector<std::string> signatures;  // "Prescriber"
};

// One self-contained page that prints on one sheet. In another language than English the words of the form
// are translated (form_words.h); what a protocol or a record says stays as it was written.
std::string to_html(const Form& form, Language language);
std::string to_json(const Form& form);  // in English, for programs

}  // namespace graftline::report
