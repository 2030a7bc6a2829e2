#include "interop/fhir/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

#include "core/keyed_random.h"
#include "record/facts.h"

namespace graftline::interop::fhir {

namespace {

struct Laboratory {
  std::string_view loinc;
  std::string_view name;
  std::string_view unit;
  double mean;
  double spread;
  int decimals;
  double upper_limit;  // 0: none is reported
  int percent_with;    // of patients
  std::string_view other_unit = {};
  double other_factor = 1;
};
// Codes from LOINC. Means, spreads and limits only have to be of the right order: nothing is concluded from
// them.
constexpr std::array<Laboratory, 9> laboratory{{
    {"1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 45, 35, 0,
     40, 97},
    {"1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 40, 30, 0,
     40, 95},
    {"1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0.9, 0.5, 2, 1.2, 96, "umol/L",
     17.104},
    {"2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.95, 0.3, 2, 1.2, 98, "umol/L",
     88.42},
    {"718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 10.5, 1.8, 1, 16, 99},
    {"777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 110, 60, 0, 400, 99},
    {"6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.5, 2.5, 1, 11, 99},
    {"59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", 96, 2, 0, 100, 95},
    {"29463-7", "Body weight", "kg", 74, 14, 1, 0, 99},
}};

struct Drug {
  std::string_view code;
  std::string_view name;
  int percent_on;
};
constexpr std::array<Drug, 5> drugs{{{"3008", "cyclosporine", 85},
                                     {"6851", "methotrexate", 30},
                                     {"281", "acyclovir", 100},
                                     {"4450", "fluconazole", 100},
                                     {"10831", "sulfamethoxazole / trimethoprim", 60}}};

constexpr std::string_view ucum = "http://unitsofmeasure.org";

class Bundle {
 public:
  Bundle(const SyntheticOptions& options, std::size_t patient, std::string& out)
      : options_(options), random_({options.seed, patient}), out_(out), id_(fmt::format("s{:07}", patient)) {}

  void write() {
    put(R"({{"resourceType":"Bundle","id":"{}","type":"collection","entry":[)", id_);
    person();
    diseases();
    const int since = transplant();
    laboratories(since);
    findings(since);
    treatment(since);
    for (int i = 0; i < 4; ++i) {
      resource("Encounter", fmt::format("e{}", i));
      put(R"(,"status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB",)"
          R"("display":"ambulatory"}},{},"period":{{"start":"{}","end":"{}"}}}}}})",
          subject(), day(i * 7), day(i * 7));
    }
    out_ += "]}\n";
  }

 private:
  template <class... T> void put(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<T>(values)...);
  }
  bool in_hundred(int percent) { return random_.below(1000) < static_cast<std::uint64_t>(percent) * 10; }
  bool gap(int in_thousand) {
    const bool is_one = random_.below(1000) < static_cast<std::uint64_t>(in_thousand);
    return options_.gaps && is_one;
  }
  int below(int n) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(n))); }
  std::string day(int back) const { return to_text(options_.as_of - back); }
  std::string subject() const { return fmt::format(R"("subject":{{"reference":"Patient/{}"}})", id_); }
  static std::string coded(std::string_view system, std::string_view code, std::string_view text) {
    return fmt::format(R"({{"coding":[{{"system":"{0}","code":"{1}","display":"{2}"}}],"text":"{2}"}})",
                       system, code, text);
  }
  static std::string quantity(double value, int decimals, std::string_view unit) {
    return fmt::format(R"({{"value":{:.{}f},"unit":"{}","system":"{}","code":"{}"}})", value, decimals, unit,
                       ucum, unit);
  }

  // Begins an entry; the caller goes on with a comma and ends with "}}".
  void resource(std::string_view type, std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    put(R"({{"fullUrl":"urn:graftline:synthetic:{0}-{1}","resource":{{"resourceType":"{2}","id":"{0}-{1}")",
        id_, name, type);
  }

  void person() {
    const std::string born = day(12 * 365 + below(65 * 365));
    out_ += fmt::format(
        R"({{"fullUrl":"urn:graftline:synthetic:{0}","resource":{{"resourceType":"Patient","id":"{0}","active":true,)"
        R"("name":[{{"use":"official","family":"Test{0}","given":["Synthetic"]}}],"gender":"{1}","birthDate":"{2}"}}}})",
        id_, in_hundred(45) ? "female" : "male", gap(30) ? born.substr(0, 4) : born);
    is_first_ = false;
  }

  void condition(std::string_view name, const std::string& code, std::string_view clinical, bool confirmed,
                 int back) {
    resource("Condition", name);
    put(R"(,"clinicalStatus":{},"verificationStatus":{},"code":{},{},"onsetDateTime":"{}"}}}})",
        coded("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical, clinical),
        coded("http://terminology.hl7.org/CodeSystem/condition-ver-status",
              confirmed ? "confirmed" : "provisional", confirmed ? "Confirmed" : "Provisional"),
        code, subject(), day(back));
  }
  void diseases() {
    const int which = below(100);
    if (which < 94) {
      const std::string code = which < 70 ? coded(record::snomed_ct, "91861009", "Acute myeloid leukemia")
                               : which < 85
                                   ? coded(record::snomed_ct, "109995007", "Myelodysplastic syndrome")
                                   : coded(record::snomed_ct, "91857003", "Acute lymphoid leukemia");
      condition("c1", code, "remission", !gap(30), 400);
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> others{
        {{"38341003", "Hypertensive disorder"},
         {"44054006", "Diabetes mellitus type 2"},
         {"271737000", "Anemia"},
         {"302215000", "Thrombocytopenic disorder"}}};
    for (int i = 0; i < 3; ++i) {
      const auto& [code, text] = others[static_cast<std::size_t>(below(4))];
      condition(fmt::format("cc{}", i), coded(record::snomed_ct, code, text), "active", true, 500 + i);
    }
  }

  // Days since; where it is not on record, the rest is written as if it were 45.
  int transplant() {
    const int since = 22 + below(48);
    if (gap(40)) return 45;
    resource("Procedure", "hsct");
    put(R"(,"status":"{}","code":{},{},"performedDateTime":"{}"}}}})",
        gap(20) ? "entered-in-error" : "completed",
        coded(record::snomed_ct, "58390007", "Allogeneic bone marrow transplantation"), subject(),
        day(since));
    return since;
  }

  void observation(std::string_view category, const std::string& code, int back, const std::string& value) {
    resource("Observation", fmt::format("o{}", n_observations_++));
    const int status = options_.gaps ? below(1000) : 999;
    put(R"(,"status":"{}","category":[{}],"code":{},{},"effectiveDateTime":"{}T08:{:02}:00Z"{}}}}})",
        status < 15   ? "entered-in-error"
        : status < 18 ? "preliminary"
        : status < 21 ? "corrected"
                      : "final",
        coded("http://terminology.hl7.org/CodeSystem/observation-category", category, category), code,
        subject(), day(back), 10 + below(49), value);
  }

  void laboratories(int since) {
    const int step = std::max(1, since / std::max(options_.draws, 1));
    for (const Laboratory& row : laboratory) {
      if (options_.gaps && !in_hundred(row.percent_with)) continue;
      const double level = 0.8 * random_.normal();
      const bool is_other = !row.other_unit.empty() && in_hundred(20);
      const double factor = is_other ? row.other_factor : 1;
      const std::string_view unit = is_other ? row.other_unit : row.unit;
      const int decimals = is_other ? 1 : row.decimals;
      const std::string range =
          row.upper_limit > 0 ? fmt::format(R"(,"referenceRange":[{{"low":{},"high":{}}}])",
                                            quantity(0, 0, unit), quantity(row.upper_limit * factor, 2, unit))
                              : "";
      for (int i = 0; i < options_.draws; ++i) {
        double value = std::max(row.mean * 0.2, row.mean + row.spread * (level + 0.5 * random_.normal()));
        if (row.unit == "%") value = std::min(value, 100.0);
        std::string written = R"(,"valueQuantity":)" + quantity(value * factor, decimals, unit);
        if (gap(10)) {
          written = R"(,"dataAbsentReason":)" +
                    coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "error", "Error");
        } else if (gap(5)) {
          written = fmt::format(R"(,"valueQuantity":{{"value":{:.{}f}}})", value * factor, decimals);
        } else if (gap(5)) {
          written = fmt::format(
              R"(,"valueQuantity":{{"value":{:.{}f},"comparator":"<","unit":"{}","system":"{}","code":"{}"}})",
              value * factor, decimals, unit, ucum, unit);
        }
        if (!gap(70)) written += range;
        observation("laboratory", coded(record::loinc, row.loinc, row.name), i * step + (gap(40) ? 20 : 0),
                    written);
      }
    }
  }

  void findings(int since) {
    const std::string mrd = coded(record::graftline_codes, "mrd", "Measurable residual disease");
    if (in_hundred(90)) {
      for (const int back : {std::min(since, 30) - 2, below(25)}) {
        observation("laboratory", mrd, back,
                    R"(,"valueCodeableConcept":)" + (in_hundred(85)
                                                         ? coded(record::snomed_ct, "260385009", "Negative")
                                                         : coded(record::snomed_ct, "10828004", "Positive")));
      }
    }
    if (in_hundred(90)) {
      observation("imaging", coded(record::loinc, "10230-1", "Left ventricular Ejection fraction"),
                  below(110), R"(,"valueQuantity":)" + quantity(60 + 6 * random_.normal(), 0, "%"));
    }
    if (in_hundred(93)) {
      for (int i = 0; i < 4; ++i) {
        const int grade = in_hundred(93) ? below(2) : 2 + below(3);
        observation("exam", coded(record::graftline_codes, "agvhd-grade", "Acute GVHD overall grade"),
                    i * 7 + 1, fmt::format(R"(,"valueInteger":{})", grade));
      }
    }
  }

  void treatment(int since) {
    if (in_hundred(6)) {
      resource("Procedure", "dli");
      put(R"(,"status":"{}","code":{},{},"performedDateTime":"{}"}}}})",
          in_hundred(80) ? "completed" : "not-done",
          coded(record::graftline_codes, "dli", "Donor lymphocyte infusion"), subject(), day(below(15)));
    }
    for (const Drug& drug : drugs) {
      if (!in_hundred(drug.percent_on)) continue;
      resource("MedicationRequest", fmt::format("m{}", drug.code));
      put(R"(,"status":"{}","intent":"order","medicationCodeableConcept":{},{},"authoredOn":"{}"}}}})",
          in_hundred(88) ? "active" : "stopped", coded(record::rxnorm, drug.code, drug.name), subject(),
          day(since - 1));
    }
  }

  const SyntheticOptions& options_;
  KeyedRandom random_;
  std::string& out_;
  std::string id_;
  bool is_first_ = true;
  int n_observations_ = 0;
};

}  // namespace

void append_synthetic_bundle(const SyntheticOptions& options, std::size_t patient, std::string& out) {
  Bundle(options, patient, out).write();
}

}  // namespace graftline::interop::fhir
