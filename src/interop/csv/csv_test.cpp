#include "interop/csv/dose.h"
#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop::story;
using graftline::interop::ImportOptions;
using graftline::interop::csv::parse_dose_unit;

namespace {

const std::string header = "patient,date,fact,value,unit,known_on,upper_limit,method,status,end,context\n";

Imported row(const std::string& text) { return import(header + text + "\n"); }

}  // namespace

TEST_CASE("a long table gives each patient the values it lists, exactly as written") {
  const auto imported = import(
      "patient,date,fact,value,unit,upper_limit\n"
      "p1,2026-02-27,alt,35,U/L,40\n"
      "p1,2026-01-10,transplant,yes,,\n"
      "p2,2026-02,bilirubin,1.80,mg/dL,1.2\n");
  REQUIRE(imported.timelines.size() == 2);
  CHECK(said(imported.only("alt")) == "35 U/L");
  CHECK(said(*imported.only("alt").upper_limit) == "40 U/L");
  const auto& bilirubin = imported.only("bilirubin");
  CHECK(said(bilirubin) == "1.80 mg/dL");
  CHECK(bilirubin.when.precision == DatePrecision::month);
  CHECK(to_text(bilirubin.known_on) == "2026-02-01");
  CHECK(imported.report.by_type.at("CSV row").mapped == 3);
}

TEST_CASE("a dose that lost its superscript is refused, and its infusion is unknown rather than absent") {
  const auto imported = row("p1,2026-03-20,dli,1x107,CD3/kg");
  CHECK(imported.only("dli").unusable.has(Reason::unreadable));
  CHECK(imported.report.by_type.at("CSV row").refused == 1);
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].origin.place == "line 2");
  CHECK(imported.report.refusals[0].path == "column 4 (value)");
}

TEST_CASE("cells are named in the unit of a dose") {
  CHECK(parse_dose_unit("CD3/kg")->kind == Kind::cd3_cells);
  CHECK(parse_dose_unit("CD3/kg")->unit.code == "/kg");
  CHECK(parse_dose_unit("CD3+/kg")->kind == Kind::cd3_cells);
  CHECK(parse_dose_unit("10*6 CD3/kg")->unit.code == "10*6/kg");
  CHECK(parse_dose_unit("10^8 MNC/kg")->kind == Kind::mononuclear_cells);
  CHECK(parse_dose_unit("10*6{CD3}/kg")->unit.code == "10*6/kg");
  CHECK(parse_dose_unit("viable CD3/kg")->viability == Viability::viable);
  CHECK(parse_dose_unit("CD3/kg of recipient weight")->kind == Kind::cd3_cells);
  CHECK(parse_dose_unit("CD3")->unit.code == "1");
  CHECK(!parse_dose_unit("10*6/kg"));  // of which cells?
  CHECK(!parse_dose_unit("CD3/m2"));
  CHECK(!parse_dose_unit("kg"));
  CHECK(!parse_dose_unit(""));
}

TEST_CASE("an infusion counted in two kinds of cells is one infusion") {
  const auto imported = row("p1,2026-03-20,dli,1e8,MNC/kg,,,,,,\np1,2026-03-20,dli,3.0e7,CD3/kg,,,,,,");
  REQUIRE(imported.only("dli").amounts.size() == 2);
  CHECK(imported.only("dli").amounts[0].kind == Kind::mononuclear_cells);
  CHECK(imported.only("dli").amounts[1].kind == Kind::cd3_cells);
}

TEST_CASE("two infusions of one day in the same kind of cells stay two") {
  CHECK(row("p1,2026-03-20,dli,1e6,CD3/kg\np1,2026-03-20,dli,2e6,CD3/kg").all("dli").size() == 2);
}

TEST_CASE("the status of a row says whether its value stands") {
  CHECK(row("p1,2026-03-20,dli,1e6,CD3/kg,,,,unknown").only("dli").unusable ==
        ReasonSet(Reason::status_unknown));
  CHECK(yes(row("p1,2026-03-20,dli,1e6,CD3/kg,,,,completed").only("dli")));
  CHECK(!yes(row("p1,2026-03-20,dli,1e6,CD3/kg,,,,not-done").only("dli")));
  CHECK(row("p1,2026-03-20,dli,1e6,CD3/kg,,,,entered-in-error").all("dli").empty());
  CHECK(row("p1,2026-03-20,alt,35,U/L,,,,corrected").only("alt").standing == record::Standing::corrected);
  CHECK(row("p1,2026-03-20,alt,35,U/L,,,,preliminary").only("alt").standing == record::Standing::preliminary);
  CHECK(row("p1,2026-03-20,alt,35,U/L,,,,fishy").only("alt").unusable == ReasonSet(Reason::status_unknown));
}

TEST_CASE("a course starts, stops, or lasts from date to end") {
  CHECK(row("p1,2026-01-09,ciclosporin,start,,,,,,").only("ciclosporin").is_stop == false);
  CHECK(row("p1,2026-02-09,ciclosporin,stop,,,,,,").only("ciclosporin").is_stop);
  CHECK(to_text(row("p1,2026-01-09,ciclosporin,yes,,,,,,2026-02-09").only("ciclosporin").until.value()) ==
        "2026-02-09");
  CHECK(!yes(row("p1,2026-01-09,ciclosporin,no").only("ciclosporin")));
  CHECK(row("p1,2026-02-09,ciclosporin,yes,,,,,,2026-01-09").refuses("ends before it begins"));
}

TEST_CASE("grades, comparators and answers are read as written") {
  CHECK(level(row("p1,2026-03-01,acute GVHD grade,II").only("agvhd_grade")) == "II");
  CHECK(level(row("p1,2026-03-01,acute GVHD grade,>=II").only("agvhd_grade")) == "II-IV");
  CHECK(level(row("p1,2026-03-01,mrd,positive").only("mrd")) == "positive");
  CHECK(level(row("p1,2026-03-01,mrd,not detected").only("mrd")) == "negative");
  CHECK(said(row("p1,2026-03-01,reported_gfr,<60,mL/min/{1.73_m2}").only("reported_gfr")) ==
        "<60 mL/min/{1.73_m2}");
  CHECK(said(row("p1,2026-03-01,alt,\xE2\x89\xA5 200,U/L").only("alt")) == ">=200 U/L");
}

TEST_CASE("a decimal comma is refused with advice, not read as a thousand") {
  const auto imported = row("p1,2026-03-01,bilirubin,\"1,8\",mg/dL");
  CHECK(imported.only("bilirubin").unusable == ReasonSet(Reason::unreadable));
  CHECK(imported.report.refusals[0].detail.find("decimal point") != std::string::npos);
}

TEST_CASE("a value without a unit, or with a unit of another dimension, stays unknown") {
  CHECK(row("p1,2026-03-01,lvef,45,").only("lvef").unusable == ReasonSet(Reason::no_unit));
  CHECK(row("p1,2026-03-01,alt,45,mg/dL").only("alt").unusable == ReasonSet(Reason::not_convertible));
}

TEST_CASE("a misspelt fact is refused with the closest name") {
  const auto imported = row("p1,2026-03-01,bilirubbin,1,mg/dL");
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].path == "column 3 (fact)");
  CHECK(imported.report.refusals[0].detail.find("bilirubin") != std::string::npos);
}

TEST_CASE("a judgement is a person's answer with a name") {
  const auto imported = row("p1,2026-03-01,judgement: fit,yes,,,,Dr. A");
  REQUIRE(imported.timelines.at(0).judgements.size() == 1);
  CHECK(imported.timelines[0].judgements[0].name == "fit");
  CHECK(imported.timelines[0].judgements[0].value);
  CHECK(imported.timelines[0].judgements[0].by == "Dr. A");
}

TEST_CASE("quotes, separators inside quotes, line breaks inside quotes, CR LF and a byte order mark") {
  const auto imported = import(
      "\xEF\xBB\xBFpatient,date,fact,value,unit,method\r\n\"p "
      "\"\"1\"\"\",2026-03-01,alt,35,U/L,\"one,\ntwo\"\r\n");
  CHECK(imported.timelines.at(0).patient == "p \"1\"");
  CHECK(imported.only("alt").method == "one,\ntwo");
}

TEST_CASE("semicolons and tabs are recognised and mentioned") {
  CHECK(said(import("patient;date;fact;value;unit\np1;2026-03-01;alt;35;U/L\n").only("alt")) == "35 U/L");
  const auto tabs = import("patient\tdate\tfact\tvalue\tunit\np1\t2026-03-01\talt\t35\tU/L\n");
  CHECK(said(tabs.only("alt")) == "35 U/L");
  CHECK(tabs.notes("separator is not a comma"));
}

TEST_CASE("a row with a mistake costs that row: what, in which line and column") {
  const auto imported = import(
      "patient,date,fact,value,unit\n,2026-03-01,alt,35,U/L\np1,2026-02-30,alt,35,U/L\np1,,alt,35,U/"
      "L\np1,2026-03-01,alt,35,U/L,extra\np1,2026-03-02,alt,36,U/L\n");
  CHECK(said(imported.only("alt")) == "36 U/L");
  REQUIRE(imported.report.refusals.size() == 4);
  CHECK(imported.report.refusals[0].reason == "no patient");
  CHECK(imported.report.refusals[1].reason == "date unreadable");
  CHECK(imported.report.refusals[1].origin.place == "line 3");
  CHECK(imported.report.refusals[2].reason == "no date");
  CHECK(imported.report.refusals[3].reason == "too many fields");
}

TEST_CASE("a row said twice counts once, and a second value of the same day is pointed out") {
  const auto twice =
      import("patient,date,fact,value,unit\np1,2026-03-01,alt,35,U/L\np1,2026-03-01,alt,35,U/L\n");
  CHECK(twice.all("alt").size() == 1);
  CHECK(twice.report.exact_duplicates == 1);
  const auto two =
      import("patient,date,fact,value,unit\np1,2026-03-01,alt,35,U/L\np1,2026-03-01,alt,350,U/L\n");
  CHECK(two.all("alt").size() == 2);
  CHECK(two.notes("another value on the same day"));
}

TEST_CASE("a date after the day the table was taken is kept and pointed out") {
  ImportOptions options;
  options.read_on = *parse_day("2026-03-01");
  const auto imported = import("patient,date,fact,value,unit\np1,2026-03-02,alt,35,U/L\n",
                               graftline::interop::Mapping::defaults(), options);
  CHECK(imported.all("alt").size() == 1);
  CHECK(imported.notes("date in the future"));
}

TEST_CASE(
    "a wide table is read by its mapping: dates per column, units, choices, missing-data codes, events") {
  const auto site = mapping(R"(
[table]
patient = "record_id"
date = "visit_date"
event = "redcap_event_name"

[[column]]
name = "alt_result"
fact = "alt"
unit = "U/L"
upper_limit = "alt_uln"

[[column]]
name = "agvhd"
fact = "acute GVHD grade"
values = { "1" = "0", "2" = "I", "3" = "II", "-9" = "" }

[[column]]
name = "chim"
fact = "donor chimerism"
unit = "%"
share_of = "recipient"
date = "chim_date"
events = ["day_28_arm_1"]

[[column]]
name = "relapse_date"
fact = "relapse"
)");
  const auto imported = import(
      "record_id,redcap_event_name,visit_date,alt_result,alt_uln,agvhd,chim,chim_date,relapse_date,comment\n"
      "7,day_28_arm_1,2026-02-07,35,40,3,18,2026-02-06,,fine\n"
      "7,day_56_arm_1,2026-03-07,,,-9,20,2026-03-06,2026-03-05,\n"
      "8,day_28_arm_1,,,,,,,,\n",
      site);
  REQUIRE(imported.timelines.size() == 2);
  CHECK(said(imported.only("alt")) == "35 U/L");
  CHECK(said(*imported.only("alt").upper_limit) == "40 U/L");
  CHECK(level(imported.only("agvhd_grade")) == "II");
  CHECK(said(imported.only("donor_chimerism_blood")) == "82 %");
  CHECK(to_text(imported.only("donor_chimerism_blood").when) == "2026-02-06");
  CHECK(to_text(imported.only("relapse").when) == "2026-03-05");
  CHECK(imported.report.by_type.at("CSV column").ignored == 1);  // comment
  CHECK(imported.report.by_type.at("CSV row").ignored == 1);     // patient 8
}
