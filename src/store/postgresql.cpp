// PostgreSQL by libpq, for a network of centres.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <chrono>
#include <thread>

#include "store/database.h"

namespace graftline::store {
namespace {

// Type numbers of pg_type.dat.
constexpr Oid int8_type = 20;
constexpr Oid int4_type = 23;
// "graf", "tlin": the advisory lock that the one writer of a database holds.
constexpr const char* take_lock = "SELECT pg_try_advisory_lock(1735549286, 1953261934)";
// A server that was killed may take a moment to find out that the connection holding the lock has gone.
constexpr int lock_attempts = 50;
constexpr std::chrono::milliseconds lock_pause{100};

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

class Postgresql final : public Database {
 public:
  Postgresql() = default;
  ~Postgresql() override { PQfinish(connection_); }
  Postgresql(const Postgresql&) = delete;
  Postgresql& operator=(const Postgresql&) = delete;

  std::optional<Error> open(const std::string& url, const Opening& opening) {
    opening_ = opening;
    connection_ = PQconnectdb(url.c_str());
    return begin_session(1);
  }

  std::optional<Error> run(std::string_view sql, const std::vector<Value>& parameters,
                           const RowSink& sink) override {
    std::vector<std::string> texts(parameters.size());
    std::vector<const char*> places(parameters.size(), nullptr);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (std::holds_alternative<std::monostate>(parameters[i])) continue;
      const auto* whole = std::get_if<std::int64_t>(&parameters[i]);
      texts[i] = whole == nullptr ? std::get<std::string>(parameters[i]) : std::to_string(*whole);
      if (texts[i].find('\0') != std::string::npos)
        return Error{ErrorKind::malformed_input, "a text with a zero byte cannot be stored"};
      places[i] = texts[i].c_str();
    }
    const PgResult result(PQexecParams(connection_, std::string(sql).c_str(),
                                       static_cast<int>(parameters.size()), nullptr, places.data(), nullptr,
                                       nullptr, 0));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failure();
    if (sink) {
      for (int i = 0; i < PQntuples(result.get()); ++i) sink(row_of(result.get(), i));
    }
    return std::nullopt;
  }

  std::optional<Error> script(const std::string& sql) override {
    const PgResult result(PQexec(connection_, sql.c_str()));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failure();
    return std::nullopt;
  }

  bool is_lost() const override { return PQstatus(connection_) != CONNECTION_OK; }

  std::optional<Error> reconnect() override {
    PQreset(connection_);
    return begin_session(lock_attempts);
  }

  bool is_postgresql() const override { return true; }

 private:
  std::optional<Error> begin_session(int attempts) {
    if (is_lost()) return failure();
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    if (auto problem = script("SET synchronous_commit TO on; SET standard_conforming_strings TO on"))
      return problem;
    if (!opening_.writes) return std::nullopt;
    for (int i = 0; i < attempts; ++i) {
      if (i > 0) std::this_thread::sleep_for(lock_pause);
      const PgResult result(PQexec(connection_, take_lock));
      if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return failure();
      if (std::string_view(PQgetvalue(result.get(), 0, 0)) == "t") return std::nullopt;
    }
    return Error{ErrorKind::conflict, "another graftline writes to this database; stop it first"};
  }

  // PostgreSQL's first line says what is wrong; the lines below may repeat values.
  Error failure() const {
    const std::string_view said = PQerrorMessage(connection_);
    return {ErrorKind::conflict, fmt::format("PostgreSQL: {}", said.substr(0, said.find('\n')))};
  }

  static Row row_of(const PGresult* result, int i) {
    Row row;
    const int n = PQnfields(result);
    row.reserve(static_cast<std::size_t>(n));
    for (int column = 0; column < n; ++column) {
      if (PQgetisnull(result, i, column) != 0) {
        row.emplace_back();
        continue;
      }
      const std::string_view value(PQgetvalue(result, i, column),
                                   static_cast<std::size_t>(PQgetlength(result, i, column)));
      const Oid type = PQftype(result, column);
      if (type == int8_type || type == int4_type) {
        std::int64_t whole = 0;
        std::from_chars(value.data(), value.data() + value.size(), whole);
        row.emplace_back(whole);
      } else {
        row.emplace_back(std::string(value));
      }
    }
    return row;
  }

  Opening opening_;
  PGconn* connection_ = nullptr;
};

}  // namespace

bool is_postgresql_url(std::string_view location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

Result<std::unique_ptr<Database>> open_postgresql(const std::string& url, const Opening& opening) {
  auto database = std::make_unique<Postgresql>();
  if (auto problem = database->open(url, opening)) return *problem;
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace graftline::store
