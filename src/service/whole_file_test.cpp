#include "service/whole_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

using namespace graftline;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::filesystem::path folder() {
  const auto path =
      std::filesystem::temp_directory_path() / ("graftline-whole-" + std::to_string(::getpid()));
  std::filesystem::create_directories(path);
  return path;
}

}  // namespace

TEST_CASE("a file appears when it is whole, and what is not finished leaves the old one") {
  const auto path = folder() / "answer.txt";
  std::ofstream(path) << "old";
  {
    service::WholeFile unfinished(path.string());
    unfinished.write("half");
  }
  CHECK(content(path) == "old");
  service::WholeFile file(path.string());
  file.write("new");
  CHECK(content(path) == "old");
  CHECK(!file.finish());
  CHECK(content(path) == "new");
  std::filesystem::remove_all(folder());
}

TEST_CASE("a pipe or device that stands at the path is written to and stays what it is") {
  const auto path = folder() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = content(path); });
  service::WholeFile file(path.string());
  file.write("through the pipe");
  CHECK(!file.finish());
  reader.join();
  CHECK(read == "through the pipe");
  CHECK(std::filesystem::is_fifo(path));
  std::filesystem::remove_all(folder());
}
