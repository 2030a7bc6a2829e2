#pragma once
// How wide a text will be, close enough for placing: Latin letters of a sans serif are half as wide as high,
// Chinese characters as wide. In the unit of `size`.

#include <string_view>

namespace graftline::report {

double text_width(std::string_view text, double size);

}  // namespace graftline::report
