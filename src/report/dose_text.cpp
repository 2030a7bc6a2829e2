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

}  // namespace

std::string in_words(const Rational& cells) {
  if (cells >= 1000000000) return to_text(Rational(cells / 1000000000), 4) + " billion";
  if (cells >= 1000000) return to_text(Rational(cells / 1000000), 4) + " million";
  return grouped(to_text(cells, 6));
}

std::string both_ways(const engine::TargetDose& target) {
  std::string words = in_words(target.low);
  if (target.high != target.low) words += " to " + in_words(target.high);
  return fmt::format("{} ({}{})", engine::to_text(target), words, target.per_kilogram ? " per kg" : "");
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
