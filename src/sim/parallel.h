#pragma once
// The same work on one thread or several. Work comes in numbered chunks; each writes only its own result, and
// results are put together in the order of the numbers, so that the answer does not depend on who did what.

#include <cstddef>
#include <functional>

namespace graftline::sim {

// Calls work(chunk, worker) once for each chunk 0..chunks-1. `worker` is 0..threads-1 and never runs two
// chunks at once: scratch space can be kept per worker. An exception of any chunk is thrown again here.
void for_each_chunk(std::size_t chunks, int threads,
                    const std::function<void(std::size_t chunk, int worker)>& work);

}  // namespace graftline::sim
