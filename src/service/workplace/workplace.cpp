#include "service/workplace/workplace.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/suggestion.h"
#include "interop/csv/stock.h"
#include "interop/timeline_json.h"
#include "record/entry_text.h"
#include "report/decision_text.h"
#include "service/ladder.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

constexpr std::string_view unavailable_prefix = "the store cannot be used now: ";
constexpr std::size_t most_timelines = 4000;
constexpr std::size_t everything = 1'000'000;

// The same thing said twice, whoever said it and whenever it arrived.
std::string essence(const record::Entry& entry) {
  record::Timeline one;
  one.entries.push_back(entry);
  one.entries.front().origin = {};
  one.entries.front().known_on = Day{};
  return interop::timeline_to_json(one);
}

// Adds the entries of one stored item as far as they were known on the day.
std::optional<Error> add_item(const store::Item& item, record::Timeline& timeline,
                              std::map<std::string, std::size_t>& said) {
  const auto body = nlohmann::json::parse(item.body);
  auto part = interop::timeline_from_json(body.at("timeline").dump());
  if (!part) return part.error();
  for (record::Entry& entry : part->entries) {
    if (item.kind == "entry") entry.origin = {"entered by " + item.first_who, item.id};
    const auto [found, is_new] = said.emplace(essence(entry), timeline.entries.size());
    if (is_new) {
      timeline.entries.push_back(std::move(entry));
    } else {
      record::Entry& first = timeline.entries[found->second];
      first.known_on = std::min(first.known_on, entry.known_on);
    }
  }
  for (auto& judgement : part->judgements) {
    if (item.kind == "entry") judgement.origin = {"entered by " + item.first_who, item.id};
    timeline.judgements.push_back(std::move(judgement));
  }
  return std::nullopt;
}

std::optional<Day> day_in(const nlohmann::json& body, const char* field) {
  const auto found = body.find(field);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  const auto day = parse_day(found->get<std::string>());
  if (!day) return std::nullopt;
  return *day;
}

}  // namespace

Error malformed(std::string message) { return {ErrorKind::malformed_input, std::move(message)}; }

bool is_unavailable(const Error& error) { return error.message.starts_with(unavailable_prefix); }
Error unavailable(const Error& error) {
  if (error.kind != ErrorKind::conflict) return error;
  return {ErrorKind::conflict, std::string(unavailable_prefix) + error.message};
}

bool is_id(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == std::string_view::npos &&
         text.front() != '.';
}

std::string printed(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// --- fields of a body

Result<Fields> Fields::of(std::string_view body, std::vector<std::string_view> known) {
  Fields fields;
  fields.body_ = json::parse(body, nullptr, false);
  if (!fields.body_.is_object()) return malformed("body: expected a JSON object in UTF-8");
  for (const auto& [name, value] : fields.body_.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::vector<std::string> names(known.begin(), known.end());
    const auto closest = closest_name(name.substr(0, 64), names);
    return malformed(fmt::format("body: a field that is not asked for{}; expected {}",
                                 closest ? fmt::format(" (did you mean '{}'?)", *closest) : "",
                                 fmt::join(known, ", ")));
  }
  return fields;
}

void Fields::wrong(std::string_view name, std::string_view expected) {
  if (!error_) error_ = malformed(fmt::format("{}: expected {}", name, expected));
}
bool Fields::has(std::string_view name) const { return body_.contains(std::string(name)); }
json Fields::value(std::string_view name) const {
  const auto found = body_.find(std::string(name));
  return found == body_.end() ? json() : *found;
}
std::string Fields::text(std::string_view name) {
  const json found = value(name);
  if (found.is_null()) return "";
  if (!found.is_string()) {
    wrong(name, "text");
    return "";
  }
  std::string words = found.get<std::string>();
  constexpr std::size_t longest = 4000;
  if (words.size() > longest) wrong(name, "at most 4,000 bytes");
  if (std::any_of(words.begin(), words.end(),
                  [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }))
    wrong(name, "text without control characters");
  return words;
}
std::string Fields::required(std::string_view name) {
  std::string words = text(name);
  if (words.empty()) wrong(name, "a text that is not empty");
  return words;
}
std::optional<Day> Fields::day(std::string_view name) {
  const std::string words = text(name);
  if (words.empty()) return std::nullopt;
  const auto day = parse_day(words);
  if (!day) {
    wrong(name, "a day such as 2026-03-01");
    return std::nullopt;
  }
  return *day;
}
bool Fields::flag(std::string_view name) {
  const json found = value(name);
  if (found.is_null()) return false;
  if (!found.is_boolean()) {
    wrong(name, "true or false");
    return false;
  }
  return found.get<bool>();
}
int Fields::integer(std::string_view name, int low, int high) {
  const json found = value(name);
  if (!found.is_number_integer() || found.get<std::int64_t>() < low || found.get<std::int64_t>() > high) {
    wrong(name, fmt::format("a whole number from {} to {}", low, high));
    return low;
  }
  return found.get<int>();
}

// --- opening

Workplace::Workplace(std::unique_ptr<State> state) : state_(std::move(state)) {}
Workplace::~Workplace() = default;

Result<std::unique_ptr<Workplace>> Workplace::open(store::Store& store, WorkplaceOptions options) {
  auto state = std::make_unique<State>(store, std::move(options));
  if (!state->options.mapping_file.empty()) {
    auto mapping = interop::Mapping::from_file(state->options.mapping_file);
    if (!mapping) return mapping.error();
    state->mapping = std::move(*mapping);
  }
  auto values = product_values(state->options.site_file, {});
  if (!values) return values.error();
  state->site_values = std::move(*values);
  Ask ask;
  ask.site_file = state->options.site_file;
  ask.protocol_folders = state->options.protocol_folders;
  const ProtocolLibrary library(ask.protocol_folders);
  for (const auto& file : library.files()) {
    auto protocol = load_protocol(file);
    if (!protocol) {
      state->broken.push_back(file.string());
      continue;
    }
    std::vector<protocol::Protocol> one;
    one.push_back(std::move(*protocol));
    auto prepared = prepare(ask, std::move(one));
    if (!prepared) return prepared.error();
    const std::string id = prepared->front().protocol.id;
    state->library.emplace(id, std::move(prepared->front()));
  }
  if (state->options.protocols.empty()) {
    for (const auto& [id, one] : state->library) state->options.protocols.push_back(id);
  }
  for (const std::string& id : state->options.protocols) {
    if (!state->library.contains(id))
      return Error{ErrorKind::not_found, fmt::format("no protocol '{}' among those of the server", id)};
  }
  return std::unique_ptr<Workplace>(new Workplace(std::move(state)));
}

// --- reading

Result<store::Item> Workplace::State::item(std::string_view kind, const std::string& id) const {
  auto found = store.item(kind, id);
  if (!found) return unavailable(found.error());
  if (!*found) return Error{ErrorKind::not_found, fmt::format("no such {}", kind)};
  return std::move(**found);
}

Result<store::Item> Workplace::State::patient(const AnyPermit& permit, const std::string& id) const {
  auto found = item("patient", id);
  if (found && !permit.sees(found->site)) return Error{ErrorKind::not_found, "no such patient"};
  return found;
}

Result<std::vector<store::Item>> Workplace::State::all(const store::ItemQuery& query) const {
  store::ItemQuery whole = query;
  whole.limit = everything;
  auto page = store.items(whole);
  if (!page) return unavailable(page.error());
  return std::move(page->rows);
}

Result<std::shared_ptr<const record::Timeline>> Workplace::State::timeline(const store::Item& patient,
                                                                           Day known_on) {
  const std::pair key{patient.id, known_on.value};
  {
    const std::lock_guard lock(timelines_mutex);
    const auto found = timelines.find(key);
    if (found != timelines.end() && found->second.version == patient.seq) return found->second.timeline;
  }
  record::Timeline made;
  made.patient = patient.id;
  std::map<std::string, std::size_t> said;
  store::ItemQuery query;
  query.patient = patient.id;
  query.newest_first = true;
  query.kind = "record";
  auto records = all(query);
  if (!records) return records.error();
  query.kind = "entry";
  auto entries = all(query);
  if (!entries) return entries.error();
  // An entry that was corrected, or withdrawn, is gone from that day on; before, it stands as it was seen.
  std::set<std::string> gone;
  for (const store::Item& one : *entries) {
    const auto body = nlohmann::json::parse(one.body);
    const auto withdrawn = day_in(body, "withdrawn_on");
    if (withdrawn && *withdrawn <= known_on) gone.insert(one.id);
    const auto corrected = day_in(body, "known_on");
    if (body.contains("replaces") && corrected && *corrected <= known_on &&
        !(withdrawn && *withdrawn <= known_on))
      gone.insert(body.at("replaces").get<std::string>());
  }
  for (auto* items : {&*records, &*entries}) {
    std::reverse(items->begin(), items->end());  // oldest first
    for (const store::Item& one : *items) {
      if (gone.contains(one.id)) continue;
      if (auto problem = add_item(one, made, said)) return *problem;
    }
  }
  made.arrange();
  auto shared = std::make_shared<const record::Timeline>(std::move(made));
  const std::lock_guard lock(timelines_mutex);
  if (timelines.size() >= most_timelines) timelines.clear();
  timelines[key] = {patient.seq, shared};
  return std::shared_ptr<const record::Timeline>(shared);
}

Result<std::vector<product::Bag>> Workplace::State::bags() const {
  store::ItemQuery query;
  query.kind = "bag";
  const auto items = all(query);
  if (!items) return items.error();
  std::vector<product::Bag> bags;
  for (const store::Item& one : *items) {
    const auto fields = nlohmann::json::parse(one.body).at("fields");
    product::Bag bag;
    for (const auto& column : product::bag_columns()) {
      const std::string value = fields.value(std::string(column.name), "");
      if (value.empty()) continue;
      if (const std::string expected = column.set(bag, value); !expected.empty())
        return Error{ErrorKind::malformed_input,
                     fmt::format("bag {}: {}: expected {}", one.id, column.name, expected)};
    }
    bags.push_back(std::move(bag));
  }
  return bags;
}

Result<std::vector<Prepared>> Workplace::State::questions(const AnyPermit& permit, const Asked& asked) const {
  std::vector<Prepared> found;
  for (const std::string& id : asked.protocols.empty() ? options.protocols : asked.protocols) {
    const auto one = library.find(id);
    if (one == library.end()) return Error{ErrorKind::not_found, "no such protocol"};
    Prepared question = one->second;
    question.question.as_of = asked.as_of.value_or(permit.occasion().today);
    question.question.known_on = asked.known_on;
    question.question.settings.strategy = asked.strategy;
    if (!asked.strategy.empty()) {
      if (auto problem = check_settings(question.protocol, question.question.settings, true)) return *problem;
    }
    found.push_back(std::move(question));
  }
  return found;
}

Result<Prepared> Workplace::State::question(const AnyPermit& permit, const Asked& asked) const {
  if (asked.protocols.size() != 1) return malformed("protocol: expected exactly one");
  auto all_asked = questions(permit, asked);
  if (!all_asked) return all_asked.error();
  return std::move(all_asked->front());
}

// --- recording

store::NewEvent Workplace::State::event(const AnyPermit& permit, std::string kind, std::string subject,
                                        const json& payload) const {
  store::NewEvent made;
  made.kind = std::move(kind);
  made.subject = std::move(subject);
  made.site = permit.actor().site;
  made.who = permit.actor().account;
  made.at = permit.occasion().at;
  made.payload = printed(payload);
  return made;
}

store::NewEvent Workplace::State::event_about(const AnyPermit& permit, const store::Item& patient,
                                              std::string kind, std::string subject,
                                              const json& payload) const {
  store::NewEvent made = event(permit, std::move(kind), std::move(subject), payload);
  made.patient = patient.id;
  made.site = patient.site;
  return made;
}

std::optional<Error> Workplace::State::seen(const AnyPermit& permit, std::string kind, std::string subject,
                                            std::string patient, std::string site, const json& payload) {
  store::NewEvent made = event(permit, "seen." + std::move(kind), std::move(subject), payload);
  made.patient = std::move(patient);
  made.site = std::move(site);
  const auto done = store.append({{std::move(made)}, {}});
  if (!done) return unavailable(done.error());
  return std::nullopt;
}

Result<Reply> Workplace::State::once(
    const AnyPermit& permit, const std::function<Result<store::Group>()>& make,
    const std::function<Result<Reply>(const std::vector<store::Event>&)>& render) {
  const Occasion& occasion = permit.occasion();
  const auto repeated = [&](const std::vector<store::Event>& events) -> Result<Reply> {
    if (events.front().request_of != occasion.request_of)
      return Error{ErrorKind::conflict, "Idempotency-Key: used before, for another request"};
    auto reply = render(events);
    if (reply) reply->is_repeated = true;
    return reply;
  };
  if (!occasion.request.empty()) {
    const auto earlier = store.request(permit.actor().account, occasion.request);
    if (!earlier) return unavailable(earlier.error());
    if (!earlier->empty()) return repeated(*earlier);
  }
  auto group = make();
  if (!group) return group.error();
  group->events.front().request = occasion.request;
  group->events.front().request_of = occasion.request_of;
  const auto done = store.append(std::move(*group));
  if (!done) return unavailable(done.error());
  if (done->outcome == store::Appended::Outcome::repeated) return repeated(done->events);
  if (done->outcome == store::Appended::Outcome::stale)
    return Error{ErrorKind::conflict,
                 fmt::format("{} has moved on since it was shown: look again", done->moved_on)};
  return render(done->events);
}

}  // namespace graftline::service
