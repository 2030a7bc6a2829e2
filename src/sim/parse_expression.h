#pragma once
// One expression of a model file, from tokens to nodes. Names are looked up in what the file declared before.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocol/reader.h"
#include "sim/model.h"

namespace graftline::sim {

struct Name {
  enum class Kind : unsigned char { state, clock, trait, number, curve, let, transition, variant, source };
  Kind kind = Kind::number;
  std::uint32_t index = 0;
  Span span;
};
std::string_view name(Name::Kind kind);  // "a state", "a clock", ...

class Names {
 public:
  // Complains when the name is taken or reserved.
  void declare(protocol::Reader& reader, const std::string& name, Name what);
  // Complains when there is no such name, or it is another kind of thing.
  std::optional<std::uint32_t> find(protocol::Reader& reader, Name::Kind kind, std::string_view where);
  const Name* find(std::string_view name) const;
  std::string suggestion(std::string_view name);

 private:
  std::unordered_map<std::string, Name> names_;
  int suggestions_left_ = 20;  // looking for near names is what a hostile file could make expensive
};

bool is_question(const Expression& expression);  // its value is yes or no

// What an expression is for; decides what it may mention and whether it answers a question.
enum class Purpose : unsigned char { value, condition, any };

class ExpressionParser {
 public:
  ExpressionParser(protocol::Reader& reader, Names& names, const Model& model)
      : reader_(reader), names_(names), model_(model) {}

  Expression parse(Purpose purpose);
  std::size_t written_out() const { return written_out_; }  // nodes, with named expressions in place
  bool saw_figure() const { return saw_figure_; }           // a literal other than 0 and 1: it needs a source

  // A literal with an optional sign, percent sign and unit of time or "per" unit, in the model's unit.
  double figure(std::string_view what);

 private:
  int either();
  int both();
  int comparison();
  int sum();
  int product();
  int power();
  int primary();
  int named();
  int state_question(std::uint32_t state);
  int push(ExpressionNode node);
  int push(Operation operation, int a = -1, int b = -1, int c = -1);
  bool is_condition(int node) const;
  int wanted(int node, Purpose purpose, const protocol::Span& span);
  double units_of_time(protocol::TimeUnit unit, const protocol::Span& span);

  protocol::Reader& reader_;
  Names& names_;
  const Model& model_;
  Expression expression_;
  int depth_ = 0;
  std::size_t written_out_ = 0;
  bool saw_figure_ = false;
};

}  // namespace graftline::sim
