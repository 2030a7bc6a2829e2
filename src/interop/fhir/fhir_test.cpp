#include <fmt/format.h>

#include "interop/import_story.h"
#include "record/view.h"

using namespace graftline;
using namespace graftline::interop::story;
using graftline::interop::ImportOptions;
using graftline::interop::Mapping;

namespace {

// A collection bundle of resources, each a JSON object without the members every test would repeat.
std::string bundle(std::initializer_list<std::string> resources) {
  std::string text = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (const auto& resource : resources) {
    if (text.back() != '[') text += ',';
    text += R"({"resource":)" + resource + "}";
  }
  return text + "]}";
}

const std::string patient = R"({"resourceType":"Patient","id":"p1","gender":"male","birthDate":"1974"})";

std::string observation(std::string_view code, std::string_view rest) {
  return fmt::format(
      R"({{"resourceType":"Observation","id":"o1","status":"final","subject":{{"reference":"Patient/p1"}},)"
      R"("effectiveDateTime":"2026-02-25","code":{{"coding":[{{"system":"http://loinc.org","code":"{}"}}]}},{}}})",
      code, rest);
}
std::string own_observation(std::string_view code, std::string_view rest) {
  return fmt::format(
      R"({{"resourceType":"Observation","id":"o1","status":"final","subject":{{"reference":"Patient/p1"}},)"
      R"("effectiveDateTime":"2026-02-25","code":{{"coding":[{{"system":"urn:graftline:codes","code":"{}"}}]}},{}}})",
      code, rest);
}
std::string ucum(std::string_view value, std::string_view unit) {
  return fmt::format(R"({{"value":{},"unit":"{}","system":"http://unitsofmeasure.org","code":"{}"}})", value,
                     unit, unit);
}
std::string drug(std::string_view type, std::string_view rest, std::string_view code = "3008") {
  return fmt::format(
      R"({{"resourceType":"{}","id":"m1","subject":{{"reference":"Patient/p1"}},"medicationCodeableConcept":)"
      R"({{"coding":[{{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"{}"}}]}},{}}})",
      type, code, rest);
}
std::string procedure(std::string_view rest) {
  return fmt::format(
      R"({{"resourceType":"Procedure","id":"d1","subject":{{"reference":"Patient/p1"}},"code":)"
      R"({{"coding":[{{"system":"http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl","code":"C16145"}}]}},{}}})",
      rest);
}
std::string condition(std::string_view code, std::string_view rest) {
  return fmt::format(
      R"({{"resourceType":"Condition","id":"c1","subject":{{"reference":"Patient/p1"}},"code":{{"coding":)"
      R"([{{"system":"http://snomed.info/sct","code":"{}"}}]}},{}}})",
      code, rest);
}
std::string coded(std::string_view element, std::string_view code) {
  return fmt::format(R"("{}":{{"coding":[{{"code":"{}"}}]}})", element, code);
}

ImportOptions read_on(std::string_view day) {
  ImportOptions options;
  options.read_on = *parse_day(day);
  return options;
}

Answer on_ciclosporin(const Imported& imported, std::string_view day) {
  const record::View view(imported.timelines.at(0), *parse_day(day), *parse_day("2027-01-01"));
  return view.holds_now(record::fact_id("ciclosporin"), record::Absence::unknown);
}

}  // namespace

TEST_CASE("a number of eighteen digits is kept digit by digit") {
  const auto imported = import(
      bundle({patient, observation("1742-6", R"("valueQuantity":)" + ucum("35.0000000000000001", "U/L"))}));
  CHECK(said(imported.only("alt")) == "35.0000000000000001 U/L");
}

TEST_CASE("a result is known from the day it was issued, not from the day of the sample") {
  const auto imported =
      import(bundle({patient, observation("1742-6", R"("issued":"2026-02-27T08:00:00Z","valueQuantity":)" +
                                                        ucum("35", "U/L"))}));
  CHECK(to_text(imported.only("alt").when) == "2026-02-25");
  CHECK(to_text(imported.only("alt").known_on) == "2026-02-27");
}

TEST_CASE("a corrected result says that it corrects, a preliminary one that it may still change") {
  const auto with_status = [](std::string_view status) {
    std::string text = observation("1742-6", R"("valueQuantity":)" + ucum("35", "U/L"));
    text.replace(text.find("final"), 5, status);
    return import(bundle({patient, text}));
  };
  CHECK(with_status("amended").only("alt").standing == record::Standing::corrected);
  CHECK(with_status("corrected").only("alt").standing == record::Standing::corrected);
  CHECK(with_status("preliminary").only("alt").standing == record::Standing::preliminary);
  CHECK(with_status("unknown").only("alt").unusable == ReasonSet(Reason::status_unknown));
  CHECK(with_status("entered-in-error").all("alt").empty());
  CHECK(with_status("entered-in-error")
            .report.by_type.at("Observation")
            .ignored_because.at("entered in error") == 1);
  CHECK(with_status("cancelled").all("alt").empty());
}

TEST_CASE("a result that was not obtained is no value: an older one still counts") {
  const auto imported =
      import(bundle({patient, observation("1742-6", R"("dataAbsentReason":{"text":"Error"})")}));
  CHECK(imported.all("alt").empty());
  CHECK(imported.report.by_type.at("Observation").ignored_because.at("no value recorded: Error") == 1);
}

TEST_CASE("an unknown unit in the reference range costs the upper limit, not the value") {
  const auto imported =
      import(bundle({patient, observation("1742-6", R"("valueQuantity":)" + ucum("35", "U/L") +
                                                        R"(,"referenceRange":[{"high":{"value":40}}])")}));
  CHECK(said(imported.only("alt")) == "35 U/L");
  CHECK(!imported.only("alt").upper_limit);
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].path == "referenceRange[0].high");
}

TEST_CASE(
    "bilirubin in umol/L converts by its molar mass; a leukocyte count per litre of another dimension does "
    "not") {
  CHECK(import(bundle({patient, observation("14631-6", R"("valueQuantity":)" + ucum("12", "umol/L"))}))
            .only("bilirubin")
            .unusable.empty());
  const auto wrong =
      import(bundle({patient, observation("6690-2", R"("valueQuantity":)" + ucum("5", "mg/dL"))}));
  CHECK(wrong.only("wbc").unusable == ReasonSet(Reason::not_convertible));
}

TEST_CASE("a performance score needs no unit") {
  CHECK(level(import(bundle({patient, observation("89247-1", R"("valueInteger":1)")})).only("ecog")) == "1");
  const auto karnofsky = import(bundle({patient, observation("89243-0", R"("valueInteger":90)")}));
  CHECK(to_text(number(karnofsky.only("karnofsky")).value) == "90");
}

TEST_CASE("residual disease is read from positive and negative in whichever code list") {
  const auto mrd = [](std::string_view system, std::string_view code) {
    return import(bundle(
        {patient,
         own_observation("mrd",
                         fmt::format(R"("valueCodeableConcept":{{"coding":[{{"system":"{}","code":"{}"}}]}})",
                                     system, code))}));
  };
  CHECK(level(mrd("http://snomed.info/sct", "10828004").only("mrd")) == "positive");
  CHECK(level(mrd("http://snomed.info/sct", "260385009").only("mrd")) == "negative");
  CHECK(level(mrd("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "IND").only("mrd")) ==
        "indeterminate");
  CHECK(mrd("http://snomed.info/sct", "271299001").only("mrd").unusable == ReasonSet(Reason::unreadable));
}

TEST_CASE("residual disease by components keeps result, method, marker and sensitivity") {
  const auto component = [](std::string_view code, std::string_view value) {
    return fmt::format(R"({{"code":{{"coding":[{{"system":"urn:graftline:codes","code":"{}"}}]}},{}}})", code,
                       value);
  };
  const auto imported = import(bundle(
      {patient,
       own_observation("mrd", R"("component":[)" +
                                  component("result", R"("valueCodeableConcept":{"text":"negative"})") + "," +
                                  component("marker", R"("valueString":"NPM1")") + "," +
                                  component("method", R"("valueString":"RT-qPCR")") + "]")}));
  const auto& mrd = imported.only("mrd");
  CHECK(level(mrd) == "negative");
  CHECK(mrd.method == "RT-qPCR");
  CHECK(mrd.context == "marker: NPM1");
}

TEST_CASE("chimerism goes to the fact of its cells; unsorted blood is meant when none are named") {
  const auto chimerism = [](std::string_view lineage) {
    const std::string component =
        lineage.empty()
            ? ""
            : fmt::format(
                  R"(,"component":[{{"code":{{"coding":[{{"system":"urn:graftline:codes","code":"lineage"}}]}},"valueCodeableConcept":{{"text":"{}"}}}}])",
                  lineage);
    return import(bundle(
        {patient, own_observation("chimerism-donor", R"("valueQuantity":)" + ucum("72", "%") + component)}));
  };
  CHECK(said(chimerism("CD3").only("donor_chimerism_t")) == "72 %");
  CHECK(said(chimerism("CD33").only("donor_chimerism_myeloid")) == "72 %");
  CHECK(said(chimerism("").only("donor_chimerism_blood")) == "72 %");
  CHECK(chimerism("CD99").refuses("cell lineage not mapped"));
}

TEST_CASE("a share of recipient cells is turned into the donor's exactly, and its comparator round") {
  const Mapping site = mapping(
      "[[code]]\nsystem=\"http://lab.example\"\ncode=\"CHIM\"\nfact=\"donor "
      "chimerism\"\nshare_of=\"recipient\"\n");
  const auto recipient = [&](std::string_view value, std::string_view comparator) {
    return import(
        bundle(
            {patient,
             fmt::format(
                 R"({{"resourceType":"Observation","id":"o1","status":"final","subject":{{"reference":"Patient/p1"}},"effectiveDateTime":"2026-02-25","code":{{"coding":[{{"system":"http://lab.example","code":"CHIM"}}]}},"valueQuantity":{{"value":{},{}"unit":"%"}}}})",
                 value, comparator)}),
        site);
  };
  CHECK(said(recipient("18.25", "").only("donor_chimerism_blood")) == "81.75 %");
  CHECK(said(recipient("1", R"("comparator":"<",)").only("donor_chimerism_blood")) == ">99 %");
  CHECK(recipient("101", "").only("donor_chimerism_blood").unusable == ReasonSet(Reason::unreadable));
}

TEST_CASE("a year of birth stays a year") {
  const auto imported = import(bundle({patient}));
  CHECK(imported.only("birth").when.precision == DatePrecision::year);
  CHECK(level(imported.only("sex")) == "male");
}

TEST_CASE("a death without a date happened some time before it was said") {
  const auto imported = import(bundle({R"({"resourceType":"Patient","id":"p1","deceasedBoolean":true})"}),
                               Mapping::defaults(), read_on("2026-03-01"));
  const auto& death = imported.only("death");
  CHECK(yes(death));
  CHECK(to_text(death.when.last) == "2026-03-01");
  CHECK(death.when.first < death.when.last);
}

TEST_CASE("a refuted diagnosis is never positive, and a provisional one is unknown") {
  const std::string onset = R"(,"onsetDateTime":"2025-03-01")";
  CHECK(import(bundle({patient, condition("91861009", coded("verificationStatus", "refuted") + onset)}))
            .all("disease")
            .empty());
  CHECK(import(bundle({patient, condition("91861009", coded("verificationStatus", "provisional") + onset)}))
            .only("disease")
            .unusable == ReasonSet(Reason::status_unknown));
  CHECK(
      level(import(bundle({patient, condition("91861009", coded("verificationStatus", "confirmed") + onset)}))
                .only("disease")) == "aml");
  CHECK(level(import(bundle({patient, condition("109995007", R"("onsetDateTime":"2025-03-01")")}))
                  .only("disease")) == "mds-mds_ib");
}

TEST_CASE("GVHD lasts from onset to abatement") {
  const auto imported = import(bundle(
      {patient, condition("402355000", R"("onsetDateTime":"2026-02-01","abatementDateTime":"2026-02-20")")}));
  const auto& gvhd = imported.only("active_agvhd");
  CHECK(to_text(gvhd.when) == "2026-02-01");
  CHECK(to_text(gvhd.until.value()) == "2026-02-20");
}

TEST_CASE("GVHD said to be resolved, nobody says when, may have lasted until the record was taken") {
  const auto imported =
      import(bundle({patient, condition("402355000", coded("clinicalStatus", "resolved") +
                                                         R"(,"onsetDateTime":"2026-02-01")")}),
             Mapping::defaults(), read_on("2026-03-01"));
  const auto until = imported.only("active_agvhd").until.value();
  CHECK(to_text(until.first) == "2026-02-01");
  CHECK(to_text(until.last) == "2026-02-28");
}

TEST_CASE("a completed infusion carries its intent, its doses and the weight they were computed with") {
  const std::string dose =
      R"({"resourceType":"Observation","id":"n1","status":"final","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-20","partOf":[{"reference":"Procedure/d1"}],"code":{"coding":[{"system":"urn:graftline:codes","code":"cd3-dose-infused"}]},"valueQuantity":)" +
      ucum("1.0", "10*6/kg") + "}";
  const auto imported = import(bundle(
      {dose, patient,
       procedure(
           R"("status":"completed","performedDateTime":"2026-03-20T10:42:00+01:00","extension":[{"url":"http://example.org/fhir/StructureDefinition/dli-intent","valueCode":"preemptive"},{"url":"http://example.org/fhir/StructureDefinition/dosing-weight","valueQuantity":)" +
           ucum("70", "kg") + "}]")}));
  const auto& dli = imported.only("dli");
  CHECK(yes(dli));
  CHECK(dli.context == "preemptive");
  REQUIRE(dli.amounts.size() == 2);
  CHECK(dli.amounts[0].kind == Kind::actual_body_weight);
  CHECK(dli.amounts[1].kind == Kind::cd3_cells);
  CHECK(said(dli.amounts[1]) == "1.0 10*6/kg");
}

TEST_CASE("a count of cells without an infusion to belong to is refused") {
  const auto imported = import(
      bundle({patient, own_observation("cd3-dose-infused", R"("valueQuantity":)" + ucum("1", "10*6/kg"))}));
  CHECK(imported.refuses("infusion not found"));
}

TEST_CASE("a procedure counts by its status") {
  const auto with_status = [](std::string_view status) {
    return import(bundle(
        {patient, procedure(fmt::format(R"("status":"{}","performedDateTime":"2026-03-20")", status))}));
  };
  CHECK(yes(with_status("completed").only("dli")));
  CHECK(!yes(with_status("not-done").only("dli")));
  CHECK(with_status("in-progress").only("dli").unusable == ReasonSet(Reason::status_unknown));
  CHECK(with_status("preparation").all("dli").empty());
  CHECK(with_status("entered-in-error").all("dli").empty());
}

TEST_CASE("ICD-10-PCS names an allogeneic transplant and an infusion of another person's white cells") {
  const auto coded_as = [](std::string_view code) {
    return import(bundle(
        {patient,
         fmt::format(
             R"({{"resourceType":"Procedure","id":"t","status":"completed","performedDateTime":"2026-01-10","subject":{{"reference":"Patient/p1"}},"code":{{"coding":[{{"system":"http://www.cms.gov/Medicare/Coding/ICD10","code":"{}"}}]}}}})",
             code)}));
  };
  CHECK(yes(coded_as("30243Y3").only("transplant")));
  CHECK(coded_as("30243Y0").all("transplant").empty());  // autologous
}

TEST_CASE(
    "an active drug is still taken; a completed one was taken on its days; one not taken is documented so") {
  const auto active =
      import(bundle({patient, drug("MedicationStatement",
                                   R"("status":"active","effectivePeriod":{"start":"2026-01-09"})")}));
  CHECK(on_ciclosporin(active, "2026-03-01") == answer(true));
  const auto completed = import(
      bundle({patient,
              drug("MedicationStatement",
                   R"("status":"completed","effectivePeriod":{"start":"2026-01-09","end":"2026-02-10"})")}));
  CHECK(on_ciclosporin(completed, "2026-02-10") == answer(true));
  CHECK(on_ciclosporin(completed, "2026-03-01").truth == Truth::no);
  const auto not_taken = import(bundle(
      {patient, drug("MedicationStatement", R"("status":"not-taken","effectiveDateTime":"2026-03-01")")}));
  CHECK(on_ciclosporin(not_taken, "2026-03-01") == answer(false));
}

TEST_CASE("an order counts as taken from the day it was written, unless the site says otherwise") {
  const std::string order =
      drug("MedicationRequest", R"("status":"active","intent":"order","authoredOn":"2026-01-09")");
  CHECK(on_ciclosporin(import(bundle({patient, order})), "2026-03-01") == answer(true));
  CHECK(import(bundle({patient, order}), mapping("[drugs]\norders = \"ignored\"\n"))
            .all("ciclosporin")
            .empty());
}

TEST_CASE("an order stopped without a date leaves open until when the drug was taken") {
  const std::string order =
      drug("MedicationRequest", R"("status":"stopped","intent":"order","authoredOn":"2026-01-09")");
  CHECK(on_ciclosporin(import(bundle({patient, order})), "2026-03-01") == unknown(Reason::imprecise_date));
  // Taken from its source on 1 March, the record says that by then it had ended.
  CHECK(on_ciclosporin(import(bundle({patient, order}), Mapping::defaults(), read_on("2026-03-01")),
                       "2026-03-01")
            .truth == Truth::no);
}

TEST_CASE("ciclosporin eye drops and tacrolimus ointment are no immunosuppression") {
  const auto drops = import(bundle(
      {patient,
       drug(
           "MedicationStatement",
           R"("status":"active","effectiveDateTime":"2026-01-09","dosage":[{"route":{"coding":[{"system":"http://snomed.info/sct","code":"54485002","display":"Ophthalmic route"}]}}])")}));
  CHECK(drops.all("ciclosporin").empty());
  CHECK(drops.report.by_type.at("MedicationStatement").ignored_because.at("local use: ophthalmic") == 1);
  const auto ointment = import(bundle(
      {patient,
       R"({"resourceType":"MedicationStatement","id":"m","status":"active","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-09","medicationReference":{"reference":"Medication/x"}})",
       R"({"resourceType":"Medication","id":"x","form":{"text":"Ointment"},"code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"42316"}]}})"}));
  CHECK(ointment.all("tacrolimus").empty());
}

TEST_CASE("a drug is found through the Medication it refers to, in the bundle or contained") {
  const auto referred = import(bundle(
      {patient,
       R"({"resourceType":"MedicationStatement","id":"m","status":"active","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-09","medicationReference":{"reference":"Medication/x"}})",
       R"({"resourceType":"Medication","id":"x","ingredient":[{"itemCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"42316"}]}}]})"}));
  CHECK(yes(referred.only("tacrolimus")));
  const auto contained = import(bundle(
      {patient,
       R"({"resourceType":"MedicationStatement","id":"m","status":"active","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-09","contained":[{"resourceType":"Medication","id":"x","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"42316"}]}}],"medicationReference":{"reference":"#x"}})"}));
  CHECK(yes(contained.only("tacrolimus")));
  const auto lost = import(bundle(
      {patient,
       R"({"resourceType":"MedicationStatement","id":"m","status":"active","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-09","medicationReference":{"reference":"Medication/y"}})"}));
  CHECK(lost.refuses("reference not found"));
}

TEST_CASE("clinical drug codes mean their ingredients by the site's table") {
  // 212844 is 5 mL ciclosporin 50 mg/mL for injection.
  const Mapping site = mapping("[[drug]]\ncodes = [\"212844\"]\nfact = \"ciclosporin\"\n");
  CHECK(yes(
      import(bundle({patient, drug("MedicationAdministration",
                                   R"("status":"completed","effectiveDateTime":"2026-01-09")", "212844")}),
             site)
          .only("ciclosporin")));
}

TEST_CASE("the donor in a bundle is not the patient") {
  const auto imported = import(bundle(
      {patient, R"({"resourceType":"Patient","id":"d1","gender":"female","birthDate":"1970-01-01"})",
       R"({"resourceType":"BiologicallyDerivedProduct","id":"bag","collection":{"source":{"reference":"Patient/d1"}},"extension":[{"url":"http://example.org/fhir/StructureDefinition/bdp-intended-recipient","valueReference":{"reference":"Patient/p1"}}]})",
       R"({"resourceType":"Observation","id":"w","status":"final","subject":{"reference":"Patient/d1"},"effectiveDateTime":"2026-01-05","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":)" +
           ucum("60", "kg") + "}"}));
  REQUIRE(imported.timelines.size() == 1);
  CHECK(imported.timelines[0].patient == "p1");
  CHECK(imported.all("weight").empty());
  CHECK(imported.report.by_type.at("Patient").ignored_because.at("a donor") == 1);
  CHECK(imported.report.by_type.at("Observation").ignored_because.at("about a donor") == 1);
}

TEST_CASE("a count of cells in a bag is no fact of the patient") {
  const auto imported = import(bundle(
      {patient,
       R"({"resourceType":"Observation","id":"b","status":"final","subject":{"reference":"Patient/p1"},"focus":[{"reference":"BiologicallyDerivedProduct/bag-3"}],"effectiveDateTime":"2026-02-01","code":{"coding":[{"system":"urn:graftline:codes","code":"cd3-total"}]},"valueQuantity":)" +
           ucum("70", "10*6") + "}"}));
  CHECK(imported.report.by_type.at("Observation").ignored_because.at("about a product, not the patient") ==
        1);
}

TEST_CASE("records are found by the full URL of their patient's entry") {
  const auto imported = import(
      R"({"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p1"}},{"resource":{"resourceType":"Observation","status":"final","subject":{"reference":"urn:uuid:1"},"effectiveDateTime":"2026-01-05","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":)" +
      ucum("60", "kg") + "}}]}");
  CHECK(imported.of("p1").entries.size() == 1);
  CHECK(imported.only("weight").origin.place == "entry 2 (Observation)");
}

TEST_CASE("in a history the last version of a resource counts, and a deleted one not at all") {
  const auto version = [](int number, std::string_view value) {
    return fmt::format(
        R"({{"resource":{{"resourceType":"Observation","id":"o1","meta":{{"versionId":"{}","lastUpdated":"2026-02-0{}"}},"status":"final","subject":{{"reference":"Patient/p1"}},"effectiveDateTime":"2026-01-05","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"valueQuantity":{}}}}})",
        number, number, ucum(value, "kg"));
  };
  const std::string start = R"({"resourceType":"Bundle","type":"history","entry":[)";
  const auto imported = import(start + version(2, "61") + "," + version(1, "16") + "]}");
  CHECK(said(imported.only("weight")) == "61 kg");
  CHECK(imported.report.by_type.at("Observation").ignored_because.at("older version of the same resource") ==
        1);
  const auto deleted =
      import(start + R"({"request":{"method":"DELETE","url":"Observation/o1"}},)" + version(1, "61") + "]}");
  CHECK(deleted.all("weight").empty());
}

TEST_CASE("a patient's own number at the site can be the patient's name") {
  const auto imported = import(
      bundle(
          {R"({"resourceType":"Patient","id":"internal","identifier":[{"system":"http://hospital.example/mrn","value":"MRN-7"}]})",
           R"({"resourceType":"Observation","status":"final","subject":{"reference":"Patient/internal"},"effectiveDateTime":"2026-01-05","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":)" +
               ucum("60", "kg") + "}"}),
      mapping("[patient]\nidentifier_system = \"http://hospital.example/mrn\"\n"));
  CHECK(imported.of("MRN-7").entries.size() == 1);
}

TEST_CASE("consent is given, or refused, on its day; withdrawal from a trial on its last") {
  const auto consent = import(bundle(
      {patient,
       R"({"resourceType":"Consent","id":"c","status":"active","scope":{"coding":[{"code":"research"}]},"patient":{"reference":"Patient/p1"},"dateTime":"2026-02-26"})"}));
  CHECK(yes(consent.only("consent")));
  const auto subject = import(bundle(
      {patient,
       R"({"resourceType":"ResearchSubject","id":"s","status":"withdrawn","individual":{"reference":"Patient/p1"},"period":{"start":"2026-02-26","end":"2026-04-01"},"assignedArm":"Prophylactic"})"}));
  CHECK(to_text(subject.only("withdrawal").when) == "2026-04-01");
  CHECK(level(subject.only("trial_arm")) == "prophylactic");
}

TEST_CASE("one person under two numbers is one patient, under the number that stands") {
  const std::string weight =
      R"({"resourceType":"Observation","id":"w","status":"final","subject":{"reference":"Patient/old"},"effectiveDateTime":"2026-01-05","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":)" +
      ucum("60", "kg") + "}";
  const auto imported = import(bundle(
      {R"({"resourceType":"Patient","id":"old","link":[{"other":{"reference":"Patient/new"},"type":"replaced-by"}]})",
       R"({"resourceType":"Patient","id":"new","gender":"female"})", weight}));
  REQUIRE(imported.timelines.size() == 1);
  CHECK(imported.timelines[0].patient == "new");
  CHECK(said(imported.only("weight")) == "60 kg");
}

TEST_CASE("our own codes have a twin for laboratories that report the recipient's share") {
  CHECK(said(import(bundle({patient, own_observation("chimerism-recipient-cd3",
                                                     R"("valueQuantity":)" + ucum("18", "%"))}))
                 .only("donor_chimerism_t")) == "82 %");
}

TEST_CASE("an older version of the patient's own entry neither hides nor renames the patient") {
  const std::string versions =
      R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"Patient","id":"p1","meta":{"versionId":"1"},"gender":"male"}},)"
      R"({"resource":{"resourceType":"Patient","id":"p1","meta":{"versionId":"2"},"gender":"female"}},{"resource":)" +
      observation("1742-6", R"("valueQuantity":)" + ucum("35", "U/L")) + "}]}";
  const auto imported = import(versions);
  REQUIRE(imported.timelines.size() == 1);
  CHECK(imported.timelines[0].patient == "p1");
  CHECK(level(imported.only("sex")) == "female");
  CHECK(said(imported.only("alt")) == "35 U/L");
}

TEST_CASE(
    "a patient named by an identifier is found by it; a contained patient is nobody outside its record") {
  const auto weight = [](std::string_view subject) {
    return R"({"resourceType":"Observation","status":"final","subject":)" + std::string(subject) +
           R"(,"effectiveDateTime":"2026-01-05","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":)" +
           ucum("60", "kg") + "}";
  };
  const std::string known =
      R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"http://hospital.example/mrn","value":"7"}]})";
  const auto found = import(
      bundle({known, weight(R"({"identifier":{"system":"http://hospital.example/mrn","value":"7"}})")}));
  REQUIRE(found.timelines.size() == 1);
  CHECK(found.of("p1").entries.size() == 1);
  CHECK(import(bundle({known, weight(R"({"reference":"#me"})")})).refuses("no subject"));
}
