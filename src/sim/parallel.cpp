#include "sim/parallel.h"

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace graftline::sim {

void for_each_chunk(std::size_t chunks, int threads, const std::function<void(std::size_t, int)>& work) {
  if (threads <= 1 || chunks <= 1) {
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) work(chunk, 0);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> problems(static_cast<std::size_t>(threads));
  const auto run = [&](int worker) {
    try {
      for (std::size_t chunk = next++; chunk < chunks; chunk = next++) work(chunk, worker);
    } catch (...) {
      problems[static_cast<std::size_t>(worker)] = std::current_exception();
      next = chunks;
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int worker = 1; worker < threads; ++worker) workers.emplace_back(run, worker);
    run(0);
  }
  for (const std::exception_ptr& problem : problems) {
    if (problem) std::rethrow_exception(problem);
  }
}

}  // namespace graftline::sim
