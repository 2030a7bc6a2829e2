#include "service/forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/evaluate.h"
#include "interop/csv/stock.h"
#include "record/view.h"
#include "report/decision_text.h"
#include "report/dose_text.h"
#include "report/form.h"
#include "report/product_report.h"
#include "service/ladder.h"

namespace graftline::service {
namespace {

using report::Form;
using report::FormLine;
using State = FormLine::State;

// Everything a form of one patient is filled from.
struct Known {
  record::Timeline timeline;
  Prepared prepared;
  Answered answered;
  std::optional<StockPlan> bags;
  std::vector<product::Bag> stock;
  const engine::PlannedInfusion* next() const {
    return answered.plan.infusions.empty() ? nullptr : &answered.plan.infusions.front();
  }
  const product::Proposal* proposal() const {
    if (!bags || bags->infusions.empty() || bags->infusions.front().proposals.ranked.empty()) return nullptr;
    return &bags->infusions.front().proposals.ranked.front();
  }
  const product::Bag* bag(std::string_view id) const {
    const auto at =
        std::find_if(stock.begin(), stock.end(), [&](const product::Bag& one) { return one.id == id; });
    return at == stock.end() ? nullptr : &*at;
  }
};

FormLine filled(std::string label, std::string value, std::string note = "") {
  if (value.empty()) return {std::move(label), "", State::to_fill, std::move(note)};
  return {std::move(label), std::move(value), State::filled, std::move(note)};
}
FormLine blank(std::string label, std::string note = "") {
  return {std::move(label), "", State::to_fill, std::move(note)};
}
FormLine tick(std::string label, std::string note = "") {
  return {std::move(label), "", State::to_tick, std::move(note)};
}
// A value that is compared with what is at hand, and ticked; blank when it is not known.
FormLine compared(std::string label, std::string value) {
  if (value.empty()) return blank(std::move(label));
  return {std::move(label), std::move(value), State::to_tick, ""};
}

// A column of the stock as people call it.
struct BagLine {
  std::string_view column, label;
};
constexpr std::array<BagLine, 19> bag_lines{{{"donor", "Donor"},
                                             {"collected_at", "Collected"},
                                             {"collection_method", "Donor's mobilisation"},
                                             {"volume_ml", "Volume, mL"},
                                             {"tnc", "Nucleated cells in the bag"},
                                             {"cd3", "CD3+ cells in the bag"},
                                             {"cd3_percent", "CD3+ cells, % of nucleated cells"},
                                             {"count_basis", "Counts are of cells"},
                                             {"viability_percent", "Viability, %"},
                                             {"viability_method", "Viability measured by"},
                                             {"rbc_ml", "Red cells, mL"},
                                             {"dmso_percent", "DMSO, % by volume"},
                                             {"additive", "Additive"},
                                             {"planned_dose", "Filled for the dose"},
                                             {"planned_weight_kg", "Filled for the weight, kg"},
                                             {"frozen_at", "Frozen"},
                                             {"expires", "Expires"},
                                             {"location", "Kept in"},
                                             {"infused_ml", "Given, mL"}}};

// Of the columns named, those that the bag has; with `blanks` also those that it has not.
void add_bag_lines(const product::Bag& bag, std::initializer_list<std::string_view> columns, bool blanks,
                   report::FormSection& section) {
  for (const product::BagColumn& column : product::bag_columns()) {
    if (std::find(columns.begin(), columns.end(), column.name) == columns.end()) continue;
    const auto line = std::find_if(bag_lines.begin(), bag_lines.end(),
                                   [&](const BagLine& one) { return one.column == column.name; });
    ensure(line != bag_lines.end(), "a column that forms show has words");
    std::string value = column.get(bag);
    if (column.name == "tnc" && bag.tnc) value = product::power_of_ten(to_rational(*bag.tnc));
    if (column.name == "cd3" && bag.cd3) value = product::power_of_ten(to_rational(*bag.cd3));
    if (column.name == "planned_dose" && !value.empty()) {
      if (const auto dose = product::parse_dose(value)) value = product::to_text(*dose);
    }
    // The share says it too.
    if (value.empty() && column.name == "cd3" && bag.tnc && bag.cd3_percent) {
      value = product::power_of_ten(Rational(to_rational(*bag.tnc) * to_rational(*bag.cd3_percent) / 100));
    }
    if (!value.empty() || blanks) section.lines.push_back(filled(std::string(line->label), std::move(value)));
  }
}

std::string_view heading_of(product::Finding::Form form) {
  switch (form) {
    case product::Finding::Form::limit:
      return "Limit broken";
    case product::Finding::Form::asked:
      return "To be clarified";
    case product::Finding::Form::caution:
      return "Look twice";
    case product::Finding::Form::assumption:
      return "Assumed";
    case product::Finding::Form::met:
      return "Checked";
  }
  return "";
}

std::string about_of(const Known& known) {
  const engine::Decision& decision = known.answered.decision;
  return fmt::format("Patient {}; protocol {} {} ({}), sha256 {}; as of {}", decision.patient,
                     decision.protocol_id, decision.protocol_version,
                     protocol::name(decision.protocol_status), decision.protocol_sha256.substr(0, 12),
                     to_text(decision.as_of));
}

std::string dates_of(const engine::Dates& dates) {
  std::string text;
  if (dates.earliest) text += "not before " + to_text(*dates.earliest);
  if (dates.recommended_first && dates.recommended_last)
    text += fmt::format("{}recommended {} to {}", text.empty() ? "" : "; ", to_text(*dates.recommended_first),
                        to_text(*dates.recommended_last));
  if (dates.latest) text += fmt::format("{}not after {}", text.empty() ? "" : "; ", to_text(*dates.latest));
  return text;
}

std::string bag_text(const product::Bag& bag) {
  std::string text = bag.id;
  if (bag.din) text += ", " + product::to_label(*bag.din);
  if (bag.code) text += ", " + bag.code->text;
  if (!bag.division.empty()) text += ", division " + bag.division;
  if (bag.expires) text += ", expires " + product::to_text(*bag.expires);
  if (!bag.location.empty()) text += ", " + bag.location;
  return text;
}

void add_findings(const product::Findings& findings, report::FormSection& section) {
  for (const product::Finding& finding : findings) {
    if (finding.form == product::Finding::Form::met) continue;
    section.lines.push_back(filled(std::string(heading_of(finding.form)), finding.text, finding.source));
  }
}

report::FormSection dose_section(const Known& known) {
  report::FormSection section{"Dose", {}};
  const engine::PlannedInfusion* next = known.next();
  if (next == nullptr || !next->dose) {
    section.lines.push_back(blank("Dose per kg", next == nullptr ? known.answered.plan.end : next->dose_gap));
    return section;
  }
  const engine::DosingWeight& weight = known.answered.plan.weight;
  section.lines.push_back(filled("Infusion", fmt::format("number {}, level {}", next->number, next->level)));
  section.lines.push_back(
      filled("Dose per kg", report::both_ways(*next->dose),
             next->dose->cite != nullptr ? report::to_text(next->dose->cite, known.prepared.protocol) : ""));
  section.lines.push_back(filled(
      "Recipient's weight", weight.kilograms ? fmt::format("{}, weighed {}", weight.text, weight.date) : "",
      weight.kilograms ? "" : "actual weight, at most 30 days old"));
  for (const engine::PlannedTarget& target : next->targets) {
    if (!target.cells_low) continue;
    section.lines.push_back(
        filled(fmt::format("Cells in all, {}", name(target.dose.kind)), report::total_cells(target)));
  }
  section.lines.push_back(filled("Date", dates_of(next->dates)));
  return section;
}

report::FormSection bag_section(const Known& known) {
  report::FormSection section{"Product", {}};
  const product::Proposal* proposal = known.proposal();
  if (proposal == nullptr) {
    const bool has_stock = known.bags && !known.bags->infusions.empty();
    section.lines.push_back(blank(
        "Bag and volume", has_stock ? "no bag of the stock: " + known.bags->infusions.front().proposals.gap
                                    : "no stock was given"));
    return section;
  }
  for (const product::Draw& draw : proposal->draws) {
    const product::Bag* bag = known.bag(draw.bag);
    section.lines.push_back(filled("Bag", bag != nullptr ? bag_text(*bag) : draw.bag));
    section.lines.push_back(filled(
        "Volume to give", fmt::format("{} of {}", product::to_text(draw.volume), product::to_text(draw.of))));
  }
  for (const product::Delivered& delivered : proposal->delivers) {
    if (delivered.per_kg) {
      section.lines.push_back(filled(fmt::format("Expected {} per kg", name(delivered.kind)),
                                     product::power_of_ten(delivered.per_kg->value())));
    }
  }
  add_findings(proposal->findings, section);
  return section;
}

Form order_form(const Known& known) {
  const engine::Decision& decision = known.answered.decision;
  Form form{"medical-order",
            "Donor lymphocyte infusion: medical order",
            about_of(known),
            {},
            {"Prescriber", "Checked by"}};
  report::FormSection answer{"What the protocol says", {}};
  answer.lines.push_back(filled("Decision", std::string(engine::name(decision.action)), decision.because));
  answer.lines.push_back(filled("Eligibility", std::string(engine::name(decision.verdict))));
  if (const auto* strategy = decision.answer(); strategy != nullptr && !strategy->name.empty())
    answer.lines.push_back(filled("Strategy", strategy->label));
  for (const engine::Missing& missing : decision.missing)
    answer.lines.push_back(blank(missing.phrase, report::to_text(missing.reasons)));
  for (const std::string& caution : known.answered.plan.cautions)
    answer.lines.push_back(filled("Caution", caution));
  report::FormSection around{"Around the infusion", {}};
  if (const auto* next = known.next()) {
    for (const auto& task : next->preparation)
      around.lines.push_back(filled("Before", task.what + ", " + task.timing));
    for (const auto& task : next->prophylaxis)
      around.lines.push_back(filled("After", task.what + ", " + task.timing));
  }
  around.lines.push_back(filled("Product", "do not irradiate; no leukocyte filter",
                                "general practice, for the site to confirm"));
  around.lines.push_back(blank("Route, rate, premedication", "not stated by the protocol file"));
  around.lines.push_back(blank("Consent"));
  form.sections = {std::move(answer), dose_section(known), bag_section(known), std::move(around)};
  return form;
}

Form checklist_form(const Known& known) {
  Form form{"infusion-day-checklist",
            "Donor lymphocyte infusion: checklist of the day",
            about_of(known),
            {},
            {"First person", "Second person"}};
  report::FormSection before{"Before thawing", {}};
  before.lines.push_back(
      tick("GVHD examined today: none", "any sign is put to the physician before thawing"));
  before.lines.push_back(tick("No active infection, no fever"));
  before.lines.push_back(
      blank("Weight today, kg",
            known.answered.plan.weight.kilograms
                ? fmt::format("the dose was worked out with {} of {}; more than 10 % apart: ask",
                              known.answered.plan.weight.text, known.answered.plan.weight.date)
                : "the dose has no weight yet"));
  before.lines.push_back(tick("Order signed, consent on file"));
  const record::View view(known.timeline, known.answered.decision.as_of, known.answered.decision.known_on);
  for (const char* fact : {"dmso_allergy", "donor_specific_antibodies"}) {
    const Truth holds = view.holds_now(record::fact_id(fact), record::Absence::unknown).truth;
    before.lines.push_back(filled(std::string(record::fact(record::fact_id(fact)).phrase),
                                  holds == Truth::unknown ? "" : std::string(name(holds)),
                                  holds == Truth::unknown ? "not documented" : ""));
  }
  for (const engine::Missing& missing : known.answered.decision.missing)
    before.lines.push_back(blank(missing.phrase, "still missing: " + report::to_text(missing.reasons)));
  report::FormSection identity{"Identity, two persons, aloud", {}};
  identity.lines.push_back(compared("Recipient", known.answered.decision.patient));
  if (const product::Proposal* proposal = known.proposal()) {
    for (const product::Draw& draw : proposal->draws) {
      const product::Bag* bag = known.bag(draw.bag);
      identity.lines.push_back(compared("Bag", bag != nullptr ? bag_text(*bag) : draw.bag));
      identity.lines.push_back(compared("Recipient on the bag", bag != nullptr ? bag->recipient : ""));
      identity.lines.push_back(
          compared("Donor, blood group", bag != nullptr ? fmt::format("{} {}", bag->donor, bag->abo) : ""));
      identity.lines.push_back(
          compared("Volume to give",
                   fmt::format("{} of {}", product::to_text(draw.volume), product::to_text(draw.of))));
    }
  } else {
    identity.lines.push_back(blank("Bag", "none proposed"));
  }
  identity.lines.push_back(tick("Check character read aloud and equal"));
  report::FormSection infusion{"Thaw and infusion", {}};
  const auto site = product::SiteValues();
  infusion.lines.push_back(blank(
      "Thawed at",
      fmt::format("infuse within {} minutes; {}", graftline::to_text(site.get("thaw_to_infusion_minutes"), 3),
                  site.source("thaw_to_infusion_minutes"))));
  infusion.lines.push_back(tick("Bag whole, no clots, label intact"));
  infusion.lines.push_back(blank("Started at"));
  infusion.lines.push_back(blank("Ended at; mL given"));
  infusion.lines.push_back(blank("Vital signs before, during, after", "intervals: the site's own"));
  infusion.lines.push_back(blank("Reaction", "none, or what and what was done"));
  report::FormSection after{"Watch", {}};
  if (const auto* next = known.next()) {
    // The first date of each: the whole calendar stands in the plan.
    std::vector<std::string> told;
    for (const auto& task : next->monitoring) {
      if (std::find(told.begin(), told.end(), task.what) != told.end()) continue;
      told.push_back(task.what);
      after.lines.push_back(filled(task.what, "first " + task.timing));
    }
    for (const auto& task : next->prophylaxis) after.lines.push_back(filled(task.what, task.timing));
  }
  if (after.lines.empty())
    after.lines.push_back(blank("Visits and tests", "none stated by the protocol file"));
  form.sections = {std::move(before), std::move(identity), std::move(infusion), std::move(after)};
  return form;
}

// The latest usable value of a fact on or before a day.
const record::Entry* latest(const record::View& view, std::string_view fact) {
  const record::Entry* found = nullptr;
  for (const record::Entry* entry : view.own_entries(record::fact_id(fact))) {
    const bool is_value = std::holds_alternative<Quantity>(entry->value) && entry->unusable.empty();
    if (is_value && (found == nullptr || entry->when.last >= found->when.last)) found = entry;
  }
  return found;
}

void add_blood_count(const record::View& view, report::FormSection& section) {
  struct Row {
    std::string_view fact, label;
  };
  static constexpr std::array<Row, 5> rows{{{"wbc", "White blood cells"},
                                            {"neutrophils", "Neutrophils"},
                                            {"lymphocytes", "Lymphocytes"},
                                            {"hemoglobin", "Hemoglobin"},
                                            {"platelets", "Platelets"}}};
  std::optional<Day> date;
  for (const Row& row : rows) {
    if (const auto* entry = latest(view, row.fact))
      date = std::max(date.value_or(entry->when.last), entry->when.last);
  }
  section.lines.push_back(filled("Q5 date of the blood count", date ? to_text(*date) : "",
                                 "the latest before the infusion and before systemic therapy"));
  for (const Row& row : rows) {
    const record::Entry* entry = latest(view, row.fact);
    const std::string label = fmt::format("Q6-14 {}", row.label);
    if (entry == nullptr) {
      section.lines.push_back(blank(label, "not on record: available yes / no"));
      continue;
    }
    const engine::Evidence evidence = engine::evidence_of(row.fact, *entry);
    section.lines.push_back(
        filled(label, evidence.value,
               fmt::format("available: yes; {}{}", evidence.date,
                           date && entry->when.last != *date ? ", not of that date" : "")));
  }
}

// What was given against the disease since day 0 as far as the record says; drugs of the transplant are
// before it.
std::string therapy_before(const record::View& view) {
  std::string text;
  const auto day_zero = view.day_zero();
  for (const char* fact :
       {"chemotherapy", "salvage_chemotherapy", "cytarabine", "azacitidine", "decitabine", "blinatumomab",
        "gilteritinib", "sorafenib", "tyrosine_kinase_inhibitor", "lenalidomide"}) {
    for (const record::Entry* entry : view.own_entries(record::fact_id(fact))) {
      const auto* says = std::get_if<bool>(&entry->value);
      if (says == nullptr || !*says || (day_zero && entry->when.last < day_zero->first)) continue;
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", record::fact(record::fact_id(fact)).phrase,
                          to_text(entry->when));
    }
  }
  return text;
}

// "1 × 10⁵ CD3+ cells per kg": as given, where it is a number of cells.
std::string dose_text(const Quantity& amount) {
  const auto per_kg = parse_unit("/kg");
  const auto plain = parse_unit("1");
  ensure(per_kg && plain, "both are UCUM");
  for (const auto* unit : {&*per_kg, &*plain}) {
    if (!is_cell_kind(amount.kind) || amount.comparator != Comparator::none ||
        !comparable(amount.unit, *unit))
      continue;
    const auto value = convert(to_rational(amount.value), amount.unit, *unit);
    if (value && *value > 0)
      return product::to_text(product::DoseTarget{amount.kind, unit == &*per_kg, *value, *value}) +
             (amount.viability == Viability::viable ? ", viable" : "");
  }
  return to_text(amount);
}

Result<Form> worksheet(const Known& known, const std::optional<int>& wanted) {
  const engine::Decision& decision = known.answered.decision;
  const auto n_given = static_cast<int>(decision.infusions.size());
  if (wanted && (*wanted < 1 || *wanted > n_given))
    return Error{ErrorKind::out_of_range,
                 fmt::format("--infusion: {} infusion{} on record", n_given, n_given == 1 ? " is" : "s are")};
  Form form{"cibmtr-2199-worksheet",
            "Worksheet for CIBMTR Form 2199: donor lymphocyte infusion",
            about_of(known),
            {},
            {"Filled by"}};
  const int index = wanted.value_or(n_given);
  const engine::GivenInfusion* given =
      index > 0 ? &decision.infusions[static_cast<std::size_t>(index - 1)] : nullptr;
  const engine::PlannedInfusion* next = known.next();
  report::FormSection questions{"Questions seen in the public manual", {}};
  Day day = decision.as_of;
  if (given != nullptr) {
    day = given->when.last;
    questions.lines.push_back(
        filled("Q1 date of this infusion", to_text(given->when),
               fmt::format("infusion {} of {}; recorded as {}{}", index, n_given, given->as_written,
                           given->status_unknown ? "; whether it was completed is unknown" : "")));
  } else {
    questions.lines.push_back(blank("Q1 date of this infusion", next != nullptr
                                                                    ? "planned: " + dates_of(next->dates)
                                                                    : "none on record"));
  }
  const auto* strategy = decision.answer();
  questions.lines.push_back(
      blank("Q2-3 primary indication",
            fmt::format("prevent relapse, treat relapse, suboptimal donor chimerism, immune reconstitution, "
                        "GVHD or infection prophylaxis or "
                        "treatment, other{}",
                        strategy != nullptr && !strategy->name.empty()
                            ? fmt::format("; the protocol's strategy: {}", strategy->label)
                            : "")));
  const record::View then(known.timeline, day,
                          std::max(day, known.prepared.question.known_on.value_or(decision.as_of)));
  questions.lines.push_back(filled("Q4 therapy for disease before it", therapy_before(then),
                                   "on record since the transplant; conditioning and bridging do not count. "
                                   "Nothing on record is not none"));
  add_blood_count(then, questions);
  report::FormSection unseen{"Questions not seen", {}};
  unseen.lines.push_back(
      {"Q15-34 rest of the product, cell doses, performance status", "", State::not_seen, ""});
  report::FormSection at_hand{"At hand for them", {}};
  if (given != nullptr) {
    std::string amounts;
    for (const Quantity& amount : given->amounts)
      amounts += (amounts.empty() ? "" : "; ") + dose_text(amount);
    at_hand.lines.push_back(filled("Cell dose as recorded", amounts));
  }
  const product::Bag* bag = nullptr;
  for (const product::Bag& one : known.stock) {
    const bool is_this = one.recipient == decision.patient && one.state == product::BagState::infused &&
                         one.since && one.since->day == day;
    if (given != nullptr && is_this) bag = &one;
  }
  if (given == nullptr && known.proposal() != nullptr) bag = known.bag(known.proposal()->draws.front().bag);
  if (bag != nullptr) {
    at_hand.lines.push_back(filled("Bag", bag_text(*bag)));
    add_bag_lines(*bag,
                  {"donor", "collected_at", "collection_method", "volume_ml", "tnc", "cd3", "count_basis",
                   "viability_percent", "viability_method", "frozen_at", "infused_ml"},
                  false, at_hand);
  } else {
    at_hand.lines.push_back(blank("Product", "no infused bag of that day in the stock"));
  }
  at_hand.lines.push_back(
      blank("Lymphocytes only, same donor, not genetically modified",
            "else it is reported on another form; a mobilised product may not be a DLI for this form"));
  form.sections = {std::move(questions), std::move(unseen), std::move(at_hand)};
  return form;
}

std::string printed(const Form& form, const FormPrint& print) {
  if (print.json) return report::to_json(form);
  return report::to_html(form, report::language_of(print.language).value_or(report::Language::english));
}

}  // namespace

Result<std::string> make_form(const FormRequest& request, const FormPrint& print) {
  auto protocols = find_protocols(request.ask);
  if (!protocols) return protocols.error();
  auto prepared = prepare(request.ask, std::move(*protocols));
  if (!prepared) return prepared.error();
  auto one = read_one(request.ask);
  if (!one) return one.error();
  Known known{std::move(one->timeline), std::move(prepared->front()), {}, std::nullopt, {}};
  known.answered = answer(known.prepared.protocol, known.timeline, known.prepared.question);
  if (!request.choice.stock.empty()) {
    auto bags = plan_with_stock(known.answered, known.timeline, known.prepared, request.choice);
    if (!bags) return bags.error();
    known.bags = std::move(*bags);
    auto stock = interop::csv::read_stock_file(request.choice.stock);
    if (!stock) return stock.error();
    known.stock = std::move(stock->bags);
  }
  switch (request.kind) {
    case FormKind::order:
      return printed(order_form(known), print);
    case FormKind::checklist:
      return printed(checklist_form(known), print);
    case FormKind::form_2199:
      break;
  }
  const auto form = worksheet(known, request.infusion);
  if (!form) return form.error();
  return printed(*form, print);
}

Result<std::string> make_label(const LabelRequest& request, const FormPrint& print) {
  const auto stock = interop::csv::read_stock_file(request.stock);
  if (!stock) return stock.error();
  const auto bag = std::find_if(stock->bags.begin(), stock->bags.end(),
                                [&](const product::Bag& one) { return one.id == request.bag; });
  if (bag == stock->bags.end())
    return Error{ErrorKind::not_found, fmt::format("{}: no bag '{}'", request.stock, request.bag)};
  std::string product_name;
  if (request.product_names) {
    const auto names = interop::csv::read_product_names(*request.product_names);
    if (!names) return names.error();
    if (bag->code) {
      if (const auto at = names->find(bag->code->description()); at != names->end())
        product_name = at->second;
    }
  }
  Form form{"label-text", "Donor lymphocytes: label text", fmt::format("bag {}", bag->id), {}, {}};
  report::FormSection identity{"Identity", {}};
  identity.lines.push_back(filled("Donation identification number",
                                  bag->din ? product::to_label(*bag->din) : "", "last: check character"));
  identity.lines.push_back(filled("Product code", bag->code ? bag->code->text : "",
                                  product_name.empty() ? "name: licensed table not loaded" : product_name));
  if (!bag->division.empty()) identity.lines.push_back(filled("Division", bag->division));
  identity.lines.push_back(
      filled("Bag", bag->number.empty() ? bag->id : fmt::format("{}, {}", bag->id, bag->number)));
  identity.lines.push_back(filled("Intended recipient", bag->recipient));
  identity.lines.push_back(filled("Donor, blood group", bag->donor.empty() && bag->abo.empty()
                                                            ? ""
                                                            : fmt::format("{} {}", bag->donor, bag->abo)));
  report::FormSection contents{"Contents", {}};
  add_bag_lines(*bag,
                {"volume_ml", "tnc", "cd3", "count_basis", "viability_percent", "dmso_percent", "additive",
                 "planned_dose", "planned_weight_kg", "collected_at", "frozen_at", "expires", "location"},
                true, contents);
  report::FormSection statements{"Statements", {}};
  const std::string recall = "general practice, for the site to confirm";
  statements.lines.push_back(filled("Use", "for use by intended recipient only", recall));
  statements.lines.push_back(
      filled("Handling", "do not irradiate; do not use a leukoreduction filter", recall));
  const bool is_hazard = bag->biohazard == Truth::yes || (bag->code && bag->code->is_biohazardous());
  statements.lines.push_back(is_hazard ? filled("Biohazard", "BIOHAZARD")
                             : bag->biohazard == Truth::no
                                 ? filled("Biohazard", "confirmed to be none")
                                 : blank("Biohazard", "not confirmed: not to be released"));
  if (bag->state != product::BagState::released && bag->state != product::BagState::reserved &&
      bag->state != product::BagState::issued && bag->state != product::BagState::thawed) {
    statements.lines.push_back(filled("State", fmt::format("NOT RELEASED: {}", name(bag->state))));
  }
  form.sections = {std::move(identity), std::move(contents), std::move(statements)};
  return printed(form, print);
}

}  // namespace graftline::service
