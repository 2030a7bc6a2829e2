#include "product/finding.h"

namespace graftline::product {

std::string_view name(Finding::Form form) {
  switch (form) {
    case Finding::Form::limit:
      return "limit";
    case Finding::Form::asked:
      return "asked";
    case Finding::Form::caution:
      return "caution";
    case Finding::Form::assumption:
      return "assumption";
    case Finding::Form::met:
      return "met";
  }
  return "";
}

}  // namespace graftline::product
