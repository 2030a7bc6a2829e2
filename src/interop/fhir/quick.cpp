#include "interop/fhir/quick.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

#include "interop/fhir/elements.h"
#include "interop/fhir/json.h"
#include "interop/fhir/resource.h"
#include "interop/value.h"

namespace graftline::interop::fhir {

using record::Entry;
using record::FactId;
using record::Placed;

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
// Beyond so many remembered resources everything is forgotten and remembered anew.
constexpr std::size_t most_remembered = 100'000;

// The members that a reader of resources looks at. Every other member of a resource is passed over, as it is
// by the importer.
enum class Member : unsigned char {
  resource_type,
  id,
  status,
  code,
  subject,
  effective,
  issued,
  value,
  reference_range,
  medication,
  special,  // read by the importer in a way that is not remembered
  other,
};
constexpr std::size_t member_count = 12;

struct MemberName {
  std::string_view name;
  Member member;
};
constexpr std::array<MemberName, 24> member_names{{
    {"resourceType", Member::resource_type},
    {"id", Member::id},
    {"status", Member::status},
    {"code", Member::code},
    {"subject", Member::subject},
    {"effectiveDateTime", Member::effective},
    {"issued", Member::issued},
    {"valueQuantity", Member::value},
    {"valueCodeableConcept", Member::value},
    {"valueInteger", Member::value},
    {"valueDecimal", Member::value},
    {"valueString", Member::value},
    {"valueBoolean", Member::value},
    {"valueCode", Member::value},
    {"referenceRange", Member::reference_range},
    {"medicationCodeableConcept", Member::medication},
    {"effectiveInstant", Member::special},
    {"effectivePeriod", Member::special},
    {"effectiveDate", Member::special},
    {"component", Member::special},
    {"focus", Member::special},
    {"method", Member::special},
    {"specimen", Member::special},
    {"medicationReference", Member::special},
}};

// The rows of member_names by the length of their name: most names are told apart by it alone.
constexpr std::size_t longest_name = 25;
struct NamesOfLength {
  std::array<const MemberName*, 6> rows{};
  std::size_t n = 0;
};
constexpr std::array<NamesOfLength, longest_name + 1> names_by_length = [] {
  std::array<NamesOfLength, longest_name + 1> all{};
  for (const MemberName& row : member_names) {
    NamesOfLength& same = all[row.name.size()];
    same.rows[same.n++] = &row;
  }
  return all;
}();

Member member_of(std::string_view name) {
  if (name.size() <= longest_name) {
    const NamesOfLength& same = names_by_length[name.size()];
    for (std::size_t i = 0; i < same.n; ++i) {
      const std::string_view known = same.rows[i]->name;
      if (known.front() == name.front() && known == name) return same.rows[i]->member;
    }
  }
  if (name.starts_with("value")) return Member::special;
  return Member::other;
}

// What to do with a resource of a type.
enum class Way : unsigned char {
  patient,      // by the importer, alone
  observation,  // remembered
  coded,        // by the importer, alone, if `code` or `medicationCodeableConcept` means a fact that is kept
  pass,         // says nothing by itself
  whole,        // joins others: the whole document goes to the importer
};
struct TypeWay {
  std::string_view type;
  Way way;
};
constexpr std::array<TypeWay, 11> type_ways{{
    {"Observation", Way::observation},
    {"Condition", Way::coded},
    {"Procedure", Way::coded},
    {"MedicationRequest", Way::coded},
    {"MedicationStatement", Way::coded},
    {"MedicationAdministration", Way::coded},
    {"Patient", Way::patient},
    {"Consent", Way::whole},
    {"ResearchSubject", Way::whole},
    {"BiologicallyDerivedProduct", Way::whole},
    {"Bundle", Way::whole},
}};

Way way_of(std::string_view type) {
  for (const TypeWay& row : type_ways) {
    if (row.type == type) return row.way;
  }
  return type.empty() ? Way::whole : Way::pass;
}

struct Resource {
  std::string_view text;
  std::string_view full_url;
  std::string_view value_name;                        // which of the members that hold a value it has
  std::array<std::string_view, member_count> values;  // of the members, as they stand in the document
  unsigned twice = 0;                                 // bit per member that stands there more than once
  std::string_view operator[](Member member) const { return values[static_cast<std::size_t>(member)]; }
  bool is_twice(Member member) const { return (twice >> static_cast<unsigned>(member) & 1U) != 0; }
};

// The content of a string as it stands, for strings without escapes.
std::optional<std::string_view> content(std::string_view text) {
  if (text.size() < 2 || text.front() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (std::memchr(text.data(), '\\', text.size()) != nullptr) return std::nullopt;
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Two digits; above 99 for anything else.
unsigned two_digits(std::string_view text, std::size_t at) {
  const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
  return tens < 10 && ones < 10 ? tens * 10 + ones : 100;
}

// "2026-02-25" or "2026-02-25T08:53:00Z" in its quotes, as most dates are written; absent: to be read with
// care.
std::optional<PartialDate> plain_date(std::string_view text) {
  const bool is_day = text.size() == 12;
  const bool is_instant = text.size() == 22 && text[11] == 'T' && text[14] == ':' && text[17] == ':' &&
                          text[20] == 'Z' && two_digits(text, 12) < 24 && two_digits(text, 15) < 60 &&
                          two_digits(text, 18) < 60;
  if (!is_day && !is_instant) return std::nullopt;
  if (text.front() != '"' || text.back() != '"' || text[5] != '-' || text[8] != '-') return std::nullopt;
  const unsigned century = two_digits(text, 1);
  const unsigned year = two_digits(text, 3);
  const unsigned month = two_digits(text, 6);
  const unsigned day = two_digits(text, 9);
  // Days that every month has.
  const bool is_plain =
      century >= 19 && century <= 21 && year < 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
  if (!is_plain) return std::nullopt;
  return exactly(
      day_of({static_cast<int>(century * 100 + year), static_cast<int>(month), static_cast<int>(day)}));
}

// Walks over the structural characters that simdjson finds, checking that what stands between them is JSON.
class Walk {
 public:
  Walk(std::string_view text, const std::uint32_t* indexes, std::uint32_t count, int deepest)
      : text_(text.data()),
        length_(static_cast<std::uint32_t>(text.size())),
        index_(indexes),
        count_(count),
        deepest_(deepest) {}

  bool is_at_end() const { return at_ >= count_; }
  std::uint32_t position() const { return index_[at_]; }
  char peek() const { return at_ < count_ ? text_[index_[at_]] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void next() { ++at_; }

  // A member's name; afterwards its value is next.
  bool key(std::string_view& name) {
    if (peek() != '"') return false;
    const std::uint32_t begin = index_[at_] + 1;
    if (++at_ >= count_ || text_[index_[at_]] != ':') return false;
    std::uint32_t end = index_[at_] - 1;
    while (text_[end] != '"') --end;  // blanks before the colon
    name = {text_ + begin, end - begin};
    ++at_;
    return true;
  }

  // Passes over a value; `value` is all of it.
  bool value(std::string_view& value, int depth) {
    const std::uint32_t begin = position();
    if (at_ >= count_ || !skip(depth)) return false;
    std::uint32_t end = 0;
    const char last = text_[index_[at_ - 1]];
    if (last == '}' || last == ']') {
      end = index_[at_ - 1] + 1;
    } else {
      end = at_ < count_ ? index_[at_] : length_;
      while (end > begin && static_cast<unsigned char>(text_[end - 1]) <= ' ') --end;
    }
    value = {text_ + begin, end - begin};
    return true;
  }

  bool skip(int depth) {
    switch (peek()) {
      case '"':
        ++at_;
        return true;
      case '{':
      case '[':
        return skip_nested(depth);
      default:
        return at_ < count_ && scalar();
    }
  }
  std::string_view text(std::uint32_t begin, std::uint32_t end) const { return {text_ + begin, end - begin}; }

 private:
  // An object or array with all that is in it. What is open is kept in bits, 1 for an object, the innermost
  // the lowest.
  bool skip_nested(int depth) {
    constexpr int most_bits = 60;
    std::uint64_t open = 0;
    int n_open = 0;
    for (;;) {  // at a value
      const char c = peek();
      if (c == '"') {
        ++at_;
      } else if (c == '{' || c == '[') {
        if (depth + n_open >= deepest_ || n_open >= most_bits) return false;
        open = open << 1U | (c == '{' ? 1U : 0U);
        ++n_open;
        ++at_;
        if (c == '[') {
          if (peek() != ']') continue;
        } else if (peek() != '}') {
          if (!name_and_colon()) return false;
          continue;
        }
        ++at_;
        open >>= 1U;
        --n_open;
      } else if (at_ >= count_ || !scalar()) {
        return false;
      }
      for (;;) {  // behind a value
        if (n_open == 0) return true;
        const char next = peek();
        const bool in_object = (open & 1U) != 0;
        if (next == ',') {
          ++at_;
          if (in_object && !name_and_colon()) return false;
          break;
        }
        if (next != (in_object ? '}' : ']')) return false;
        ++at_;
        open >>= 1U;
        --n_open;
      }
    }
  }
  bool name_and_colon() {
    if (at_ + 1 >= count_ || text_[index_[at_]] != '"' || text_[index_[at_ + 1]] != ':') return false;
    at_ += 2;
    return true;
  }

  bool scalar() {
    const std::uint32_t begin = index_[at_];
    ++at_;
    std::uint32_t end = begin;
    const std::uint32_t limit = at_ < count_ ? index_[at_] : length_;
    while (end<limit&& static_cast<unsigned char>(text_[end])> ' ') ++end;
    for (std::uint32_t i = end; i < limit; ++i) {
      if (static_cast<unsigned char>(text_[i]) > ' ') return false;
    }
    const std::string_view word(text_ + begin, end - begin);
    return word == "true" || word == "false" || word == "null" || is_number(word);
  }

  static bool digits(std::string_view& word) {
    std::size_t n = 0;
    while (n < word.size() && is_digit(word[n])) ++n;
    word.remove_prefix(n);
    return n > 0;
  }
  static bool is_number(std::string_view word) {
    if (!word.empty() && word.front() == '-') word.remove_prefix(1);
    if (word.empty()) return false;
    if (word.front() == '0') {
      word.remove_prefix(1);
    } else if (!digits(word)) {
      return false;
    }
    if (!word.empty() && word.front() == '.') {
      word.remove_prefix(1);
      if (!digits(word)) return false;
    }
    if (!word.empty() && (word.front() == 'e' || word.front() == 'E')) {
      word.remove_prefix(1);
      if (!word.empty() && (word.front() == '+' || word.front() == '-')) word.remove_prefix(1);
      if (!digits(word)) return false;
    }
    return word.empty();
  }

  const char* text_;
  std::uint32_t length_;
  const std::uint32_t* index_;
  std::uint32_t count_;
  int deepest_;
  std::uint32_t at_ = 0;
};

// Whether every escape of the document is one that JSON knows. Those by number are left to the importer.
bool escapes_are_plain(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) !=
         nullptr) {
    if (at + 1 >= end || std::strchr("\"\\/bfnrt", at[1]) == nullptr || at[1] == '\0') return false;
    at += 2;
    if (at >= end) return true;
  }
  return true;
}

// Of bytes, sixteen at a time: the keys are some hundred bytes long, and there are a hundred in a bundle.
std::uint64_t mixed(std::string_view bytes) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;
  const auto eight = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
  };
  std::uint64_t a = bytes.size() * odd;
  std::uint64_t b = odd;
  const auto take = [&](std::uint64_t first, std::uint64_t second) {
    a = (a ^ first) * odd;
    b = (b ^ second) * odd;
    a ^= a >> 29U;
    b ^= b >> 31U;
  };
  if (bytes.size() >= 16) {
    for (std::size_t at = 0; at + 16 < bytes.size(); at += 16) take(eight(at), eight(at + 8));
    take(eight(bytes.size() - 16), eight(bytes.size() - 8));  // the rest, and some bytes once more
  } else {
    for (const char c : bytes) take(static_cast<unsigned char>(c), 0);
  }
  a = (a ^ b) * odd;
  return a ^ a >> 32U;
}

struct TransparentHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return mixed(text); }
};
template <class T> using Remembered = std::unordered_map<std::string, T, TransparentHash, std::equal_to<>>;

// What a code means for this cohort.
struct Code {
  std::uint32_t number = 0;
  bool is_wanted = false;  // some fact that is kept, or one that only the importer can tell
};

// What the importer made of an observation: its entries, whose dates are those of the next one. Absent in
// `entries`: it has to be asked each time.
struct Template {
  std::vector<Placed> entries;
  std::vector<std::pair<std::string, std::string>> refused;  // reason, detail
  bool is_plain = false;
};

}  // namespace

struct QuickReader::State {
  State(const Mapping& mapping, record::Cohort& rows, std::optional<Day> day, int deepest_nesting)
      : cohort(rows),
        values(mapping),
        read_on(day),
        // A wholly sound document is nested far less deep; the importer says what is too deep.
        deepest(std::max(deepest_nesting - 8, 4)) {}

  record::Cohort& cohort;
  ValueReader values;
  std::optional<Day> read_on;
  int deepest;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  JsonReader json;
  Remembered<Code> codes;
  Remembered<Template> observations;
  std::uint32_t n_codes = 0;
  std::string key;

  // Of the document being read.
  std::vector<Resource> resources;
  std::vector<Placed> placed;
  std::vector<std::vector<Entry>> kept;  // entries whose `rest` is pointed to
  std::vector<std::size_t> ids;
  std::string_view subject;
  std::string patient;
  std::string full_url;
  const std::string* place = nullptr;
  Ledger* books = nullptr;

  bool find_structure(std::string_view bytes, std::uint32_t& count);
  bool walk(std::string_view bytes, std::uint32_t count);
  bool walk_entries(Walk& walk);
  bool walk_entry(Walk& walk);
  bool walk_resource(Walk& walk, Resource& resource);
  bool take(const Resource& resource);
  bool take_observation(const Resource& resource, const Code& code);
  bool take_alone(const Resource& resource, std::string_view type);
  bool import_alone(const Resource& resource, std::string_view type, Draft& draft, Ledger& ledger);
  bool is_new_id(const Resource& resource, std::string_view type);
  bool is_same_subject(const Resource& resource);
  bool is_subject_the_patient();
  const Code& code_of(std::string_view concept_text);
  static std::optional<PartialDate> date(std::string_view text);
};

bool QuickReader::State::find_structure(std::string_view bytes, std::uint32_t& count) {
  if (!stage || stage->capacity() < bytes.size()) {
    stage.reset();
    const std::size_t capacity = std::max<std::size_t>(2 * bytes.size(), 1 << 18);
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, simdjson::DEFAULT_MAX_DEPTH, stage) != simdjson::SUCCESS) {
      stage.reset();
      return false;
    }
  }
  const auto* text = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (stage->stage1(text, bytes.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  count = stage->n_structural_indexes;
  return true;
}

bool QuickReader::State::walk(std::string_view bytes, std::uint32_t count) {
  Walk walk(bytes, stage->structural_indexes.get(), count, deepest);
  if (!walk.take('{')) return false;
  bool is_bundle = false;
  bool has_entries = false;
  for (;;) {
    std::string_view name;
    std::string_view value;
    if (!walk.key(name)) return false;
    if (name == "entry") {
      if (has_entries || walk.peek() != '[' || !walk_entries(walk)) return false;
      has_entries = true;
    } else {
      if (!walk.value(value, 2)) return false;
      if (name == "resourceType") {
        if (is_bundle || value != "\"Bundle\"") return false;
        is_bundle = true;
      }
    }
    if (walk.take(',')) continue;
    return walk.take('}') && walk.is_at_end() && is_bundle && has_entries;
  }
}

bool QuickReader::State::walk_entries(Walk& walk) {
  walk.next();
  if (walk.take(']')) return true;
  for (;;) {
    if (!walk_entry(walk)) return false;
    if (walk.take(',')) continue;
    return walk.take(']');
  }
}

bool QuickReader::State::walk_entry(Walk& walk) {
  if (!walk.take('{')) return false;
  resources.emplace_back();
  bool has_resource = false;
  bool has_url = false;
  std::string_view url;
  for (;;) {
    std::string_view name;
    std::string_view value;
    if (!walk.key(name)) return false;
    if (name == "resource") {
      if (has_resource || !walk_resource(walk, resources.back())) return false;
      has_resource = true;
    } else {
      if (!walk.value(value, 4)) return false;
      if (name == "fullUrl") {
        const auto text = content(value);
        if (has_url || !text) return false;
        has_url = true;
        url = *text;
      }
    }
    if (walk.take(',')) continue;
    if (!walk.take('}') || !has_resource) return false;
    resources.back().full_url = url;
    return true;
  }
}

bool QuickReader::State::walk_resource(Walk& walk, Resource& resource) {
  const std::uint32_t begin = walk.position();
  if (!walk.take('{')) return false;
  for (;;) {
    std::string_view name;
    std::string_view value;
    if (!walk.key(name) || !walk.value(value, 5)) return false;
    const Member member = member_of(name);
    if (member != Member::other) {
      std::string_view& slot = resource.values[static_cast<std::size_t>(member)];
      if (!slot.empty()) resource.twice |= 1U << static_cast<unsigned>(member);
      slot = value;
      if (member == Member::value) resource.value_name = name;
    }
    if (walk.take(',')) continue;
    const std::uint32_t end = walk.position() + 1;
    if (!walk.take('}')) return false;
    resource.text = walk.text(begin, end);
    return true;
  }
}

std::optional<PartialDate> QuickReader::State::date(std::string_view text) {
  if (const auto plain = plain_date(text)) return plain;
  const auto inside = content(text);
  if (!inside) return std::nullopt;
  const auto parsed = parse_partial_date(*inside);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

// A code is wanted when any of its codings means a fact that is kept, or belongs to our own code system,
// whose codes also say how others are to be read.
const Code& QuickReader::State::code_of(std::string_view text) {
  const auto found = codes.find(text);
  if (found != codes.end()) return found->second;
  if (codes.size() > most_remembered) {
    codes.clear();
    observations.clear();  // they name codes by number
  }
  Code code;
  code.number = n_codes++;
  bool is_read = false;
  // The reader takes documents: the concept becomes one.
  std::string document = "{\"c\":" + std::string(text) + "}";
  const std::size_t length = document.size();
  document.append(JsonReader::padding(), ' ');
  const auto done =
      json.read(std::string_view(document).substr(0, length), deepest, [&](const JsonReader::Visited& v) {
        is_read = true;
        const Json concept_ = v.value["c"];
        for (const Meaning& meaning : meanings_of(concept_, values.mapping())) {
          code.is_wanted = code.is_wanted || cohort.keeps(meaning.fact);
        }
        code.is_wanted = code.is_wanted || !own_code(concept_, values.mapping()).empty();
      });
  if (!done || !is_read) code.is_wanted = true;
  return codes.emplace(text, code).first->second;
}

// Versions of one resource are sorted out by the importer.
bool QuickReader::State::is_new_id(const Resource& resource, std::string_view type) {
  const std::string_view id = resource[Member::id];
  if (!content(id) || resource.is_twice(Member::id)) return false;
  ids.push_back(mixed(id) * 31 + type.size() * 7 + static_cast<unsigned char>(type[0]));
  return true;
}

bool QuickReader::State::is_same_subject(const Resource& resource) {
  const std::string_view own = resource[Member::subject];
  if (own.empty() || resource.is_twice(Member::subject)) return false;
  if (subject.empty()) subject = own;
  return subject == own;
}

bool QuickReader::State::is_subject_the_patient() {
  if (subject.empty()) return true;  // nothing was used
  std::string document = "{\"s\":" + std::string(subject) + "}";
  const std::size_t length = document.size();
  document.append(JsonReader::padding(), ' ');
  std::string reference;
  const auto done = json.read(std::string_view(document).substr(0, length), deepest,
                              [&](const JsonReader::Visited& v) { reference = reference_of(v.value["s"]); });
  return done && !reference.empty() && (reference == "Patient/" + patient || reference == full_url);
}

// The importer, asked about one resource. False: what it says needs the others.
bool QuickReader::State::import_alone(const Resource& resource, std::string_view type, Draft& draft,
                                      Ledger& ledger) {
  draft.type = lasting_name(type);
  draft.self = std::string(type) + "/" + std::string(*content(resource[Member::id]));
  draft.origin = {*place, draft.self};
  if (!resource.full_url.empty()) draft.make_links().full_url = std::string(resource.full_url);
  Context context(values, ledger, read_on);
  const auto done = json.read(resource.text, deepest, [&](const JsonReader::Visited& v) {
    draft.outcome = read_resource(v.value, context, draft);
  });
  const Links& links = draft.links();
  return done && links.medication.empty() && links.doses.empty() && links.drugs.empty() &&
         links.source_patient.empty() && links.intended_recipient.empty() && links.part_of.empty();
}

bool QuickReader::State::take_alone(const Resource& resource, std::string_view type) {
  Draft draft;
  if (!import_alone(resource, type, draft, *books)) return false;
  if (type == "Patient") {
    const Links& links = draft.links();
    const bool is_plain = patient.empty() && draft.outcome.kind == Outcome::Kind::mapped && !links.is_donor &&
                          links.replaced_by.empty() && links.replaces.empty() && !links.patient.empty() &&
                          draft.self == "Patient/" + links.patient;
    if (!is_plain) return false;
    patient = links.patient;
    full_url = std::string(resource.full_url);
  } else if (!draft.entries.empty() && !is_same_subject(resource)) {
    return false;
  }
  kept.push_back(std::move(draft.entries));
  for (const Entry& entry : kept.back()) {
    if (cohort.keeps(entry.fact)) placed.push_back(cohort.place(entry));
  }
  return true;
}

bool QuickReader::State::take_observation(const Resource& resource, const Code& code) {
  const std::string_view effective = resource[Member::effective];
  const std::string_view issued_on = resource[Member::issued];
  const bool is_plain = resource[Member::special].empty() && !effective.empty() && resource.twice == 0;
  const auto when = is_plain ? date(effective) : std::nullopt;
  if (!when) return take_alone(resource, "Observation");
  Day known_on = when->first;
  if (!issued_on.empty()) {
    // One that cannot be read does not count.
    const auto issued = date(issued_on);
    if (!issued) return take_alone(resource, "Observation");
    known_on = issued->last;
  }
  key.assign(reinterpret_cast<const char*>(&code.number), sizeof code.number);
  for (const std::string_view part : {resource[Member::status], resource.value_name, resource[Member::value],
                                      resource[Member::reference_range]}) {
    key.append(part);
    key += '\0';
  }
  auto found = observations.find(std::string_view(key));
  if (found == observations.end()) {
    if (observations.size() > most_remembered) observations.clear();
    Template made;
    Draft draft;
    Ledger alone(no_limit);
    if (!import_alone(resource, "Observation", draft, alone)) return false;
    made.is_plain = true;
    for (const Entry& entry : draft.entries) {
      if (!cohort.keeps(entry.fact)) continue;
      made.entries.push_back(cohort.place(entry));
      // Everything but the days has to come from what the key holds.
      made.is_plain = made.is_plain && entry.when == *when && entry.known_on == known_on && !entry.until &&
                      made.entries.back().rest == nullptr;
    }
    for (const Finding& finding : alone.report().refusals) {
      made.refused.emplace_back(finding.reason, finding.detail);
    }
    found = observations.emplace(key, std::move(made)).first;
  }
  const Template& known = found->second;
  if (!known.is_plain) return take_alone(resource, "Observation");
  for (const auto& [reason, detail] : known.refused) {
    books->refuse(
        {{*place, "Observation/" + std::string(*content(resource[Member::id]))}, {}, reason, detail});
  }
  if (known.entries.empty()) return true;
  if (!is_same_subject(resource)) return false;
  for (const Placed& one : known.entries) {
    placed.push_back(one);
    placed.back().item.when = *when;
    placed.back().item.known_on = known_on;
  }
  return true;
}

bool QuickReader::State::take(const Resource& resource) {
  const auto type = content(resource[Member::resource_type]);
  if (!type || resource.is_twice(Member::resource_type)) return false;
  const Way way = way_of(*type);
  if (way == Way::pass) return true;
  if (way == Way::whole || !is_new_id(resource, *type)) return false;
  if (way == Way::patient) return take_alone(resource, *type);
  const bool is_drug = type->starts_with("Medication");
  const Member concept_ = is_drug ? Member::medication : Member::code;
  if (resource.is_twice(concept_)) return false;
  // A drug named by reference, a result with its codes in components: the importer has to look.
  const bool is_elsewhere = resource[concept_].empty() || !resource[Member::special].empty();
  if (is_drug && resource[concept_].empty()) return false;
  if (is_elsewhere) return take_alone(resource, *type);
  const Code& code = code_of(resource[concept_]);
  if (!code.is_wanted) return true;
  return way == Way::observation ? take_observation(resource, code) : take_alone(resource, *type);
}

QuickReader::QuickReader(const Mapping& mapping, record::Cohort& cohort, std::optional<Day> read_on,
                         int deepest_nesting)
    : state_(std::make_unique<State>(mapping, cohort, read_on, deepest_nesting)) {}
QuickReader::~QuickReader() = default;

bool QuickReader::read(std::string_view bytes, const std::string& place, Ledger& ledger) {
  State& s = *state_;
  // A site that takes the day of knowing from when a resource was last changed: not remembered.
  if (s.values.mapping().known_on_from_last_updated()) return false;
  if (bytes.size() > std::size_t{1} << 30) return false;
  std::uint32_t count = 0;
  if (!s.find_structure(bytes, count) || !escapes_are_plain(bytes)) return false;
  s.resources.clear();
  s.placed.clear();
  s.kept.clear();
  s.ids.clear();
  s.subject = {};
  s.patient.clear();
  s.full_url.clear();
  if (!s.walk(bytes, count)) return false;
  Ledger books(no_limit);
  s.place = &place;
  s.books = &books;
  for (const Resource& resource : s.resources) {
    if (!s.take(resource)) return false;
  }
  if (s.patient.empty() || !s.is_subject_the_patient()) return false;
  std::sort(s.ids.begin(), s.ids.end());
  if (std::adjacent_find(s.ids.begin(), s.ids.end()) != s.ids.end()) return false;
  ledger.post(std::move(books));
  s.cohort.add(s.patient, s.placed);
  return true;
}

}  // namespace graftline::interop::fhir
