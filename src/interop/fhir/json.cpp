#include "interop/fhir/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <new>
#include <utility>

namespace graftline::interop::fhir {

namespace ondemand = simdjson::ondemand;

namespace {

// Carries the first mistake out of the recursion; nothing here throws.
struct Mistake {
  simdjson::error_code code = simdjson::SUCCESS;
  bool too_deep = false;
  bool any() const { return too_deep || code != simdjson::SUCCESS; }
};

class TreeBuilder {
 public:
  TreeBuilder(std::vector<JsonNode>& nodes, int deepest, Mistake& mistake)
      : nodes_(nodes), deepest_(deepest), mistake_(mistake) {}

  std::uint32_t add(ondemand::value value, std::string_view key, int depth) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({key, {}, 0, 0, JsonType::null});
    if (depth > deepest_) {
      mistake_.too_deep = true;
      return index;
    }
    ondemand::json_type type{};
    if (failed(value.type().get(type))) return index;
    switch (type) {
      case ondemand::json_type::object:
        add_members(value, index, depth);
        break;
      case ondemand::json_type::array:
        add_elements(value, index, depth);
        break;
      case ondemand::json_type::string:
        add_string(value, index);
        break;
      case ondemand::json_type::number:
        add_number(value, index);
        break;
      case ondemand::json_type::boolean:
        add_boolean(value, index);
        break;
      case ondemand::json_type::null:
        add_null(value);
        break;
    }
    return index;
  }

 private:
  bool failed(simdjson::error_code code) {
    if (code != simdjson::SUCCESS && !mistake_.any()) mistake_.code = code;
    return code != simdjson::SUCCESS;
  }

  void link(std::uint32_t parent, std::uint32_t& last, std::uint32_t child) {
    if (last == 0) {
      nodes_[parent].first_child = child;
    } else {
      nodes_[last].next = child;
    }
    last = child;
  }

  void add_members(ondemand::value value, std::uint32_t index, int depth) {
    nodes_[index].type = JsonType::object;
    ondemand::object object;
    if (failed(value.get_object().get(object))) return;
    std::uint32_t last = 0;
    for (auto member : object) {
      ondemand::field field;
      std::string_view key;
      if (failed(std::move(member).get(field)) || failed(field.unescaped_key().get(key))) return;
      link(index, last, add(field.value(), key, depth + 1));
      if (mistake_.any()) return;
    }
  }

  void add_elements(ondemand::value value, std::uint32_t index, int depth) {
    nodes_[index].type = JsonType::array;
    ondemand::array array;
    if (failed(value.get_array().get(array))) return;
    std::uint32_t last = 0;
    for (auto element : array) {
      ondemand::value item;
      if (failed(element.get(item))) return;
      link(index, last, add(item, {}, depth + 1));
      if (mistake_.any()) return;
    }
  }

  void add_string(ondemand::value value, std::uint32_t index) {
    nodes_[index].type = JsonType::string;
    failed(value.get_string().get(nodes_[index].text));
  }

  void add_number(ondemand::value value, std::uint32_t index) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
    nodes_[index].type = JsonType::number;
    nodes_[index].text = token;
    double ignored =
        0;  // only to have the token checked; too large for a double is still a number as written
    const auto code = value.get_double().get(ignored);
    if (code != simdjson::NUMBER_ERROR && code != simdjson::SUCCESS) failed(code);
    if (code == simdjson::NUMBER_ERROR && token.find_first_not_of("0123456789+-.eE") != token.npos)
      failed(code);
  }

  void add_boolean(ondemand::value value, std::uint32_t index) {
    bool truth = false;
    if (failed(value.get_bool().get(truth))) return;
    nodes_[index].type = JsonType::boolean;
    nodes_[index].text = truth ? "true" : "false";
  }

  void add_null(ondemand::value value) {
    bool is_null = false;
    if (!failed(simdjson::simdjson_result<bool>(value.is_null()).get(is_null)) && !is_null) {
      failed(simdjson::N_ATOM_ERROR);
    }
  }

  std::vector<JsonNode>& nodes_;
  int deepest_;
  Mistake& mistake_;
};

Error error_of(const Mistake& mistake, int deepest) {
  if (mistake.too_deep) {
    return {ErrorKind::out_of_range, fmt::format("nested deeper than {} levels", deepest)};
  }
  switch (mistake.code) {
    case simdjson::UTF8_ERROR:
      return {ErrorKind::malformed_input, "wrong encoding: not UTF-8"};
    case simdjson::EMPTY:
      return {ErrorKind::malformed_input, "empty: no JSON in it"};
    case simdjson::UNCLOSED_STRING:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return {ErrorKind::malformed_input, "cut short, or followed by something"};
    case simdjson::TRAILING_CONTENT:
      return {ErrorKind::malformed_input, "something follows the end of the JSON"};
    case simdjson::INCORRECT_TYPE:
      return {ErrorKind::malformed_input, "not a JSON object"};
    case simdjson::DEPTH_ERROR:
      return {ErrorKind::out_of_range, fmt::format("nested deeper than {} levels", deepest)};
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return {ErrorKind::out_of_range, "larger than can be read at once"};
    default:
      return {ErrorKind::malformed_input, fmt::format("not JSON: {}", simdjson::error_message(mistake.code))};
  }
}

}  // namespace

Json Json::operator[](std::string_view member) const {
  if (type() != JsonType::object) return {};
  for (const Json value : *this) {
    if (value.key() == member) return value;
  }
  return {};
}

Json Json::child() const {
  if (!nodes_ || node().first_child == 0) return {};
  return {nodes_, node().first_child};
}

Json Json::sibling() const {
  if (!nodes_ || node().next == 0) return {};
  return {nodes_, node().next};
}

struct JsonReader::Parser {
  ondemand::parser parser;
  std::vector<JsonNode> nodes;    // of the value visited
  std::vector<JsonNode> members;  // of a bundle, its entries left out

  Mistake read_bundle(ondemand::object& root, int deepest, const std::function<void(const Visited&)>& visit);
};

std::size_t JsonReader::padding() { return simdjson::SIMDJSON_PADDING; }
JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

Mistake JsonReader::Parser::read_bundle(ondemand::object& root, int deepest,
                                        const std::function<void(const Visited&)>& visit) {
  Mistake mistake;
  members.assign(1, {{}, {}, 0, 0, JsonType::object});
  TreeBuilder bundle(members, deepest, mistake);
  std::uint32_t last = 0;
  std::size_t index = 0;
  for (auto member : root) {
    ondemand::field field;
    std::string_view key;
    if ((mistake.code = std::move(member).get(field)) || (mistake.code = field.unescaped_key().get(key))) {
      return mistake;
    }
    ondemand::value value = field.value();
    ondemand::json_type type{};
    if ((mistake.code = value.type().get(type))) return mistake;
    if (key != "entry" || type != ondemand::json_type::array) {
      const std::uint32_t child = bundle.add(value, key, 2);
      (last == 0 ? members[0].first_child : members[last].next) = child;
      last = child;
      if (mistake.any()) return mistake;
      continue;
    }
    ondemand::array entries;
    if ((mistake.code = value.get_array().get(entries))) return mistake;
    for (auto element : entries) {
      ondemand::value entry;
      if ((mistake.code = element.get(entry))) return mistake;
      nodes.clear();
      TreeBuilder(nodes, deepest, mistake).add(entry, {}, 3);
      if (mistake.any()) return mistake;
      visit({Json(&nodes, 0), true, index++});
    }
  }
  return mistake;
}

Result<bool> JsonReader::read(std::string_view bytes, int deepest,
                              const std::function<void(const Visited&)>& visit) {
  Parser& p = *parser_;
  Mistake mistake;
  ondemand::document document;
  ondemand::object root;
  const simdjson::padded_string_view padded(bytes.data(), bytes.size(), bytes.size() + padding());
  if ((mistake.code = p.parser.iterate(padded).get(document)) ||
      (mistake.code = document.get_object().get(root))) {
    return error_of(mistake, deepest);
  }
  std::string_view resource_type;
  const auto found = root.find_field_unordered("resourceType").get_string().get(resource_type);
  // After a mistake in the JSON itself simdjson's iterator must not be touched again.
  const bool is_sound =
      found == simdjson::SUCCESS || found == simdjson::NO_SUCH_FIELD || found == simdjson::INCORRECT_TYPE;
  if (!is_sound) {
    mistake.code = found;
    return error_of(mistake, deepest);
  }
  const bool is_bundle = found == simdjson::SUCCESS && resource_type == "Bundle";
  document.rewind();  // the search has passed over members that are wanted
  if ((mistake.code = document.get_object().get(root))) return error_of(mistake, deepest);
  if (is_bundle) {
    mistake = p.read_bundle(root, deepest, visit);
  } else {
    p.nodes.assign(1, {{}, {}, 0, 0, JsonType::object});
    TreeBuilder builder(p.nodes, deepest, mistake);
    std::uint32_t last = 0;
    for (auto member : root) {
      ondemand::field field;
      std::string_view key;
      if ((mistake.code = std::move(member).get(field)) || (mistake.code = field.unescaped_key().get(key)))
        break;
      const std::uint32_t child = builder.add(field.value(), key, 2);
      (last == 0 ? p.nodes[0].first_child : p.nodes[last].next) = child;
      last = child;
      if (mistake.any()) break;
    }
  }
  if (mistake.any()) return error_of(mistake, deepest);
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    return Error{ErrorKind::malformed_input, "something follows the end of the JSON"};
  }
  visit({Json(is_bundle ? &p.members : &p.nodes, 0), false, 0});
  return true;
}

}  // namespace graftline::interop::fhir
