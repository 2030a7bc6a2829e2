#include <fmt/format.h>

#include <array>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;
using record::FactType;
using record::Standing;

namespace {

struct Status {
  std::string_view code;
  Standing standing;
  std::string_view ignored_because;  // empty: it counts
};
constexpr std::array<Status, 7> statuses{{
    {"final", Standing::final, {}},
    {"appended", Standing::final, {}},
    {"amended", Standing::corrected, {}},
    {"corrected", Standing::corrected, {}},
    {"preliminary", Standing::preliminary, {}},
    {"registered", Standing::preliminary, {}},
    {"entered-in-error", Standing::final, "entered in error"},
}};

// Cells given, measured apart from the infusion itself.
struct DoseCode {
  std::string_view code;
  Kind kind;
};
constexpr std::array<DoseCode, 8> dose_codes{{
    {"cd3-dose-infused", Kind::cd3_cells},
    {"cd34-dose-infused", Kind::cd34_cells},
    {"cd4-dose-infused", Kind::cd4_cells},
    {"cd8-dose-infused", Kind::cd8_cells},
    {"mnc-dose-infused", Kind::mononuclear_cells},
    {"tnc-dose-infused", Kind::total_nucleated_cells},
    {"cd3-total", Kind::cd3_cells},
    {"mnc-total", Kind::mononuclear_cells},
}};

std::optional<Kind> dose_kind(std::string_view code) {
  for (const auto& row : dose_codes) {
    if (row.code == code) return row.kind;
  }
  return std::nullopt;
}

// What the components of an observation say about its own value.
struct Qualifiers {
  std::string lineage;
  std::string method;
  std::string context;
  Json result;  // the component that carries the value
};

bool take_qualifier(const Json& component, std::string_view code, Qualifiers& qualifiers) {
  const Json answer = component["valueCodeableConcept"];
  const std::string_view words = answer.exists() ? words_of(answer) : component["valueString"].string();
  if (code == "lineage") {
    qualifiers.lineage = std::string(words);
  } else if (code == "criteria" || code == "method") {
    qualifiers.method = std::string(words);
  } else if (code == "marker" || code == "specimen" || code == "sensitivity") {
    if (!qualifiers.context.empty()) qualifiers.context += "; ";
    const std::string text =
        component["valueQuantity"].exists() ? written(component["valueQuantity"]) : std::string(words);
    qualifiers.context += fmt::format("{}: {}", code, text);
  } else if (code == "result") {
    qualifiers.result = component;
  } else {
    return code == "lower-limit-minor-population";
  }
  return true;
}

class ObservationReader {
 public:
  ObservationReader(const Json& resource, Context& context, Draft& draft)
      : resource_(resource), context_(context), draft_(draft) {}

  Outcome read();

 private:
  Outcome read_dose(Kind kind);
  void add(const Meaning& meaning, const Json& holder, const std::string& path);
  std::optional<Problem> read_value(const Meaning& meaning, const Json& holder, Entry& entry,
                                    std::string& path);
  void read_upper_limit(const Json& holder, Entry& entry, const std::string& path);
  void read_components();
  bool has_value(const Json& holder) const;

  const Json& resource_;
  Context& context_;
  Draft& draft_;
  Qualifiers qualifiers_;
  When when_;
  Day known_on_;
  Standing standing_ = Standing::final;
  bool is_status_known_ = true;
  std::string first_refusal_;
};

bool ObservationReader::has_value(const Json& holder) const {
  for (const Json member : holder) {
    if (member.key().substr(0, 5) == "value" && member.exists()) return true;
  }
  return false;
}

std::optional<Problem> ObservationReader::read_value(const Meaning& meaning, const Json& holder, Entry& entry,
                                                     std::string& path) {
  const record::Fact& fact = record::fact(meaning.fact);
  ValueReader& values = context_.values;
  if (const Json quantity = holder["valueQuantity"]; quantity.exists()) {
    path += "valueQuantity";
    entry.as_written = written(quantity);
    return values.read_number(meaning, quantity["value"].text(), comparator_of(quantity), unit_of(quantity),
                              entry.value);
  }
  if (const Json concept_ = holder["valueCodeableConcept"]; concept_.exists()) {
    path += "valueCodeableConcept";
    entry.as_written = std::string(words_of(concept_));
    return values.read_answer(meaning, answers_of(concept_), entry.value);
  }
  for (const char* const name : {"valueInteger", "valueDecimal"}) {
    const Json number = holder[name];
    if (!number.exists()) continue;
    path += name;
    entry.as_written = std::string(number.text());
    return values.read_number(meaning, number.text(), Comparator::none, {}, entry.value);
  }
  for (const char* const name : {"valueString", "valueBoolean", "valueCode"}) {
    const Json text = holder[name];
    if (!text.exists()) continue;
    path += name;
    entry.as_written = std::string(text.text());
    return values.read_answer(meaning, {{{}, {}, text.text()}}, entry.value);
  }
  for (const char* const name : {"valueDateTime", "valueDate"}) {
    const Json date = holder[name];
    if (!date.exists()) continue;
    path += name;
    entry.as_written = std::string(date.text());
    // "Date of relapse": the value says when.
    if (fact.type != FactType::event && fact.type != FactType::course) break;
    const auto day = parse_partial_date(date.string());
    if (!day) return Problem{"", Reason::unreadable, "date unreadable", day.error().message};
    entry.when = *day;
    entry.value = true;
    return std::nullopt;
  }
  return Problem{"", Reason::unreadable, "value unreadable", "a value of this form is not read"};
}

void ObservationReader::read_upper_limit(const Json& holder, Entry& entry, const std::string& path) {
  if (!std::holds_alternative<Quantity>(entry.value)) return;
  std::size_t index = 0;
  for (const Json range : holder["referenceRange"]) {
    const std::string place = fmt::format("{}referenceRange[{}].high", path, index++);
    const Json high = range["high"];
    // Ranges of another sort ("treatment", "critical") or for other people say nothing about normal here.
    const Json type = range["type"]["coding"].front()["code"];
    if (!high.exists() || (type.exists() && type.string() != "normal")) continue;
    Quantity limit;
    const Kind kind = std::get<Quantity>(entry.value).kind;
    if (auto problem = context_.values.read_amount(high["value"].text(), unit_of(high), kind, limit)) {
      context_.refuse(draft_, place, problem->what, "the upper limit is not used: " + problem->detail);
      continue;
    }
    if (!comparable(limit.unit, std::get<Quantity>(entry.value).unit) &&
        record::fact(entry.fact).molar_mass.empty()) {
      context_.refuse(draft_, place, "unit does not convert",
                      fmt::format("the upper limit is in '{}', the value is not", limit.unit.code));
      continue;
    }
    if (entry.upper_limit) {
      context_.note(draft_, place, "several reference ranges", "none of them is used");
      entry.upper_limit.reset();
      return;
    }
    entry.upper_limit = std::move(limit);
  }
}

void ObservationReader::add(const Meaning& meaning, const Json& holder, const std::string& prefix) {
  Entry entry;
  entry.fact = meaning.fact;
  entry.when = when_.start;
  const bool is_course = record::fact(meaning.fact).type == FactType::course;
  if (when_.end && is_course) {
    entry.until = when_.end;
  } else if (when_.end) {
    entry.when = spanning(when_.start.first, when_.end->last);
  }
  entry.known_on = known_on_;
  entry.standing = standing_;
  entry.method = qualifiers_.method.empty() ? std::string(words_of(resource_["method"])) : qualifiers_.method;
  entry.context =
      qualifiers_.context.empty() ? std::string(words_of(resource_["specimen"])) : qualifiers_.context;
  entry.origin = draft_.origin;

  std::string path = prefix;
  auto problem = read_value(meaning, holder, entry, path);
  if (!is_status_known_) {
    problem =
        Problem{"", Reason::status_unknown, "status unknown",
                fmt::format("status '{}' does not say that the result stands", resource_["status"].string())};
    path = "status";
  }
  if (problem) {
    entry.value = std::monostate{};
    entry.unusable = problem->reason;
    if (!problem->where.empty() && path.ends_with("Quantity")) path += "." + problem->where;
    context_.refuse(draft_, path, *problem);
    if (first_refusal_.empty()) first_refusal_ = problem->what;
  } else {
    read_upper_limit(holder, entry, prefix);
  }
  draft_.entries.push_back(std::move(entry));
}

void ObservationReader::read_components() {
  std::size_t index = 0;
  for (const Json component : resource_["component"]) {
    const std::string prefix = fmt::format("component[{}].", index++);
    const std::string_view code = own_code(component["code"], context_.mapping());
    if (!code.empty() && take_qualifier(component, code, qualifiers_)) continue;
    const auto meanings = meanings_of(component["code"], context_.mapping());
    if (meanings.empty()) {
      count_unmapped(component["code"], context_.ledger);
      continue;
    }
    if (!has_value(component)) continue;
    for (const auto& meaning : meanings) add(meaning, component, prefix);
  }
}

Outcome ObservationReader::read_dose(Kind kind) {
  draft_.make_links().part_of = reference_of(resource_["partOf"].front());
  if (!is_status_known_ || standing_ == Standing::preliminary) {
    context_.refuse(draft_, "status", "status unknown", "only a final count of cells is a dose");
    return refused("status unknown");
  }
  if (const WhenFound counted = read_when(resource_, "effective"); counted.when)
    draft_.make_links().day = counted.when->start;
  const Json quantity = resource_["valueQuantity"];
  if (!quantity.exists()) return ignored("no value recorded");
  Quantity dose;
  if (auto problem = context_.values.read_amount(quantity["value"].text(), unit_of(quantity), kind, dose)) {
    context_.refuse(draft_, "valueQuantity." + problem->where, *problem);
    return refused(problem->what);
  }
  dose.comparator = comparator_of(quantity);
  draft_.make_links().doses.push_back(std::move(dose));
  return mapped();
}

Outcome ObservationReader::read() {
  const std::string_view status = resource_["status"].string();
  is_status_known_ = false;
  for (const auto& row : statuses) {
    if (row.code != status) continue;
    if (!row.ignored_because.empty()) return ignored(std::string(row.ignored_because));
    is_status_known_ = true;
    standing_ = row.standing;
  }
  if (status == "cancelled") return ignored("cancelled");

  for (const Json focus : resource_["focus"]) {
    const std::string about = reference_of(focus);
    const bool is_about_product = about.find("BiologicallyDerivedProduct/") != about.npos;
    const bool is_given = resource_["partOf"].front().exists();
    if (is_about_product && !is_given) return ignored("about a product, not the patient");
    if (about.find("Patient/") != about.npos && about != draft_.subject) return ignored("about someone else");
    if (about.find("RelatedPerson/") != about.npos) return ignored("about someone else");
  }

  const std::string_view code = own_code(resource_["code"], context_.mapping());
  if (const auto kind = dose_kind(code); kind && meanings_of(resource_["code"], context_.mapping()).empty()) {
    return read_dose(*kind);
  }
  auto meanings = meanings_of(resource_["code"], context_.mapping());
  if (meanings.empty() && !resource_["component"].exists()) {
    count_unmapped(resource_["code"], context_.ledger);
    return ignored("code not mapped");
  }

  const WhenFound found = read_when(resource_, "effective");
  const WhenFound issued = read_date(resource_["issued"], "issued");
  if (!found.mistake.empty()) {
    context_.refuse(draft_, found.path, "date unreadable", found.mistake);
    return refused("date unreadable");
  }
  if (!found.when && !issued.when) {
    if (meanings.empty()) {
      count_unmapped(resource_["code"], context_.ledger);
      return ignored("code not mapped");
    }
    context_.refuse(draft_, "effective[x]", "no date", "a result needs the day it is of");
    return refused("no date");
  }
  when_ = found.when ? *found.when : *issued.when;
  known_on_ = known_on(resource_, "issued", when_.end.value_or(when_.start), context_);

  read_components();
  if (!qualifiers_.lineage.empty()) {
    for (auto& meaning : meanings) {
      const auto fact = context_.mapping().of_lineage(meaning.fact, qualifiers_.lineage);
      if (!fact) {
        context_.refuse(draft_, "component", "cell lineage not mapped",
                        fmt::format("no fact for the lineage '{}' of {}", qualifiers_.lineage,
                                    record::fact(meaning.fact).id));
        return draft_.entries.empty() ? refused("cell lineage not mapped")
                                      : outcome_of(draft_, "cell lineage not mapped");
      }
      meaning.fact = *fact;
    }
  }
  const Json holder = !has_value(resource_) && qualifiers_.result.exists() ? qualifiers_.result : resource_;
  if (has_value(holder)) {
    for (const auto& meaning : meanings) add(meaning, holder, {});
  }
  if (draft_.entries.empty()) {
    if (meanings.empty()) {
      count_unmapped(resource_["code"], context_.ledger);
      return ignored("code not mapped");
    }
    const Json absent = resource_["dataAbsentReason"];
    return ignored(absent.exists() ? fmt::format("no value recorded: {}", plain_word(words_of(absent)))
                                   : "no value recorded");
  }
  if (!found.when) context_.note(draft_, "issued", "date taken from when it was issued", "no effective date");
  return outcome_of(draft_, first_refusal_);
}

}  // namespace

Outcome read_observation(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  return ObservationReader(resource, context, draft).read();
}

}  // namespace graftline::interop::fhir
