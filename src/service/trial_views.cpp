#include "service/trial_views.h"

#include "report/trial_document.h"

namespace graftline::service {

Result<TrialViews> trial_views(const std::string& json, const std::string& version) {
  TrialViews views;
  for (const auto& [into, drawn] :
       {std::pair{&views.text, report::trial_text(json)}, std::pair{&views.svg, report::trial_svg(json)},
        std::pair{&views.html, report::trial_html(json, version)}}) {
    if (!drawn) return drawn.error();
    *into = *drawn;
  }
  return views;
}

}  // namespace graftline::service
