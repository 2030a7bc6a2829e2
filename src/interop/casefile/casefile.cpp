#include "interop/casefile/casefile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

#include "record/facts.h"

namespace graftline::interop {
namespace {

using record::Fact;
using record::FactType;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) &&
         (text.size() == word.size() || std::isalnum(static_cast<unsigned char>(text[word.size()])) == 0);
}

// Takes `word` off the front, with the blanks after it.
bool take(std::string_view& text, std::string_view word) {
  if (!starts_with_word(text, word)) return false;
  text = trimmed(text.substr(word.size()));
  return true;
}

std::string_view take_token(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view token = text.substr(0, end);
  text = trimmed(text.substr(end));
  return token;
}

// One "key: value" with its place; continuation lines have been joined with '|'.
struct Line {
  std::string key;
  std::string value;
  int number = 0;
};

struct Item {
  std::string text;
  int line = 0;
};

constexpr std::array<std::string_view, 11> keys{"case",     "base",    "protocol", "site",
                                                "strategy", "product", "patient",  "expect",
                                                "collect",  "split",   "dose"};
constexpr std::array<std::string_view, 3> product_commands{"collect", "split", "dose"};

class Reader {
 public:
  explicit Reader(std::string path) { file_.path = std::move(path); }

  Result<CaseFile> read(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++number;
      if (auto problem = line(text.substr(0, end), number)) return *problem;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (auto problem = finish_block()) return *problem;
    if (file_.cases.empty())
      return error(number, "no case in this file: a case starts with 'case:' and a sentence");
    return std::move(file_);
  }

 private:
  // A base or a case as collected, before its dates are known.
  struct Block {
    bool is_base = false;
    std::string name;
    int line = 0;
    std::vector<Item> site, patient, expect;
    std::string protocol, strategy, product;
    std::string command;  // collect, split, dose
    std::vector<Item> options;
  };

  Error error(int line, const std::string& what) const {
    return {ErrorKind::malformed_input, fmt::format("{}:{}: {}", file_.path, line, what)};
  }

  std::optional<Error> line(std::string_view raw, int number) {
    if (const auto comment = raw.find('#'); comment != std::string_view::npos) raw = raw.substr(0, comment);
    const std::string_view text = trimmed(raw);
    if (text.empty()) return std::nullopt;
    for (const std::string_view key : keys) {
      if (!text.starts_with(key)) continue;
      const std::string_view rest = trimmed(text.substr(key.size()));
      if (!rest.starts_with(':')) continue;
      return start(key, trimmed(rest.substr(1)), number);
    }
    const bool is_indented = raw.front() == ' ' || raw.front() == '\t';
    if (!is_indented || continued_ == nullptr) {
      return error(
          number,
          fmt::format("'{}': expected one of case:, base:, protocol:, site:, strategy:, product:, patient:, "
                      "expect:, or an indented line that goes on with the one above",
                      text));
    }
    add_items(*continued_, text, number);
    return std::nullopt;
  }

  static void add_items(std::vector<Item>& items, std::string_view text, int number) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('|'), text.size());
      if (const auto item = trimmed(text.substr(0, end)); !item.empty())
        items.push_back({std::string(item), number});
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::optional<Error> start(std::string_view key, std::string_view value, int number) {
    continued_ = nullptr;
    if (key == "case" || key == "base") {
      if (auto problem = finish_block()) return problem;
      if (value.empty()) return error(number, fmt::format("{}: needs a name", key));
      block_ = Block{};
      block_->is_base = key == "base";
      block_->name = value;
      block_->line = number;
      return std::nullopt;
    }
    if (!block_) {
      if (key == "protocol") {
        default_protocol_ = value;
        return std::nullopt;
      }
      return error(number, fmt::format("{}: stands before the first case: or base:", key));
    }
    if (key == "protocol") block_->protocol = value;
    if (key == "strategy") block_->strategy = value;
    if (key == "product") block_->product = value;
    if (std::find(product_commands.begin(), product_commands.end(), key) != product_commands.end()) {
      if (!block_->command.empty())
        return error(number, "a case asks one of collect:, split: and dose:, once");
      block_->command = key;
      continued_ = &block_->options;
    }
    if (key == "site") continued_ = &block_->site;
    if (key == "patient") continued_ = &block_->patient;
    if (key == "expect") continued_ = &block_->expect;
    if (continued_ != nullptr) add_items(*continued_, value, number);
    return std::nullopt;
  }

  // Items of a base come first; a case's own item on a fact replaces the base's items on it.
  std::optional<Error> inherit(const Block& block, std::vector<Item>& items, std::vector<Item>& site,
                               int depth) const {
    if (depth > 8) return error(block.line, "bases refer to each other in a circle");
    std::vector<Item> own;
    for (const Item& item : block.patient) {
      std::string_view text = item.text;
      if (!take(text, "like")) {
        own.push_back(item);
        continue;
      }
      const auto base = bases_.find(std::string(text));
      if (base == bases_.end()) return error(item.line, fmt::format("no base '{}' stands above", text));
      if (auto problem = inherit(base->second, items, site, depth + 1)) return problem;
    }
    site.insert(site.end(), block.site.begin(), block.site.end());
    std::vector<std::string> replaced;
    for (const Item& item : own) {
      std::string_view text = item.text;
      if (take(text, "also")) continue;
      if (take(text, "without")) {
        const auto fact = record::find_fact(text);
        if (!fact)
          return error(item.line,
                       fmt::format("no fact '{}'; did you mean '{}'?", text, record::closest_fact(text)));
        replaced.emplace_back(record::fact(*fact).id);
        continue;
      }
      replaced.push_back(subject_of(text));
    }
    std::erase_if(items, [&](const Item& item) {
      const std::string subject = subject_of(item.text);
      return std::find(replaced.begin(), replaced.end(), subject) != replaced.end();
    });
    for (const Item& item : own) {
      std::string_view text = item.text;
      if (take(text, "without")) continue;
      take(text, "also");
      items.push_back({std::string(text), item.line});
    }
    return std::nullopt;
  }

  // What an item is about: "day 0", "as of", "known on", a judgement, or a fact's id.
  static std::string subject_of(std::string_view text) {
    if (is_day_zero(text)) return "day 0";
    if (starts_with_word(text, "as of")) return "as of";
    if (starts_with_word(text, "known on")) return "known on";
    if (starts_with_word(text, "judgement")) return std::string(text.substr(0, text.find('=')));
    take_when(text);
    std::string_view rest = text;
    const auto fact = take_fact(rest);
    return fact ? std::string(fact->id) : std::string(text);
  }

  static bool is_day_zero(std::string_view text) {
    if (!take(text, "day 0")) return false;
    return text.starts_with('=') || starts_with_word(text, "graft infused");
  }

  // A date, a partial date or "day +N" at the front; empty when there is none.
  static std::string_view take_when(std::string_view& text) {
    if (text.starts_with("day ")) {
      std::string_view rest = trimmed(text.substr(4));
      const std::size_t length = std::min(rest.find_first_of(" \t,"), rest.size());
      const std::string_view number = rest.substr(0, length);
      if (number.empty() || number.find_first_not_of("+-0123456789") != std::string_view::npos) return {};
      const auto when = std::string_view(
          text.data(), static_cast<std::size_t>(number.data() + number.size() - text.data()));
      text = trimmed(rest.substr(length));
      return when;
    }
    const std::size_t length = std::min(text.find_first_of(" \t,"), text.size());
    const std::string_view token = text.substr(0, length);
    if (token.size() < 4 || std::isdigit(static_cast<unsigned char>(token[0])) == 0 ||
        !parse_partial_date(token))
      return {};
    text = trimmed(text.substr(length));
    return token;
  }

  // The longest run of words at the front that names a fact.
  static const Fact* take_fact(std::string_view& text) {
    const std::string_view head = text.substr(0, text.find(','));
    for (std::size_t end = head.size(); end > 0; end = head.find_last_of(" \t", end - 1)) {
      if (end == std::string_view::npos) break;
      if (const auto found = record::find_fact(trimmed(head.substr(0, end)))) {
        text = trimmed(text.substr(end));
        return &record::fact(*found);
      }
      if (head.find_last_of(" \t", end - 1) == std::string_view::npos) break;
    }
    return nullptr;
  }

  std::optional<Error> finish_block() {
    if (!block_) return std::nullopt;
    Block block = std::move(*block_);
    block_.reset();
    continued_ = nullptr;
    if (block.is_base) {
      const std::string name = block.name;
      const int line = block.line;
      if (bases_.emplace(name, std::move(block)).second) return std::nullopt;
      return error(line, fmt::format("base '{}' stands twice", name));
    }
    return make_case(block);
  }

  std::optional<Error> make_case(const Block& block) {
    std::vector<Item> items;
    std::vector<Item> site;
    if (auto problem = inherit(block, items, site, 0)) return problem;
    Case made;
    made.name = block.name;
    made.line = block.line;
    made.protocol = block.protocol.empty() ? default_protocol_ : block.protocol;
    made.strategy = block.strategy;
    made.product = block.product;
    if (!block.command.empty()) {
      if (!items.empty())
        return error(block.line,
                     fmt::format("case '{}': {}: stands without patient:", block.name, block.command));
      made.product_question.command = block.command;
      for (const Item& item : block.options) {
        const std::size_t equals = item.text.find('=');
        if (equals == std::string::npos)
          return error(item.line, fmt::format("'{}': expected OPTION = VALUE, as the command {} takes it",
                                              item.text, block.command));
        made.product_question.options.push_back(
            {std::string(trimmed(std::string_view(item.text).substr(0, equals))),
             std::string(trimmed(std::string_view(item.text).substr(equals + 1))), item.line});
      }
      return finish_case(block, std::move(made));
    }
    if (auto problem = read_days(items, made)) return problem;
    for (const Item& item : items) {
      if (auto problem = read_item(item, made)) return problem;
    }
    for (const Item& item : site) {
      if (auto problem = read_site(item, made)) return problem;
    }
    return finish_case(block, std::move(made));
  }

  std::optional<Error> finish_case(const Block& block, Case made) {
    for (const Item& item : block.expect) {
      if (auto problem = read_expectation(item, made)) return problem;
    }
    if (made.expectations.empty())
      return error(block.line, fmt::format("case '{}' expects nothing: add 'expect:'", block.name));
    file_.cases.push_back(std::move(made));
    return std::nullopt;
  }

  // Day 0 and "as of" first: other items count from them.
  std::optional<Error> read_days(const std::vector<Item>& items, Case& made) const {
    bool asked = false;
    for (const Item& item : items) {
      std::string_view text = item.text;
      if (!is_day_zero(text)) continue;
      take(text, "day 0");
      if (take(text, "graft infused")) {
        text = text.empty() ? "2026-01-01" : text;
      } else {
        text = trimmed(text.substr(1));
      }
      const auto partial = parse_partial_date(text);
      if (!partial) return error(item.line, partial.error().message);
      made.day_zero = partial->first;
      made.rows.push_back({std::string(text), "transplant", "yes", "", "", "", "", "", "", item.line});
    }
    for (const Item& item : items) {
      std::string_view text = item.text;
      const bool is_known = starts_with_word(text, "known on");
      if (!is_known && !starts_with_word(text, "as of")) continue;
      take(text, is_known ? "known on" : "as of");
      auto date = date_text(text, made, item.line);
      if (!date) return date.error();
      const auto day = parse_day(*date);
      if (!day) return error(item.line, day.error().message);
      if (is_known) {
        made.known_on = *day;
      } else {
        made.as_of = *day;
        asked = true;
      }
    }
    if (!asked)
      return error(made.line, fmt::format("case '{}' does not say 'as of' which day it asks", made.name));
    return std::nullopt;
  }

  // "day +48" as a date; dates stay as written.
  Result<std::string> date_text(std::string_view when, const Case& made, int line) const {
    if (when.empty()) return to_text(made.as_of);
    if (when == "today") return to_text(made.as_of);
    if (!when.starts_with("day")) {
      const auto date = parse_partial_date(when);
      if (!date) return error(line, date.error().message);
      return std::string(when);
    }
    if (!made.day_zero) return error(line, fmt::format("'{}' needs a 'day 0 = DATE'", when));
    const std::string number(trimmed(when.substr(3)));
    char* end = nullptr;
    const long days = std::strtol(number.c_str(), &end, 10);
    if (end == number.c_str() || *end != '\0' || std::labs(days) > 40000) {
      return error(line, fmt::format("'{}': expected 'day +N'", when));
    }
    return to_text(*made.day_zero + static_cast<int>(days));
  }

  std::optional<Error> read_item(const Item& item, Case& made) const {
    std::string_view text = item.text;
    if (is_day_zero(text) || starts_with_word(text, "as of") || starts_with_word(text, "known on"))
      return std::nullopt;
    if (take(text, "judgement")) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos)
        return error(item.line, "expected 'judgement NAME = yes' or '= no'");
      const std::string_view value = trimmed(text.substr(equals + 1));
      if (value != "yes" && value != "no") return error(item.line, "a judgement is yes or no");
      made.judgements[std::string(trimmed(text.substr(0, equals)))] = value;
      return std::nullopt;
    }
    CaseRow row;
    row.line = item.line;
    auto date = date_text(take_when(text), made, item.line);
    if (!date) return date.error();
    row.date = *date;
    const Fact* fact = take_fact(text);
    if (fact == nullptr) {
      return error(item.line,
                   fmt::format("'{}' names no fact; did you mean '{}'?", text,
                               record::closest_fact(text.substr(0, text.find_first_of(",0123456789")))));
    }
    row.fact = fact->id;
    if (text.starts_with('=')) text = trimmed(text.substr(1));
    if (auto problem = read_extras(text, item.line, made, row)) return problem;
    split_value(*fact, text, row);
    // "no since day +60" documents the absence for all days up to the one asked about.
    const bool is_since = item.text.find(" since ") != std::string::npos;
    if (is_since && row.value == "no" && row.end.empty()) row.end = to_text(made.as_of);
    made.rows.push_back(std::move(row));
    return std::nullopt;
  }

  // Takes "WORD rest" out of the end of `text`: the end day of "active GVHD until day +60".
  static std::string_view take_tail(std::string_view& text, std::string_view word) {
    const std::string spaced = " " + std::string(word) + " ";
    const auto at = (" " + std::string(text)).find(spaced);
    if (at == std::string::npos) return {};
    const std::string_view tail = trimmed(text.substr(std::min(at + word.size(), text.size())));
    text = trimmed(text.substr(0, at));
    return tail;
  }

  // "until DAY" and "since DAY" stand behind the fact; upper limit, method, status and known on behind
  // commas.
  std::optional<Error> read_extras(std::string_view& text, int line, const Case& made, CaseRow& row) const {
    std::string_view extras;
    if (const auto comma = text.find(','); comma != std::string_view::npos) {
      extras = trimmed(text.substr(comma + 1));
      text = trimmed(text.substr(0, comma));
    }
    for (const auto& [word, column] :
         {std::pair{"until", &CaseRow::end}, std::pair{"since", &CaseRow::date}}) {
      const std::string_view when = take_tail(text, word);
      if (when.empty()) continue;
      auto date = date_text(when, made, line);
      if (!date) return date.error();
      row.*column = *date;
    }
    while (!extras.empty()) {
      const std::size_t end = std::min(extras.find(','), extras.size());
      std::string_view extra = trimmed(extras.substr(0, end));
      extras = trimmed(extras.substr(std::min(end + 1, extras.size())));
      if (take(extra, "upper limit")) {
        row.upper_limit = extra;
      } else if (take(extra, "method")) {
        row.method = extra;
      } else if (take(extra, "status")) {
        row.status = extra;
      } else {
        const bool is_end = take(extra, "until");
        if (!is_end && !take(extra, "known on")) {
          return error(line,
                       fmt::format("'{}': expected upper limit, method, status, until or known on", extra));
        }
        auto date = date_text(extra, made, line);
        if (!date) return date.error();
        (is_end ? row.end : row.known_on) = *date;
      }
    }
    return std::nullopt;
  }

  static void split_value(const Fact& fact, std::string_view text, CaseRow& row) {
    const bool has_number = fact.type == FactType::quantity || fact.id == "dli";
    if (!has_number) {
      row.value = text.empty() ? "yes" : text;
      return;
    }
    row.value = take_token(text);
    row.unit = text;
    if (row.value.empty()) row.value = "yes";
  }

  std::optional<Error> read_site(const Item& item, Case& made) const {
    std::string_view text = item.text;
    const bool is_limit = take(text, "upper limit");
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return error(item.line, "expected 'PARAMETER = VALUE' or 'upper limit FACT = VALUE UNIT'");
    }
    const std::string_view name = trimmed(text.substr(0, equals));
    const std::string value(trimmed(text.substr(equals + 1)));
    if (!is_limit) {
      if (value == "not set") {
        made.parameters.erase(std::string(name));
      } else {
        made.parameters[std::string(name)] = value;
      }
      return std::nullopt;
    }
    const auto fact = record::find_fact(name);
    if (!fact)
      return error(item.line,
                   fmt::format("no fact '{}'; did you mean '{}'?", name, record::closest_fact(name)));
    made.upper_limits[std::string(record::fact(*fact).id)] = value;
    return std::nullopt;
  }

  std::optional<Error> read_expectation(const Item& item, Case& made) const {
    const std::string_view text = item.text;
    for (const std::string_view relation : {" includes ", " excludes ", " = ", "="}) {
      const auto at = text.find(relation);
      if (at == std::string_view::npos) continue;
      made.expectations.push_back({std::string(trimmed(text.substr(0, at))), std::string(trimmed(relation)),
                                   std::string(trimmed(text.substr(at + relation.size()))), item.line});
      return std::nullopt;
    }
    return error(
        item.line,
        fmt::format("'{}': expected 'SUBJECT = VALUE', '... includes ...' or '... excludes ...'", text));
  }

  CaseFile file_;
  std::optional<Block> block_;
  std::vector<Item>* continued_ = nullptr;
  std::map<std::string, Block> bases_;
  std::string default_protocol_;
};

std::string item_text(const CaseRow& row) {
  std::string text = fmt::format("{} {} {}", row.date, row.fact, row.value);
  if (!row.unit.empty()) text += " " + row.unit;
  if (!row.end.empty()) text += " until " + row.end;
  if (!row.upper_limit.empty()) text += ", upper limit " + row.upper_limit;
  if (!row.method.empty()) text += ", method " + row.method;
  if (!row.status.empty()) text += ", status " + row.status;
  if (!row.known_on.empty()) text += ", known on " + row.known_on;
  return text;
}

}  // namespace

Result<CaseFile> parse_case_file(std::string_view text, std::string path) {
  return Reader(std::move(path)).read(text);
}

Result<CaseFile> read_case_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, fmt::format("{}: cannot be opened", path.string())};
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return parse_case_file(text, path.string());
}

std::string to_text(const Case& c) {
  std::string text = fmt::format("case:      {}\n", c.name);
  if (!c.protocol.empty()) text += fmt::format("protocol:  {}\n", c.protocol);
  if (!c.strategy.empty()) text += fmt::format("strategy:  {}\n", c.strategy);
  if (!c.product.empty()) text += fmt::format("product:   {}\n", c.product);
  const auto block = [&](std::string_view key, const std::vector<std::string>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      text += fmt::format("{:<11}{}\n", i == 0 ? std::string(key) + ":" : "", items[i]);
    }
  };
  std::vector<std::string> site;
  for (const auto& [name, value] : c.parameters) site.push_back(fmt::format("{} = {}", name, value));
  for (const auto& [fact, value] : c.upper_limits)
    site.push_back(fmt::format("upper limit {} = {}", fact, value));
  block("site", site);
  std::vector<std::string> expect;
  for (const Expectation& e : c.expectations)
    expect.push_back(fmt::format("{} {} {}", e.subject, e.relation, e.value));
  if (!c.product_question.command.empty()) {
    std::vector<std::string> options;
    for (const ProductQuestion::Option& option : c.product_question.options)
      options.push_back(fmt::format("{} = {}", option.name, option.value));
    block(c.product_question.command, options);
    block("expect", expect);
    return text;
  }
  std::vector<std::string> patient;
  if (c.day_zero) patient.push_back("day 0 = " + to_text(*c.day_zero));
  patient.push_back("as of " + to_text(c.as_of));
  if (c.known_on) patient.push_back("known on " + to_text(*c.known_on));
  for (const CaseRow& row : c.rows) {
    if (row.fact != "transplant" || !c.day_zero) patient.push_back(item_text(row));
  }
  for (const auto& [name, value] : c.judgements)
    patient.push_back(fmt::format("judgement {} = {}", name, value));
  block("patient", patient);
  block("expect", expect);
  return text;
}

}  // namespace graftline::interop
