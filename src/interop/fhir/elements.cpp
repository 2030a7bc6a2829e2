#include "interop/fhir/elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::interop::fhir {

namespace {

constexpr std::string_view ucum_system = "http://unitsofmeasure.org";
constexpr std::string_view ucum_oid = "urn:oid:2.16.840.1.113883.6.8";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::vector<Meaning> meanings_of(const Json& concept_, const Mapping& mapping) {
  std::vector<Meaning> found;
  for (const Json coding : concept_["coding"]) {
    for (const auto& meaning : mapping.meanings(coding["system"].string(), coding["code"].string())) {
      const bool is_known = std::any_of(found.begin(), found.end(),
                                        [&](const Meaning& other) { return other.fact == meaning.fact; });
      if (!is_known) found.push_back(meaning);
    }
  }
  return found;
}

void count_unmapped(const Json& concept_, Ledger& ledger) {
  const Json coding = concept_["coding"].front();
  if (coding["code"].exists()) {
    ledger.count_unmapped(coding["system"].string(), coding["code"].string());
  } else {
    ledger.count_unmapped({}, "(no code)");
  }
}

std::vector<WrittenAnswer> answers_of(const Json& concept_) {
  std::vector<WrittenAnswer> answers;
  for (const Json coding : concept_["coding"]) {
    answers.push_back({coding["system"].string(), coding["code"].string(), coding["display"].string()});
  }
  if (!concept_["text"].string().empty()) answers.push_back({{}, {}, concept_["text"].string()});
  return answers;
}

std::string_view words_of(const Json& concept_) {
  if (!concept_["text"].string().empty()) return concept_["text"].string();
  for (const Json coding : concept_["coding"]) {
    if (!coding["display"].string().empty()) return coding["display"].string();
  }
  return concept_["coding"].front()["code"].string();
}

std::string_view own_code(const Json& concept_, const Mapping& mapping) {
  for (const Json coding : concept_["coding"]) {
    if (mapping.system(coding["system"].string()) == record::graftline_codes) return coding["code"].string();
  }
  return {};
}

WhenFound read_date(const Json& element, std::string path) {
  WhenFound found;
  found.path = std::move(path);
  if (!element.exists()) return found;
  if (const auto date = parse_partial_date(element.string())) {
    found.when = When{*date, std::nullopt};
  } else {
    found.mistake = date.error().message;
  }
  return found;
}

WhenFound read_when(const Json& resource, const std::string& name) {
  for (const char* const kind : {"DateTime", "Instant", "Date"}) {
    const Json element = resource[name + kind];
    if (element.exists()) return read_date(element, name + kind);
  }
  const Json period = resource[name + "Period"];
  if (!period.exists()) return {};
  WhenFound start = read_date(period["start"], name + "Period.start");
  WhenFound end = read_date(period["end"], name + "Period.end");
  if (!start.mistake.empty()) return start;
  if (!end.mistake.empty()) return {std::nullopt, end.path, end.mistake};
  if (start.when && end.when) start.when->end = end.when->start;
  if (!start.when && end.when) {
    // Only the end is known: some day until then. One day is the narrowest claim that is certainly true.
    return {When{end.when->start, end.when->start}, end.path, {}};
  }
  return start;
}

PartialDate spanning(Day first, Day last) {
  if (last < first) last = first;
  const CivilDate a = civil(first);
  const CivilDate b = civil(last);
  DatePrecision precision = DatePrecision::year;
  if (a.year == b.year && a.month == b.month) precision = DatePrecision::month;
  if (first == last) precision = DatePrecision::day;
  return {first, last, precision};
}

Day no_known_end() { return day_of({2200, 12, 31}); }

Day ended_by(const Json& resource, const Context& context, Day start) {
  if (const auto updated = parse_partial_date(resource["meta"]["lastUpdated"].string())) {
    return std::max(start, updated->last);
  }
  // Said to have ended when the record was taken: so it did not hold on that day.
  if (context.read_on) return std::max(start, *context.read_on - 1);
  return no_known_end();
}

Day known_on(const Json& resource, std::string_view element, const PartialDate& when,
             const Context& context) {
  if (!element.empty()) {
    if (const auto date = parse_partial_date(resource[element].string())) return date->last;
  }
  if (context.mapping().known_on_from_last_updated()) {
    if (const auto date = parse_partial_date(resource["meta"]["lastUpdated"].string())) return date->last;
  }
  return when.first;
}

std::string identifier_reference(std::string_view system, std::string_view value) {
  return fmt::format("{}{}|{}", identifier_prefix, system, value);
}

std::string plain_word(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == ' ';
  };
  const bool is_word = !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), is_plain);
  return is_word ? std::string(text) : std::string("(other)");
}

std::string reference_of(const Json& reference) {
  std::string_view text = reference["reference"].string();
  if (text.empty()) {
    const Json identifier = reference["identifier"];
    if (identifier["value"].string().empty()) return {};
    return identifier_reference(identifier["system"].string(), identifier["value"].string());
  }
  const auto history = text.find("/_history/");
  if (history != text.npos) text = text.substr(0, history);
  return std::string(text);
}

WrittenUnit unit_of(const Json& quantity) {
  const std::string_view system = quantity["system"].string();
  const std::string_view code = quantity["code"].string();
  const std::string_view text = quantity["unit"].string();
  if (!code.empty() && (system == ucum_system || system == ucum_oid)) return {code, text};
  return {{}, text.empty() ? code : text};
}

Comparator comparator_of(const Json& quantity) {
  const std::string_view text = quantity["comparator"].string();
  for (const auto comparator :
       {Comparator::less, Comparator::less_or_equal, Comparator::greater_or_equal, Comparator::greater}) {
    if (symbol(comparator) == text) return comparator;
  }
  return Comparator::none;
}

std::string written(const Json& quantity) {
  const WrittenUnit unit = unit_of(quantity);
  std::string text = fmt::format("{}{} {}", quantity["comparator"].string(), quantity["value"].text(),
                                 unit.code.empty() ? unit.text : unit.code);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Json extension_value(const Json& resource, std::string_view name) {
  for (const Json extension : resource["extension"]) {
    const std::string_view url = extension["url"].string();
    const bool is_it = url == name || (ends_with(url, name) && url.size() > name.size() &&
                                       url[url.size() - name.size() - 1] == '/');
    if (!is_it) continue;
    for (const Json member : extension) {
      if (member.key().substr(0, 5) == "value") return member;
    }
  }
  return {};
}

Outcome outcome_of(const Draft& draft, std::string_view reason) {
  for (const auto& entry : draft.entries) {
    if (entry.unusable.empty()) return mapped();
  }
  return refused(std::string(reason));
}

}  // namespace graftline::interop::fhir
