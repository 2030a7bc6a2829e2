#include "report/form_words.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace graftline::report {
namespace {

// Not yet read by a clinician who works in Chinese. Sentences with blanks stand behind those without, the
// shorter behind the longer that begin alike.
constexpr auto phrases = std::to_array<FormPhrase>({
    // Titles
    {"Donor lymphocyte infusion: medical order", "供者淋巴细胞输注（DLI）：医嘱单"},
    {"Donor lymphocyte infusion: checklist of the day", "供者淋巴细胞输注（DLI）：当日核对单"},
    {"Worksheet for CIBMTR Form 2199: donor lymphocyte infusion", "CIBMTR 2199 表填报底稿：供者淋巴细胞输注"},
    {"Donor lymphocytes: label text", "供者淋巴细胞：标签文字"},
    // Order
    {"What the protocol says", "方案结论"},
    {"Decision", "决定"},
    {"give", "可输注"},
    {"wait", "等待"},
    {"hold", "暂缓"},
    {"stop", "终止"},
    {"outside", "不在方案内"},
    {"ask", "需人工判断"},
    {"need data", "缺少数据"},
    {"Eligibility", "入选"},
    {"eligible", "符合"},
    {"not eligible", "不符合"},
    {"unknown", "未知"},
    {"Strategy", "策略"},
    {"Caution", "注意"},
    {"Dose", "剂量"},
    {"Dose per kg", "每公斤剂量"},
    {"Infusion", "输注"},
    {"Recipient's weight", "受者体重"},
    {"actual weight, at most 30 days old", "实际体重，30 天以内"},
    {"Date", "日期"},
    {"Product", "制品"},
    {"Bag and volume", "袋与体积"},
    {"no stock was given", "未提供库存"},
    {"Bag", "袋"},
    {"Volume to give", "输注体积"},
    {"Around the infusion", "输注前后"},
    {"Before", "输注前"},
    {"After", "输注后"},
    {"do not irradiate; no leukocyte filter", "不得辐照；不得使用白细胞滤器"},
    {"general practice, for the site to confirm", "通行做法，由中心确认"},
    {"Route, rate, premedication", "途径、速度、预处理用药"},
    {"not stated by the protocol file", "方案文件未说明"},
    {"Consent", "知情同意"},
    {"Limit broken", "超出限值"},
    {"To be clarified", "待确认"},
    {"Look twice", "请复核"},
    {"Assumed", "假定"},
    {"Checked", "已核查"},
    {"Prescriber", "开立者"},
    {"Checked by", "核对者"},
    {"First person", "第一人"},
    {"Second person", "第二人"},
    {"Filled by", "填写者"},
    // Checklist
    {"Before thawing", "复温前"},
    {"GVHD examined today: none", "今日已检查 GVHD：无"},
    {"any sign is put to the physician before thawing", "如有任何体征，复温前报告医生"},
    {"No active infection, no fever", "无活动性感染，无发热"},
    {"Weight today, kg", "今日体重，kg"},
    {"the dose has no weight yet", "剂量尚无体重依据"},
    {"Order signed, consent on file", "医嘱已签字，知情同意书在案"},
    {"DMSO allergy", "DMSO 过敏"},
    {"donor-specific antibodies", "供者特异性抗体"},
    {"not documented", "无记录"},
    {"yes", "是"},
    {"no", "否"},
    {"Identity, two persons, aloud", "身份核对（两人，出声）"},
    {"Recipient", "受者"},
    {"Recipient on the bag", "袋上受者"},
    {"Donor, blood group", "供者及血型"},
    {"none proposed", "无推荐"},
    {"Check character read aloud and equal", "校验字符已读出且一致"},
    {"Thaw and infusion", "复温与输注"},
    {"Thawed at", "复温时间"},
    {"Bag whole, no clots, label intact", "袋完整、无凝块、标签完好"},
    {"Started at", "开始时间"},
    {"Ended at; mL given", "结束时间；输入 mL"},
    {"Vital signs before, during, after", "输注前、中、后生命体征"},
    {"intervals: the site's own", "间隔：按中心规定"},
    {"Reaction", "反应"},
    {"none, or what and what was done", "无；或何种反应、如何处理"},
    {"Watch", "观察"},
    {"Visits and tests", "随访与检查"},
    {"none stated by the protocol file", "方案文件未说明"},
    // Worksheet
    {"Questions seen in the public manual", "公开手册中已见的问题"},
    {"Q1 date of this infusion", "Q1 本次输注日期"},
    {"none on record", "无记录"},
    {"Q2-3 primary indication", "Q2-3 主要适应证"},
    {"Q4 therapy for disease before it", "Q4 此前针对疾病的治疗"},
    {"on record since the transplant; conditioning and bridging do not count. Nothing on record is not none",
     "移植后的记录；预处理与桥接治疗不计。无记录不等于没有"},
    {"Q5 date of the blood count", "Q5 血细胞计数日期"},
    {"the latest before the infusion and before systemic therapy", "输注前且全身治疗前最近一次"},
    {"Q6-14 White blood cells", "Q6-14 白细胞"},
    {"Q6-14 Neutrophils", "Q6-14 中性粒细胞"},
    {"Q6-14 Lymphocytes", "Q6-14 淋巴细胞"},
    {"Q6-14 Hemoglobin", "Q6-14 血红蛋白"},
    {"Q6-14 Platelets", "Q6-14 血小板"},
    {"not on record: available yes / no", "无记录：有结果 是 / 否"},
    {"Questions not seen", "未见到的问题"},
    {"Q15-34 rest of the product, cell doses, performance status", "Q15-34 制品其余项目、细胞剂量、体能状态"},
    {"not seen: confirm against the current form", "未见原文：请对照现行表格确认"},
    {"At hand for them", "可供填写的资料"},
    {"Cell dose as recorded", "记录的细胞剂量"},
    {"no infused bag of that day in the stock", "库存中无当日输注的袋"},
    {"Lymphocytes only, same donor, not genetically modified", "仅淋巴细胞、同一供者、未经基因修饰"},
    {"else it is reported on another form; a mobilised product may not be a DLI for this form",
     "否则用其他表格报告；动员后的制品可能不属于本表的 DLI"},
    // Label
    {"Identity", "身份"},
    {"Donation identification number", "献血识别码（DIN）"},
    {"last: check character", "末位：校验字符"},
    {"Product code", "产品代码"},
    {"name: licensed table not loaded", "名称：未载入授权代码表"},
    {"Division", "分袋号"},
    {"Intended recipient", "指定受者"},
    {"Contents", "内容"},
    {"Donor", "供者"},
    {"Collected", "采集时间"},
    {"Donor's mobilisation", "供者动员"},
    {"unstimulated", "未动员"},
    {"g_csf", "G-CSF 动员"},
    {"Volume, mL", "体积，mL"},
    {"Nucleated cells in the bag", "袋内有核细胞数"},
    {"CD3+ cells in the bag", "袋内 CD3+ 细胞数"},
    {"CD3+ cells, % of nucleated cells", "CD3+ 细胞占有核细胞 %"},
    {"Counts are of cells", "计数对象"},
    {"viable", "活细胞"},
    {"total", "全部细胞（含死细胞）"},
    {"Viability, %", "活率，%"},
    {"Viability measured by", "活率检测方法"},
    {"Red cells, mL", "红细胞，mL"},
    {"DMSO, % by volume", "DMSO，体积 %"},
    {"Additive", "添加剂"},
    {"Filled for the dose", "按此剂量分装"},
    {"Filled for the weight, kg", "按此体重分装，kg"},
    {"Frozen", "冷冻时间"},
    {"Expires", "有效期至"},
    {"Kept in", "存放位置"},
    {"Given, mL", "已输入，mL"},
    {"Statements", "声明"},
    {"Use", "用途"},
    {"for use by intended recipient only", "仅供指定受者使用"},
    {"Handling", "处理"},
    {"do not irradiate; do not use a leukoreduction filter", "不得辐照；不得使用去白细胞滤器"},
    {"Biohazard", "生物危害"},
    {"BIOHAZARD", "生物危害"},
    {"confirmed to be none", "确认无"},
    {"not confirmed: not to be released", "未确认：不得放行"},
    {"State", "状态"},
    {"planned", "计划中"},
    {"collected", "已采集"},
    {"frozen", "已冷冻"},
    {"quarantined", "隔离"},
    {"expired", "已过期"},
    {"infused", "已输注"},
    {"discarded", "已废弃"},
    // Findings of a proposal
    {"whether donor and recipient differ in ABO is not stated: red cells are not checked",
     "未说明供受者 ABO 是否不合：未核查红细胞"},
    {"no ABO mismatch", "ABO 相合"},
    {"density of DMSO, general knowledge", "DMSO 密度，一般知识"},
    {"major ABO mismatch, and the red cells of the product are not stated (rbc_ml_per_ml)",
     "ABO 主要不合，而制品红细胞量未说明（rbc_ml_per_ml）"},
    {"major ABO mismatch, and the site sets no limit for red cells (rbc_ml_per_kg)",
     "ABO 主要不合，而中心未设红细胞限值（rbc_ml_per_kg）"},
    {"DMSO per kg is not checked: its share of the bag is not stated (dmso_percent), or that the product is "
     "fresh",
     "未核查每公斤 DMSO：未说明袋内比例（dmso_percent），也未说明为新鲜制品"},
    // Sentences with blanks
    {"{}, date and time", "{}，日期与时间"},
    {"Patient {}; protocol {} {} ({}), sha256 {}; as of {}", "患者 {}；方案 {} {}（{}），sha256 {}；截至 {}"},
    {"draft", "草案"},
    {"number {}, level {}", "第 {} 次，第 {} 级"},
    {"{}, weighed {}", "{}，称重日 {}"},
    {"Cells in all, {}", "细胞总数，{}"},
    {"not before {}; recommended {} to {}; not after {}", "不早于 {}；建议 {} 至 {}；不晚于 {}"},
    {"not before {}; recommended {} to {}", "不早于 {}；建议 {} 至 {}"},
    {"not before {}; not after {}", "不早于 {}；不晚于 {}"},
    {"not before {}", "不早于 {}"},
    {"no bag of the stock: {}", "库存中无可用袋：{}"},
    {"{} mL of {} mL", "{} mL（袋内 {} mL）"},
    {"Expected {} per kg", "预计每公斤 {}"},
    {"the dose was worked out with {} of {}; more than {} % apart: ask",
     "剂量按 {}（{}）计算；相差超过 {} % 时请询问"},
    {"still missing: {}", "仍缺：{}"},
    {"infuse within {} minutes; {}", "{} 分钟内输完；{}"},
    {"planned: {}", "计划：{}"},
    {"infusion {} of {}; recorded as {}", "第 {} 次输注，共 {} 次；记录为 {}"},
    {"available: yes; {}", "有结果：是；{}"},
    {"prevent relapse, treat relapse, suboptimal donor chimerism, immune reconstitution, GVHD or infection "
     "prophylaxis or treatment, other; the protocol's strategy: {}",
     "预防复发、治疗复发、供者嵌合不足、免疫重建、GVHD 或感染的预防或治疗、其他；方案策略：{}"},
    {"prevent relapse, treat relapse, suboptimal donor chimerism, immune reconstitution, GVHD or infection "
     "prophylaxis or treatment, other",
     "预防复发、治疗复发、供者嵌合不足、免疫重建、GVHD 或感染的预防或治疗、其他"},
    {"NOT RELEASED: {}", "未放行：{}"},
    {"delivers {} % of the {} target: the other target governs the volume",
     "仅达到 {1} 目标的 {0} %：体积由另一目标决定"},
    {"dmso_g_per_ml = {} g/mL: to turn volume into mass (to be confirmed)",
     "dmso_g_per_ml = {} g/mL：由体积换算质量（待确认）"},
    {"DMSO {} g per kg, at most {}; {} at most at {} %", "DMSO {} g/kg，上限 {}；{3} % 时最多 {2}"},
    {"bag {}: the recovery of {} % is that of CD3+ cells, and is used for the other counts too",
     "袋 {}：{} % 为 CD3+ 细胞回收率，其他计数亦按此估算"},
    {"bag {}: no pilot vial was assayed; recovery of {} % after thawing is assumed",
     "袋 {}：未检测留样管；假定复温后回收率为 {} %"},
    {"bag {}: already reserved", "袋 {}：已预留"},
    {"bag {}: released before the sterility result", "袋 {}：无菌结果未出即放行"},
    {"bag {}: no sterility result is recorded", "袋 {}：无无菌结果记录"},
    {"bag {}: donor clearance is not recorded", "袋 {}：无供者合格记录"},
    {"bag {}: no donation identification number is recorded", "袋 {}：无献血识别码记录"},
    {"bag {}: expires on the day of infusion: {}", "袋 {}：输注当日到期：{}"},
    {"bag {}: was filled for {}", "袋 {}：按 {} 分装"},
    {"{} kg now, {} kg when prepared: {} % apart, more than {} %; the dose is worked out with today's weight",
     "现 {} kg，分装时 {} kg：相差 {} %，超过 {} %；剂量按今日体重计算"},
    {"{} mL of red cells per kg with a major ABO mismatch, at most {}",
     "ABO 主要不合，红细胞 {} mL/kg，上限 {}"},
    {"bag {}", "袋 {}"},
    {"first {}", "首次 {}"},
});

// The texts that fill the blanks of a sentence; absent when it is not written like this.
std::optional<std::vector<std::string_view>> blanks_of(std::string_view sentence, std::string_view text) {
  std::vector<std::string_view> filled;
  for (std::size_t at = sentence.find("{}"); at != std::string_view::npos; at = sentence.find("{}")) {
    const std::string_view before = sentence.substr(0, at);
    if (!text.starts_with(before)) return std::nullopt;
    text.remove_prefix(before.size());
    sentence.remove_prefix(at + 2);
    const std::string_view next = sentence.substr(0, sentence.find("{}"));
    const std::size_t end = next.empty() ? text.size() : text.find(next);
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    filled.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (sentence != text) return std::nullopt;
  return filled;
}

// "{}" takes the next of the blanks, "{1}" the second.
std::string filled_in(std::string_view sentence, Language language,
                      const std::vector<std::string_view>& blanks) {
  std::string out;
  std::size_t next = 0;
  while (!sentence.empty()) {
    const std::size_t open = std::min(sentence.find('{'), sentence.size());
    out += sentence.substr(0, open);
    sentence.remove_prefix(open);
    if (sentence.empty()) break;
    const bool is_numbered = sentence[1] != '}';
    const std::size_t which = is_numbered ? static_cast<std::size_t>(sentence[1] - '0') : next++;
    out += in_language(language, blanks.at(which));
    sentence.remove_prefix(is_numbered ? 3 : 2);
  }
  return out;
}

}  // namespace

std::span<const FormPhrase> form_phrases() { return phrases; }

std::string in_language(Language language, std::string_view english) {
  if (language == Language::english) return std::string(english);
  for (const FormPhrase& phrase : phrases) {
    if (phrase.english == english) return std::string(phrase.chinese);
  }
  for (const FormPhrase& phrase : phrases) {
    if (phrase.english.find("{}") == std::string_view::npos) continue;
    if (const auto blanks = blanks_of(phrase.english, english))
      return filled_in(phrase.chinese, language, *blanks);
  }
  return std::string(english);
}

}  // namespace graftline::report
