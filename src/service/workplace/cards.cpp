// CDS Hooks 2.0: an electronic record asks while a patient is open or an order is written, and gets cards.
// Only what the request brings is looked at; nothing of the store is.
//
//   prefetch key absent     not asked: unknown
//   null, or a whole bundle without a resource about a fact
//                           asked, and there is none: conditions, procedures and drugs count as documented
//                           not to have been; a value that nobody measured stays unmeasured
#include <fmt/format.h>

#include <algorithm>

#include "core/sha256.h"
#include "interop/import.h"
#include "record/facts.h"
#include "service/answer.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

constexpr std::size_t longest_summary = 140;
constexpr std::size_t most_lines = 8;

struct HookService {
  const char* id;
  const char* hook;
  const char* title;
};
constexpr std::array services{
    HookService{"dli-next-step", "patient-view", "Donor lymphocyte infusion: what the protocols say today"},
    HookService{"dli-order-select", "order-select",
                "Donor lymphocyte infusion: what the protocols say of this order"},
    HookService{"dli-order-sign", "order-sign",
                "Donor lymphocyte infusion: what the protocols say before signing"}};

// A query of the prefetch and the facts that it asks about.
struct Query {
  const char* key;
  const char* resource;
  std::vector<std::string> codes;
  std::vector<record::FactId> facts;
};

const char* resource_of(const record::Fact& fact, std::string_view system) {
  if (system == record::rxnorm || system == record::atc) return "MedicationStatement";
  if (system == record::icd_10_cm) return "Condition";
  if (system == record::icd_10_pcs || system == record::cpt) return "Procedure";
  if (system == record::snomed_ct && fact.type == record::FactType::event) return "Procedure";
  if (system == record::snomed_ct && fact.type == record::FactType::course) return "Condition";
  return "Observation";
}

// Of the catalogue: every coded fact, by the kind of resource that carries it.
const std::vector<Query>& queries() {
  static const std::vector<Query> made = [] {
    std::vector<Query> all{{"observations", "Observation", {}, {}},
                           {"conditions", "Condition", {}, {}},
                           {"procedures", "Procedure", {}, {}},
                           {"medications", "MedicationStatement", {}, {}}};
    for (record::FactId id = 0; id < record::facts().size(); ++id) {
      const record::Fact& fact = record::fact(id);
      for (const record::Coding& code : fact.codes) {
        Query& query = *std::find_if(all.begin(), all.end(), [&](const Query& one) {
          return std::string_view(one.resource) == resource_of(fact, code.system);
        });
        const std::string text = fmt::format("{}|{}", code.system, code.code);
        if (std::find(query.codes.begin(), query.codes.end(), text) == query.codes.end())
          query.codes.push_back(text);
        if (query.facts.empty() || query.facts.back() != id) query.facts.push_back(id);
      }
    }
    return all;
  }();
  return made;
}

bool is_partial(const json& bundle) {
  for (const json& link : bundle.value("link", json::array())) {
    if (link.is_object() && link.value("relation", "") == "next") return true;
  }
  return false;
}

// The resources of the prefetch as one bundle that the importer reads.
json gathered(const json& prefetch, const std::string& patient) {
  json entries = json::array();
  bool has_patient = false;
  const auto add = [&](const json& resource) {
    if (!resource.is_object() || !resource.contains("resourceType")) return;
    has_patient = has_patient || resource.value("resourceType", "") == "Patient";
    entries.push_back({{"resource", resource}});
  };
  for (const auto& [key, value] : prefetch.items()) {
    if (!value.is_object()) continue;
    if (value.value("resourceType", "") != "Bundle") {
      add(value);
      continue;
    }
    for (const json& entry : value.value("entry", json::array())) {
      if (entry.is_object() && entry.contains("resource")) add(entry.at("resource"));
    }
  }
  if (!has_patient)
    entries.insert(entries.begin(), json{{"resource", {{"resourceType", "Patient"}, {"id", patient}}}});
  return {{"resourceType", "Bundle"}, {"type", "collection"}, {"entry", std::move(entries)}};
}

struct Facts {
  record::Timeline timeline;
  std::vector<std::string> not_asked;      // keys that the request did not bring
  std::vector<std::string> taken_as_none;  // facts
};

void take_as_none(const Query& query, Day today, Facts& facts) {
  for (const record::FactId id : query.facts) {
    const record::Fact& fact = record::fact(id);
    if (fact.type != record::FactType::event && fact.type != record::FactType::course &&
        fact.type != record::FactType::statement)
      continue;
    const bool is_there = std::any_of(facts.timeline.entries.begin(), facts.timeline.entries.end(),
                                      [&](const record::Entry& entry) { return entry.fact == id; });
    if (is_there) continue;
    record::Entry none;
    none.fact = id;
    none.when = exactly(today);
    none.known_on = today;
    none.value = false;
    none.as_written = "asked, none";
    none.origin = {"prefetch", query.key};
    facts.timeline.entries.push_back(std::move(none));
    facts.taken_as_none.emplace_back(fact.phrase);
  }
}

Facts facts_of(const json& prefetch, const std::string& patient, Day today, const interop::Mapping& mapping) {
  Facts facts;
  facts.timeline.patient = patient;
  interop::ImportOptions options;
  options.read_on = today;
  // Resources about somebody else make a patient of their own, and are left out.
  interop::import_text(
      "prefetch.json", gathered(prefetch, patient).dump(-1, ' ', false, json::error_handler_t::replace),
      mapping,
      [&](record::Timeline&& one) {
        if (one.patient == patient) facts.timeline = std::move(one);
      },
      options);
  for (const Query& query : queries()) {
    const auto found = prefetch.find(query.key);
    if (found == prefetch.end()) {
      facts.not_asked.emplace_back(query.key);
      continue;
    }
    const bool is_bundle = found->is_object() && found->value("resourceType", "") == "Bundle";
    const bool is_asked = found->is_null() || (is_bundle && !is_partial(*found));
    if (is_asked && std::string_view(query.resource) != "Observation") take_as_none(query, today, facts);
  }
  facts.timeline.arrange();
  return facts;
}

std::string uuid_of(const std::string& seed) {
  const std::string hash = sha256_hex(seed);
  return fmt::format("{}-{}-8{}-a{}-{}", hash.substr(0, 8), hash.substr(8, 4), hash.substr(13, 3),
                     hash.substr(17, 3), hash.substr(20, 12));
}

// At most `n` bytes, not ending inside a character.
std::string shortened(std::string text, std::size_t n) {
  if (text.size() < n) return text;
  text.resize(n - 4);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.pop_back();
  return text + "...";
}

void add_rows(const std::vector<engine::Node>& criteria, const std::vector<std::string>& failing,
              std::string& table, std::size_t& n) {
  for (const engine::Node& node : criteria) {
    const bool fails = std::find(failing.begin(), failing.end(), node.id) != failing.end();
    if (!fails && node.answer.truth != Truth::unknown) continue;
    if (++n > most_lines) return;
    std::string sentence = node.sentence;
    std::replace(sentence.begin(), sentence.end(), '|', '/');
    table += fmt::format("| {} {} | {} |\n", node.id, sentence, fails ? "fails" : "unknown");
  }
}

json card_of(const Prepared& question, const Answered& answered, const Facts& facts, const std::string& seed,
             const std::string& base) {
  const engine::Decision& decision = answered.decision;
  const bool is_open = decision.action == engine::Action::give || decision.action == engine::Action::wait;
  std::string table = "| Criterion | Result |\n|---|---|\n";
  std::size_t n = 0;
  add_rows(decision.criteria, decision.failing, table, n);
  if (decision.answer() != nullptr) add_rows(decision.answer()->criteria, decision.failing, table, n);
  std::string detail = fmt::format("**{}** ({}). {}\n\n", engine::name(decision.action),
                                   engine::name(decision.verdict), decision.because);
  if (n > 0) detail += table + "\n";
  if (n > most_lines) detail += "More criteria stand in the decision record.\n\n";
  if (!facts.not_asked.empty())
    detail += fmt::format("Not sent with the request, therefore unknown: {}.\n\n",
                          fmt::join(facts.not_asked, ", "));
  if (!facts.taken_as_none.empty())
    detail += fmt::format(
        "Asked of the record, which holds none, and taken as none: {} facts of the catalogue.\n\n",
        facts.taken_as_none.size());
  detail += fmt::format("As of {}. Protocol status: {}. Research use; not a medical device.",
                        to_text(decision.as_of), protocol::name(decision.protocol_status));
  const std::string link = fmt::format("{}/#/protocols/{}", base, decision.protocol_id);
  return {{"uuid", uuid_of(seed + decision.protocol_id)},
          {"summary", shortened(fmt::format("{} {}: {}: {}", decision.protocol_id, decision.protocol_version,
                                            engine::name(decision.action), decision.because),
                                longest_summary)},
          {"indicator", is_open ? "info" : "warning"},
          {"detail", detail},
          {"source",
           {{"label", fmt::format("Protocol {} {}", question.protocol.id, question.protocol.version)},
            {"url", link}}},
          {"links", json::array({{{"label", "Read the protocol"}, {"url", link}, {"type", "absolute"}}})},
          {"overrideReasons", json::array({{{"system", "urn:graftline:override"},
                                            {"code", "record-not-up-to-date"},
                                            {"display", "The record is not up to date"}},
                                           {{"system", "urn:graftline:override"},
                                            {"code", "board-decision"},
                                            {"display", "Decision of the transplant board"}}})}};
}

// Whether a draft order that was selected is one of donor lymphocytes.
bool orders_lymphocytes(const json& context, const interop::Mapping& mapping) {
  const json drafts = context.value("draftOrders", json::object());
  static const record::FactId infusion = record::fact_id("dli");
  if (!drafts.is_object()) return false;
  for (const json& entry : drafts.value("entry", json::array())) {
    const json resource = entry.is_object() ? entry.value("resource", json::object()) : json::object();
    const json code = resource.is_object() ? resource.value("code", json::object()) : json::object();
    if (!code.is_object()) continue;
    for (const json& coding : code.value("coding", json::array())) {
      if (!coding.is_object()) continue;
      for (const auto& meaning : mapping.meanings(coding.value("system", ""), coding.value("code", ""))) {
        if (meaning.fact == infusion) return true;
      }
    }
  }
  return false;
}

const HookService* find_service(const std::string& id) {
  const auto found =
      std::find_if(services.begin(), services.end(), [&](const HookService& one) { return id == one.id; });
  return found == services.end() ? nullptr : &*found;
}

}  // namespace

std::string Workplace::discovery() const {
  json prefetch{{"patient", "Patient/{{context.patientId}}"}};
  for (const Query& query : queries()) {
    if (!query.codes.empty())
      prefetch[query.key] =
          fmt::format("{}?{}={{{{context.patientId}}}}&code={}", query.resource,
                      std::string_view(query.resource) == "MedicationStatement" ? "patient" : "patient",
                      fmt::join(query.codes, ","));
  }
  json all = json::array();
  for (const HookService& one : services) {
    all.push_back({{"hook", one.hook},
                   {"id", one.id},
                   {"title", one.title},
                   {"description",
                    "What each protocol of this server says about a donor lymphocyte infusion, with its "
                    "reasons. Research use; the clinician decides."},
                   {"prefetch", prefetch},
                   {"usageRequirements",
                    "Bags are not searchable in FHIR R4: which bag to give is answered on the pages."}});
  }
  return printed({{"services", all}});
}

Result<Reply> Workplace::cards(const Permit<Task::cds_hooks>& permit, const std::string& id,
                               std::string_view body, const std::string& base) {
  const HookService* hook = find_service(id);
  if (hook == nullptr) return Error{ErrorKind::not_found, "no such service; GET /cds-services lists them"};
  const json request = json::parse(body, nullptr, false);
  if (!request.is_object()) return malformed("body: expected a JSON object in UTF-8");
  const json name = request.value("hook", json());
  if (name != hook->hook) return malformed(fmt::format("hook: expected {}", hook->hook));
  const json instance = request.value("hookInstance", json());
  if (!instance.is_string() || instance.get<std::string>().empty())
    return malformed("hookInstance: expected a UUID");
  const json context = request.value("context", json());
  if (!context.is_object()) return malformed("context: expected an object");
  json prefetch = request.value("prefetch", json::object());
  if (prefetch.is_null()) prefetch = json::object();
  if (!prefetch.is_object()) return malformed("prefetch: expected an object");
  std::string patient =
      context.value("patientId", json()).is_string() ? context.at("patientId").get<std::string>() : "";
  const json about = prefetch.value("patient", json());
  if (patient.empty() && about.is_object() && about.value("id", json()).is_string())
    patient = about.at("id").get<std::string>();
  json cards = json::array();
  const bool is_order = std::string_view(hook->hook) != "patient-view";
  // Whom it is about was not said, or the order is of something else: no advice.
  if (patient.empty() || (is_order && !orders_lymphocytes(context, state_->mapping)))
    return Reply{printed({{"cards", cards}}), 0, false};
  const Day today = permit.occasion().today;
  const Facts facts = facts_of(prefetch, patient, today, state_->mapping);
  json shown = json::array();
  for (Prepared question : state_->prepared_in_order()) {
    question.question.as_of = today;
    const Answered answered = answer(question.protocol, facts.timeline, question.question);
    if (answered.decision.action == engine::Action::outside) continue;
    json card = card_of(question, answered, facts, instance.get<std::string>() + patient, base);
    shown.push_back({{"card", card.at("uuid")},
                     {"protocol", question.protocol.id},
                     {"decision", engine::name(answered.decision.action)}});
    cards.push_back(std::move(card));
  }
  const std::string known = is_id(patient) ? patient : "";
  if (auto problem = state_->seen(
          permit, "cards", known, known, permit.actor().site,
          {{"service", id}, {"hook_instance", instance.get<std::string>().substr(0, 64)}, {"cards", shown}}))
    return *problem;
  return Reply{printed({{"cards", cards}}), 0, false};
}

Result<Reply> Workplace::feedback(const Permit<Task::cds_hooks>& permit, const std::string& id,
                                  std::string_view body) {
  if (find_service(id) == nullptr)
    return Error{ErrorKind::not_found, "no such service; GET /cds-services lists them"};
  const json request = json::parse(body, nullptr, false);
  const json all = request.is_object() ? request.value("feedback", json()) : json();
  constexpr std::size_t most = 100;
  if (!all.is_array() || all.empty() || all.size() > most)
    return malformed("feedback: expected a list of 1 to 100");
  store::Group group;
  for (const json& one : all) {
    const auto text = [&](const char* field) {
      return one.is_object() && one.value(field, json()).is_string() ? one.at(field).get<std::string>()
                                                                     : std::string();
    };
    const std::string card = text("card");
    const std::string outcome = text("outcome");
    if (!is_id(card)) return malformed("feedback.card: expected the uuid of a card");
    if (outcome != "accepted" && outcome != "overridden")
      return malformed("feedback.outcome: expected accepted or overridden");
    if (text("outcomeTimestamp").empty()) return malformed("feedback.outcomeTimestamp: expected an instant");
    if (outcome == "accepted" && !one.value("acceptedSuggestions", json()).is_array())
      return malformed("feedback.acceptedSuggestions: expected a list");
    json payload{
        {"service", id}, {"outcome", outcome}, {"outcome_timestamp", text("outcomeTimestamp").substr(0, 64)}};
    const json reason = one.value("overrideReason", json());
    if (reason.is_object()) {
      const json coding = reason.value("reason", json());
      if (coding.is_object() && coding.value("code", json()).is_string())
        payload["reason"] = coding.at("code");
      if (reason.value("userComment", json()).is_string()) payload["comment"] = reason.at("userComment");
    }
    group.events.push_back(state_->event(permit, "card." + outcome, card, payload));
  }
  const auto done = state_->store.append(std::move(group));
  if (!done) return unavailable(done.error());
  return Reply{"{}", 0, false};
}

}  // namespace graftline::service
