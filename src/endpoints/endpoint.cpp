#include "endpoints/endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::endpoints {
namespace {

struct Candidate {
  Component component;
  bool competes = false;
  const Occurrence* occurrence = nullptr;
};

// Which of two that happened on one day counts.
int rank(const Candidate& c) {
  if (c.component == Component::death) return 2;
  return c.competes ? 1 : 0;
}

std::string description_of(const Definition& definition, const Candidate& c) {
  if (c.component == Component::death && definition.n_events == 1) {
    const auto competing = definition.competing();
    const bool relapse_competes =
        std::find(competing.begin(), competing.end(), Component::relapse) != competing.end();
    if (!c.competes && relapse_competes) return "death without relapse";
    if (c.competes) return fmt::format("death without {}", name(definition.event_row[0]));
  }
  return std::string(name(c.component));
}

Endpoint undecided(Component component, std::string reason, const Occurrence& occurrence) {
  Endpoint endpoint;
  endpoint.status = Status::unknown;
  endpoint.component = component;
  endpoint.reason = std::move(reason);
  endpoint.description = fmt::format("unknown: {}", name(component));
  endpoint.source = occurrence.source;
  endpoint.fact = occurrence.fact;
  return endpoint;
}

}  // namespace

std::string_view name(Status status) {
  static constexpr std::array<std::string_view, 5> names{"event", "competing", "censored", "unknown",
                                                         "not at risk"};
  return names[static_cast<std::size_t>(status)];
}

std::optional<int> cnsr(Status status) {
  if (status == Status::event) return 0;
  if (status == Status::censored) return 1;
  if (status == Status::competing) return 2;
  return std::nullopt;
}

Endpoint endpoint_of(const Definition& definition, const History& history) {
  if (!history.time_zero) {
    Endpoint endpoint;
    endpoint.reason = history.why_no_time_zero;
    endpoint.description = "unknown: time 0";
    return endpoint;
  }
  std::vector<Candidate> candidates;
  for (const Component c : definition.events()) candidates.push_back({c, false, &history.of(c)});
  for (const Component c : definition.competing()) candidates.push_back({c, true, &history.of(c)});
  const bool is_death = definition.n_events == 1 && definition.event_row[0] == Component::death;
  for (const Candidate& c : candidates) {
    if (!c.occurrence->at_time_zero || (c.competes && !is_death)) continue;
    Endpoint endpoint;
    endpoint.status = Status::not_at_risk;
    endpoint.component = c.component;
    endpoint.description = fmt::format("{} at time 0", name(c.component));
    endpoint.reason = endpoint.description;
    endpoint.source = c.occurrence->source;
    endpoint.fact = c.occurrence->fact;
    return endpoint;
  }
  // What was there at time 0 cannot come first: an infusion given for relapse is followed for GVHD all the
  // same.
  std::erase_if(candidates, [](const Candidate& c) { return c.occurrence->at_time_zero; });
  // The first that certainly happened, by the last day on which it may have.
  const Candidate* first = nullptr;
  for (const Candidate& c : candidates) {
    if (c.occurrence->happened != Truth::yes) continue;
    if (first == nullptr) {
      first = &c;
      continue;
    }
    const Day mine = c.occurrence->when->last;
    const Day best = first->occurrence->when->last;
    if (mine < best || (mine == best && rank(c) < rank(*first))) first = &c;
  }
  std::string not_looked_for;
  for (const Candidate& c : candidates) {
    if (c.occurrence->happened != Truth::unknown) continue;
    // The event is documented; that another component was never looked for leaves open only whether it was
    // the first, except where a death is one of two endpoints.
    if (c.occurrence->never_looked_for && first != nullptr && !first->competes && !(c.competes && is_death)) {
      not_looked_for += (not_looked_for.empty() ? "" : "; ") + c.occurrence->reason;
      continue;
    }
    const Day from = c.occurrence->unknown_from.value_or(*history.time_zero);
    if (first != nullptr && first->occurrence->when->last < from) continue;  // it came too late to matter
    return undecided(c.component, c.occurrence->reason, *c.occurrence);
  }
  if (first != nullptr) {
    const PartialDate& when = *first->occurrence->when;
    if (when.precision != DatePrecision::day && when.first != when.last)
      return undecided(first->component,
                       fmt::format("imprecise date: {} between {} and {}", name(first->component),
                                   to_text(when.first), to_text(when.last)),
                       *first->occurrence);
    for (const Candidate& c : candidates) {
      if (&c == first || c.occurrence->happened != Truth::yes) continue;
      if (c.occurrence->when->first < when.first ||
          (c.occurrence->when->first == when.first && rank(c) < rank(*first)))
        return undecided(c.component,
                         fmt::format("imprecise date: {} may have come before {}", name(c.component),
                                     name(first->component)),
                         *c.occurrence);
    }
    Endpoint endpoint;
    endpoint.status = first->competes ? Status::competing : Status::event;
    endpoint.day = when.first;
    endpoint.component = first->component;
    endpoint.description = description_of(definition, *first);
    endpoint.reason = std::move(not_looked_for);
    endpoint.source = first->occurrence->source;
    endpoint.fact = first->occurrence->fact;
    return endpoint;
  }
  Endpoint endpoint;
  endpoint.status = Status::censored;
  endpoint.day = candidates.front().occurrence->absent_until;
  for (const Candidate& c : candidates) {
    if (c.occurrence->absent_until > *endpoint.day && &c != &candidates.front()) continue;
    endpoint.day = std::min(*endpoint.day, c.occurrence->absent_until);
    endpoint.source = c.occurrence->source;
    endpoint.fact = c.occurrence->fact;
  }
  if (*endpoint.day < *history.time_zero) {
    Endpoint none;
    none.description = "unknown: not followed after time 0";
    none.reason = "nothing is recorded after time 0";
    return none;
  }
  endpoint.description = "last follow-up";
  return endpoint;
}

}  // namespace graftline::endpoints
