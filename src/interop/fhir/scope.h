#pragma once
// Joins what the resources of one bundle, or of one folder of resources, say about each other: whose record
// it is, which drug a statement means, which infusion a count of cells belongs to, which version of a
// resource is the last.

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "interop/fhir/resource.h"
#include "interop/gather.h"
#include "interop/ledger.h"

namespace graftline::interop::fhir {

// "Patient/p1" of "http://server/fhir/Patient/p1"; a reference without a type stays as it is.
std::string_view relative_reference(std::string_view reference);

class Scope {
 public:
  // Takes a resource that was read. What is ignored and joins nothing is counted at once and forgotten.
  void take(Draft&& draft, Ledger& ledger);
  // A history bundle says that this resource was deleted: "Observation/alt-1".
  void remove(std::string resource);

  // Follows the references, counts every resource in `ledger` and gives the entries to their patients; at the
  // end of the import each patient is handed on at once.
  enum class End : unsigned char { of_document, of_import };
  void close(Ledger& ledger, Gatherer& gatherer, End end);

  bool is_empty() const { return drafts_.empty(); }

 private:
  void keep_latest_versions();
  void name_patients();
  void name_drugs(Ledger& ledger);
  void join_doses(Ledger& ledger);
  using Infusions = std::unordered_multimap<std::string, std::size_t>;  // patient -> index into drafts_
  record::Entry* infusion_of(const Draft& dose, const Infusions& infusions);
  void merge(const std::string& replaced, const std::string& standing);
  std::string patient_of(const std::string& reference) const;
  // Whose draft it is; empty when it is nobody's, and then its outcome says why.
  std::string owner_of(Draft& draft, Ledger& ledger);
  const Draft* find(const std::string& reference) const;
  void refuse_all(Draft& draft, Ledger& ledger, std::string path, std::string reason, std::string detail);

  std::vector<Draft> drafts_;
  std::unordered_set<std::string> removed_;
  std::unordered_map<std::string, std::size_t> by_address_;  // "Observation/alt-1" and full URLs
  std::unordered_map<std::string, std::string> patients_;    // address -> patient
  std::unordered_map<std::string, bool> donors_;             // patient -> is only a donor
};

}  // namespace graftline::interop::fhir
