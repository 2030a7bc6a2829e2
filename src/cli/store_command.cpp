// graftline store, graftline account: what is done at the machine, without a server.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
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

struct FillCommand {
  std::string store, site, stock;
  std::vector<std::string> records;
};

// What coordinator and laboratory upload on the pages, at the machine: a centre begins with what it has.
int fill(const FillCommand& c) {
  auto store = Store::open(c.store, Access::create);
  if (!store) return fail(store.error());
  const auto workplace = service::Workplace::open(**store, {});
  if (!workplace) return fail(workplace.error());
  const auto whole = [](const std::string& path) -> std::optional<std::string> {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto coordinator = service::permit<service::Task::import_records>(
      {"command-line", "", service::Role::coordinator, c.site}, now());
  std::size_t patients = 0;
  for (const std::string& given : c.records) {
    std::vector<std::filesystem::path> files{given};
    std::error_code ignored;
    if (std::filesystem::is_directory(given, ignored)) {
      files.clear();
      for (const auto& one : std::filesystem::directory_iterator(given)) files.push_back(one.path());
      std::sort(files.begin(), files.end());
    }
    for (const auto& file : files) {
      const auto bytes = whole(file.string());
      if (!bytes) return fail({ErrorKind::not_found, fmt::format("{}: cannot be read", file.string())});
      const auto report =
          (*workplace)->import(*coordinator, file.filename().string(), *bytes, [](std::size_t, std::size_t) {
            return true;
          });
      if (!report) return fail(report.error());
      patients += nlohmann::json::parse(*report).at("patients_stored").get<std::size_t>();
    }
  }
  fmt::print("{}: {} patients\n", c.store, patients);
  if (c.stock.empty()) return done;
  const auto csv = whole(c.stock);
  if (!csv) return fail({ErrorKind::not_found, fmt::format("{}: cannot be read", c.stock)});
  const auto lab =
      service::permit<service::Task::write_stock>({"command-line", "", service::Role::lab, c.site}, now());
  const auto added = (*workplace)->add_stock(*lab, *csv);
  if (!added) return fail(added.error());
  fmt::print("{}: {} bags\n", c.store, nlohmann::json::parse(added->body).at("added").get<int>());
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
  termios shown{};
  const bool is_typed = tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_typed) {
    fmt::print(stderr, "password of {} (at least 12 characters): ", account);
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::string password;
  std::getline(std::cin, password);
  if (is_typed) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fmt::print(stderr, "\n");
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
  const auto add = [&](const char* name, const char* summary, const std::function<int()>& work,
                       bool has_file) {
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
  const auto fill_command = std::make_shared<FillCommand>();
  auto* filled = app.add_subcommand("fill", "records, and a stock, into a store: what a centre begins with");
  filled->add_option("store", fill_command->store, "a file, or postgresql://...")->required();
  filled->add_option("records", fill_command->records, "FHIR or CSV files, and folders of them")->required();
  filled->add_option("--stock", fill_command->stock, "bags, CSV (docs/products.md)");
  filled->add_option("--for-site", fill_command->site, "whose patients they are; empty: of no site");
  filled->callback([fill_command, &run] { run = [fill_command] { return fill(*fill_command); }; });
  app.footer(
      "A backup holds password hashes: keep it as safe as the store.\n\nExamples:\n"
      "  graftline store create centre.db\n"
      "  graftline store fill centre.db records/ --stock stock.csv --for-site north\n"
      "  graftline store verify centre.db\n"
      "  graftline store backup centre.db centre-2026-03-02.ndjson\n"
      "  graftline store restore new.db centre-2026-03-02.ndjson\n"
      "  graftline store import \"postgresql://graftline@db/graftline\" export.ndjson");
}

void define_account(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  const auto c = std::make_shared<AccountCommand>();
  const auto add = [&](const char* name, const char* summary, const std::function<int()>& work,
                       bool has_account) {
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
