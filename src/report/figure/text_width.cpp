#include "report/figure/text_width.h"

namespace graftline::report {

double text_width(std::string_view text, double size) {
  double width = 0.0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      width += std::string_view("iljtf.,:;'|()[]! ").find(c) != std::string_view::npos  ? 0.32
               : (c >= 'A' && c <= 'Z') || c == 'm' || c == 'w' || c == '%' || c == '=' ? 0.70
                                                                                        : 0.56;
    else if (byte >= 0xE0)
      width += 1.0;
    else if (byte >= 0xC0)
      width += 0.56;
  }
  return width * size;
}

}  // namespace graftline::report
