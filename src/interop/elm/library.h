#pragma once
// The eligibility part of a protocol for engines that know nothing of graftline: an ELM library over FHIR R4,
// and the same as CQL text.
//
// Open world: what is not recorded is null, never false. What ELM over FHIR cannot say as the protocol means
// it is null as well, with an annotation that says why, and is listed.

#include <string>
#include <vector>

#include "protocol/protocol.h"

namespace graftline::interop::elm {

struct LeftOut {
  std::string criterion;  // its id
  std::string condition;  // as the protocol writes it
  std::string why;
};

struct Library {
  std::string name;  // "nct07319793": an identifier
  std::string version;
  std::string elm;                    // JSON
  std::string cql;                    // printed from that JSON
  std::vector<std::string> criteria;  // ids, each a definition; "Eligible" is all of them
  std::vector<LeftOut> left_out;
};

// Common criteria only: those of a strategy depend on which one is open, and are listed as left out.
//   AsOf                    parameter of the library: the day asked about
//   "Upper limit of alt"    parameter: the laboratory's, in the unit of the fact; null unless given
//   "Day of enrolled"       parameter: of an event that a window counts from; null: the day asked about
Library library(const protocol::Protocol& protocol);

}  // namespace graftline::interop::elm
