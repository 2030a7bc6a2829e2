#pragma once
// The JSON twin as a tree. Internal to protocol: others use json.h and see text only.

#include <nlohmann/json.hpp>
#include <string_view>

#include "protocol/protocol.h"

namespace graftline::protocol {

inline constexpr std::string_view json_format = "graftline protocol 1";

nlohmann::json json_tree(const Protocol& protocol);

}  // namespace graftline::protocol
