#pragma once
// Published models of immune cells and leukaemia, as references for the solver and for behaviour. Research
// only: none of them was fitted to DLI, and none is used for a patient.
//
//   checked  published_models_test.cpp, against solutions printed to their digits

#include "sim/ode.h"

namespace graftline::sim {

// CML with naive and effector T cells; cells per microlitre, days. y = naive T, effector T, CML.
//   source  Moore and Li, J Theor Biol 2004; 227:513
struct MooreLi {
  double sn, dn, de, dc, kn, eta, an, ae, c_max, rc, ge, gc;
  OdeSystem system() const;
};
inline constexpr MooreLi moore_li_table_1{.073, .04, .06, .2, .001, 100, .41, .2, 3e5, .03, .005, .005};
inline constexpr MooreLi moore_li_figure_6{.37, .23, .30,   .024,  .062, 720,
                                           .14, .98, 2.3e5, .0057, .057, .0034};
inline constexpr MooreLi moore_li_figure_7{.29, .35, .40, .012, .066, 140, .39, .65, 1.6e5, .011, .079, .058};
inline constexpr MooreLi moore_li_figure_8{.071, .05, .12, .68, .063, 43, .56, .53, 1.9e5, .23, .0077, .047};

// CML under imatinib with anti-leukaemia T cells, one delay; 1000 cells per microlitre, days. y = stem,
// progenitor, differentiated, terminally differentiated leukaemic cells, T cells.
//   source  Kim, Lee and Levy, PLoS Comput Biol 2008; 4:e1000095
struct KimLeeLevy {
  double n, d_t, s_t, c_n, y0;
  double p0 = 0.8;  // 0: no immunity
  DelaySystem system() const;
  OdeState start() const;
};
inline constexpr KimLeeLevy kim_patient_1{1.2, .001, 1.2e-6, 1.0, 7.6e-6};
inline constexpr KimLeeLevy kim_patient_4{2.2, .0022, 9e-7, 7.0, 2.4e-6};
inline constexpr KimLeeLevy kim_patient_12{1.17, .007, 3.08e-5, .8, 1.2e-5};

// Immune window: recruitment of immune cells is greatest at one load; months. y = leukaemia, immune cells.
//   source  Haehnel 2020, Cancer Res, in the two-variable form of Radivoyevitch 2021
struct ImmuneWindow {
  double py = .25, ky = 1e6, m = 1e-4, a = 2, rz = 400, kz = 1e3, pz = 4000;
  OdeSystem system() const;
};

}  // namespace graftline::sim
