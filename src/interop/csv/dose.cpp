#include "interop/csv/dose.h"

#include <fmt/format.h>

#include <string>

#include "interop/mapping.h"

namespace graftline::interop::csv {

namespace {

Error no_such_unit(std::string_view text) {
  return {ErrorKind::malformed_input,
          fmt::format(
              "'{}' does not name cells and a denominator; write CD3/kg, 10*6 CD3/kg, MNC/kg, or CD3 for a "
              "total",
              text)};
}

bool take_front(std::string& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  text.erase(0, word.size());
  return true;
}

}  // namespace

Result<DoseUnit> parse_dose_unit(std::string_view written) {
  DoseUnit found;
  std::string text = folded(written);
  if (const auto of = text.find(" of "); of != text.npos) text.erase(of);  // "CD3/kg of recipient weight"

  std::string power;
  if (take_front(text, "10*") || take_front(text, "10^")) {
    const auto digits = text.find_first_not_of("0123456789");
    power = "10*" + text.substr(0, digits);
    if (power.size() == 3) return no_such_unit(written);
    text.erase(0, std::min(digits, text.size()));
    take_front(text, " ");
  }
  // UCUM with the cells as annotation: the braces are only decoration here.
  std::string plain;
  for (const char c : text) {
    if (c != '{' && c != '}') plain += c;
  }
  text = plain;
  bool is_per_kg = false;
  if (const auto slash = text.find('/'); slash != text.npos) {
    if (text.substr(slash, 3) != "/kg") return no_such_unit(written);
    is_per_kg = true;
    text.erase(slash, 3);
  }
  if (take_front(text, "viable ")) found.viability = Viability::viable;
  if (take_front(text, "total ")) found.viability = Viability::total;
  for (const std::string_view word : {" cells", " cell"}) {
    if (text.size() > word.size() && text.substr(text.size() - word.size()) == word) {
      text.resize(text.size() - word.size());
    }
  }
  if (!kind_from_name(text, found.kind) || !is_cell_kind(found.kind)) return no_such_unit(written);
  const std::string code = is_per_kg ? power + "/kg" : (power.empty() ? std::string("1") : power);
  auto unit = parse_unit(code);
  if (!unit) return no_such_unit(written);
  found.unit = *unit;
  return found;
}

}  // namespace graftline::interop::csv
