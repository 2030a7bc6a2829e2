#include "engine/kernel.h"

#include <algorithm>
#include <iterator>

#include "record/view.h"

namespace graftline::engine {

using protocol::Expr;
using record::Column;

// A row as the explaining evaluator sees it.
struct Chunk::Patient {
  Patient(const BatchQuestion& question, record::Timeline&& record)
      : timeline(std::move(record)),
        view(timeline, question.as_of, question.known_on),
        evaluator(question.protocol, view, question.settings) {}

  record::Timeline timeline;
  record::View view;
  Evaluator evaluator;
};

namespace {

const record::FactId& transplant() {
  static const record::FactId id = record::fact_id("transplant");
  return id;
}

// The same for every patient: a parameter, a judgement given with the question.
class ConstantKernel : public Kernel {
 public:
  ConstantKernel(const Expr& expr, const BatchQuestion& question) : Kernel(expr) {
    const record::Timeline nobody;
    const record::View view(nobody, question.as_of, question.known_on);
    truth_ = Evaluator(question.protocol, view, question.settings).evaluate(expr).answer.truth;
  }
  void answer(Chunk&, Planes& out) const override {
    for (std::size_t word = 0; word < out.words(); ++word) {
      out.yes(word) = truth_ == Truth::yes ? ~Planes::Word{0} : 0;
      out.no(word) = truth_ == Truth::no ? ~Planes::Word{0} : 0;
    }
  }

 private:
  Truth truth_ = Truth::unknown;
};

// A judgement that only a record can answer: unknown for the many who have none.
class JudgementKernel : public Kernel {
 public:
  JudgementKernel(const Expr& expr, Said without) : Kernel(expr), without_(without) {}
  void answer(Chunk& chunk, Planes& out) const override {
    each_row(chunk, out, [&](std::size_t i) {
      const auto row = static_cast<record::Row>(chunk.first() + i);
      return chunk.cohort().judgements(row).empty() ? without_ : Said::look;
    });
  }

 private:
  Said without_;
};

class TodayKernel : public Kernel {
 public:
  TodayKernel(const Expr& expr, const WindowPlan& window, Day as_of)
      : Kernel(expr), window_(window), as_of_(as_of.value) {}
  void answer(Chunk& chunk, Planes& out) const override {
    const auto row_says = [&](std::size_t i) {
      const RowDays days = window_.at(chunk, i);
      if (days.look) return Said::look;
      if (days.is_unanchored) return Said::unknown;
      return as_of_ >= days.first && (as_of_ <= days.last || days.is_open) ? Said::yes : Said::no;
    };
    const auto block_says = [&](std::size_t begin, std::size_t n, std::int32_t* codes) {
      window_.each(chunk, begin, n,
                   [&](std::size_t i, std::int32_t first, std::int32_t last, bool is_open, bool is_usable) {
                     const bool is_inside = (as_of_ >= first) & ((as_of_ <= last) | is_open);
                     const std::int32_t says = is_inside ? code(Said::yes) : code(Said::no);
                     codes[i] = is_usable ? says : code(Said::look);
                   });
    };
    each_block(chunk, out, block_says, row_says);
  }

 private:
  WindowPlan window_;
  std::int32_t as_of_;
};

class RowKernel : public Kernel {
 public:
  RowKernel(const Expr& expr, std::string why) : Kernel(expr), why_(std::move(why)) {}
  void answer(Chunk& chunk, Planes& out) const override {
    each_row(chunk, out, [](std::size_t) { return Said::look; });
  }
  std::string by_row() const override { return why_; }

 private:
  std::string why_;
};

std::unique_ptr<Kernel> named_kernel(const Expr& expr, const BatchQuestion& question) {
  if (question.protocol.find_judgement(expr.name) == nullptr) return holding_kernel(expr, question, false);
  if (question.settings.judgements.contains(expr.name))
    return std::make_unique<ConstantKernel>(expr, question);
  return std::make_unique<JudgementKernel>(expr, Said::unknown);
}

std::unique_ptr<Kernel> is_known_kernel(const Expr& expr, const BatchQuestion& question) {
  if (question.protocol.find_parameter(expr.name) != nullptr) {
    return std::make_unique<ConstantKernel>(expr, question);
  }
  if (question.protocol.find_judgement(expr.name) != nullptr) {
    if (question.settings.judgements.contains(expr.name)) {
      return std::make_unique<ConstantKernel>(expr, question);
    }
    return std::make_unique<JudgementKernel>(expr, Said::no);
  }
  const auto type = record::fact(question.protocol.find_fact(expr.name)->fact).type;
  const bool holds = type == record::FactType::statement || type == record::FactType::event ||
                     type == record::FactType::course;
  return holds ? holding_kernel(expr, question, true) : known_kernel(expr, question);
}

std::unique_ptr<Kernel> fast_kernel(const Expr& expr, const BatchQuestion& question) {
  switch (expr.form) {
    case Expr::Form::comparison: {
      const bool is_fixed = expr.left.form == protocol::Operand::Form::parameter &&
                            (expr.right.form == protocol::Operand::Form::parameter ||
                             expr.right.form == protocol::Operand::Form::literal ||
                             expr.right.form == protocol::Operand::Form::level);
      if (is_fixed) return std::make_unique<ConstantKernel>(expr, question);
      return comparison_kernel(expr, question);
    }
    case Expr::Form::membership:
      if (question.protocol.find_parameter(expr.name) != nullptr) {
        return std::make_unique<ConstantKernel>(expr, question);
      }
      return membership_kernel(expr, question);
    case Expr::Form::is_true:
      return named_kernel(expr, question);
    case Expr::Form::held:
      return holding_kernel(expr, question, false);
    case Expr::Form::known:
      return is_known_kernel(expr, question);
    case Expr::Form::today:
      if (const auto window = WindowPlan::of(expr.window, question)) {
        return std::make_unique<TodayKernel>(expr, *window, question.as_of);
      }
      return nullptr;
    default:
      return nullptr;
  }
}

std::string why_by_row(const Expr& expr, const BatchQuestion& question) {
  if (expr.form == Expr::Form::comparison) {
    if (expr.left.form == protocol::Operand::Form::fact && expr.right.form == protocol::Operand::Form::fact) {
      return "two facts are compared with each other";
    }
    for (const protocol::Operand* side : {&expr.left, &expr.right}) {
      if (side->form != protocol::Operand::Form::fact) continue;
      const auto& row = record::fact(question.protocol.find_fact(side->name)->fact);
      if (!row.derivation.empty()) return "the fact is computed";
    }
  }
  if (!expr.name.empty()) {
    const auto* declared = question.protocol.find_fact(expr.name);
    if (declared != nullptr && !record::fact(declared->fact).derivation.empty())
      return "the fact is computed";
  }
  return "its days count from an event or an infusion, or its form has no kernel";
}

}  // namespace

std::unique_ptr<Kernel> kernel_of(const Expr& leaf, const BatchQuestion& question) {
  auto kernel = fast_kernel(leaf, question);
  if (kernel) return kernel;
  return std::make_unique<RowKernel>(leaf, why_by_row(leaf, question));
}

// Chunk
// ---------------------------------------------------------------------------------------------------------

Chunk::Chunk(const BatchQuestion& question, const record::Cohort& cohort, record::Row first, std::size_t rows)
    : question_(question), cohort_(cohort), first_(first), rows_(rows), day_zero_(rows) {
  const record::Newest& newest = cohort.column(transplant()).newest();
  const std::int32_t* days = newest.day.data() + first;
  const std::int32_t* values = newest.value.data() + first;
  const std::int32_t seen_until = question.seen_until();
  std::int32_t* zeros = day_zero_.data();
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int32_t day = days[i];
    const bool stands = (day > look) & (day <= seen_until) & (values[i] == 1);
    zeros[i] = stands | (day == no_day) ? day : look;
  }
  for (std::size_t i = 0; i < rows; ++i) {
    if (zeros[i] == look) zeros[i] = find_day_zero(static_cast<record::Row>(first + i));
  }
}

Chunk::~Chunk() = default;

std::int32_t Chunk::find_day_zero(record::Row row) const {
  std::optional<PartialDate> latest;
  for (const Column::Item& item : cohort_.column(transplant()).items(row)) {
    if (item.known_on > question_.known_on || item.when.first > question_.as_of) continue;
    if (item.standing != record::Standing::final) return look;
    if (!item.unusable.empty() || item.form != Column::Form::yes_no || item.value == 0) continue;
    if (!latest || item.when.last >= latest->last) latest = item.when;
  }
  if (!latest) return no_day;
  return latest->first == latest->last ? latest->first.value : look;
}

Truth Chunk::explain(const Expr& expr, std::size_t i) {
  ++explained_;
  auto& patient = patients_[i];
  if (!patient) {
    patient = std::make_unique<Patient>(question_, cohort_.timeline(static_cast<record::Row>(first_ + i)));
  }
  return patient->evaluator.evaluate(expr).answer.truth;
}

bool has_any(const record::Cohort& cohort, const std::vector<record::FactId>& facts, record::Row row) {
  return std::any_of(facts.begin(), facts.end(),
                     [&](record::FactId fact) { return cohort.column(fact).has(row); });
}

void look_where_any(const record::Cohort& cohort, const std::vector<record::FactId>& facts, std::size_t row,
                    std::size_t n, std::int32_t* codes) {
  for (const record::FactId fact : facts) {
    const std::uint32_t* offsets = cohort.column(fact).offsets().data() + row;
    for (std::size_t i = 0; i < n; ++i) codes[i] = offsets[i] != offsets[i + 1] ? code(Said::look) : codes[i];
  }
}

std::vector<record::FactId> with_entries(const record::Cohort& cohort,
                                         const std::vector<record::FactId>& facts) {
  std::vector<record::FactId> found;
  std::copy_if(facts.begin(), facts.end(), std::back_inserter(found),
               [&](record::FactId fact) { return !cohort.column(fact).is_empty(); });
  return found;
}

// Windows
// -------------------------------------------------------------------------------------------------------

std::optional<WindowPlan::End> WindowPlan::end_of(const std::optional<protocol::Anchor>& anchor,
                                                  const BatchQuestion& question) {
  End end;
  if (!anchor) return end;
  end.is_set = true;
  using Base = protocol::Anchor::Base;
  if (anchor->base == Base::today) {
    const record::Timeline nobody;
    const record::View view(nobody, question.as_of, question.known_on);
    const ResolvedAnchor day = Evaluator(question.protocol, view, question.settings).anchor(*anchor);
    end.days = day.date->first.value;
    return end;
  }
  if (anchor->base != Base::day_zero) return std::nullopt;
  end.from_day_zero = true;
  if (anchor->offset) {
    const protocol::TimeUnit unit = anchor->offset->unit;
    if (unit == protocol::TimeUnit::calendar_months || unit == protocol::TimeUnit::hours) return std::nullopt;
    end.days = anchor->sign * in_days(*anchor->offset);
  }
  return end;
}

std::optional<WindowPlan> WindowPlan::of(const protocol::Window& window, const BatchQuestion& question) {
  const auto first = end_of(window.first, question);
  const auto last = end_of(window.last, question);
  if (!first || !last) return std::nullopt;
  WindowPlan plan;
  plan.first_ = *first;
  plan.last_ = *last;
  plan.so_far_ = window.so_far;
  plan.as_of_ = question.as_of.value;
  return plan;
}

std::optional<WindowPlan> WindowPlan::of(const protocol::FactDeclaration& fact,
                                         const BatchQuestion& question) {
  if (fact.window.first || fact.window.last) return of(fact.window, question);
  protocol::Window window;
  const bool over_time = fact.pick == protocol::Pick::worst || fact.pick == protocol::Pick::best ||
                         fact.pick == protocol::Pick::any;
  if (over_time && !fact.window.ever) window.first = protocol::Anchor{};  // since day 0
  return of(window, question);
}

RowDays WindowPlan::at(const Chunk& chunk, std::size_t i) const {
  RowDays days;
  days.last = as_of_;
  const std::int32_t zero = first_.from_day_zero || last_.from_day_zero ? chunk.day_zero(i) : 0;
  if (zero == Chunk::look) {
    days.look = true;
    return days;
  }
  if (zero == Chunk::no_day) {
    days.is_unanchored = true;
    return days;
  }
  if (first_.is_set) days.first = first_.days + (first_.from_day_zero ? zero : 0);
  if (last_.is_set) {
    const std::int32_t last = last_.days + (last_.from_day_zero ? zero : 0);
    days.is_open = !so_far_ && last > as_of_;
    days.last = std::min(last, as_of_);
  }
  return days;
}

}  // namespace graftline::engine
