#pragma once
// The clock of the server; everything below gets times as arguments.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <string>

#include "core/date.h"

namespace graftline::server {

inline std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

inline Day local_today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return day_of({local.tm_year + 1900, local.tm_mon + 1, local.tm_mday});
}

}  // namespace graftline::server
