#include "record/timeline.h"

#include <algorithm>
#include <tuple>

namespace graftline::record {

void Timeline::arrange() {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.fact, a.when.first, a.when.last, a.known_on) <
           std::tie(b.fact, b.when.first, b.when.last, b.known_on);
  });
}

}  // namespace graftline::record
