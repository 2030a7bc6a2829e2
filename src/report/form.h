#pragma once
// A form on one page: what is known filled in, what is not left to be written, and what this program has not
// seen said to be so.

#include <string>
#include <vector>

namespace graftline::report {

struct FormLine {
  enum class State : unsigned char {
    filled,
    to_fill,   // for a person: left blank, with the note beside it
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

std::string to_html(const Form& form);  // one self-contained page that prints on one sheet
std::string to_json(const Form& form);

}  // namespace graftline::report
