// SQLite 3: one file, nothing else installed. Write-ahead log and synchronous=FULL: what was committed
// survives a kill and a power cut.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "store/database.h"

namespace graftline::store {
namespace {

// Held as long as the process lives, on a file beside the store: SQLite's own locks are released between
// transactions.
class FileLock {
 public:
  FileLock() = default;
  ~FileLock() {
    if (file_ >= 0) close(file_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  std::optional<Error> take(const std::string& path) {
    file_ = open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0)
      return Error{ErrorKind::conflict,
                   fmt::format("{}.lock: cannot be written; the folder of a store has to be writable", path)};
    if (flock(file_, LOCK_EX | LOCK_NB) == 0) return std::nullopt;
    return Error{ErrorKind::conflict,
                 fmt::format("{}: another graftline has this store open; stop it first", path)};
  }

 private:
  int file_ = -1;
};

class Sqlite final : public Database {
 public:
  Sqlite() = default;
  ~Sqlite() override {
    forget_statements();
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  std::optional<Error> open(const std::string& path, const Opening& opening) {
    path_ = path;
    opening_ = opening;
    std::error_code ignored;
    if (!opening.creates && !std::filesystem::exists(path, ignored))
      return Error{ErrorKind::not_found, fmt::format("{}: no such store", path)};
    if (opening.writes) {
      if (auto problem = lock_.take(path)) return problem;
    }
    return connect();
  }

  std::optional<Error> run(std::string_view sql, const std::vector<Value>& parameters,
                           const RowSink& sink) override {
    sqlite3_stmt* statement = prepared(sql);
    if (statement == nullptr) return failure();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      bind(statement, static_cast<int>(i + 1), parameters[i]);
    int outcome = sqlite3_step(statement);
    while (outcome == SQLITE_ROW) {
      if (sink) sink(row_of(statement));
      outcome = sqlite3_step(statement);
    }
    std::optional<Error> error;
    if (outcome != SQLITE_DONE) error = failure();
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return error;
  }

  std::optional<Error> script(const std::string& sql) override {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
    return std::nullopt;
  }

  bool is_lost() const override { return false; }
  std::optional<Error> reconnect() override { return std::nullopt; }
  bool is_postgresql() const override { return false; }

 private:
  std::optional<Error> connect() {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
    if (opening_.creates) flags |= SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr) != SQLITE_OK) return failure();
    sqlite3_extended_result_codes(database_, 1);
    sqlite3_busy_timeout(database_, 10000);
    return script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  }

  Error failure() const {
    return {ErrorKind::conflict, fmt::format("{}: {}", path_, sqlite3_errmsg(database_))};
  }

  sqlite3_stmt* prepared(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
        SQLITE_OK)
      return nullptr;
    statements_.emplace(std::string(sql), statement);
    return statement;
  }
  void forget_statements() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }

  static void bind(sqlite3_stmt* statement, int place, const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(statement, place, *whole);
    } else if (const auto* words = std::get_if<std::string>(&value)) {
      sqlite3_bind_text64(statement, place, words->data(), words->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else {
      sqlite3_bind_null(statement, place);
    }
  }

  static Row row_of(sqlite3_stmt* statement) {
    Row row;
    const int n = sqlite3_column_count(statement);
    row.reserve(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) {
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_NULL:
          row.emplace_back();
          break;
        case SQLITE_INTEGER:
          row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
          break;
        default:
          row.emplace_back(std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, i)),
                                       static_cast<std::size_t>(sqlite3_column_bytes(statement, i))));
      }
    }
    return row;
  }

  std::string path_;
  Opening opening_;
  FileLock lock_;
  sqlite3* database_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

}  // namespace

std::int64_t number(const Value& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole == nullptr ? 0 : *whole;
}

std::string text(const Value& value) {
  const auto* words = std::get_if<std::string>(&value);
  return words == nullptr ? std::string() : *words;
}

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const Opening& opening) {
  auto database = std::make_unique<Sqlite>();
  if (auto problem = database->open(path, opening)) return *problem;
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace graftline::store
