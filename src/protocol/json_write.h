#pragma once
// Writes JSON straight to text. A protocol's canonical JSON is made at every parse (for its SHA-256), so no
// tree is built; the keys of an object are written in their order, which a test compares with a JSON
// library's.

#include <string>
#include <string_view>

namespace graftline::protocol {

void append_json_string(std::string& out, std::string_view value);

// An object from construction to destruction.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject() { out_ += '}'; }

  // Writes the key; the value is then appended to what is returned.
  std::string& key(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void text_if_any(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void number(std::string_view name, int value) { key(name) += std::to_string(value); }
  void flag_if_set(std::string_view name, bool value) {
    if (value) key(name) += "true";
  }
  // `append(out, item)` for each item; nothing for an empty list.
  template <class List, class Append>
  void list_if_any(std::string_view name, const List& items, Append append) {
    if (items.empty()) return;
    std::string& out = key(name);
    char separator = '[';
    for (const auto& item : items) {
      out += separator;
      append(out, item);
      separator = ',';
    }
    out += ']';
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

}  // namespace graftline::protocol
