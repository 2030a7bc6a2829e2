#include "interop/fhir/document.h"

#include <fmt/format.h>

#include <utility>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

// The manifest of a bulk-data export lists files and holds no record.
bool is_bulk_manifest(const Json& root) {
  return root["transactionTime"].exists() && root["output"].is_array();
}

}  // namespace

void DocumentReader::read_one(const Json& resource, std::string_view full_url, const std::string& fallback,
                              const std::string& place, Ledger& ledger, Scope& scope, bool is_copy) {
  Draft draft;
  draft.is_copy = is_copy;
  draft.type = lasting_name(resource["resourceType"].string());
  if (!full_url.empty()) draft.make_links().full_url = std::string(full_url);
  const std::string_view id = resource["id"].string();
  if (!id.empty()) draft.self = fmt::format("{}/{}", draft.type, id);
  draft.origin = {place, !draft.self.empty() ? draft.self : fmt::format("{} ({})", fallback, draft.type)};
  if (draft.type.empty()) {
    draft.type = "(no resourceType)";
    draft.outcome = refused("no resourceType");
    ledger.refuse({{place, fallback}, "resourceType", "no resourceType", "not a FHIR resource"});
  } else if (draft.type == "Bundle") {
    // A bundle within a bundle: a page of a batch answer.
    std::size_t index = 0;
    for (const Json entry : resource["entry"]) read_entry(entry, index++, place, ledger, scope);
    return;
  } else {
    Context context(*values_, ledger, read_on_);
    draft.outcome = read_resource(resource, context, draft);
  }
  scope.take(std::move(draft), ledger);
}

void DocumentReader::read_entry(const Json& entry, std::size_t index, const std::string& place,
                                Ledger& ledger, Scope& scope) {
  const std::string name = fmt::format("entry {}", index + 1);
  const Json resource = entry["resource"];
  if (resource.is_object()) {
    read_one(resource, entry["fullUrl"].string(), name, place, ledger, scope);
    return;
  }
  const Json request = entry["request"];
  if (request["method"].string() == "DELETE") {
    scope.remove(std::string(request["url"].string()));
    ledger.count("Bundle entry", ignored("a deletion"));
  } else if (request.exists() || entry["response"].exists()) {
    ledger.count("Bundle entry", ignored("a request or response without a resource"));
  } else {
    ledger.count("Bundle entry", refused("no resource"));
    ledger.refuse({{place, name}, "resource", "no resource", "the entry holds no resource"});
  }
}

DocumentReader::Belonging DocumentReader::belonging_of(std::string_view bytes) {
  using To = Belonging::To;
  Belonging belonging;
  const auto visit = [&](const JsonReader::Visited& visited) {
    const Json root = visited.value;
    const std::string_view type = root["resourceType"].string();
    if (visited.is_entry || type == "Bundle") return;
    Draft draft;
    draft.type = lasting_name(type);
    const std::string_view id = root["id"].string();
    if (!id.empty()) draft.self = fmt::format("{}/{}", draft.type, id);
    Ledger unused(0);
    Context context(*values_, unused, read_on_);
    if (!type.empty()) draft.outcome = read_resource(root, context, draft);
    const Links& links = draft.links();
    const bool joins = !links.replaced_by.empty() || !links.replaces.empty() ||
                       !links.source_patient.empty() || draft.type == "BiologicallyDerivedProduct";
    const std::string_view subject = draft.subject;
    // A name that only other resources explain.
    const bool is_indirect = subject.substr(0, 4) == "urn:";
    if (joins || is_indirect) return;
    belonging.to = draft.type == "Medication" ? To::everybody : To::patient;
    belonging.patient = draft.type == "Patient" ? draft.self : std::string(relative_reference(subject));
  };
  // What cannot be read belongs to nobody, and is refused when it is read.
  if (!json_.read(bytes, deepest_, visit)) return {To::patient, {}};
  return belonging;
}

bool DocumentReader::read(std::string_view bytes, const std::string& place, Ledger& ledger,
                          Gatherer& gatherer, bool is_copy) {
  Ledger books(no_limit);
  Scope bundle;
  bool is_manifest = false;
  const auto visit = [&](const JsonReader::Visited& visited) {
    if (visited.is_entry) {
      read_entry(visited.value, visited.index, place, books, bundle);
      return;
    }
    const Json root = visited.value;
    if (root["resourceType"].string() == "Bundle") return;
    if (!root["resourceType"].exists() && is_bulk_manifest(root)) {
      is_manifest = true;
      return;
    }
    read_one(root, {}, "the document", place, books, loose_, is_copy);
  };
  const auto done = json_.read(bytes, deepest_, visit);
  if (!done) {
    ledger.count("document", refused(done.error().message));
    ledger.refuse({{place, {}}, {}, done.error().message, "nothing of this document is used"});
    return false;
  }
  if (is_copy) return true;
  ledger.post(std::move(books));
  ledger.count("document", is_manifest ? ignored("the manifest of a bulk-data export") : mapped());
  if (!bundle.is_empty()) {
    gatherer.begin_document();
    bundle.close(ledger, gatherer, Scope::End::of_document);
    gatherer.end_document();
  }
  return true;
}

}  // namespace graftline::interop::fhir
