#include "interop/fhir/resource.h"

#include <array>

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

Outcome read_resource(const Json& resource, Context& context, Draft& draft) {
  draft.version = std::string(resource["meta"]["lastUpdated"].string());
  const std::string_view version = resource["meta"]["versionId"].string();
  // Numbers of equal length compare as text as they do as numbers.
  draft.version += '#';
  if (version.size() < 12) draft.version.append(12 - version.size(), ' ');
  draft.version += version;
  for (const auto& type : resource_types) {
    if (type.name == draft.type) return type.read(resource, context, draft);
  }
  return ignored("resource type not used");
}

}  // namespace graftline::interop::fhir
