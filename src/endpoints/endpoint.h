#pragma once
// One endpoint of one patient.
//
//   event, competing  the first of the components that certainly came first, and its day
//   censored          followed without any of them until the day
//   unknown           some component that may have come first is unknown, or its date is: named,
//                     with what is certain
//   not at risk       the event was there at time 0
//   ties              on one day what is not death comes before death, and the event before what
//                     competes
//   source            definitions.h

#include <optional>
#include <string>

#include "endpoints/definitions.h"
#include "endpoints/history.h"

namespace graftline::endpoints {

enum class Status : unsigned char { event, competing, censored, unknown, not_at_risk };
std::string_view name(Status status);

struct Endpoint {
  Status status = Status::unknown;
  std::optional<Day> day;              // of the event, or until when followed
  std::optional<Component> component;  // what happened, or what is unknown
  std::string description;             // "relapse", "last contact", "death without relapse"
  std::string
      reason;  // why unknown or not at risk; of an event: what was never looked for and may have come first
  record::Origin source;
  std::string fact;
};

Endpoint endpoint_of(const Definition& definition, const History& history);

// ADaM's CNSR: 0 event, 1 censored, 2 competing event; none when unknown or not at risk.
std::optional<int> cnsr(Status status);

}  // namespace graftline::endpoints
