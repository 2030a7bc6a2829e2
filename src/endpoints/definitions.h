#pragma once
// The endpoints: what counts as the event, what competes with it, and where the definition is from.

#include <span>
#include <string_view>

#include "endpoints/history.h"

namespace graftline::endpoints {

struct Definition {
  std::string_view id;       // "grfs", as on the command line
  std::string_view paramcd;  // "GRFS", at most 8 characters
  std::string_view label;    // "GVHD-free, relapse-free survival"
  std::array<Component, 4> event_row;
  std::size_t n_events;
  std::array<Component, 2> competing_row;
  std::size_t n_competing;
  std::string_view source;

  std::span<const Component> events() const { return {event_row.data(), n_events}; }
  std::span<const Component> competing() const { return {competing_row.data(), n_competing}; }
};

std::span<const Definition> definitions();
const Definition* definition(std::string_view id);  // by id or PARAMCD, any case; null when there is none

}  // namespace graftline::endpoints
