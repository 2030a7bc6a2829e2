#include "cli/distribute.h"

namespace graftline::cli {

Distribute& distribute() {
  static Distribute how;
  return how;
}

}  // namespace graftline::cli
