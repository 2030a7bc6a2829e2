// Patients: who they are, the due list, entries by hand.
#include <fmt/format.h>

#include <algorithm>

#include "interop/csv/writer.h"
#include "interop/import.h"
#include "interop/timeline_json.h"
#include "record/entry_text.h"
#include "record/facts.h"
#include "record/view.h"
#include "report/worklist.h"
#include "service/answer.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

constexpr std::size_t most_rows = 20000;

json text_or_null(const std::optional<Day>& day) { return day ? json(to_text(*day)) : json(); }

json row_json(const report::WorklistRow& row) {
  return {{"lane", report::name(row.lane)},
          {"patient", row.patient},
          {"protocol", row.protocol},
          {"strategy", row.strategy},
          {"decision", engine::name(row.decision)},
          {"day", row.day},
          {"dose", row.dose},
          {"cells", row.cells},
          {"weight", row.weight},
          {"weighed_on", row.weighed_on},
          {"ratio", row.ratio},
          {"last_infusion", row.last_infusion},
          {"date", text_or_null(row.date)},
          {"latest", text_or_null(row.latest)},
          {"days_overdue", row.days_overdue},
          {"blocked_by", row.blocked_by},
          {"failing", row.failing},
          {"missing", row.missing},
          {"missing_phrases", row.missing_phrases},
          {"cautions", row.cautions}};
}

int lane_number(const json& row) {
  constexpr std::array<std::string_view, 5> lanes{"overdue", "due", "upcoming", "blocked", "closed"};
  const auto lane = row.at("lane").get<std::string>();
  return static_cast<int>(std::find(lanes.begin(), lanes.end(), lane) - lanes.begin());
}

// One row of the long form, as typed.
std::string row_of(const std::string& patient, Fields& fields, Day known_on) {
  const auto quoted = [&](std::string_view name) { return interop::csv::field(fields.text(name)); };
  return fmt::format("{}{},{},{},{},{},{},{},{},{},{},{}\n", interop::csv::long_form_header(),
                     interop::csv::field(patient), quoted("date"), quoted("fact"), quoted("value"),
                     quoted("unit"), to_text(known_on), quoted("upper_limit"), quoted("method"),
                     quoted("status"), quoted("end"), quoted("context"));
}

// What the importer understands of the row; an entry by hand has to be usable.
Result<record::Timeline> read_row(const std::string& row, const interop::Mapping& mapping) {
  std::optional<record::Timeline> read;
  const auto report =
      interop::import_text("entry", row, mapping, [&](record::Timeline&& one) { read = std::move(one); });
  if (!report.refusals.empty()) {
    const auto& first = report.refusals.front();
    return malformed(
        fmt::format("{}: {}{}", first.path, first.reason, first.detail.empty() ? "" : ": " + first.detail));
  }
  if (!read || (read->entries.empty() && read->judgements.empty()))
    return malformed("fact: not one of the catalogue, or nothing was said about it");
  for (const auto& entry : read->entries) {
    if (!entry.unusable.empty())
      return malformed(
          "value: cannot be used as it stands; a number needs its unit, a grade one of its levels");
  }
  return std::move(*read);
}

}  // namespace

json Workplace::State::patient_head(const store::Item& patient) const {
  const auto body = json::parse(patient.body);
  json head{{"id", patient.id}, {"site", patient.site}, {"version", patient.seq}, {"changed", patient.at}};
  for (const char* name : {"name", "birth_date", "identifier"}) {
    if (body.contains(name)) head[name] = body.at(name);
  }
  return head;
}

Result<json> Workplace::State::hold(const std::string& patient) const {
  store::ItemQuery query;
  query.kind = "decision";
  query.patient = patient;
  query.newest_first = true;
  const auto signed_ones = all(query);
  if (!signed_ones) return signed_ones.error();
  for (const store::Item& one : *signed_ones) {
    const auto body = json::parse(one.body);
    if (body.value("meaning", "") == "hold" && !body.contains("lifted_by")) return signature_json(one);
  }
  return json();
}

json Workplace::State::entry_json(const record::Entry& entry) const {
  const record::Fact& fact = record::fact(entry.fact);
  const bool is_by_hand = entry.origin.place.starts_with("entry-");
  json made{{"id", is_by_hand ? entry.origin.place : ""},
            {"fact", fact.id},
            {"phrase", fact.phrase},
            {"value", record::value_text(entry)},
            {"date", record::days_text(entry)},
            {"known_on", to_text(entry.known_on)},
            {"method", entry.method},
            {"context", entry.context},
            {"standing", entry.standing == record::Standing::corrected     ? "corrected"
                         : entry.standing == record::Standing::preliminary ? "preliminary"
                                                                           : "final"},
            {"unusable", json::array()},
            {"origin", fmt::format("{} {}", entry.origin.file, entry.origin.place)}};
  for (int i = 0; i < reason_count; ++i) {
    if (const auto reason = static_cast<Reason>(i); entry.unusable.has(reason))
      made["unusable"].push_back(graftline::name(reason));
  }
  if (entry.upper_limit) made["upper_limit"] = to_text(*entry.upper_limit);
  return made;
}

Result<Reply> Workplace::patients(const Permit<Task::read_patients>& permit, const Asked& asked) {
  store::ItemQuery query;
  query.kind = "patient";
  query.site = permit.actor().site;
  query.words = asked.words;
  query.offset = asked.offset;
  query.limit = asked.limit;
  const auto page = state_->store.items(query);
  if (!page) return unavailable(page.error());
  json ids = json::array();
  for (const auto& one : page->rows) ids.push_back(one.id);
  if (auto problem =
          state_->seen(permit, "patients", "", "", permit.actor().site, {{"patients", std::move(ids)}}))
    return *problem;
  return Reply{
      printed(page_json<store::Item>(page->rows, page->total, asked,
                                     [&](const store::Item& one) { return state_->patient_head(one); })),
      0, false};
}

Result<Reply> Workplace::patient(const Permit<Task::read_patients>& permit, const std::string& id,
                                 const Asked& asked) {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const Day as_of = asked.as_of.value_or(permit.occasion().today);
  const auto timeline = state_->timeline(*item, as_of);
  if (!timeline) return timeline.error();
  const record::View view(**timeline, as_of);
  json head = state_->patient_head(*item);
  const auto day_zero = view.day_zero();
  head["day_zero"] = day_zero ? json(to_text(*day_zero)) : json();
  head["day"] =
      day_zero && day_zero->first == day_zero->last ? fmt::format("{:+}", as_of - day_zero->first) : "";
  head["weight"] = nullptr;
  if (const auto fact = record::find_fact("weight")) {
    const auto weights = view.entries(*fact);
    if (!weights.empty()) {
      const record::Entry& last = *weights.back();
      constexpr int days_current = 30;  // docs/conventions.md C6, as the plan counts it
      head["weight"] = {{"text", record::value_text(last)},
                        {"date", record::days_text(last)},
                        {"is_current", as_of - last.when.first <= days_current}};
    }
  }
  auto hold = state_->hold(id);
  if (!hold) return hold.error();
  head["hold"] = std::move(*hold);
  store::ItemQuery query;
  query.kind = "decision";
  query.patient = id;
  query.newest_first = true;
  query.limit = 1;
  const auto last = state_->store.items(query);
  if (!last) return unavailable(last.error());
  head["signature"] = last->rows.empty() ? json() : signature_json(last->rows.front());
  if (auto problem = state_->seen(permit, "patient", id, id, item->site, json::object())) return *problem;
  return Reply{printed(head), item->seq, false};
}

Result<Reply> Workplace::add_patient(const Permit<Task::write_patients>& permit, std::string_view body) {
  auto fields = Fields::of(body, {"id", "site", "name", "birth_date", "identifier", "why"});
  if (!fields) return fields.error();
  const std::string id = fields->required("id");
  const std::string given = fields->text("site");
  const std::string site = given.empty() ? permit.actor().site : given;
  const std::string why = fields->text("why");
  json payload{
      {"name", fields->text("name")}, {"identifier", fields->text("identifier")}, {"birth_date", ""}};
  if (const auto born = fields->day("birth_date")) payload["birth_date"] = to_text(*born);
  if (!is_id(id)) fields->wrong("id", "letters, digits, . _ - ; at most 64");
  if (!site.empty() && !is_id(site)) fields->wrong("site", "letters, digits, . _ - ; at most 64");
  if (!permit.sees(site)) fields->wrong("site", "the site of the signed-in account");
  if (fields->error()) return *fields->error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        store::NewEvent event = state_->event(permit, "patient.added", id, payload);
        event.patient = id;
        event.site = site;
        event.why = why;
        return store::Group{{std::move(event)}, {{"patient", id, 0}}};
      },
      [&](const auto&) -> Result<Reply> {
        const auto item = state_->patient(permit, id);
        if (!item) return item.error();
        return Reply{printed(state_->patient_head(*item)), item->seq, false};
      });
}

Result<Reply> Workplace::change_patient(const Permit<Task::write_patients>& permit, const std::string& id,
                                        std::string_view body, const Asked& asked) {
  auto fields = Fields::of(body, {"site", "name", "birth_date", "identifier", "why"});
  if (!fields) return fields.error();
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const std::string why = fields->required("why");
  json payload = json::object();
  for (const char* name : {"name", "identifier"}) {
    if (fields->has(name)) payload[name] = fields->text(name);
  }
  if (const auto born = fields->day("birth_date")) payload["birth_date"] = to_text(*born);
  const std::string site = fields->has("site") ? fields->text("site") : item->site;
  if (!site.empty() && !is_id(site)) fields->wrong("site", "letters, digits, . _ - ; at most 64");
  if (!permit.sees(site)) fields->wrong("site", "the site of the signed-in account");
  if (fields->error()) return *fields->error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        store::NewEvent event = state_->event_about(permit, *item, "patient.changed", id, payload);
        event.site = site;
        event.why = why;
        return store::Group{{std::move(event)}, {{"patient", id, asked.version.value_or(item->seq)}}};
      },
      [&](const auto&) -> Result<Reply> {
        const auto now = state_->patient(permit, id);
        if (!now) return now.error();
        return Reply{printed(state_->patient_head(*now)), now->seq, false};
      });
}

Result<Reply> Workplace::worklist(const Permit<Task::read_patients>& permit, const Asked& asked) {
  const auto questions = state_->questions(permit, asked);
  if (!questions) return questions.error();
  store::ItemQuery query;
  query.kind = "patient";
  query.site = permit.actor().site;
  query.words = asked.words;
  const auto patients = state_->all(query);
  if (!patients) return patients.error();
  const Day as_of = asked.as_of.value_or(permit.occasion().today);
  const Day known_on = asked.known_on.value_or(as_of);
  std::vector<json> rows;
  json seen = json::array();
  json counts{{"overdue", 0}, {"due", 0}, {"upcoming", 0}, {"blocked", 0}, {"closed", 0}};
  for (const store::Item& patient : *patients) {
    std::shared_ptr<const record::Timeline> timeline;
    for (const Prepared& one : *questions) {
      const std::string key = fmt::format("{}|{}|{}|{}|{}|{}", patient.id, patient.seq, one.protocol.id,
                                          as_of.value, known_on.value, asked.strategy);
      std::string text;
      {
        const std::lock_guard lock(state_->rows_mutex);
        if (const auto found = state_->rows.find(key); found != state_->rows.end()) text = found->second;
      }
      if (text.empty()) {
        if (!timeline) {
          auto built = state_->timeline(patient, known_on);
          if (!built) return built.error();
          timeline = std::move(*built);
        }
        const Answered answered = answer(one.protocol, *timeline, one.question);
        json row = row_json(report::worklist_row(answered.decision, answered.plan, one.protocol));
        auto hold = state_->hold(patient.id);
        if (!hold) return hold.error();
        row["hold"] = std::move(*hold);
        text = printed(row);
        const std::lock_guard lock(state_->rows_mutex);
        if (state_->rows.size() >= most_rows) state_->rows.clear();
        state_->rows[key] = text;
      }
      json row = json::parse(text);
      const std::string lane = row.at("lane").get<std::string>();
      counts[lane] = counts[lane].get<int>() + 1;
      if (asked.lanes.empty() || std::find(asked.lanes.begin(), asked.lanes.end(), lane) != asked.lanes.end())
        rows.push_back(std::move(row));
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
    const auto rank = [](const json& row) {
      return std::tuple(lane_number(row),
                        row.at("date").is_null() ? std::string("~") : row.at("date").get<std::string>(),
                        row.at("patient").get<std::string>());
    };
    return rank(a) < rank(b);
  });
  json items = json::array();
  for (std::size_t i = asked.offset; i < std::min(rows.size(), asked.offset + asked.limit); ++i) {
    seen.push_back(rows[i].at("patient"));
    items.push_back(rows[i]);
  }
  if (auto problem = state_->seen(permit, "worklist", "", "", permit.actor().site,
                                  {{"as_of", to_text(as_of)}, {"patients", std::move(seen)}}))
    return *problem;
  return Reply{printed({{"as_of", to_text(as_of)},
                        {"counts", std::move(counts)},
                        {"items", std::move(items)},
                        {"total", rows.size()},
                        {"offset", asked.offset},
                        {"limit", asked.limit}}),
               0, false};
}

Result<Reply> Workplace::entries(const Permit<Task::read_patients>& permit, const std::string& id,
                                 const Asked& asked) {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const Day as_of = asked.as_of.value_or(permit.occasion().today);
  const Day known_on = asked.known_on.value_or(as_of);
  const auto timeline = state_->timeline(*item, known_on);
  if (!timeline) return timeline.error();
  std::vector<const record::Entry*> visible;
  for (const auto& entry : (*timeline)->entries) {
    if (entry.known_on <= known_on && entry.when.first <= as_of) visible.push_back(&entry);
  }
  std::stable_sort(visible.begin(), visible.end(), [](const record::Entry* a, const record::Entry* b) {
    return a->when.first > b->when.first;
  });
  json items = json::array();
  for (std::size_t i = asked.offset; i < std::min(visible.size(), asked.offset + asked.limit); ++i)
    items.push_back(state_->entry_json(*visible[i]));
  if (auto problem = state_->seen(permit, "entries", id, id, item->site, {{"known_on", to_text(known_on)}}))
    return *problem;
  return Reply{printed({{"items", std::move(items)},
                        {"total", visible.size()},
                        {"offset", asked.offset},
                        {"limit", asked.limit}}),
               item->seq, false};
}

Result<Reply> Workplace::add_entry(const Permit<Task::write_entries>& permit, const std::string& id,
                                   std::string_view body) {
  auto fields = Fields::of(body, {"fact", "value", "unit", "date", "end", "known_on", "upper_limit", "method",
                                  "status", "context", "why", "replaces"});
  if (!fields) return fields.error();
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  fields->required("fact");
  fields->required("date");
  const Day today = permit.occasion().today;
  const Day known_on = fields->day("known_on").value_or(today);
  if (known_on > today) fields->wrong("known_on", "a day that is not in the future");
  const std::string replaces = fields->text("replaces");
  const std::string why = replaces.empty() ? fields->text("why") : fields->required("why");
  const std::string row = row_of(id, *fields, known_on);
  if (fields->error()) return *fields->error();
  auto read = read_row(row, state_->mapping);
  if (!read) return read.error();
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        json payload{{"known_on", to_text(known_on)},
                     {"row", row},
                     {"timeline", json::parse(interop::timeline_to_json(*read))}};
        store::NewEvent event = state_->event_about(permit, *item, "entry.recorded", "", payload);
        event.why = why;
        store::Group group;
        if (!replaces.empty()) {
          const auto old = state_->item("entry", replaces);
          if (!old || old->patient != id)
            return Error{ErrorKind::not_found, "replaces: no such entry of this patient"};
          if (old->state == "withdrawn")
            return Error{ErrorKind::conflict, "replaces: that entry was withdrawn"};
          payload["replaces"] = replaces;
          event.payload = printed(payload);
          event.replaces = old->first_seq;
          group.expected.push_back({"entry", replaces, old->seq});
        }
        group.events.push_back(std::move(event));
        return group;
      },
      [&](const std::vector<store::Event>& events) -> Result<Reply> {
        json shown;
        if (!read->entries.empty()) {
          record::Entry entry = read->entries.front();
          entry.origin = {"entered by " + events.front().who, events.front().subject};
          shown = state_->entry_json(entry);
          shown["event"] = events.front().seq;
        }
        return Reply{
            printed({{"id", events.front().subject}, {"event", events.front().seq}, {"entry", shown}}),
            events.front().seq, false};
      });
}

Result<Reply> Workplace::withdraw_entry(const Permit<Task::write_entries>& permit, const std::string& id,
                                        const std::string& entry, std::string_view body) {
  auto fields = Fields::of(body, {"why"});
  if (!fields) return fields.error();
  const std::string why = fields->required("why");
  if (fields->error()) return *fields->error();
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const auto old = state_->item("entry", entry);
  if (!old || old->patient != id) return Error{ErrorKind::not_found, "no such entry of this patient"};
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        if (old->state == "withdrawn") return Error{ErrorKind::conflict, "the entry was withdrawn before"};
        store::NewEvent event = state_->event_about(permit, *item, "entry.withdrawn", entry,
                                                    {{"withdrawn_on", to_text(permit.occasion().today)}});
        event.why = why;
        event.replaces = old->first_seq;
        return store::Group{{std::move(event)}, {{"entry", entry, old->seq}}};
      },
      [&](const std::vector<store::Event>& events) -> Result<Reply> {
        return Reply{printed({{"id", entry}, {"event", events.front().seq}, {"entry", nullptr}}),
                     events.front().seq, false};
      });
}

}  // namespace graftline::service
