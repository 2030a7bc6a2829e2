// graftline as one of several ranks: the one file that knows MPI.
//
// The ranks share nothing but a folder. Each makes its units of the input there (unit i is made by rank i
// modulo their number), and touches a file of its own while it lives. Rank 0 then waits for the others'
// units, makes those of a rank that is lost, and merges all of them in order. No rank ever waits for a
// message of another, so a lost one blocks nobody.
#include <fmt/format.h>
#include <mpi.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "cli/distribute.h"
#include "cli/program.h"

namespace {

using namespace graftline;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto beat = 500ms;
// Shared folders show a file's time late.
constexpr auto lost_after = 20s;

// Touches a file every half second for as long as it exists.
class Heart {
 public:
  explicit Heart(std::string path) : path_(std::move(path)), thread_([this] { run(); }) {}
  ~Heart() {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    moved_.notify_all();
    thread_.join();
    std::error_code error;
    fs::remove(path_, error);
  }
  Heart(const Heart&) = delete;
  Heart& operator=(const Heart&) = delete;

 private:
  void run() {
    for (std::size_t count = 0;; ++count) {
      std::ofstream(path_, std::ios::trunc) << count << '\n';
      std::unique_lock lock(mutex_);
      if (moved_.wait_for(lock, beat, [this] { return stops_; })) return;
    }
  }

  std::string path_;
  std::mutex mutex_;
  std::condition_variable moved_;
  bool stops_ = false;
  std::thread thread_;
};

// Whether what another rank writes still changes. Two machines may disagree about the time, so only change
// counts.
class Pulse {
 public:
  explicit Pulse(std::string path) : path_(std::move(path)) {}
  bool is_lost() {
    const std::string now = read();
    if (now != last_) {
      last_ = now;
      changed_ = std::chrono::steady_clock::now();
    }
    return std::chrono::steady_clock::now() - changed_ > lost_after;
  }

 private:
  std::string read() const {
    std::ifstream in(path_);
    std::string line;
    std::getline(in, line);
    return line;
  }
  std::string path_;
  std::string last_;
  std::chrono::steady_clock::time_point changed_ = std::chrono::steady_clock::now();
};

struct Ranks {
  int rank = 0;
  int size = 1;
  bool is_one_lost = false;
};

std::string heart_path(const service::PartedWork& run, int rank) {
  return run.beside_parts(fmt::format("rank-{}.alive", rank));
}

std::optional<Error> make_units_of(service::PartedWork& run, int rank, const Ranks& ranks) {
  for (auto unit = static_cast<std::size_t>(rank); unit < run.units();
       unit += static_cast<std::size_t>(ranks.size)) {
    if (run.has_part(unit)) continue;
    if (auto error = run.make_part(unit)) return error;
  }
  return std::nullopt;
}

bool has_all_of(const service::PartedWork& run, int rank, const Ranks& ranks) {
  for (auto unit = static_cast<std::size_t>(rank); unit < run.units();
       unit += static_cast<std::size_t>(ranks.size)) {
    if (!run.has_part(unit)) return false;
  }
  return true;
}

// Rank 0: waits for the others, and does the work of those that are lost.
std::optional<Error> wait_for_others(service::PartedWork& run, Ranks& ranks) {
  for (int other = 1; other < ranks.size; ++other) {
    Pulse pulse(heart_path(run, other));
    while (!has_all_of(run, other, ranks)) {
      if (pulse.is_lost()) {
        fmt::print(stderr, "graftline: rank {} of {} is lost; its missing parts are made again\n", other,
                   ranks.size);
        ranks.is_one_lost = true;
        if (auto error = make_units_of(run, other, ranks)) return error;
        break;
      }
      std::this_thread::sleep_for(50ms);
    }
  }
  return std::nullopt;
}

Result<bool> share(service::PartedWork& run, Ranks& ranks) {
  if (ranks.rank == 0 && !run.resumes()) {
    for (std::size_t unit = 0; unit < run.units(); ++unit) {
      std::error_code error;
      fs::remove(run.beside_parts(fmt::format("unit-{:06}.part", unit)), error);
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);  // old parts are gone before anybody looks for them
  const Heart heart(heart_path(run, ranks.rank));
  if (auto error = make_units_of(run, ranks.rank, ranks)) return *error;
  if (ranks.rank != 0) return false;
  if (auto error = wait_for_others(run, ranks)) return *error;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  Ranks ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.size);
  if (ranks.size > 1) {
    cli::distribute() = [&](service::PartedWork& run) { return share(run, ranks); };
  }
  const int code = cli::run_program(argc, argv, GRAFTLINE_VERSION);
  // Finalizing waits for every rank: with one lost, nobody would ever leave.
  if (ranks.is_one_lost) {
    std::fflush(nullptr);
    _exit(code);
  }
  MPI_Finalize();
  return code;
}
