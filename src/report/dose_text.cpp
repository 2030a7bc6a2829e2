#include "report/dose_text.h"

#include <fmt/format.h>

#include <cmath>

#include "core/kind.h"
#include "engine/doses.h"

namespace graftline::report {
namespace {

// Digits in groups of three, as words and commas are safer than zeros to count.
std::string grouped(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// Half-log steps are no fractions: what stands for them is written to the three figures of the power of ten.
constexpr int rounded_figures = 3;

// A count of cells to whole ones, cut to so many figures: 316,228 to three is 316,000.
Rational to_figures(const Rational& cells, int figures) {
  Rational unit = 1;
  Rational limit = 1;
  for (int i = 0; i < figures; ++i) limit *= 10;
  while (cells >= limit * unit) unit *= 10;
  const Rational scaled = cells / unit + Rational(1, 2);
  return Rational(boost::multiprecision::numerator(scaled) / boost::multiprecision::denominator(scaled)) *
         unit;
}

std::string in_words(const Rational& cells, int figures) {
  if (cells >= 1000000000) return to_text(Rational(cells / 1000000000), figures) + " billion";
  if (cells >= 1000000) return to_text(Rational(cells / 1000000), figures) + " million";
  const Rational shown = cells >= 1000 ? to_figures(cells, figures) : cells;
  if (shown >= 1000000) return to_text(Rational(shown / 1000000), figures) + " million";
  return grouped(to_text(shown, 6));
}

}  // namespace

std::string in_words(const Rational& cells) { return in_words(cells, 4); }

std::string both_ways(const engine::TargetDose& target) {
  const int figures = target.rounded ? rounded_figures : 4;
  std::string words = in_words(target.low, figures);
  if (target.high != target.low) words += " to " + in_words(target.high, figures);
  return fmt::format("{} ({}{})", engine::to_text(target), words, target.per_kilogram ? " per kg" : "");
}

std::string total_cells(const engine::PlannedTarget& target) {
  const int figures = target.dose.rounded ? rounded_figures : 4;
  std::string words = in_words(*target.cells_low, figures);
  if (*target.cells_high != *target.cells_low) words += " to " + in_words(*target.cells_high, figures);
  return words;
}

std::string both_ways(const engine::Dose& dose) {
  std::string text;
  for (const auto& target : dose.targets) text += (text.empty() ? "" : " and ") + both_ways(target);
  return text;
}

std::string millilitres(double volume) {
  return without_trailing_zeros(fmt::format("{:.{}f}", volume, volume < 1 ? 3 : 2)) + " mL";
}

}  // namespace graftline::report
