#pragma once
// Counters and latencies as Prometheus reads them.

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace graftline::server {

class Metrics {
 public:
  // route  as in the table of routes, never the path: paths name patients
  void count(const std::string& route, int status, double seconds);
  std::string text(std::size_t sessions, long long events) const;

 private:
  static constexpr std::array<double, 10> bounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5};
  struct Latency {
    std::array<long long, bounds.size() + 1> buckets{};
    double sum = 0;
    long long n = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, long long> requests_;
  std::map<std::string, Latency> latencies_;
};

}  // namespace graftline::server
