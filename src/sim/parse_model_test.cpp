#include "sim/parse_model.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

using namespace graftline;

namespace {

const std::string head =
    "model \"test\" id test version 0.1.0\nsource s \"a paper\"\nstate vital: alive, dead\n";

// The first mistake of a model that begins with `head`, as "line: message".
std::string mistake(const std::string& rest) {
  const sim::ParsedModel parsed = sim::parse_model(head + rest, "test.model");
  if (parsed.diagnostics.empty()) return "";
  const auto& first = parsed.diagnostics.front();
  return std::to_string(first.span.line) + ": " + first.message;
}

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a hazard that can be negative is refused with its line") {
  const auto message = mistake(
      "number a = 0.1 found cite s \"p1\"\n"
      "transition death when vital is alive at rate a - 0.2 then vital becomes dead found cite s \"p1\"\n");
  CHECK(says(message, "5: the rate of death can be as low as -0.1"));
}

TEST_CASE("a hazard is negative too when only a variant, a covariate or a clock makes it so") {
  CHECK(says(
      mistake("number a = 1\ntransition death at rate a then vital becomes dead\nvariant v set a = -1\n"),
      "5: the rate of death can be as low as -1 in variant v"));
  CHECK(says(mistake("covariate z is normal mean 0 sd 1 recall cite s \"p\"\n"
                     "transition death at rate 1 + z then vital becomes dead\n"),
             "the rate of death can be as low as -inf"));
  CHECK(mistake("covariate z is normal mean 0 sd 1 recall cite s \"p\"\n"
                "transition death at rate exp(z) then vital becomes dead\n") == "");
  CHECK(says(mistake("curve c since start: 1 to 6, -1 found cite s \"p\"\n"
                     "transition death at rate c then vital becomes dead\n"),
             "the rate of death can be as low as -1"));
}

TEST_CASE("probabilities of outcomes and shares of a covariate add up to 100 percent") {
  CHECK(says(mistake("transition t at rate 1 then with probability 0.5: vital becomes dead; "
                     "with probability 0.4: vital becomes alive found cite s \"p\"\n"),
             "add up to 90 to 90 %, not 100 %"));
  CHECK(says(
      mistake(
          "transition t at rate 1 then with probability 70 %: vital becomes dead; "
          "with probability 60 %: vital becomes alive; otherwise vital becomes dead found cite s \"p\"\n"),
      "can add up to 130 %"));
  CHECK(
      says(mistake("transition t on start with probability 1.2 then vital becomes dead found cite s \"p\"\n"),
           "the probability of t ranges from 1.2 to 1.2"));
  CHECK(says(mistake("covariate donor is one of sibling 30 %, haploidentical 60 % found cite s \"p\"\n"),
             "4: the shares of donor add up to 90 %, not 100 %"));
}

TEST_CASE("a figure without a source is refused; 0 and 1 need none") {
  CHECK(says(mistake("number a = 0.3\n"), "expected where the figures of this statement come from"));
  CHECK(says(mistake("curve c since start: 0.3 to 2, 0.1\n"), "expected where the figures"));
  CHECK(says(mistake("number a = 0.3 found cite nowhere \"p\"\n"), "there is no source 'nowhere'"));
  CHECK(mistake("number a = 1\ntransition death when vital is alive at rate a then vital becomes dead\n") ==
        "");
}

TEST_CASE("mistakes name the line, what was expected and the nearest name") {
  CHECK(says(mistake("transition t at rat 1 then vital becomes dead\n"), "4: expected 'rate'"));
  CHECK(says(mistake("transition t at rate vitals then vital becomes dead\n"),
             "4: there is no 'vitals' before this line"));
  CHECK(says(mistake("transition t at rate 1 then vital becomes deaf\n"), "vital has no value 'deaf'"));
  CHECK(says(mistake("state vital: a, b\n"), "'vital' is already the name of a state (line 3)"));
  CHECK(says(mistake("stat x: a\n"), "4: no statement begins with 'stat'"));
  CHECK(says(mistake("number a = vital is alive\n"), "here stands a number, not a question"));
  CHECK(says(mistake("transition t when 1 + 1 at rate 1 then vital becomes dead\n"),
             "a question that is yes or no"));
  CHECK(says(mistake("curve c since start: 1 to 6, 2 to 3, 1 found cite s \"p\"\n"),
             "the ends of the pieces increase"));
  CHECK(says(
      mistake("check \"x\" in nowhere: percent with vital is dead at 3 is 1 within 1 found cite s \"p\"\n"),
      "there is no 'nowhere' before this line"));
  CHECK(says(
      mistake(
          "variant v\ncheck \"x\" in v: percent with vital is dead at -3 is 1 within 1 found cite s \"p\"\n"),
      "a time from 0 to 100000"));
}

TEST_CASE(
    "a rate that changes continuously other than by one parametric curve is refused, since it could not be "
    "run exactly") {
  CHECK(says(mistake("transition t at rate exp(0 - since start) then vital becomes dead\n"),
             "a rate changes with a clock by curves and by comparisons"));
  CHECK(says(mistake("curve w since start: weibull shape 2 scale 3 found cite s \"p\"\n"
                     "transition t at rate w x w then vital becomes dead\n"),
             "at most one parametric curve"));
  CHECK(says(mistake("curve w since start: weibull shape 0 scale 3 found cite s \"p\"\n"),
             "shape and scale are above 0"));
}

TEST_CASE("transitions that set each other off without a delay are a circle") {
  CHECK(says(mistake("transition a on start then vital becomes dead\n"
                     "transition b on infusion then infuse 1\n"),
             "b and b trigger each other without a delay"));
}

TEST_CASE("a negative delay is refused") {
  CHECK(says(mistake("transition t on start after -2 then vital becomes dead found cite s \"p\"\n"),
             "the delay of t can be -2"));
}

TEST_CASE("a file of targets may ask more of a model, and nothing else") {
  const std::string text =
      head + "transition death when vital is alive at rate 1 then vital becomes dead\nvariant v\n";
  const auto more = sim::with_targets(
      sim::parse_model(text),
      "source t \"another paper\"\n"
      "check \"dead\" in v: percent with vital is dead at 1 is 63 % within 1 % found cite t \"p\"\n",
      "more.targets");
  REQUIRE(more.ok());
  REQUIRE(more.model.checks.size() == 1);
  CHECK(more.model.checks[0].target == doctest::Approx(0.63));
  const auto wrong = sim::with_targets(sim::parse_model(text), "number x = 1\n", "more.targets");
  REQUIRE(!wrong.ok());
  CHECK(says(wrong.mistakes(), "more.targets:1:1: error: a file beside a model holds only"));
}

TEST_CASE("the shipped models are read without a mistake") {
  for (const char* name : {"acute-leukaemia", "gvhd-after-dli"}) {
    CAPTURE(name);
    const auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/" + name + ".model");
    if (!model) MESSAGE(model.error().message);
    REQUIRE(model);
    CHECK(!model->checks.empty());
  }
}
