#include "engine/batch.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>

#include "engine/judgements.h"
#include "engine/kernel.h"
#include "engine/operators.h"
#include "protocol/format.h"
#include "record/related.h"

namespace graftline::engine {
namespace {

using protocol::Expr;

// A condition in the order of evaluation: leaves and connectives, each after what it joins.
struct Step {
  std::unique_ptr<Kernel> kernel;   // leaf
  const Joining* joined = nullptr;  // connective
  int count = 0;
  std::vector<std::size_t> sides;  // indices of steps
};

Verdict verdict(Truth truth) {
  if (truth == Truth::unknown) return Verdict::unknown;
  return truth == Truth::yes ? Verdict::eligible : Verdict::not_eligible;
}

}  // namespace

Verdict verdict_of(const Planes& planes, std::size_t row) { return verdict(planes[row]); }

struct Batch::Program {
  Program(const protocol::Protocol& protocol, const Settings& settings, Day as_of, Day known_on)
      : question{protocol, settings, as_of, known_on} {
    lone_judgements = free_standing_judgements(protocol);
    for (const auto& criterion : protocol.common.criteria) ask(criterion, -1);
    for (const auto& criterion : lone_judgements) ask(criterion, -1);
    for (std::size_t i = 0; i < protocol.strategies.size(); ++i) {
      const auto& strategy = protocol.strategies[i];
      const int index = static_cast<int>(i);
      if (strategy.when) {
        asked.push_back({Asked::What::trigger, strategy.name, index, false, {}});
        roots.push_back(compile(*strategy.when, asked.back()));
      }
      for (const auto& criterion : strategy.rules.criteria) ask(criterion, index);
    }
    std::vector<record::FactId> declared{record::fact_id("transplant"), record::fact_id("dli")};
    for (const auto& fact : protocol.facts) declared.push_back(fact.fact);
    facts = record::with_facts_behind(declared);
  }

  void ask(const protocol::Criterion& criterion, int strategy) {
    asked.push_back({Asked::What::criterion, criterion.id, strategy, !criterion.include, {}});
    roots.push_back(compile(criterion.when, asked.back()));
  }

  std::size_t compile(const Expr& expr, Asked& of) {
    Step step;
    const bool joins = expr.form == Expr::Form::all || expr.form == Expr::Form::any ||
                       expr.form == Expr::Form::negation || expr.form == Expr::Form::at_least;
    if (joins) {
      step.joined = &joining(expr.form);
      step.count = expr.count;
      for (const Expr& child : expr.children) step.sides.push_back(compile(child, of));
    } else if (const auto* definition = expr.form == Expr::Form::is_true
                                            ? question.protocol.find_definition(expr.name)
                                            : nullptr) {
      return compile(definition->when, of);
    } else {
      step.kernel = kernel_of(expr, question);
      if (const std::string why = step.kernel->by_row(); !why.empty()) {
        of.by_row.push_back(to_text(expr) + ": " + why);
      }
    }
    steps.push_back(std::move(step));
    return steps.size() - 1;
  }

  // Answers the rows of one chunk; returns how many questions were explained.
  std::size_t run(const record::Cohort& cohort, record::Row first, std::size_t rows,
                  BatchAnswers& answers) const {
    Chunk chunk(question, cohort, first, rows);
    std::vector<Planes> results(steps.size(), Planes(rows));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& step = steps[i];
      if (step.kernel) {
        step.kernel->answer(chunk, results[i]);
        continue;
      }
      std::vector<const Planes*> sides;
      for (const std::size_t side : step.sides) sides.push_back(&results[side]);
      step.joined->many(sides, step.count, results[i]);
    }
    const std::size_t offset = first / Planes::word_bits;
    const auto put = [&](const Planes& from, Planes& to) {
      for (std::size_t word = 0; word < from.words(); ++word) {
        to.yes(offset + word) = from.yes(word);
        to.no(offset + word) = from.no(word);
      }
    };
    for (std::size_t i = 0; i < roots.size(); ++i) put(results[roots[i]], answers.asked[i]);
    put(passing(results, -1, rows), answers.verdict);
    for (std::size_t i = 0; i < answers.strategy.size(); ++i) {
      put(passing(results, static_cast<int>(i), rows), answers.strategy[i]);
    }
    return chunk.explained();
  }

  // Whether the common criteria, and those of a strategy, are all passed.
  Planes passing(const std::vector<Planes>& results, int strategy, std::size_t rows) const {
    Planes all(rows);
    for (std::size_t word = 0; word < all.words(); ++word) {
      Planes::Word yes = ~Planes::Word{0};
      Planes::Word no = 0;
      for (std::size_t i = 0; i < roots.size(); ++i) {
        const Asked& one = asked[i];
        const bool counts =
            one.what == Asked::What::criterion && (one.strategy == -1 || one.strategy == strategy);
        if (!counts) continue;
        const Planes& met = results[roots[i]];
        yes &= one.counts_against ? met.no(word) : met.yes(word);
        no |= one.counts_against ? met.yes(word) : met.no(word);
      }
      all.yes(word) = yes;
      all.no(word) = no;
    }
    return all;
  }

  BatchQuestion question;
  std::vector<protocol::Criterion> lone_judgements;
  std::vector<Step> steps;
  std::vector<std::size_t> roots;  // as `asked`
  std::vector<Asked> asked;
  std::vector<record::FactId> facts;
};

Batch::Batch(const protocol::Protocol& protocol, const Settings& settings, Day as_of,
             std::optional<Day> known_on)
    : program_(std::make_unique<Program>(protocol, settings, as_of, known_on.value_or(as_of))) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

std::span<const Asked> Batch::asked() const { return program_->asked; }
const std::vector<record::FactId>& Batch::facts() const { return program_->facts; }

BatchAnswers Batch::run(const record::Cohort& cohort, const BatchOptions& options) {
  for (const record::FactId fact : program_->facts) {
    ensure(cohort.keeps(fact), "a cohort keeps the facts that a batch asks about");
  }
  BatchAnswers answers;
  answers.rows = cohort.size();
  answers.asked.assign(program_->asked.size(), Planes(cohort.size()));
  answers.verdict = Planes(cohort.size());
  answers.strategy.assign(program_->question.protocol.strategies.size(), Planes(cohort.size()));
  for (const Step& step : program_->steps) {
    if (step.kernel) step.kernel->bind(cohort);
  }
  const std::size_t words =
      (std::max<std::size_t>(options.chunk, 1) + Planes::word_bits - 1) / Planes::word_bits;
  const std::size_t chunk = words * Planes::word_bits;
  const std::size_t chunks = (cohort.size() + chunk - 1) / chunk;
  std::atomic<std::size_t> explained{0};
  const auto run = [&](std::size_t i) {
    const std::size_t first = i * chunk;
    explained += program_->run(cohort, static_cast<record::Row>(first),
                               std::min(chunk, cohort.size() - first), answers);
  };
  if (options.parallel) {
    // No two chunks share a word of a plane.
    tbb::parallel_for(std::size_t{0}, chunks, run);
  } else {
    for (std::size_t i = 0; i < chunks; ++i) run(i);
  }
  answers.rows_explained = explained;
  return answers;
}

}  // namespace graftline::engine
