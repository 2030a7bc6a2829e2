#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/program.h"

namespace {

// Started by mpirun or srun as one of several ranks: the program that knows MPI stands beside this one. It is
// a program of its own, so that nobody else waits for MPI to be loaded.
void become_a_rank(char** argv) {
  const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (size == nullptr) size = std::getenv("PMI_SIZE");
  if (size == nullptr || std::atoi(size) < 2) return;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) execv((self.parent_path() / "graftline-mpi").c_str(), argv);
}

}  // namespace

int main(int argc, char** argv) {
  become_a_rank(argv);
  return graftline::cli::run_program(argc, argv, GRAFTLINE_VERSION);
}
