#include "core/ucum_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/ucum_syntax.h"
#include "core/unit.h"

namespace graftline {
namespace {

using Json = nlohmann::json;

// Suites write booleans and numbers as text; a file that does not is read all the same.
std::string field(const Json& test, const char* name) {
  const auto found = test.find(name);
  if (found == test.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

Result<Unit> unit_of_suite(const std::string& code) { return parse_unit(code.empty() ? "1" : code); }

struct Outcome {
  bool is_passed = false;
  std::string expected;
  std::string got;
};

Outcome failed(std::string expected, std::string got) { return {false, std::move(expected), std::move(got)}; }

// What may lie between a number printed to some figures and the exact one.
Rational half_a_unit_of_the_last_figure(std::string_view printed, bool input_has_point) {
  const std::size_t exponent_at = std::min(printed.find_first_of("eE"), printed.size());
  std::string_view digits = printed.substr(0, exponent_at);
  std::string unit = "1";
  if (const std::size_t point = digits.find('.'); point != std::string_view::npos) {
    unit = "1e-" + std::to_string(digits.size() - point - 1);
  } else if (input_has_point && digits.find_last_not_of('0') != std::string_view::npos) {
    unit = "1e" + std::to_string(digits.size() - digits.find_last_not_of('0') - 1);
  } else if (exponent_at == printed.size()) {
    return 0;
  }
  auto scale = parse_rational("1" + std::string(printed.substr(exponent_at)));
  auto place = parse_rational(unit);
  return scale && place ? Rational(*scale * *place / 2) : Rational(0);
}

bool has_point(const std::string& number) { return number.find('.') != std::string::npos; }

Outcome compare_number(const Result<Rational>& got, const std::string& printed, bool input_has_point) {
  if (!got) return failed(printed, got.error().message);
  auto expected = parse_rational(printed);
  if (!expected) return failed(printed, "the expected number cannot be read");
  const Rational difference = boost::multiprecision::abs(Rational(*got - *expected));
  if (difference <= half_a_unit_of_the_last_figure(printed, input_has_point)) return {true, printed, printed};
  constexpr int figures = 25;
  return failed(printed, to_text(*got, figures));
}

Outcome try_validation(const Json& test) {
  const bool should_be_valid = field(test, "valid") == "true";
  const auto unit = unit_of_suite(field(test, "unit"));
  if (static_cast<bool>(unit) == should_be_valid) return {true, "", ""};
  return failed(should_be_valid ? "valid" : "not valid", unit ? "valid" : unit.error().message);
}

Outcome try_display_name(const Json& test) {
  const std::string code = field(test, "unit");
  const std::string expected = field(test, "display");
  const auto term = ucum::parse_term(code.empty() ? "1" : code);
  if (!term) return failed(expected, term.error().message);
  const std::string got = code.empty() ? "(unity)" : ucum::display_name(*term);
  return {got == expected, expected, got};
}

Outcome try_conversion(const Json& test) {
  const std::string outcome = field(test, "outcome");
  const std::string value_text = field(test, "value");
  const auto value = parse_rational(value_text);
  const auto from = unit_of_suite(field(test, "srcUnit"));
  const auto to = unit_of_suite(field(test, "dstUnit"));
  if (!value) return failed(outcome, value.error().message);
  if (!from) return failed(outcome, from.error().message);
  if (!to) return failed(outcome, to.error().message);
  return compare_number(convert(*value, *from, *to), outcome, has_point(value_text));
}

using UnitOperation = Result<Unit> (*)(const Unit&, const Unit&);

Outcome try_operation(const Json& test, UnitOperation operation, bool is_division) {
  const std::string outcome = field(test, "vRes");
  const auto v1 = parse_rational(field(test, "v1"));
  const auto v2 = parse_rational(field(test, "v2"));
  const auto u1 = unit_of_suite(field(test, "u1"));
  const auto u2 = unit_of_suite(field(test, "u2"));
  const auto result_unit = unit_of_suite(field(test, "uRes"));
  if (!v1 || !v2 || !u1 || !u2 || !result_unit)
    return failed(outcome, "a value or unit of the case cannot be read");
  if (is_division && *v2 == 0) return failed(outcome, "division by zero");
  const auto unit = operation(*u1, *u2);
  if (!unit) return failed(outcome, unit.error().message);
  const Rational value = is_division ? Rational(*v1 / *v2) : Rational(*v1 * *v2);
  const bool input_has_point = has_point(field(test, "v1")) || has_point(field(test, "v2"));
  return compare_number(convert(value, *unit, *result_unit), outcome, input_has_point);
}

Outcome try_multiplication(const Json& test) { return try_operation(test, multiply, false); }
Outcome try_division(const Json& test) { return try_operation(test, divide, true); }

struct SuiteKind {
  const char* name;
  Outcome (*attempt)(const Json&);
};

constexpr std::array<SuiteKind, 5> suite_kinds{{{"validation", try_validation},
                                                {"displayNameGeneration", try_display_name},
                                                {"conversion", try_conversion},
                                                {"multiplication", try_multiplication},
                                                {"division", try_division}}};

bool is_suite(const Json& document) {
  if (!document.is_object()) return false;
  return std::any_of(suite_kinds.begin(), suite_kinds.end(), [&](const SuiteKind& kind) {
    const auto found = document.find(kind.name);
    return found != document.end() && found->is_array();
  });
}

void try_list(const Json& tests, const SuiteKind& kind, UcumCount& count, UcumReport& report) {
  for (const Json& test : tests) {
    const Outcome outcome = test.is_object() ? kind.attempt(test) : failed("a case", "something else");
    ++(outcome.is_passed ? count.passed : count.failed);
    if (outcome.is_passed) continue;
    const std::string id = test.is_object() ? field(test, "id") : "";
    report.failures.push_back({kind.name, id, outcome.expected, outcome.got});
  }
}

void try_suite(const Json& document, UcumReport& report) {
  for (std::size_t i = 0; i < suite_kinds.size(); ++i) {
    const auto tests = document.find(suite_kinds[i].name);
    if (tests != document.end() && tests->is_array())
      try_list(*tests, suite_kinds[i], report.counts[i], report);
  }
}

Result<std::vector<std::filesystem::path>> json_files(const std::filesystem::path& directory) {
  std::error_code broken;
  std::filesystem::directory_iterator entries(directory, broken);
  if (broken) return Error{ErrorKind::not_found, fmt::format("{}: {}", directory.string(), broken.message())};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : entries) {
    if (entry.is_regular_file(broken) && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // the order of a directory is the file system's
  return files;
}

}  // namespace

Result<UcumReport> validate_ucum_directory(const std::filesystem::path& directory) {
  auto files = json_files(directory);
  if (!files) return files.error();
  UcumReport report;
  for (const SuiteKind& kind : suite_kinds) report.counts.push_back({kind.name, 0, 0});
  for (const auto& path : *files) {
    std::ifstream file(path, std::ios::binary);
    const Json document = Json::parse(file, nullptr, false);
    if (document.is_discarded()) {
      return Error{ErrorKind::malformed_input, fmt::format("{}: not JSON", path.string())};
    }
    (is_suite(document) ? report.files : report.skipped).push_back(path.filename().string());
    if (is_suite(document)) try_suite(document, report);
  }
  if (report.files.empty()) {
    return Error{ErrorKind::not_found,
                 fmt::format("{}: no JSON file with lists of UCUM test cases", directory.string())};
  }
  return report;
}

}  // namespace graftline
