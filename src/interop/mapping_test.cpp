#include "interop/mapping.h"

#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop;
using namespace graftline::interop::story;

namespace {

std::string mistakes(std::string_view toml) {
  const auto read = Mapping::from_toml(toml, "site.toml");
  REQUIRE(!read);
  CHECK(read.error().kind == ErrorKind::malformed_input);
  return read.error().message;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the defaults are the codes of the catalogue") {
  const Mapping mapping = Mapping::defaults();
  REQUIRE(mapping.meanings("http://loinc.org", "1742-6").size() == 1);
  CHECK(mapping.meanings("http://loinc.org", "1742-6")[0].fact == record::fact_id("alt"));
  CHECK(mapping.meanings("urn:oid:2.16.840.1.113883.6.1", "1742-6").size() == 1);
  CHECK(mapping.meanings("http://loinc.org", "0000-0").empty());
  CHECK(mapping.meanings("http://snomed.info/sct", "1742-6").empty());
}

TEST_CASE("IU/L is no unit until a site says so") {
  CHECK(Mapping::defaults().unit_alias("IU/L").empty());
  CHECK(mapping("[units]\n\"IU/L\" = \"U/L\"\n").unit_alias("IU/L") == "U/L");
}

TEST_CASE("a site adds codes, replaces them, and has them ignored") {
  const Mapping site = mapping(R"(
[[code]]
system = "http://lab.example"
codes = ["GPT", "ALAT"]
fact = "alt"
unit = "U/L"

[[code]]
system = "http://loinc.org"
code = "1742-6"
ignore = true
)");
  CHECK(site.meanings("http://lab.example", "ALAT").at(0).unit == "U/L");
  CHECK(site.meanings("http://loinc.org", "1742-6").empty());
}

TEST_CASE("a code system of the site can stand for a public one, also within its own values") {
  const Mapping site = mapping(R"(
[[code]]
system = "http://lab.example"
code = "MRD"
fact = "measurable residual disease"
values = { "http://lab.example/answers|P" = "positive", "neg." = "negative" }

[systems]
"http://lab.example" = "urn:graftline:codes"
)");
  CHECK(site.meanings("urn:graftline:codes", "MRD").at(0).values.at("neg.") == "negative");
}

TEST_CASE("all mistakes of a mapping are reported at once, with file, line and the closest name") {
  const std::string found = mistakes(R"([units]
"IU/L" = "UU/L"
[[code]]
system = "http://lab.example"
code = "GPT"
fact = "bilirubinn"
[[code]]
system = "http://lab.example"
code = "MRD"
fact = "mrd"
values = { "P" = "positiv" }
colour = "red"
)");
  CHECK(has(found, "site.toml:2: 'UU/L' is not a UCUM unit"));
  CHECK(has(found, "site.toml:6: no fact 'bilirubinn'; did you mean"));
  CHECK(has(found, "bilirubin"));
  CHECK(has(found, "site.toml:11: 'positiv' is not a value of mrd; it has negative|positive|indeterminate"));
  CHECK(has(found, "site.toml:12: [[code]] has no key 'colour'"));
}

TEST_CASE("a mapping that is not TOML names file and line") {
  CHECK(has(mistakes("name = \"a\"\n[units\n"), "site.toml:2: not TOML"));
}

TEST_CASE("letters beyond ASCII stand in quotes and comments, and nowhere else") {
  CHECK(mapping("# \xC3\xA9\n[lineages]\n\"T-Zellen \xC3\xA9\" = \"donor_chimerism_t\"\n")
            .of_lineage(record::fact_id("donor_chimerism_blood"), "t-zellen \xC3\xA9"));
  CHECK(has(mistakes("name = \"a\"\n\xC3\xA9 = 3\n"), "site.toml:2: not TOML: letters beyond ASCII"));
  CHECK(has(mistakes("name = \"\xE9\"\n"), "not UTF-8"));
}

TEST_CASE("tables and lists that have the wrong shape are mistakes, not crashes") {
  CHECK(has(mistakes("units = 3\n"), "'units' must be a table"));
  CHECK(has(mistakes("code = 3\n"), "write [[code]]"));
  CHECK(has(mistakes("[[code]]\nsystem = \"x\"\n"), "needs system and code"));
  CHECK(has(mistakes("[[column]]\nname = \"a\"\nfact = \"alt\"\n"), "[[column]] needs a [table]"));
  CHECK(has(mistakes("[[drug]]\ncodes = [\"1\"]\nfact = \"alt\"\n"), "'alt' is not a drug"));
  CHECK(has(mistakes("[lineages]\n\"T\" = \"alt\"\n"), "is not a donor chimerism"));
  CHECK(has(mistakes("[[code]]\nsystem=\"x\"\ncode=\"1\"\nfact=\"alt\"\nshare_of=\"recipient\"\n"),
            "goes with donor chimerism"));
  CHECK(has(mistakes("[[code]]\nsystem=\"x\"\ncode=\"1\"\nfact=\"disease\"\nlevel=\"flu\"\n"),
            "'flu' is not a level of disease"));
}

TEST_CASE("a mapping file that is not there is named") {
  const auto read = Mapping::from_file("nowhere.toml");
  REQUIRE(!read);
  CHECK(read.error().kind == ErrorKind::not_found);
}
