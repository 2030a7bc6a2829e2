#pragma once
// Gauss-Legendre quadrature: the nodes and weights that integrate polynomials of degree 2n - 1 exactly.

#include <array>
#include <cstddef>

namespace graftline::stats {

template <std::size_t N> struct GaussLegendre {
  std::array<double, N> node{};    // in (-1, 1), increasing
  std::array<double, N> weight{};  // sums to 2
};

// Nodes are the roots of the Legendre polynomial, found by Newton steps; computed once.
const GaussLegendre<16>& gauss_legendre_16();

}  // namespace graftline::stats
