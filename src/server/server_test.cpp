// The server as a browser or a program meets it: real sockets, a real store, a clock that runs.
#include "server/server.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "server/clock.h"
#include "server/routes.h"
#include "server/sessions.h"
#include "service/workplace/workplace.h"
#include "store/store.h"
#include "store/try_out.h"

using namespace graftline;
using nlohmann::json;
using service::Role;
using service::Task;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;
constexpr const char* password = "a long enough password";

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(static_cast<bool>(file), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One server for all tests: accounts of every role at the site "north", and one physician elsewhere.
class World {
 public:
  static World& get() {
    static World world;
    return world;
  }

  int port() const { return server_->port(); }
  store::Store& store() { return *store_; }
  service::Workplace& workplace() { return *workplace_; }
  static service::Occasion now() { return {server::utc_now(), server::local_today(), "", ""}; }

 private:
  World() {
    auto store = store::Store::open((folder_.path() / "store.db").string(), store::Access::create);
    REQUIRE(store);
    store_ = std::move(*store);
    service::WorkplaceOptions options;
    options.protocol_folders = {root + "/protocols"};
    options.protocols = {"nct07319793", "ebmt-2024"};
    options.site_file = root + "/examples/site.toml";
    options.version = "test";
    auto workplace = service::Workplace::open(*store_, options);
    REQUIRE(workplace);
    workplace_ = std::move(*workplace);
    for (int i = 0; i < service::role_count; ++i)
      add(std::string(name(static_cast<Role>(i))), static_cast<Role>(i), "north");
    add("second", Role::physician, "north");
    add("southern", Role::physician, "south");
    add("auditor", Role::admin, "");
    server::ServeOptions http;
    http.port = 0;
    http.logs = false;
    http.body_seconds = 1;
    auto server = server::Server::start(*workplace_, http);
    REQUIRE(server);
    server_ = std::move(*server);
    const auto permit =
        service::permit<Task::import_records>({"coordinator", "", Role::coordinator, "north"}, now());
    for (const char* file :
         {"r-1001-prophylactic-arm-due.json", "r-1005-acute-gvhd.json", "r-1014-result-arrives-later.json"})
      REQUIRE(workplace_->import(*permit, file, bytes_of(root + "/examples/cohort/" + file),
                                 [](auto, auto) { return true; }));
    const auto stock = service::permit<Task::write_stock>({"lab", "", Role::lab, "north"}, now());
    REQUIRE(workplace_->add_stock(*stock, bytes_of(root + "/examples/stock.csv")));
  }

  void add(const std::string& account, Role role, const std::string& site) {
    const json body{{"account", account},
                    {"role", name(role)},
                    {"site", site},
                    {"full_name", "Dr " + account},
                    {"password", password}};
    REQUIRE(workplace_->add_account(body.dump(), now()));
  }

  store::try_out::Folder folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<service::Workplace> workplace_;
  std::unique_ptr<server::Server> server_;
};

struct Said {
  int status = 0;
  json body;
  std::string text;
  httplib::Headers headers;
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class Browser {
 public:
  Browser() : http_("127.0.0.1", World::get().port()) { http_.set_read_timeout(30); }
  // Signed in once per account: hashing a password is slow on purpose.
  explicit Browser(const std::string& account) : Browser() {
    static std::map<std::string, std::pair<std::string, std::string>> sessions;
    if (!sessions.contains(account)) {
      const Said said = send("POST", "/api/session", json{{"account", account}, {"password", password}});
      REQUIRE(said.status == 200);
      const std::string set = said.header("Set-Cookie");
      sessions[account] = {set.substr(0, set.find(';')), said.body.at("csrf").get<std::string>()};
    }
    cookie = sessions[account].first;
    csrf = sessions[account].second;
  }

  Said send(const std::string& method, const std::string& path, const json& body = nullptr,
            httplib::Headers more = {}) {
    return send_text(method, path, body.is_null() ? "" : body.dump(), "application/json", std::move(more));
  }
  Said send_text(const std::string& method, const std::string& path, const std::string& body,
                 const std::string& type, httplib::Headers more = {}) {
    static int key = 0;
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.headers = std::move(more);
    if (!cookie.empty()) request.headers.emplace("Cookie", cookie);
    if (!csrf.empty()) request.headers.emplace("X-CSRF-Token", csrf);
    if (method == "POST" && !request.has_header("Idempotency-Key"))
      request.headers.emplace("Idempotency-Key", "key-" + std::to_string(++key));
    if (method != "GET") {
      request.body = body;
      request.headers.emplace("Content-Type", type);
    }
    const auto result = http_.send(request);
    REQUIRE_MESSAGE(static_cast<bool>(result), method, " ", path, ": ", httplib::to_string(result.error()));
    return {result->status, json::parse(result->body, nullptr, false), result->body, result->headers};
  }
  Said get(const std::string& path) { return send("GET", path); }
  Said post(const std::string& path, const json& body) { return send("POST", path, body); }

  std::string cookie, csrf;

 private:
  httplib::Client http_;
};

json contract() { return json::parse(bytes_of(root + "/docs/openapi.json")); }

// The keywords that docs/openapi.json uses. Schemas in docs/schemas have a test of their own and are passed.
std::string breaks(const json& value, const json& schema, const json& all, const std::string& at) {
  if (schema.contains("$ref")) {
    const std::string ref = schema.at("$ref");
    if (ref.starts_with("schemas/")) return "";
    return breaks(value, all.at("components").at("schemas").at(ref.substr(ref.rfind('/') + 1)), all, at);
  }
  if (schema.contains("anyOf")) {
    std::string first;
    for (const json& one : schema.at("anyOf")) {
      const std::string broken = breaks(value, one, all, at);
      if (broken.empty()) return "";
      if (first.empty()) first = broken;
    }
    return first;
  }
  if (schema.contains("type")) {
    const std::string type = schema.at("type");
    const bool fits = type == "integer"  ? value.is_number_integer()
                      : type == "number" ? value.is_number()
                                         : type == value.type_name();
    if (!fits) return at + ": expected " + type + ", found " + value.type_name();
  }
  if (schema.contains("enum") &&
      std::find(schema.at("enum").begin(), schema.at("enum").end(), value) == schema.at("enum").end())
    return at + ": not of the enum";
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name.get<std::string>())) return at + ": lacks " + name.get<std::string>();
  }
  if (schema.contains("properties") && value.is_object()) {
    for (const auto& [name, inner] : schema.at("properties").items()) {
      if (!value.contains(name)) continue;
      if (auto broken = breaks(value.at(name), inner, all, at + "." + name); !broken.empty()) return broken;
    }
  }
  if (schema.contains("items") && value.is_array()) {
    for (const json& one : value) {
      if (auto broken = breaks(one, schema.at("items"), all, at + "[]"); !broken.empty()) return broken;
    }
  }
  return "";
}

json order_of_r_1001() {
  // docs of the example: 3 x 10^7 CD3+ per kg x 58 kg = 1.74 x 10^9; `graftline plan --stock` draws 54.38 mL
  // of 1001-A
  return {{"dose", {{"mantissa", "3"}, {"exponent", 7}, {"kind", "CD3"}, {"per", "kg"}}},
          {"weight", "58 kg"},
          {"cells", "1740000000"},
          {"bags", json::array({{{"bag", "1001-A"}, {"volume_ml", "54.38"}}})}};
}
json new_order() {
  json order = order_of_r_1001();
  order["protocol"] = "nct07319793";
  order["as_of"] = "2026-03-02";
  order["infusion_on"] = "2026-03-02";
  return order;
}

}  // namespace

TEST_CASE("the contract and the server name the same routes, with the same tasks") {
  const json paths = contract().at("paths");
  std::set<std::string> promised, served;
  const std::set<std::string> own{"GET /health",
                                  "GET /metrics",
                                  "GET /cds-services",
                                  "POST /api/session",
                                  "GET /api/session",
                                  "DELETE /api/session",
                                  "POST /api/imports",
                                  "GET /api/jobs/{job}",
                                  "DELETE /api/jobs/{job}",
                                  "GET /api/jobs/{job}/progress",
                                  "POST /api/simulations",
                                  "GET /api/audit/export"};
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      const std::string whole = upper + " " + path;
      promised.insert(whole);
      const auto match = server::find_route(upper, path);
      if (match.route != nullptr) CHECK_MESSAGE(operation.at("x-task") == name(match.route->task), whole);
    }
  }
  for (const auto& route : server::routes())
    served.insert(std::string(route.method) + " " + std::string(route.path));
  served.insert(own.begin(), own.end());
  CHECK(promised == served);
}

TEST_CASE("every route refuses whoever is not signed in, and every role that the table does not allow") {
  const json paths = contract().at("paths");
  const auto allows = [](const std::string& task, Role role) {
    for (const Task one : service::tasks_of(role)) {
      if (name(one) == task) return true;
    }
    return false;
  };
  int walked = 0;
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) {
      const std::string task = operation.at("x-task");
      if (task == "open" || path == "/api/session") continue;
      std::string upper = method, there = path;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      for (std::size_t open = there.find('{'); open != std::string::npos; open = there.find('{'))
        there.replace(open, there.find('}') - open + 1, "no-such");
      CAPTURE(upper);
      CAPTURE(there);
      Browser nobody;
      CHECK(nobody.send(upper, there, json::object()).status == 401);
      for (int i = 0; i < service::role_count; ++i) {
        const auto role = static_cast<Role>(i);
        CAPTURE(name(role));
        if (path.ends_with("/password")) continue;  // would change one; below
        Browser browser{std::string(name(role))};
        const bool needs_two = upper == "DELETE" && path == "/api/jobs/{job}";
        const int status = browser.send(upper, there, json::object()).status;
        const bool allowed = allows(task, role) && (!needs_two || allows("read_jobs", role));
        if (allowed)
          CHECK((status != 401 && status != 403));
        else
          CHECK(status == 403);
        ++walked;
      }
    }
  }
  CHECK(walked > 300);
}

TEST_CASE("what the server answers is what the contract says") {
  const json all = contract();
  const auto conforms = [&](Browser& browser, const std::string& path, const std::string& template_path) {
    CAPTURE(path);
    const Said said = browser.get(path);
    CHECK_MESSAGE(said.status == 200, said.text.substr(0, 300));
    const json schema = all.at("paths")
                            .at(template_path)
                            .at("get")
                            .at("responses")
                            .at("200")
                            .at("content")
                            .at("application/json")
                            .at("schema");
    CHECK(breaks(said.body, schema, all, "$") == "");
  };
  Browser physician("physician");
  conforms(physician, "/health", "/health");
  conforms(physician, "/api/session", "/api/session");
  conforms(physician, "/api/about", "/api/about");
  conforms(physician, "/api/worklist?as_of=2026-03-02", "/api/worklist");
  conforms(physician, "/api/patients", "/api/patients");
  const std::string one = "/api/patients/R-1001";
  conforms(physician, one + "?as_of=2026-03-02", "/api/patients/{patient}");
  conforms(physician, one + "/timeline?as_of=2026-03-02", "/api/patients/{patient}/timeline");
  conforms(physician, one + "/decision?as_of=2026-03-02", "/api/patients/{patient}/decision");
  conforms(physician, one + "/when?protocol=nct07319793", "/api/patients/{patient}/when");
  conforms(physician, one + "/plan?protocol=nct07319793&as_of=2026-03-02", "/api/patients/{patient}/plan");
  conforms(physician, one + "/bags?protocol=nct07319793&as_of=2026-03-02", "/api/patients/{patient}/bags");
  conforms(physician, one + "/entries?as_of=2026-03-02", "/api/patients/{patient}/entries");
  conforms(physician, one + "/signatures", "/api/patients/{patient}/signatures");
  conforms(physician, one + "/orders", "/api/patients/{patient}/orders");
  conforms(physician, "/api/stock", "/api/stock");
  conforms(physician, "/api/stock/1001-A", "/api/stock/{bag}");
  conforms(physician, "/api/calculators", "/api/calculators");
  conforms(physician, "/api/gvhd-steps?lang=zh", "/api/gvhd-steps");
  conforms(physician, "/api/facts?q=ALT", "/api/facts");
  conforms(physician, "/api/protocols", "/api/protocols");
  conforms(physician, "/api/protocols/nct07319793", "/api/protocols/{protocol}");
  conforms(physician, "/api/protocols/nct07319793/difference?with=ebmt-2024",
           "/api/protocols/{protocol}/difference");
  conforms(physician, "/cds-services", "/cds-services");
  Browser admin("auditor");
  conforms(admin, "/api/accounts", "/api/accounts");
  conforms(admin, "/api/audit?limit=500", "/api/audit");
  conforms(admin, "/api/audit/verification", "/api/audit/verification");
  conforms(admin, one + "/events", "/api/patients/{patient}/events");
  conforms(admin, "/api/jobs", "/api/jobs");
  const Said figure = physician.get(one + "/timeline.svg?as_of=2026-03-02");
  CHECK(figure.status == 200);
  CHECK(figure.header("Content-Type") == "image/svg+xml");
}

TEST_CASE("a session is a cookie that scripts cannot read, and ends when it is told to") {
  Browser browser;
  CHECK(browser.send("POST", "/api/session", json{{"account", "viewer"}, {"password", "not the right one"}})
            .status == 401);
  const Said said = browser.send("POST", "/api/session", json{{"account", "viewer"}, {"password", password}});
  REQUIRE(said.status == 200);
  const std::string cookie = said.header("Set-Cookie");
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK(cookie.find("SameSite=Strict") != std::string::npos);
  browser.cookie = cookie.substr(0, cookie.find(';'));
  CHECK(browser.get("/api/session").status == 200);
  CHECK(browser.send("DELETE", "/api/session").status == 403);  // without its CSRF token
  browser.csrf = std::string(64, '0');
  CHECK(browser.send("DELETE", "/api/session").status == 403);
  browser.csrf = said.body.at("csrf");
  CHECK(browser.send("DELETE", "/api/session").status == 204);
  CHECK(browser.get("/api/session").status == 401);
  browser.cookie = "graftline=" + std::string(64, 'a');  // forged
  CHECK(browser.get("/api/session").status == 401);
}

TEST_CASE("a session's id is renewed every quarter of an hour, and the old one dies within a minute") {
  server::Sessions sessions;
  const auto begun = server::Clock::now();
  const auto opened = sessions.open("wu", begun);
  CHECK(sessions.find(opened.id, begun + std::chrono::minutes(10))->new_id.empty());
  const auto renewed = sessions.find(opened.id, begun + std::chrono::minutes(16));
  REQUIRE(renewed);
  REQUIRE(!renewed->new_id.empty());
  CHECK(renewed->session.csrf == opened.csrf);
  CHECK(sessions.find(opened.id, begun + std::chrono::minutes(16) + std::chrono::seconds(30)));
  CHECK(!sessions.find(opened.id, begun + std::chrono::minutes(18)));
  CHECK(sessions.find(renewed->new_id, begun + std::chrono::minutes(18)));
  CHECK(!sessions.find(renewed->new_id, begun + std::chrono::minutes(49)));  // idle for half an hour
}

TEST_CASE("after five wrong passwords each further try waits twice as long") {
  server::Throttle throttle;
  auto now = server::Clock::now();
  for (int i = 0; i < 5; ++i) {
    CHECK(throttle.wait("wu", now) == 0);
    throttle.failed("wu", now);
  }
  CHECK(throttle.wait("wu", now) >= 1);
  CHECK(throttle.wait("ito", now) == 0);
  now += std::chrono::seconds(2);
  CHECK(throttle.wait("wu", now) == 0);
  throttle.failed("wu", now);
  CHECK(throttle.wait("wu", now) >= 2);
  throttle.succeeded("wu");
  CHECK(throttle.wait("wu", now) == 0);
}

TEST_CASE("the same request is stored once, another with its key is refused") {
  Browser browser("physician");
  const json body{{"id", "P-once"}, {"name", "O. Nce"}};
  const Said first = browser.send("POST", "/api/patients", body, {{"Idempotency-Key", "once"}});
  CHECK(first.status == 201);
  const Said again = browser.send("POST", "/api/patients", body, {{"Idempotency-Key", "once"}});
  CHECK(again.status == 201);
  CHECK(again.header("Idempotency-Replayed") == "true");
  CHECK(again.body == first.body);
  CHECK(
      browser.send("POST", "/api/patients", json{{"id", "P-other"}}, {{"Idempotency-Key", "once"}}).status ==
      409);
  CHECK(browser.post("/api/patients", body).status == 409);  // another request: the patient is there
  CHECK(browser.send("POST", "/api/patients", body, {{"Idempotency-Key", ""}}).status == 400);
}

TEST_CASE("who writes over what has moved on is told so") {
  Browser browser("physician");
  const Said made = browser.post("/api/patients", {{"id", "P-moves"}});
  const std::string version = "\"" + std::to_string(made.body.at("version").get<int>()) + "\"";
  const json change{{"name", "New"}, {"why", "misspelt"}};
  CHECK(browser.send("PATCH", "/api/patients/P-moves", change, {{"If-Match", version}}).status == 200);
  CHECK(browser.send("PATCH", "/api/patients/P-moves", change, {{"If-Match", version}}).status == 412);
  const Said shown = browser.get("/api/protocols");
  CHECK(browser.send("GET", "/api/protocols", nullptr, {{"If-None-Match", shown.header("ETag")}}).status ==
        304);
}

TEST_CASE("a patient of another site is not there, for reading and writing") {
  Browser southern("southern");
  for (const char* path :
       {"", "/timeline", "/decision", "/entries", "/orders", "/signatures", "/plan?protocol=nct07319793"})
    CHECK(southern.get(std::string("/api/patients/R-1001") + path).status == 404);
  CHECK(southern.get("/api/patients").body.at("total") == 0);
  CHECK(southern.get("/api/worklist").body.at("total") == 0);
  CHECK(southern
            .post("/api/patients/R-1001/entries",
                  {{"fact", "alt"}, {"value", "30"}, {"unit", "U/L"}, {"date", "2026-03-01"}})
            .status == 404);
  CHECK(southern.send("PATCH", "/api/patients/R-1001", json{{"why", "mine"}, {"site", "south"}}).status ==
        404);
  CHECK(southern.post("/api/patients", {{"id", "P-north"}, {"site", "north"}}).status == 400);
}

TEST_CASE("a corrected result keeps the old view, a withdrawn one too") {
  Browser browser("physician");
  REQUIRE(browser.post("/api/patients", {{"id", "P-alt"}}).status == 201);
  const json alt{
      {"fact", "alt"}, {"value", "350"}, {"unit", "U/L"}, {"date", "2026-03-01"}, {"known_on", "2026-03-01"}};
  const Said first = browser.post("/api/patients/P-alt/entries", alt);
  REQUIRE(first.status == 201);
  json corrected = alt;
  corrected["value"] = "35";
  corrected["known_on"] = "2026-03-05";
  corrected["replaces"] = first.body.at("id");
  CHECK(browser.post("/api/patients/P-alt/entries", corrected).status == 400);  // without a reason
  corrected["why"] = "typing error";
  const Said second = browser.post("/api/patients/P-alt/entries", corrected);
  REQUIRE(second.status == 201);
  const auto values = [&](const std::string& known_on) {
    std::string all;
    const Said said = browser.get("/api/patients/P-alt/entries?as_of=2026-03-10&known_on=" + known_on);
    for (const json& one : said.body.at("items")) all += one.at("value").get<std::string>() + ";";
    return all;
  };
  CHECK(values("2026-03-04") == "350 U/L;");
  CHECK(values("2026-03-05") == "35 U/L;");
  const std::string second_id = second.body.at("id");
  CHECK(
      browser.post("/api/patients/P-alt/entries/" + second_id + "/withdrawal", {{"why", "another patient's"}})
          .status == 201);
  CHECK(values("2026-03-05") == "35 U/L;");  // the withdrawal is known from today on
  const std::string today = to_text(server::local_today());
  CHECK(browser.get("/api/patients/P-alt/entries?known_on=" + today + "&as_of=" + today)
            .body.at("items")
            .at(0)
            .at("value") == "350 U/L");
  CHECK(
      browser.post("/api/patients/P-alt/entries", {{"fact", "alt"}, {"value", "35"}, {"date", "2026-03-01"}})
          .status == 400);  // no unit
}

TEST_CASE(
    "a signature binds to the decision that was shown, and a hold is carried forward until it is lifted") {
  Browser browser("physician");
  const Said shown = browser.get("/api/patients/R-1005/decision?protocol=ebmt-2024&as_of=2026-03-02");
  REQUIRE(shown.status == 200);
  json body{{"protocol", "ebmt-2024"},
            {"as_of", "2026-03-02"},
            {"meaning", "hold"},
            {"password", password},
            {"fingerprint", shown.body.at("answers").at(0).at("fingerprint")}};
  CHECK(browser.post("/api/patients/R-1005/signatures", body).status == 400);  // a hold has a reason
  body["reason"] = "acute GVHD";
  json other = body;
  other["fingerprint"] = std::string(64, '0');
  CHECK(browser.post("/api/patients/R-1005/signatures", other).status == 409);
  other = body;
  other["password"] = "not the right one";
  CHECK(browser.post("/api/patients/R-1005/signatures", other).status == 409);
  const Said signed_one = browser.post("/api/patients/R-1005/signatures", body);
  REQUIRE_MESSAGE(signed_one.status == 201, signed_one.text);
  CHECK(signed_one.body.at("full_name") == "Dr physician");
  CHECK(browser.get("/api/patients/R-1005").body.at("hold").at("reason") == "acute GVHD");
  body["meaning"] = "review";
  body["reason"] = "resolved";
  body["lifts"] = signed_one.body.at("id");
  CHECK(browser.post("/api/patients/R-1005/signatures", body).status == 201);
  CHECK(browser.get("/api/patients/R-1005").body.at("hold").is_null());
}

TEST_CASE("a dose is checked by a second account that computes without seeing the first result") {
  Browser first("physician"), second("second"), lab("lab");
  json wrong = new_order();
  wrong["dose"]["mantissa"] = "4";
  const Said above = first.post("/api/patients/R-1001/orders", wrong);
  CHECK(above.status == 409);
  CHECK(above.text.find("above what the protocol allows") != std::string::npos);
  wrong = new_order();
  wrong["weight"] = "60 kg";
  CHECK(first.post("/api/patients/R-1001/orders", wrong).status == 409);
  wrong = new_order();
  wrong["bags"][0]["volume_ml"] = "64";
  CHECK(first.post("/api/patients/R-1001/orders", wrong).status == 409);
  wrong = new_order();
  wrong["bags"][0]["bag"] = "1002-A";  // another recipient's
  CHECK(first.post("/api/patients/R-1001/orders", wrong).status == 409);
  wrong = new_order();
  wrong["dose"]["mantissa"] = "3x10^7";
  CHECK(first.post("/api/patients/R-1001/orders", wrong).status == 400);

  const Said written = first.post("/api/patients/R-1001/orders", new_order());
  REQUIRE_MESSAGE(written.status == 201, written.text);
  const std::string path = "/api/orders/" + written.body.at("id").get<std::string>();
  CHECK(written.body.at("first").at("cells") == "1.74 billion");
  // Nobody else sees a figure before the check, wherever they look.
  for (const std::string& where :
       {path, std::string("/api/orders"), std::string("/api/patients/R-1001/orders")}) {
    const std::string text = second.get(where).text;
    CHECK(text.find("54.38") == std::string::npos);
    CHECK(text.find("1.74") == std::string::npos);
  }
  CHECK(first.post(path + "/check", order_of_r_1001()).status == 409);  // not one's own
  CHECK(lab.post(path + "/issue", {{"at", "2026-03-02T09:00"}, {"password", password}}).status ==
        409);  // unchecked
  const Said checked = second.post(path + "/check", order_of_r_1001());
  REQUIRE_MESSAGE(checked.status == 201, checked.text);
  CHECK(checked.body.at("state") == "checked");
  CHECK(checked.body.at("second").at("cells") == "1.74 billion");
  CHECK(second.post(path + "/check", order_of_r_1001()).status == 409);  // once
  const Said issued = lab.post(path + "/issue", {{"at", "2026-03-02T09:00"}, {"password", password}});
  REQUIRE_MESSAGE(issued.status == 201, issued.text);
  CHECK(lab.get("/api/stock/1001-A").body.at("state") == "issued");
  CHECK(first.post("/api/patients/R-1001/orders", new_order()).status == 409);  // the bag is no longer there
}

TEST_CASE("an upload is read as a job whose end is told, and its report kept") {
  Browser browser("coordinator");
  const std::string bundle = bytes_of(root + "/examples/cohort/r-1003-second-dose-waits.json");
  const Said started =
      browser.send_text("POST", "/api/imports?name=r-1003.json", bundle, "application/fhir+json");
  REQUIRE_MESSAGE(started.status == 202, started.text);
  const std::string job = "/api/jobs/" + started.body.at("id").get<std::string>();
  const std::string stream = browser.get(job + "/progress").text;
  CHECK(stream.find("event: end") != std::string::npos);
  const Said ended = browser.get(job);
  CHECK(ended.body.at("state") == "done");
  CHECK(ended.body.at("result").at("patients_stored") == 1);
  CHECK(browser.get("/api/patients/R-1003").status == 200);
  CHECK(browser.send_text("POST", "/api/imports", "x", "text/html").status == 415);
}

TEST_CASE("every look at a patient and every decision shown is in the log before it is shown") {
  Browser physician("physician"), auditor("auditor");
  const auto looks = [&](const std::string& kind) {
    return auditor.get("/api/audit?patient=R-1014&kind=" + kind).body.at("total").get<int>();
  };
  const int patient = looks("seen.patient"), decision = looks("seen.decision");
  physician.get("/api/patients/R-1014");
  const Said shown = physician.get("/api/patients/R-1014/decision?as_of=2026-03-06");
  CHECK(looks("seen.patient") == patient + 1);
  CHECK(looks("seen.decision") == decision + 1);
  const json event = auditor.get("/api/audit?patient=R-1014&kind=seen.decision").body.at("items").at(0);
  CHECK(event.at("who") == "physician");
  CHECK(event.at("payload").at("answers").at(0).at("fingerprint") ==
        shown.body.at("answers").at(0).at("fingerprint"));
  physician.get("/api/worklist?as_of=2026-03-02");
  CHECK(auditor.get("/api/audit?kind=seen.worklist").body.at("items").at(0).dump().find("R-1001") !=
        std::string::npos);
}

TEST_CASE("the exported log is verified by a script that knows nothing of graftline") {
  Browser auditor("auditor");
  const store::try_out::Folder folder;
  const std::string file = (folder.path() / "log.ndjson").string();
  std::string text = auditor.get("/api/audit/export").text;
  std::ofstream(file) << text;
  CHECK(store::try_out::succeeds(root + "/tools/verify_audit.py " + file));
  const auto at = text.find("\"physician\"");
  REQUIRE(at != std::string::npos);
  text.replace(at, 11, "\"coordinato");
  text.replace(at + 11, 0, "");
  std::ofstream(file, std::ios::trunc) << text;
  CHECK(!store::try_out::succeeds(root + "/tools/verify_audit.py " + file));
}

TEST_CASE("no body, path, header or field makes the server do more than refuse") {
  Browser browser("physician"), auditor("auditor");
  CHECK(browser.send_text("POST", "/api/patients", std::string(2U << 20U, 'x'), "application/json").status ==
        413);
  CHECK(browser.send_text("POST", "/api/patients", "{", "application/json").status == 400);
  CHECK(browser.send_text("POST", "/api/patients", "{\"id\":\"\xff\"}", "application/json").status == 400);
  CHECK(browser.send_text("POST", "/api/patients", std::string(100000, '['), "application/json").status ==
        400);
  CHECK(browser.send_text("POST", "/api/patients", "id=P-form", "application/x-www-form-urlencoded").status ==
        415);
  for (const char* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../etc/passwd",
                           "//etc/passwd", "/api/patients/%2e%2e%2f%2e%2e"}) {
    const Said said = browser.get(path);
    CHECK((said.status == 404 || said.status == 400));
    CHECK(said.text.find("root:") == std::string::npos);
  }
  CHECK(browser.get("/" + std::string(5000, 'a')).status == 414);
  const std::vector<std::string> texts{"'; DROP TABLE events; --", "\" OR 1=1 --", "%' OR '1'='1",
                                       "<script>alert(1)</script>", "Robert\r\nSet-Cookie: a=b"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    const std::string encoded = httplib::detail::encode_query_param(text);
    for (const char* path : {"/api/patients?q=", "/api/stock?q=", "/api/stock?state=",
                             "/api/stock?recipient=", "/api/orders?state="}) {
      const Said said = browser.get(path + encoded);
      CHECK((said.status == 200 || said.status == 400));
      if (said.status == 200) CHECK(said.body.at("total") == 0);
      CHECK(said.header("Set-Cookie").empty());
    }
    for (const char* path : {"/api/audit?who=", "/api/audit?kind=", "/api/audit?patient="}) {
      const Said said = auditor.get(path + encoded);
      CHECK((said.status == 400 || said.body.at("total") == 0));
    }
    CHECK(browser.post("/api/patients", {{"id", text}}).status == 400);
    const Said named =
        browser.post("/api/patients", {{"id", "P-" + std::to_string(&text - texts.data())}, {"name", text}});
    if (named.status == 201) {
      CHECK(named.body.at("name") == text);  // kept as text, whatever it looks like
      CHECK(named.header("Content-Type") == "application/json");
      CHECK(named.header("X-Content-Type-Options") == "nosniff");
    }
  }
  CHECK(World::get().store().verify()->is_sound);
}

TEST_CASE("cards: a key that is absent is unknown, one that is null was asked and had none") {
  Browser browser("viewer");
  json request{{"hook", "patient-view"},
               {"hookInstance", "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"},
               {"context", {{"userId", "Practitioner/1"}, {"patientId", "X-1"}}}};
  const Said absent = browser.post("/cds-services/dli-next-step", request);
  REQUIRE_MESSAGE(absent.status == 200, absent.text);
  REQUIRE(!absent.body.at("cards").empty());
  request["prefetch"] = {{"patient", nullptr},
                         {"observations", nullptr},
                         {"conditions", nullptr},
                         {"procedures", nullptr},
                         {"medications", nullptr}};
  const Said null = browser.post("/cds-services/dli-next-step", request);
  REQUIRE(null.status == 200);
  CHECK(absent.text.find("therefore unknown: observations, conditions, procedures, medications") !=
        std::string::npos);
  CHECK(null.text.find("therefore unknown") == std::string::npos);
  CHECK(null.text.find("taken as none") != std::string::npos);
  CHECK(null.text != absent.text);
  for (const json& card : null.body.at("cards")) {
    CHECK(card.at("summary").get<std::string>().size() < 140);
    CHECK((card.at("indicator") == "info" || card.at("indicator") == "warning"));
    CHECK(card.at("source").contains("label"));
    CHECK(card.at("links").at(0).at("type") == "absolute");
  }
  CHECK(!null.body.contains("systemActions"));
  const std::string card = null.body.at("cards").at(0).at("uuid");
  CHECK(browser
            .post("/cds-services/dli-next-step/feedback",
                  {{"feedback", json::array({{{"card", card},
                                              {"outcome", "overridden"},
                                              {"outcomeTimestamp", "2026-03-20T08:15:00Z"}}})}})
            .status == 200);
  request["hook"] = "order-sign";
  CHECK(browser.post("/cds-services/dli-next-step", request).status == 400);
}

TEST_CASE("the examples in the text of CDS Hooks are accepted") {
  Browser browser("physician");
  const json examples = json::parse(bytes_of(root + "/tests/data/cds-hooks/examples.json")).at("examples");
  int requests = 0, feedbacks = 0;
  for (const json& example : examples) {
    const json body = example.at("body").is_string() ? json::parse(example.at("body").get<std::string>())
                                                     : example.at("body");
    CAPTURE(example.at("section").get<std::string>());
    if (example.at("kind") == "request") {
      const std::string hook = body.at("hook");
      const Said said = browser.post(
          hook == "patient-view" ? "/cds-services/dli-next-step" : "/cds-services/dli-order-sign", body);
      CHECK_MESSAGE(said.status == 200, said.text);
      CHECK(said.body.at("cards").is_array());
      ++requests;
    } else if (example.at("kind") == "feedback") {
      CHECK(browser.post("/cds-services/dli-next-step/feedback", body).status == 200);
      ++feedbacks;
    }
  }
  CHECK(requests >= 3);
  CHECK(feedbacks >= 2);
}

TEST_CASE(
    "a reverse proxy's account header is believed only when it is switched on, and only from its address") {
  Browser off;
  CHECK(off.send("GET", "/api/session", nullptr, {{"X-Forwarded-User", "physician"}}).status == 401);
  server::ServeOptions http;
  http.port = 0;
  http.logs = false;
  http.account_header = "X-Forwarded-User";
  for (const char* proxy : {"127.0.0.1", "10.0.0.1"}) {
    http.proxy_address = proxy;
    const auto server = server::Server::start(World::get().workplace(), http);
    REQUIRE(server);
    httplib::Client client("127.0.0.1", (*server)->port());
    const auto said = client.Get("/api/session", {{"X-Forwarded-User", "physician"}});
    REQUIRE(said);
    CHECK(said->status == (std::string_view(proxy) == "127.0.0.1" ? 200 : 401));
  }
}
