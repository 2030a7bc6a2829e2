#include "record/cohort.h"

#include <tuple>

namespace graftline::record {

namespace {

constexpr std::int32_t largest_index = std::numeric_limits<std::int32_t>::max();

std::int32_t fits(std::int64_t value) {
  const bool is_small = value > Newest::look && value <= largest_index;
  return is_small ? static_cast<std::int32_t>(value) : Newest::look;
}

}  // namespace

ScaleId Column::scale_of(const Quantity& quantity) {
  const Scale wanted{quantity.unit, quantity.value.exponent, quantity.kind, quantity.viability};
  // The scales of a fact are few: a unit or two, each with a number of decimals or two.
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    if (scales_[i] == wanted) return static_cast<ScaleId>(i);
  }
  ensure(scales_.size() < std::numeric_limits<ScaleId>::max(), "a fact has fewer than 65,535 scales");
  scales_.push_back(wanted);
  return static_cast<ScaleId>(scales_.size() - 1);
}

Placed Cohort::place(const Entry& entry) {
  Column& column = columns_[entry.fact];
  Placed placed;
  placed.fact = entry.fact;
  Column::Item& item = placed.item;
  item.when = entry.when;
  item.known_on = entry.known_on;
  item.standing = entry.standing;
  item.is_stop = entry.is_stop;
  item.unusable = entry.unusable;
  if (const auto* number = std::get_if<Quantity>(&entry.value)) {
    item.form = Column::Form::number;
    item.value = number->value.mantissa;
    item.comparator = number->comparator;
    item.scale = column.scale_of(*number);
  } else if (const auto* level = std::get_if<Level>(&entry.value)) {
    item.form = Column::Form::level;
    item.value = level->low;
    item.high = level->high;
  } else if (const auto* said = std::get_if<bool>(&entry.value)) {
    item.form = Column::Form::yes_no;
    item.value = *said ? 1 : 0;
  }
  if (entry.upper_limit) {
    const Quantity& upper = *entry.upper_limit;
    item.has_limit = true;
    placed.limit = {upper.value.mantissa, column.scale_of(upper), upper.comparator};
  }
  if (entry.until) {
    item.has_until = true;
    placed.until = *entry.until;
  }
  item.has_rest = !entry.amounts.empty() || !entry.method.empty() || !entry.context.empty();
  if (item.has_rest) placed.rest = &entry;
  return placed;
}

void Column::append(const Placed& placed) {
  const auto index = static_cast<std::uint32_t>(items_.size());
  items_.push_back(placed.item);
  if (placed.item.has_limit) limits_.add(index, placed.limit);
  if (placed.item.has_until) untils_.add(index, placed.until);
  if (placed.rest != nullptr) {
    rests_.add(index, {placed.rest->amounts, placed.rest->method, placed.rest->context});
  }
}

void Column::end_row() {
  const std::uint32_t begin = offsets_.back();
  const auto end = static_cast<std::uint32_t>(items_.size());
  offsets_.push_back(end);
  std::int32_t day = Newest::none;
  std::int32_t value = 0;
  ScaleId scale = 0;
  std::int32_t limit = Newest::none;
  ScaleId limit_scale = 0;
  if (begin != end) {
    const Item& last = items_[end - 1];
    const bool is_level = last.form == Form::level;
    bool stands = last.unusable.empty() && last.standing == Standing::final && last.form != Form::nothing &&
                  last.comparator == Comparator::none && last.when.first == last.when.last &&
                  last.known_on <= last.when.first && !last.is_stop && !last.has_until &&
                  last.when.first.value > Newest::look && (!is_level || last.value == last.high);
    for (std::uint32_t i = begin; stands && i + 1 < end; ++i) stands = items_[i].when.last < last.when.first;
    value = fits(last.value);
    stands = stands && value != Newest::look;
    scale = last.scale;
    if (last.has_limit) {
      const Limit& upper = limits_.last();
      limit = fits(upper.value);
      limit_scale = upper.scale;
      stands = stands && limit != Newest::look && upper.comparator == Comparator::none;
    }
    day = stands ? last.when.first.value : Newest::look;
  }
  newest_.day.push_back(day);
  newest_.value.push_back(value);
  newest_.scale.push_back(scale);
  newest_.limit.push_back(limit);
  newest_.limit_scale.push_back(limit_scale);
  end_together(begin, end);
}

void Column::end_together(std::uint32_t begin, std::uint32_t end) {
  std::int32_t first = Newest::none;
  std::int32_t last = Newest::none;
  std::uint32_t said = 0;
  for (std::uint32_t i = begin; i < end && first != Newest::look; ++i) {
    const Item& item = items_[i];
    const bool is_one = (item.form == Form::level && item.value == item.high) || item.form == Form::yes_no;
    const bool is_plain = is_one && item.value >= 0 && item.value < 32 && item.unusable.empty() &&
                          item.standing == Standing::final && item.comparator == Comparator::none &&
                          item.when.first == item.when.last && item.known_on <= item.when.first &&
                          !item.is_stop && !item.has_until && item.when.first.value > Newest::look;
    if (!is_plain) {
      first = Newest::look;
      break;
    }
    const std::int32_t day = item.when.first.value;
    first = first == Newest::none ? day : std::min(first, day);
    last = std::max(last, day);
    said |= std::uint32_t{1} << static_cast<unsigned>(item.value);
  }
  together_.first_day.push_back(first);
  together_.last_day.push_back(last);
  together_.said.push_back(said);
}

Entry Column::entry(FactId fact, std::uint32_t index) const {
  const Item& item = items_[index];
  const auto quantity = [&](std::int64_t mantissa, ScaleId id, Comparator comparator) {
    const Scale& scale = scales_[id];
    return Quantity{{mantissa, scale.exponent}, comparator, scale.unit, scale.kind, scale.viability};
  };
  Entry entry;
  entry.fact = fact;
  entry.is_stop = item.is_stop;
  entry.standing = item.standing;
  entry.when = item.when;
  entry.known_on = item.known_on;
  entry.unusable = item.unusable;
  switch (item.form) {
    case Form::nothing:
      break;
    case Form::number:
      entry.value = quantity(item.value, item.scale, item.comparator);
      break;
    case Form::level:
      entry.value = Level{static_cast<int>(item.value), item.high};
      break;
    case Form::yes_no:
      entry.value = item.value != 0;
      break;
  }
  if (item.has_until) entry.until = untils_[index];
  if (item.has_limit) {
    const Limit& upper = limits_[index];
    entry.upper_limit = quantity(upper.value, upper.scale, upper.comparator);
  }
  if (item.has_rest) {
    const Rest& rest = rests_[index];
    entry.amounts = rest.amounts;
    entry.method = rest.method;
    entry.context = rest.context;
  }
  return entry;
}

Cohort::Cohort(std::span<const FactId> wanted) : kept_(facts().size(), wanted.empty() ? 1 : 0) {
  for (const FactId fact : wanted) kept_[fact] = 1;
  columns_.resize(facts().size());
}

void Cohort::end_row(std::string_view patient) {
  ensure(rows_ < std::numeric_limits<Row>::max(), "a cohort has fewer than four thousand million patients");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (kept_[i] != 0) columns_[i].end_row();
  }
  names_ += patient;
  name_ends_.push_back(names_.size());
  judgement_ends_.push_back(judgements_.size());
  ++rows_;
}

Row Cohort::add(const Timeline& timeline) {
  FactId highest = 0;
  for (const Entry& entry : timeline.entries) {
    ensure(entry.fact >= highest, "a timeline is arranged before it becomes a row");
    highest = entry.fact;
    if (keeps(entry.fact)) columns_[entry.fact].append(place(entry));
  }
  judgements_.insert(judgements_.end(), timeline.judgements.begin(), timeline.judgements.end());
  end_row(timeline.patient);
  return static_cast<Row>(rows_ - 1);
}

Row Cohort::add(std::string_view patient, std::vector<Placed>& entries) {
  // As Timeline::arrange; of entries that are equal in these, the one that was placed first stays first.
  std::stable_sort(entries.begin(), entries.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.fact, a.item.when.first, a.item.when.last, a.item.known_on) <
           std::tie(b.fact, b.item.when.first, b.item.when.last, b.item.known_on);
  });
  for (const Placed& placed : entries) {
    if (keeps(placed.fact)) columns_[placed.fact].append(placed);
  }
  end_row(patient);
  return static_cast<Row>(rows_ - 1);
}

void Cohort::clear() {
  rows_ = 0;
  for (Column& column : columns_) {
    column.offsets_.resize(1);
    column.items_.clear();
    column.newest_.day.clear();
    column.newest_.value.clear();
    column.newest_.scale.clear();
    column.newest_.limit.clear();
    column.newest_.limit_scale.clear();
    column.together_.first_day.clear();
    column.together_.last_day.clear();
    column.together_.said.clear();
    column.limits_.clear();
    column.untils_.clear();
    column.rests_.clear();
  }
  names_.clear();
  name_ends_.clear();
  judgements_.clear();
  judgement_ends_.clear();
}

std::string_view Cohort::patient(Row row) const {
  const std::size_t begin = row == 0 ? 0 : name_ends_[row - 1];
  return std::string_view(names_).substr(begin, name_ends_[row] - begin);
}

std::span<const GivenJudgement> Cohort::judgements(Row row) const {
  const std::size_t begin = row == 0 ? 0 : judgement_ends_[row - 1];
  return std::span(judgements_).subspan(begin, judgement_ends_[row] - begin);
}

Timeline Cohort::timeline(Row row) const {
  Timeline timeline;
  timeline.patient = patient(row);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (kept_[i] == 0) continue;
    const Column& column = columns_[i];
    for (std::uint32_t at = column.first(row); at != column.first(row + 1); ++at) {
      timeline.entries.push_back(column.entry(static_cast<FactId>(i), at));
    }
  }
  const auto given = judgements(row);
  timeline.judgements.assign(given.begin(), given.end());
  return timeline;
}

}  // namespace graftline::record
