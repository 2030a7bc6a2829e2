#include "service/workplace/access.h"

#include <algorithm>

namespace graftline::service {
namespace {

constexpr std::array<std::string_view, role_count> role_names{"viewer", "physician",    "coordinator", "lab",
                                                              "trial",  "statistician", "admin"};

// One row per task, one column per role. Who administers accounts sees no patient, and who orders a dose
// cannot check it (that is a rule of orders, not of roles: both may be physicians).
struct Rule {
  Task task;
  std::string_view name;
  std::array<bool, role_count> allowed;
};
constexpr bool y = true, n = false;
constexpr std::array<Rule, task_count> rules{{
    //                                            viewer physician coordinator lab trial statistician admin
    {Task::session, "session", {y, y, y, y, y, y, y}},
    {Task::read_patients, "read_patients", {y, y, y, y, y, n, n}},
    {Task::write_patients, "write_patients", {n, y, y, n, n, n, n}},
    {Task::sign_decision, "sign_decision", {n, y, n, n, n, n, n}},
    {Task::write_entries, "write_entries", {n, y, y, n, y, n, n}},
    {Task::order_dose, "order_dose", {n, y, n, n, n, n, n}},
    {Task::check_order, "check_order", {n, y, y, y, n, n, n}},
    {Task::move_bags, "move_bags", {n, n, n, y, n, n, n}},
    {Task::read_stock, "read_stock", {y, y, y, y, n, n, n}},
    {Task::write_stock, "write_stock", {n, n, n, y, n, n, n}},
    {Task::calculate, "calculate", {y, y, y, y, y, y, n}},
    {Task::read_protocols, "read_protocols", {y, y, y, y, y, y, y}},
    {Task::import_records, "import_records", {n, n, y, y, n, n, n}},
    {Task::read_jobs, "read_jobs", {n, n, y, y, y, y, y}},
    {Task::simulate, "simulate", {n, n, n, n, y, y, n}},
    {Task::read_audit, "read_audit", {n, n, n, n, n, n, y}},
    {Task::administer, "administer", {n, n, n, n, n, n, y}},
    {Task::cds_hooks, "cds_hooks", {y, y, y, n, n, n, n}},
}};

const Rule& rule(Task task) { return rules.at(static_cast<std::size_t>(task)); }

}  // namespace

std::string_view name(Role role) { return role_names.at(static_cast<std::size_t>(role)); }

std::optional<Role> role_from(std::string_view text) {
  const auto found = std::find(role_names.begin(), role_names.end(), text);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<Role>(found - role_names.begin());
}

std::string_view name(Task task) { return rule(task).name; }

bool may(Role role, Task task) { return rule(task).allowed.at(static_cast<std::size_t>(role)); }

std::vector<Task> tasks_of(Role role) {
  std::vector<Task> tasks;
  for (const Rule& one : rules) {
    if (may(role, one.task)) tasks.push_back(one.task);
  }
  return tasks;
}

}  // namespace graftline::service
