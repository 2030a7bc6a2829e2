#pragma once
// Long work as its user sees it: how much is done and how long the rest will take, on the error stream of a
// terminal; and Ctrl-C, which asks for what is there so far.

#include <cstddef>
#include <functional>
#include <string>

namespace graftline::cli {

// While it lives, the first Ctrl-C (or SIGTERM) makes report() answer false; the second ends the program.
class LongWork {
 public:
  explicit LongWork(std::string what);
  ~LongWork();
  LongWork(const LongWork&) = delete;
  LongWork& operator=(const LongWork&) = delete;

  // To be called now and then, from one thread at a time. False: stop.
  bool report(std::size_t done, std::size_t total);
  bool was_stopped() const;

 private:
  std::string what_;
  bool is_terminal_ = false;
  bool is_shown_ = false;
  double began_ = 0.0, last_ = 0.0;
};

}  // namespace graftline::cli
