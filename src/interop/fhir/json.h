#pragma once
// One JSON document as a small tree: names and strings unescaped, numbers as written (a FHIR decimal must not
// pass through binary floating point). Built by simdjson On-Demand into memory that the next document uses
// again.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::interop::fhir {

enum class JsonType : unsigned char { missing, null, boolean, number, string, array, object };

struct JsonNode {
  std::string_view key;   // of an object's member
  std::string_view text;  // string content, number as written, "true", "false"
  std::uint32_t first_child = 0;
  std::uint32_t next = 0;  // 0: last sibling, since node 0 is the root
  JsonType type = JsonType::missing;
};

// A handle to a value. A member that is not there is `missing`, and so is everything below it: a path such as
// resource["code"]["text"] needs no checks on its way.
class Json {
 public:
  Json() = default;
  Json(const std::vector<JsonNode>* nodes, std::uint32_t index) : nodes_(nodes), index_(index) {}

  JsonType type() const { return nodes_ ? node().type : JsonType::missing; }
  bool exists() const { return type() != JsonType::missing && type() != JsonType::null; }
  bool is_object() const { return type() == JsonType::object; }
  bool is_array() const { return type() == JsonType::array; }
  std::string_view key() const { return nodes_ ? node().key : std::string_view{}; }
  std::string_view text() const { return nodes_ ? node().text : std::string_view{}; }
  std::string_view string() const { return type() == JsonType::string ? text() : std::string_view{}; }

  Json operator[](std::string_view member) const;
  Json front() const { return child(); }  // first element of an array, else missing

  // Elements of an array or members of an object, in order.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  const JsonNode& node() const { return (*nodes_)[index_]; }
  Json child() const;
  Json sibling() const;
  bool is_same(const Json& other) const { return nodes_ == other.nodes_ && index_ == other.index_; }

  const std::vector<JsonNode>* nodes_ = nullptr;
  std::uint32_t index_ = 0;
};

class Json::Iterator {
 public:
  explicit Iterator(Json at) : at_(at) {}
  Json operator*() const { return at_; }
  Iterator& operator++() {
    at_ = at_.sibling();
    return *this;
  }
  bool operator!=(const Iterator& other) const { return !at_.is_same(other.at_); }

 private:
  Json at_;
};
inline Json::Iterator Json::begin() const { return Iterator(child()); }
inline Json::Iterator Json::end() const { return Iterator(Json{}); }

// Reads documents one after the other.
class JsonReader {
 public:
  // simdjson reads up to this many bytes past the end; they must be there, whatever they hold.
  static std::size_t padding();

  JsonReader();
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

  // Calls `visit` once for a resource, or, for a Bundle, once for each element of `entry` (the tree then
  // holds that element alone, so that a large bundle never stands in memory twice) and at last once with the
  // bundle itself without its entries.
  //
  //   bytes    UTF-8, followed by padding() readable bytes
  //   deepest  levels of objects and arrays allowed
  //   errors   malformed_input: not JSON, cut short, not UTF-8, something after the end, no object at the
  //   root;
  //            out_of_range: nested deeper than `deepest`, or larger than simdjson reads.
  //            `visit` may have been called before the mistake was met.
  struct Visited {
    Json value;
    bool is_entry = false;  // an element of Bundle.entry
    std::size_t index = 0;  // its place in Bundle.entry
  };
  Result<bool> read(std::string_view bytes, int deepest, const std::function<void(const Visited&)>& visit);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace graftline::interop::fhir
