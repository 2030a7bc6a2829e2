#include "core/unit.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <thread>
#include <vector>

#include "core/ucum_table.h"

namespace graftline {
namespace {

Unit unit(std::string_view code) {
  auto parsed = parse_unit(code);
  REQUIRE_MESSAGE(bool(parsed), code);
  return *parsed;
}

Rational converted(const Rational& value, std::string_view from, std::string_view to) {
  const auto result = convert(value, unit(from), unit(to));
  REQUIRE_MESSAGE(bool(result), from);
  return *result;
}

std::string printed(const Rational& value, std::string_view from, std::string_view to) {
  return to_text(converted(value, from, to), 15);
}

std::string complaint(std::string_view code) {
  const auto parsed = parse_unit(code);
  REQUIRE_MESSAGE(!parsed, code);
  return parsed.error().message;
}

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("units of transplant medicine convert exactly") {
  CHECK(converted(1, "[in_i]", "cm") == Rational(254, 100));
  CHECK(converted(1, "[lb_av]", "g") == Rational(45'359'237, 100'000));
  CHECK(converted(1, "10*3/uL", "10*9/L") == 1);
  CHECK(converted(1, "/uL", "10*6/L") == 1);
  CHECK(converted(1, "10*8/kg", "10*6/kg") == 100);
  CHECK(converted(1, "wk", "d") == 7);
  CHECK(converted(2, "g/dL", "g/L") == 20);
  CHECK(converted(50, "%", "1") == Rational(1, 2));
  CHECK(converted(1, "ng/mL", "ug/L") == 1);
  CHECK(converted(1, "U/L", "nkat/L") == Rational(1000, 60));
  CHECK(converted(120, "mm[Hg]", "Pa") == Rational(15'998'640, 1000));  // 1 m[Hg] = 133.3220 kPa
  CHECK(converted(1, "m[IU]/mL", "[IU]/L") == 1);
  CHECK(converted(1, "cal", "J") == Rational(4184, 1000));
  CHECK(converted(1, "a", "d") == Rational(36'525, 100));  // the Julian year
}

TEST_CASE("a chain of divisions is worked from left to right") {
  CHECK(unit("m/s/s") == [] {
    Unit same = unit("m/s2");
    same.code = "m/s/s";
    return same;
  }());
  CHECK(comparable(unit("mL/min/{1.73_m2}"), unit("mL/min")));
  CHECK(comparable(unit("kg/s.m2"), unit("m2.kg/s")));
  CHECK_FALSE(comparable(unit("kg/s.m2"), unit("kg/(s.m2)")));
  CHECK(converted(1, "/(8.h)", "/h") == Rational(1, 8));
  CHECK(converted(1, "2.m/4.s", "m.s") == Rational(1, 2));
}

TEST_CASE("powers, prefixes and binary prefixes mean what UCUM says") {
  CHECK(unit("cm3").factor == Rational(1, 1'000'000));
  CHECK(unit("m-2").factor == 1);
  CHECK(unit("m+2") == [] {
    Unit same = unit("m2");
    same.code = "m+2";
    return same;
  }());
  CHECK(unit("10*-3").factor == Rational(1, 1000));
  CHECK(unit("10^9").factor == 1'000'000'000);
  CHECK(unit("KiBy").factor == 8192);  // 1024 bytes of 8 bits
  CHECK(unit("dag").factor == 10);
  CHECK(unit("10*").factor == 10);
  CHECK(unit("m0").dimension == Dimension{});
}

TEST_CASE("the symbol of a unit comes before a prefixed one") {
  CHECK(unit("cd").dimension == Dimension{0, 0, 0, 0, 0, 0, 1});    // candela, not centiday
  CHECK(unit("Pa").dimension == Dimension{-1, -2, 1, 0, 0, 0, 0});  // pascal, not peta-year
  CHECK(unit("min").factor == 60);                                  // minute, not milli-inch
  CHECK(unit("mo").dimension == Dimension{0, 1, 0, 0, 0, 0, 0});
}

TEST_CASE("no symbol of UCUM can be read in two ways") {
  std::set<std::string> seen;
  for (const ucum::Atom& atom : ucum::table().atoms()) CHECK(seen.insert(std::string(atom.code)).second);
  for (const ucum::Prefix& prefix : ucum::table().prefixes()) {
    for (const ucum::Atom& atom : ucum::table().atoms()) {
      if (!atom.is_metric) continue;
      const std::string symbol = std::string(prefix.code) + std::string(atom.code);
      CAPTURE(symbol);
      CHECK(seen.insert(symbol).second);
    }
  }
}

TEST_CASE("every row of the UCUM table is a unit, and only metric ones take a prefix") {
  CHECK(ucum::table().atoms().size() == 7 + 305);  // base units and units, counted in the published file
  CHECK(ucum::table().prefixes().size() == 24);
  for (const ucum::Atom& atom : ucum::table().atoms()) {
    CAPTURE(atom.code);
    const auto parsed = parse_unit(atom.code);
    REQUIRE(parsed);
    CHECK(parsed->factor > 0);
    CHECK(parsed->is_arbitrary == atom.is_arbitrary);
    CHECK(parsed->is_special == !atom.function.empty());
    CHECK(static_cast<bool>(parse_unit("k" + std::string(atom.code))) == atom.is_metric);
  }
}

TEST_CASE("what is not UCUM is refused at its place") {
  CHECK(mentions(complaint("IU/L"), "[IU]"));
  CHECK(mentions(complaint("mIU/mL"), "m[IU]"));
  CHECK(mentions(complaint("iU"), "[iU]"));
  CHECK(mentions(complaint("cells/uL"), "{cells}"));
  CHECK(mentions(complaint("MG/DL"), "character 4"));
  CHECK(mentions(complaint("mg/dx"), "character 4"));
  CHECK(mentions(complaint("mg / dL"), "space"));
  CHECK(mentions(complaint("µmol/L"), "ASCII"));
  CHECK(mentions(complaint("mg/12h"), "12.h"));
  CHECK(mentions(complaint(""), "bare number"));
  for (const std::string_view code :
       {"mg/", "/",     ".",      "mg.",      ".mg",     "mg//dL",  "mg..dL", "()",     "(mg",
        "mg)", "((mg)", "(/mg)",  "mg/(/dL)", "{",       "mg{",     "mg}",    "{a{b}}", "{a b}",
        "{é}", "{a}mg", "{a}{b}", "m{a}{b}",  "m-",      "m+",      "m2-",    "mm-mm",  "10+3/ul",
        "[",   "[in_i", "in_i]",  "cm[H20]",  "kg[H20]", "mmg",     "kkg",    "dad",    "0",
        "m/0", "00",    "1e3",    "-1",       "+m",      "mg(8.h)", "(8.h)2", "m 2",    "K%",
        "k%",  "mcg",   "mEq/L",  "sec",      "°C",      "10**3",   "10*3*",  "100*2",  "x10*9/L"}) {
    CAPTURE(code);
    const auto parsed = parse_unit(code);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::malformed_input);
  }
}

TEST_CASE("what grammar allows and no memory holds is out of range") {
  for (const std::string_view code :
       {"10*9999", "m200", "m100.m100", "10*99999", "123456789012345678901234567890"}) {
    CAPTURE(code);
    const auto parsed = parse_unit(code);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::out_of_range);
  }
  CHECK(parse_unit(std::string(257, 'm')).error().kind == ErrorKind::out_of_range);
  CHECK(parse_unit(std::string(120, '(') + "m" + std::string(120, ')')));
}

TEST_CASE(
    "a point multiplies: 1.73 is 1 times 73, so eGFR per 1.73.m2 is another dimension and not a wrong "
    "number") {
  CHECK(unit("1.73").factor == 73);
  CHECK_FALSE(comparable(unit("mL/min/1.73.m2"), unit("mL/min/{1.73_m2}")));
  CHECK_FALSE(parse_unit("mL/min/1.73m2"));
}

TEST_CASE("annotations are dropped wherever they may stand") {
  for (const std::string_view code :
       {"10*6{CD3}/kg", "10*6/kg{weight}", "{CD3}.10*6/kg", "10*6/kg/{dose}", "10*6/kg.{|}"}) {
    CAPTURE(code);
    CHECK(comparable(unit(code), unit("10*6/kg")));
    CHECK(unit(code).factor == unit("10*6/kg").factor);
  }
  CHECK(unit("{score}").factor == 1);
  CHECK(comparable(unit("/{HPF}"), unit("1")));
  CHECK(unit("1{score}").factor == 1);
}

TEST_CASE("arbitrary units convert to themselves only") {
  CHECK(comparable(unit("[IU]/mL"), unit("k[iU]/L")));  // UCUM defines [IU] as 1 [iU]
  CHECK_FALSE(comparable(unit("[IU]/mL"), unit("[arb'U]/mL")));
  CHECK_FALSE(comparable(unit("[IU]/mL"), unit("/mL")));
  CHECK_FALSE(comparable(unit("[IU]/mL"), unit("U/mL")));
  CHECK_FALSE(comparable(unit("[IU]"), unit("[IU]2")));
  CHECK(comparable(unit("[IU].[CFU]/mL"), unit("[CFU].[iU]/mL")));
  CHECK(comparable(unit("[IU]/[iU]"), unit("1")));
  CHECK(convert(1, unit("[IU]/mL"), unit("[CFU]/mL")).error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("temperatures convert exactly") {
  CHECK(converted(37, "Cel", "K") == Rational(31'015, 100));
  CHECK(converted(Rational(986, 10), "[degF]", "Cel") == 37);
  CHECK(converted(-40, "Cel", "[degF]") == -40);
  CHECK(converted(80, "[degRe]", "Cel") == 100);
  CHECK(converted(0, "K", "[degF]") == Rational(-45'967, 100));
  CHECK(converted(1000, "mCel", "K") == Rational(27'415, 100));
  CHECK(converted(671, "[degR]", "K") == Rational(671 * 5, 9));
}

TEST_CASE("logarithmic, root and slope scales convert to 12 figures") {
  CHECK(converted(7, "[pH]", "mol/L") == Rational(1, 10'000'000));
  CHECK(printed(Rational(74, 10), "[pH]", "nmol/L") == "39.8107170553");  // 10^-7.4 = 3.98107170553497e-8
  CHECK(converted(Rational(1, 1000), "mol/L", "[pH]") == 3);
  CHECK(converted(3, "B", "1") == 1000);
  CHECK(converted(30, "dB[W]", "kW") == 1);
  CHECK(converted(1, "B[kW]", "dB[W]") == 40);                   // 10 kW = 10^4 W
  CHECK(converted(20, "dB[SPL]", "Pa") == Rational(2, 10'000));  // 20 dB over 2e-5 Pa is ten times that
  CHECK(converted(6, "B[uV]", "mV") == 1);                       // 10^(6/2) uV
  CHECK(converted(2, "B[10.nV]", "nV") == 100);                  // 10^(2/2) x 10 nV
  CHECK(printed(1, "Np", "1") == "2.71828182846");
  CHECK(converted(8, "bit_s", "1") == 256);
  CHECK(converted(256, "1", "bit_s") == 8);
  CHECK(converted(100, "%[slope]", "deg") == 45);
  CHECK(converted(100, "[p'diop]", "deg") == 45);
  CHECK(converted(3, "[hp'_X]", "1") == Rational(1, 1000));
  CHECK(converted(2, "[hp'_C]", "1") == Rational(1, 10'000));
  CHECK(converted(1, "[hp'_M]", "1") == Rational(1, 1000));
  CHECK(converted(1, "[hp'_Q]", "1") == Rational(1, 50'000));
  CHECK(converted(3, "[m/s2/Hz^(1/2)]", "m2/s3") == 9);  // m2/s4/Hz = m2/s3
  CHECK(converted(15, "dB[W]", "B[W]") == Rational(3, 2));
}

TEST_CASE("a value with no place on the other scale is refused") {
  CHECK(convert(0, unit("mol/L"), unit("[pH]")).error().kind == ErrorKind::out_of_range);
  CHECK(convert(-1, unit("W"), unit("B[W]")).error().kind == ErrorKind::out_of_range);
  CHECK(convert(100'000, unit("[pH]"), unit("mol/L")).error().kind == ErrorKind::out_of_range);
  CHECK(convert(-1, unit("m2/s3"), unit("[m/s2/Hz^(1/2)]")).error().kind == ErrorKind::out_of_range);
  CHECK(convert(1, unit("Cel"), unit("m")).error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("a special unit may be scaled by a number, and in a product it has no conversion") {
  CHECK(converted(2, "10.Cel", "Cel") == 20);
  CHECK(converted(2, "10.Cel", "K") == Rational(29'315, 100));
  for (const std::string_view code : {"Cel/m", "m.Cel", "Cel2", "/Cel", "Cel.Cel", "(Cel).m", "Cel/[pH]"}) {
    CAPTURE(code);
    CHECK(convert(1, unit(code), unit("K/m")).error().kind == ErrorKind::unit_mismatch);
    CHECK(converted(5, code, code) == 5);
  }
  CHECK(multiply(unit("Cel"), unit("m")).error().kind == ErrorKind::unit_mismatch);
  CHECK(divide(unit("m"), unit("[pH]")).error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("a dose per kilogram times kilograms is a number of cells") {
  const auto cells = multiply(unit("10*7/kg"), unit("kg"));
  REQUIRE(cells);
  CHECK(comparable(*cells, unit("1")));
  CHECK(cells->factor == 10'000'000);
  const auto volume = divide(unit("10*7"), unit("10*6/mL"));
  REQUIRE(volume);
  CHECK(volume->code == "10*7/(10*6/mL)");
  CHECK(*convert(1, *volume, unit("mL")) == 10);
}

TEST_CASE("the code of a product or quotient is UCUM again") {
  CHECK(multiply(unit("/L"), unit("/m"))->code == "/L.(1/m)");
  CHECK(divide(unit("1"), unit("L"))->code == "/L");
  CHECK(divide(unit("1"), unit("/L"))->code == "/(1/L)");
  CHECK(divide(unit("m"), unit("1"))->code == "m");
  CHECK(multiply(Unit{}, unit("m"))->code == "m");
}

TEST_CASE("different things are not comparable") {
  CHECK(convert(1, unit("mg"), unit("mL")).error().kind == ErrorKind::unit_mismatch);
  CHECK_FALSE(comparable(unit("kg"), unit("1")));
  CHECK_FALSE(comparable(unit("mg/kg/d"), unit("mg/kg")));
}

const std::vector<std::string>& everyday_codes() {
  static const std::vector<std::string> codes{"m",    "kg",     "s",       "mL", "10*6", "%",      "mmol",
                                              "d",    "mm[Hg]", "{cells}", "/L", "U",    "g/L",    "m2.s-1/g",
                                              "[IU]", "(m/s)",  "K",       "A",  "lm",   "[lb_av]"};
  return codes;
}

rc::Gen<std::string> everyday_code() { return rc::gen::elementOf(everyday_codes()); }

TEST_CASE("multiplying and dividing units multiplies and divides what they mean") {
  CHECK(rc::check([] {
    const Unit a = *parse_unit(*everyday_code());
    const Unit b = *parse_unit(*everyday_code());
    const auto product = multiply(a, b);
    const auto quotient = divide(a, b);
    RC_ASSERT(product && quotient);
    RC_ASSERT(product->factor == a.factor * b.factor);
    RC_ASSERT(quotient->factor == a.factor / b.factor);
    for (std::size_t i = 0; i < a.dimension.size(); ++i) {
      RC_ASSERT(product->dimension[i] == a.dimension[i] + b.dimension[i]);
      RC_ASSERT(quotient->dimension[i] == a.dimension[i] - b.dimension[i]);
    }
    const auto back = multiply(*quotient, b);
    RC_ASSERT(back && comparable(*back, a));
  }));
}

TEST_CASE("converting there and back gives the same number, exactly") {
  CHECK(rc::check([] {
    const auto prefixes =
        rc::gen::elementOf(std::vector<std::string>{"", "k", "m", "u", "n", "da", "M", "y", "Y"});
    const std::string symbol =
        *rc::gen::elementOf(std::vector<std::string>{"g", "mol", "U", "Pa", "[iU]", "cal", "pc"});
    const Unit from = *parse_unit(*prefixes + symbol);
    const Unit to = *parse_unit(*prefixes + symbol);
    const Rational value(*rc::gen::arbitrary<int>(), *rc::gen::inRange(1, 1000));
    RC_ASSERT(*convert(*convert(value, from, to), to, from) == value);
  }));
}

TEST_CASE("threads that read the table and the memory of units at once agree") {
  constexpr int threads = 4;
  std::vector<std::vector<Unit>> results(threads);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&mine = results[static_cast<std::size_t>(i)]] {
        for (const ucum::Atom& atom : ucum::table().atoms())
          mine.push_back(*parse_unit(std::string(atom.code) + "/L"));
      });
    }
  }
  for (int i = 1; i < threads; ++i) CHECK(results[static_cast<std::size_t>(i)] == results[0]);
}

}  // namespace
}  // namespace graftline
