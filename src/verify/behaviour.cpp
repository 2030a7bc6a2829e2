#include "verify/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "engine/decide.h"
#include "engine/evaluate.h"
#include "protocol/format.h"
#include "verify/logic.h"
#include "verify/machine.h"

namespace graftline::verify {
namespace {

using engine::Action;
using protocol::Claim;
using protocol::Guard;
using Place = Machine::Place;

// Ways of telling one patient are tried until the engine agrees; so many at most.
constexpr int most_tries = 24;
// Patients who meet a rule that are followed further.
constexpr std::size_t most_met = 6;
constexpr int most_looks = 2000;

class Behaviour {
 public:
  Behaviour(const protocol::Protocol& protocol, Work& work, std::size_t most_states,
            Verification& verification)
      : protocol_(protocol),
        verification_(verification),
        inputs_(protocol),
        borders_(protocol),
        decisions_(protocol, inputs_, borders_, work),
        machine_(protocol, inputs_, borders_, decisions_, work, most_states),
        work_(work) {}

  void run() {
    machine_.search();
    collect();
    levels();
    rows();
    strategies();
    give_windows();
    gaps();
    distances();
    unknown_gives();
    guards();
    dead_locks();
    once();
    claims();
    finish();
  }

 private:
  // Where something was first seen: the earliest place, and the option there.
  struct Seen {
    int place = -1;
    int option = -1;
    explicit operator bool() const { return place >= 0; }
  };

  const Place& place(const Seen& seen) const {
    return machine_.places()[static_cast<std::size_t>(seen.place)];
  }
  const Option& option(const Seen& seen) const {
    return place(seen).point->options[static_cast<std::size_t>(seen.option)];
  }

  Finding& report(FindingKind kind, Severity severity, protocol::Span span, std::string what, std::string why,
                  std::string repair, std::optional<Story> story = std::nullopt) {
    verification_.findings.push_back(
        {kind, severity, span, std::move(what), std::move(why), std::move(repair), std::move(story)});
    return verification_.findings.back();
  }
  void proved(std::string claim) { verification_.proved.push_back({std::move(claim)}); }
  bool is_reported(FindingKind kind, protocol::Span span) const {
    return std::any_of(verification_.findings.begin(), verification_.findings.end(), [&](const Finding& f) {
      return f.kind == kind && f.span.offset == span.offset && f.span.line == span.line;
    });
  }

  // Places where an option is as asked, the earliest first.
  std::vector<Seen> find(const std::function<bool(const Place&, const Option&, const Final&)>& is,
                         std::size_t most) const {
    std::vector<Seen> all;
    for (std::size_t p = 0; p < machine_.places().size() && all.size() < most; ++p) {
      const Place& here = machine_.places()[p];
      for (std::size_t o = 0; o < here.finals.size() && all.size() < most; ++o) {
        if (is(here, here.point->options[o], here.finals[o]))
          all.push_back({static_cast<int>(p), static_cast<int>(o)});
      }
    }
    return all;
  }
  template <class Is> std::optional<Seen> first(const Is& is) const {
    const auto all = find(is, 1);
    return all.empty() ? std::nullopt : std::optional(all.front());
  }

  // Stories
  // ---------------------------------------------------------------------------------------------------------

  engine::Decision ask_engine(const Story& story) {
    ++verification_.statistics.n_replays;
    work_.spend(steps::decision);
    const record::Timeline timeline = timeline_of(story);
    const record::View view(timeline, story.as_of);
    return engine::decide(protocol_, view, settings_of(story));
  }

  // Every infusion of a story was given by the protocol, or left to a person, on its day.
  bool is_course(const Story& story, const Story& told) {
    std::set<Day> days;
    for (const StoryRow& row : told.rows) {
      if (row.fact == "dli") days.insert(row.when);
    }
    for (const Day day : days) {
      Story then = story;
      then.as_of = day;
      std::erase_if(then.rows, [&](const StoryRow& row) {
        return row.when > day || (row.fact == "dli" && row.when == day);
      });
      const Action action = ask_engine(then).action;
      if (action != Action::give && action != Action::ask) return false;
    }
    return true;
  }

  // A story that ends with this decision, as the engine confirms; none when it does not.
  std::optional<Story> confirmed(Story story, Action action,
                                 const std::function<bool(const engine::Decision&)>& also = {}) {
    const engine::Decision decision = ask_engine(story);
    if (decision.action != action || (also && !also(decision)) || !is_course(story, story)) {
      ++verification_.statistics.n_refuted;
      return std::nullopt;
    }
    story.decision = engine::name(decision.action);
    story.because = decision.because;
    return story;
  }

  std::optional<Story> confirmed(const std::vector<Seen>& seen,
                                 const std::function<bool(const engine::Decision&)>& also = {}) {
    int tries = 0;
    for (const Seen& one : seen) {
      if (++tries > most_tries || work_.is_over()) break;
      const Final& final = place(one).finals[static_cast<std::size_t>(one.option)];
      if (auto story = confirmed(place(one).index, option(one).patient, final.action, also)) return story;
    }
    return std::nullopt;
  }

  // What was known earlier is left to stand, or made unknown again: one of the two is what was meant.
  std::optional<Story> confirmed(int state, const std::vector<int>& patient, Action action,
                                 const std::function<bool(const engine::Decision&)>& also = {}) {
    for (const bool forget : {false, true}) {
      if (auto story = confirmed(machine_.story(state, patient, forget), action, also)) return story;
    }
    return std::nullopt;
  }

  // What the search itself shows
  // ------------------------------------------------------------------------------------------------

  void collect() {
    Statistics& statistics = verification_.statistics;
    statistics.n_states = machine_.n_states();
    statistics.n_transitions = machine_.n_transitions();
    statistics.n_decisions = decisions_.n_options();
    statistics.is_complete = is_complete();
  }

  bool is_complete() const { return machine_.is_complete() && decisions_.is_complete() && !work_.is_over(); }

  std::string strategy_name(int strategy) const {
    return protocol_.strategies.empty() || strategy < 0
               ? std::string()
               : " of strategy " + protocol_.strategies[static_cast<std::size_t>(strategy)].name;
  }

  // A level is reached when a row for it is chosen and nothing but the dose itself is left open.
  static bool reaches_level(const Option& option) {
    return option.row >= 0 && option.action >= Action::ask && option.above == Action::give;
  }

  void levels() {
    bool all = true;
    for (std::size_t j = 0; j < decisions_.n_strategies(); ++j) {
      const int strategy = static_cast<int>(j);
      const int last = engine::last_level(decisions_.rules(strategy));
      for (int level = 1; level <= last; ++level) {
        // Rows that all strategies share are reached when one of them comes to them.
        const bool is_shared = !has_own_row(strategy, level);
        const bool is_reached =
            first([&](const Place&, const Option& o, const Final&) {
              return (is_shared || o.strategy == strategy) && o.level == level && reaches_level(o);
            }).has_value();
        if (is_reached) continue;
        all = false;
        if (is_complete()) unreachable(strategy, level);
        break;  // the levels above wait for this one
      }
    }
    if (all && is_complete()) proved("every level of every ladder can be reached");
  }

  bool has_own_row(int strategy, int level) const {
    if (protocol_.strategies.empty()) return true;
    const auto& own = protocol_.strategies[static_cast<std::size_t>(strategy)].rules.doses;
    return std::any_of(own.begin(), own.end(), [&](const protocol::DoseRow& row) {
      return row.first_level <= level && level <= row.last_level;
    });
  }

  // Said already, with its reason, by the conditions themselves.
  bool nobody_is_eligible() const {
    return std::any_of(verification_.findings.begin(), verification_.findings.end(), [](const Finding& f) {
      return f.severity == Severity::error &&
             (f.kind == FindingKind::contradictory_criteria || f.kind == FindingKind::always_applies ||
              f.kind == FindingKind::impossible_limit || f.kind == FindingKind::dead_strategy);
    });
  }

  const protocol::DoseRow* row_of(int strategy, int level) const {
    for (const auto* row : decisions_.rules(strategy).all(&protocol::Rules::doses)) {
      if (row->first_level <= level && level <= row->last_level) return row;
    }
    return nullptr;
  }

  void unreachable(int strategy, int level) {
    unreachable_.insert({strategy, level});
    const protocol::DoseRow* row = row_of(strategy, level);
    if (row == nullptr || (level == 1 && nobody_is_eligible())) return;
    const engine::RuleSet& rules = decisions_.rules(strategy);
    const auto* count = rules.one(&protocol::Rules::count);
    if (count != nullptr && count->at_most < level) {
      if (!is_reported(FindingKind::unreachable_level, row->span)) {
        report(FindingKind::unreachable_level, Severity::error, row->span,
               fmt::format("level {}{} can never be given", level, strategy_name(strategy)),
               fmt::format("the series ends after {} infusions (line {})", count->at_most, count->span.line),
               "correct the number of infusions, or leave the level out");
      }
      return;
    }
    // Where the level before was given, what is always in the way?
    std::set<std::string> always;
    std::size_t fewest = 1000;
    bool any = false;
    for (const Place& here : machine_.places()) {
      if (here.state.level != level - 1) continue;
      any = true;
      const auto names = decisions_.blockers(clocks_of(here.state), here.state.level, strategy);
      if (names.size() >= fewest) continue;
      fewest = names.size();
      always = {names.begin(), names.end()};
    }
    std::string why;
    if (any) {
      why = always.empty() ? "each rule leaves somebody, all together nobody"
                           : fmt::format("always in the way: {}", fmt::join(always, "; "));
    }
    const protocol::GiveRule* give = nullptr;
    for (const auto* rule : rules.all(&protocol::Rules::gives)) {
      if (rule->first_level <= level && level <= rule->last_level && rule->window.is_written()) give = rule;
    }
    const auto kind = give != nullptr ? FindingKind::window_not_met : FindingKind::unreachable_level;
    const protocol::Span span = give != nullptr ? give->span : row->span;
    if (is_reported(kind, span)) return;
    report(kind, Severity::error, span,
           fmt::format("level {}{} can never be given{}", level, strategy_name(strategy),
                       give != nullptr ? fmt::format(" {}", protocol::to_text(give->window)) : ""),
           why.empty() ? "no course comes to the level before it" : why,
           "check its days, its interval and its conditions");
  }

  Clocks clocks_of(const State& state) const {
    Clocks clocks = state.clocks;
    if (!machine_.uses_days()) clocks.day = 1000;
    return clocks;
  }

  void rows() {
    std::set<const protocol::DoseRow*> chosen;
    for (const Place& here : machine_.places()) {
      for (const Option& o : here.point->options) {
        if (o.row >= 0)
          chosen.insert(
              decisions_.rules(o.strategy).all(&protocol::Rules::doses)[static_cast<std::size_t>(o.row)]);
      }
    }
    if (!is_complete()) return;
    for (std::size_t j = 0; j < decisions_.n_strategies(); ++j) {
      for (const auto* row : decisions_.rules(static_cast<int>(j)).all(&protocol::Rules::doses)) {
        const bool is_late = std::any_of(unreachable_.begin(), unreachable_.end(), [&](const auto& u) {
          return u.first == static_cast<int>(j) && u.second <= row->first_level;
        });
        if (chosen.contains(row) || is_late || is_reported(FindingKind::dead_dose_row, row->span)) continue;
        report(FindingKind::dead_dose_row, Severity::error, row->span,
               fmt::format("{} is never chosen", name_of(*row)),
               "a row further up comes first, or its days never come", "check the rows above and its days");
      }
    }
  }

  void strategies() {
    if (!is_complete()) return;
    for (std::size_t j = 0; j < protocol_.strategies.size(); ++j) {
      const protocol::Strategy& strategy = protocol_.strategies[j];
      const bool answers = first([&](const Place&, const Option& o, const Final&) {
                             return o.strategy == static_cast<int>(j);
                           }).has_value();
      if (answers || is_reported(FindingKind::dead_strategy, strategy.span)) continue;
      report(FindingKind::dead_strategy, Severity::error, strategy.span,
             fmt::format("strategy {} never answers", strategy.name),
             "whenever it is open, one further up is open too and answers first",
             "make the triggers exclude each other, or change the order");
    }
  }

  // "from day +45 to day +60", while an exclusion asks about days up to +60: most of the window is lost.
  void give_windows() {
    for (std::size_t j = 0; j < decisions_.n_strategies(); ++j) {
      const int strategy = static_cast<int>(j);
      for (const auto* give : decisions_.rules(strategy).all(&protocol::Rules::gives)) {
        const auto begin = day_of(give->window.first);
        const auto end = day_of(give->window.last);
        if (give->first_level != 1 || !begin || !end || unreachable_.contains({strategy, 1})) continue;
        lost_days(*give, strategy, *begin, *end);
      }
    }
  }

  static std::optional<int> day_of(const std::optional<protocol::Anchor>& anchor) {
    if (!anchor || anchor->base != protocol::Anchor::Base::day_zero) return std::nullopt;
    if (!anchor->offset) return 0;
    if (anchor->offset->unit == protocol::TimeUnit::calendar_months) return std::nullopt;
    return anchor->sign * in_days(*anchor->offset);
  }

  void lost_days(const protocol::GiveRule& give, int strategy, int begin, int end) {
    std::vector<int> lost;
    for (int day = std::max(begin, 0); day <= end; ++day) {
      const Point& point = decisions_.at({day, 0, 0, 0}, 0);
      const bool is_open = std::any_of(point.options.begin(), point.options.end(), [&](const Option& o) {
        return o.strategy == strategy && reaches_level(o);
      });
      if (!is_open) lost.push_back(day);
    }
    if (lost.empty() || is_reported(FindingKind::window_not_met, give.span)) return;
    const auto names = decisions_.blockers({lost.front(), 0, 0, 0}, 0, strategy);
    const int n_days = end - std::max(begin, 0) + 1;
    report(FindingKind::window_not_met, Severity::warning, give.span,
           fmt::format("on {} of the {} days {}, level 1 cannot be given", lost.size(), n_days,
                       protocol::to_text(give.window)),
           fmt::format("day +{} to day +{}: {}", lost.front(), lost.back(),
                       names.empty() ? "no patient clears all rules"
                                     : fmt::format("nobody clears {}", fmt::join(names, "; "))),
           "a window that ends later than today is unknown until then: write 'so far', or give later");
  }

  // Gaps
  // ----------------------------------------------------------------------------------------------------------

  bool is_claimed(Claim::Form form, Claim::About about, const std::string& decision,
                  std::uint64_t met) const {
    for (std::size_t i = 0; i < std::min<std::size_t>(protocol_.claims.size(), 64); ++i) {
      const Claim& claim = protocol_.claims[i];
      if (claim.form == form && claim.about == about && claim.decision == decision && (met >> i & 1U) != 0)
        return true;
    }
    return false;
  }

  void gaps() {
    std::set<std::tuple<int, int, int>> reported;
    for (const bool is_accepted : {false, true}) {
      for (std::size_t p = 0; p < machine_.places().size(); ++p) {
        const Place& here = machine_.places()[p];
        for (std::size_t o = 0; o < here.point->options.size(); ++o)
          gap({static_cast<int>(p), static_cast<int>(o)}, is_accepted, reported);
      }
    }
    if (reported.empty() && is_complete())
      proved("every eligible patient of an open strategy has a decision other than a hole in the tables");
  }

  void gap(const Seen& seen, bool is_accepted, std::set<std::tuple<int, int, int>>& reported) {
    const Option& here = option(seen);
    if (here.action != Action::outside) return;
    const bool no_strategy = here.outside == Outside::no_strategy;
    if (!no_strategy && here.outside != Outside::no_dose_row) return;
    const bool claimed = is_claimed(Claim::Form::reachable, Claim::About::decision, "outside", here.claims);
    if (claimed != is_accepted) return;
    // Of each strategy the first is enough.
    const auto key = std::tuple{no_strategy ? -1 : here.strategy, 0, 0};
    if (reported.contains(key)) return;
    if (!no_strategy && is_before_or_after(seen)) return;
    const auto story = confirmed({seen});
    if (!story) return;
    reported.insert(key);
    const protocol::DoseRow* row = no_strategy ? nullptr : row_of(here.strategy, here.level);
    report(FindingKind::gap, claimed ? Severity::note : Severity::warning,
           row != nullptr
               ? row->span
               : (protocol_.strategies.empty() ? protocol::Span{} : protocol_.strategies.front().span),
           no_strategy ? "an eligible patient for whom no strategy is open"
                       : fmt::format("level {}{}: an eligible patient for whom the table has no row",
                                     here.level, strategy_name(here.strategy)),
           claimed ? "the protocol claims it: reachable outside"
                   : "the protocol says nothing about this patient",
           claimed ? "" : "add what the source says, or claim it: claim reachable outside while ...", story);
  }

  // Days before the first and after the last row are how a table ends, not a hole in it.
  bool is_before_or_after(const Seen& seen) {
    if (!machine_.uses_days()) return false;
    const Option& here = option(seen);
    bool before = false;
    bool after = false;
    std::set<std::uint64_t> seen_regions;
    for (int day = 0; day <= borders_.largest_day(); ++day) {
      Clocks clocks = place(seen).state.clocks;
      clocks.day = std::max(day, clocks.last + clocks.n);
      if (!seen_regions.insert(borders_.region(clocks, day_clock)).second) continue;
      if (clocks.day == place(seen).state.clocks.day) continue;
      const Option then = decisions_.decide(clocks, place(seen).state.level, here.patient);
      if (then.strategy != here.strategy || then.row < 0) continue;
      (clocks.day < place(seen).state.clocks.day ? before : after) = true;
    }
    return before != after;
  }

  // Infusions
  // -----------------------------------------------------------------------------------------------------

  void distances() {
    int least = 0;
    const protocol::Interval* shortest = nullptr;
    const auto look = [&](const protocol::Rules& rules) {
      for (const auto& interval : rules.intervals) {
        const int days = in_days(interval.at_least);
        if (shortest == nullptr || days < least) {
          least = days;
          shortest = &interval;
        }
      }
    };
    look(protocol_.common);
    for (const auto& strategy : protocol_.strategies) look(strategy.rules);
    const bool has_interval = shortest != nullptr;
    const auto seen = find(
        [&](const Place& p, const Option&, const Final& f) {
          return f.is_given && p.state.clocks.n >= 1 && p.state.clocks.last >= 1 &&
                 p.state.clocks.last < (has_interval ? least : 2);
        },
        most_tries);
    if (seen.empty()) {
      if (is_complete() && has_interval)
        proved(fmt::format("no two infusions are less than {} apart", protocol::to_text(shortest->at_least)));
      return;
    }
    const auto story = confirmed(seen);
    if (!story) return not_confirmed("two infusions closer than the interval");
    const int level = option(seen.front()).level;
    const protocol::DoseRow* row = row_of(option(seen.front()).strategy, level);
    report(FindingKind::too_close, has_interval ? Severity::error : Severity::warning,
           has_interval ? shortest->span : (row != nullptr ? row->span : protocol::Span{}),
           has_interval ? fmt::format("two infusions can be {} apart, less than {}",
                                      protocol::to_text(protocol::Duration{
                                          place(seen.front()).state.clocks.last, protocol::TimeUnit::days}),
                                      protocol::to_text(shortest->at_least))
                        : "two infusions can be given on two days running",
           has_interval ? fmt::format("no interval applies before level {}", level)
                        : "no 'interval' keeps them apart",
           "add: interval at least ..., for every level and without a condition", story);
  }

  void once() {
    for (std::size_t j = 0; j < decisions_.n_strategies(); ++j) {
      for (const auto* give : decisions_.rules(static_cast<int>(j)).all(&protocol::Rules::gives)) {
        if (!give->once || is_reported(FindingKind::given_against_rule, give->span)) continue;
        const auto seen = find(
            [&](const Place& p, const Option& o, const Final& f) {
              return f.is_given && o.strategy == static_cast<int>(j) && o.level >= give->first_level &&
                     o.level <= give->last_level && p.state.level == o.level && p.state.clocks.n >= 1;
            },
            most_tries);
        if (seen.empty()) continue;
        if (const auto story = confirmed(seen)) {
          report(
              FindingKind::given_against_rule, Severity::error, give->span,
              fmt::format("level {} is to be given once, and can be given again", option(seen.front()).level),
              "a 'repeat' rule keeps the level", "leave out 'once', or exclude the level from the repeat",
              story);
        }
      }
    }
  }

  // Unknown
  // -------------------------------------------------------------------------------------------------------

  // An infusion is given while something is unknown, and would not be given, or not this dose, if it were
  // known: then the unknown counted as the better answer.
  void unknown_gives() {
    std::map<int, Finding> notes;
    std::set<int> reported;
    std::map<int, int> tries;
    // The same rules over the same answers say the same at another place.
    std::set<std::tuple<const Component*, int, int, int>> looked_at;
    for (std::size_t p = 0; p < machine_.places().size(); ++p) {
      const Place& here = machine_.places()[p];
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        if (!here.finals[o].is_given || (here.state.clocks.n > 0 && here.state.clocks.last == 0)) continue;
        for (const auto& component : here.point->components) {
          if (work_.is_over()) return;
          if (component->inputs.empty()) continue;
          const Option& given = here.point->options[o];
          if (!looked_at.emplace(component.get(), given.strategy, given.row, given.level).second) continue;
          unknown_in(*component, {static_cast<int>(p), static_cast<int>(o)}, reported, notes, tries);
        }
      }
    }
    bool any = false;
    for (const auto& [input, note] : notes) {
      if (reported.contains(input)) continue;
      verification_.findings.push_back(note);
      any = true;
    }
    if (reported.empty() && is_complete()) {
      proved(any ? "no unknown leads to give, but where the protocol says so itself (see the notes)"
                 : "no unknown leads to give");
    }
  }

  void unknown_in(const Component& component, const Seen& seen, std::set<int>& reported,
                  std::map<int, Finding>& notes, std::map<int, int>& tries) {
    for (std::size_t i = 0; i < component.inputs.size(); ++i) {
      const int input = component.inputs[i];
      const Input& what = inputs_.all()[static_cast<std::size_t>(input)];
      if (what.is_choice || reported.contains(input) || component.candidates[i].front() != 0) continue;
      if (tries[input] > most_tries) continue;
      const int size = static_cast<int>(component.outcome_of.size());
      std::set<std::pair<int, int>> met;
      for (int assignment = 0; assignment < size && !work_.is_over(); ++assignment) {
        work_.spend(component.candidates[i].size());
        auto places = component.places(assignment);
        if (places[i] != 0) continue;
        if (!is_worth_a_look(component, i, assignment, places, option(seen).strategy, met)) continue;
        std::vector<int> unknown_patient = with(option(seen).patient, component, places);
        if (!is_same_give(seen, unknown_patient)) continue;
        const int own = component.outcome_of[static_cast<std::size_t>(assignment)];
        for (std::size_t c = 1; c < component.candidates[i].size(); ++c) {
          places[i] = static_cast<int>(c);
          if (component.outcome_of[static_cast<std::size_t>(component.assignment(places))] == own) continue;
          const auto known_patient = with(option(seen).patient, component, places);
          if (is_same_give(seen, known_patient) || ++tries[input] > most_tries) continue;
          if (show_unknown(input, seen, unknown_patient, known_patient, notes)) {
            reported.insert(input);
            return;
          }
        }
        if (tries[input] > most_tries) break;
      }
    }
  }

  // Some known value leads elsewhere than the unknown does, and in a way not met before.
  bool is_worth_a_look(const Component& component, std::size_t i, int assignment, std::vector<int> places,
                       int strategy, std::set<std::pair<int, int>>& met) const {
    const int own = component.outcome_of[static_cast<std::size_t>(assignment)];
    if (!decisions_.lets_give(component.outcomes[static_cast<std::size_t>(own)], strategy)) return false;
    bool is_new = false;
    for (std::size_t c = 1; c < component.candidates[i].size(); ++c) {
      places[i] = static_cast<int>(c);
      const int other = component.outcome_of[static_cast<std::size_t>(component.assignment(places))];
      if (other != own && met.emplace(own, other).second) is_new = true;
    }
    return is_new;
  }

  static std::vector<int> with(std::vector<int> patient, const Component& component,
                               const std::vector<int>& places) {
    for (std::size_t i = 0; i < places.size(); ++i)
      patient[static_cast<std::size_t>(component.inputs[i])] =
          component.candidates[i][static_cast<std::size_t>(places[i])];
    return patient;
  }

  bool is_same_give(const Seen& seen, const std::vector<int>& patient) {
    const State& state = place(seen).state;
    const Option now = decisions_.decide(clocks_of(state), state.level, patient);
    return machine_.final_of(now, state).is_given && now.strategy == option(seen).strategy &&
           now.row == option(seen).row && now.level == option(seen).level;
  }

  // True when it is an error; a note is kept when the protocol says it aloud.
  bool show_unknown(int input, const Seen& seen, const std::vector<int>& unknown_patient,
                    const std::vector<int>& known_patient, std::map<int, Finding>& notes) {
    const Input& what = inputs_.all()[static_cast<std::size_t>(input)];
    const int state = place(seen).index;
    const auto story = confirmed(state, unknown_patient, Action::give);
    if (!story) return false;
    const engine::Decision given = ask_engine(*story);
    const engine::Decision other = ask_engine(machine_.story(state, known_patient, true));
    const auto dose = [](const engine::Decision& d) {
      const auto* answer = d.answer();
      return answer != nullptr && answer->dose ? engine::to_text(*answer->dose) : std::string();
    };
    // Known values that contradict others show nothing: what they lead to is a question, not an answer.
    const bool says_nothing = other.action == Action::need_data ||
                              (other.action == Action::give && dose(other) == dose(given)) ||
                              (what.fact != nullptr && is_known(*story, what.name));
    if (says_nothing) {
      ++verification_.statistics.n_refuted;
      return false;
    }
    const Option now =
        decisions_.decide(clocks_of(place(seen).state), place(seen).state.level, unknown_patient);
    const bool claimed = is_claimed_of(what.name, now.claims);
    const bool is_absence =
        what.fact != nullptr &&
        what.fact->absence.value_or(record::fact(what.fact->fact).absence) == record::Absence::no;
    const bool is_said = claimed || is_absence || has_caution(given, what.name);
    const std::string known_as = candidate_text(input, known_patient);
    Finding finding{
        FindingKind::unknown_gives,
        is_said ? Severity::note : Severity::error,
        what.fact != nullptr ? what.fact->span : judgement_span(what.name),
        fmt::format("cells are given while {} is unknown", what.name),
        fmt::format("with {} known to be {}, the answer is {}{}", what.name, known_as,
                    engine::name(other.action),
                    other.action == Action::give ? " of " + dose(other) : ": " + other.because),
        is_said
            ? (is_absence ? fmt::format("the protocol says that no record means no, because {}",
                                        what.fact->absence_because.empty() ? "the catalogue of facts says so"
                                                                           : what.fact->absence_because)
               : claimed  ? "the protocol claims it: reachable give"
                          : "a caution says it with the answer")
            : fmt::format("let the rule wait for it, or add a caution for when {} is not known, or claim it: "
                          "claim reachable give while {} is not known",
                          what.name, what.name),
        story};
    if (!is_said) {
      verification_.findings.push_back(std::move(finding));
      return true;
    }
    finding.story.reset();
    notes.emplace(input, std::move(finding));
    return false;
  }

  bool is_known(const Story& story, const std::string& name) const {
    protocol::Expr expr;
    expr.form = protocol::Expr::Form::known;
    expr.name = name;
    const record::Timeline timeline = timeline_of(story);
    const record::View view(timeline, story.as_of);
    const engine::Settings settings = settings_of(story);
    // "No record means no" is known to be no only by that rule.
    const auto* fact = protocol_.find_fact(name);
    if (fact->absence.value_or(record::fact(fact->fact).absence) == record::Absence::no) return false;
    return engine::Evaluator(protocol_, view, settings).evaluate(expr).answer.truth == Truth::yes;
  }

  // "claim reachable give while x is not known" speaks of x, and is met by this patient.
  bool is_claimed_of(const std::string& name, std::uint64_t met) const {
    const std::function<bool(const protocol::Expr&)> asks = [&](const protocol::Expr& expr) {
      return (expr.form == protocol::Expr::Form::known && expr.name == name) ||
             std::any_of(expr.children.begin(), expr.children.end(), asks);
    };
    for (std::size_t i = 0; i < std::min<std::size_t>(protocol_.claims.size(), 64); ++i) {
      const Claim& claim = protocol_.claims[i];
      const bool is_give = claim.about == Claim::About::give || claim.about == Claim::About::give_level;
      if (claim.form == Claim::Form::reachable && is_give && claim.when && (met >> i & 1U) != 0 &&
          asks(*claim.when))
        return true;
    }
    return false;
  }

  static bool names(const engine::Node& node, const std::string& name) {
    const auto at = (" " + node.sentence + " ").find(name);
    return at != std::string::npos || std::any_of(node.children.begin(), node.children.end(),
                                                  [&](const auto& child) { return names(child, name); });
  }
  bool has_caution(const engine::Decision& decision, const std::string& name) const {
    const auto* answer = decision.answer();
    return answer != nullptr &&
           std::any_of(answer->rules.begin(), answer->rules.end(), [&](const engine::RuleOutcome& rule) {
             return rule.is_caution && rule.node.answer.truth == Truth::yes && names(rule.node, name);
           });
  }

  std::string candidate_text(int input, const std::vector<int>& patient) const {
    const Candidate& candidate =
        inputs_.all()[static_cast<std::size_t>(input)]
            .candidates[static_cast<std::size_t>(patient[static_cast<std::size_t>(input)])];
    switch (candidate.form) {
      case Candidate::Form::yes:
        return "yes";
      case Candidate::Form::no:
        return "no";
      case Candidate::Form::ended:
        return fmt::format("ended {} days ago", candidate.days_ago);
      case Candidate::Form::recipe:
        return fmt::format("what {} {} makes it", candidate.recipe.back().fact,
                           candidate.recipe.back().value);
      default:
        return candidate.unit.empty() ? candidate.value : candidate.value + " " + candidate.unit;
    }
  }

  protocol::Span judgement_span(const std::string& name) const {
    const auto* judgement = protocol_.find_judgement(name);
    return judgement != nullptr ? judgement->span : protocol::Span{};
  }

  // Holds and stops
  // -----------------------------------------------------------------------------------------------

  // Of what is recorded, does the answer stay? A relapse that happened has happened; a donor is a donor.
  bool stays(int input, int candidate) const {
    const Input& what = inputs_.all()[static_cast<std::size_t>(input)];
    const Candidate& said = what.candidates[static_cast<std::size_t>(candidate)];
    if (said.form == Candidate::Form::none || said.form == Candidate::Form::no) return false;
    if (what.is_judgement) return false;
    if (what.is_choice) return true;
    const protocol::FactDeclaration& fact = *what.fact;
    const record::FactType type = record::fact(fact.fact).type;
    if (type == record::FactType::code) return true;
    const bool moves = fact.window.first && fact.window.first->base != protocol::Anchor::Base::day_zero &&
                       fact.window.first->base != protocol::Anchor::Base::first_infusion;
    if (moves) return false;
    if (fact.pick == protocol::Pick::any || fact.pick == protocol::Pick::worst ||
        fact.pick == protocol::Pick::first)
      return true;
    return fact.pick == protocol::Pick::current && type == record::FactType::event;
  }

  struct Rule {
    const Guard* guard;
    int strategy;
  };

  void guards() {
    const auto each = [&](const protocol::Rules& rules, int strategy) {
      for (const Guard& guard : rules.guards) {
        if (!guard.when) continue;
        if (guard.form == Guard::Form::hold) hold({&guard, strategy});
        if (guard.form == Guard::Form::stop) stop({&guard, strategy});
      }
    };
    each(protocol_.common, -1);
    for (std::size_t j = 0; j < protocol_.strategies.size(); ++j)
      each(protocol_.strategies[j].rules, static_cast<int>(j));
    if (is_complete()) proved("no infusion is given while a hold or stop of the answering strategy applies");
  }

  // Patients at a place who are given cells but for this rule, which they meet.
  struct Met {
    int place = -1;
    std::vector<int> patient;
  };

  std::vector<Met> who_meets(const Rule& rule, Action action) {
    std::vector<Met> all;
    Conditions own(protocol_, inputs_, borders_, work_);
    const int node = own.compile(*rule.guard->when);
    std::set<std::pair<const Point*, int>> looked_at;
    int tries = 0;
    for (std::size_t p = 0; p < machine_.places().size() && all.size() < most_met; ++p) {
      const Place& here = machine_.places()[p];
      if (tries > most_looks || work_.is_over()) break;
      if (!looked_at.emplace(here.point, here.state.level).second) continue;
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        if (!here.finals[o].is_given && !here.finals[o].may_be_given) continue;
        if (rule.strategy >= 0 && here.point->options[o].strategy != rule.strategy) continue;
        own.go_to(clocks_of(here.state));
        each_patient(own.reach(node).inputs, here.point->options[o].patient,
                     [&](const std::vector<int>& patient) {
                       if (own.truth(node, patient) != Four::yes) return false;
                       ++tries;
                       const Option now = decisions_.decide(clocks_of(here.state), here.state.level, patient);
                       if (now.action != action) return false;
                       all.push_back({static_cast<int>(p), patient});
                       return all.size() >= most_met;
                     });
        break;
      }
    }
    return all;
  }

  // Every choice of these inputs, the others as they are; stops when `visit` says so. At most 2,000.
  template <class Visit>
  void each_patient(const std::vector<int>& inputs, std::vector<int> patient, const Visit& visit) const {
    for (const int input : inputs) patient[static_cast<std::size_t>(input)] = 0;
    for (int n = 0; n < 2000; ++n) {
      work_.spend(inputs.size() + 1);
      if (visit(patient)) return;
      std::size_t digit = 0;
      while (digit < inputs.size()) {
        int& chosen = patient[static_cast<std::size_t>(inputs[digit])];
        const auto size = inputs_.all()[static_cast<std::size_t>(inputs[digit])].candidates.size();
        if (++chosen < static_cast<int>(size)) break;
        chosen = 0;
        ++digit;
      }
      if (digit == inputs.size()) return;
    }
  }

  // Whether, on a later day and without a further infusion, the record can say that the condition no longer
  // holds, or the series is over anyway. The engine itself is asked, with the record that is already there.
  bool may_end(const Guard& guard, const Story& held, const Met& met) {
    Conditions own(protocol_, inputs_, borders_, work_);
    const int node = own.compile(*guard.when);
    State state = machine_.places()[static_cast<std::size_t>(met.place)].state;
    Story story = held;
    std::set<std::uint64_t> seen;
    bool ends = false;
    const int horizon = borders_.largest_day() + borders_.largest_last() + 2;
    // Every stretch of days that still comes, and a day long after.
    constexpr int long_after = 400;
    for (int days = 1; days <= horizon + 1 && !ends; ++days) {
      if (work_.is_over()) return true;
      state = machine_.next_day(state);
      story.as_of = story.as_of + (days > horizon ? long_after : 1);
      const Clocks clocks = clocks_of(state);
      const bool is_new =
          seen.insert(borders_.region(clocks, day_clock | last_clock | first_clock | count_clock)).second;
      if (!is_new && days <= horizon) continue;
      own.go_to(clocks);
      std::vector<int> free;
      for (const int input : own.reach(node).inputs) {
        const Input& what = inputs_.all()[static_cast<std::size_t>(input)];
        const bool is_fixed = what.is_choice || (what.fact != nullptr && record::fact(what.fact->fact).type ==
                                                                             record::FactType::code);
        if (!is_fixed) free.push_back(input);
      }
      const Action action = ask_engine(story).action;
      ends = action == Action::stop || action == Action::outside;
      int tries = 0;
      each_patient(free, met.patient, [&](const std::vector<int>& patient) {
        if (own.truth(node, patient) != Four::no) return false;
        Story later = story;
        // What lasted has ended meanwhile.
        for (StoryRow& row : later.rows) {
          if (row.value == "start" && !row.until) row.until = row.when;
        }
        std::vector<std::pair<int, int>> said;
        for (const int input : free) said.emplace_back(input, patient[static_cast<std::size_t>(input)]);
        inputs_.tell(said, later);
        const record::Timeline timeline = timeline_of(later);
        const record::View view(timeline, later.as_of);
        const engine::Settings settings = settings_of(later);
        const engine::Evaluator evaluator(protocol_, view, settings);
        ends = ends || evaluator.evaluate(*guard.when).answer.truth == Truth::no;
        return ends || ++tries > 12;
      });
    }
    return ends;
  }

  void hold(const Rule& rule) {
    for (const Met& met : who_meets(rule, Action::hold)) {
      if (work_.is_over()) return;
      const auto story =
          confirmed(machine_.places()[static_cast<std::size_t>(met.place)].index, met.patient, Action::hold);
      if (!story) continue;
      if (may_end(*rule.guard, *story, met)) continue;
      report(FindingKind::endless_hold, Severity::error, rule.guard->span,
             fmt::format("{} never ends once it applies", name_of(*rule.guard)),
             "what it asks about stays so for good: the decision is hold for ever",
             "if it ends the series write 'stop'; else ask about what holds today ('current', 'latest')",
             story);
      return;
    }
  }

  void stop(const Rule& rule) {
    for (const Met& met : who_meets(rule, Action::stop)) {
      if (work_.is_over()) return;
      // Stopped on one day, given on a later one.
      Story story =
          machine_.story(machine_.places()[static_cast<std::size_t>(met.place)].index, met.patient, false);
      if (ask_engine(story).action != Action::stop) continue;
      const Day stopped = story.as_of;
      State state = machine_.places()[static_cast<std::size_t>(met.place)].state;
      const auto seen_give = after_stop(state, story, met);
      if (!seen_give) continue;
      report(FindingKind::forgotten_stop, Severity::warning, rule.guard->span,
             fmt::format("{} is forgotten: cells are given again after it", name_of(*rule.guard)),
             fmt::format("it applies on {}, and no longer on {}; what closes a series is asked anew each day",
                         to_text(stopped), to_text(seen_give->as_of)),
             "read the fact as 'any since first infusion' or 'worst since first infusion', so that it stays",
             *seen_give);
      return;
    }
  }

  std::optional<Story> after_stop(State state, Story story, const Met& met) {
    std::set<std::uint64_t> seen;
    for (int days = 1; days <= borders_.largest_day() + borders_.largest_last() + 2; ++days) {
      state = machine_.next_day(state);
      story.as_of = story.as_of + 1;
      const Clocks clocks = clocks_of(state);
      if (!seen.insert(borders_.region(clocks, day_clock | last_clock | first_clock | count_clock)).second)
        continue;
      if (work_.is_over()) return std::nullopt;
      for (const Option& option : decisions_.at(clocks, state.level).options) {
        if (!machine_.final_of(option, state).is_given) continue;
        std::vector<int> patient = option.patient;
        for (std::size_t i = 0; i < patient.size(); ++i) {
          if (stays(static_cast<int>(i), met.patient[i])) patient[i] = met.patient[i];
        }
        const Option now = decisions_.decide(clocks, state.level, patient);
        if (!machine_.final_of(now, state).is_given) continue;
        Story told = story;
        machine_.tell(patient, told, false);
        if (auto confirmed_story = confirmed(told, Action::give)) return confirmed_story;
      }
    }
    return std::nullopt;
  }

  // Dead ends
  // -------------------------------------------------------------------------------------------------------

  void dead_locks() {
    if (!is_complete()) return;
    std::vector<bool> lets_go_on;
    bool any_give = false;
    for (const Place& here : machine_.places()) {
      bool is_open = false;
      Action best = Action::stop;
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        const Option& option = here.point->options[o];
        any_give = any_give || here.finals[o].may_be_given;
        is_open = is_open || here.finals[o].may_be_given;
        // Somebody who meets the criteria, and whose strategy is known.
        if (option.strategy >= 0 && !option.not_eligible) best = std::max(best, here.finals[o].action);
      }
      // The day of an infusion itself is none to judge by.
      const bool ends = best == Action::stop || best == Action::outside || best == Action::ask;
      lets_go_on.push_back(is_open || ends);
    }
    if (!any_give) return;  // said otherwise
    const auto reaches = machine_.can_reach(lets_go_on);
    int stuck = -1;
    machine_.for_each_state([&](int index, const State&, const Place&) {
      if (stuck < 0 && !reaches[static_cast<std::size_t>(index)]) stuck = index;
    });
    if (stuck < 0) return proved("whatever happened so far, the series goes on or ends");
    std::optional<Story> story;
    std::string why;
    machine_.for_each_state([&](int index, const State& state, const Place& here) {
      if (index != stuck) return;
      Action best = Action::stop;
      std::size_t at = 0;
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        const Option& option = here.point->options[o];
        if (option.strategy < 0 || option.not_eligible || here.finals[o].action < best) continue;
        best = here.finals[o].action;
        at = o;
      }
      story = confirmed(index, here.point->options[at].patient, best);
      const int strategy = here.point->options[at].strategy;
      why = fmt::format("{}", fmt::join(decisions_.blockers(clocks_of(state), state.level, strategy), "; "));
    });
    if (!story) return not_confirmed("a patient who can never go on");
    report(FindingKind::dead_lock, Severity::error, last_dose_span(),
           "a patient who can never go on: neither given cells again nor at the end of the series",
           why.empty() ? "" : fmt::format("always in the way from then on: {}", why),
           "let the rule end, or close the series with 'stop' or 'infusions up to ...'", story);
  }

  protocol::Span last_dose_span() const {
    for (std::size_t j = 0; j < decisions_.n_strategies(); ++j) {
      const auto rows = decisions_.rules(static_cast<int>(j)).all(&protocol::Rules::doses);
      if (!rows.empty()) return rows.back()->span;
    }
    return {};
  }

  // Claims
  // --------------------------------------------------------------------------------------------------------

  bool is_about(const Claim& claim, const Place& here, const Option& o, const Final& f) const {
    switch (claim.about) {
      case Claim::About::give:
        return f.is_given && !same_day(here);
      case Claim::About::give_level:
        return f.is_given && !same_day(here) && o.level == claim.level;
      case Claim::About::two_infusions_within:
        return f.is_given && !same_day(here) && here.state.clocks.n >= 1 &&
               here.state.clocks.last <= in_days(claim.within);
      case Claim::About::decision:
        if (claim.decision == "not eligible") return o.not_eligible;
        return engine::name(f.action) == claim.decision;
    }
    return false;
  }
  static bool same_day(const Place& here) { return here.state.clocks.n > 0 && here.state.clocks.last == 0; }

  void claims() {
    for (std::size_t i = 0; i < protocol_.claims.size(); ++i) {
      if (i >= 64) {
        not_confirmed("claims beyond the 64th");
        break;
      }
      check_claim(protocol_.claims[i], i);
    }
  }

  std::string text_of(const Claim& claim) const {
    static constexpr std::array<std::string_view, 4> forms{"never", "always", "reachable", "eventually"};
    std::string text = fmt::format("claim {} ", forms.at(static_cast<std::size_t>(claim.form)));
    switch (claim.about) {
      case Claim::About::give:
        text += "give";
        break;
      case Claim::About::give_level:
        text += fmt::format("give level {}", claim.level);
        break;
      case Claim::About::two_infusions_within:
        text += fmt::format("two infusions within {}", protocol::to_text(claim.within));
        break;
      case Claim::About::decision:
        text += claim.decision;
        break;
    }
    if (claim.when) text += fmt::format(" while {}", to_text(*claim.when));
    return text;
  }

  void check_claim(const Claim& claim, std::size_t number) {
    const auto met = [&](const Option& o) { return (o.claims >> number & 1U) != 0; };
    const std::string text = text_of(claim);
    if (claim.form == Claim::Form::eventually) return eventually(claim, number);
    const bool is_reachable = claim.form == Claim::Form::reachable;
    const auto seen = find(
        [&](const Place& p, const Option& o, const Final& f) {
          if (!met(o) || same_day(p)) return false;
          return is_about(claim, p, o, f) != (claim.form == Claim::Form::always);
        },
        most_tries);
    if (seen.empty()) {
      if (!is_complete()) return not_confirmed(text);
      if (!is_reachable) return proved(text);
      report(FindingKind::claim_fails, Severity::error, claim.span, fmt::format("'{}' fails", text),
             claim.about == Claim::About::give_level && claim.level > 1
                 ? fmt::format("no course comes to it; the highest level given is {}", highest_level())
                 : "no course comes to it",
             "correct the claim or the rules");
      return;
    }
    const auto story = confirmed(seen);
    if (!story) return not_confirmed(text);
    if (is_reachable) return proved(text);
    report(FindingKind::claim_fails, Severity::error, claim.span, fmt::format("'{}' fails", text),
           fmt::format("{} on day +{} of this patient: {}", story->decision, story->as_of - story->day_zero,
                       story->because),
           "correct the rules, or the claim", story);
  }

  int highest_level() const {
    int level = 0;
    for (const Place& here : machine_.places()) {
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        if (here.finals[o].may_be_given) level = std::max(level, here.point->options[o].level);
      }
    }
    return level;
  }

  // Whatever happened so far, it can still come; unless it has come already.
  void eventually(const Claim& claim, std::size_t number) {
    const std::string text = text_of(claim);
    if (!is_complete()) return not_confirmed(text);
    std::vector<bool> marked;
    for (const Place& here : machine_.places()) {
      bool is = false;
      for (std::size_t o = 0; o < here.finals.size(); ++o) {
        const Option& option = here.point->options[o];
        is = is || ((option.claims >> number & 1U) != 0 && is_about(claim, here, option, here.finals[o]));
      }
      // Levels are given one after the other: one further on has been there.
      const bool is_past = (claim.about == Claim::About::give && here.state.clocks.n > 0) ||
                           (claim.about == Claim::About::give_level && here.state.level >= claim.level);
      marked.push_back(is || is_past);
    }
    const auto reaches = machine_.can_reach(marked);
    int stuck = -1;
    machine_.for_each_state([&](int index, const State&, const Place&) {
      if (stuck < 0 && !reaches[static_cast<std::size_t>(index)]) stuck = index;
    });
    if (stuck < 0) return proved(text + " (it can still come, whatever happened so far)");
    std::optional<Story> story;
    machine_.for_each_state([&](int index, const State&, const Place& here) {
      if (index != stuck || here.finals.empty()) return;
      for (std::size_t o = 0; o < here.finals.size() && !story; ++o)
        story = confirmed(index, here.point->options[o].patient, here.finals[o].action);
    });
    if (!story) return not_confirmed(text);
    report(FindingKind::claim_fails, Severity::error, claim.span, fmt::format("'{}' fails", text),
           "from this patient on it can never come", "correct the rules, or the claim", story);
  }

  void not_confirmed(const std::string& what) {
    report(FindingKind::not_settled, Severity::warning, {}, fmt::format("not settled: {}", what),
           is_complete() ? "the search found a course, and no record that was tried shows it in the engine"
                         : "the search ended before all courses were looked at",
           "allow it more steps, or make the protocol simpler");
  }

  void finish() {
    collect();
    if (is_complete()) return;
    report(FindingKind::not_settled, Severity::warning, {}, "not every course was looked at",
           machine_.is_complete()
               ? "too many combinations of facts, or the work was used up"
               : "too many states, or the work was used up; or the protocol counts from an "
                 "infusion other than the first and the last",
           "allow it more steps, or make the protocol simpler");
  }

  const protocol::Protocol& protocol_;
  Verification& verification_;
  Inputs inputs_;
  Borders borders_;
  Decisions decisions_;
  Machine machine_;
  Work& work_;
  std::set<std::pair<int, int>> unreachable_;
};

}  // namespace

void check_behaviour(const protocol::Protocol& protocol, Work& work, std::size_t most_states,
                     Verification& verification) {
  Behaviour(protocol, work, most_states, verification).run();
}

}  // namespace graftline::verify
