#pragma once
// Printed forms: medical order, infusion-day checklist, worksheet for CIBMTR Form 2199, label text of a bag.

#include <optional>
#include <string>

#include "service/stock_plan.h"

namespace graftline::service {

enum class FormKind : unsigned char { order, checklist, form_2199 };

// How a form is printed: HTML in a language ("en", "zh"), or JSON.
struct FormPrint {
  bool json = false;
  std::string language = "en";
};

struct FormRequest {
  FormKind kind = FormKind::order;
  Ask ask;                      // one patient, one protocol
  StockChoice choice;           // its stock may be left out: then no bag is named
  std::optional<int> infusion;  // 2199: which of those given, from 1; absent: the last, else the one planned
};

// errors  as ask and plan_with_stock; out_of_range: an infusion that was not given
Result<std::string> make_form(const FormRequest& request, const FormPrint& print);

struct LabelRequest {
  std::string stock;
  std::string bag;
  std::optional<std::string> product_names;
};
// errors  not_found: stock, bag
Result<std::string> make_label(const LabelRequest& request, const FormPrint& print);

}  // namespace graftline::service
