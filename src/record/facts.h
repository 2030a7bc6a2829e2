#pragma once
// The catalogue: every fact a rule may read. Adding a fact is adding a row in facts.cpp; importers, language,
// docs and tests read the same rows. `graftline facts` prints it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/kind.h"
#include "core/result.h"

namespace graftline::record {

enum class FactType : unsigned char {
  quantity,   // a number with a unit: ALT 35 U/L
  ordinal,    // a level of a named scale: acute GVHD grade II
  code,       // one word of a declared list: donor type haploidentical
  statement,  // documented yes or no on a day: severe infection = no
  event,      // happened on a day, or documented never to have: relapse, donor lymphocyte infusion
  course,     // holds over an interval, or documented not to: ciclosporin, a GVHD episode
};
std::string_view name(FactType type);

// What "no record at all" means unless a protocol says otherwise and why.
enum class Absence : unsigned char { unknown, no };

// A code in somebody's code system that means this fact; the FHIR importer's default mapping is made of
// these. Only codes read in a published source are rows here; a site adds its own in its mapping file.
struct Coding {
  std::string_view system = {};
  std::string_view code = {};
  // Where the code itself carries the value (Condition 91861009 is disease = aml): the level, or neighbouring
  // levels separated by '|' where the code does not tell them apart.
  std::string_view level = {};
};

// Code systems as FHIR names them.
inline constexpr std::string_view loinc = "http://loinc.org";
inline constexpr std::string_view snomed_ct = "http://snomed.info/sct";
inline constexpr std::string_view icd_10_cm = "http://hl7.org/fhir/sid/icd-10-cm";
inline constexpr std::string_view icd_10_pcs = "http://www.cms.gov/Medicare/Coding/ICD10";
inline constexpr std::string_view ncit = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl";
inline constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
inline constexpr std::string_view atc = "http://www.whocc.no/atc";
inline constexpr std::string_view cpt = "http://www.ama-assn.org/go/cpt";
// Our own code system, for what no public one names (donor chimerism, CD3 doses, GVHD stages).
inline constexpr std::string_view graftline_codes = "urn:graftline:codes";

using FactId = std::uint16_t;  // index into facts(); stable within one program, never stored

struct Fact {
  std::string_view id = {};        // as CSV and JSON write it: "alt"
  std::string_view phrase = {};    // as protocols write it: "blood alanine aminotransferase"
  std::string_view synonyms = {};  // further phrases and ids, separated by '|'
  FactType type = FactType::quantity;
  std::string_view unit = {};  // canonical UCUM unit of a quantity
  Kind kind = Kind::none;
  std::string_view molar_mass = {};  // g/mol, where mass and amount of substance both occur
  std::string_view levels = {};      // ordinal: lowest first; code: any order; separated by '|'
  // Facts whose holding is a case of this one ("ciclosporin|tacrolimus|.."). A member that holds makes this
  // hold; this documented not to hold makes each member not hold. An ordinal member holds above its lowest
  // level.
  std::string_view members = {};
  // Members that together are all of this one: when each is documented not to hold, neither does this.
  std::string_view made_of = {};
  // "sex=male": with this level recorded the fact cannot hold, whatever else is missing.
  std::string_view impossible_when = {};
  std::string_view derivation = {};  // name of the rule in derived.cpp that computes it; empty: recorded only
  std::string_view parameters = {};  // what the rule must be told, separated by '|' ("equation")
  Absence absence = Absence::unknown;
  std::span<const Coding> codes = {};
  std::string_view documentation = {};  // one or two sentences for the reference
  std::string_view source = {};         // where definition or codes come from
};

std::span<const Fact> facts();
const Fact& fact(FactId id);

// By id, phrase or synonym, ignoring case; underscores, hyphens and runs of blanks count as one blank.
std::optional<FactId> find_fact(std::string_view name);
FactId fact_id(std::string_view id);  // by exact id; a bug (ensure) when absent: for our own code

// The parts of a list separated by bars, as rows write levels, members, synonyms and parameters.
std::vector<std::string_view> split(std::string_view list);

// Members and supersets of a fact, direct ones only; see Fact::members.
std::span<const FactId> members_of(FactId id);
std::span<const FactId> supersets_of(FactId id);

// Levels of an ordinal or code fact. level_of accepts the level's word in any case, and Roman or Arabic
// numerals for grades.
std::vector<std::string_view> levels_of(const Fact& fact);
std::optional<int> level_of(const Fact& fact, std::string_view word);

// The phrase (of any fact) closest to `name`, for "did you mean".
std::string closest_fact(std::string_view name);

}  // namespace graftline::record
