#pragma once
// One FHIR R4 resource -> entries. Whose they are, and which drug or infusion they belong to, may stand in
// other resources: scope.h joins them.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interop/fhir/json.h"
#include "interop/ledger.h"
#include "interop/mapping.h"
#include "interop/value.h"
#include "record/timeline.h"

namespace graftline::interop::fhir {

// What a resource says about others, or others about it. Most resources say none of this, and a bulk export
// keeps millions of them until all are read: so it stands apart.
struct Links {
  std::string full_url;  // Bundle.entry.fullUrl
  // Patient
  std::string patient;                   // what it is called from here on
  std::vector<std::string> identifiers;  // as references that name it by one
  std::string replaced_by;               // reference to the Patient that now stands for this one
  std::vector<std::string> replaces;
  bool is_donor = false;
  // Medication: the drugs in it. Drug records: `entries` holds one entry without a drug yet, and `medication`
  // the reference that names it.
  std::vector<record::FactId> drugs;
  std::string medication;
  std::string local_use;  // "ophthalmic": the drug does not reach the blood
  // Cells given, measured in an Observation of its own: which infusion, how many, on which day.
  std::string part_of;
  std::vector<Quantity> doses;
  PartialDate day;
  // BiologicallyDerivedProduct: who gave the cells, and for whom.
  std::string source_patient;
  std::string intended_recipient;
};

// What one resource says, before its references are followed.
struct Draft {
  std::string_view type;  // "Observation"; lives as long as the program
  std::string self;       // "Observation/alt-1"; empty without an id
  std::string version;    // meta.lastUpdated and versionId, comparable as text
  std::string subject;    // reference to the patient, as written
  record::Origin origin;
  Outcome outcome;
  bool is_copy = false;  // it stands elsewhere too, and is counted there
  std::vector<record::Entry> entries;
  std::unique_ptr<Links> kept_links;

  const Links& links() const {
    static const Links none;
    return kept_links ? *kept_links : none;
  }
  Links& make_links() {
    if (!kept_links) kept_links = std::make_unique<Links>();
    return *kept_links;
  }
};

// The name of a resource type for as long as the program runs.
std::string_view lasting_name(std::string_view resource_type);

// Everything that reading one resource needs.
class Context {
 public:
  Context(ValueReader& reader, Ledger& books, const std::optional<Day>& taken_on)
      : values(reader), ledger(books), read_on(taken_on) {}

  const Mapping& mapping() const { return values.mapping(); }
  void refuse(const Draft& draft, std::string path, const Problem& problem) {
    ledger.refuse({draft.origin, std::move(path), problem.what, problem.detail});
  }
  void refuse(const Draft& draft, std::string path, std::string reason, std::string detail) {
    ledger.refuse({draft.origin, std::move(path), std::move(reason), std::move(detail)});
  }
  void note(const Draft& draft, std::string path, std::string reason, std::string detail) {
    ledger.note({draft.origin, std::move(path), std::move(reason), std::move(detail)});
  }

  ValueReader& values;
  Ledger& ledger;
  const std::optional<Day>& read_on;
};

// Reads a resource into `draft` (type, self and origin are set); returns what becomes of it, mapped when
// anything in it can be used.
Outcome read_resource(const Json& resource, Context& context, Draft& draft);

// One per resource type that a rule may read; rows of the table in resource.cpp.
Outcome read_patient(const Json& resource, Context& context, Draft& draft);
Outcome read_observation(const Json& resource, Context& context, Draft& draft);
Outcome read_condition(const Json& resource, Context& context, Draft& draft);
Outcome read_procedure(const Json& resource, Context& context, Draft& draft);
Outcome read_medication(const Json& resource, Context& context, Draft& draft);
Outcome read_medication_statement(const Json& resource, Context& context, Draft& draft);
Outcome read_medication_administration(const Json& resource, Context& context, Draft& draft);
Outcome read_medication_request(const Json& resource, Context& context, Draft& draft);
Outcome read_consent(const Json& resource, Context& context, Draft& draft);
Outcome read_research_subject(const Json& resource, Context& context, Draft& draft);
Outcome read_product(const Json& resource, Context& context, Draft& draft);

}  // namespace graftline::interop::fhir
