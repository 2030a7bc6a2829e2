#include "report/figure/words.h"

namespace graftline::report {
namespace {

constexpr FigureWords english{
    .survival = "Probability without the event (%)",
    .incidence = "Cumulative incidence (%)",
    .occupancy = "Probability of the state (%)",
    .time_since = "{0} since {1}",
    .time_only = "Time ({0})",
    .at_risk = "At risk",
    .censored = "Censored",
    .events = "Events",
    .all = "All",
    .days = "Days",
    .weeks = "Weeks",
    .months = "Months",
    .years = "Years",
    .few_at_risk = "thin: fewer than {} at risk",
    .cut_off = "data cut-off {}",
    .data = "data sha256 {}",
    .hazard_ratio = "Hazard ratio",
    .subdistribution_ratio = "Subdistribution hazard ratio",
    .ratio_and_limits = "Ratio (limits)",
    .from_to = "{0} to {1}",
    .current = "Probability now (%)",
};

// Not yet read by a statistician who works in Chinese.
constexpr FigureWords chinese{
    .survival = "无事件概率（%）",
    .incidence = "累积发生率（%）",
    .occupancy = "处于各状态的概率（%）",
    .time_since = "自{1}起的{0}",
    .time_only = "时间（{0}）",
    .at_risk = "在险人数",
    .censored = "删失",
    .events = "事件",
    .all = "全部",
    .days = "天数",
    .weeks = "周数",
    .months = "月数",
    .years = "年数",
    .few_at_risk = "细线：在险不足 {} 人",
    .cut_off = "数据截止 {}",
    .data = "数据 sha256 {}",
    .hazard_ratio = "风险比",
    .subdistribution_ratio = "亚分布风险比",
    .ratio_and_limits = "比值（置信限）",
    .from_to = "{0} 至 {1}",
    .current = "当前概率（%）",
};

}  // namespace

const FigureWords& figure_words(Language language) {
  return language == Language::chinese ? chinese : english;
}

std::string_view unit_word(const FigureWords& words, std::string_view unit) {
  if (unit == "days") return words.days;
  if (unit == "weeks") return words.weeks;
  if (unit == "months") return words.months;
  if (unit == "years") return words.years;
  return unit;
}

}  // namespace graftline::report
