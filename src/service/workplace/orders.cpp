// Dose orders and their independent check: the second account works the figures out from the order without
// seeing the first ones; what differs is shown only when both have said theirs.
#include <fmt/format.h>

#include <algorithm>

#include "core/decimal.h"
#include "product/bag_moves.h"
#include "product/stock.h"
#include "report/dose_text.h"
#include "service/answer.h"
#include "service/ladder.h"
#include "service/workplace/state.h"
#include "service/written_values.h"

namespace graftline::service {

// stock.cpp
store::NewEvent bag_event(const Workplace::State& state, const AnyPermit& permit, const product::Bag& bag,
                          const std::string& kind);

namespace {

// How far two people's total cells and volumes may lie apart and still agree: rounding, one part in a hundred
// [convention].
const Rational tolerance = Rational(1) / 100;
const Rational least_ml = Rational(1) / 10;

struct Figures {
  Kind kind = Kind::none;
  bool per_kilogram = true;
  Rational dose;
  Rational weight;
  Rational cells;
  std::vector<std::pair<std::string, Rational>> bags;  // by name
};

std::optional<Rational> plain_number(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto decimal = parse_decimal(value.get<std::string>());
  if (!decimal) return std::nullopt;
  return to_rational(*decimal);
}

Result<Figures> figures_of(Fields& fields) {
  Figures made;
  const json dose = fields.value("dose");
  constexpr int highest_exponent = 12;
  const bool is_whole =
      dose.is_object() && dose.value("mantissa", json()).is_string() &&
      dose.value("exponent", json()).is_number_integer() && dose.at("exponent").get<std::int64_t>() >= 0 &&
      dose.at("exponent").get<std::int64_t>() <= highest_exponent && dose.value("kind", json()).is_string();
  if (!is_whole)
    return malformed(
        "dose: expected {\"mantissa\": \"5\", \"exponent\": 6, \"kind\": \"CD3\", \"per\": \"kg\"}");
  const auto mantissa = plain_number(dose.at("mantissa"));
  if (!mantissa || *mantissa <= 0 || *mantissa >= 10 ||
      dose.at("mantissa").get<std::string>().find_first_not_of("0123456789.") != std::string::npos)
    return malformed("dose.mantissa: expected plain digits above 0 and below 10, such as \"5\" or \"2.5\"");
  const json per = dose.value("per", json("kg"));
  if (per != "kg" && per != "total") return malformed("dose.per: expected kg or total");
  made.per_kilogram = per == "kg";
  made.dose = *mantissa;
  for (int i = 0; i < dose.at("exponent").get<int>(); ++i) made.dose *= 10;
  if (!kind_from_name(dose.at("kind").get<std::string>(), made.kind))
    return malformed("dose.kind: expected CD3, MNC, TNC or another kind of cell");
  const std::string typed_weight = fields.required("weight");
  const auto weight = read_range("weight", std::string_view(typed_weight), "kg");
  if (!weight) return weight.error();
  if (!weight->is_point() || *weight->low <= 0)
    return malformed("weight: expected one weight such as \"58 kg\"");
  made.weight = *weight->low;
  const auto cells = plain_number(fields.value("cells"));
  if (!cells || *cells <= 0)
    return malformed("cells: expected the total in plain digits, such as \"340000000\"");
  made.cells = *cells;
  const json bags = fields.value("bags");
  if (!bags.is_array() || bags.empty() || bags.size() > 10)
    return malformed("bags: expected one to ten bags with their volumes");
  for (const json& one : bags) {
    std::optional<Rational> volume;
    if (one.is_object()) volume = plain_number(one.value("volume_ml", json()));
    if (!volume || *volume <= 0 || !one.value("bag", json()).is_string())
      return malformed("bags: expected {\"bag\": \"B-3\", \"volume_ml\": \"24\"}");
    made.bags.emplace_back(one.at("bag").get<std::string>(), *volume);
  }
  std::sort(made.bags.begin(), made.bags.end());
  for (std::size_t i = 1; i < made.bags.size(); ++i) {
    if (made.bags[i].first == made.bags[i - 1].first) return malformed("bags: one bag stands twice");
  }
  if (fields.error()) return *fields.error();
  return made;
}

bool about(const Rational& a, const Rational& b, const Rational& least = 0) {
  const Rational apart = a > b ? Rational(a - b) : Rational(b - a);
  return apart <= std::max(Rational(b * tolerance), least);
}

std::string dose_text(const Figures& figures) {
  return report::both_ways(
      engine::TargetDose{figures.kind, figures.per_kilogram, figures.dose, figures.dose, false});
}
std::string plain(const Rational& value) { return report::millilitres(to_double(value)); }
std::string weight_text(const Figures& figures) { return to_text(figures.weight, 4) + " kg"; }

std::string bags_text(const Figures& figures) {
  std::string text;
  for (const auto& [bag, volume] : figures.bags)
    text += fmt::format("{}{} of bag {}", text.empty() ? "" : ", ", plain(volume), bag);
  return text;
}

json figures_json(const Figures& figures) {
  json bags = json::array();
  for (const auto& [bag, volume] : figures.bags) bags.push_back({{"bag", bag}, {"volume_ml", plain(volume)}});
  return {{"dose", dose_text(figures)},
          {"weight", weight_text(figures)},
          {"cells", report::in_words(figures.cells)},
          {"bags", std::move(bags)}};
}

bool same_bags(const Figures& a, const Figures& b) {
  return std::equal(a.bags.begin(), a.bags.end(), b.bags.begin(), b.bags.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}
bool same_volumes(const Figures& a, const Figures& b) {
  return std::equal(a.bags.begin(), a.bags.end(), b.bags.begin(), b.bags.end(),
                    [](const auto& x, const auto& y) { return about(x.second, y.second, least_ml); });
}

json agreement(const Figures& first, const Figures& second) {
  json rows = json::array();
  const auto row = [&](const char* what, bool agrees, std::string one, std::string other) {
    rows.push_back(
        {{"what", what}, {"agrees", agrees}, {"first", std::move(one)}, {"second", std::move(other)}});
  };
  row("dose",
      first.dose == second.dose && first.kind == second.kind && first.per_kilogram == second.per_kilogram,
      dose_text(first), dose_text(second));
  row("weight", first.weight == second.weight, weight_text(first), weight_text(second));
  row("cells", about(first.cells, second.cells), report::in_words(first.cells),
      report::in_words(second.cells));
  row("bags", same_bags(first, second), bags_text(first), bags_text(second));
  row("volume", same_bags(first, second) && same_volumes(first, second), bags_text(first), bags_text(second));
  return rows;
}

// What stands against the figures of an order by the server's own reckoning.
std::optional<Error> objection(const Figures& figures, const Answered& answered,
                               const record::Timeline& timeline, const Prepared& question,
                               const std::vector<product::Bag>& bags, const product::SiteValues& site) {
  const auto refused = [](std::string why) { return Error{ErrorKind::conflict, std::move(why)}; };
  if (answered.decision.action != engine::Action::give)
    return refused(fmt::format("the protocol does not say give: {}: {}",
                               engine::name(answered.decision.action), answered.decision.because));
  if (answered.plan.infusions.empty() || !answered.plan.infusions.front().dose)
    return refused("the protocol has no dose for the next infusion");
  const engine::Dose& dose = *answered.plan.infusions.front().dose;
  const auto target =
      std::find_if(dose.targets.begin(), dose.targets.end(), [&](const engine::TargetDose& one) {
        return one.kind == figures.kind && one.per_kilogram == figures.per_kilogram;
      });
  if (target == dose.targets.end()) return refused("dose: the protocol states its dose in other cells");
  if (figures.dose > target->high) return refused("dose: above what the protocol allows for this infusion");
  if (figures.dose < target->low) return refused("dose: below what the protocol states for this infusion");
  if (!answered.plan.weight.kilograms)
    return refused("weight: there is no current weight of the recipient on record");
  if (figures.weight != *answered.plan.weight.kilograms)
    return refused("weight: not the current weight on record");
  const Rational cells = figures.per_kilogram ? Rational(figures.dose * figures.weight) : figures.dose;
  if (!about(figures.cells, cells)) return refused("cells: not the dose times the weight");
  product::Need need;
  need.recipient = timeline.patient;
  need.targets = {{figures.kind, figures.per_kilogram, figures.dose, figures.dose}};
  need.governing = figures.kind;
  need.weight = product::Kilograms(figures.weight);
  need.on = question.question.as_of;
  need.abo = abo_mismatch_of(record::View(timeline, question.question.as_of, question.question.known_on));
  const auto proposals = product::propose(bags, need, site);
  for (const product::Proposal& proposal : proposals.ranked) {
    Figures own = figures;
    own.bags.clear();
    for (const product::Draw& draw : proposal.draws) own.bags.emplace_back(draw.bag, draw.volume.value());
    std::sort(own.bags.begin(), own.bags.end());
    if (!same_bags(own, figures)) continue;
    if (same_volumes(own, figures)) return std::nullopt;
    return refused("bags: the volume does not give the dose");
  }
  for (const auto& [bag, volume] : figures.bags) {
    for (const auto& other : proposals.not_proposed) {
      if (other.bag == bag && !other.reasons.empty())
        return refused(fmt::format("bag {}: {}", bag, other.reasons.front()));
    }
  }
  return refused("bags: not a set that may be given for this dose");
}

json raw(const Fields& fields) {
  return {{"dose", fields.value("dose")},
          {"weight", fields.value("weight")},
          {"cells", fields.value("cells")},
          {"bags", fields.value("bags")}};
}

Result<Figures> stored_figures(const json& stored) {
  auto fields = Fields::of(printed(stored), {"dose", "weight", "cells", "bags"});
  if (!fields) return fields.error();
  return figures_of(*fields);
}

const char* shown_state(const std::string& state) {
  return state == "written" ? "awaiting_check" : state.c_str();
}

}  // namespace

Result<json> Workplace::State::order_json(const AnyPermit& permit, const store::Item& order) const {
  const auto body = json::parse(order.body);
  const bool is_open = order.state == "written";
  const bool is_own = order.first_who == permit.actor().account;
  json made{{"id", order.id},
            {"patient", order.patient},
            {"state", shown_state(order.state)},
            {"protocol", body.at("protocol")},
            {"as_of", body.at("as_of")},
            {"infusion_on", body.at("infusion_on")},
            {"ordered_by", order.first_who},
            {"ordered_at", order.first_at},
            {"checked_by", body.value("checked_by", json())},
            {"checked_at", body.value("checked_at", json())},
            {"may_check", is_open && !is_own && may(permit.actor().role, Task::check_order)},
            {"hidden", is_open && !is_own},
            {"first", nullptr},
            {"second", nullptr},
            {"agreement", body.value("agreement", json())},
            {"why", body.value("why", "")},
            {"version", order.seq}};
  // An order that was cancelled unchecked may be written again: its figures stay hidden too.
  const bool was_checked = body.contains("second");
  if (is_own || was_checked) {
    const auto first = stored_figures(body.at("first"));
    if (!first) return first.error();
    made["first"] = figures_json(*first);
    made["first"]["weighed_on"] = body.value("weighed_on", "");
    made["first"]["ratio"] = body.value("ratio", "");
  }
  if (was_checked) {
    const auto second = stored_figures(body.at("second"));
    if (!second) return second.error();
    made["second"] = figures_json(*second);
  }
  if (!is_own && !was_checked) made["hidden"] = true;
  return made;
}

Result<Reply> Workplace::orders(const Permit<Task::read_patients>& permit, const std::string& patient,
                                const Asked& asked) {
  std::string site = permit.actor().site;
  if (!patient.empty()) {
    const auto item = state_->patient(permit, patient);
    if (!item) return item.error();
  }
  store::ItemQuery query;
  query.kind = "order";
  query.patient = patient;
  query.site = site;
  query.state = asked.state == "awaiting_check" ? "written" : asked.state;
  query.newest_first = true;
  query.offset = asked.offset;
  query.limit = asked.limit;
  const auto page = state_->store.items(query);
  if (!page) return unavailable(page.error());
  json items = json::array();
  json ids = json::array();
  for (const store::Item& one : page->rows) {
    auto order = state_->order_json(permit, one);
    if (!order) return order.error();
    items.push_back(std::move(*order));
    ids.push_back(one.patient);
  }
  if (auto problem = state_->seen(permit, "orders", patient, patient, site, {{"patients", std::move(ids)}}))
    return *problem;
  return Reply{printed({{"items", std::move(items)},
                        {"total", page->total},
                        {"offset", asked.offset},
                        {"limit", asked.limit}}),
               0, false};
}

namespace {

Result<store::Item> order_item(const Workplace::State& state, const AnyPermit& permit,
                               const std::string& id) {
  auto item = state.item("order", id);
  if (item && !permit.sees(item->site)) return Error{ErrorKind::not_found, "no such order"};
  return item;
}

Result<Reply> order_reply(const Workplace::State& state, const AnyPermit& permit, const std::string& id) {
  const auto item = order_item(state, permit, id);
  if (!item) return item.error();
  const auto order = state.order_json(permit, *item);
  if (!order) return order.error();
  return Reply{printed(*order), item->seq, false};
}

}  // namespace

Result<Reply> Workplace::order(const Permit<Task::read_patients>& permit, const std::string& id) {
  const auto item = order_item(*state_, permit, id);
  if (!item) return item.error();
  if (auto problem = state_->seen(permit, "order", id, item->patient, item->site, json::object()))
    return *problem;
  return order_reply(*state_, permit, id);
}

Result<Reply> Workplace::write_order(const Permit<Task::order_dose>& permit, const std::string& patient,
                                     std::string_view body) {
  auto fields = Fields::of(body, {"protocol", "as_of", "strategy", "infusion_on", "dose", "weight", "cells",
                                  "bags", "fingerprint", "why"});
  if (!fields) return fields.error();
  const auto item = state_->patient(permit, patient);
  if (!item) return item.error();
  Asked asked;
  asked.protocols = {fields->required("protocol")};
  asked.as_of = fields->day("as_of");
  asked.strategy = fields->text("strategy");
  if (!asked.as_of) fields->wrong("as_of", "the day of the decision");
  const Day infusion_on = fields->day("infusion_on").value_or(asked.as_of.value_or(Day{}));
  const std::string why = fields->text("why");
  const auto figures = figures_of(*fields);
  if (!figures) return figures.error();
  asked.as_of = infusion_on;  // the protocol is asked about the day on which it would be given
  asked.known_on = permit.occasion().today;
  const auto question = state_->question(permit, asked);
  if (!question) return question.error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        const auto held = state_->hold(patient);
        if (!held) return held.error();
        if (!held->is_null())
          return Error{ErrorKind::conflict, "a signed hold stands: it has to be lifted first"};
        const auto timeline = state_->timeline(*item, permit.occasion().today);
        if (!timeline) return timeline.error();
        const Answered answered = answer(question->protocol, **timeline, question->question);
        auto bags = state_->bags();
        if (!bags) return bags.error();
        if (auto problem = objection(*figures, answered, **timeline, *question, *bags, state_->site_values))
          return *problem;
        json payload{{"protocol", question->protocol.id + " " + question->protocol.version},
                     {"as_of", to_text(permit.occasion().today)},
                     {"infusion_on", to_text(infusion_on)},
                     {"first", raw(*fields)},
                     {"weighed_on", answered.plan.weight.date},
                     {"ratio", ""},
                     {"why", why}};
        for (const auto& target : answered.plan.infusions.front().targets) {
          if (target.dose.kind == figures->kind && target.ratio_to_last)
            payload["ratio"] = to_text(*target.ratio_to_last, 3);
        }
        store::NewEvent event = state_->event_about(permit, *item, "order.written", "", payload);
        event.why = why;
        return store::Group{{std::move(event)}, {{"patient", patient, item->seq}}};
      },
      [&](const std::vector<store::Event>& events) {
        return order_reply(*state_, permit, events.front().subject);
      });
}

Result<Reply> Workplace::check_order(const Permit<Task::check_order>& permit, const std::string& id,
                                     std::string_view body) {
  auto fields = Fields::of(body, {"dose", "weight", "cells", "bags"});
  if (!fields) return fields.error();
  const auto item = order_item(*state_, permit, id);
  if (!item) return item.error();
  const auto second = figures_of(*fields);
  if (!second) return second.error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        if (item->first_who == permit.actor().account)
          return Error{ErrorKind::conflict,
                       "the order is checked by another account than the one that wrote it"};
        if (item->state != "written")
          return Error{ErrorKind::conflict,
                       fmt::format("the order is {}: only one awaiting its check is checked",
                                   shown_state(item->state))};
        const auto patient = state_->item("patient", item->patient);
        if (!patient) return patient.error();
        const auto first = stored_figures(json::parse(item->body).at("first"));
        if (!first) return first.error();
        const json rows = agreement(*first, *second);
        const bool agrees = std::all_of(rows.begin(), rows.end(),
                                        [](const json& row) { return row.at("agrees").get<bool>(); });
        const json payload{{"checked_by", permit.actor().account},
                           {"checked_at", permit.occasion().at},
                           {"second", raw(*fields)},
                           {"agreement", rows}};
        store::NewEvent event =
            state_->event_about(permit, *patient, agrees ? "order.checked" : "order.disagreed", id, payload);
        return store::Group{{std::move(event)}, {{"order", id, item->seq}}};
      },
      [&](const auto&) { return order_reply(*state_, permit, id); });
}

Result<Reply> Workplace::issue_order(const Permit<Task::move_bags>& permit, const std::string& id,
                                     std::string_view body) {
  auto fields = Fields::of(body, {"at", "password"});
  if (!fields) return fields.error();
  const auto at = product::parse_clock_time(fields->required("at"));
  if (!at) fields->wrong("at", "a time such as 2026-03-01T09:30");
  const std::string password = fields->required("password");
  if (fields->error()) return *fields->error();
  const auto is_right = is_password(permit.actor().account, password);
  if (!is_right) return is_right.error();
  if (!*is_right) return Error{ErrorKind::conflict, "password: not the password of the signed-in account"};
  const auto item = order_item(*state_, permit, id);
  if (!item) return item.error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        if (item->state != "checked")
          return Error{ErrorKind::conflict, fmt::format("the order is {}: only a checked one is issued",
                                                        shown_state(item->state))};
        const auto patient = state_->item("patient", item->patient);
        if (!patient) return patient.error();
        const auto order = json::parse(item->body);
        const auto figures = stored_figures(order.at("first"));
        if (!figures) return figures.error();
        const auto bags = state_->bags();
        if (!bags) return bags.error();
        store::Group group;
        group.events.push_back(state_->event_about(
            permit, *patient, "order.issued", id,
            {{"issued_by", permit.actor().account}, {"issued_at", product::to_text(*at)}}));
        group.expected.push_back({"order", id, item->seq});
        for (const auto& [name, volume] : figures->bags) {
          const auto bag = std::find_if(bags->begin(), bags->end(),
                                        [&](const product::Bag& one) { return one.id == name; });
          if (bag == bags->end())
            return Error{ErrorKind::not_found, "a bag of the order is no longer in the stock"};
          product::Move move;
          move.to = product::BagState::issued;
          move.at = *at;
          move.by = permit.actor().account;
          const std::string checked_by = order.value("checked_by", "");
          move.second_person = checked_by == move.by ? item->first_who : checked_by;
          move.recipient = item->patient;
          const auto moved = product::moved(*bag, move, state_->site_values);
          if (!moved) return moved.error();
          const auto stored = state_->item("bag", name);
          if (!stored) return stored.error();
          group.expected.push_back({"bag", name, stored->seq});
          group.events.push_back(bag_event(*state_, permit, *moved, "bag.moved"));
        }
        return group;
      },
      [&](const auto&) { return order_reply(*state_, permit, id); });
}

Result<Reply> Workplace::cancel_order(const Permit<Task::order_dose>& permit, const std::string& id,
                                      std::string_view body) {
  auto fields = Fields::of(body, {"why"});
  if (!fields) return fields.error();
  const std::string why = fields->required("why");
  if (fields->error()) return *fields->error();
  const auto item = order_item(*state_, permit, id);
  if (!item) return item.error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        if (item->state == "issued" || item->state == "cancelled")
          return Error{ErrorKind::conflict,
                       fmt::format("the order is {} and cannot be cancelled", item->state)};
        const auto patient = state_->item("patient", item->patient);
        if (!patient) return patient.error();
        store::NewEvent event = state_->event_about(permit, *patient, "order.cancelled", id, {{"why", why}});
        event.why = why;
        return store::Group{{std::move(event)}, {{"order", id, item->seq}}};
      },
      [&](const auto&) { return order_reply(*state_, permit, id); });
}

}  // namespace graftline::service
