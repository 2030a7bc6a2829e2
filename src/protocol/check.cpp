#include "protocol/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

class Checks {
 public:
  Checks(const WholeProtocol& whole, std::vector<Diagnostic>& diagnostics)
      : whole_(whole), protocol_(whole.protocol), diagnostics_(diagnostics) {}

  void run() {
    check_missing();
    check_citations();
    check_ladders();
    check_unused();
  }

 private:
  void error(Span span, std::string message, std::string suggestion = "") {
    diagnostics_.push_back({Severity::error, std::move(message), std::move(suggestion), span});
  }
  void warning(Span span, std::string message, std::string suggestion = "") {
    diagnostics_.push_back({Severity::warning, std::move(message), std::move(suggestion), span});
  }

  void check_missing() {
    if (!whole_.has_header) {
      error(whole_.start, "the protocol has no title, id and version",
            "begin with: protocol \"...\" id my-protocol version 0.1.0");
    }
    if (!whole_.has_day_zero) {
      error(whole_.start, "nothing says what day 0 is", "add the line: day 0 is graft infusion");
    }
    const bool needs_review = protocol_.status == Status::reviewed || protocol_.status == Status::active;
    if (needs_review && protocol_.reviews.empty()) {
      error(whole_.status, fmt::format("status is {}, and no review is on record", name(protocol_.status)),
            "add: review by \"role\" on 2026-01-31 compared \"...\"");
    }
  }

  template <class Visit> void for_each_rules(Visit visit) {
    visit(protocol_.common);
    for (const Strategy& strategy : protocol_.strategies) visit(strategy.rules);
  }

  void cite(const std::optional<Citation>& citation) {
    if (!citation || citation->source.empty()) return;
    if (source_ids_.contains(citation->source)) {
      used_sources_.insert(citation->source);
      return;
    }
    std::string suggestion;
    if (whole_.scope.may_suggest()) {
      suggestion = did_you_mean(citation->source, {source_ids_.begin(), source_ids_.end()});
      if (suggestion.empty()) suggestion = fmt::format("add: source {} \"...\"", citation->source);
    }
    error(citation->span, fmt::format("the source '{}' is not declared", citation->source),
          std::move(suggestion));
  }
  template <class T> void cite_all(const std::vector<T>& items) {
    for (const T& item : items) cite(item.cite);
  }

  void cite_rules(const Rules& rules) {
    cite_all(rules.criteria);
    cite_all(rules.doses);
    cite_all(rules.gives);
    cite_all(rules.intervals);
    cite_all(rules.guards);
    cite_all(rules.waits);
    cite_all(rules.preparations);
    cite_all(rules.prophylaxis);
    cite_all(rules.monitoring);
    if (rules.count) cite(rules.count->cite);
    if (rules.cap) cite(rules.cap->cite);
    if (rules.governing) cite(rules.governing->cite);
    for (const Criterion& criterion : rules.criteria) {
      if (!criterion.cite)
        warning(criterion.span, fmt::format("criterion '{}' has no citation", criterion.id),
                "add: cite SOURCE \"section, item\"");
    }
    for (const DoseRow& row : rules.doses) {
      if (!row.cite)
        warning(row.span, fmt::format("the dose of level {} has no citation", row.first_level),
                "add: cite SOURCE \"section, item\"");
    }
  }

  void check_citations() {
    for (const Source& source : protocol_.sources) source_ids_.insert(source.id);
    cite_all(protocol_.gaps);
    cite_all(protocol_.facts);
    cite_all(protocol_.judgements);
    cite_all(protocol_.parameters);
    cite_all(protocol_.definitions);
    cite_all(protocol_.strategies);
    for_each_rules([&](const Rules& rules) { cite_rules(rules); });
    for (const Source& source : protocol_.sources) {
      if (!used_sources_.contains(source.id))
        warning(source.span, fmt::format("the source '{}' is never cited", source.id));
    }
  }

  static std::set<int> levels_of(const std::vector<DoseRow>& rows) {
    std::set<int> levels;
    for (const DoseRow& row : rows) {
      for (int level = row.first_level; level <= row.last_level; ++level) levels.insert(level);
    }
    return levels;
  }

  // Levels run from 1 without a hole, and what is given has a dose.
  void check_ladder(const Rules& rules) {
    std::set<int> levels = common_levels_;
    const DoseRow* first_row = protocol_.common.doses.empty() ? nullptr : &protocol_.common.doses.front();
    if (&rules != &protocol_.common) {
      levels.merge(levels_of(rules.doses));
      if (!rules.doses.empty()) first_row = &rules.doses.front();
    }
    if (first_row != nullptr) check_holes(levels, first_row->span);
    for (const GiveRule& rule : rules.gives) {
      for (int level = rule.first_level; level <= rule.last_level; ++level) {
        if (levels.contains(level)) continue;
        error(
            rule.span, fmt::format("level {} is given, and no row says its dose", level),
            fmt::format("add: dose level {} ..., or: dose level {} not stated by the source", level, level));
        break;
      }
    }
  }

  void check_holes(const std::set<int>& levels, Span span) {
    if (levels.empty()) return;
    for (int level = 1; level < *levels.rbegin(); ++level) {
      if (levels.contains(level)) continue;
      if (!reported_holes_.emplace(span.offset, level).second) return;
      error(span, fmt::format("the dose rows have no level {}", level), "levels count from 1 without a hole");
      return;
    }
  }

  void check_ladders() {
    common_levels_ = levels_of(protocol_.common.doses);
    for_each_rules([&](const Rules& rules) {
      // What every strategy shares may leave the doses to the strategies.
      const bool is_shared = &rules == &protocol_.common && !protocol_.strategies.empty();
      if (!is_shared) check_ladder(rules);
      check_cap(rules);
    });
  }

  // A cap on cells that no row doses would never bind: CD3 and CD34 look alike on paper.
  void check_cap(const Rules& rules) {
    if (!rules.cap || !rules.cap->target) return;
    std::set<Kind> dosed;
    for (const Rules* table : {&rules, &protocol_.common}) {
      for (const DoseRow& row : table->doses) {
        for (const Target& target : row.amount.targets) dosed.insert(target.kind);
      }
    }
    const Kind capped = rules.cap->target->kind;
    if (dosed.empty() || dosed.count(capped) != 0) return;
    error(rules.cap->span,
          fmt::format("the cap counts {} and the doses count {}: they do not compare", full_name(capped),
                      full_name(*dosed.begin())),
          "give the cap in the cells that are dosed");
  }

  void check_unused() {
    std::map<std::uint32_t, std::pair<std::string, Span>> unused;
    for (const auto& [name, symbol] : whole_.scope.symbols()) {
      // A judgement that no rule names has to be answered with yes all the same: it is never unused.
      if (symbol.is_used || !symbol.is_usable || symbol.kind == Symbol::Kind::judgement) continue;
      unused[symbol.span.offset] = {
          fmt::format("the {} '{}' is never used", protocol::name(symbol.kind), name), symbol.span};
    }
    for (auto& [offset, row] : unused) warning(row.second, std::move(row.first));
  }

  const WholeProtocol& whole_;
  const Protocol& protocol_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<std::string_view> source_ids_;
  std::set<std::string> used_sources_;
  std::set<int> common_levels_;
  std::set<std::pair<std::uint32_t, int>> reported_holes_;
};

}  // namespace

void check_whole(const WholeProtocol& whole, std::vector<Diagnostic>& diagnostics) {
  Checks(whole, diagnostics).run();
}

}  // namespace graftline::protocol
