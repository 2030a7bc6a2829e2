#pragma once
// How much of an error probability may have been used when a fraction of the information is in.
//
//   source   Lan and DeMets, Biometrika 1983; 70:659 (O'Brien-Fleming and Pocock type)
//            Hwang, Shih and DeCani, Stat Med 1990; 9:1439
//            Kim and DeMets, Biometrika 1987; 74:149 (power family)
//   checked  by closed values (spending_test.cpp); against rpact (tests/golden/designs)

namespace graftline::stats {

enum class SpendingFamily : unsigned char { obrien_fleming, pocock, hwang_shih_decani, power };

struct Spending {
  SpendingFamily family = SpendingFamily::obrien_fleming;
  double parameter = 0.0;  // gamma of Hwang-Shih-DeCani (0 spends evenly), exponent of the power family
};

// The share of `level` spent at `information_fraction`, which counts from 0 to 1.
// `sides` is 1 or 2 and changes only the O'Brien-Fleming type: a two-sided level is spent half on each side.
double spent(const Spending& spending, double level, double information_fraction, int sides = 1);

}  // namespace graftline::stats
