// Facts that hold or not: statements, events and courses.
#include <algorithm>

#include "engine/kernel.h"
#include "record/related.h"

namespace graftline::engine {
namespace {

using protocol::Expr;
using record::Column;
using record::FactType;

constexpr std::int32_t never_ends = 1'000'000'000;

// How a fact is asked about.
struct Asking {
  enum class How : unsigned char { now, in_window };
  How how = How::now;
  WindowPlan window;
  bool turned_round = false;  // "at no time"
  bool whether_known = false;
};

class HoldingKernel : public Kernel {
 public:
  HoldingKernel(const Expr& expr, const BatchQuestion& question, const protocol::FactDeclaration& fact,
                Asking asking)
      : Kernel(expr),
        as_of_(question.as_of.value),
        known_on_(question.known_on.value),
        fact_(fact.fact),
        type_(record::fact(fact.fact).type),
        absence_is_no_(fact.absence.value_or(record::fact(fact.fact).absence) == record::Absence::no),
        asking_(asking),
        others_(record::facts_behind(fact.fact)) {}

  void bind(const record::Cohort& cohort) override { occurring_ = with_entries(cohort, others_); }

  void answer(Chunk& chunk, Planes& out) const override {
    const Column& column = chunk.cohort().column(fact_);
    const auto row_says = [&](std::size_t i) { return asked(holds(chunk, column, i)); };
    const auto block_says = [&](std::size_t begin, std::size_t n, std::int32_t* codes) {
      if (asking_.how == Asking::How::now && type_ == FactType::statement) {
        latest(column, chunk.first() + begin, n, codes);
      } else if (asking_.how == Asking::How::now) {
        const std::int32_t from = type_ == FactType::course ? as_of_ : record::earliest_day.value;
        const Within within(*this, column.together(), chunk.first() + begin);
        for (std::size_t i = 0; i < n; ++i) codes[i] = within(i, from, as_of_, false);
      } else {
        const Within within(*this, column.together(), chunk.first() + begin);
        asking_.window.each(
            chunk, begin, n,
            [&](std::size_t i, std::int32_t first, std::int32_t last, bool is_open, bool is_usable) {
              codes[i] = is_usable ? within(i, first, last, is_open) : code(Said::look);
            });
      }
      look_where_any(chunk.cohort(), occurring_, chunk.first() + begin, n, codes);
    };
    each_block(chunk, out, block_says, row_says);
  }

 private:
  // What the condition makes of whether the fact holds.
  Said asked(Said held) const {
    if (held == Said::look) return held;
    if (asking_.whether_known) return held == Said::unknown ? Said::no : Said::yes;
    if (!asking_.turned_round || held == Said::unknown) return held;
    return held == Said::yes ? Said::no : Said::yes;
  }
  std::int32_t absent_code() const { return code(asked(absence_is_no_ ? Said::no : Said::unknown)); }

  // Several rows of plain entries: the newest of them says it.
  void latest(const Column& column, std::size_t row, std::size_t n, std::int32_t* codes) const {
    const std::int32_t* first = column.together().first_day.data() + row;
    const std::int32_t* day = column.newest().day.data() + row;
    const std::int32_t* value = column.newest().value.data() + row;
    const std::int32_t absent = absent_code();
    const std::int32_t yes = code(asked(Said::yes));
    const std::int32_t no = code(asked(Said::no));
    const std::int32_t seen_until = std::min(as_of_, known_on_);
    for (std::size_t i = 0; i < n; ++i) {
      const bool stands =
          (first[i] > record::Newest::look) & (day[i] > record::Newest::look) & (day[i] <= seen_until);
      const std::int32_t otherwise = first[i] == record::Newest::none ? absent : code(Said::look);
      const std::int32_t says = value[i] != 0 ? yes : no;
      codes[i] = stands ? says : otherwise;
    }
  }

  // Rows without an entry, and rows of plain entries that all say yes: whether the last lies in the window.
  struct Within {
    Within(const HoldingKernel& of, const record::Together& together, std::size_t row)
        : begins(together.first_day.data() + row),
          ends(together.last_day.data() + row),
          said(together.said.data() + row),
          seen_until(std::min(of.as_of_, of.known_on_)),
          lasts(of.type_ == FactType::course),
          yes(code(of.asked(Said::yes))),
          absent(of.absent_code()),
          open(code(of.asked(Said::unknown))) {}

    std::int32_t operator()(std::size_t i, std::int32_t first, std::int32_t last, bool is_open) const {
      constexpr std::uint32_t only_yes = 2;
      const std::int32_t begin = begins[i];
      const std::int32_t end = ends[i];
      const std::int32_t unseen = is_open ? open : absent;
      const bool has_days = first <= last;
      const bool is_plain =
          (begin > record::Newest::look) & (end <= seen_until) & (said[i] == only_yes) & has_days;
      const bool is_seen = is_plain & (lasts | (end >= first)) & ((lasts ? begin : end) <= last);
      const bool is_past = is_plain & !lasts & (end < first);
      const bool is_never = (begin == record::Newest::none) & has_days;
      const std::int32_t otherwise = is_past | is_never ? unseen : code(Said::look);
      return is_seen ? yes : otherwise;
    }

    const std::int32_t* begins;
    const std::int32_t* ends;
    const std::uint32_t* said;
    std::int32_t seen_until;
    bool lasts;  // a course: what began goes on
    std::int32_t yes;
    std::int32_t absent;
    std::int32_t open;
  };

  bool is_visible(const Column::Item& item) const {
    return item.known_on.value <= known_on_ && item.when.first.value <= as_of_;
  }
  static Truth says(const Column::Item& item) {
    if (!item.unusable.empty() || item.form != Column::Form::yes_no) return Truth::unknown;
    return truth(item.value != 0);
  }

  Said holds(const Chunk& chunk, const Column& column, std::size_t i) const {
    const auto row = static_cast<record::Row>(chunk.first() + i);
    RowDays days;
    days.last = as_of_;
    if (asking_.how == Asking::How::in_window) {
      days = asking_.window.at(chunk, i);
      if (days.look) return Said::look;
      if (days.is_unanchored) return Said::unknown;
    } else if (type_ == FactType::course) {
      days.first = as_of_;
    }
    // What others say may count too: a superset documented not to hold, a member that holds.
    if (has_any(chunk.cohort(), occurring_, row)) return Said::look;
    if (asking_.how == Asking::How::now && type_ == FactType::statement) return latest(column, row);
    return within(column, row, days);
  }

  // The latest statement; several that differ, or of which it is open which came last, are unknown.
  Said latest(const Column& column, record::Row row) const {
    std::int32_t bound = Chunk::no_day;  // the latest first day of those certainly not after today
    bool is_any = false;
    for (const Column::Item& item : column.items(row)) {
      if (!is_visible(item)) continue;
      if (item.standing != record::Standing::final) return Said::look;
      is_any = true;
      if (item.when.last.value <= as_of_) bound = std::max(bound, item.when.first.value);
    }
    if (!is_any) return absence_is_no_ ? Said::no : Said::unknown;
    if (bound == Chunk::no_day) return Said::unknown;
    std::optional<Truth> agreed;
    for (const Column::Item& item : column.items(row)) {
      if (!is_visible(item) || item.when.last.value < bound) continue;
      const Truth here = says(item);
      if (here == Truth::unknown || (agreed && *agreed != here)) return Said::unknown;
      agreed = here;
    }
    return said(*agreed);
  }

  Said within(const Column& column, record::Row row, const RowDays& days) const {
    Truth seen = Truth::no;
    Truth absent = Truth::no;
    const bool has_days = days.first <= days.last;
    std::uint32_t index = column.first(row);
    for (const Column::Item& item : column.items(row)) {
      const std::uint32_t at = index++;
      if (!is_visible(item)) continue;
      if (item.standing != record::Standing::final) return Said::look;
      const Truth here = says(item);
      const std::int32_t began_first = item.when.first.value;
      const std::int32_t began_last = item.when.last.value;
      std::int32_t ended_first = began_first;
      std::int32_t ended_last = began_last;
      if (type_ == FactType::course) {
        // Anything but a plain "yes" may end what began before it: that is for the stretches.
        if (here != Truth::yes || item.is_stop) return Said::look;
        ended_first = ended_last = never_ends;
        if (item.has_until) {
          const PartialDate& until = column.until(at);
          ended_first = until.first.value;
          ended_last = until.last.value;
          const std::int32_t asked_from = days.first;
          if (ended_last < asked_from) absent = Truth::yes;  // it ended, and nothing says that it began again
        }
      }
      if (here == Truth::no) {
        absent = absent | documents_absence(item, days);
        continue;
      }
      if (!has_days) continue;
      const bool is_outside = began_first > days.last || ended_last < days.first;
      const bool is_inside = began_last <= days.last && std::max(ended_first, began_first) >= days.first;
      if (is_inside && here == Truth::yes) {
        seen = Truth::yes;
      } else if (!is_outside) {
        seen = seen | Truth::unknown;
      }
    }
    if (seen != Truth::no) return said(seen);
    if (days.is_open) return Said::unknown;
    if (!has_days || absent == Truth::yes || absence_is_no_) return Said::no;
    return Said::unknown;
  }

  Truth documents_absence(const Column::Item& no, const RowDays& days) const {
    const Day first{days.first};
    if (type_ == FactType::event) return on_or_after(no.when, first).truth;
    return between(no.when, first, Day{days.last}).truth;
  }

  std::int32_t as_of_;
  std::int32_t known_on_;
  record::FactId fact_;
  FactType type_;
  bool absence_is_no_;
  Asking asking_;
  std::vector<record::FactId> others_;
  std::vector<record::FactId> occurring_;  // those of them that the cohort has entries of
};

}  // namespace

std::unique_ptr<Kernel> holding_kernel(const Expr& expr, const BatchQuestion& question, bool known) {
  const protocol::FactDeclaration* fact = question.protocol.find_fact(expr.name);
  if (fact == nullptr) return nullptr;
  const record::Fact& row = record::fact(fact->fact);
  const bool holds =
      row.type == FactType::statement || row.type == FactType::event || row.type == FactType::course;
  if (!holds || !row.derivation.empty() || !row.impossible_when.empty()) return nullptr;
  Asking asking;
  asking.whether_known = known;
  asking.turned_round = expr.form == Expr::Form::held && expr.at_no_time;
  const bool has_window = expr.form == Expr::Form::held;
  if (!has_window && fact->pick == protocol::Pick::current && !fact->window.is_written()) {
    asking.how = Asking::How::now;
  } else {
    asking.how = Asking::How::in_window;
    const auto window = has_window && expr.window.is_written() ? WindowPlan::of(expr.window, question)
                                                               : WindowPlan::of(*fact, question);
    if (!window) return nullptr;
    asking.window = *window;
  }
  return std::make_unique<HoldingKernel>(expr, question, *fact, asking);
}

}  // namespace graftline::engine
