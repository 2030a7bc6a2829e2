// What a request says before anybody is asked who sent it: method, path, parameters, and the body of a task.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "server/routes.h"
#include "store/event.h"

using namespace graftline;

// The first line is method and path, the second parameters as name=value&..., the rest a line of an export.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line_end = [&](std::size_t from) { return std::min(bytes.find('\n', from), bytes.size()); };
  const std::size_t first = line_end(0);
  const std::size_t second = line_end(std::min(first + 1, bytes.size()));
  const std::string_view request = bytes.substr(0, first);
  const std::size_t blank = std::min(request.find(' '), request.size());
  const auto match =
      server::find_route(request.substr(0, blank), request.substr(std::min(blank + 1, request.size())));
  ensure(match.route == nullptr || match.route->path.size() > 1, "a match is a row of the table");

  std::multimap<std::string, std::string> parameters;
  std::string_view rest =
      first < bytes.size() ? bytes.substr(first + 1, second - std::min(first + 1, second)) : "";
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    const std::size_t equals = std::min(one.find('='), one.size());
    parameters.emplace(one.substr(0, equals), one.substr(std::min(equals + 1, one.size())));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  const auto asked = server::asked_of(parameters);
  ensure(!asked || (asked->limit >= 1 && asked->limit <= 500), "a page has 1 to 500 rows");

  const std::string_view body = second < bytes.size() ? bytes.substr(second + 1) : "";
  if (const auto event = store::from_line(body)) {
    const auto again = store::from_line(store::to_line(*event));
    ensure(again && store::hash_of(*again) == store::hash_of(*event), "an event survives its line");
  }
  return 0;
}
