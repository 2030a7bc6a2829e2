#pragma once
// One simulated trial, patient by patient, in whole days: what a trial office would hold at the end.
//
//   patients   in the order of entry; patient p of replicate r is keyed by (seed, r, p), so any trial can be
//   drawn alone arms       by the trial's randomisation (trial/allocation.h), or in turn until one arm is
//   full days       an event counts on the day it is complete: the smallest whole number not before it

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/bedside.h"
#include "sim/history.h"
#include "trial/allocation.h"

namespace graftline::sim {

inline constexpr int never_day = std::numeric_limits<int>::max();

// How the patients of one arm are treated: by a variant's policies, or by a protocol on what is measured.
struct Treatment {
  const Process* process = nullptr;
  const BedsidePlan* by_protocol = nullptr;  // none: the policies decide
};

struct GivenOnDay {
  int patient = 0;
  int day = 0;  // since entry
  double cd3_per_kg = 0.0;
};

struct TrialData {
  // One element for each patient.
  std::vector<int> arm, stratum, entry_day;
  std::vector<int> followed;  // days since entry: to the end of the study, or until lost
  std::vector<char> is_lost;
  std::vector<char> crossed_over;
  // [endpoint][patient] days since entry; never_day: not so far.
  std::vector<std::vector<int>> event, competing;
  std::vector<std::vector<int>> counted;  // [count][patient]
  std::vector<std::vector<int>> harmed;   // [safety rule][patient]
  std::vector<GivenOnDay> given;          // by patient
  std::vector<std::string> strata;        // names of the strata met, when there are factors
  std::size_t size() const { return arm.size(); }
};

// What happens to one patient in one arm, in the model's unit of time.
struct PatientCourse {
  std::vector<double> event, competing, counted, harmed;  // infinity: not so far
  std::vector<Given> given;
  bool crossed_over = false;
};

// Draws patients and trials. One for each thread.
class TrialDraw {
 public:
  TrialDraw(const Model& model, const TrialPlan& plan, const std::array<Treatment, 2>& treatments);

  // errors  conflict: the model went wrong for a patient; those of bedside()
  std::optional<Error> patient(std::size_t arm, RandomKey key, double until, PatientCourse& course);
  // `data` is used again without new memory.
  std::optional<Error> trial(std::uint64_t seed, std::uint32_t replicate, TrialData& data);

  std::uint32_t patients() const { return plan_.arms[0].patients + plan_.arms[1].patients; }
  int day(double time) const;  // the smallest whole number of days not before it

 private:
  std::optional<Error> allocate(std::uint64_t seed, std::uint32_t replicate, TrialData& data);
  std::optional<Error> by_policies(std::size_t arm, RandomKey key, double until, PatientCourse& course);
  trial::Levels levels(RandomKey key);
  std::vector<Expression> questions(const Process& process) const;

  const Model& model_;
  const TrialPlan& plan_;
  std::array<Treatment, 2> treatments_;
  std::array<History, 2> histories_;
  std::array<std::optional<BedsidePlan>, 2> bedside_;
  std::array<std::vector<std::size_t>, 2> crossings_;  // rules of the plan that leave this arm
  trial::AllocationRule rule_;
  std::vector<double> entry_;
  PatientCourse course_;
};

}  // namespace graftline::sim
