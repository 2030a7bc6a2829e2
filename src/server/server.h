#pragma once
// HTTP/1.1 in front of a workplace.

#include <memory>
#include <optional>
#include <string>

#include "core/date.h"
#include "core/result.h"
#include "service/workplace/workplace.h"

namespace graftline::server {

struct ServeOptions {
  std::string bind = "127.0.0.1";
  int port = 8080;                       // 0: any that is free
  std::string tls_certificate, tls_key;  // PEM files; empty: plain HTTP
  // A reverse proxy that signs people in names the account in this header. Believed only from
  // `proxy_address`. Empty: off.
  std::string account_header, proxy_address;
  std::optional<Day>
      today;  // what a question means that names no day; the clock's when left out (demonstrations)
  int threads = 64;
  bool logs = true;                          // one JSON line per request, to the error stream
  std::size_t largest_upload = 256U << 20U;  // bytes of an import; of everything else 1 MiB
  int body_seconds = 20;                     // in which a body has to arrive; uploads get ten times that
};

class Server {
 public:
  // errors  conflict: the address is taken; malformed_input: certificate or key
  static Result<std::unique_ptr<Server>> start(service::Workplace& workplace, const ServeOptions& options);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  void wait();  // until stopped
  void stop();  // lets requests under way end

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graftline::server
