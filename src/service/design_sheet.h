#pragma once
// The answer of a design: what was asked, the numbers that follow, and tables by look, patient or method.
// Numbers stay numbers up to the printing, so that text rounds them and programs get all digits.

#include <string>
#include <variant>
#include <vector>

#include "core/result.h"
#include "service/calculation.h"

namespace graftline::service {

// Nothing (not defined here), a number, or a word.
using SheetCell = std::variant<std::monostate, double, std::string>;

struct SheetResult {
  std::string name;
  SheetCell value;
};

struct SheetTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<SheetCell>> rows;
};

struct DesignSheet {
  std::string what;
  std::vector<Item> inputs;  // as used
  std::vector<SheetResult> results;
  std::vector<SheetTable> tables;
  std::vector<std::string> notes;
  std::string source;
};

enum class SheetFormat : unsigned char { text, json, csv };

// Text and CSV give six significant digits and all digits. CSV is the first table, or without tables the
// results; docs/schemas/design.schema.json describes the JSON.
std::string printed(const DesignSheet& sheet, SheetFormat format);

// Not finite numbers (a boundary that cannot be reached) are nothing.
SheetCell cell(double value);

}  // namespace graftline::service
