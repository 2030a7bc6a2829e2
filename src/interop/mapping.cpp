#include "interop/mapping.h"

#include <array>
#include <initializer_list>

namespace graftline::interop {

using record::FactId;

namespace {

struct SystemAlias {
  std::string_view uri;
  std::string_view means;
};

// Other names of the same code systems. OIDs: HL7 terminology, NamingSystem registry. The last row is the
// placeholder that published examples of our own codes carry.
constexpr std::array<SystemAlias, 10> system_aliases{{
    {"urn:oid:2.16.840.1.113883.6.1", record::loinc},
    {"urn:oid:2.16.840.1.113883.6.96", record::snomed_ct},
    {"urn:oid:2.16.840.1.113883.6.88", record::rxnorm},
    {"urn:oid:2.16.840.1.113883.6.90", record::icd_10_cm},
    {"urn:oid:2.16.840.1.113883.6.4", record::icd_10_pcs},
    {"http://hl7.org/fhir/sid/icd-10-pcs", record::icd_10_pcs},
    {"urn:oid:2.16.840.1.113883.3.26.1.1", record::ncit},
    {"http://fhir.de/CodeSystem/bfarm/atc", record::atc},
    {"http://fhir.de/CodeSystem/dimdi/atc", record::atc},
    {"http://example.org/fhir/CodeSystem/dli", record::graftline_codes},
}};

struct UnitWord {
  std::string_view word;
  std::string_view ucum;
};

// Lengths of time as people write them; nothing else is so certain that it may be read without the site
// saying so.
constexpr std::array<UnitWord, 6> unit_words{{
    {"years", "a"},
    {"year", "a"},
    {"months", "mo"},
    {"weeks", "wk"},
    {"days", "d"},
    {"day", "d"},
}};

struct AnswerCode {
  std::string_view system;
  std::string_view code;
  std::string_view word;
};

// Positive, Present and Absent: CIBMTR Reporting IG 0.1.6 and its terminology cache. The other SNOMED CT and
// LOINC answers: several public FHIR implementations each, code and display agreeing. The HL7 tables are
// printed in FHIR R4.
constexpr std::array<AnswerCode, 24> answer_codes{{
    {record::snomed_ct, "10828004", "positive"},
    {record::snomed_ct, "260385009", "negative"},
    {record::snomed_ct, "52101004", "present"},
    {record::snomed_ct, "2667000", "absent"},
    {record::snomed_ct, "260373001", "detected"},
    {record::snomed_ct, "260415000", "not detected"},
    {record::snomed_ct, "373066001", "yes"},
    {record::snomed_ct, "373067005", "no"},
    {record::loinc, "LA6576-8", "positive"},
    {record::loinc, "LA6577-6", "negative"},
    {record::loinc, "LA11882-0", "detected"},
    {record::loinc, "LA11883-8", "not detected"},
    {record::loinc, "LA9633-4", "present"},
    {record::loinc, "LA9634-2", "absent"},
    {"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS", "positive"},
    {"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG", "negative"},
    {"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "IND", "indeterminate"},
    {"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "DET", "detected"},
    {"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "ND", "not detected"},
    {"http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "yes"},
    {"http://terminology.hl7.org/CodeSystem/v2-0136", "N", "no"},
    {record::graftline_codes, "positive", "positive"},
    {record::graftline_codes, "negative", "negative"},
    {record::graftline_codes, "indeterminate", "indeterminate"},
}};

struct Lineage {
  std::string_view fact;
  std::initializer_list<std::string_view> words;
};

// Words for the cells of a chimerism test; the share of unsorted blood is the fact without a lineage.
const std::array<Lineage, 7>& lineage_words() {
  static const std::array<Lineage, 7> rows{{
      {"donor_chimerism_blood", {"whole", "whole blood", "unsorted", "blood", "peripheral blood", "total"}},
      {"donor_chimerism_marrow", {"marrow", "bone marrow", "whole marrow"}},
      {"donor_chimerism_t", {"cd3", "cd3+", "t", "t cells", "t-cells", "t cell", "t-cell", "t lymphocytes"}},
      {"donor_chimerism_myeloid",
       {"cd33", "cd33+", "cd15", "cd15+", "myeloid", "granulocytes", "myeloid cells"}},
      {"donor_chimerism_cd34", {"cd34", "cd34+", "progenitors"}},
      {"donor_chimerism_b", {"cd19", "cd19+", "b", "b cells", "b-cells", "b cell", "b-cell"}},
      {"donor_chimerism_nk", {"cd56", "cd56+", "nk", "nk cells", "nk-cells"}},
  }};
  return rows;
}

// Words, and SNOMED CT route codes for records without words (54485002 ophthalmic, 6064005 topical, 46713006
// nasal, 447694001 respiratory tract; code and display agree in several public value sets). Routes and forms
// by which a drug hardly reaches the blood. The CIBMTR value set of GVHD prophylaxis holds eye drops and
// creams too: counted as systemic they would make "off immunosuppression" wrong.
constexpr std::array<std::string_view, 28> default_local_use_words{"ophthalmic",
                                                                   "ocular",
                                                                   "eye",
                                                                   "conjunctival",
                                                                   "topical",
                                                                   "cutaneous",
                                                                   "cream",
                                                                   "ointment",
                                                                   "gel",
                                                                   "lotion",
                                                                   "shampoo",
                                                                   "transdermal",
                                                                   "inhalation",
                                                                   "inhaled",
                                                                   "inhaler",
                                                                   "nasal",
                                                                   "otic",
                                                                   "mouthwash",
                                                                   "dental",
                                                                   "vaginal",
                                                                   "intravitreal",
                                                                   "intrathecal",
                                                                   "intra-articular",
                                                                   "subconjunctival",
                                                                   "54485002",
                                                                   "6064005",
                                                                   "46713006",
                                                                   "447694001"};

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string code_key(std::string_view system, std::string_view code) {
  std::string key;
  key.reserve(system.size() + code.size() + 1);
  key.append(system).append("|").append(code);
  return key;
}

Mapping Mapping::defaults() {
  Mapping mapping;
  for (const auto& row : system_aliases) mapping.systems_.emplace(row.uri, row.means);
  for (const auto& row : answer_codes) mapping.answers_.emplace(code_key(row.system, row.code), row.word);
  for (const auto& row : unit_words) mapping.units_.emplace(row.word, row.ucum);
  const auto facts = record::facts();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    for (const auto& coding : facts[i].codes) {
      Meaning meaning;
      meaning.fact = static_cast<FactId>(i);
      meaning.level = coding.level;
      mapping.codes_[code_key(coding.system, coding.code)].push_back(meaning);
      // "chimerism-donor-cd3" has its twin for laboratories that report the recipient's share.
      constexpr std::string_view donor = "chimerism-donor";
      if (coding.system == record::graftline_codes && coding.code.substr(0, donor.size()) == donor) {
        meaning.is_recipient_share = true;
        const std::string twin = "chimerism-recipient" + std::string(coding.code.substr(donor.size()));
        mapping.codes_[code_key(coding.system, twin)].push_back(std::move(meaning));
      }
    }
    // Our own code system holds every fact by its id, so that a site can code what no public system names.
    auto& by_id = mapping.codes_[code_key(record::graftline_codes, facts[i].id)];
    if (by_id.empty()) {
      Meaning meaning;
      meaning.fact = static_cast<FactId>(i);
      by_id.push_back(std::move(meaning));
    }
  }
  const FactId unsorted = record::fact_id("donor_chimerism_blood");
  for (const auto& row : lineage_words()) {
    for (const auto word : row.words) {
      mapping.lineages_.emplace(std::pair(unsorted, std::string(word)), record::fact_id(row.fact));
    }
  }
  mapping.local_use_words_.assign(default_local_use_words.begin(), default_local_use_words.end());
  return mapping;
}

const std::vector<Meaning>& Mapping::meanings(std::string_view uri, std::string_view code) const {
  static const std::vector<Meaning> none;
  const auto found = codes_.find(code_key(system(uri), code));
  return found == codes_.end() ? none : found->second;
}

std::string_view Mapping::answer(std::string_view uri, std::string_view code) const {
  const auto found = answers_.find(code_key(system(uri), code));
  return found == answers_.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view Mapping::unit_alias(std::string_view text) const {
  const auto found = units_.find(std::string(text));
  return found == units_.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<FactId> Mapping::of_lineage(FactId fact, std::string_view lineage) const {
  const auto found = lineages_.find({fact, folded(lineage)});
  if (found == lineages_.end()) return std::nullopt;
  return found->second;
}

std::string_view Mapping::system(std::string_view uri) const {
  const auto found = systems_.find(std::string(uri));
  return found == systems_.end() ? uri : std::string_view(found->second);
}

}  // namespace graftline::interop
