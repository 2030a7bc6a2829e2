// Protocols, calculators and the catalogue: what needs no patient.
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>

#include "service/calculators.h"
#include "service/catalogue.h"
#include "service/difference.h"
#include "service/products.h"
#include "service/protocols.h"
#include "service/verification.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

// The fields of a calculator, by the names of the command's options with _ for -.
class Values {
 public:
  explicit Values(const json& body) : body_(body) {}
  void note(std::string_view name, std::string_view kind) {
    fields.push_back({{"name", name}, {"kind", kind}});
  }
  Typed text(const char* name) {
    note(name, "text");
    const auto found = body_.find(name);
    if (found == body_.end() || found->is_null()) return std::nullopt;
    if (!found->is_string() || found->get<std::string>().size() > 200) {
      if (!error) error = malformed(fmt::format("{}: expected a text of at most 200 bytes", name));
      return std::nullopt;
    }
    return found->get<std::string>();
  }
  std::string word(const char* name, const char* otherwise = "") { return text(name).value_or(otherwise); }
  std::vector<std::string> list(const char* name) {
    note(name, "list");
    const auto found = body_.find(name);
    if (found == body_.end() || found->is_null()) return {};
    const bool is_list = found->is_array() && found->size() <= 200 &&
                         std::all_of(found->begin(), found->end(), [](const json& one) {
                           return one.is_string() && one.get<std::string>().size() <= 200;
                         });
    if (!is_list) {
      if (!error) error = malformed(fmt::format("{}: expected a list of texts", name));
      return {};
    }
    return found->get<std::vector<std::string>>();
  }
  bool flag(const char* name) {
    note(name, "switch");
    const auto found = body_.find(name);
    if (found == body_.end() || found->is_null()) return false;
    if (!found->is_boolean()) {
      if (!error) error = malformed(fmt::format("{}: expected true or false", name));
      return false;
    }
    return found->get<bool>();
  }

  json fields = json::array();
  std::optional<Error> error;

 private:
  const json& body_;
};

// Reading the fields and calculating are apart, so that the fields can be listed without a calculation.
using Work = std::function<Result<json>()>;
struct Calculator {
  const char* name;
  const char* summary;
  Work (*read)(Values& values, const std::string& site_file);
};

Result<json> spoken(const Result<Calculation>& made) {
  if (!made) return made.error();
  return json{{"sound", true}, {"text", to_text(*made)}, {"answer", json::parse(to_json(*made))}};
}
template <class Function, class Options> Result<json> said(const Function& function, const Options& options) {
  const Result<Printed> words = function(options, false);
  if (!words) return words.error();
  const Result<Printed> data = function(options, true);
  if (!data) return data.error();
  return json{{"sound", words->is_sound}, {"text", words->text}, {"answer", json::parse(data->text)}};
}

Work acute_gvhd(Values& v, const std::string&) {
  AcuteGvhdRequest r;
  r.criteria = v.word("criteria", "magic");
  r.is_child = v.flag("child");
  r.weight = v.text("weight");
  r.skin = v.text("skin");
  r.liver = v.text("liver");
  r.upper_gi = v.text("upper_gi");
  r.lower_gi = v.text("lower_gi");
  r.others = v.text("others");
  r.skin_bsa = v.text("skin_bsa");
  r.bullae = v.text("bullae");
  r.bilirubin = v.text("bilirubin");
  r.stool = v.list("stool");
  r.episodes = v.text("episodes");
  r.is_mixed_with_urine = v.flag("mixed_with_urine");
  r.severe_pain = v.text("severe_pain");
  r.ileus = v.text("ileus");
  r.bloody_stool = v.text("bloody_stool");
  r.upper_gi_biopsy = v.text("upper_gi_biopsy");
  r.liver_has_other_cause = v.flag("liver_other_cause");
  r.diarrhea_has_other_cause = v.flag("diarrhea_other_cause");
  r.performance = v.text("performance");
  return [r] { return spoken(grade_acute_gvhd(r)); };
}

Work chronic_gvhd(Values& v, const std::string&) {
  ChronicGvhdRequest r;
  const std::pair<const char*, Typed ChronicGvhdRequest::*> fields[] = {
      {"skin", &ChronicGvhdRequest::skin},
      {"mouth", &ChronicGvhdRequest::mouth},
      {"eyes", &ChronicGvhdRequest::eyes},
      {"gi", &ChronicGvhdRequest::gi},
      {"liver", &ChronicGvhdRequest::liver},
      {"lung", &ChronicGvhdRequest::lung},
      {"joints", &ChronicGvhdRequest::joints},
      {"genital", &ChronicGvhdRequest::genital},
      {"others", &ChronicGvhdRequest::others},
      {"skin_bsa", &ChronicGvhdRequest::skin_bsa},
      {"sclerosis", &ChronicGvhdRequest::sclerosis},
      {"fev1", &ChronicGvhdRequest::fev1},
      {"dyspnea", &ChronicGvhdRequest::dyspnea},
      {"bilirubin", &ChronicGvhdRequest::bilirubin},
      {"bilirubin_upper_limit", &ChronicGvhdRequest::bilirubin_upper_limit},
      {"alt", &ChronicGvhdRequest::alt},
      {"alt_upper_limit", &ChronicGvhdRequest::alt_upper_limit},
      {"alp", &ChronicGvhdRequest::alp},
      {"alp_upper_limit", &ChronicGvhdRequest::alp_upper_limit},
      {"eye_symptoms", &ChronicGvhdRequest::eye_symptoms},
      {"eye_drops", &ChronicGvhdRequest::eye_drops},
      {"gi_symptoms", &ChronicGvhdRequest::gi_symptoms},
      {"weight_loss", &ChronicGvhdRequest::weight_loss}};
  for (const auto& [name, field] : fields) r.*field = v.text(name);
  return [r] { return spoken(grade_chronic_gvhd(r)); };
}

Work egfr(Values& v, const std::string&) {
  EgfrRequest r;
  r.equation = v.word("equation");
  r.sex = v.text("sex");
  r.age = v.text("age");
  r.creatinine = v.text("creatinine");
  r.weight = v.text("weight");
  r.height = v.text("height");
  r.with_black_race_coefficient = v.flag("with_black_race_coefficient");
  return [r] { return spoken(estimate_gfr(r)); };
}

Work uln(Values& v, const std::string&) {
  UpperLimitRequest r{v.word("value"), v.text("upper_limit"), v.text("limit"), v.text("molar_mass")};
  return [r] { return spoken(compare_with_upper_limit(r)); };
}

Work chimerism(Values& v, const std::string&) {
  ChimerismRequest r;
  r.lineages = v.list("lineages");
  r.series = v.list("series");
  r.is_recipient = v.flag("recipient");
  r.full_above = v.text("full_above");
  r.absent_below = v.text("absent_below");
  r.step = v.text("step");
  r.n_steps = v.text("n_steps");
  r.min_gap_days = v.text("min_gap_days");
  r.single_drop = v.text("single_drop");
  return [r] { return spoken(classify_chimerism(r)); };
}

Work mrd(Values& v, const std::string&) {
  MrdRequest r{v.list("samples"), v.list("methods"), v.text("n_consecutive"), v.text("min_gap_days"),
               v.text("n_methods_in_one_sample")};
  return [r] { return spoken(judge_residual_disease(r)); };
}

LadderRequest ladder(Values& v) {
  LadderRequest request;
  request.doses = v.list("doses");
  request.weight = v.text("weight");
  return request;
}

Work split_bags(Values& v, const std::string& site_file) {
  SplitOptions r;
  r.ladder = ladder(v);
  r.site_file = site_file;
  r.values = v.list("set");
  r.product = v.text("product");
  r.kind = v.text("kind");
  r.recovery = v.text("recovery");
  r.dmso = v.text("dmso");
  r.freeze_at = v.text("freeze_at");
  r.age = v.text("age");
  r.fills = v.text("fills");
  r.reserve = v.text("reserve");
  r.upper_ends = v.flag("upper_ends");
  r.fewest_thaws_first = v.flag("fewest_thaws_first");
  return [r] { return said(split, r); };
}

Work collect_cells(Values& v, const std::string& site_file) {
  CollectRequest r;
  r.ladder = ladder(v);
  r.site_file = site_file;
  r.values = v.list("set");
  r.wbc = v.text("wbc");
  r.lymphocytes = v.text("lymphocytes");
  r.cd3 = v.text("cd3");
  r.mnc = v.text("mnc");
  r.cd3_count = v.text("cd3_count");
  r.mnc_count = v.text("mnc_count");
  r.efficiency = v.text("efficiency");
  r.recovery = v.text("recovery");
  r.donor_weight = v.text("donor_weight");
  r.donor_blood_volume = v.text("donor_blood_volume");
  r.volume = v.text("volume");
  r.collected = v.text("collected");
  return [r] { return said(collect, r); };
}

Work dose_volume(Values& v, const std::string& site_file) {
  DoseOptions r;
  r.ladder = ladder(v);
  r.site_file = site_file;
  r.values = v.list("set");
  r.product = v.text("product");
  r.governing = v.text("governing");
  r.frozen = v.text("frozen");
  r.dmso = v.text("dmso");
  r.age = v.text("age");
  r.abo = v.text("abo");
  r.red_cells = v.text("red_cells");
  r.prepared_weight = v.text("prepared_weight");
  return [r] { return said(dose_to_volume, r); };
}

constexpr std::array rows{
    Calculator{"acute-gvhd", "acute GVHD: organ stages and overall grade", acute_gvhd},
    Calculator{"chronic-gvhd", "chronic GVHD: organ scores and overall severity", chronic_gvhd},
    Calculator{"egfr", "kidney function by a named equation", egfr},
    Calculator{"uln", "a laboratory value as a multiple of its upper limit of normal", uln},
    Calculator{"chimerism", "donor chimerism: class over lineages, falling or not", chimerism},
    Calculator{"mrd", "measurable residual disease by a rule of samples and methods", mrd},
    Calculator{"split", "what to freeze: bags for a ladder, within every limit, or the best there is",
               split_bags},
    Calculator{"collect", "how much donor blood to process, or what a volume yields", collect_cells},
    Calculator{"dose", "from a dose to millilitres of a product, with limits checked", dose_volume},
};

json summary_json(const protocol::Protocol& protocol) {
  return {
      {"id", protocol.id},       {"version", protocol.version}, {"status", protocol::name(protocol.status)},
      {"title", protocol.title}, {"sha256", protocol.sha256},   {"file", protocol.file}};
}

// MAGIC as clinical/acute_gvhd.h stages it; the criteria in the words of that header's source.
struct Stage {
  const char* stage;
  const char* english;
  const char* chinese;
};
struct Organ {
  const char* organ;
  const char* fact;
  std::array<Stage, 5> stages;
};
constexpr std::array magic{
    Organ{"skin",
          "agvhd_skin",
          {{{"0", "no active erythematous rash", "无活动性红斑皮疹"},
            {"1", "rash below 25 % of the body surface", "皮疹小于体表面积 25 %"},
            {"2", "rash 25 to 50 %", "皮疹 25 至 50 %"},
            {"3", "rash above 50 %", "皮疹大于 50 %"},
            {"4", "erythroderma (above 50 %) with bullae and desquamation of more than 5 %",
             "全身红皮病（大于 50 %）伴水疱及超过 5 % 的脱屑"}}}},
    Organ{"liver",
          "agvhd_liver",
          {{{"0", "bilirubin below 2 mg/dL", "胆红素低于 2 mg/dL"},
            {"1", "bilirubin 2 to 3 mg/dL", "胆红素 2 至 3 mg/dL"},
            {"2", "bilirubin 3.1 to 6 mg/dL", "胆红素 3.1 至 6 mg/dL"},
            {"3", "bilirubin 6.1 to 15 mg/dL", "胆红素 6.1 至 15 mg/dL"},
            {"4", "bilirubin above 15 mg/dL", "胆红素高于 15 mg/dL"}}}},
    Organ{"upper GI",
          "agvhd_upper_gi",
          {{{"0", "no or intermittent nausea, vomiting or anorexia", "无或间歇性恶心、呕吐或厌食"},
            {"1", "persistent nausea, vomiting or anorexia", "持续性恶心、呕吐或厌食"},
            {"", "", ""},
            {"", "", ""},
            {"", "", ""}}}},
    Organ{
        "lower GI",
        "agvhd_lower_gi",
        {{{"0", "adult: stool below 500 mL a day or fewer than 3 episodes",
           "成人：腹泻量每日低于 500 mL 或少于 3 次"},
          {"1", "adult: 500 to 999 mL a day or 3 to 4 episodes", "成人：每日 500 至 999 mL 或 3 至 4 次"},
          {"2", "adult: 1,000 to 1,500 mL a day or 5 to 7 episodes",
           "成人：每日 1,000 至 1,500 mL 或 5 至 7 次"},
          {"3", "adult: above 1,500 mL a day or more than 7 episodes", "成人：每日高于 1,500 mL 或多于 7 次"},
          {"4", "severe abdominal pain with or without ileus, or grossly bloody stool, whatever the volume",
           "严重腹痛伴或不伴肠梗阻，或肉眼血便，不论腹泻量"}}}}};

}  // namespace

Result<Reply> Workplace::about(const Permit<Task::session>& permit) const {
  json protocols = json::array();
  for (const Prepared& one : state_->prepared_in_order()) protocols.push_back(summary_json(one.protocol));
  json roles = json::object();
  for (int i = 0; i < role_count; ++i) {
    const auto role = static_cast<Role>(i);
    roles[std::string(name(role))] = json::array();
    for (const Task task : tasks_of(role)) roles[std::string(name(role))].push_back(name(task));
  }
  json sites = json::array();
  if (!permit.actor().site.empty()) sites.push_back(permit.actor().site);
  return Reply{
      printed({{"version", state_->options.version},
               {"research_use",
                {{"en",
                  "Research use. Not a medical device; every dose must be checked against the source "
                  "protocol by a qualified clinician."},
                 {"zh", "仅供研究使用。不是医疗器械；每一剂量须由合格的临床医师对照原始方案核对。"}}},
               {"today", to_text(permit.occasion().today)},
               {"protocols", protocols},
               {"sites", sites},
               {"roles", roles},
               {"demo", state_->options.is_demo}}),
      0, false};
}

std::vector<Prepared> Workplace::State::prepared_in_order() const {
  std::vector<Prepared> found;
  for (const std::string& id : options.protocols) found.push_back(library.at(id));
  return found;
}

Result<Reply> Workplace::calculators(const Permit<Task::calculate>&) const {
  json items = json::array();
  for (const Calculator& one : rows) {
    const json nothing = json::object();
    Values values(nothing);
    one.read(values, "");
    items.push_back({{"name", one.name}, {"summary", one.summary}, {"fields", values.fields}});
  }
  return Reply{printed(items), 0, false};
}

Result<Reply> Workplace::calculate(const Permit<Task::calculate>&, const std::string& wanted,
                                   std::string_view text) const {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Calculator& one) { return one.name == wanted; });
  if (row == rows.end()) return Error{ErrorKind::not_found, "no such calculator"};
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object()) return malformed("body: expected a JSON object in UTF-8");
  Values values(body);
  const Work work = row->read(values, state_->options.site_file);
  if (values.error) return *values.error;
  for (const auto& [field, value] : body.items()) {
    const bool is_known = std::any_of(values.fields.begin(), values.fields.end(),
                                      [&](const json& one) { return one.at("name") == field; });
    if (!is_known)
      return malformed("body: a field that this calculator does not have; GET /api/calculators lists them");
  }
  const auto made = work();
  if (!made) return made.error();
  return Reply{printed(*made), 0, false};
}

Result<Reply> Workplace::gvhd_steps(const Permit<Task::calculate>&, const Asked& asked) const {
  if (!asked.criteria.empty() && asked.criteria != "magic")
    return Error{ErrorKind::unsupported,
                 "criteria: steps are offered for magic; grade the others with the calculator acute-gvhd"};
  json steps = json::array();
  for (const Organ& organ : magic) {
    json stages = json::array();
    for (const Stage& stage : organ.stages) {
      if (*stage.stage != '\0')
        stages.push_back(
            {{"stage", stage.stage}, {"text", asked.language == "zh" ? stage.chinese : stage.english}});
    }
    steps.push_back({{"organ", organ.organ}, {"fact", organ.fact}, {"stages", stages}});
  }
  return Reply{printed({{"criteria", "magic"},
                        {"source", "Harris 2016 as printed in the EBMT Handbook 2024, chapter 43"},
                        {"steps", steps}}),
               0, false};
}

Result<Reply> Workplace::facts(const Permit<Task::calculate>&, const Asked& asked) const {
  const auto facts = show_facts(asked.words, true);
  if (!facts) return facts.error();
  const json read = json::parse(*facts);
  json listed = read.is_object() && read.contains("facts") ? read.at("facts") : read;
  if (!listed.is_array()) listed = json::array({listed});
  return Reply{printed({{"facts", std::move(listed)}}), 0, false};
}

Result<Reply> Workplace::protocols(const Permit<Task::read_protocols>&) const {
  json items = json::array();
  for (const auto& [id, one] : state_->library) items.push_back(summary_json(one.protocol));
  return Reply{printed({{"items", items}}), 0, false};
}

Result<Reply> Workplace::protocol(const Permit<Task::read_protocols>&, const std::string& id) const {
  const auto found = state_->library.find(id);
  if (found == state_->library.end()) return Error{ErrorKind::not_found, "no such protocol"};
  const protocol::Protocol& protocol = found->second.protocol;
  json made = summary_json(protocol);
  made["text"] = state_->text_of(protocol);
  const auto summary = show_protocol(protocol.file, state_->options.protocol_folders, ProtocolView::summary);
  if (!summary) return summary.error();
  made["summary"] = *summary;
  const auto document = show_protocol(protocol.file, state_->options.protocol_folders, ProtocolView::json);
  if (!document) return document.error();
  made["document"] = json::parse(*document);
  return Reply{printed(made), 0, false};
}

std::string Workplace::State::text_of(const protocol::Protocol& protocol) const {
  std::ifstream file(protocol.file, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<Reply> Workplace::verification(const Permit<Task::read_protocols>&, const std::string& id) const {
  const auto found = state_->library.find(id);
  if (found == state_->library.end()) return Error{ErrorKind::not_found, "no such protocol"};
  const auto verified = verify_protocols({found->second.protocol.file}, state_->options.protocol_folders, {});
  if (!verified) return verified.error();
  return Reply{to_json(*verified), 0, false};
}

Result<Reply> Workplace::difference(const Permit<Task::read_protocols>&, const std::string& id,
                                    const Asked& asked) const {
  const auto before = state_->library.find(id);
  const auto after = state_->library.find(asked.with);
  if (before == state_->library.end() || after == state_->library.end())
    return Error{ErrorKind::not_found, "no such protocol"};
  return Reply{to_json(service::difference(before->second.protocol, after->second.protocol)), 0, false};
}

}  // namespace graftline::service
