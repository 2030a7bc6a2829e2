#include "service/generate.h"

#include "interop/fhir/synthetic.h"
#include "service/whole_file.h"

namespace graftline::service {

std::optional<Error> generate_cohort(const GenerateCohort& options) {
  const interop::fhir::SyntheticOptions made{options.seed, options.as_of, options.draws, options.gaps};
  constexpr std::size_t piece = std::size_t{1} << 20;
  WholeFile file(options.output);
  std::string lines;
  for (std::size_t i = 0; i < options.patients; ++i) {
    interop::fhir::append_synthetic_bundle(made, i, lines);
    if (lines.size() < piece) continue;
    file.write(lines);
    lines.clear();
  }
  file.write(lines);
  return file.finish();
}

}  // namespace graftline::service
