#pragma once
// Joins what the resources of one bundle, or of one folder of resources, say about each other: whose record
// it is, which drug a statement means, which infusion a count of cells belongs to, which version of a
// resource is the last.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "interop/fhir/resource.h"
#include "interop/gather.h"
#include "interop/ledger.h"

namespace graftline::interop::fhir {

class Scope {
 public:
  // Takes a resource that was read. What is ignored and joins nothing is counted at once and forgotten.
  void take(Draft&& draft, Ledger& ledger);
  // A history bundle says that this resource was deleted: "Observation/alt-1".
  void remove(std::string resource);

  // Follows the references, counts every resource in `ledger` and gives the entries to their patients.
  void close(Ledger& ledger, Gatherer& gatherer);

  bool is_empty() const { return drafts_.empty(); }

 private:
  void keep_latest_versions();
  void name_patients();
  void name_drugs(Ledger& ledger);
  void join_doses(Ledger& ledger);
  using Infusions = std::unordered_multimap<std::string, std::size_t>;  // patient -> index into drafts_
  record::Entry* infusion_of(const Draft& dose, const Infusions& infusions);
  std::string patient_of(const std::string& reference) const;
  const Draft* find(const std::string& reference) const;
  void refuse_all(Draft& draft, Ledger& ledger, std::string path, std::string reason, std::string detail);

  std::vector<Draft> drafts_;
  std::vector<std::string> removed_;
  std::unordered_map<std::string, std::size_t> by_address_;  // "Observation/alt-1" and full URLs
  std::unordered_map<std::string, std::string> patients_;    // address -> patient
  std::unordered_map<std::string, bool> donors_;             // patient -> is only a donor
};

}  // namespace graftline::interop::fhir
