#pragma once
// The decision over time as text, JSON and CSV.

#include <string>

#include "engine/when.h"
#include "protocol/protocol.h"

namespace graftline::report {

struct HistoryOf {
  const std::string& patient;
  const protocol::Protocol& protocol;
  const engine::Series& series;
  const engine::History& history;
};

std::string to_text(const HistoryOf& what);
std::string to_json(const HistoryOf& what);  // one object on one line; docs/schemas/history.schema.json

// One row per step, one line each.
std::string history_csv_header();
std::string to_csv(const HistoryOf& what);

}  // namespace graftline::report
