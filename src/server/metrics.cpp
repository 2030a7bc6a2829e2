#include "server/metrics.h"

#include <fmt/format.h>

namespace graftline::server {

void Metrics::count(const std::string& route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Latency& latency = latencies_[route];
  std::size_t bucket = 0;
  while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
  ++latency.buckets[bucket];
  latency.sum += seconds;
  ++latency.n;
}

std::string Metrics::text(std::size_t sessions, long long events) const {
  const std::lock_guard lock(mutex_);
  std::string out =
      "# HELP graftline_requests_total Requests answered.\n# TYPE graftline_requests_total counter\n";
  for (const auto& [key, n] : requests_)
    out +=
        fmt::format("graftline_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, n);
  out += "# HELP graftline_request_seconds Time to answer.\n# TYPE graftline_request_seconds histogram\n";
  for (const auto& [route, latency] : latencies_) {
    long long below = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      below += latency.buckets[i];
      out += fmt::format("graftline_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route, bounds[i],
                         below);
    }
    out += fmt::format(
        "graftline_request_seconds_bucket{{route=\"{0}\",le=\"+Inf\"}} {1}\n"
        "graftline_request_seconds_sum{{route=\"{0}\"}} {2}\n"
        "graftline_request_seconds_count{{route=\"{0}\"}} {1}\n",
        route, latency.n, latency.sum);
  }
  out += fmt::format(
      "# HELP graftline_sessions Sessions open.\n# TYPE graftline_sessions gauge\ngraftline_sessions {}\n",
      sessions);
  out += fmt::format(
      "# HELP graftline_events Events in the log.\n# TYPE graftline_events gauge\ngraftline_events {}\n",
      events);
  return out;
}

}  // namespace graftline::server
