#pragma once
// One thing that happened, and what its hash covers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace graftline::store {

// What somebody asks to have recorded. The store adds number, previous hash and hash.
struct NewEvent {
  std::string kind;     // "order.checked": the item, a point, what happened to it
  std::string subject;  // id of the item; empty: a new one, named after the event ("order-17")
  std::string patient;  // whom it is about; empty: nobody
  std::string site;
  std::string who;  // account
  std::string at;   // UTC, "2026-03-01T09:30:00Z"; the store reads no clock
  std::string why;
  std::optional<std::int64_t> replaces;  // the event that this one corrects
  std::string payload = "{}";            // a JSON object without fractions: decimals are text
  // Idempotency key of the request that asked for it, and a fingerprint of that request. The first event of a
  // group carries them.
  std::string request;
  std::string request_of;
  // Kept beside the log and never in it: the new secret of account `subject` (a password's hash), by its
  // kind.
  std::string secret_kind;
  std::string secret;
};

struct Event {
  std::int64_t seq = 0;  // 1, 2, 3, ... without a gap
  std::string kind, subject, patient, site, who, at, why;
  std::optional<std::int64_t> replaces;
  std::string payload;  // canonical JSON
  std::string request, request_of;
  std::string previous;  // hash of the event before; 64 zeros for the first
  std::string hash;

  std::string_view item() const { return std::string_view(kind).substr(0, kind.find('.')); }
  std::string_view verb() const {
    const auto point = kind.find('.');
    return point == std::string::npos ? std::string_view() : std::string_view(kind).substr(point + 1);
  }
};

// The hash of what precedes the first event.
inline constexpr std::string_view no_hash =
    "0000000000000000000000000000000000000000000000000000000000000000";

// The canonical form of a JSON text: names sorted by their bytes, no blanks, UTF-8 unescaped.
// errors  malformed_input: not an object, not UTF-8, or it holds a fraction (a double has no canonical form)
Result<std::string> canonical(std::string_view json);

// SHA-256 over the canonical JSON of every field but the hash itself.
std::string hash_of(const Event& event);

// One line of an export, without its line end: canonical JSON of all fields.
std::string to_line(const Event& event);
// errors  malformed_input naming the field
Result<Event> from_line(std::string_view line);

// Does `event` follow an event with this number and hash? Empty when it does; else what is wrong.
std::string chain_problem(const Event& event, std::int64_t previous_seq, std::string_view previous_hash);

}  // namespace graftline::store
