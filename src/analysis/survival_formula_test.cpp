#include "analysis/survival_formula.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::analysis;

TEST_CASE("a formula of R's survival package is taken apart") {
  const auto f =
      parse_survival_formula("Surv(start, stop, status == 1) ~ age + sex:arm + strata(center) + cluster(id)");
  REQUIRE(f);
  CHECK(f->entry == "start");
  CHECK(f->time == "stop");
  CHECK(f->status == "status == 1");
  CHECK(f->terms == std::vector<std::string>{"age", "sex:arm"});
  CHECK(f->strata == std::vector<std::string>{"center"});
  CHECK(f->cluster == std::vector<std::string>{"id"});
}

TEST_CASE("~ 1 is one group, and Surv(time) has the event in every row") {
  const auto f = parse_survival_formula("Surv(pmin(t1, t2)) ~ 1");
  REQUIRE(f);
  CHECK(f->time == "pmin(t1, t2)");
  CHECK(f->status.empty());
  CHECK(f->terms.empty());
}

TEST_CASE("what is no formula is refused with the forms that are") {
  for (const char* text :
       {"", "time ~ arm", "Surv(time, status)", "Surv(time, status) ~", "Surv(a, b, c, d) ~ 1",
        "Surv(time, (status) ~ 1", "Surv() ~ 1", "Surv(t, s) ~ a ~ b", "Surv(t, s) ~ a + "}) {
    CAPTURE(text);
    const auto f = parse_survival_formula(text);
    REQUIRE(!f);
    CHECK(f.error().message.find("Surv(time, status) ~ group") != std::string::npos);
  }
}

TEST_CASE("names are words that are neither functions, numbers nor quoted") {
  CHECK(names_in("ifelse(age > 60 & sex == 'F', log(crp), 0)") ==
        std::vector<std::string>{"age", "sex", "crp"});
}
