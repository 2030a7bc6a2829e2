#include "server/pages.h"

#include <array>

extern "C" {
extern const char web_index_begin[], web_index_end[];
extern const char web_script_begin[], web_script_end[];
extern const char web_style_begin[], web_style_end[];
}

namespace graftline::server {

Page page(std::string_view path) {
  struct File {
    std::string_view path;
    const char* begin;
    const char* end;
    std::string_view type;
  };
  static const std::array files{
      File{"/", web_index_begin, web_index_end, "text/html; charset=utf-8"},
      File{"/index.html", web_index_begin, web_index_end, "text/html; charset=utf-8"},
      File{"/assets/graftline.js", web_script_begin, web_script_end, "text/javascript; charset=utf-8"},
      File{"/assets/graftline.css", web_style_begin, web_style_end, "text/css; charset=utf-8"},
  };
  for (const File& file : files) {
    if (file.path == path) return {{file.begin, static_cast<std::size_t>(file.end - file.begin)}, file.type};
  }
  return {};
}

}  // namespace graftline::server
