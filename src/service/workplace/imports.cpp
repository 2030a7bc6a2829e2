// Uploads, jobs, and the log as people read it.
#include <fmt/format.h>

#include <algorithm>

#include "core/sha256.h"
#include "interop/import.h"
#include "interop/timeline_json.h"
#include "service/simulate_bedside.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

// Patients stored together: a cancelled import keeps whole ones, a slow disk is not asked for each.
constexpr std::size_t patients_together = 25;

json event_json(const store::Event& event) { return json::parse(store::to_line(event)); }

json job_json(const store::Item& item) {
  json made = json::parse(item.body);
  made["id"] = item.id;
  made["who"] = item.first_who;
  made["started"] = item.first_at;
  made["ended"] = item.state == "started" ? json() : json(item.at);
  made["state"] = item.state == "started" ? "running" : item.state;
  made["progress"] = {{"done", 0}, {"total", nullptr}};
  return made;
}

store::EventQuery query_of(const Asked& asked) {
  store::EventQuery query;
  query.patient = asked.patient;
  query.who = asked.who;
  query.kind = asked.kind;
  if (asked.from) query.from = to_text(*asked.from);
  if (asked.to) query.until = to_text(*asked.to + 1);
  query.offset = asked.offset;
  query.limit = asked.limit;
  return query;
}

}  // namespace

Result<std::string> Workplace::import(const Permit<Task::import_records>& permit, const std::string& name,
                                      std::string_view bytes, const Progress& progress) {
  std::vector<record::Timeline> read;
  interop::ImportOptions options;
  options.read_on = permit.occasion().today;
  const auto report = interop::import_text(
      name, bytes, state_->mapping, [&](record::Timeline&& one) { read.push_back(std::move(one)); }, options);
  const std::string sha256 = sha256_hex(bytes);
  std::size_t stored = 0;
  json refused = json::array();
  store::Group group;
  const auto flush = [&]() -> std::optional<Error> {
    if (group.events.empty()) return std::nullopt;
    const auto done = state_->store.append(std::move(group));
    group = {};
    if (!done) return unavailable(done.error());
    if (done->outcome != store::Appended::Outcome::stored)
      return Error{ErrorKind::conflict, "a patient was changed while the import ran: import again"};
    return std::nullopt;
  };
  std::size_t in_group = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (!progress(i, read.size())) return Error{ErrorKind::conflict, "cancelled"};
    const record::Timeline& timeline = read[i];
    if (!is_id(timeline.patient)) {
      refused.push_back(
          {{"reason", "the identifier has characters beside letters, digits, . _ - or is longer than 64"}});
      continue;
    }
    const auto there = state_->store.item("patient", timeline.patient);
    if (!there) return unavailable(there.error());
    if (*there && !permit.sees((*there)->site)) {
      refused.push_back({{"reason", "the patient belongs to another site"}});
      continue;
    }
    const std::string site = *there ? (*there)->site : permit.actor().site;
    if (!*there) {
      store::NewEvent added = state_->event(permit, "patient.added", timeline.patient, json::object());
      added.patient = timeline.patient;
      added.site = site;
      group.events.push_back(std::move(added));
      group.expected.push_back({"patient", timeline.patient, 0});
    }
    store::NewEvent event = state_->event(permit, "record.imported", "",
                                          {{"source", name},
                                           {"sha256", sha256},
                                           {"timeline", json::parse(interop::timeline_to_json(timeline))}});
    event.patient = timeline.patient;
    event.site = site;
    group.events.push_back(std::move(event));
    ++stored;
    if (++in_group == patients_together) {
      in_group = 0;
      if (auto problem = flush()) return *problem;
    }
  }
  if (auto problem = flush()) return *problem;
  json result = json::parse(interop::to_json(report));
  result["patients_stored"] = stored;
  result["patients_not_stored"] = std::move(refused);
  return printed(result);
}

Result<std::string> Workplace::simulate(const Permit<Task::simulate>&, std::string_view) const {
  return Error{ErrorKind::unsupported,
               "simulations run on the command line for now: graftline simulate --help"};
}

std::optional<Error> Workplace::close_open_jobs(const Occasion& occasion) {
  store::ItemQuery query;
  query.kind = "job";
  query.state = "started";
  const auto open = state_->all(query);
  if (!open) return open.error();
  for (const store::Item& one : *open) {
    store::NewEvent event;
    event.kind = "job.failed";
    event.subject = one.id;
    event.site = one.site;
    event.who = "server";
    event.at = occasion.at;
    event.payload =
        printed({{"problem", "the server stopped before the job ended; what it had stored is stored"}});
    const auto done = state_->store.append({{std::move(event)}, {}});
    if (!done) return unavailable(done.error());
  }
  return std::nullopt;
}

long long Workplace::events() const { return state_->store.last_seq(); }
const std::string& Workplace::version() const { return state_->options.version; }

Result<Reply> Workplace::start_job(const AnyPermit& permit, std::string_view kind, std::string_view name) {
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        return store::Group{{state_->event(permit, "job.started", "", {{"kind", kind}, {"name", name}})}, {}};
      },
      [&](const std::vector<store::Event>& events) -> Result<Reply> {
        const auto item = state_->item("job", events.front().subject);
        if (!item) return item.error();
        return Reply{printed(job_json(*item)), item->seq, false};
      });
}

Result<Reply> Workplace::end_job(const AnyPermit& permit, const std::string& id, std::string_view state,
                                 const std::string& problem, const std::string& result) {
  json payload = json::object();
  if (!problem.empty()) payload["problem"] = problem;
  if (!result.empty()) {
    payload["result"] = json::parse(result);
  }
  store::NewEvent event = state_->event(permit, fmt::format("job.{}", state), id, payload);
  const auto done = state_->store.append({{std::move(event)}, {}});
  if (!done) return unavailable(done.error());
  const auto item = state_->item("job", id);
  if (!item) return item.error();
  return Reply{printed(job_json(*item)), item->seq, false};
}

Result<Reply> Workplace::jobs(const Permit<Task::read_jobs>& permit, const Asked& asked) const {
  store::ItemQuery query;
  query.kind = "job";
  query.site = permit.actor().site;
  query.newest_first = true;
  query.offset = asked.offset;
  query.limit = asked.limit;
  const auto page = state_->store.items(query);
  if (!page) return unavailable(page.error());
  return Reply{printed(page_json<store::Item>(page->rows, page->total, asked, job_json)), 0, false};
}

Result<Reply> Workplace::job(const Permit<Task::read_jobs>& permit, const std::string& id) const {
  const auto item = state_->item("job", id);
  if (!item) return item.error();
  if (!permit.sees(item->site)) return Error{ErrorKind::not_found, "no such job"};
  return Reply{printed(job_json(*item)), item->seq, false};
}

Result<Reply> Workplace::audit(const Permit<Task::read_audit>& permit, const Asked& asked) const {
  store::EventQuery query = query_of(asked);
  query.site = permit.actor().site;
  const auto page = state_->store.events(query);
  if (!page) return unavailable(page.error());
  return Reply{printed(page_json<store::Event>(page->rows, page->total, asked, event_json)), 0, false};
}

Result<Reply> Workplace::patient_events(const Permit<Task::read_audit>& permit, const std::string& id,
                                        const Asked& asked) const {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  Asked one = asked;
  one.patient = id;
  return audit(permit, one);
}

std::optional<Error> Workplace::export_audit(const Permit<Task::read_audit>& permit,
                                             const std::function<bool(std::string_view)>& sink) const {
  if (!permit.actor().site.empty())
    return Error{ErrorKind::conflict, "the whole log is exported by an account of all sites"};
  return state_->store.write_out(false, sink);
}

Result<Reply> Workplace::verify_log(const Permit<Task::read_audit>&) const {
  const auto verified = state_->store.verify();
  if (!verified) return unavailable(verified.error());
  return Reply{printed({{"sound", verified->is_sound},
                        {"events", verified->events},
                        {"head", verified->head},
                        {"first_bad", verified->first_bad ? json(*verified->first_bad) : json()},
                        {"problem", verified->problem}}),
               0, false};
}

}  // namespace graftline::service
