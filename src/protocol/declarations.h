#pragma once
// Statements that declare: metadata, sources, facts, judgements, parameters. The keyword has been read.

#include "protocol/scope.h"

namespace graftline::protocol {

struct Header {
  std::string title;
  std::string id;
  std::string version;
};
Header parse_header(Reader& reader);
Status parse_status(Reader& reader);
Review parse_review(Reader& reader);
Source parse_source(Reader& reader);
Gap parse_gap(Reader& reader);
FactDeclaration parse_fact(Reader& reader, Scope& scope);
Judgement parse_judgement(Reader& reader);
Parameter parse_parameter(Reader& reader);

}  // namespace graftline::protocol
