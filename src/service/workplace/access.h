#pragma once
// Who may do what: one table of tasks and roles. A function of the workplace takes the permit for its task,
// and only `permit` makes one, so that a route without a check does not compile.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.h"

namespace graftline::service {

enum class Role : unsigned char { viewer, physician, coordinator, lab, trial, statistician, admin };
inline constexpr int role_count = 7;
std::string_view name(Role role);
std::optional<Role> role_from(std::string_view text);

enum class Task : unsigned char {
  session,
  read_patients,
  write_patients,
  sign_decision,
  write_entries,
  order_dose,
  check_order,
  move_bags,
  read_stock,
  write_stock,
  calculate,
  read_protocols,
  import_records,
  read_jobs,
  simulate,
  read_audit,
  administer,
  cds_hooks,
};
inline constexpr int task_count = 18;
std::string_view name(Task task);

bool may(Role role, Task task);
std::vector<Task> tasks_of(Role role);

// Who asks, and when.
struct Actor {
  std::string account;
  std::string full_name;
  Role role = Role::viewer;
  std::string site;  // empty: all sites
};

// What comes with a request beside the actor. The server reads the clock; below it everything is an argument.
struct Occasion {
  std::string at;                   // UTC, "2026-03-01T09:30:00Z"
  Day today;                        // where the server stands
  std::string request, request_of;  // idempotency key and fingerprint of the request; empty: none
};

template <Task> class Permit;
template <Task task> std::optional<Permit<task>> permit(const Actor& actor, const Occasion& occasion);

// What permits of every task have in common.
class AnyPermit {
 public:
  const Actor& actor() const { return actor_; }
  const Occasion& occasion() const { return occasion_; }
  bool sees(std::string_view site) const { return actor_.site.empty() || actor_.site == site; }

 protected:
  AnyPermit(Actor actor, Occasion occasion) : actor_(std::move(actor)), occasion_(std::move(occasion)) {}

 private:
  Actor actor_;
  Occasion occasion_;
};

template <Task task> class Permit : public AnyPermit {
  using AnyPermit::AnyPermit;
  friend std::optional<Permit<task>> permit<task>(const Actor& actor, const Occasion& occasion);
};

template <Task task> std::optional<Permit<task>> permit(const Actor& actor, const Occasion& occasion) {
  if (!may(actor.role, task)) return std::nullopt;
  return Permit<task>(actor, occasion);
}

}  // namespace graftline::service
