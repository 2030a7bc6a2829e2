#include "server/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace graftline::server {
namespace {

using service::Permit;
using service::permit;
using service::Reply;
using service::Task;
using service::Workplace;

Answer answer_of(const Result<Reply>& reply, int ok) {
  if (!reply) return server::answer_of(reply.error());
  return {ok, reply->body, "application/json", reply->version, reply->is_repeated};
}

// `run` gets the permit for the task or is not run at all.
template <Task task, class Run>
Route row(std::string_view method, std::string_view path, int ok, Takes takes, bool stores, Run run) {
  return {method,
          path,
          task,
          ok,
          takes,
          stores,
          [run, ok, is_figure = path.ends_with(".svg")](Workplace& workplace, const Call& call) {
            const auto allowed = permit<task>(call.actor, call.occasion);
            if (!allowed)
              return problem(403, "not_allowed", "the role of this account does not include this task");
            Answer made = answer_of(run(workplace, *allowed, call), ok);
            if (is_figure && made.status == ok) made.type = "image/svg+xml";
            return made;
          }};
}
template <Task task, class Run> Route get(std::string_view path, Run run) {
  return row<task>("GET", path, 200, Takes::nothing, false, run);
}
template <Task task, class Run> Route post(std::string_view path, int ok, Run run) {
  return row<task>("POST", path, ok, Takes::json, true, run);
}

using Read = Permit<Task::read_patients>;
using Stock = Permit<Task::read_stock>;
using Calc = Permit<Task::calculate>;
using Library = Permit<Task::read_protocols>;
using Audit = Permit<Task::read_audit>;
using Admin = Permit<Task::administer>;

std::vector<Route> make_routes() {
  using W = Workplace;
  using C = const Call&;
  return {
      get<Task::session>("/api/about", [](W& w, const Permit<Task::session>& p, C) { return w.about(p); }),
      row<Task::session>(
          "POST", "/api/session/password", 204, Takes::json, false,
          [](W& w, const Permit<Task::session>& p, C c) { return w.change_own_password(p, c.body); }),
      get<Task::read_patients>("/api/worklist",
                               [](W& w, const Read& p, C c) { return w.worklist(p, c.asked); }),
      get<Task::read_patients>("/api/patients",
                               [](W& w, const Read& p, C c) { return w.patients(p, c.asked); }),
      post<Task::write_patients>(
          "/api/patients", 201,
          [](W& w, const Permit<Task::write_patients>& p, C c) { return w.add_patient(p, c.body); }),
      get<Task::read_patients>("/api/patients/{patient}",
                               [](W& w, const Read& p, C c) { return w.patient(p, c.path[0], c.asked); }),
      row<Task::write_patients>("PATCH", "/api/patients/{patient}", 200, Takes::json, false,
                                [](W& w, const Permit<Task::write_patients>& p, C c) {
                                  return w.change_patient(p, c.path[0], c.body, c.asked);
                                }),
      get<Task::read_patients>("/api/patients/{patient}/timeline",
                               [](W& w, const Read& p, C c) { return w.timeline(p, c.path[0], c.asked); }),
      get<Task::read_patients>(
          "/api/patients/{patient}/timeline.svg",
          [](W& w, const Read& p, C c) { return w.timeline_svg(p, c.path[0], c.asked); }),
      get<Task::read_patients>("/api/patients/{patient}/decision",
                               [](W& w, const Read& p, C c) { return w.decision(p, c.path[0], c.asked); }),
      get<Task::read_patients>("/api/patients/{patient}/when",
                               [](W& w, const Read& p, C c) { return w.when(p, c.path[0], c.asked); }),
      get<Task::read_patients>("/api/patients/{patient}/plan",
                               [](W& w, const Read& p, C c) { return w.plan(p, c.path[0], c.asked); }),
      get<Task::read_patients>("/api/patients/{patient}/signatures",
                               [](W& w, const Read& p, C c) { return w.signatures(p, c.path[0], c.asked); }),
      post<Task::sign_decision>(
          "/api/patients/{patient}/signatures", 201,
          [](W& w, const Permit<Task::sign_decision>& p, C c) { return w.sign(p, c.path[0], c.body); }),
      get<Task::read_patients>("/api/patients/{patient}/entries",
                               [](W& w, const Read& p, C c) { return w.entries(p, c.path[0], c.asked); }),
      post<Task::write_entries>(
          "/api/patients/{patient}/entries", 201,
          [](W& w, const Permit<Task::write_entries>& p, C c) { return w.add_entry(p, c.path[0], c.body); }),
      post<Task::write_entries>("/api/patients/{patient}/entries/{entry}/withdrawal", 201,
                                [](W& w, const Permit<Task::write_entries>& p, C c) {
                                  return w.withdraw_entry(p, c.path[0], c.path[1], c.body);
                                }),
      get<Task::read_audit>(
          "/api/patients/{patient}/events",
          [](W& w, const Audit& p, C c) { return w.patient_events(p, c.path[0], c.asked); }),
      get<Task::read_patients>("/api/patients/{patient}/orders",
                               [](W& w, const Read& p, C c) { return w.orders(p, c.path[0], c.asked); }),
      post<Task::order_dose>(
          "/api/patients/{patient}/orders", 201,
          [](W& w, const Permit<Task::order_dose>& p, C c) { return w.write_order(p, c.path[0], c.body); }),
      get<Task::read_patients>("/api/orders",
                               [](W& w, const Read& p, C c) { return w.orders(p, "", c.asked); }),
      get<Task::read_patients>("/api/orders/{order}",
                               [](W& w, const Read& p, C c) { return w.order(p, c.path[0]); }),
      post<Task::check_order>(
          "/api/orders/{order}/check", 201,
          [](W& w, const Permit<Task::check_order>& p, C c) { return w.check_order(p, c.path[0], c.body); }),
      post<Task::move_bags>(
          "/api/orders/{order}/issue", 201,
          [](W& w, const Permit<Task::move_bags>& p, C c) { return w.issue_order(p, c.path[0], c.body); }),
      post<Task::order_dose>(
          "/api/orders/{order}/cancel", 201,
          [](W& w, const Permit<Task::order_dose>& p, C c) { return w.cancel_order(p, c.path[0], c.body); }),
      get<Task::read_stock>("/api/stock", [](W& w, const Stock& p, C c) { return w.stock(p, c.asked); }),
      row<Task::write_stock>(
          "POST", "/api/stock", 201, Takes::csv, true,
          [](W& w, const Permit<Task::write_stock>& p, C c) { return w.add_stock(p, c.body); }),
      get<Task::read_stock>("/api/stock/{bag}",
                            [](W& w, const Stock& p, C c) { return w.bag(p, c.path[0]); }),
      post<Task::move_bags>("/api/stock/{bag}/moves", 201,
                            [](W& w, const Permit<Task::move_bags>& p, C c) {
                              return w.move_bag(p, c.path[0], c.body, c.asked);
                            }),
      get<Task::read_stock>("/api/patients/{patient}/bags",
                            [](W& w, const Stock& p, C c) { return w.bags_for(p, c.path[0], c.asked); }),
      row<Task::read_stock>("POST", "/api/labels", 200, Takes::json, false,
                            [](W& w, const Stock& p, C c) { return w.label(p, c.body); }),
      get<Task::calculate>("/api/calculators", [](W& w, const Calc& p, C) { return w.calculators(p); }),
      row<Task::calculate>("POST", "/api/calculators/{calculator}", 200, Takes::json, false,
                           [](W& w, const Calc& p, C c) { return w.calculate(p, c.path[0], c.body); }),
      get<Task::calculate>("/api/gvhd-steps",
                           [](W& w, const Calc& p, C c) { return w.gvhd_steps(p, c.asked); }),
      get<Task::calculate>("/api/facts", [](W& w, const Calc& p, C c) { return w.facts(p, c.asked); }),
      get<Task::read_protocols>("/api/protocols", [](W& w, const Library& p, C) { return w.protocols(p); }),
      get<Task::read_protocols>("/api/protocols/{protocol}",
                                [](W& w, const Library& p, C c) { return w.protocol(p, c.path[0]); }),
      get<Task::read_protocols>("/api/protocols/{protocol}/verification",
                                [](W& w, const Library& p, C c) { return w.verification(p, c.path[0]); }),
      get<Task::read_protocols>(
          "/api/protocols/{protocol}/difference",
          [](W& w, const Library& p, C c) { return w.difference(p, c.path[0], c.asked); }),
      get<Task::read_jobs>("/api/jobs",
                           [](W& w, const Permit<Task::read_jobs>& p, C c) { return w.jobs(p, c.asked); }),
      get<Task::administer>("/api/accounts",
                            [](W& w, const Admin& p, C c) { return w.accounts(p, c.asked); }),
      post<Task::administer>("/api/accounts", 201,
                             [](W& w, const Admin& p, C c) { return w.add_account(p, c.body); }),
      row<Task::administer>(
          "PATCH", "/api/accounts/{account}", 200, Takes::json, false,
          [](W& w, const Admin& p, C c) { return w.change_account(p, c.path[0], c.body, c.asked); }),
      post<Task::administer>("/api/accounts/{account}/password", 204,
                             [](W& w, const Admin& p, C c) { return w.set_password(p, c.path[0], c.body); }),
      get<Task::read_audit>("/api/audit", [](W& w, const Audit& p, C c) { return w.audit(p, c.asked); }),
      get<Task::read_audit>("/api/audit/verification",
                            [](W& w, const Audit& p, C) { return w.verify_log(p); }),
      row<Task::cds_hooks>(
          "POST", "/cds-services/{service}", 200, Takes::json, false,
          [](W& w, const Permit<Task::cds_hooks>& p, C c) { return w.cards(p, c.path[0], c.body, c.base); }),
      row<Task::cds_hooks>(
          "POST", "/cds-services/{service}/feedback", 200, Takes::json, false,
          [](W& w, const Permit<Task::cds_hooks>& p, C c) { return w.feedback(p, c.path[0], c.body); }),
  };
}

std::vector<std::string_view> pieces(std::string_view path) {
  std::vector<std::string_view> found;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    found.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return found;
}

bool fits(std::string_view pattern, const std::vector<std::string_view>& asked,
          std::vector<std::string>& values) {
  const auto wanted = pieces(pattern);
  if (wanted.size() != asked.size()) return false;
  values.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with("{"))
      values.emplace_back(asked[i]);
    else if (wanted[i] != asked[i])
      return false;
  }
  return true;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = make_routes();
  return all;
}

Match find_route(std::string_view method, std::string_view path) {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  const auto asked = pieces(path);
  for (const Route& route : routes()) {
    std::vector<std::string> values;
    if (!fits(route.path, asked, values)) continue;
    if (route.method != method) {
      match.other_method = true;
      continue;
    }
    match.route = &route;
    match.path = std::move(values);
    return match;
  }
  return match;
}

Answer problem(int status, std::string_view kind, std::string_view message) {
  const nlohmann::json body{{"error", {{"kind", kind}, {"message", message}}}};
  return {status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "application/json", 0,
          false};
}

Answer answer_of(const Error& error) {
  if (service::is_unavailable(error)) return problem(503, "unavailable", error.message);
  switch (error.kind) {
    case ErrorKind::not_found:
      return problem(404, name(error.kind), error.message);
    case ErrorKind::conflict:
      return problem(409, name(error.kind), error.message);
    case ErrorKind::unit_mismatch:
    case ErrorKind::out_of_range:
    case ErrorKind::unsupported:
      return problem(422, name(error.kind), error.message);
    case ErrorKind::malformed_input:
      break;
  }
  return problem(400, name(error.kind), error.message);
}

bool is_text(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return false;
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;  // not UTF-8
  }
}

Result<service::Asked> asked_of(const std::multimap<std::string, std::string>& parameters) {
  service::Asked asked;
  constexpr std::size_t most_rows = 500;
  constexpr std::size_t most_offset = 100'000'000;
  const auto wrong = [](std::string_view name, std::string_view expected) {
    return Error{ErrorKind::malformed_input, fmt::format("{}: expected {}", name, expected)};
  };
  for (const auto& [name, value] : parameters) {
    if (value.size() > 300 || !is_text(value) || !is_text(name))
      return wrong("a parameter", "a text of at most 300 bytes in UTF-8");
    const std::pair<std::string_view, std::string*> texts[] = {
        {"strategy", &asked.strategy},   {"q", &asked.words},          {"state", &asked.state},
        {"recipient", &asked.recipient}, {"patient", &asked.patient},  {"who", &asked.who},
        {"kind", &asked.kind},           {"with", &asked.with},        {"lang", &asked.language},
        {"name", &asked.name},           {"criteria", &asked.criteria}};
    const std::pair<std::string_view, std::optional<Day>*> days[] = {{"as_of", &asked.as_of},
                                                                     {"known_on", &asked.known_on},
                                                                     {"from", &asked.from},
                                                                     {"to", &asked.to},
                                                                     {"read_on", &asked.as_of}};
    const auto text =
        std::find_if(std::begin(texts), std::end(texts), [&](const auto& one) { return one.first == name; });
    const auto day =
        std::find_if(std::begin(days), std::end(days), [&](const auto& one) { return one.first == name; });
    if (text != std::end(texts)) {
      *text->second = value;
    } else if (day != std::end(days)) {
      if (value.empty()) continue;
      const auto read = parse_day(value);
      if (!read) return wrong(name, "a day such as 2026-03-01");
      *day->second = *read;
    } else if (name == "protocol") {
      asked.protocols.push_back(value);
    } else if (name == "lane") {
      asked.lanes.push_back(value);
    } else if (name == "offset" || name == "limit" || name == "width") {
      std::size_t number = 0;
      const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
      const std::size_t most = name == "limit" ? most_rows : name == "width" ? 2400 : most_offset;
      const std::size_t least = name == "limit" ? 1 : name == "width" ? 300 : 0;
      if (end.ec != std::errc() || end.ptr != value.data() + value.size() || number > most || number < least)
        return wrong(name, fmt::format("a whole number from {} to {}", least, most));
      if (name == "offset") asked.offset = number;
      if (name == "limit") asked.limit = number;
      if (name == "width") asked.width = static_cast<double>(number);
    } else {
      return Error{ErrorKind::malformed_input,
                   "a parameter that is not asked for; docs/openapi.json lists those of each route"};
    }
  }
  if (asked.language != "en" && asked.language != "zh") return wrong("lang", "en or zh");
  constexpr std::size_t most_protocols = 20;
  if (asked.protocols.size() > most_protocols) return wrong("protocol", "at most 20");
  return asked;
}

}  // namespace graftline::server
