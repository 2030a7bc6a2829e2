#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

namespace graftline::cli {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

void stop(int signal) {
  asked_to_stop = 1;
  std::signal(signal, SIG_DFL);  // the second one ends the program
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string duration_text(double seconds) {
  if (seconds < 90.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400.0) return fmt::format("{:.0f} min", seconds / 60.0);
  return fmt::format("{:.1f} h", seconds / 3600.0);
}

}  // namespace

LongWork::LongWork(std::string what)
    : what_(std::move(what)), is_terminal_(isatty(STDERR_FILENO) == 1), began_(now()), last_(began_) {
  asked_to_stop = 0;
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
}

LongWork::~LongWork() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (is_shown_) fmt::print(stderr, "\r\033[K");
}

bool LongWork::report(std::size_t done, std::size_t total) {
  const double at = now();
  constexpr double quiet = 2.0;    // work this short needs no words
  constexpr double between = 0.5;  // seconds
  if (is_terminal_ && at - began_ > quiet && at - last_ > between && done > 0 && done < total) {
    last_ = at;
    is_shown_ = true;
    const double left = (at - began_) * static_cast<double>(total - done) / static_cast<double>(done);
    fmt::print(stderr, "\r\033[K{}: {:.0f} %, {} left (Ctrl-C: what is there so far)", what_,
               100.0 * static_cast<double>(done) / static_cast<double>(total), duration_text(left));
    std::fflush(stderr);
  }
  return asked_to_stop == 0;
}

bool LongWork::was_stopped() const { return asked_to_stop != 0; }

}  // namespace graftline::cli
