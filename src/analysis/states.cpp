// Multi-state models: transitions, occupancy, length of stay, current survival.
//
// Rows come in one of two forms. Long: Surv(start, stop, event) ~ 1 with an id, one row per stay or part of
// one, the event being the state entered. Wide: one row per subject and, for each state, when it was entered
// or until when it was not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "analysis/kinds.h"
#include "analysis/transition_regression.h"
#include "stats/current_survival.h"
#include "stats/multi_state.h"

namespace graftline::analysis {
namespace {

struct OwnedStays {
  std::vector<int> from, to, subject;
  std::vector<double> entry, exit;
  std::vector<double> since;     // when the state was entered; of stays written in one row, the entry
  std::vector<std::size_t> row;  // of the table
  std::vector<std::string> states;
  std::vector<stats::Transition> allowed;  // empty: those that occur

  stats::Stays view() const { return {from, to, entry, exit, {}, subject, since}; }
  int count() const { return static_cast<int>(states.size()); }
  int state(const std::string& name) {
    const auto at = std::find(states.begin(), states.end(), name);
    if (at != states.end()) return static_cast<int>(at - states.begin());
    states.push_back(name);
    return count() - 1;
  }
  void add(int a, int b, double begin, double end, int who, std::size_t table_row, double entered) {
    from.push_back(a);
    to.push_back(b);
    entry.push_back(begin);
    exit.push_back(end);
    subject.push_back(who);
    row.push_back(table_row);
    since.push_back(entered);
  }
};

std::optional<Error> read_transitions(const Request& request, OwnedStays& stays) {
  for (const std::string& text : request.transitions) {
    const std::size_t arrow = text.find('>');
    std::vector<int> ends;
    if (arrow != std::string::npos)
      for (const std::string& name : {text.substr(0, arrow), text.substr(arrow + 1)}) {
        const auto at = std::find(stays.states.begin(), stays.states.end(), name);
        if (at != stays.states.end()) ends.push_back(static_cast<int>(at - stays.states.begin()));
      }
    if (ends.size() != 2)
      return Error{ErrorKind::malformed_input,
                   fmt::format("--transition {}: expected FROM>TO with states of {}", text,
                               fmt::join(stays.states, ", "))};
    stays.allowed.push_back({ends[0], ends[1]});
  }
  return std::nullopt;
}

// One row per subject: he walks from the start to whatever he reaches next, as long as anything is reached.
Result<OwnedStays> wide(const stats::DataTable& table, const Request& request,
                        std::vector<std::string>& notes) {
  OwnedStays stays;
  stays.state(request.start_state);
  std::vector<std::vector<double>> time, entered;
  for (const StateColumn& state : request.states) {
    stays.state(state.state);
    auto when = numbers_of(table, state.time, "time of state " + state.state);
    if (!when) return when.error();
    auto whether = numbers_of(table, state.status, "status of state " + state.state);
    if (!whether) return whether.error();
    for (std::size_t i = 0; i < table.rows; ++i) {
      if ((*when)[i] < 0.0)
        return Error{ErrorKind::out_of_range, place(table, i, state.time) + ": a negative time"};
      const double s = (*whether)[i];
      if (!std::isnan(s) && s != 0.0 && s != 1.0)
        return Error{ErrorKind::out_of_range,
                     place(table, i, state.status) + ": expected 1 (entered) or 0 (not by that time)"};
    }
    time.push_back(std::move(*when));
    entered.push_back(std::move(*whether));
  }
  if (const auto problem = read_transitions(request, stays)) return *problem;
  if (stays.allowed.empty())
    // Without a list: from each state to those named after it.
    for (int a = 0; a < stays.count(); ++a)
      for (int b = a + 1; b < stays.count(); ++b) stays.allowed.push_back({a, b});
  std::size_t incomplete = 0;
  std::vector<std::size_t> lines;
  for (std::size_t i = 0; i < table.rows; ++i) {
    bool misses = false;
    for (std::size_t s = 0; s < time.size(); ++s)
      misses = misses || std::isnan(time[s][i]) || std::isnan(entered[s][i]);
    if (misses) {
      ++incomplete;
      if (lines.size() < 5) lines.push_back(table.line(i));
      continue;
    }
    int at = 0;
    double since = 0.0;
    for (;;) {
      int next = -1;
      double when = std::numeric_limits<double>::infinity();
      double seen_until = -1.0;
      for (const stats::Transition& t : stays.allowed) {
        if (t.from != at) continue;
        const double reached = time[static_cast<std::size_t>(t.to) - 1][i];
        seen_until = std::max(seen_until, reached);
        if (entered[static_cast<std::size_t>(t.to) - 1][i] == 1.0 && reached < when && reached >= since) {
          when = reached;
          next = t.to;
        }
      }
      const double end = next >= 0 ? when : seen_until;
      if (end > since) stays.add(at, next, since, end, static_cast<int>(i), i, since);
      if (next < 0) break;
      at = next;
      since = when;
    }
  }
  if (incomplete > 0)
    notes.push_back(fmt::format("{} subject{} left out: a time or status of a state is missing (lines {}{}).",
                                incomplete, incomplete == 1 ? "" : "s", fmt::join(lines, ", "),
                                incomplete > lines.size() ? ", ..." : ""));
  return stays;
}

Result<OwnedStays> from_rows(const stats::DataTable& table, const Request& request, Analysis& analysis) {
  if (request.id.empty())
    return Error{ErrorKind::malformed_input, "a multi-state model of start-stop rows needs --id COLUMN"};
  Request by_subject = request;
  by_subject.cluster = {request.id};
  auto formula = parse_survival_formula(request.formula);
  if (!formula) return formula.error();
  auto rows = rows_of(table, *formula, by_subject,
                      {.one_event = false, .terms_are_covariates = false, .strata_are_groups = false});
  if (!rows) return rows.error();
  analysis.rows_read = rows->rows_read;
  analysis.missing = rows->missing;
  OwnedStays stays;
  std::vector<std::string> start(table.rows, request.start_state);
  if (!request.from_state.empty()) {
    if (const auto problem = check_names(table, request.from_state)) return *problem;
    const auto column = stats::evaluate(table, request.from_state);
    if (!column) return column.error();
    const stats::Coded codes = stats::coded(*column);
    for (std::size_t i = 0; i < table.rows; ++i)
      start[i] = codes.code[i] < 0 ? "" : codes.label[static_cast<std::size_t>(codes.code[i])];
  }
  // By subject, then time: without a column for it the state of a row is the one last entered.
  std::vector<std::size_t> order(rows->time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto entry = [&](std::size_t i) { return rows->entry.empty() ? 0.0 : rows->entry[i]; };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(rows->cluster[a], entry(a)) < std::pair(rows->cluster[b], entry(b));
  });
  if (request.from_state.empty())
    stays.state(request.start_state);
  else
    for (const std::size_t i : order)
      if (!start[rows->row[i]].empty()) stays.state(start[rows->row[i]]);
  for (const std::string& cause : rows->causes) stays.state(cause);
  if (const auto problem = read_transitions(request, stays)) return *problem;
  int now = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    const bool is_first = k == 0 || rows->cluster[order[k - 1]] != rows->cluster[i];
    if (!request.from_state.empty())
      now = stays.state(start[rows->row[i]]);
    else if (is_first)
      now = 0;
    if (!is_first && entry(i) < rows->time[order[k - 1]])
      return Error{ErrorKind::conflict,
                   fmt::format("{}: begins before the row of the same subject on line {} ends",
                               place(table, rows->row[i], "start"), table.line(rows->row[order[k - 1]]))};
    const int code = rows->status[i];
    const int next = code == 0 ? -1 : stays.state(rows->causes[static_cast<std::size_t>(code) - 1]);
    // Entering the state one is in is no move.
    const bool goes_on =
        !is_first && stays.to.back() < 0 && stays.from.back() == now && stays.exit.back() == entry(i);
    stays.add(now, next == now ? -1 : next, entry(i), rows->time[i], rows->cluster[i], rows->row[i],
              goes_on ? stays.since.back() : entry(i));
    if (next >= 0) now = next;
  }
  return stays;
}

Table counts_table(const stats::MultiState& model, const std::vector<std::string>& states) {
  Table table{"transitions", "Moves between states", {{"from", Kind::text}}, {}};
  for (const std::string& state : states) table.columns.push_back({"to_" + state, Kind::count});
  table.columns.push_back({"stayed", Kind::count});
  table.columns.push_back({"entered", Kind::count});
  for (int h = 0; h < model.states; ++h) {
    std::vector<Value> row{states[static_cast<std::size_t>(h)]};
    for (const double value : model.counts.row(h)) row.emplace_back(value);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table hazards_table(const stats::MultiState& model, const std::vector<std::string>& states,
                    const std::vector<double>& times) {
  Table table{"hazards",
              "Cumulative hazards of the transitions",
              {{"from", Kind::text},
               {"to", Kind::text},
               {"time", Kind::time},
               {"cumhaz", Kind::number},
               {"std_err", Kind::number}},
              {}};
  for (const auto& h : stats::cumulative_hazards(model))
    for (const double t : times) {
      const auto after = std::upper_bound(model.time.begin(), model.time.end(), t) - model.time.begin();
      const auto at = [after](const std::vector<double>& values) {
        return after == 0 ? 0.0 : values[static_cast<std::size_t>(after) - 1];
      };
      table.rows.push_back({states[static_cast<std::size_t>(h.transition.from)],
                            states[static_cast<std::size_t>(h.transition.to)], t, at(h.cumulative_hazard),
                            at(h.standard_error)});
    }
  return table;
}

// What is right of ~, for the regressions by transition.
Result<std::vector<std::string>> covariate_terms(const Request& request, bool is_wide) {
  if (request.formula.empty()) return std::vector<std::string>{};
  if (is_wide) {
    auto sides = parse_two_sides(request.formula);
    if (!sides) return sides.error();
    if (!sides->left.empty())
      return Error{ErrorKind::malformed_input,
                   fmt::format("formula \"{}\": with --state the times stand there; expected \"~ age + sex\"",
                               request.formula)};
    return std::move(sides->terms);
  }
  auto formula = parse_survival_formula(request.formula);
  if (!formula) return formula.error();
  if (!formula->strata.empty() || !formula->cluster.empty())
    return Error{ErrorKind::unsupported,
                 "strata() and cluster() are not offered in multi-state models: each transition has a "
                 "baseline of its own, and --id says which rows are of one patient"};
  return std::move(formula->terms);
}

}  // namespace

Result<Analysis> multistate_analysis(const stats::DataTable& table, const Request& request) {
  Analysis analysis;
  analysis.kind = "multistate";
  analysis.formula = request.formula;
  analysis.rows_read = table.rows;
  const bool is_wide = !request.states.empty();
  auto terms = covariate_terms(request, is_wide);
  if (!terms) return terms.error();
  if (!is_wide && request.formula.empty())
    return Error{
        ErrorKind::malformed_input,
        "a multi-state model needs a formula (Surv(start, stop, event) ~ 1, with --id) or states of one row "
        "per subject (--state NAME=TIME:STATUS, one for each)"};
  auto stays = is_wide ? wide(table, request, analysis.notes) : from_rows(table, request, analysis);
  if (!stays) return stays.error();
  analysis.rows_analysed = stays->from.size();
  if (!terms->empty()) analysis.formula = request.formula;
  const auto model = stats::multi_state(stays->view(), stays->count(), stays->allowed);
  if (!model) return model.error();
  double last = 0.0;
  for (const double t : stays->exit) last = std::max(last, t);
  const std::vector<double> times = times_or_ticks(request, last);
  auto limits = limits_of(request, stats::LimitScale::log_log);
  if (!limits) return limits.error();
  analysis.tables.push_back(counts_table(*model, stays->states));

  std::vector<std::vector<int>> each;
  for (int s = 0; s < stays->count(); ++s) each.push_back({s});
  const auto occupancy = stats::state_occupancy(stays->view(), stays->count(), each, times, *limits);
  if (!occupancy) return occupancy.error();
  Table occupied{"occupancy",
                 "Probability of being in each state",
                 {{"state", Kind::text},
                  {"time", Kind::time},
                  {"probability", Kind::probability},
                  {"std_err", Kind::probability},
                  {"lower", Kind::probability},
                  {"upper", Kind::probability}},
                 {}};
  for (std::size_t s = 0; s < each.size(); ++s)
    for (std::size_t t = 0; t < times.size(); ++t)
      occupied.rows.push_back({stays->states[s], times[t], number(occupancy->probability[s][t]),
                               number(occupancy->standard_error[s][t]), number(occupancy->lower[s][t]),
                               number(occupancy->upper[s][t])});
  analysis.tables.push_back(std::move(occupied));
  analysis.tables.push_back(hazards_table(*model, stays->states, times));

  std::vector<double> later;
  for (const double t : times)
    if (t >= request.from_time) later.push_back(t);
  const auto probabilities = stats::transition_probabilities(*model, request.from_time, later);
  if (!probabilities) return probabilities.error();
  Table moved{
      "probabilities",
      fmt::format("Probability of each state at a later time, by the state at {:g}", request.from_time),
      {{"from", Kind::text},
       {"to", Kind::text},
       {"time", Kind::time},
       {"probability", Kind::probability},
       {"std_err", Kind::probability}},
      {}};
  for (int h = 0; h < model->states; ++h)
    for (int j = 0; j < model->states; ++j)
      for (std::size_t t = 0; t < probabilities->time.size(); ++t)
        moved.rows.push_back({stays->states[static_cast<std::size_t>(h)],
                              stays->states[static_cast<std::size_t>(j)], probabilities->time[t],
                              number(probabilities->probability[t](h, j)),
                              number(probabilities->standard_error[t](h, j))});
  analysis.tables.push_back(std::move(moved));

  const double tau = request.tau.value_or(last);
  const auto stay = stats::expected_length_of_stay(*model, request.from_time, tau);
  if (!stay) return stay.error();
  Table length{"length_of_stay",
               fmt::format("Mean time in each state from {:g} to {:g} {}, by the state at {:g}",
                           request.from_time, tau, request.time_unit, request.from_time),
               {{"from", Kind::text}},
               {}};
  for (const std::string& state : stays->states) length.columns.push_back({"in_" + state, Kind::number});
  for (int h = 0; h < stay->rows; ++h) {
    std::vector<Value> row{stays->states[static_cast<std::size_t>(h)]};
    for (const double value : stay->row(h)) row.push_back(number(value));
    length.rows.push_back(std::move(row));
  }
  analysis.tables.push_back(std::move(length));

  std::vector<int> good_states;
  if (!request.good_states.empty()) {
    std::vector<int> good;
    for (const std::string& name : request.good_states) {
      const auto at = std::find(stays->states.begin(), stays->states.end(), name);
      if (at == stays->states.end())
        return Error{ErrorKind::not_found, fmt::format("--current {}: there is no such state; there are {}",
                                                       name, fmt::join(stays->states, ", "))};
      good.push_back(static_cast<int>(at - stays->states.begin()));
    }
    const auto current = stats::current_survival(stays->view(), stays->count(), good, times, *limits);
    if (!current) return current.error();
    Table now{"current",
              fmt::format("Alive now in {}", fmt::join(request.good_states, " or ")),
              {{"time", Kind::time},
               {"probability", Kind::probability},
               {"std_err", Kind::probability},
               {"lower", Kind::probability},
               {"upper", Kind::probability},
               {"never_left", Kind::probability}},
              {}};
    for (std::size_t t = 0; t < times.size(); ++t)
      now.rows.push_back({current->time[t], number(current->probability[t]),
                          number(current->standard_error[t]), number(current->lower[t]),
                          number(current->upper[t]), number(current->never_left[t])});
    analysis.tables.push_back(std::move(now));
    good_states = std::move(good);
    analysis.methods.emplace_back(
        "Current survival counts those in the named states now, first or regained (Klein et al., Stat Med "
        "2000; "
        "19:3005).");
  }

  if (!terms->empty()) {
    const TransitionModel regression{stays->view(), stays->states, model->transitions, stays->row};
    if (const auto problem = add_transition_regression(analysis, table, *terms, regression, request))
      return *problem;
  }

  Figure figure;
  figure.kind = FigureKind::occupancy;
  figure.limits = limits_text(*limits);
  std::vector<double> grid;
  // As fine as print shows, coarser where the jackknife over very many subjects would take long.
  const int steps = stays->from.size() > 50000 ? 60 : 300;
  for (int i = 1; i <= steps; ++i) grid.push_back(last * i / steps);
  if (!good_states.empty()) {
    // Who is so now, beside who never left.
    const std::string name = fmt::format("{}", fmt::join(request.good_states, " or "));
    const auto now = stats::current_survival(stays->view(), stays->count(), good_states, grid, *limits);
    if (now) {
      figure.kind = FigureKind::current;
      figure.curves.push_back({"", name + " now", 1.0, grid, now->probability, now->lower, now->upper});
      figure.curves.push_back({"", "never left", 1.0, grid, now->never_left, {}, {}});
    }
  } else if (const auto fine = stats::state_occupancy(stays->view(), stays->count(), each, grid, *limits)) {
    for (std::size_t s = 0; s < each.size(); ++s)
      figure.curves.push_back({"", stays->states[s], s == 0 ? 1.0 : 0.0, grid, fine->probability[s],
                               fine->lower[s], fine->upper[s]});
  }
  figure.caption = fmt::format("{:g} stays in {} states; {}.", static_cast<double>(stays->from.size()),
                               stays->states.size(), figure.limits);
  analysis.figure = std::move(figure);
  analysis.methods.insert(
      analysis.methods.begin(),
      fmt::format(
          "State occupancies from {} were estimated by the Aalen-Johansen method with the infinitesimal "
          "jackknife by subject ({}); transition probabilities assume that only the present state matters "
          "(Markov), with Greenwood's variance.",
          origin_text(request), limits_text(*limits)));
  return analysis;
}

}  // namespace graftline::analysis
