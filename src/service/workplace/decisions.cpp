// What protocols say about a stored patient, and signatures under it.
#include <fmt/format.h>

#include "core/sha256.h"
#include "report/decision_json.h"
#include "report/decision_text.h"
#include "service/answer.h"
#include "service/protocols.h"
#include "service/render.h"
#include "service/stock_plan.h"
#include "service/when.h"
#include "service/workplace/state.h"

namespace graftline::service {

json signature_json(const store::Item& item) {
  json made = json::parse(item.body);
  made["id"] = item.id;
  made["patient"] = item.patient;
  made["who"] = item.first_who;
  made["at"] = item.first_at;
  if (!made.contains("lifted_by")) made["lifted_by"] = nullptr;
  return made;
}

namespace {

struct Told {
  Answered answered;
  json decision;
  std::string fingerprint;
};

Told tell(const Prepared& question, const record::Timeline& timeline) {
  Told told;
  told.answered = answer(question.protocol, timeline, question.question);
  const std::string text =
      report::to_json(told.answered.decision, told.answered.plan, question.protocol, false);
  told.decision = json::parse(text);
  told.fingerprint = sha256_hex(nlohmann::json::parse(text).dump());
  return told;
}

}  // namespace

Result<Reply> Workplace::decision(const Permit<Task::read_patients>& permit, const std::string& id,
                                  const Asked& asked) {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const auto questions = state_->questions(permit, asked);
  if (!questions) return questions.error();
  const Day as_of = asked.as_of.value_or(permit.occasion().today);
  const Day known_on = asked.known_on.value_or(as_of);
  const auto timeline = state_->timeline(*item, known_on);
  if (!timeline) return timeline.error();
  json answers = json::array();
  json shown = json::array();
  for (const Prepared& one : *questions) {
    Told told = tell(one, **timeline);
    shown.push_back({{"protocol", one.protocol.id + " " + one.protocol.version},
                     {"verdict", told.decision.at("verdict")},
                     {"decision", told.decision.at("decision")},
                     {"fingerprint", told.fingerprint}});
    std::vector<Answered> one_answer;
    one_answer.push_back(std::move(told.answered));
    answers.push_back({{"fingerprint", told.fingerprint},
                       {"decision", std::move(told.decision)},
                       {"text", render(one_answer, {one}, View::decision, false, false)},
                       {"protocol_text", state_->text_of(one.protocol)}});
  }
  auto hold = state_->hold(id);
  if (!hold) return hold.error();
  if (auto problem =
          state_->seen(permit, "decision", id, id, item->site,
                       {{"as_of", to_text(as_of)}, {"known_on", to_text(known_on)}, {"answers", shown}}))
    return *problem;
  return Reply{printed({{"patient", id},
                        {"as_of", to_text(as_of)},
                        {"known_on", to_text(known_on)},
                        {"hold", std::move(*hold)},
                        {"answers", std::move(answers)}}),
               item->seq, false};
}

Result<Reply> Workplace::when(const Permit<Task::read_patients>& permit, const std::string& id,
                              const Asked& asked) {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  const auto question = state_->question(permit, asked);
  if (!question) return question.error();
  const auto timeline = state_->timeline(*item, asked.known_on.value_or(permit.occasion().today));
  if (!timeline) return timeline.error();
  WhenQuestion over;
  over.first = asked.from;
  over.last = asked.to;
  over.known_on = asked.known_on;
  const auto series = service::when(*question, **timeline, over);
  if (!series) return series.error();
  if (auto problem = state_->seen(permit, "when", id, id, item->site, {{"protocol", question->protocol.id}}))
    return *problem;
  return Reply{to_text(id, *question, *series, WhenFormat::json), item->seq, false};
}

namespace {

// The plan with bags out of the stock; `what` is written into the log.
Result<Reply> planned(Workplace::State& state, const AnyPermit& permit, const std::string& id,
                      const Asked& asked, const char* what) {
  const auto item = state.patient(permit, id);
  if (!item) return item.error();
  const auto question = state.question(permit, asked);
  if (!question) return question.error();
  const Day known_on = asked.known_on.value_or(question->question.as_of);
  const auto timeline = state.timeline(*item, known_on);
  if (!timeline) return timeline.error();
  const Answered answered = answer(question->protocol, **timeline, question->question);
  auto bags = state.bags();
  if (!bags) return bags.error();
  const auto plan = plan_with_bags(answered, **timeline, *question, std::move(*bags), state.site_values,
                                   product::usual_order);
  if (auto problem = state.seen(permit, what, id, id, item->site,
                                {{"protocol", question->protocol.id}, {"headline", plan.headline}}))
    return *problem;
  return Reply{to_json(plan, answered, *question), item->seq, false};
}

}  // namespace

Result<Reply> Workplace::plan(const Permit<Task::read_patients>& permit, const std::string& id,
                              const Asked& asked) {
  return planned(*state_, permit, id, asked, "plan");
}
Result<Reply> Workplace::bags_for(const Permit<Task::read_stock>& permit, const std::string& id,
                                  const Asked& asked) {
  return planned(*state_, permit, id, asked, "bags");
}

Result<Reply> Workplace::signatures(const Permit<Task::read_patients>& permit, const std::string& id,
                                    const Asked& asked) {
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  store::ItemQuery query;
  query.kind = "decision";
  query.patient = id;
  query.newest_first = true;
  query.offset = asked.offset;
  query.limit = asked.limit;
  const auto page = state_->store.items(query);
  if (!page) return unavailable(page.error());
  if (auto problem = state_->seen(permit, "signatures", id, id, item->site, json::object())) return *problem;
  return Reply{printed(page_json<store::Item>(page->rows, page->total, asked, signature_json)), 0, false};
}

Result<Reply> Workplace::sign(const Permit<Task::sign_decision>& permit, const std::string& id,
                              std::string_view body) {
  auto fields = Fields::of(body, {"protocol", "as_of", "known_on", "strategy", "fingerprint", "meaning",
                                  "reason", "lifts", "password"});
  if (!fields) return fields.error();
  const auto item = state_->patient(permit, id);
  if (!item) return item.error();
  Asked asked;
  asked.protocols = {fields->required("protocol")};
  asked.as_of = fields->day("as_of");
  asked.known_on = fields->day("known_on");
  asked.strategy = fields->text("strategy");
  const std::string fingerprint = fields->required("fingerprint");
  const std::string meaning = fields->required("meaning");
  const std::string lifts = fields->text("lifts");
  const bool is_hold = meaning == "hold";
  const std::string reason = is_hold || !lifts.empty() ? fields->required("reason") : fields->text("reason");
  if (!asked.as_of) fields->wrong("as_of", "the day of the decision that was shown");
  if (meaning != "review" && meaning != "approval" && meaning != "responsibility" && !is_hold)
    fields->wrong("meaning", "review, approval, responsibility or hold");
  const std::string password = fields->required("password");
  if (fields->error()) return *fields->error();
  const auto is_right = is_password(permit.actor().account, password);
  if (!is_right) return is_right.error();
  if (!*is_right) return Error{ErrorKind::conflict, "password: not the password of the signed-in account"};
  const auto question = state_->question(permit, asked);
  if (!question) return question.error();
  const Day known_on = asked.known_on.value_or(*asked.as_of);
  return state_->once(
      permit,
      [&]() -> Result<store::Group> {
        const auto timeline = state_->timeline(*item, known_on);
        if (!timeline) return timeline.error();
        const Told told = tell(*question, **timeline);
        if (told.fingerprint != fingerprint)
          return Error{
              ErrorKind::conflict,
              "fingerprint: the decision is no longer what was shown; look at it again before signing"};
        const json payload{{"protocol", question->protocol.id + " " + question->protocol.version},
                           {"protocol_sha256", told.decision.at("protocol").at("sha256")},
                           {"as_of", to_text(*asked.as_of)},
                           {"known_on", to_text(known_on)},
                           {"fingerprint", fingerprint},
                           {"verdict", told.decision.at("verdict")},
                           {"decision", told.decision.at("decision")},
                           {"because", told.decision.at("because")},
                           {"meaning", meaning},
                           {"reason", reason},
                           {"full_name", permit.actor().full_name}};
        store::NewEvent event = state_->event_about(permit, *item, "decision.signed", "", payload);
        event.why = reason;
        store::Group group{{std::move(event)}, {{"patient", id, item->seq}}};
        if (!lifts.empty()) {
          const auto held = state_->item("decision", lifts);
          if (!held || held->patient != id)
            return Error{ErrorKind::not_found, "lifts: no such signature of this patient"};
          store::NewEvent lifted = state_->event_about(permit, *item, "decision.lifted", lifts,
                                                       {{"lifted_by", permit.actor().account}});
          lifted.why = reason;
          group.events.push_back(std::move(lifted));
        }
        return group;
      },
      [&](const std::vector<store::Event>& events) -> Result<Reply> {
        const auto made = state_->item("decision", events.front().subject);
        if (!made) return made.error();
        return Reply{printed(signature_json(*made)), made->seq, false};
      });
}

}  // namespace graftline::service
