#pragma once
// How the groups of a figure are told apart.

#include <array>
#include <cstddef>

namespace graftline::report {

// Okabe and Ito's colours (distinct for the colour-blind), from dark to light in grey; each with dashes of
// its own.
struct Stroke {
  const char* colour;
  const char* dash;
};
inline constexpr std::array<Stroke, 8> strokes{Stroke{"#0b3c5d", ""},
                                               Stroke{"#b5410f", "5 2"},
                                               Stroke{"#3f7f5f", "1.2 1.6"},
                                               Stroke{"#7a3b69", "6 2 1.2 2"},
                                               Stroke{"#8a6d00", "9 3"},
                                               Stroke{"#2f6f9f", "3 1.2"},
                                               Stroke{"#555555", "8 2 1 2 1 2"},
                                               Stroke{"#9a2f4f", "2 3"}};
inline const Stroke& stroke_of(int style) {
  return strokes[static_cast<std::size_t>(style) % strokes.size()];
}

}  // namespace graftline::report
