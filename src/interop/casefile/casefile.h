#pragma once
// Cases a clinician can read: a patient in a few lines, a question, the answers expected. docs/case-files.md
// has the form.
//
//   base:      BASE-PKU
//   patient:   day 0 = 2026-01-10 | donor type haploidentical | day +48 alt 35 U/L, upper limit 40 U/L
//
//   case:      V04 missing echo
//   protocol:  pku-2025-z240
//   patient:   like BASE-PKU | without lvef | as of day +50
//   expect:    verdict = unknown | missing = lvef

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"
#include "core/result.h"

namespace graftline::interop {

// One dated entry as the case writes it, in the columns of the CSV long form; a case is a shorthand for such
// rows.
struct CaseRow {
  std::string date;  // "2026-02-27", "2026-02"
  std::string fact;  // catalogue id
  std::string value;
  std::string unit;
  std::string known_on;
  std::string upper_limit;
  std::string method;
  std::string status;
  std::string end;
  int line = 0;
};

// "volume CD3 = 66.92 mL": what to look at, how, and what it should be.
struct Expectation {
  std::string subject;
  std::string relation;  // "=", "includes", "because"
  std::string value;
  int line = 0;
};

// "split: weight = 64 kg | dose = 5e5 CD3/kg | recovery = 70": a question about a product, without a patient.
// The names are the options of the command.
struct ProductQuestion {
  std::string command;  // collect, split or dose; empty: the case is about a patient
  struct Option {
    std::string name;
    std::string value;
    int line = 0;
  };
  std::vector<Option> options;
};

struct Case {
  std::string name;
  int line = 0;
  ProductQuestion product_question;
  std::string protocol;  // id or path; empty: the protocol in the folder of the case file
  std::string strategy;
  std::string product;
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> upper_limits;  // by fact id
  std::map<std::string, std::string> judgements;
  std::optional<Day> day_zero;
  Day as_of;
  std::optional<Day> known_on;
  std::vector<CaseRow> rows;
  std::vector<Expectation> expectations;
};

struct CaseFile {
  std::string path;
  std::vector<Case> cases;
};

// errors  malformed_input naming file and line, what was expected and the closest known fact
Result<CaseFile> parse_case_file(std::string_view text, std::string path);
Result<CaseFile> read_case_file(const std::filesystem::path& path);

// A case as text again: what counter-examples and `graftline check --as-case` print.
std::string to_text(const Case& c);

}  // namespace graftline::interop
