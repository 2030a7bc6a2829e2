#pragma once
// Donor chimerism of the marrow and of red cells differ, because the two kinds of red cell live differently
// long.
//
//   f = p L_D / (p L_D + (1 - p) e L_R): p donor share of erythropoiesis, L lifespans in days, e the part of
//   host erythropoiesis that is effective source   Fitzhugh 2017, Blood 130:1946 (the principle); formula
//   derived from it checked  red_cells of behaviours_test.cpp, against printed values

namespace graftline::sim {

struct RedCells {
  double donor_lifespan = 100.0;
  double host_lifespan = 12.0;
  double effective_host = 1.0;  // thalassemia: most host precursors die in the marrow
};
inline double red_cell_donor_fraction(double marrow_donor_fraction, const RedCells& cells) {
  const double donor = marrow_donor_fraction * cells.donor_lifespan;
  const double host = (1.0 - marrow_donor_fraction) * cells.effective_host * cells.host_lifespan;
  return donor + host > 0.0 ? donor / (donor + host) : 0.0;
}

}  // namespace graftline::sim
