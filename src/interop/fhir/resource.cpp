#include "interop/fhir/resource.h"

#include <array>
#include <mutex>
#include <set>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

namespace {

struct ResourceType {
  std::string_view name;
  Outcome (*read)(const Json&, Context&, Draft&);
};

// A resource type that is not here says nothing a rule may read; it is counted as such.
constexpr std::array<ResourceType, 11> resource_types{{
    {"Patient", read_patient},
    {"Observation", read_observation},
    {"Condition", read_condition},
    {"Procedure", read_procedure},
    {"Medication", read_medication},
    {"MedicationStatement", read_medication_statement},
    {"MedicationAdministration", read_medication_administration},
    {"MedicationRequest", read_medication_request},
    {"Consent", read_consent},
    {"ResearchSubject", read_research_subject},
    {"BiologicallyDerivedProduct", read_product},
}};

}  // namespace

std::string_view lasting_name(std::string_view resource_type) {
  for (const auto& type : resource_types) {
    if (type.name == resource_type) return type.name;
  }
  // FHIR has some 150 types; made-up names beyond a thousand are not told apart.
  static std::mutex mutex;
  static std::set<std::string, std::less<>> others;
  const std::lock_guard lock(mutex);
  if (const auto found = others.find(resource_type); found != others.end()) return *found;
  if (others.size() >= 1000 || resource_type.size() > 64) return "(other)";
  return *others.emplace(resource_type).first;
}

Outcome read_resource(const Json& resource, Context& context, Draft& draft) {
  draft.version = std::string(resource["meta"]["lastUpdated"].string());
  const std::string_view version = resource["meta"]["versionId"].string();
  // Numbers of equal length compare as text as they do as numbers.
  if (!version.empty()) {
    draft.version += '#';
    if (version.size() < 12) draft.version.append(12 - version.size(), ' ');
    draft.version += version;
  }
  for (const auto& type : resource_types) {
    if (type.name == draft.type) return type.read(resource, context, draft);
  }
  return ignored("resource type not used");
}

}  // namespace graftline::interop::fhir
