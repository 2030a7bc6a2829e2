#include "record/random_patient.h"

#include <algorithm>
#include <array>

#include "core/keyed_random.h"

namespace graftline::record {
namespace {

class Maker {
 public:
  Maker(std::uint64_t seed, const RandomPatientOptions& options) : random_({seed, 0}), options_(options) {}

  Timeline make() {
    timeline_.patient = "random";
    for (const FactId fact : options_.facts) {
      // Most facts once or twice, some never, a few often.
      const int n = below(3) == 0 ? 0 : 1 + below(below(4) == 0 ? 5 : 2);
      for (int i = 0; i < n; ++i) add(fact);
    }
    timeline_.arrange();
    return std::move(timeline_);
  }

 private:
  int below(int n) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(n))); }
  bool odd() { return below(100) < options_.odd_percent; }

  Day some_day(FactId id) {
    if (fact(id).id == "birth") return options_.today - (below(95 * 365) + 100);
    const std::array<int, 4> spans{5, 30, 100, 500};
    return options_.today - below(spans[static_cast<std::size_t>(below(4))]) + (below(20) == 0 ? 10 : 0);
  }

  PartialDate some_date(FactId id) {
    const Day day = some_day(id);
    if (!odd()) return exactly(day);
    const CivilDate date = civil(day);
    if (below(2) == 0) return {day_of({date.year, 1, 1}), day_of({date.year, 12, 31}), DatePrecision::year};
    const Day first = day_of({date.year, date.month, 1});
    return {first, add_months(first, 1) - 1, DatePrecision::month};
  }

  Unit some_unit(const Fact& row) {
    static constexpr std::array<std::string_view, 14> units{"U/L", "ukat/L", "mg/dL", "umol/L", "%",
                                                            "1",   "10*9/L", "g/dL",  "g/L",    "kg",
                                                            "g",   "d",      "m/s",   "mmol/L"};
    const std::string_view code = odd()
                                      ? units[static_cast<std::size_t>(below(static_cast<int>(units.size())))]
                                      : (row.unit.empty() ? std::string_view("1") : row.unit);
    const auto unit = parse_unit(code);
    ensure(static_cast<bool>(unit), "units of tests are UCUM");
    return *unit;
  }

  Quantity some_number(const Fact& row) {
    Quantity number;
    if (!options_.numbers.empty() && below(4) != 0) {
      number = options_.numbers[static_cast<std::size_t>(below(static_cast<int>(options_.numbers.size())))];
      if (below(3) == 0) number.unit = some_unit(row);
      number.value.mantissa += below(3) - 1;
      if (below(3) == 0) {  // one more decimal: 1.80 for 1.8, and 1.81
        number.value.mantissa = number.value.mantissa * 10 + below(3) - 1;
        number.value.exponent -= 1;
      }
    } else {
      number.unit = some_unit(row);
      number.value = {below(3000), -below(3)};
    }
    number.comparator = odd() ? static_cast<Comparator>(below(5)) : Comparator::none;
    number.kind = row.kind;
    return number;
  }

  Value some_value(const Fact& row) {
    switch (row.type) {
      case FactType::quantity:
        return some_number(row);
      case FactType::ordinal:
      case FactType::code: {
        const int n = static_cast<int>(levels_of(row).size());
        const int low = below(n);
        return Level{low, odd() && row.type == FactType::ordinal ? low + below(n - low) : low};
      }
      default:
        return below(3) != 0;
    }
  }

  void add(FactId id) {
    const Fact& row = fact(id);
    Entry entry;
    entry.fact = id;
    entry.when = some_date(id);
    entry.known_on = odd() ? entry.when.first + below(40) : entry.when.first;
    entry.value = row.id == "birth" || row.id == "transplant" ? Value(below(12) != 0) : some_value(row);
    if (row.type == FactType::quantity && below(2) == 0) {
      const Quantity* value = std::get_if<Quantity>(&entry.value);
      Quantity limit = *value;  // limits near the value, so that multiples of it meet it
      limit.comparator = below(30) == 0 ? Comparator::less : Comparator::none;
      const int part = 1 + below(4);
      limit.value = {value->value.mantissa * 2 / part + below(2), value->value.exponent};
      if (below(4) == 0) limit.unit = some_unit(row);
      entry.upper_limit = limit;
    }
    if (row.type == FactType::course) {
      if (below(3) == 0) entry.until = some_until(entry.when);
      entry.is_stop = !entry.until && std::get<bool>(entry.value) && below(8) == 0;
    }
    if (row.id == "dli" && below(2) == 0) {
      Quantity dose;
      dose.value = {1, 6};
      dose.unit = *parse_unit("/kg");
      dose.kind = Kind::cd3_cells;
      entry.amounts.push_back(std::move(dose));
    }
    if (odd()) spoil(entry);
    timeline_.add(std::move(entry));
    // The same day again: a tie, a contradiction or a correction.
    if (odd() && below(2) == 0) {
      Entry again = timeline_.entries.back();
      if (below(2) == 0) again.value = again.unusable.empty() ? some_value(row) : again.value;
      if (below(2) == 0) again.standing = static_cast<Standing>(below(3));
      again.known_on = again.known_on + below(3);
      timeline_.add(std::move(again));
    }
  }

  PartialDate some_until(const PartialDate& when) {
    const Day end = when.first + below(60);
    if (below(4) != 0) return exactly(end);
    return {end, end + below(40), DatePrecision::month};
  }

  void spoil(Entry& entry) {
    switch (below(4)) {
      case 0:
        entry.value = std::monostate{};
        entry.upper_limit.reset();
        entry.unusable = below(2) == 0 ? Reason::no_unit : Reason::status_unknown;
        break;
      case 1:
        entry.standing = Standing::preliminary;
        break;
      case 2:
        entry.standing = Standing::corrected;
        break;
      default:
        entry.method = below(2) == 0 ? "PCR" : "flow";
    }
  }

  KeyedRandom random_;
  const RandomPatientOptions& options_;
  Timeline timeline_;
};

}  // namespace

Timeline random_patient(std::uint64_t seed, const RandomPatientOptions& options) {
  return Maker(seed, options).make();
}

}  // namespace graftline::record
