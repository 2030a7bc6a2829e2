#pragma once
// The data of a proportional-hazards model put in order once: every fit, residual, test and curve walks it.
//
//   rows        status 0 = censored, any other = event; entry, weight, stratum and cluster as in follow_up.h
//   covariates  p columns of n numbers with their names
//   errors      those of inspect(); malformed_input: a column of another length, or names that do not match;
//               out_of_range: a covariate that is missing or infinite, with row and column
//   cost        O(n p) after a radix sort; n p + 5 n numbers

#include <span>
#include <string>
#include <vector>

#include "stats/follow_up.h"
#include "stats/matrix.h"

namespace graftline::stats {

struct Covariates {
  std::vector<std::string> names;
  std::vector<std::span<const double>> columns;
};

// One distinct event time of a stratum. Rows are sorted by stratum, then time, events before censorings.
struct EventTime {
  double time = 0.0;
  std::uint32_t first =
      0;  // first row that ends at or after the time: rows first..stratum end have time >= this one
  std::uint32_t events = 0;   // rows first..first+events-1 are the events
  double event_weight = 0.0;  // sum of their case weights
};

struct CoxStratum {
  std::uint32_t begin = 0, end = 0;     // rows
  std::vector<EventTime> event_times;   // increasing
  std::vector<std::uint32_t> by_entry;  // rows by increasing entry; empty without delayed entry
};

struct CoxDesign {
  int n = 0;
  int p = 0;
  std::vector<std::string> names;
  std::vector<double> x;                    // row by row in sorted order, centered at `mean`
  std::vector<double> mean;                 // of each covariate, weighted
  std::vector<double> event_total;          // sum over the events of weight x covariates
  std::vector<double> time, entry, weight;  // sorted order; entry empty without delayed entry
  std::vector<unsigned char> event;
  std::vector<std::uint32_t> seen_at_entry;  // event times of its stratum up to a row's entry
  std::vector<std::uint32_t> row;            // where each sorted row was
  std::vector<int> cluster;                  // sorted order; empty: each row its own
  int clusters = 0;
  std::vector<CoxStratum> strata;
  double n_events = 0.0;  // rows with an event and a weight

  const double* covariates(std::uint32_t i) const { return x.data() + static_cast<std::size_t>(i) * p; }
  double weight_of(std::uint32_t i) const { return weight.empty() ? 1.0 : weight[i]; }
};

// Lengths and values of the covariates of n rows: the errors that cox_design() has for them.
Result<bool> check_covariates(const Covariates& covariates, std::size_t n);

template <class Time> Result<CoxDesign> cox_design(const FollowUp<Time>& rows, const Covariates& covariates);

}  // namespace graftline::stats
