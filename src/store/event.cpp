#include "store/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/sha256.h"

namespace graftline::store {
namespace {

using nlohmann::json;

bool has_fraction(const json& value) {
  if (value.is_number_float()) return true;
  return value.is_structured() && std::any_of(value.begin(), value.end(), has_fraction);
}

json fields(const Event& event) {
  json line{{"seq", event.seq},
            {"kind", event.kind},
            {"subject", event.subject},
            {"patient", event.patient},
            {"site", event.site},
            {"who", event.who},
            {"at", event.at},
            {"why", event.why},
            {"replaces", nullptr},
            {"payload", json::parse(event.payload)},
            {"request", event.request},
            {"request_of", event.request_of},
            {"previous", event.previous}};
  if (event.replaces) line["replaces"] = *event.replaces;
  return line;
}

bool is_hash(std::string_view text) {
  return text.size() == no_hash.size() &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<std::string> canonical(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object())
    return Error{ErrorKind::malformed_input, "payload: expected a JSON object in UTF-8"};
  if (has_fraction(value))
    return Error{ErrorKind::malformed_input, "payload: a number with a fraction; write decimals as text"};
  return value.dump();
}

std::string hash_of(const Event& event) { return sha256_hex(fields(event).dump()); }

std::string to_line(const Event& event) {
  json line = fields(event);
  line["hash"] = event.hash;
  return line.dump();
}

Result<Event> from_line(std::string_view text) {
  const json line = json::parse(text, nullptr, false);
  const auto wrong = [](std::string_view field, std::string_view expected) {
    return Error{ErrorKind::malformed_input, fmt::format("{}: expected {}", field, expected)};
  };
  if (!line.is_object()) return wrong("event", "one JSON object to a line, whole");
  Event event;
  const std::pair<const char*, std::string*> texts[] = {
      {"kind", &event.kind},         {"subject", &event.subject}, {"patient", &event.patient},
      {"site", &event.site},         {"who", &event.who},         {"at", &event.at},
      {"why", &event.why},           {"request", &event.request}, {"request_of", &event.request_of},
      {"previous", &event.previous}, {"hash", &event.hash}};
  for (const auto& [name, field] : texts) {
    const auto found = line.find(name);
    if (found == line.end() || !found->is_string()) return wrong(name, "text");
    *field = found->get<std::string>();
  }
  const auto seq = line.find("seq");
  if (seq == line.end() || !seq->is_number_integer()) return wrong("seq", "a whole number");
  event.seq = seq->get<std::int64_t>();
  const auto replaces = line.find("replaces");
  if (replaces == line.end() || (!replaces->is_null() && !replaces->is_number_integer()))
    return wrong("replaces", "a whole number or null");
  if (!replaces->is_null()) event.replaces = replaces->get<std::int64_t>();
  const auto payload = line.find("payload");
  if (payload == line.end()) return wrong("payload", "a JSON object");
  auto whole = canonical(payload->dump());
  if (!whole) return whole.error();
  event.payload = std::move(*whole);
  if (!is_hash(event.hash) || !is_hash(event.previous))
    return wrong("hash and previous", "64 hexadecimal digits");
  return event;
}

std::string chain_problem(const Event& event, std::int64_t previous_seq, std::string_view previous_hash) {
  if (event.seq != previous_seq + 1)
    return fmt::format("event {} follows event {}: one is missing or stands twice", event.seq, previous_seq);
  if (event.previous != previous_hash)
    return fmt::format("event {} does not name the hash of the event before it", event.seq);
  if (hash_of(event) != event.hash)
    return fmt::format("event {} does not have the hash that it states", event.seq);
  return "";
}

}  // namespace graftline::store
