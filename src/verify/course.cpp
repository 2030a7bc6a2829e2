#include "verify/course.h"

#include <algorithm>
#include <functional>
#include <set>

#include "record/facts.h"

namespace graftline::verify {
namespace {

using protocol::Anchor;
using protocol::Expr;
using protocol::Operand;
using protocol::Protocol;
using protocol::Rules;
using protocol::Window;

// The days an anchor lies after its base. Calendar months have 28 to 31 days: all of those are borders.
std::vector<int> offsets_of(const Anchor& anchor) {
  if (!anchor.offset) return {0};
  if (anchor.offset->unit == protocol::TimeUnit::hours) return {0};
  if (anchor.offset->unit != protocol::TimeUnit::calendar_months)
    return {anchor.sign * in_days(*anchor.offset)};
  std::vector<int> days;
  for (int length = 28; length <= 31; ++length) days.push_back(anchor.sign * length * anchor.offset->count);
  return days;
}

unsigned clock_of(const Anchor& anchor) {
  switch (anchor.base) {
    case Anchor::Base::day_zero:
      return day_clock;
    case Anchor::Base::last_infusion:
      return last_clock | count_clock;
    case Anchor::Base::first_infusion:
      return first_clock | count_clock;
    case Anchor::Base::infusion:
      return (anchor.infusion <= 1 ? first_clock : last_clock) | count_clock;
    default:
      return 0;
  }
}

// Visits every window, anchor with a number of days, and comparison of a count in a protocol.
struct Visitor {
  std::function<void(const Anchor&, int days)> at;   // an answer may change so many days after the anchor
  std::function<void(int count)> at_count;           // ... or at so many infusions
  std::function<void(const Anchor&)> at_any_length;  // compared with something that is not known here

  void window(const Window& w) const {
    for (const auto* end : {&w.first, &w.last}) {
      if (*end) at(**end, 0);
    }
  }

  void expr(const Expr& e) const {
    for (const Expr& child : e.children) expr(child);
    window(e.window);
    if (e.form != Expr::Form::comparison) return;
    for (const auto& [side, other] : {std::pair{&e.left, &e.right}, std::pair{&e.right, &e.left}}) {
      const Rational number =
          other->form == Operand::Form::literal ? to_rational(other->quantity.value) : Rational(0);
      const bool is_weeks = other->quantity.unit.code == "wk";
      const int count = static_cast<int>(graftline::to_double(number)) * (is_weeks ? 7 : 1);
      if (side->form == Operand::Form::days_since) {
        if (other->form == Operand::Form::literal) {
          at(side->anchor, count);
        } else {
          at_any_length(side->anchor);
        }
      }
      if (side->form == Operand::Form::infusions) at_count(count);
    }
  }

  void rules(const Rules& r) const {
    for (const auto& c : r.criteria) expr(c.when);
    for (const auto& g : r.guards) {
      if (g.when) expr(*g.when);
    }
    for (const auto& d : r.doses) {
      window(d.window);
      if (d.when) expr(*d.when);
    }
    for (const auto& g : r.gives) {
      window(g.window);
      if (g.when) expr(*g.when);
    }
    Anchor last;
    last.base = Anchor::Base::last_infusion;
    for (const auto& i : r.intervals) {
      at(last, in_days(i.at_least));
      if (i.at_most) at(last, in_days(*i.at_most));
      if (i.when) expr(*i.when);
    }
    if (r.count) at_count(r.count->at_most);
  }

  void all(const Protocol& p) const {
    for (const auto& fact : p.facts) window(fact.window);
    for (const auto& definition : p.definitions) expr(definition.when);
    rules(p.common);
    for (const auto& strategy : p.strategies) {
      if (strategy.when) expr(*strategy.when);
      rules(strategy.rules);
    }
    Anchor last;
    last.base = Anchor::Base::last_infusion;
    for (const auto& claim : p.claims) {
      if (claim.when) expr(*claim.when);
      if (claim.about == protocol::Claim::About::two_infusions_within) at(last, in_days(claim.within));
    }
  }
};

void add(std::vector<int>& borders, int count) {
  for (const int border : {count, count + 1}) {
    if (border > 0) borders.push_back(border);
  }
}

void tidy(std::vector<int>& borders) {
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
}

std::uint64_t class_of(const std::vector<int>& borders, int count) {
  return static_cast<std::uint64_t>(std::upper_bound(borders.begin(), borders.end(), count) -
                                    borders.begin());
}

}  // namespace

Borders::Borders(const Protocol& protocol) {
  Visitor visitor;
  visitor.at = [&](const Anchor& anchor, int days) {
    if (anchor.base == Anchor::Base::infusion && anchor.infusion > 1) is_complete = false;
    const unsigned clock = clock_of(anchor);
    for (const int offset : offsets_of(anchor)) {
      if ((clock & day_clock) != 0) add(day, offset + days);
      if ((clock & last_clock) != 0) add(last, offset + days);
      if ((clock & first_clock) != 0) add(first, offset + days);
    }
    if ((clock & count_clock) != 0) add(n, std::max(1, anchor.infusion) - 1);
  };
  visitor.at_count = [&](int count) {
    for (const int border : {count - 1, count}) add(n, border);
  };
  visitor.at_any_length = [&](const Anchor&) { is_complete = false; };
  visitor.all(protocol);
  for (const auto& fact : protocol.facts) {
    // Counts its own days: from the test of about day +28 on.
    if (record::fact(fact.fact).derivation == "chimerism_rise") {
      for (const int border : {21, 28, 35}) add(day, border);
    }
    if (record::fact(fact.fact).id == "dli") add(n, 0);
  }
  // An infusion and the day after it are told apart: none is given twice in one day.
  add(last, 0);
  for (auto* borders : {&day, &last, &first, &n}) tidy(*borders);
}

unsigned Borders::clocks_of(const Window& window) const {
  unsigned clocks = 0;
  for (const auto* end : {&window.first, &window.last}) {
    if (*end) clocks |= clock_of(**end);
  }
  return clocks;
}

unsigned Borders::clocks_of(const Expr& expr, const Protocol& protocol) const {
  unsigned clocks = clocks_of(expr.window);
  const auto fact = [&](const std::string& name) {
    const auto* declared = protocol.find_fact(name);
    if (declared == nullptr) return;
    clocks |= clocks_of(declared->window);
    const record::Fact& row = record::fact(declared->fact);
    // What is worst, best or any reads from day 0 on, where nothing else is said: no border lies there.
    if (row.derivation == "days_since_transplant" || row.derivation == "chimerism_rise") clocks |= day_clock;
    if (row.id == "dli") clocks |= count_clock;
  };
  fact(expr.name);
  for (const Operand* side : {&expr.left, &expr.right}) {
    if (side->form == Operand::Form::fact) fact(side->name);
    if (side->form == Operand::Form::days_since) clocks |= clock_of(side->anchor);
    if (side->form == Operand::Form::infusions) clocks |= count_clock;
  }
  return clocks;
}

std::uint64_t Borders::region(const Clocks& clocks, unsigned which) const {
  std::uint64_t key = 0;
  const auto put = [&](unsigned clock, const std::vector<int>& borders, int count) {
    key = (key << 16U) | ((which & clock) != 0 ? class_of(borders, count) : 0U);
  };
  put(day_clock, day, clocks.day);
  put(last_clock, last, clocks.last);
  put(first_clock, first, clocks.first);
  put(count_clock, n, clocks.n);
  return key;
}

std::vector<int> ages_of(const Protocol& protocol, const std::string& event) {
  std::set<int> ages;
  Visitor visitor;
  visitor.at = [&](const Anchor& anchor, int days) {
    if (anchor.base != Anchor::Base::event || anchor.event != event) return;
    for (const int offset : offsets_of(anchor)) {
      for (const int age : {offset + days - 1, offset + days, offset + days + 1}) {
        if (age > 0) ages.insert(age);
      }
    }
  };
  visitor.at_count = [](int) {};
  visitor.at_any_length = [](const Anchor&) {};
  visitor.all(protocol);
  const auto waits = [&](const Rules& rules) {
    for (const auto& wait : rules.waits) {
      if (wait.after != event) continue;
      ages.insert(std::max(1, in_days(wait.duration) - 1));
      ages.insert(in_days(wait.duration));
    }
  };
  waits(protocol.common);
  for (const auto& strategy : protocol.strategies) waits(strategy.rules);
  return {ages.begin(), ages.end()};
}

Story skeleton(const Clocks& clocks) {
  Story story;
  story.day_zero = story_day_zero;
  story.as_of = story_day_zero + std::max(clocks.day, std::max(clocks.first, clocks.last + clocks.n));
  for (int i = 0; i < clocks.n; ++i) {
    // The last and the first where the clocks say, the others just before the last.
    int ago = clocks.last + (clocks.n - 1 - i);
    if (i == 0 && clocks.n > 1) ago = std::max(ago, clocks.first);
    story.rows.push_back({story.as_of - ago, "dli", "1e6", "CD3/kg", {}, "", ""});
  }
  return story;
}

}  // namespace graftline::verify
