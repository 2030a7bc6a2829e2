#pragma once
// The tasks of people who share a store: each function is one task of one route, from a permit and what was
// asked to JSON as docs/openapi.json describes it. What is decided, the functions beside this folder decide;
// here answers are joined with who asked, what is stored and what has to be recorded.
//
// Any thread may call. errors of all  malformed_input, unit_mismatch, out_of_range: the request, naming the
// field; not_found: also what the actor's site may not see; conflict: the item has moved on, or cannot do
// that now; and those of the store, told apart by `is_unavailable`

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "service/workplace/access.h"

namespace graftline::store {
class Store;
}

namespace graftline::service {

struct WorkplaceOptions {
  std::vector<std::filesystem::path> protocol_folders;
  std::vector<std::string> protocols;  // asked when a question names none
  std::string site_file;
  std::string mapping_file;
  std::string version;   // of the program
  bool is_demo = false;  // says so on every page
};

// What a question says beside its path.
struct Asked {
  std::vector<std::string> protocols;
  std::string strategy;
  std::optional<Day> as_of, known_on, from, to;
  std::vector<std::string> lanes;
  std::string words, state, recipient, patient, who, kind, with, language = "en", name, criteria;
  std::size_t offset = 0, limit = 100;
  double width = 960;
  std::optional<std::int64_t> version;  // If-Match
};

struct Reply {
  std::string body;
  std::int64_t version = 0;  // of the item, for ETag; 0: none
  bool is_repeated = false;  // the request key was used before
};

bool is_unavailable(const Error& error);

// Progress of long work: answers false when it should stop.
using Progress = std::function<bool(std::size_t done, std::size_t total)>;

class Workplace {
 public:
  // errors  those of the protocols and of the site file
  static Result<std::unique_ptr<Workplace>> open(store::Store& store, WorkplaceOptions options);
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  long long events() const;  // in the log; below 0: the store does not answer
  const std::string& version() const;
  // Jobs that a server began and did not end: it was stopped. Called once, before the first request.
  std::optional<Error> close_open_jobs(const Occasion& occasion);

  // Accounts. The server asks these before there is an actor.
  // Whether the password is the account's; takes as long for an account that does not exist.
  Result<std::optional<Actor>> sign_in(const std::string& account, const std::string& password,
                                       const Occasion& occasion, const std::string& from);
  Result<std::optional<Actor>> actor_of(const std::string& account) const;  // none: unknown or disabled
  Result<std::optional<Actor>> actor_with_token(const std::string& token) const;
  Result<bool> is_password(const std::string& account, const std::string& password) const;
  // The first accounts come through the command line, which needs no permit: who can write the store's file
  // can do anything.
  Result<Reply> add_account(std::string_view body, const Occasion& occasion);
  Result<Reply> change_account(const std::string& account, std::string_view body, const Occasion& occasion);
  Result<Reply> set_password(const std::string& account, const std::string& password,
                             const Occasion& occasion);
  // A new token, to be shown once. `random` 32 bytes of the system's generator.
  Result<std::string> new_token(const std::string& account, std::string_view random,
                                const Occasion& occasion);
  Result<Reply> accounts(const Asked& asked) const;

  Result<Reply> session_of(const Permit<Task::session>& permit) const;
  Result<Reply> about(const Permit<Task::session>& permit) const;
  Result<Reply> change_own_password(const Permit<Task::session>& permit, std::string_view body);

  Result<Reply> worklist(const Permit<Task::read_patients>& permit, const Asked& asked);
  Result<Reply> patients(const Permit<Task::read_patients>& permit, const Asked& asked);
  Result<Reply> patient(const Permit<Task::read_patients>& permit, const std::string& id, const Asked& asked);
  Result<Reply> add_patient(const Permit<Task::write_patients>& permit, std::string_view body);
  Result<Reply> change_patient(const Permit<Task::write_patients>& permit, const std::string& id,
                               std::string_view body, const Asked& asked);
  Result<Reply> timeline(const Permit<Task::read_patients>& permit, const std::string& id,
                         const Asked& asked);
  Result<Reply> timeline_svg(const Permit<Task::read_patients>& permit, const std::string& id,
                             const Asked& asked);
  Result<Reply> decision(const Permit<Task::read_patients>& permit, const std::string& id,
                         const Asked& asked);
  Result<Reply> when(const Permit<Task::read_patients>& permit, const std::string& id, const Asked& asked);
  Result<Reply> plan(const Permit<Task::read_patients>& permit, const std::string& id, const Asked& asked);
  Result<Reply> bags_for(const Permit<Task::read_stock>& permit, const std::string& id, const Asked& asked);
  Result<Reply> signatures(const Permit<Task::read_patients>& permit, const std::string& id,
                           const Asked& asked);
  Result<Reply> sign(const Permit<Task::sign_decision>& permit, const std::string& id, std::string_view body);
  Result<Reply> entries(const Permit<Task::read_patients>& permit, const std::string& id, const Asked& asked);
  Result<Reply> add_entry(const Permit<Task::write_entries>& permit, const std::string& id,
                          std::string_view body);
  Result<Reply> withdraw_entry(const Permit<Task::write_entries>& permit, const std::string& id,
                               const std::string& entry, std::string_view body);

  Result<Reply> orders(const Permit<Task::read_patients>& permit, const std::string& patient,
                       const Asked& asked);
  Result<Reply> order(const Permit<Task::read_patients>& permit, const std::string& id);
  Result<Reply> write_order(const Permit<Task::order_dose>& permit, const std::string& patient,
                            std::string_view body);
  Result<Reply> check_order(const Permit<Task::check_order>& permit, const std::string& id,
                            std::string_view body);
  Result<Reply> issue_order(const Permit<Task::move_bags>& permit, const std::string& id,
                            std::string_view body);
  Result<Reply> cancel_order(const Permit<Task::order_dose>& permit, const std::string& id,
                             std::string_view body);

  Result<Reply> stock(const Permit<Task::read_stock>& permit, const Asked& asked);
  Result<Reply> bag(const Permit<Task::read_stock>& permit, const std::string& id);
  Result<Reply> add_stock(const Permit<Task::write_stock>& permit, std::string_view csv);
  Result<Reply> move_bag(const Permit<Task::move_bags>& permit, const std::string& id, std::string_view body,
                         const Asked& asked);
  Result<Reply> label(const Permit<Task::read_stock>& permit, std::string_view body) const;

  Result<Reply> calculators(const Permit<Task::calculate>& permit) const;
  Result<Reply> calculate(const Permit<Task::calculate>& permit, const std::string& name,
                          std::string_view body) const;
  Result<Reply> gvhd_steps(const Permit<Task::calculate>& permit, const Asked& asked) const;
  Result<Reply> facts(const Permit<Task::calculate>& permit, const Asked& asked) const;

  Result<Reply> protocols(const Permit<Task::read_protocols>& permit) const;
  Result<Reply> protocol(const Permit<Task::read_protocols>& permit, const std::string& id) const;
  Result<Reply> verification(const Permit<Task::read_protocols>& permit, const std::string& id) const;
  Result<Reply> difference(const Permit<Task::read_protocols>& permit, const std::string& id,
                           const Asked& asked) const;

  // Reads an upload and stores its patients, some at a time; answers with the report.
  Result<std::string> import(const Permit<Task::import_records>& permit, const std::string& name,
                             std::string_view bytes, const Progress& progress);
  Result<std::string> simulate(const Permit<Task::simulate>& permit, std::string_view body) const;
  // Jobs are items; running them is the server's.
  Result<Reply> start_job(const AnyPermit& permit, std::string_view kind, std::string_view name);
  Result<Reply> end_job(const AnyPermit& permit, const std::string& id, std::string_view state,
                        const std::string& problem, const std::string& result);
  Result<Reply> jobs(const Permit<Task::read_jobs>& permit, const Asked& asked) const;
  Result<Reply> job(const Permit<Task::read_jobs>& permit, const std::string& id) const;

  Result<Reply> accounts(const Permit<Task::administer>& permit, const Asked& asked) const;
  Result<Reply> add_account(const Permit<Task::administer>& permit, std::string_view body);
  Result<Reply> change_account(const Permit<Task::administer>& permit, const std::string& account,
                               std::string_view body, const Asked& asked);
  Result<Reply> set_password(const Permit<Task::administer>& permit, const std::string& account,
                             std::string_view body);
  Result<Reply> audit(const Permit<Task::read_audit>& permit, const Asked& asked) const;
  Result<Reply> patient_events(const Permit<Task::read_audit>& permit, const std::string& id,
                               const Asked& asked) const;
  std::optional<Error> export_audit(const Permit<Task::read_audit>& permit,
                                    const std::function<bool(std::string_view line)>& sink) const;
  Result<Reply> verify_log(const Permit<Task::read_audit>& permit) const;

  // CDS Hooks 2.0. `base` is the address of the server, for links.
  std::string discovery() const;
  Result<Reply> cards(const Permit<Task::cds_hooks>& permit, const std::string& service,
                      std::string_view body, const std::string& base);
  Result<Reply> feedback(const Permit<Task::cds_hooks>& permit, const std::string& service,
                         std::string_view body);

  struct State;

 private:
  explicit Workplace(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graftline::service
