#include "server/server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/sha256.h"
#include "server/clock.h"
#include "server/jobs.h"
#include "server/metrics.h"
#include "server/pages.h"
#include "server/routes.h"
#include "server/sessions.h"

namespace graftline::server {
namespace {

using httplib::Request;
using httplib::Response;
using service::Task;

constexpr std::size_t longest_path = 1024;
constexpr std::size_t largest_body = 1U << 20U;
constexpr std::size_t longest_key = 64;
constexpr std::size_t largest_csv = 16U << 20U;
constexpr std::size_t most_jobs_waiting = 20;
constexpr const char* cookie_name = "graftline";

std::string cookie_of(const Request& request) {
  const std::string header = request.get_header_value("Cookie");
  std::string_view rest = header;
  const std::string wanted = std::string(cookie_name) + "=";
  while (!rest.empty()) {
    const auto begin = rest.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    const auto end = std::min(rest.find(';'), rest.size());
    if (rest.starts_with(wanted)) return std::string(rest.substr(wanted.size(), end - wanted.size()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return "";
}

void put(Response& response, const Answer& answer) {
  response.status = answer.status;
  if (answer.is_repeated) response.set_header("Idempotency-Replayed", "true");
  if (answer.status == 204)
    response.body.clear();
  else
    response.set_content(answer.body, answer.type);
}

std::string content_type(const Request& request) {
  const std::string type = request.get_header_value("Content-Type");
  return type.substr(0, type.find(';'));
}

bool is_expected_type(Takes takes, const std::string& type) {
  switch (takes) {
    case Takes::nothing:
      return true;
    case Takes::json:
      return type == "application/json";
    case Takes::csv:
      return type == "text/csv";
    case Takes::upload:
      break;
  }
  return type == "application/fhir+json" || type == "application/fhir+ndjson" || type == "application/json" ||
         type == "application/x-ndjson" || type == "text/csv" || type == "application/gzip" ||
         type == "application/octet-stream";
}

bool is_id(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Who asks, as far as the headers say.
struct Caller {
  service::Actor actor;
  std::string csrf;     // that writes have to carry; empty: none, a bearer token was sent
  std::string set_id;   // new session id for the cookie
  std::string session;  // id of the session; empty: none
};

}  // namespace

struct Server::State {
  State(service::Workplace& place, ServeOptions given) : workplace(place), options(std::move(given)) {}

  service::Workplace& workplace;
  ServeOptions options;
  std::unique_ptr<httplib::Server> http;
  Sessions sessions;
  Throttle throttle;
  Metrics metrics;
  std::unique_ptr<Jobs> jobs;
  std::string proxy_secret = random_token();
  std::thread thread;
  int port = 0;
  std::mutex hashing_mutex;  // password hashes worked out at once: each takes 64 MiB
  std::condition_variable hashing_ends;
  int hashing = 0;

  void set_up();
  void handle(const Request& request, Response& response, const httplib::ContentReader* reader);
  // The route as the table writes it, for logs and metrics.
  std::string answer(const Request& request, Response& response, const httplib::ContentReader* reader,
                     std::string& account);
  std::string answer_open(const Request& request, Response& response, const httplib::ContentReader* reader,
                          std::string& account);
  std::optional<Answer> read_body(const Request& request, const httplib::ContentReader& reader,
                                  std::size_t most, int seconds, std::string& body) const;
  Result<std::optional<Caller>> caller_of(const Request& request);
  std::optional<Answer> refuse_write(const Request& request, const Caller& caller) const;
  service::Occasion occasion_of(const Request& request, const std::string& body) const;
  void finish(const Request& request, Response& response, const Answer& answer) const;
  void set_cookie(Response& response, const std::string& id) const;

  Answer sign_in(const Request& request, Response& response, const std::string& body, std::string& account);
  Answer session_answer(const service::Actor& actor, const std::string& csrf);
  Answer import(const Request& request, const Caller& caller, std::string body,
                const service::Occasion& occasion);
  Answer job(const Caller& caller, const std::string& id, bool cancels, const service::Occasion& occasion);
  void stream_job(Response& response, const Caller& caller, const std::string& id,
                  const service::Occasion& occasion);
  void stream_audit(Response& response, const Caller& caller, const service::Occasion& occasion);
};

namespace {

// One password hash at a time takes a core and 64 MiB; two at once are enough for a ward.
class Turn {
 public:
  Turn(std::mutex& mutex, std::condition_variable& ends, int& n) : mutex_(mutex), ends_(ends), n_(n) {
    std::unique_lock lock(mutex_);
    ends_.wait(lock, [&] { return n_ < 2; });
    ++n_;
  }
  ~Turn() {
    {
      const std::lock_guard lock(mutex_);
      --n_;
    }
    ends_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::mutex& mutex_;
  std::condition_variable& ends_;
  int& n_;
};

// Progress kept by the server laid over what the store says.
std::string with_progress(const std::string& stored, const std::shared_ptr<Jobs::Progress>& progress) {
  auto job = nlohmann::ordered_json::parse(stored);
  if (progress && job.at("state") == "running") {
    if (!progress->has_begun) job["state"] = "queued";
    job["progress"]["done"] = progress->done.load();
    if (progress->total > 0) job["progress"]["total"] = progress->total.load();
  }
  return job.dump();
}

}  // namespace

void Server::State::set_cookie(Response& response, const std::string& id) const {
  response.set_header("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", cookie_name,
                                                id, options.tls_certificate.empty() ? "" : "; Secure",
                                                id.empty() ? "; Max-Age=0" : ""));
}

std::optional<Answer> Server::State::read_body(const Request& request, const httplib::ContentReader& reader,
                                               std::size_t most, int seconds, std::string& body) const {
  const std::string length = request.get_header_value("Content-Length");
  const auto too_large = [&] {
    return problem(413, "too_large",
                   fmt::format("the body is larger than the {} bytes that this route takes", most));
  };
  constexpr std::size_t largest_read_past = 16U << 20U;  // so that the refusal is read, not only a reset
  if (length.size() > 12 || std::strtoull(length.c_str(), nullptr, 10) > most + largest_read_past)
    return too_large();
  const auto until = Clock::now() + std::chrono::seconds(seconds);
  std::size_t read = 0;
  bool is_slow = false;
  const bool is_whole = reader([&](const char* bytes, std::size_t n) {
    read += n;
    is_slow = Clock::now() > until;
    if (is_slow || read > most + largest_read_past) return false;
    if (read <= most) body.append(bytes, n);
    return true;
  });
  if (read > most) return too_large();
  if (is_slow) return problem(408, "malformed_input", "the body came too slowly");
  if (!is_whole) return problem(400, "malformed_input", "the body ended early");
  return std::nullopt;
}

Result<std::optional<Caller>> Server::State::caller_of(const Request& request) {
  using Nobody = std::optional<Caller>;
  const auto now = Clock::now();
  const std::string authorization = request.get_header_value("Authorization");
  if (authorization.starts_with("Bearer ")) {
    auto actor = workplace.actor_with_token(authorization.substr(7));
    if (!actor) return actor.error();
    if (!*actor) return Nobody();
    return Nobody(Caller{**actor, "", "", ""});
  }
  if (!options.account_header.empty() && request.has_header(options.account_header.c_str())) {
    if (request.remote_addr != options.proxy_address) return Nobody();
    const std::string account = request.get_header_value(options.account_header.c_str());
    auto actor = workplace.actor_of(account);
    if (!actor) return actor.error();
    if (!*actor) return Nobody();
    return Nobody(Caller{**actor, sha256_hex(proxy_secret + account), "", ""});
  }
  const std::string id = cookie_of(request);
  if (id.size() != 64) return Nobody();
  const auto found = sessions.find(id, now);
  if (!found) return Nobody();
  auto actor = workplace.actor_of(found->session.account);
  if (!actor) return actor.error();
  if (!*actor) {
    sessions.close(id);
    return Nobody();
  }
  return Nobody(
      Caller{**actor, found->session.csrf, found->new_id, found->new_id.empty() ? id : found->new_id});
}

std::optional<Answer> Server::State::refuse_write(const Request& request, const Caller& caller) const {
  if (caller.csrf.empty()) return std::nullopt;
  if (!is_same(caller.csrf, request.get_header_value("X-CSRF-Token")))
    return problem(403, "not_allowed", "X-CSRF-Token: expected the csrf of the session");
  return std::nullopt;
}

service::Occasion Server::State::occasion_of(const Request& request, const std::string& body) const {
  service::Occasion occasion{utc_now(), options.today.value_or(local_today()), "", ""};
  occasion.request = request.get_header_value("Idempotency-Key");
  if (!occasion.request.empty())
    occasion.request_of = sha256_hex(request.method + " " + request.target + "\n" + body).substr(0, 32);
  return occasion;
}

void Server::State::finish(const Request& request, Response& response, const Answer& answer) const {
  put(response, answer);
  if (request.method != "GET" || answer.status != 200) {
    if (answer.version > 0) response.set_header("ETag", fmt::format("\"{}\"", answer.version));
    return;
  }
  const std::string tag = fmt::format("\"{}-{}\"", answer.version, sha256_hex(answer.body).substr(0, 16));
  response.set_header("ETag", tag);
  if (request.get_header_value("If-None-Match") == tag) {
    response.status = 304;
    response.body.clear();
  }
}

Answer Server::State::session_answer(const service::Actor& actor, const std::string& csrf) {
  const auto allowed = service::permit<Task::session>(actor, {utc_now(), local_today(), "", ""});
  const auto reply = workplace.session_of(*allowed);
  if (!reply) return answer_of(reply.error());
  auto body = nlohmann::ordered_json::parse(reply->body);
  body["csrf"] = csrf;
  body["expires"] = fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + Sessions::idle)));
  return {200, body.dump(), "application/json", 0, false};
}

Answer Server::State::sign_in(const Request& request, Response& response, const std::string& body,
                              std::string& account) {
  const auto given = nlohmann::json::parse(body, nullptr, false);
  const auto text = [&](const char* name) {
    if (!given.is_object() || !given.contains(name) || !given.at(name).is_string()) return std::string();
    return given.at(name).get<std::string>();
  };
  const std::string name = text("account");
  const std::string password = text("password");
  if (name.empty() || password.empty() || name.size() > 64 || !is_text(name))
    return problem(400, "malformed_input", "body: expected {\"account\": ..., \"password\": ...}");
  const auto now = Clock::now();
  const int wait =
      std::max(throttle.wait("account " + name, now), throttle.wait("address " + request.remote_addr, now));
  if (wait > 0) {
    response.set_header("Retry-After", std::to_string(wait));
    return problem(429, "too_many", fmt::format("too many tries: wait {} seconds", wait));
  }
  Result<std::optional<service::Actor>> actor = std::optional<service::Actor>();
  {
    const Turn turn(hashing_mutex, hashing_ends, hashing);
    actor = workplace.sign_in(name, password, {utc_now(), local_today(), "", ""}, request.remote_addr);
  }
  if (!actor) return answer_of(actor.error());
  if (!*actor) {
    throttle.failed("account " + name, Clock::now());
    throttle.failed("address " + request.remote_addr, Clock::now());
    return problem(401, "not_signed_in", "account or password are not right");
  }
  throttle.succeeded("account " + name);
  throttle.succeeded("address " + request.remote_addr);
  account = name;
  sessions.close(cookie_of(request));
  const auto opened = sessions.open(name, Clock::now());
  set_cookie(response, opened.id);
  return session_answer(**actor, opened.csrf);
}

Answer Server::State::import(const Request& request, const Caller& caller, std::string body,
                             const service::Occasion& occasion) {
  const auto allowed = service::permit<Task::import_records>(caller.actor, occasion);
  if (!allowed) return problem(403, "not_allowed", "the role of this account does not include this task");
  if (jobs->waiting() >= most_jobs_waiting) return problem(429, "too_many", "too many jobs are waiting");
  auto name = request.has_param("name") ? request.get_param_value("name") : std::string("upload");
  if (!is_text(name) || name.size() > 200)
    return problem(400, "malformed_input", "name: expected a text of at most 200 bytes");
  const auto started = workplace.start_job(*allowed, "import", name);
  if (!started) return answer_of(started.error());
  const std::string id = nlohmann::json::parse(started->body).at("id").get<std::string>();
  if (started->is_repeated)
    return {202, with_progress(started->body, jobs->find(id)), "application/json", 0, true};
  service::Occasion later = occasion;
  later.request.clear();
  later.request_of.clear();
  const auto permit = *service::permit<Task::import_records>(caller.actor, later);
  jobs->add(id, [this, permit, id, name, bytes = std::move(body)](Jobs::Progress& progress) {
    std::string state = "done", problem, result;
    try {
      const auto done = workplace.import(permit, name, bytes, [&](std::size_t n, std::size_t total) {
        progress.done = n;
        progress.total = total;
        return !progress.is_cancelled;
      });
      if (done) {
        result = *done;
      } else {
        state = progress.is_cancelled ? "cancelled" : "failed";
        problem = done.error().message;
      }
    } catch (const std::exception& bug) {
      state = "failed";
      problem = fmt::format("graftline found a bug: {}", bug.what());
    }
    (void)workplace.end_job(permit, id, state, problem, result);
  });
  return {202, with_progress(started->body, jobs->find(id)), "application/json", 0, false};
}

Answer Server::State::job(const Caller& caller, const std::string& id, bool cancels,
                          const service::Occasion& occasion) {
  const auto allowed = service::permit<Task::read_jobs>(caller.actor, occasion);
  if (!allowed || (cancels && !service::may(caller.actor.role, Task::import_records)))
    return problem(403, "not_allowed", "the role of this account does not include this task");
  const auto found = workplace.job(*allowed, id);
  if (!found) return answer_of(found.error());
  const auto progress = jobs->find(id);
  if (cancels && progress) progress->is_cancelled = true;
  return {200, with_progress(found->body, progress), "application/json", found->version, false};
}

void Server::State::stream_job(Response& response, const Caller& caller, const std::string& id,
                               const service::Occasion& occasion) {
  const Answer first = job(caller, id, false, occasion);
  if (first.status != 200) return put(response, first);
  static constexpr std::chrono::milliseconds pause{200};
  static constexpr int most_pauses = 5 * 3600;  // an hour
  response.set_chunked_content_provider(
      "text/event-stream", [this, caller, id, occasion, last = std::string(), n = 0](
                               std::size_t, httplib::DataSink& sink) mutable {
        const Answer now = job(caller, id, false, occasion);
        const auto state = now.status == 200 ? nlohmann::json::parse(now.body).value("state", "") : "failed";
        const bool ends = (state != "running" && state != "queued") || ++n > most_pauses;
        if (now.body != last || ends || n % 50 == 0) {
          const std::string text =
              fmt::format("event: {}\ndata: {}\n\n", ends ? "end" : "progress", now.body);
          last = now.body;
          if (!sink.write(text.data(), text.size())) return false;
        }
        if (ends) {
          sink.done();
          return true;
        }
        std::this_thread::sleep_for(pause);
        return true;
      });
}

void Server::State::stream_audit(Response& response, const Caller& caller,
                                 const service::Occasion& occasion) {
  const auto allowed = service::permit<Task::read_audit>(caller.actor, occasion);
  if (!allowed)
    return put(response, problem(403, "not_allowed", "the role of this account does not include this task"));
  if (!caller.actor.site.empty())
    return put(response, problem(409, "conflict", "the whole log is exported by an account of all sites"));
  response.set_chunked_content_provider(
      "application/x-ndjson", [this, permit = *allowed](std::size_t, httplib::DataSink& sink) {
        const auto stopped = workplace.export_audit(permit, [&](std::string_view line) {
          const std::string whole = std::string(line) + "\n";
          return sink.write(whole.data(), whole.size());
        });
        sink.done();
        return !stopped;
      });
}

// Routes without a session, and those that the table does not hold because they are the server's own.
std::string Server::State::answer_open(const Request& request, Response& response,
                                       const httplib::ContentReader* reader, std::string& account) {
  const std::string& path = request.path;
  if (request.method == "GET" && path == "/health") {
    const auto events = workplace.events();
    put(response,
        {events < 0 ? 503 : 200,
         nlohmann::json{
             {"status", events < 0 ? "failing" : "ok"}, {"version", workplace.version()}, {"events", events}}
             .dump(),
         "application/json", 0, false});
    return "/health";
  }
  if (request.method == "GET" && path == "/metrics") {
    put(response,
        {200, metrics.text(sessions.count(), workplace.events()), "text/plain; version=0.0.4", 0, false});
    return "/metrics";
  }
  if (request.method == "GET" && path == "/cds-services") {
    response.set_header("Access-Control-Allow-Origin", "*");
    put(response, {200, workplace.discovery(), "application/json", 0, false});
    return "/cds-services";
  }
  if (path == "/api/session" && request.method == "POST") {
    std::string body;
    if (content_type(request) != "application/json") {
      put(response, problem(415, "malformed_input", "Content-Type: expected application/json"));
    } else if (const auto refused = read_body(request, *reader, largest_body, options.body_seconds, body)) {
      put(response, *refused);
    } else {
      put(response, sign_in(request, response, body, account));
    }
    return "/api/session";
  }
  if (request.method == "GET" && !path.starts_with("/api") && !path.starts_with("/cds-services")) {
    const Page found = page(path);
    if (!found.bytes.empty()) {
      response.set_content(found.bytes.data(), found.bytes.size(), std::string(found.type));
      return "page";
    }
  }
  return "";
}

std::string Server::State::answer(const Request& request, Response& response,
                                  const httplib::ContentReader* reader, std::string& account) {
  if (std::string open = answer_open(request, response, reader, account); !open.empty()) return open;
  const std::string& path = request.path;
  const bool is_api = path.starts_with("/api") || path.starts_with("/cds-services");
  if (!is_api) {
    put(response, problem(404, "not_found", "no such page"));
    return "none";
  }
  const auto caller = caller_of(request);
  if (!caller) {
    put(response, answer_of(caller.error()));
    return "none";
  }
  if (!*caller) {
    put(response, problem(401, "not_signed_in", "sign in first: POST /api/session"));
    return "none";
  }
  account = (*caller)->actor.account;
  if (!(*caller)->set_id.empty()) set_cookie(response, (*caller)->set_id);

  // The server's own: sessions, jobs and streams.
  const bool is_session = path == "/api/session";
  const bool is_import = path == "/api/imports";
  const bool is_simulation = path == "/api/simulations";
  const bool is_export = path == "/api/audit/export";
  const bool is_job = path.starts_with("/api/jobs/");
  const bool is_progress = is_job && path.ends_with("/progress");
  const Match match = find_route(request.method, path);
  const bool is_own = is_session || is_import || is_simulation || is_export || is_job;
  if (!is_own && match.route == nullptr) {
    put(response, match.other_method ? problem(405, "not_found", "this path has other methods")
                                     : problem(404, "not_found", "no such route"));
    return "none";
  }
  const std::string route = match.route != nullptr ? std::string(match.route->path)
                            : is_progress          ? "/api/jobs/{job}/progress"
                            : is_job               ? "/api/jobs/{job}"
                                                   : path;
  const bool is_write = request.method != "GET";
  if (is_write) {
    if (auto refused = refuse_write(request, **caller)) {
      put(response, *refused);
      return route;
    }
  }
  const Takes takes = match.route != nullptr ? match.route->takes
                      : is_import            ? Takes::upload
                      : is_simulation        ? Takes::json
                                             : Takes::nothing;
  // What the role may not do is refused before its body is read.
  if (match.route != nullptr && !service::may((*caller)->actor.role, match.route->task)) {
    put(response, problem(403, "not_allowed", "the role of this account does not include this task"));
    return route;
  }
  if (is_import && !service::may((*caller)->actor.role, Task::import_records)) {
    put(response, problem(403, "not_allowed", "the role of this account does not include this task"));
    return route;
  }
  std::string body;
  if (is_write && reader != nullptr) {
    if (!is_expected_type(takes, content_type(request))) {
      put(response,
          problem(415, "malformed_input",
                  takes == Takes::csv
                      ? "Content-Type: expected text/csv"
                      : "Content-Type: expected application/json, or a FHIR or CSV type for uploads"));
      return route;
    }
    const std::size_t most = takes == Takes::upload ? options.largest_upload
                             : takes == Takes::csv  ? largest_csv
                                                    : largest_body;
    const int seconds = takes == Takes::upload ? 10 * options.body_seconds : options.body_seconds;
    if (const auto refused = read_body(request, *reader, most, seconds, body)) {
      put(response, *refused);
      return route;
    }
  }
  const service::Occasion occasion = occasion_of(request, body);
  const bool needs_key = (match.route != nullptr && match.route->stores) || is_import || is_simulation;
  if (needs_key &&
      (occasion.request.empty() || occasion.request.size() > longest_key || !is_text(occasion.request))) {
    put(response,
        problem(400, "malformed_input",
                "Idempotency-Key: expected a key of at most 64 characters, chosen for this request"));
    return route;
  }
  if (is_session) {
    if (request.method == "GET") {
      put(response, session_answer((*caller)->actor, (*caller)->csrf));
    } else if (request.method == "DELETE") {
      sessions.close((*caller)->session);
      set_cookie(response, "");
      put(response, {204, "", "", 0, false});
    } else {
      put(response, problem(405, "not_found", "this path has other methods"));
    }
    return route;
  }
  if (is_export) {
    if (request.method == "GET")
      stream_audit(response, **caller, occasion);
    else
      put(response, problem(405, "not_found", "this path has other methods"));
    return route;
  }
  if (is_import) {
    put(response, request.method == "POST" ? import(request, **caller, std::move(body), occasion)
                                           : problem(405, "not_found", "this path has other methods"));
    return route;
  }
  if (is_simulation) {
    const auto allowed = service::permit<Task::simulate>((*caller)->actor, occasion);
    if (request.method != "POST") {
      put(response, problem(405, "not_found", "this path has other methods"));
    } else if (!allowed) {
      put(response, problem(403, "not_allowed", "the role of this account does not include this task"));
    } else {
      const auto done = workplace.simulate(*allowed, body);
      put(response, done ? Answer{202, *done, "application/json", 0, false} : answer_of(done.error()));
    }
    return route;
  }
  if (is_job) {
    std::string id = path.substr(std::string_view("/api/jobs/").size());
    if (is_progress) id = id.substr(0, id.size() - std::string_view("/progress").size());
    if (!is_id(id))
      put(response, problem(404, "not_found", "no such job"));
    else if (is_progress && request.method == "GET")
      stream_job(response, **caller, id, occasion);
    else if (!is_progress && (request.method == "GET" || request.method == "DELETE"))
      finish(request, response, job(**caller, id, request.method == "DELETE", occasion));
    else
      put(response, problem(405, "not_found", "this path has other methods"));
    return route;
  }

  Call call{(*caller)->actor, occasion, match.path, {}, std::move(body), ""};
  call.base = fmt::format("{}://{}", options.tls_certificate.empty() ? "http" : "https",
                          request.get_header_value("Host"));
  if (!std::all_of(call.path.begin(), call.path.end(), is_id)) {
    put(response, problem(404, "not_found", "no such item"));
    return route;
  }
  auto asked = asked_of(request.params);
  if (!asked) {
    put(response, answer_of(asked.error()));
    return route;
  }
  call.asked = std::move(*asked);
  if (const std::string wanted = request.get_header_value("If-Match"); !wanted.empty()) {
    char* end = nullptr;
    const long long version =
        wanted.size() > 1 && wanted.front() == '"' ? std::strtoll(wanted.c_str() + 1, &end, 10) : 0;
    if (version <= 0) {
      put(response, problem(400, "malformed_input", "If-Match: expected the version in quotes"));
      return route;
    }
    call.asked.version = version;
  }
  Answer made = match.route->run(workplace, call);
  if (call.asked.version && made.status == 409 && made.body.find("has moved on") != std::string::npos)
    made.status = 412;
  // A new password ends every other session of the account.
  if (made.status == 204 && route == "/api/session/password")
    sessions.close_others(call.actor.account, (*caller)->session);
  if (made.status == 204 && route == "/api/accounts/{account}/password")
    sessions.close_others(call.path[0], "");
  finish(request, response, made);
  return route;
}

void Server::State::handle(const Request& request, Response& response, const httplib::ContentReader* reader) {
  const auto begun = Clock::now();
  std::string account;
  std::string route = "none";
  std::string reference;
  try {
    route = answer(request, response, reader, account);
  } catch (const std::exception& bug) {
    reference = random_token().substr(0, 12);
    std::cerr << nlohmann::json{{"at", utc_now()}, {"bug", bug.what()}, {"reference", reference}}.dump() +
                     "\n";
    auto body = nlohmann::json::parse(
        problem(500, "bug",
                "graftline found a promise of its own broken and gives no answer; please report it")
            .body);
    body["error"]["reference"] = reference;
    put(response, {500, body.dump(), "application/json", 0, false});
  }
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("X-Frame-Options", "DENY");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Content-Security-Policy",
                      "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
                      "form-action 'self'");
  response.set_header("X-Research-Use", "research use; not a medical device");
  if (!options.tls_certificate.empty()) response.set_header("Strict-Transport-Security", "max-age=31536000");
  if (route != "page") response.set_header("Cache-Control", "no-store");
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  metrics.count(route, response.status, seconds);
  if (options.logs) {
    std::cerr << nlohmann::json{{"at", utc_now()},
                                {"method", request.method},
                                {"route", route},
                                {"status", response.status},
                                {"ms", static_cast<long long>(seconds * 1000)},
                                {"account", account},
                                {"reference", reference}}
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                     "\n";
  }
}

void Server::State::set_up() {
  http->new_task_queue = [n = options.threads] {
    return new httplib::ThreadPool(static_cast<std::size_t>(n));
  };
  http->set_payload_max_length(options.largest_upload);
  http->set_read_timeout(5);
  http->set_write_timeout(10);
  http->set_keep_alive_max_count(1000);
  http->set_keep_alive_timeout(10);
  http->set_tcp_nodelay(true);
  // Long paths and strange methods end here, before anything looks at them.
  http->set_pre_routing_handler([](const Request& request, Response& response) {
    const bool is_known = request.method == "GET" || request.method == "POST" || request.method == "PATCH" ||
                          request.method == "DELETE" || request.method == "HEAD";
    if (request.path.size() <= longest_path && is_known) return httplib::Server::HandlerResponse::Unhandled;
    put(response, is_known ? problem(414, "too_large", "the path is too long")
                           : problem(405, "not_found", "this server knows GET, POST, PATCH and DELETE"));
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto without_body = [this](const Request& request, Response& response) {
    handle(request, response, nullptr);
  };
  const auto with_body = [this](const Request& request, Response& response,
                                const httplib::ContentReader& reader) { handle(request, response, &reader); };
  constexpr const char* any_path = R"([\s\S]*)";
  http->Get(any_path, without_body);
  http->Delete(any_path, without_body);
  http->Post(any_path, with_body);
  http->Patch(any_path, with_body);
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(service::Workplace& workplace, const ServeOptions& options) {
  auto state = std::make_unique<State>(workplace, options);
  if (!options.tls_certificate.empty()) {
    state->http =
        std::make_unique<httplib::SSLServer>(options.tls_certificate.c_str(), options.tls_key.c_str());
  } else {
    state->http = std::make_unique<httplib::Server>();
  }
  if (!state->http->is_valid())
    return Error{ErrorKind::malformed_input,
                 "--tls-cert and --tls-key: expected a PEM certificate and its key"};
  if (auto closed = workplace.close_open_jobs({utc_now(), local_today(), "", ""})) return *closed;
  state->set_up();
  if (options.port == 0) {
    state->port = state->http->bind_to_any_port(options.bind);
  } else if (state->http->bind_to_port(options.bind, options.port)) {
    state->port = options.port;
  }
  if (state->port <= 0)
    return Error{ErrorKind::conflict,
                 fmt::format("{}:{} cannot be listened on; is it taken?", options.bind, options.port)};
  state->jobs = std::make_unique<Jobs>();
  state->thread = std::thread([raw = state.get()] { raw->http->listen_after_bind(); });
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() { stop(); }

int Server::port() const { return state_->port; }

void Server::stop() {
  if (!state_->thread.joinable()) return;
  state_->http->stop();
  state_->thread.join();
  state_->jobs.reset();
}

void Server::wait() {
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace graftline::server
