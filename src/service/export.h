#pragma once
// A protocol for programs that know nothing of graftline.

#include <string>

#include "core/result.h"
#include "protocol/protocol.h"

namespace graftline::service {

enum class ExportFormat : unsigned char { json, elm, cql, plan_definition };

struct Exported {
  std::string text;
  std::string left_out;  // what the format cannot say, one line each with why; empty: nothing
};

Exported export_protocol(const protocol::Protocol& protocol, ExportFormat format);

}  // namespace graftline::service
