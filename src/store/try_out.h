#pragma once
// Stores for tests: a file in a folder of its own, or a database of a private PostgreSQL cluster that is
// started once, listens on no port, and is gone with the process.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/database.h"

namespace graftline::store::try_out {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/graftline-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline bool succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) ==
         0;  // NOLINT(concurrency-mt-unsafe): one thread
}

class Cluster {
 public:
  static Cluster& get() {
    static Cluster cluster;
    return cluster;
  }

  // A new, empty database.
  std::string url() {
    const std::string name = fmt::format("t{}", ++databases_);
    auto made = open_postgresql(url_of("postgres"), {false, false});
    REQUIRE(made);
    REQUIRE(!(*made)->run("CREATE DATABASE " + name));
    return url_of(name);
  }

 private:
  Cluster() {
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql"))
      programs_ = version.path() / "bin";
    REQUIRE_MESSAGE(!programs_.empty(), "Debian's postgresql is installed (tools/dependencies.txt, test)");
    // PostgreSQL refuses to run as root; Debian's package brings a user.
    if (geteuid() == 0) {
      as_user_ = "runuser -u postgres -- ";
      REQUIRE(succeeds("chown postgres " + folder_.path().string()));
    }
    const std::string data = (folder_.path() / "data").string();
    REQUIRE(succeeds(fmt::format("{}{}/initdb -D {} -A trust -U graftline --no-sync -E UTF8 --locale=C",
                                 as_user_, programs_.string(), data)));
    REQUIRE(succeeds(fmt::format("{}{}/pg_ctl -D {} -l {}/log -w -o \"-k {} -h '' -F\" start", as_user_,
                                 programs_.string(), data, data, folder_.path().string())));
  }
  ~Cluster() {
    succeeds(fmt::format("{}{}/pg_ctl -D {}/data -m immediate stop", as_user_, programs_.string(),
                         folder_.path().string()));
  }
  std::string url_of(const std::string& name) const {
    return fmt::format("postgresql:///{}?host={}&user=graftline", name, folder_.path().string());
  }

  Folder folder_;
  std::filesystem::path programs_;
  std::string as_user_;
  int databases_ = 0;
};

}  // namespace graftline::store::try_out
