// graftline store, graftline account: what is done at the machine, without a server.
#include <sodium.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/options.h"
#include "server/clock.h"
#include "server/sessions.h"
#include "service/whole_file.h"
#include "service/workplace/workplace.h"
#include "store/store.h"

namespace graftline::cli {
namespace {

using store::Access;
using store::Store;

service::Occasion now() { return {server::utc_now(), server::local_today(), "", ""}; }

int create(const std::string& location) {
  auto store = Store::open(location, Access::create);
  if (!store) return fail(store.error());
  fmt::print("{}: a store with {} events\n", location, (*store)->last_seq());
  return done;
}

int verify(const std::string& location) {
  const auto store = Store::open(location, Access::read);
  if (!store) return fail(store.error());
  const auto found = (*store)->verify();
  if (!found) return fail(found.error());
  if (!found->is_sound) {
    fmt::print("{} events; not sound: {}\n", found->events, found->problem);
    return found_failures;
  }
  fmt::print("{} events, every hash as it should be; the last is {}\n", found->events, found->head);
  return done;
}

int write_out(const std::string& location, const std::string& file, bool secrets) {
  const auto store = Store::open(location, Access::read);
  if (!store) return fail(store.error());
  service::WholeFile out(file);
  std::size_t lines = 0;
  if (const auto problem = (*store)->write_out(secrets, [&](std::string_view line) {
        out.write(line);
        out.write("\n");
        ++lines;
        return true;
      }))
    return fail(*problem);
  if (const auto problem = out.finish()) return fail(*problem);
  if (!file.empty()) fmt::print("{}: {} lines\n", file, lines);
  return done;
}

int read_in(const std::string& location, const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail({ErrorKind::not_found, fmt::format("{}: cannot be read", file)});
  auto store = Store::open(location, Access::create);
  if (!store) return fail(store.error());
  const auto events = (*store)->read_in([&]() -> std::optional<std::string> {
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    return line;
  });
  if (!events) return fail(events.error());
  fmt::print("{}: {} events, every hash as it should be\n", location, *events);
  return done;
}

int rebuild(const std::string& location) {
  auto store = Store::open(location, Access::write);
  if (!store) return fail(store.error());
  const auto changed = (*store)->rebuild();
  if (!changed) return fail(changed.error());
  fmt::print("{}\n", *changed ? "the tables differed from the log, and have been worked out again"
                              : "the tables are what the log comes to");
  return done;
}

// The store with a workplace over it that knows no protocols: for accounts.
struct Desk {
  std::unique_ptr<Store> store;
  std::unique_ptr<service::Workplace> workplace;
};
Result<Desk> desk_of(const std::string& location) {
  auto store = Store::open(location, Access::write);
  if (!store) return store.error();
  auto workplace = service::Workplace::open(**store, {});
  if (!workplace) return workplace.error();
  return Desk{std::move(*store), std::move(*workplace)};
}

// One line, without echo where somebody types.
std::string read_password(const std::string& account) {
  std::string password;
  if (isatty(STDIN_FILENO) != 0) {
    std::cerr << fmt::format("password of {} (at least 12 characters): ", account);
    if (const char* typed = getpass("")) password = typed;
  } else {
    std::getline(std::cin, password);
  }
  return password;
}

struct AccountCommand {
  std::string store, account, role, site, name, why = "at the command line";
};

int add_account(const AccountCommand& c) {
  auto desk = desk_of(c.store);
  if (!desk) return fail(desk.error());
  const nlohmann::json body{{"account", c.account},
                            {"role", c.role},
                            {"site", c.site},
                            {"full_name", c.name},
                            {"password", read_password(c.account)}};
  const auto done_so = desk->workplace->add_account(
      body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), now());
  if (!done_so) return fail(done_so.error());
  fmt::print("{}: {}\n", c.account, c.role);
  return done;
}

int list_accounts(const AccountCommand& c) {
  auto desk = desk_of(c.store);
  if (!desk) return fail(desk.error());
  service::Asked all;
  all.limit = 100000;
  const auto listed = desk->workplace->accounts(all);
  if (!listed) return fail(listed.error());
  for (const auto& one : nlohmann::json::parse(listed->body).at("items")) {
    fmt::print("{:<20} {:<13} {:<12} {}\n", one.at("account").get<std::string>(),
               one.at("role").get<std::string>(), one.at("site").get<std::string>(),
               one.at("disabled").get<bool>() ? "disabled" : "");
  }
  return done;
}

int disable_account(const AccountCommand& c) {
  auto desk = desk_of(c.store);
  if (!desk) return fail(desk.error());
  const auto changed = desk->workplace->change_account(
      c.account, nlohmann::json{{"disabled", true}, {"why", c.why}}.dump(), now());
  if (!changed) return fail(changed.error());
  fmt::print("{}: disabled\n", c.account);
  return done;
}

int change_password(const AccountCommand& c) {
  auto desk = desk_of(c.store);
  if (!desk) return fail(desk.error());
  const auto changed = desk->workplace->set_password(c.account, read_password(c.account), now());
  if (!changed) return fail(changed.error());
  fmt::print("{}: a new password\n", c.account);
  return done;
}

int make_token(const AccountCommand& c) {
  auto desk = desk_of(c.store);
  if (!desk) return fail(desk.error());
  const auto token = desk->workplace->new_token(c.account, server::random_token(), now());
  if (!token) return fail(token.error());
  fmt::print("{}\n", *token);
  return done;
}

}  // namespace

void define_store(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  const auto location = std::make_shared<std::string>();
  const auto file = std::make_shared<std::string>();
  const auto add = [&](const char* name, const char* summary, std::function<int()> work, bool has_file) {
    auto* command = app.add_subcommand(name, summary);
    command->add_option("store", *location, "a file, or postgresql://...")->required();
    if (has_file) command->add_option("file", *file, "NDJSON")->required();
    command->callback([work, &run] { run = work; });
  };
  add(
      "create", "an empty store", [=] { return create(*location); }, false);
  add(
      "verify", "work out every hash again", [=] { return verify(*location); }, false);
  add(
      "backup", "the whole log and the passwords' hashes, as NDJSON",
      [=] { return write_out(*location, *file, true); }, true);
  add(
      "restore", "a backup into a store that is not there yet", [=] { return read_in(*location, *file); },
      true);
  add(
      "export", "the whole log as NDJSON, without passwords' hashes",
      [=] { return write_out(*location, *file, false); }, true);
  add(
      "import", "an export of another store into one that is not there yet",
      [=] { return read_in(*location, *file); }, true);
  add(
      "rebuild", "work the tables out again from the log", [=] { return rebuild(*location); }, false);
  app.footer(
      "A backup holds password hashes: keep it as safe as the store.\n\nExamples:\n"
      "  graftline store create centre.db\n"
      "  graftline store verify centre.db\n"
      "  graftline store backup centre.db centre-2026-03-02.ndjson\n"
      "  graftline store restore new.db centre-2026-03-02.ndjson\n"
      "  graftline store import \"postgresql://graftline@db/graftline\" export.ndjson");
}

void define_account(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  const auto c = std::make_shared<AccountCommand>();
  const auto add = [&](const char* name, const char* summary, std::function<int()> work, bool has_account) {
    auto* command = app.add_subcommand(name, summary);
    command->add_option("--store", c->store, "a file, or postgresql://...")->required();
    if (has_account) command->add_option("account", c->account, "its name")->required();
    command->callback([work, &run] { run = work; });
    return command;
  };
  auto* added = add(
      "add", "a new account; the password is asked for, or read from the input",
      [=] { return add_account(*c); }, true);
  added->add_option("--role", c->role, "viewer, physician, coordinator, lab, trial, statistician, admin")
      ->required();
  added->add_option("--for-site", c->site, "sees this site alone; all sites when left out");
  added->add_option("--name", c->name, "as signatures print it");
  add(
      "list", "accounts with their roles and sites", [=] { return list_accounts(*c); }, false);
  auto* disabled = add(
      "disable", "may no longer sign in; what it did stays", [=] { return disable_account(*c); }, true);
  disabled->add_option("--why", c->why)->capture_default_str();
  add(
      "password", "a new password, asked for or read from the input", [=] { return change_password(*c); },
      true);
  add(
      "token", "a token for a program (Authorization: Bearer ...), shown once; the one before ends",
      [=] { return make_token(*c); }, true);
  app.footer(
      "The server has to be stopped: a store has one writer. While it runs, an admin does this on the "
      "page.\n\nExamples:\n"
      "  graftline account add --store centre.db m.ito --role admin --name \"M. Ito\"\n"
      "  echo \"a long enough password\" | graftline account add --store centre.db r.wu --role physician "
      "--for-site north\n"
      "  graftline account list --store centre.db\n"
      "  graftline account token --store centre.db ehr");
}

}  // namespace graftline::cli
