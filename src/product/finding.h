#pragma once
// What an answer about a product has to say beside its numbers.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace graftline::product {

struct Finding {
  enum class Form : unsigned char {
    limit,       // a limit is broken: not to be done like this
    asked,       // something needed was not given; a check that needs it was not made
    caution,     // allowed, and worth a second look
    assumption,  // a value that nobody gave, taken from a default
    met,         // a check that was made and holds
  };
  Form form = Form::caution;
  std::string about;   // one word: "dmso", "viability", "cd3_percent"
  std::string text;    // a sentence
  std::string source;  // where the limit or default comes from; may be empty

  friend bool operator==(const Finding&, const Finding&) = default;
};
std::string_view name(Finding::Form form);  // "limit", "asked", ...

using Findings = std::vector<Finding>;

inline bool has(const Findings& findings, Finding::Form form) {
  return std::any_of(findings.begin(), findings.end(), [form](const Finding& f) { return f.form == form; });
}

}  // namespace graftline::product
