#include "service/worklist.h"

namespace graftline::service {

Result<report::Worklist> make_worklist(const Ask& ask, const std::vector<Prepared>& prepared) {
  report::Worklist list;
  list.as_of = ask.question.as_of;
  const auto report =
      ask_each(ask, prepared, [&](const auto&, const Prepared& one, const Answered& answered) {
        list.rows.push_back(report::worklist_row(answered.decision, answered.plan, one.protocol));
      });
  if (!report) return report.error();
  list.import_notice = import_notice(*report);
  list.sort();
  return list;
}

void set_language(report::Worklist& worklist, std::string_view code) {
  worklist.language = report::language_of(code).value_or(report::Language::english);
}

}  // namespace graftline::service
