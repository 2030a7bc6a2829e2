#include "stats/formula.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline;
using namespace graftline::stats;

namespace {

DataTable table() {
  auto parsed = parse_csv("id,sex,stage,age\r\n1,\"F\",2,60\r\n2,M,1,\r\n3,\"M\",3,45.5\n4,F,2,70\n");
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("an empty cell is missing, and quotes alone do not make a number text") {
  const DataTable t = table();
  CHECK(t.rows == 4);
  CHECK(t.find("sex")->is_text);
  CHECK(std::isnan(t.find("age")->number[1]));
  auto quoted = parse_csv("x,\"a \"\"b\"\", c\"\n\"7\",\"two\nlines\"\n");
  REQUIRE(quoted);
  CHECK(!quoted->find("x")->is_text);
  CHECK(quoted->find("a \"b\", c")->text(0) == "two\nlines");
}

TEST_CASE("a row of another length, a column twice and an open quote are found with their line") {
  CHECK(parse_csv("a,b\n1,2\n3\n").error().message.find("line 3") != std::string::npos);
  CHECK(parse_csv("a,a\n").error().message.find("twice") != std::string::npos);
  CHECK(!parse_csv("a\n\"open"));
}

TEST_CASE("conditions follow the rules of logic with missing values") {
  const DataTable t = table();
  CHECK(*rows_where(t, "age > 50 & sex == 'F'") == std::vector<std::size_t>{0, 3});
  CHECK(*rows_where(t, "is.na(age)") == std::vector<std::size_t>{1});
  CHECK(*rows_where(t, "!is.na(age) & stage %in% c(1, 2)") == std::vector<std::size_t>{0, 3});
  CHECK(*rows_where(t, "age > 50 | sex == \"M\"") ==
        std::vector<std::size_t>{0, 1, 2, 3});     // unknown or true is true
  CHECK(rows_where(t, "age != 60")->size() == 2);  // unknown is not true
  CHECK((*evaluate(t, "-age ^ 2 / 2")).number[0] == -1800);
}

TEST_CASE("a factor becomes one indicator per level but the first") {
  auto terms = model_terms(table(), "sex + factor(stage) + age:sex + log(age)");
  REQUIRE(terms);
  CHECK(terms->covariates.names ==
        std::vector<std::string>{"sexM", "factor(stage)2", "factor(stage)3", "log(age)", "age:sexM"});
  CHECK(terms->covariates.columns[1] == std::vector<double>{1, 0, 0, 1});
  CHECK(terms->covariates.term == std::vector<int>{0, 1, 1, 2, 3});
  auto crossed = model_terms(table(), "age*sex + strata(stage)");
  REQUIRE(crossed);
  CHECK(crossed->covariates.names == std::vector<std::string>{"age", "sexM", "age:sexM"});
  CHECK(crossed->strata == std::vector<std::string>{"stage"});
}

TEST_CASE("what is not an expression is refused with its position, what is not a column by name") {
  CHECK(evaluate(table(), "age >").error().kind == ErrorKind::malformed_input);
  CHECK(evaluate(table(), "age )").error().message.find("position 5") != std::string::npos);
  CHECK(evaluate(table(), "hb + 1").error().message.find("hb") != std::string::npos);
  CHECK(evaluate(table(), "rainfall(age)").error().kind == ErrorKind::unsupported);
}

TEST_CASE("levels of text come in the order of a dictionary: punctuation, digits, letters, and case last") {
  // sort(c("b", "20-40", "B", "<=20", "a", ">40")) in R with ICU
  const Coded levels = coded(text_column({"b", "20-40", "B", "<=20", "a", ">40"}));
  CHECK(levels.label == std::vector<std::string>{"<=20", ">40", "20-40", "a", "b", "B"});
  CHECK(levels.code == std::vector<int>{4, 2, 5, 0, 3, 1});
}
