#pragma once
// Conditions of a protocol over one view of a record, three-valued, with the facts used.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "protocol/protocol.h"
#include "record/view.h"

namespace graftline::engine {

// A day a rule counts from, or why it is not known. Imprecise as recorded.
struct ResolvedAnchor {
  std::optional<PartialDate> date;
  ReasonSet reasons;
  std::string missing;  // what would have to be known
};

// Holds references: protocol, view and settings must outlive it.
class Evaluator {
 public:
  Evaluator(const protocol::Protocol& protocol, const record::View& view, const Settings& settings)
      : protocol_(protocol), view_(view), settings_(settings) {}

  const protocol::Protocol& protocol() const { return protocol_; }
  const record::View& view() const { return view_; }
  const Settings& settings() const { return settings_; }

  Node evaluate(const protocol::Expr& expr) const;
  Node criterion(const protocol::Criterion& criterion) const;

  ResolvedAnchor anchor(const protocol::Anchor& anchor) const;

  // Whether today lies in a window. Unknown when an anchor is.
  Answer today_in(const protocol::Window& window) const;

  // The value of a parameter: set by the site, else the protocol's default; absent: not set.
  std::optional<std::string> parameter(std::string_view name) const;

  // What the record says for a declared fact, with its own pick and window.
  record::Reading read(const protocol::FactDeclaration& fact) const;

 private:
  struct ShiftedAnchor;  // one of the days an imprecise anchor may be

  Node leaf(const protocol::Expr& expr) const;
  Node comparison(const protocol::Expr& expr) const;
  Node membership(const protocol::Expr& expr) const;
  Node named(const protocol::Expr& expr) const;
  Node held(const protocol::Expr& expr) const;
  Node known(const protocol::Expr& expr) const;
  Node today(const protocol::Expr& expr) const;

  int anchor_width(const protocol::Window& window) const;
  record::Window resolve(const protocol::Window& window, int shift, ReasonSet& reasons,
                         std::string& missing) const;
  record::Window window_of(const protocol::FactDeclaration& fact, int shift, ReasonSet& reasons,
                           std::string& missing) const;
  record::Reading read_shifted(const protocol::FactDeclaration& fact, int shift) const;
  std::vector<record::Argument> arguments(const protocol::FactDeclaration& fact) const;
  Answer truth_of(const protocol::FactDeclaration& fact, int shift, Node& node) const;
  void assume_absence(const protocol::FactDeclaration& fact, Node& node) const;

  const protocol::Protocol& protocol_;
  const record::View& view_;
  const Settings& settings_;
};

// What the evidence list of an answer shows of an entry.
Evidence evidence_of(std::string_view fact_name, const record::Entry& entry);

}  // namespace graftline::engine
