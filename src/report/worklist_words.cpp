#include "report/worklist_words.h"

namespace graftline::report {
namespace {

constexpr WorklistWords english{
    .code = "en",
    .title = "DLI worklist",
    .as_of = "As of {}",
    .answers = "{} answers",
    .lanes_label = "Sections",
    .nobody = "Nobody.",
    .lanes = {"Overdue", "Due", "Upcoming", "Blocked", "Closed"},
    .decisions = {"stop", "outside", "hold", "wait", "need data", "ask", "give"},
    .day = "day {}",
    .day_zero_unknown = "day 0 unknown",
    .since = "since {}",
    .until = "until {}",
    .not_after = "not after {}",
    .overdue_since = "recommended until {}",
    .days_overdue = "{} days overdue",
    .cells_for_weight = "{} for {} recipient weight (weighed {})",
    .no_weight = "total cells unknown: no recipient weight of the last 30 days",
    .last_dose = "last infusion {}",
    .up_to_times_last = "up to {} times the last dose",
    .times_last = "{} times the last dose",
    .missing = "missing: {}",
    .and_more = "and {} more",
    .caution = "Caution: {}",
    .why = "Why",
    .protocol = "protocol {}",
    .not_eligible = "not eligible: {}",
    .not_used = "Not usable in the records",
    .research_use =
        "Research use: shows what a protocol file says about a record. Not a medical device; a "
        "clinician decides and signs.",
    .prophylactic = "prophylactic",
    .preemptive = "preemptive",
    .relapse = "relapse",
};

// Not yet read by a clinician who works in Chinese.
constexpr WorklistWords chinese{
    .code = "zh",
    .title = "供者淋巴细胞输注（DLI）工作清单",
    .as_of = "截至 {}",
    .answers = "共 {} 条",
    .lanes_label = "分区",
    .nobody = "无。",
    .lanes = {"已逾期", "应执行", "未到期", "受阻", "已关闭"},
    .decisions = {"终止", "不在方案内", "暂缓", "等待", "缺少数据", "需人工判断", "可输注"},
    .day = "移植后第 {} 天",
    .day_zero_unknown = "移植日未知",
    .since = "自 {} 起",
    .until = "至 {}",
    .not_after = "不晚于 {}",
    .overdue_since = "建议不晚于 {}",
    .days_overdue = "逾期 {} 天",
    .cells_for_weight = "{}，受者体重 {}（称重日 {}）",
    .no_weight = "细胞总数未知：近 30 天无受者体重",
    .last_dose = "上次输注 {}",
    .up_to_times_last = "最高为上次剂量的 {} 倍",
    .times_last = "为上次剂量的 {} 倍",
    .missing = "缺少：{}",
    .and_more = "及另外 {} 项",
    .caution = "注意：{}",
    .why = "依据",
    .protocol = "方案 {}",
    .not_eligible = "不符合入选标准：{}",
    .not_used = "记录中无法使用的数据",
    .research_use = "仅供研究使用：显示方案文件对病历记录的结论。非医疗器械；由临床医生决定并签字。",
    .prophylactic = "预防性",
    .preemptive = "抢先",
    .relapse = "复发",
};

}  // namespace

std::optional<Language> language_of(std::string_view code) {
  if (code == english.code) return Language::english;
  if (code == chinese.code) return Language::chinese;
  return std::nullopt;
}

const WorklistWords& words(Language language) { return language == Language::chinese ? chinese : english; }

std::string_view strategy_word(const WorklistWords& words, std::string_view strategy) {
  if (strategy == english.prophylactic) return words.prophylactic;
  if (strategy == english.preemptive) return words.preemptive;
  if (strategy == english.relapse) return words.relapse;
  return strategy;
}

}  // namespace graftline::report
