#include "core/ucum_table.h"

#include <pugixml.hpp>

extern "C" const char ucum_essence_begin[];  // cmake/embed.cmake
extern "C" const char ucum_essence_end[];

namespace graftline::ucum {
namespace {

// Lives as long as the program: names and codes of the table are views into it.
const pugi::xml_document& essence() {
  static const pugi::xml_document* const document = [] {
    auto* loaded = new pugi::xml_document;
    const auto size = static_cast<std::size_t>(ucum_essence_end - ucum_essence_begin);
    ensure(static_cast<bool>(loaded->load_buffer(ucum_essence_begin, size)),
           "the UCUM table is well-formed XML");
    return loaded;
  }();
  return *document;
}

bool is_yes(const pugi::xml_attribute& attribute) { return std::string_view(attribute.value()) == "yes"; }

Prefix prefix_of(const pugi::xml_node& node) {
  auto factor = parse_rational(node.child("value").attribute("value").value());
  ensure(static_cast<bool>(factor), "each UCUM prefix is a number");
  return {node.attribute("Code").value(), node.child("name").text().get(), *factor};
}

Atom base_unit_of(const pugi::xml_node& node, int base) {
  Atom atom;
  atom.code = node.attribute("Code").value();
  atom.name = node.child("name").text().get();
  atom.base = base;
  atom.is_metric = true;
  return atom;
}

Atom unit_of(const pugi::xml_node& node) {
  Atom atom;
  atom.code = node.attribute("Code").value();
  atom.name = node.child("name").text().get();
  atom.is_metric = is_yes(node.attribute("isMetric"));
  atom.is_arbitrary = is_yes(node.attribute("isArbitrary"));
  // A special unit is defined by an element of its own; "cel(1 K)" beside it is for reading.
  const pugi::xml_node function = node.child("value").child("function");
  const pugi::xml_node definition = function ? function : node.child("value");
  atom.function = function.attribute("name").value();
  atom.value = definition.attribute("value").value();
  atom.unit = definition.attribute("Unit").value();
  return atom;
}

}  // namespace

Table::Table() {
  const pugi::xml_node root = essence().child("root");
  for (const pugi::xml_node& node : root.children("prefix")) prefixes_.push_back(prefix_of(node));
  for (const pugi::xml_node& node : root.children("base-unit")) {
    atoms_.push_back(base_unit_of(node, static_cast<int>(atoms_.size())));
  }
  for (const pugi::xml_node& node : root.children("unit")) atoms_.push_back(unit_of(node));
  ensure(!prefixes_.empty() && !atoms_.empty(), "the UCUM table has prefixes and units");
  for (std::size_t i = 0; i < prefixes_.size(); ++i)
    prefix_rows_.emplace(prefixes_[i].code, static_cast<int>(i));
  for (std::size_t i = 0; i < atoms_.size(); ++i) {
    atoms_[i].row = static_cast<int>(i);
    atom_rows_.emplace(atoms_[i].code, static_cast<int>(i));
  }
}

const Atom* Table::atom(std::string_view code) const {
  const auto found = atom_rows_.find(code);
  return found == atom_rows_.end() ? nullptr : &atoms_[static_cast<std::size_t>(found->second)];
}

const Prefix* Table::prefix(std::string_view code) const {
  const auto found = prefix_rows_.find(code);
  return found == prefix_rows_.end() ? nullptr : &prefixes_[static_cast<std::size_t>(found->second)];
}

const Table& table() {
  static const Table* const read_once = new Table;
  return *read_once;
}

}  // namespace graftline::ucum
