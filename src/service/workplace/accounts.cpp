// Accounts, passwords and tokens.
#include <fmt/format.h>
#include <sodium.h>

#include "core/sha256.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

constexpr std::size_t shortest_password = 12;
constexpr std::size_t longest_password = 512;
// What an account that does not exist is compared with, so that it takes as long: the hash of a random text.
constexpr const char* nobody =
    "$argon2id$v=19$m=65536,t=2,p=1$Z3JhZnRsaW5lZ3JhZnRsaQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

Result<std::string> hashed(const std::string& password) {
  if (password.size() < shortest_password || password.size() > longest_password)
    return malformed(fmt::format("password: expected {} to {} bytes", shortest_password, longest_password));
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return Error{ErrorKind::conflict, "no memory to hash a password"};
  hash.resize(hash.find('\0'));
  return hash;
}

bool fits(const std::string& hash, const std::string& password) {
  const bool is_known = !hash.empty() && password.size() <= longest_password;
  const bool same = crypto_pwhash_str_verify(is_known ? hash.c_str() : nobody, password.data(),
                                             std::min(password.size(), longest_password)) == 0;
  return is_known && same;
}

json account_json(const store::Item& item) {
  const auto body = json::parse(item.body);
  return {{"account", item.id},
          {"role", body.value("role", "")},
          {"site", body.value("site", "")},
          {"full_name", body.value("full_name", "")},
          {"disabled", body.value("disabled", false)},
          {"created", item.first_at},
          {"version", item.seq}};
}

// For tasks that come through the command line.
class AtTheMachine : public AnyPermit {
 public:
  explicit AtTheMachine(const Occasion& occasion)
      : AnyPermit({"command-line", "", Role::admin, ""}, occasion) {}
};

Result<Reply> account_reply(const Workplace::State& state, const std::string& id) {
  const auto item = state.item("account", id);
  if (!item) return item.error();
  return Reply{printed(account_json(*item)), item->seq, false};
}

Result<Reply> add(Workplace::State& state, const AnyPermit& permit, std::string_view body) {
  auto fields = Fields::of(body, {"account", "role", "site", "full_name", "password"});
  if (!fields) return fields.error();
  const std::string account = fields->required("account");
  const std::string role = fields->required("role");
  const std::string site = fields->text("site");
  const json payload{
      {"role", role}, {"site", site}, {"full_name", fields->text("full_name")}, {"disabled", false}};
  const std::string password = fields->text("password");
  if (!is_id(account)) fields->wrong("account", "letters, digits, . _ - ; at most 64");
  if (!role_from(role))
    fields->wrong("role", "viewer, physician, coordinator, lab, trial, statistician or admin");
  if (!site.empty() && !is_id(site)) fields->wrong("site", "letters, digits, . _ - ; at most 64");
  if (fields->error()) return *fields->error();
  return state.once(
      permit,
      [&]() -> Result<store::Group> {
        auto hash = hashed(password);
        if (!hash) return hash.error();
        store::NewEvent event = state.event(permit, "account.added", account, payload);
        event.secret_kind = "password";
        event.secret = *hash;
        return store::Group{{std::move(event)}, {{"account", account, 0}}};
      },
      [&](const auto&) { return account_reply(state, account); });
}

Result<Reply> change(Workplace::State& state, const AnyPermit& permit, const std::string& account,
                     std::string_view body, std::optional<std::int64_t> version) {
  auto fields = Fields::of(body, {"role", "site", "full_name", "disabled", "why"});
  if (!fields) return fields.error();
  const std::string why = fields->required("why");
  json payload = json::object();
  for (const char* name : {"role", "site", "full_name"}) {
    if (fields->has(name)) payload[name] = fields->text(name);
  }
  if (fields->has("role") && !role_from(fields->text("role"))) fields->wrong("role", "a role");
  if (fields->has("disabled")) payload["disabled"] = fields->flag("disabled");
  if (fields->error()) return *fields->error();
  const auto item = state.item("account", account);
  if (!item) return item.error();
  return state.once(
      permit,
      [&]() -> Result<store::Group> {
        store::NewEvent event = state.event(permit, "account.changed", account, payload);
        event.why = why;
        return store::Group{{std::move(event)}, {{"account", account, version.value_or(item->seq)}}};
      },
      [&](const auto&) { return account_reply(state, account); });
}

Result<Reply> put_password(Workplace::State& state, const AnyPermit& permit, const std::string& account,
                           const std::string& password) {
  const auto item = state.item("account", account);
  if (!item) return item.error();
  return state.once(
      permit,
      [&]() -> Result<store::Group> {
        auto hash = hashed(password);
        if (!hash) return hash.error();
        store::NewEvent event = state.event(permit, "account.password_set", account, json::object());
        event.secret_kind = "password";
        event.secret = *hash;
        return store::Group{{std::move(event)}, {}};
      },
      [&](const auto&) { return Reply{}; });
}

}  // namespace

Result<std::optional<Actor>> Workplace::actor_of(const std::string& account) const {
  const auto item = state_->store.item("account", account);
  if (!item) return unavailable(item.error());
  if (!*item) return std::optional<Actor>();
  const auto body = json::parse((*item)->body);
  const auto role = role_from(body.value("role", ""));
  if (body.value("disabled", false) || !role) return std::optional<Actor>();
  return std::optional(Actor{account, body.value("full_name", ""), *role, body.value("site", "")});
}

Result<bool> Workplace::is_password(const std::string& account, const std::string& password) const {
  const auto hash = state_->store.secret(account, "password");
  if (!hash) return unavailable(hash.error());
  return fits(*hash, password);
}

Result<std::optional<Actor>> Workplace::sign_in(const std::string& account, const std::string& password,
                                                const Occasion& occasion, const std::string& from) {
  const auto is_right = is_password(account, password);
  if (!is_right) return is_right.error();
  auto actor = actor_of(account);
  if (!actor) return actor.error();
  if (!*is_right) *actor = std::nullopt;
  store::NewEvent event;
  event.kind = *actor ? "session.opened" : "session.refused";
  event.subject = is_id(account) ? account : "not an account";
  event.who = event.subject;
  event.at = occasion.at;
  event.payload = printed(json{{"from", from}});
  const auto done = state_->store.append({{std::move(event)}, {}});
  if (!done) return unavailable(done.error());
  return actor;
}

Result<std::optional<Actor>> Workplace::actor_with_token(const std::string& token) const {
  const auto accounts = state_->store.accounts_with("token", sha256_hex(token));
  if (!accounts) return unavailable(accounts.error());
  if (accounts->size() != 1) return std::optional<Actor>();
  return actor_of(accounts->front());
}

Result<std::string> Workplace::new_token(const std::string& account, std::string_view random,
                                         const Occasion& occasion) {
  const auto item = state_->item("account", account);
  if (!item) return item.error();
  const std::string token = "gl_" + sha256_hex(random);
  store::NewEvent event =
      state_->event(AtTheMachine(occasion), "account.token_made", account, json::object());
  event.secret_kind = "token";
  event.secret = sha256_hex(token);
  const auto done = state_->store.append({{std::move(event)}, {}});
  if (!done) return unavailable(done.error());
  return token;
}

Result<Reply> Workplace::add_account(std::string_view body, const Occasion& occasion) {
  return add(*state_, AtTheMachine(occasion), body);
}
Result<Reply> Workplace::change_account(const std::string& account, std::string_view body,
                                        const Occasion& occasion) {
  return change(*state_, AtTheMachine(occasion), account, body, std::nullopt);
}
Result<Reply> Workplace::set_password(const std::string& account, const std::string& password,
                                      const Occasion& occasion) {
  return put_password(*state_, AtTheMachine(occasion), account, password);
}
Result<Reply> Workplace::accounts(const Asked& asked) const {
  store::ItemQuery query;
  query.kind = "account";
  query.offset = asked.offset;
  query.limit = asked.limit;
  const auto page = state_->store.items(query);
  if (!page) return unavailable(page.error());
  return Reply{printed(page_json<store::Item>(page->rows, page->total, asked, account_json)), 0, false};
}
Result<Reply> Workplace::accounts(const Permit<Task::administer>&, const Asked& asked) const {
  return accounts(asked);
}
Result<Reply> Workplace::add_account(const Permit<Task::administer>& permit, std::string_view body) {
  return add(*state_, permit, body);
}
Result<Reply> Workplace::change_account(const Permit<Task::administer>& permit, const std::string& account,
                                        std::string_view body, const Asked& asked) {
  return change(*state_, permit, account, body, asked.version);
}
Result<Reply> Workplace::set_password(const Permit<Task::administer>& permit, const std::string& account,
                                      std::string_view body) {
  auto fields = Fields::of(body, {"password"});
  if (!fields) return fields.error();
  const std::string password = fields->required("password");
  if (fields->error()) return *fields->error();
  return put_password(*state_, permit, account, password);
}

Result<Reply> Workplace::change_own_password(const Permit<Task::session>& permit, std::string_view body) {
  auto fields = Fields::of(body, {"old", "new"});
  if (!fields) return fields.error();
  const std::string old = fields->required("old");
  const std::string wanted = fields->required("new");
  if (fields->error()) return *fields->error();
  const auto is_right = is_password(permit.actor().account, old);
  if (!is_right) return is_right.error();
  if (!*is_right) return Error{ErrorKind::conflict, "old: not the password of this account"};
  return put_password(*state_, permit, permit.actor().account, wanted);
}

Result<Reply> Workplace::session_of(const Permit<Task::session>& permit) const {
  const Actor& actor = permit.actor();
  json tasks = json::array();
  for (const Task task : tasks_of(actor.role)) tasks.push_back(name(task));
  return Reply{printed({{"account", actor.account},
                        {"full_name", actor.full_name},
                        {"role", name(actor.role)},
                        {"site", actor.site},
                        {"tasks", std::move(tasks)}}),
               0, false};
}

}  // namespace graftline::service
