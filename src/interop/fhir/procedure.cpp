#include <fmt/format.h>

#include <array>

#include "interop/fhir/elements.h"

namespace graftline::interop::fhir {

using record::Entry;
using record::FactType;

namespace {

struct DoseExtension {
  std::string_view name;
  Kind kind;
};
constexpr std::array<DoseExtension, 4> dose_extensions{{
    {"dosing-weight", Kind::actual_body_weight},
    {"cd3-dose-infused", Kind::cd3_cells},
    {"mnc-dose-infused", Kind::mononuclear_cells},
    {"cd34-dose-infused", Kind::cd34_cells},
}};

void read_dose_extensions(const Json& resource, Context& context, Draft& draft, Entry& entry) {
  for (const auto& extension : dose_extensions) {
    const Json quantity = extension_value(resource, extension.name);
    if (!quantity.is_object()) continue;
    Quantity amount;
    if (auto problem =
            context.values.read_amount(quantity["value"].text(), unit_of(quantity), extension.kind, amount)) {
      context.refuse(draft, fmt::format("extension({}).valueQuantity.{}", extension.name, problem->where),
                     *problem);
      continue;
    }
    entry.amounts.push_back(std::move(amount));
  }
}

}  // namespace

Outcome read_procedure(const Json& resource, Context& context, Draft& draft) {
  draft.subject = reference_of(resource["subject"]);
  const std::string_view status = resource["status"].string();
  if (status == "entered-in-error") return ignored("entered in error");
  if (status == "preparation" || status == "on-hold") return ignored("not begun");

  const auto meanings = meanings_of(resource["code"], context.mapping());
  if (meanings.empty()) {
    count_unmapped(resource["code"], context.ledger);
    return ignored("code not mapped");
  }
  const WhenFound performed = read_when(resource, "performed");
  if (!performed.mistake.empty()) {
    context.refuse(draft, performed.path, "date unreadable", performed.mistake);
    return refused("date unreadable");
  }
  if (!performed.when) {
    context.refuse(draft, "performed[x]", "no date", "a procedure needs the day it was done");
    return refused("no date");
  }

  const bool is_done = status == "completed";
  const bool is_not_done = status == "not-done";
  const Json intent = extension_value(resource, "dli-intent");
  std::string reason;
  for (const auto& meaning : meanings) {
    const FactType type = record::fact(meaning.fact).type;
    Entry entry;
    entry.fact = meaning.fact;
    entry.when = performed.when->start;
    if (type == FactType::course) entry.until = performed.when->end;
    entry.known_on = known_on(resource, {}, performed.when->end.value_or(entry.when), context);
    entry.as_written = std::string(words_of(resource["code"]));
    entry.context = intent.is_object() ? std::string(words_of(intent)) : std::string(intent.string());
    entry.origin = draft.origin;
    read_dose_extensions(resource, context, draft, entry);
    const bool is_yes_no = type == FactType::event || type == FactType::course || type == FactType::statement;
    std::optional<Problem> problem;
    std::string path = "status";
    if (is_not_done && is_yes_no) {
      entry.value = false;
    } else if (is_done) {
      problem = context.values.read_code_itself(meaning, entry.value);
      path = "code";
    } else {
      problem = Problem{"", Reason::status_unknown, "status unknown",
                        fmt::format("status '{}' does not say that it was done", status)};
    }
    if (problem) {
      entry.value = std::monostate{};
      entry.unusable = problem->reason;
      reason = problem->what;
      context.refuse(draft, path, *problem);
    }
    draft.entries.push_back(std::move(entry));
  }
  return outcome_of(draft, reason);
}

Outcome read_product(const Json& resource, Context&, Draft& draft) {
  // Bags are no facts of a patient; they tell who is the donor.
  draft.make_links().source_patient = reference_of(resource["collection"]["source"]);
  draft.make_links().intended_recipient = reference_of(extension_value(resource, "bdp-intended-recipient"));
  return ignored("resource type not used");
}

}  // namespace graftline::interop::fhir
