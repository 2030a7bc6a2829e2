#include <doctest/doctest.h>

#include <string>

#include "sim/parse_model.h"

using namespace graftline;

namespace {

std::string mistake(const std::string& rest) {
  const auto parsed = sim::parse_model("model \"t\" id t version 1\nsource s \"p\"\nstate a: b, c\n" + rest);
  return parsed.diagnostics.empty() ? std::string() : parsed.diagnostics.front().message;
}

}  // namespace

TEST_CASE("a measurement names a fact of the catalogue, its levels, and visits that are days") {
  const std::string visits = " from 0 every 1 months until 6 months found cite s \"p\"\n";
  CHECK(mistake(
            "measure m records \"measurable residual disease\" as positive when a is c, otherwise negative" +
            visits) == "");
  CHECK(
      mistake(
          "measure m records \"donor chimerism\" as value 100 - 5 x since start in \"%\" error sd 2 limit 1" +
          visits) == "");
  CHECK(mistake("measure m records \"residual diseas\" as positive when a is c, otherwise negative" + visits)
            .find("the catalogue has no fact") == 0);
  CHECK(
      mistake("measure m records \"measurable residual disease\" as positiv when a is c, otherwise negative" +
              visits)
          .find("'positiv' is no level of") == 0);
  CHECK(
      mistake("measure m records \"relapse\" as yes when a is c, otherwise no false negative 120 %" + visits)
          .find("a probability of m ranges from 1.2 to 1.2") == 0);
  CHECK(mistake("measure m records \"relapse\" as yes when a is c, otherwise no from 0 every 0.001 months "
                "until 6 found cite s \"p\"\n") ==
        "visits are a day or more apart, and end after they began");
  CHECK(mistake("measure m records \"donor chimerism\" as value 5 in \"furlongs\"" + visits)
            .find("'furlongs' is no UCUM unit") == 0);
}
