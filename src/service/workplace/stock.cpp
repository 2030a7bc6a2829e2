// The stock as items of the store: added from a CSV, moved by the rules of product/bag_moves.h.
#include "interop/csv/stock.h"

#include <fmt/format.h>

#include <algorithm>

#include "product/bag_moves.h"
#include "product/din.h"
#include "report/dose_text.h"
#include "service/products.h"
#include "service/workplace/state.h"

namespace graftline::service {

store::NewEvent bag_event(const Workplace::State& state, const AnyPermit& permit, const product::Bag& bag,
                          const std::string& kind) {
  json fields = json::object();
  for (const auto& column : product::bag_columns()) {
    const std::string value = column.get(bag);
    fields[std::string(column.name)] = value.empty() ? json() : json(value);
  }
  store::NewEvent event = state.event(permit, kind, bag.id, {{"fields", std::move(fields)}});
  event.why = bag.reason;
  return event;
}

namespace {

bool is_mine(const AnyPermit& permit, const store::Item& item) { return permit.sees(item.site); }

json bag_json(const product::Bag& bag, std::int64_t version, Day today, const product::SiteValues& site) {
  json fields = json::object();
  for (const auto& column : product::bag_columns()) {
    const std::string value = column.get(bag);
    if (!value.empty()) fields[std::string(column.name)] = value;
  }
  json next = json::array();
  for (const auto& transition : product::transitions()) {
    if (transition.from != bag.state) continue;
    const bool two =
        transition.to == product::BagState::issued || transition.to == product::BagState::infused;
    next.push_back({{"state", product::name(transition.to)},
                    {"needs_reason", transition.needs_reason},
                    {"needs_second_person", two}});
  }
  json groups = json::array();
  std::string check;
  if (bag.din) {
    std::string group;
    for (const char c : product::to_label(*bag.din) + " ") {
      if (c != ' ') {
        group += c;
        continue;
      }
      groups.push_back(group);
      group.clear();
    }
    check = groups.back().get<std::string>();
    groups.erase(groups.size() - 1);
  }
  json history = json::array();
  std::string rest = bag.history;
  while (!rest.empty()) {
    const auto end = rest.find("; ");
    history.push_back(rest.substr(0, end));
    rest = end == std::string::npos ? "" : rest.substr(end + 2);
  }
  json made{{"id", bag.id},         {"state", product::name(bag.state)},
            {"version", version},   {"recipient", bag.recipient},
            {"din_groups", groups}, {"check_character", check},
            {"next_states", next},  {"obstacles", json::array()},
            {"fields", fields},     {"history", history}};
  for (const std::string& obstacle : product::release_obstacles(bag, today, "", site))
    made["obstacles"].push_back(obstacle);
  return made;
}

const product::Bag* find_bag(const std::vector<product::Bag>& bags, std::string_view id) {
  const auto found =
      std::find_if(bags.begin(), bags.end(), [&](const product::Bag& one) { return one.id == id; });
  return found == bags.end() ? nullptr : &*found;
}

Result<Reply> bag_reply(Workplace::State& state, const AnyPermit& permit, const std::string& id) {
  const auto item = state.item("bag", id);
  if (!item) return item.error();
  if (!is_mine(permit, *item)) return Error{ErrorKind::not_found, "no such bag"};
  const auto bags = state.bags();
  if (!bags) return bags.error();
  const product::Bag* bag = find_bag(*bags, id);
  ensure(bag != nullptr, "a bag that is an item is in the stock");
  return Reply{printed(bag_json(*bag, item->seq, permit.occasion().today, state.site_values)), item->seq,
               false};
}

}  // namespace

Result<Reply> Workplace::stock(const Permit<Task::read_stock>& permit, const Asked& asked) {
  store::ItemQuery query;
  query.kind = "bag";
  query.site = permit.actor().site;
  const auto items = state_->all(query);
  if (!items) return items.error();
  const auto all_bags = state_->bags();
  if (!all_bags) return all_bags.error();
  std::vector<product::Bag> bags;
  json rows = json::array();
  std::size_t total = 0;
  json recipients = json::array();
  for (const store::Item& item : *items) {
    const product::Bag* bag = find_bag(*all_bags, item.id);
    if (bag == nullptr) continue;
    bags.push_back(*bag);
    if (!asked.recipient.empty() && bag->recipient != asked.recipient) continue;
    if (!asked.state.empty() && product::name(bag->state) != asked.state) continue;
    if (!asked.words.empty() && item.body.find(asked.words) == std::string::npos) continue;
    if (total >= asked.offset && rows.size() < asked.limit) {
      rows.push_back(bag_json(*bag, item.seq, permit.occasion().today, state_->site_values));
      recipients.push_back(bag->recipient);
    }
    ++total;
  }
  const auto account = product::account(bags);
  json problems = json::array();
  for (const auto& problem : product::check_stock(bags, permit.occasion().today))
    problems.push_back({{"bag", problem.bag}, {"text", problem.text}});
  if (auto problem =
          state_->seen(permit, "stock", "", "", permit.actor().site, {{"patients", std::move(recipients)}}))
    return *problem;
  const auto words = [](const product::Cells& cells) { return report::in_words(cells.value()); };
  return Reply{printed({{"items", std::move(rows)},
                        {"total", total},
                        {"offset", asked.offset},
                        {"limit", asked.limit},
                        {"account",
                         {{"planned", words(account.planned)},
                          {"in_stock", words(account.in_stock)},
                          {"issued", words(account.issued)},
                          {"infused", words(account.infused)},
                          {"discarded", words(account.discarded)},
                          {"not_counted", account.not_counted}}},
                        {"problems", std::move(problems)}}),
               0, false};
}

Result<Reply> Workplace::bag(const Permit<Task::read_stock>& permit, const std::string& id) {
  auto reply = bag_reply(*state_, permit, id);
  if (!reply) return reply;
  if (auto problem = state_->seen(permit, "bag", id, "", permit.actor().site, json::object()))
    return *problem;
  return reply;
}

Result<Reply> Workplace::add_stock(const Permit<Task::write_stock>& permit, std::string_view csv) {
  const auto file = interop::csv::parse_stock(csv, "upload");
  if (!file) return file.error();
  if (file->bags.empty()) return malformed("the stock holds no bag");
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        store::Group group;
        int unchanged = 0;
        for (const product::Bag& bag : file->bags) {
          if (!is_id(bag.id)) return malformed("column bag: expected letters, digits, . _ - ; at most 64");
          store::NewEvent event = bag_event(*state_, permit, bag, "bag.added");
          const auto there = state_->store.item("bag", bag.id);
          if (!there) return unavailable(there.error());
          if (*there) {
            nlohmann::json merged = nlohmann::json::parse((*there)->body);
            merged.merge_patch(nlohmann::json::parse(event.payload));
            if (merged != nlohmann::json::parse((*there)->body))
              return Error{ErrorKind::conflict,
                           fmt::format("bag {}: it is in the stock already, and differs", bag.id)};
            ++unchanged;
            continue;
          }
          group.expected.push_back({"bag", bag.id, 0});
          group.events.push_back(std::move(event));
        }
        group.events.push_back(state_->event(permit, "stock.loaded", "",
                                             {{"added", group.events.size()}, {"unchanged", unchanged}}));
        std::rotate(group.events.begin(), group.events.end() - 1, group.events.end());
        return group;
      },
      [&](const std::vector<store::Event>& events) -> Result<Reply> {
        const auto counts = json::parse(events.front().payload);
        json problems = json::array();
        for (const auto& problem : product::check_stock(file->bags, permit.occasion().today))
          problems.push_back({{"bag", problem.bag}, {"text", problem.text}});
        return Reply{printed({{"added", counts.at("added")},
                              {"unchanged", counts.at("unchanged")},
                              {"problems", problems}}),
                     0, false};
      });
}

Result<Reply> Workplace::move_bag(const Permit<Task::move_bags>& permit, const std::string& id,
                                  std::string_view body, const Asked& asked) {
  auto fields = Fields::of(
      body, {"to", "at", "reason", "recipient", "second_account", "second_password", "infused_ml"});
  if (!fields) return fields.error();
  product::Move move;
  const auto to = product::bag_state_from(fields->required("to"));
  const auto at = product::parse_clock_time(fields->required("at"));
  if (!to) fields->wrong("to", "a state of a bag");
  if (!at) fields->wrong("at", "a time such as 2026-03-01T09:30");
  move.reason = fields->text("reason");
  move.recipient = fields->text("recipient");
  move.by = permit.actor().account;
  if (const std::string infused = fields->text("infused_ml"); !infused.empty()) {
    const auto volume = parse_decimal(infused);
    if (volume)
      move.infused_ml = *volume;
    else
      fields->wrong("infused_ml", "a volume in mL, such as \"24\"");
  }
  const std::string second = fields->text("second_account");
  const std::string second_password = fields->text("second_password");
  if (fields->error()) return *fields->error();
  move.to = *to;
  move.at = *at;
  const auto item = state_->item("bag", id);
  if (!item) return item.error();
  if (!is_mine(permit, *item)) return Error{ErrorKind::not_found, "no such bag"};
  if (!second.empty()) {
    const auto is_right = is_password(second, second_password);
    if (!is_right) return is_right.error();
    const auto other = actor_of(second);
    if (!other) return other.error();
    if (!*is_right || !*other || second == move.by)
      return Error{ErrorKind::conflict, "second_account: another account, with its password"};
    move.second_person = second;
  }
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        const auto bags = state_->bags();
        if (!bags) return bags.error();
        const product::Bag* bag = find_bag(*bags, id);
        ensure(bag != nullptr, "a bag that is an item is in the stock");
        const auto moved = product::moved(*bag, move, state_->site_values);
        if (!moved) return moved.error();
        store::NewEvent event = bag_event(*state_, permit, *moved, "bag.moved");
        event.site = item->site;
        event.why = move.reason;
        return store::Group{{std::move(event)}, {{"bag", id, asked.version.value_or(item->seq)}}};
      },
      [&](const auto&) { return bag_reply(*state_, permit, id); });
}

Result<Reply> Workplace::label(const Permit<Task::read_stock>&, std::string_view body) const {
  auto fields = Fields::of(body, {"text", "keyed"});
  if (!fields) return fields.error();
  const std::string text = fields->required("text");
  const bool is_keyed = fields->flag("keyed");
  if (fields->error()) return *fields->error();
  const auto printed_label = read_label(text, is_keyed, std::nullopt, false);
  if (!printed_label) return printed_label.error();
  return Reply{printed({{"sound", printed_label->is_sound}, {"text", printed_label->text}}), 0, false};
}

}  // namespace graftline::service
