#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "stats/current_survival.h"
#include "stats/formula.h"
#include "stats/golden_case.h"
#include "stats/kaplan_meier.h"
#include "stats/mean_cumulative.h"
#include "stats/multi_state.h"
#include "stats/win_ratio.h"

namespace graftline::stats::golden {
namespace {

struct OwnedStays {
  std::vector<int> from, to, cluster;
  std::vector<double> entry, exit, weight;
  std::vector<std::string> states;
  std::vector<Transition> transitions;

  Stays view() const { return {from, to, entry, exit, weight, cluster}; }
  int count() const { return static_cast<int>(states.size()); }
};

int state_index(const std::vector<std::string>& states, const Json& name) {
  if (name.is_number()) return name.get<int>() - 1;
  const auto at = std::find(states.begin(), states.end(), name.get<std::string>());
  if (at == states.end()) throw Unanswerable("states: " + name.dump() + " is not among them");
  return static_cast<int>(at - states.begin());
}

void read_model(const Case& c, OwnedStays& stays) {
  if (const auto states = c.input.find("states"); states != c.input.end())
    for (const Json& s : *states) stays.states.push_back(s.is_string() ? s.get<std::string>() : s.dump());
  if (const auto moves = c.input.find("transitions"); moves != c.input.end())
    for (const Json& t : *moves)
      stays.transitions.push_back({state_index(stays.states, t.at(0)), state_index(stays.states, t.at(1))});
}

// "PR: prtime if prstat=1; RelDeath: rfstime if rfsstat=1": when each state was entered, or until when it was
// not.
struct StateEntry {
  int state = 0;
  std::vector<double> time;
  std::vector<double> entered;  // 1, 0, NaN
};

std::vector<StateEntry> state_entries(const Case& c, const std::vector<std::string>& states,
                                      const std::string& text) {
  std::vector<StateEntry> entries;
  for (const std::string& clause : split_outside(text, ';')) {
    if (clause.empty()) continue;
    const std::size_t colon = clause.find(':');
    const std::size_t condition = clause.find(" if ");
    if (colon == std::string::npos || condition == std::string::npos)
      throw Unanswerable("entry_times: cannot read \"" + clause + "\"");
    std::string test = clause.substr(condition + 4);
    for (std::size_t at = test.find('='); at != std::string::npos; at = test.find('=', at + 2)) {
      if (at > 0 && std::string("!<>=").find(test[at - 1]) != std::string::npos) continue;
      if (test.compare(at, 2, "==") != 0) test.insert(at, "=");
    }
    StateEntry entry;
    entry.state = state_index(states, split_outside(clause.substr(0, colon), ';').front());
    entry.time = taken(evaluate(c.table, clause.substr(colon + 1, condition - colon - 1))).number;
    entry.entered = taken(evaluate(c.table, test)).number;
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Each subject walks from the first state to whatever he can reach next, as long as anything is reached.
void walk(const std::vector<StateEntry>& entries, std::size_t subject, OwnedStays& stays) {
  int at = 0;
  double since = 0.0;
  for (;;) {
    int next = -1;
    double when = std::numeric_limits<double>::infinity();
    double seen_until = -1.0;
    for (const Transition& t : stays.transitions) {
      if (t.from != at) continue;
      for (const StateEntry& e : entries) {
        if (e.state != t.to) continue;
        const double time = e.time[subject];
        if (std::isnan(time)) continue;
        seen_until = std::max(seen_until, time);
        if (e.entered[subject] == 1.0 && time < when && time >= since) {
          when = time;
          next = e.state;
        }
      }
    }
    const double end = next >= 0 ? when : seen_until;
    if (end > since) {
      stays.from.push_back(at);
      stays.to.push_back(next);
      stays.entry.push_back(since);
      stays.exit.push_back(end);
      stays.cluster.push_back(static_cast<int>(subject));
    }
    if (next < 0) return;
    at = next;
    since = when;
  }
}

std::vector<int> state_codes(const Case& c, const char* role, const std::vector<std::string>& states) {
  const Column column = taken(evaluate(c.table, c.expression(role)));
  std::vector<int> codes;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (column.is_missing(i))
      codes.push_back(-1);
    else if (column.is_text) {
      const auto at = std::find(states.begin(), states.end(), column.text(i));
      codes.push_back(at == states.end() ? -1 : static_cast<int>(at - states.begin()));
    } else
      codes.push_back(static_cast<int>(column.number[i]) - 1);
  }
  return codes;
}

// Rows that name from, to, entry, time and perhaps status: one per stay, or one per move that was possible.
void long_rows(const Case& c, OwnedStays& stays) {
  const std::vector<int> from = state_codes(c, "from", stays.states);
  const std::vector<int> to = state_codes(c, "to", stays.states);
  const std::vector<double> exit = taken(evaluate(c.table, c.expression("time"))).number;
  std::vector<double> entry(exit.size(), 0.0);
  if (c.has("entry")) entry = taken(evaluate(c.table, c.expression("entry"))).number;
  std::vector<double> status;
  if (c.has("status")) status = taken(evaluate(c.table, c.expression("status"))).number;
  Coded subject;
  const char* role = c.has("id") ? "id" : (c.has("cluster") ? "cluster" : nullptr);
  if (role) subject = coded(taken(evaluate(c.table, c.expression(role))));
  std::vector<double> weight;
  if (c.has("weights")) weight = taken(evaluate(c.table, c.expression("weights"))).number;
  std::map<std::tuple<int, int, double>, std::size_t> known;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const int who = role ? subject.code[i] : static_cast<int>(i);
    const bool moved = status.empty() ? to[i] >= 0 : status[i] == 1.0;
    const auto [at, fresh] = known.emplace(std::tuple{who, from[i], entry[i]}, stays.from.size());
    if (fresh) {
      stays.from.push_back(from[i]);
      stays.to.push_back(moved ? to[i] : -1);
      stays.entry.push_back(entry[i]);
      stays.exit.push_back(exit[i]);
      stays.cluster.push_back(who);
      if (!weight.empty()) stays.weight.push_back(weight[i]);
    } else if (moved) {
      stays.to[at->second] = to[i];
      stays.exit[at->second] = exit[i];
    }
  }
}

OwnedStays stays_of(const Case& c) {
  OwnedStays stays;
  read_model(c, stays);
  if (const auto text = c.input.find("entry_times"); text != c.input.end()) {
    const auto entries = state_entries(c, stays.states, text->get<std::string>());
    for (std::size_t i = 0; i < c.table.rows; ++i) walk(entries, i, stays);
    return stays;
  }
  long_rows(c, stays);
  return stays;
}

StateVariance variance_of(const Case& c) {
  return c.choice("variance", "greenwood", {"greenwood", "aalen"}) == "aalen" ? StateVariance::aalen
                                                                              : StateVariance::greenwood;
}

std::vector<double> at_times(const std::vector<double>& time, const std::vector<double>& values,
                             const std::vector<double>& asked) {
  std::vector<double> result;
  for (double t : asked) {
    const auto row = row_at(time, t);
    result.push_back(row < 0 ? 0.0 : values[row]);
  }
  return result;
}

Json hazards(const Case& c, const MultiState& model) {
  const std::vector<double> at = times_asked(c);
  Json answer{{"time", at}};
  int number = 0;
  for (const TransitionHazard& h : cumulative_hazards(model, variance_of(c))) {
    answer["transition"].push_back(++number);
    answer["cumhaz"].push_back(at_times(model.time, h.cumulative_hazard, at));
    answer["se"].push_back(at_times(model.time, h.standard_error, at));
  }
  return answer;
}

// [from][to][time]
Json by_states(const std::vector<Matrix>& matrices, int states) {
  Json rows = Json::array();
  for (int h = 0; h < states; ++h) {
    Json columns = Json::array();
    for (int j = 0; j < states; ++j) {
      Json values = Json::array();
      for (const Matrix& m : matrices) values.push_back(m(h, j));
      columns.push_back(values);
    }
    rows.push_back(columns);
  }
  return rows;
}

Json probabilities(const Case& c, const MultiState& model) {
  const std::vector<double> at = times_asked(c);
  const auto p = taken(transition_probabilities(model, c.number("from_time", 0.0), at, variance_of(c)));
  return Json{{"time", at},
              {"P", by_states(p.probability, model.states)},
              {"se", by_states(p.standard_error, model.states)}};
}

Json matrix(const Matrix& m) {
  Json rows = Json::array();
  for (int i = 0; i < m.rows; ++i) rows.push_back(std::vector<double>(m.row(i).begin(), m.row(i).end()));
  return rows;
}

Json occupancy(const Case& c, const OwnedStays& stays) {
  const std::vector<double> at = times_asked(c);
  std::vector<std::vector<int>> sets;
  for (int s = 0; s < stays.count(); ++s) sets.push_back({s});
  if (const auto asked = c.options.find("sets"); asked != c.options.end())
    for (const Json& set : *asked) {
      auto& one = sets.emplace_back();
      for (const Json& s : set) one.push_back(state_index(stays.states, s));
    }
  const auto scale =
      limit_scale(c.choice("conf_type", "log", {"plain", "log", "log-log", "logit", "arcsin", "arcsine"}));
  const Occupancy o = taken(state_occupancy(stays.view(), stays.count(), sets, at,
                                            {scale.value_or(LimitScale::log), c.number("conf_level", 0.95)}));
  Json answer{{"time", at}};
  for (const char* key : {"pstate", "P", "probability"}) answer[key] = o.probability;
  answer["se"] = o.standard_error;
  answer["se_infinitesimal_jackknife"] = o.standard_error;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    answer["lower"].push_back(numbers(o.lower[s]));
    answer["upper"].push_back(numbers(o.upper[s]));
  }
  return answer;
}

Json current(const Case& c, const OwnedStays& stays) {
  std::vector<int> good;
  const Json& names = c.options.contains("good") ? c.options["good"] : c.input.at("good");
  for (const Json& s : names) good.push_back(state_index(stays.states, s));
  const std::vector<double> at = times_asked(c);
  const CurrentSurvival s = taken(current_survival(stays.view(), stays.count(), good, at));
  return Json{
      {"time", at}, {"probability", s.probability}, {"se", s.standard_error}, {"never_left", s.never_left}};
}

Json mean_answer(const Case& c) {
  const Rows rows = rows_of(c, {.group = true, .any_event = false});
  const bool death =
      c.options.value("death_ends", false) || *std::max_element(rows.status.begin(), rows.status.end()) > 1;
  const auto curves = taken(mean_cumulative(rows.view(), death, c.number("conf_level", 0.95)));
  const std::vector<double> at = times_asked(c);
  const auto one = [&at](const MeanCumulative& m) {
    Json answer{{"time", at}};
    for (const char* key : {"mcf", "mean", "cumhaz"}) answer[key] = at_times(m.time, m.mean, at);
    for (const char* key : {"se", "std_chaz", "robust_se"})
      answer[key] = at_times(m.time, m.standard_error, at);
    answer["lower"] = numbers(at_times(m.time, m.lower, at));
    answer["upper"] = numbers(at_times(m.time, m.upper, at));
    return answer;
  };
  Json answer = one(curves.front());
  for (std::size_t g = 0; g < curves.size() && curves.size() > 1; ++g)
    answer[rows.group_labels[g]] = one(curves[g]);
  return answer;
}

Json estimate(const Estimate& e) {
  return Json{{"est", number_or_null(e.value)},
              {"lower", number_or_null(e.lower)},
              {"upper", number_or_null(e.upper)},
              {"p", number_or_null(e.p)}};
}

Json wins(const Case& c) {
  std::vector<std::vector<double>> times;
  std::vector<std::vector<int>> statuses;
  for (const Json& e : c.input.at("endpoints")) {
    times.push_back(taken(evaluate(c.table, e.at("time").get<std::string>())).number);
    const Column status = taken(evaluate(c.table, e.at("status").get<std::string>()));
    auto& codes = statuses.emplace_back();
    for (double v : status.number) codes.push_back(v != 0.0 ? 1 : 0);
  }
  std::vector<RankedEndpoint> endpoints;
  for (std::size_t k = 0; k < times.size(); ++k) endpoints.push_back({times[k], statuses[k]});
  const Column arm = taken(evaluate(c.table, c.expression("arm")));
  std::vector<int> arms;
  for (double v : arm.number) arms.push_back(static_cast<int>(v));
  const WinRatio w = taken(win_ratio(endpoints, arms, c.number("conf_level", 0.95)));
  return Json{{"wins", w.wins},
              {"losses", w.losses},
              {"ties", w.ties},
              {"pairs", w.pairs},
              {"win_ratio", estimate(w.ratio)},
              {"net_benefit", estimate(w.net_benefit)},
              {"win_odds", estimate(w.win_odds)}};
}

}  // namespace

Json answer_states(const std::string& method, const Case& c) {
  if (method == "mean_cumulative_function") return mean_answer(c);
  if (method == "win_ratio") return wins(c);
  const OwnedStays stays = stays_of(c);
  if (method == "state_occupancy") return occupancy(c, stays);
  if (method == "current_survival") return current(c, stays);
  const MultiState model = taken(multi_state(stays.view(), stays.count(), stays.transitions));
  if (method == "transition_counts") return Json{{"frequencies", matrix(model.counts)}};
  if (method == "cumulative_hazards") return hazards(c, model);
  if (method == "transition_probabilities") return probabilities(c, model);
  const double tau = c.number("tau", model.time.back());
  return Json{{"tau", tau},
              {"elos", matrix(taken(expected_length_of_stay(model, c.number("from_time", 0.0), tau)))}};
}

}  // namespace graftline::stats::golden
