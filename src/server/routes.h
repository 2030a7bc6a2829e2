#pragma once
// Every route of the API: one row each.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/workplace/workplace.h"

namespace graftline::server {

// A request after session and limits.
struct Call {
  service::Actor actor;
  service::Occasion occasion;
  std::vector<std::string> path;  // what stands for {..}, in order
  service::Asked asked;
  std::string body;
  std::string base;  // "http://host:port"
};

struct Answer {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  std::int64_t version = 0;
  bool is_repeated = false;
};

enum class Takes : unsigned char { nothing, json, csv, upload };

struct Route {
  std::string_view method;
  std::string_view path;  // "/api/patients/{patient}"
  service::Task task;
  int ok;
  Takes takes;
  bool stores;  // takes an Idempotency-Key
  std::function<Answer(service::Workplace&, const Call&)> run;
};

const std::vector<Route>& routes();

// The row that a request means, and what stands for its {..}; nullptr: none of this path.
//   other_method  set when the path is there with another method
struct Match {
  const Route* route = nullptr;
  std::vector<std::string> path;
  bool other_method = false;
};
Match find_route(std::string_view method, std::string_view path);

Answer problem(int status, std::string_view kind, std::string_view message);
Answer answer_of(const Error& error);

// errors  malformed_input naming the parameter
Result<service::Asked> asked_of(const std::multimap<std::string, std::string>& parameters);

bool is_text(std::string_view text);  // UTF-8 without control characters

}  // namespace graftline::server
