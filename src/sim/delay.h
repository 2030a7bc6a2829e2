#pragma once
// A waiting time, drawn. Shared by what happens to patients and by when their results are known.

#include "core/keyed_random.h"
#include "sim/model.h"

namespace graftline::sim {

// Gamma with this shape and scale 1. source  Marsaglia and Tsang, ACM Trans Math Softw 2000; 26:363
double drawn_gamma(double shape, KeyedRandom& random);

//   first, second  of the form, as evaluated for the patient
//   unit           the number in (0, 1) that decides, where one is enough
//   more           numbers for the forms that need several
double drawn_delay(Delay::Form form, double first, double second, double unit, KeyedRandom more);

}  // namespace graftline::sim
