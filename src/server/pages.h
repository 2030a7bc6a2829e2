#pragma once
// The files of web/dist, embedded when the program is built.

#include <string_view>

namespace graftline::server {

struct Page {
  std::string_view bytes;
  std::string_view type;  // "text/html; charset=utf-8"
};
// By the path asked for; "/" is index.html. No bytes: there is none.
Page page(std::string_view path);

}  // namespace graftline::server
