#pragma once
// A value, or why there is none. The names are those of std::expected, which g++ 12 lacks in C++20 mode.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace graftline {

// Each kind is documented in docs/errors.md; a test looks.
enum class ErrorKind {
  malformed_input,  // bytes, text or a field that cannot be read
  unit_mismatch,    // units or kinds of cell that do not go together
  not_found,        // a file, patient, protocol or name that is not there
  conflict,         // two things that cannot both hold
  unsupported,      // understood, and not offered
  out_of_range,     // read, and outside what is possible
};
inline constexpr int error_kind_count = 6;
std::string_view name(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::malformed_input;
  std::string message;  // names the file, line or field and what was expected; never a patient's value: it
                        // gets logged
};

// States what our own code promises; stays on in release builds. A failure is a bug, and gives no answer.
inline void ensure(bool condition, const char* claim) {
  if (!condition) throw std::logic_error(claim);
}

template <class T> class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const& {
    ensure(state_.index() == 0, "a failed Result was read");
    return std::get<0>(state_);
  }
  T&& operator*() && {
    ensure(state_.index() == 0, "a failed Result was read");
    return std::get<0>(std::move(state_));
  }
  T& operator*() & {
    ensure(state_.index() == 0, "a failed Result was read");
    return std::get<0>(state_);
  }
  const T* operator->() const { return &**this; }
  T* operator->() { return &**this; }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace graftline
