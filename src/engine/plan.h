#pragma once
// The plan: the next infusion and the rest of the ladder in cells, volumes and dates, if nothing speaks
// against it.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "product/counts.h"
#include "record/view.h"

namespace graftline::engine {

// The weight that doses are multiplied with: actual, at most 30 days old [conv C6].
struct DosingWeight {
  std::optional<Rational> kilograms;
  std::string text;  // "58 kg"
  std::string date;
  std::string origin;
  ReasonSet reasons;    // never measured, too old, ...
  std::string too_old;  // the last known one, when it does not count: "61 kg of 2025-11-02"
};

struct PlannedTarget {
  TargetDose dose;
  std::optional<Rational> cells_low;  // total
  std::optional<Rational> cells_high;
  std::optional<double> volume_ml;  // for cells_low, when a product is given
  std::optional<double> volume_ml_high;
  std::string volume_gap;  // why there is no volume
  std::optional<Rational> ratio_to_last;
  // What giving this target's volume delivers of the other targets, per kg.
  struct Delivered {
    Kind kind;
    double per_kilogram;
  };
  std::vector<Delivered> also_delivers;
  bool governs = false;
};

struct DatedTask {
  std::string what;
  std::optional<Day> first;  // absent: the infusion day is not fixed or the reference point is not stated
  std::optional<Day> last;
  std::string timing;  // "72 to 48 hours before infusion, counted from start of chemotherapy"
  Answer applies = answer(true);
  const protocol::Citation* cite = nullptr;
};

struct PlannedInfusion {
  int number = 1;  // of the series
  int level = 1;
  bool is_next = false;
  std::optional<Dose> dose;
  std::string dose_gap;
  std::vector<PlannedTarget> targets;
  Dates dates;
  std::optional<Day> assumed_day;  // that later steps and calendars are counted from
  std::vector<DatedTask> preparation;
  std::vector<DatedTask> prophylaxis;
  std::vector<DatedTask> monitoring;  // single days and spans in order of time
};

struct Plan {
  DosingWeight weight;
  std::string governing;  // which target decides the volume; "not set" asks
  std::vector<PlannedInfusion> infusions;
  std::string end;  // why the plan stops where it does
  std::vector<std::string> cautions;
};

// Works from the answering strategy of `decision`; a plan without one is empty and says so in `end`.
Plan plan(const protocol::Protocol& protocol, const record::View& view, const Settings& settings,
          const Decision& decision, const std::optional<product::Product>& product);

}  // namespace graftline::engine
