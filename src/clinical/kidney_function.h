#pragma once
// Estimated glomerular filtration rate and creatinine clearance from serum creatinine.
//
// source  formulas as in the R package kidney.epi [F58]: CKD-EPI 2009 (Levey 2009), CKD-EPI 2021 (Inker
// 2021), bedside
//         Schwartz (2009); Cockcroft-Gault (1976)
// The equations can fall on different sides of a limit for the same patient (man, 55 years, 1.35 mg/dL: 58.7
// and 62.0), so none is a default.

#include <optional>
#include <string_view>

#include "core/quantity.h"
#include "core/result.h"

namespace graftline::clinical {

enum class EgfrEquation : unsigned char { ckd_epi_2009, ckd_epi_2021, cockcroft_gault, bedside_schwartz };
inline constexpr int egfr_equation_count = 4;
std::string_view name(EgfrEquation equation);  // "ckd_epi_2021"
std::optional<EgfrEquation> egfr_equation_from_name(std::string_view text);
std::string_view unit(EgfrEquation equation);  // UCUM; Cockcroft-Gault is not per body surface
std::string_view source(EgfrEquation equation);

enum class Sex : unsigned char { female, male };

// The 2009 equation has a coefficient for patients described as Black; it applies only when somebody asks for
// it.
enum class RaceCoefficient : unsigned char { not_applied, black };

struct KidneyFindings {
  Range creatinine_mg_per_dl;      // see laboratory.h; a range when the laboratory wrote "<"
  Range age_years;                 // completed years; a range when the birth date is only a year
  std::optional<Sex> sex;          // absent: the bounds cover both
  std::optional<Range> weight_kg;  // Cockcroft-Gault
  std::optional<Range> height_cm;  // Schwartz
  RaceCoefficient race = RaceCoefficient::not_applied;
};

// Every value the findings allow; a point when each is one. All four equations are monotone in each argument,
// so the bounds are values at the ends. Schwartz and Cockcroft-Gault are exact; CKD-EPI is a double (relative
// error < 1e-14).
//   errors  unsupported: CKD-EPI or Cockcroft-Gault for an age that is or may be below 18 years, Schwartz
//   outside 1 to
//           17 years, a race coefficient with another equation than that of 2009;
//           not_found: an argument the equation needs is absent; out_of_range: not above 0, or age above 120
Result<Range> estimate(EgfrEquation equation, const KidneyFindings& findings);

}  // namespace graftline::clinical
