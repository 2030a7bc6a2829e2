#include "interop/timeline_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace graftline::interop {
namespace {

using nlohmann::json;
using record::Entry;

// What is read was written by this file, and may still have been changed since: every surprise of the parser
// comes out as one error.
struct Malformed {
  std::string field;
};

json date_json(const PartialDate& date) {
  const std::string text = to_text(date);
  if (const auto again = parse_partial_date(text); again && *again == date) return text;
  return json::array({date.first.value, date.last.value, static_cast<int>(date.precision)});
}
PartialDate date_of(const json& value) {
  if (value.is_array())
    return {Day{value.at(0).get<int>()}, Day{value.at(1).get<int>()},
            static_cast<DatePrecision>(value.at(2).get<int>())};
  const auto date = parse_partial_date(value.get<std::string>());
  if (!date) throw Malformed{"date"};
  return *date;
}

json quantity_json(const Quantity& quantity) {
  json made{{"m", quantity.value.mantissa}, {"e", quantity.value.exponent}, {"u", quantity.unit.code}};
  if (quantity.comparator != Comparator::none) made["c"] = symbol(quantity.comparator);
  if (quantity.kind != Kind::none) made["k"] = name(quantity.kind);
  if (quantity.viability == Viability::viable) made["b"] = "viable";
  if (quantity.viability == Viability::total) made["b"] = "total";
  return made;
}
Quantity quantity_of(const json& value) {
  Quantity made;
  made.value = {value.at("m").get<std::int64_t>(), value.at("e").get<std::int32_t>()};
  const std::string code = value.at("u").get<std::string>();
  if (!code.empty()) {
    auto unit = parse_unit(code);
    if (!unit) throw Malformed{"unit"};
    made.unit = std::move(*unit);
  }
  const std::string comparator = value.value("c", "");
  for (const auto one :
       {Comparator::less, Comparator::less_or_equal, Comparator::greater_or_equal, Comparator::greater}) {
    if (comparator == symbol(one)) made.comparator = one;
  }
  if (value.contains("k") && !kind_from_name(value.at("k").get<std::string>(), made.kind))
    throw Malformed{"kind"};
  const std::string basis = value.value("b", "");
  if (basis == "viable") made.viability = Viability::viable;
  if (basis == "total") made.viability = Viability::total;
  return made;
}

json reasons_json(ReasonSet reasons) {
  json names = json::array();
  for (int i = 0; i < reason_count; ++i) {
    if (const auto reason = static_cast<Reason>(i); reasons.has(reason)) names.push_back(name(reason));
  }
  return names;
}

json entry_json(const Entry& entry) {
  json made{{"fact", record::fact(entry.fact).id},
            {"when", date_json(entry.when)},
            {"known_on", to_text(entry.known_on)}};
  if (entry.is_stop) made["stop"] = true;
  if (entry.standing == record::Standing::preliminary) made["standing"] = "preliminary";
  if (entry.standing == record::Standing::corrected) made["standing"] = "corrected";
  if (entry.until) made["until"] = date_json(*entry.until);
  if (!entry.unusable.empty()) made["unusable"] = reasons_json(entry.unusable);
  if (const auto* quantity = std::get_if<Quantity>(&entry.value)) made["quantity"] = quantity_json(*quantity);
  if (const auto* level = std::get_if<record::Level>(&entry.value)) made["level"] = {level->low, level->high};
  if (const auto* truth = std::get_if<bool>(&entry.value)) made["says"] = *truth;
  if (entry.upper_limit) made["upper_limit"] = quantity_json(*entry.upper_limit);
  for (const Quantity& amount : entry.amounts) made["amounts"].push_back(quantity_json(amount));
  if (!entry.method.empty()) made["method"] = entry.method;
  if (!entry.context.empty()) made["context"] = entry.context;
  if (!entry.as_written.empty()) made["as_written"] = entry.as_written;
  made["origin"] = {entry.origin.file, entry.origin.place};
  return made;
}

Day day_from(const json& value) {
  const auto day = parse_day(value.get<std::string>());
  if (!day) throw Malformed{"known_on"};
  return *day;
}

record::Origin origin_of(const json& value) {
  return {value.at(0).get<std::string>(), value.at(1).get<std::string>()};
}

Entry entry_of(const json& value) {
  Entry made;
  const auto fact = record::find_fact(value.at("fact").get<std::string>());
  if (!fact) throw Malformed{"fact " + value.at("fact").get<std::string>()};
  made.fact = *fact;
  made.when = date_of(value.at("when"));
  made.known_on = day_from(value.at("known_on"));
  made.is_stop = value.value("stop", false);
  const std::string standing = value.value("standing", "");
  if (standing == "preliminary") made.standing = record::Standing::preliminary;
  if (standing == "corrected") made.standing = record::Standing::corrected;
  if (value.contains("until")) made.until = date_of(value.at("until"));
  for (const json& one : value.value("unusable", json::array())) {
    Reason reason = Reason::unreadable;
    if (!reason_from_name(one.get<std::string>(), reason)) throw Malformed{"unusable"};
    made.unusable |= reason;
  }
  if (value.contains("quantity")) made.value = quantity_of(value.at("quantity"));
  if (value.contains("level"))
    made.value = record::Level{value.at("level").at(0).get<int>(), value.at("level").at(1).get<int>()};
  if (value.contains("says")) made.value = value.at("says").get<bool>();
  if (value.contains("upper_limit")) made.upper_limit = quantity_of(value.at("upper_limit"));
  for (const json& one : value.value("amounts", json::array())) made.amounts.push_back(quantity_of(one));
  made.method = value.value("method", "");
  made.context = value.value("context", "");
  made.as_written = value.value("as_written", "");
  made.origin = origin_of(value.at("origin"));
  return made;
}

}  // namespace

std::string timeline_to_json(const record::Timeline& timeline) {
  json made{{"patient", timeline.patient}, {"entries", json::array()}, {"judgements", json::array()}};
  for (const Entry& entry : timeline.entries) made["entries"].push_back(entry_json(entry));
  for (const auto& judgement : timeline.judgements) {
    made["judgements"].push_back({{"name", judgement.name},
                                  {"value", judgement.value},
                                  {"when", date_json(judgement.when)},
                                  {"known_on", to_text(judgement.known_on)},
                                  {"by", judgement.by},
                                  {"origin", {judgement.origin.file, judgement.origin.place}}});
  }
  return made.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<record::Timeline> timeline_from_json(std::string_view text) {
  record::Timeline timeline;
  try {
    const json value = json::parse(text);
    timeline.patient = value.at("patient").get<std::string>();
    for (const json& one : value.at("entries")) timeline.entries.push_back(entry_of(one));
    for (const json& one : value.at("judgements")) {
      timeline.judgements.push_back({one.at("name").get<std::string>(), one.at("value").get<bool>(),
                                     date_of(one.at("when")), day_from(one.at("known_on")),
                                     one.at("by").get<std::string>(), origin_of(one.at("origin"))});
    }
  } catch (const json::exception& problem) {
    return Error{ErrorKind::malformed_input, fmt::format("a stored timeline: JSON error {}", problem.id)};
  } catch (const Malformed& problem) {
    return Error{ErrorKind::malformed_input,
                 fmt::format("a stored timeline: {} cannot be read", problem.field)};
  }
  timeline.arrange();
  return timeline;
}

}  // namespace graftline::interop
