#pragma once
// One virtual patient, event by event.
//
// Each transition carries a standard exponential number, its fate; it happens when its integrated hazard has
// used that up. Nothing is stepped: between two events or marks the hazards are constant (or one parametric
// curve), so the time is solved for. Numbers are looked up by (seed, replicate, patient, transition,
// occurrence): a patient meets the same fate in every variant and arm until something really differs, which
// makes comparisons of arms sharper, and any patient can be run alone.
//
//   source   the next-reaction form of competing clocks: Gibson and Bruck, J Phys Chem A 2000; 104:1876.
//   Internal
//            time: Anderson, J Chem Phys 2007; 127:214107
//   checked  against closed forms and against a simulator that goes day by day (history_test.cpp)
//   cost     no allocation after the first patient; about a rate evaluation per transition, event and mark

#include <cstdint>
#include <optional>
#include <vector>

#include "core/keyed_random.h"
#include "sim/process.h"

namespace graftline::sim {

struct Happened {
  double time = 0.0;
  std::uint32_t transition = 0;  // of the model
};

struct Given {
  double time = 0.0;
  double dose = 0.0;
};

class History {
 public:
  explicit History(const Process& process);

  // From the next patient on, notes when each question first became true, as seen at time zero and after each
  // event.
  void watch(std::vector<Expression> questions);
  double first_true(std::size_t question) const { return first_true_[question]; }  // infinity: not so far
  // run_until() also stands still at the moment at which a question of these becomes true.
  void stop_at(std::vector<std::size_t> questions) { stops_ = std::move(questions); }

  // A new patient at time zero.
  void begin(RandomKey key);
  // Goes on to time t (not before the last), and stands there: `patient()` is then true at t, events at t
  // included.
  void run_until(double t);
  // Cells are given now, by a decision from outside the model.
  void infuse(double dose);
  // The patient of `other` goes on here, from now, by this process: with the same states, clocks and fates.
  // What this process adds to the start of a patient starts now. Both watch the same questions.
  void continue_from(const History& other);

  const Patient& patient() const { return patient_; }
  const Process& process() const { return process_; }
  // Every transition that happened, in order.
  const std::vector<Happened>& happened() const { return happened_; }
  // Every infusion, in order.
  const std::vector<Given>& given() const { return given_; }
  // The model went wrong for this patient: events without end, or a rate that is no number.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  struct Pending {
    double time = 0.0;
    std::uint32_t transition = 0;  // compiled
  };

  double draw(std::uint32_t transition, std::uint32_t slot, std::uint32_t occurrence) const;
  void draw_patient();
  void start_clock(std::uint32_t clock, double at);
  double next_mark(std::uint32_t& clock) const;
  void update_rates();
  void work_out_rates();
  void use_up(double from, double to);
  void fire(std::uint32_t transition, int depth);
  void act(const Action& action, int depth);
  void trigger(std::uint32_t transition, int depth);
  double delay(const CompiledTransition& transition, std::uint32_t occurrence) const;
  void fail(std::string why);
  void look();

  const Process& process_;
  RandomKey key_;
  Patient patient_;
  std::vector<double> fate_;  // of each transition by rate: what is left
  std::vector<double> rate_;
  // Rates of situations met before, by open addressing; shared by all patients of this object.
  std::vector<std::uint64_t> known_situations_;
  std::vector<double> known_rates_;
  std::size_t n_known_ = 0;
  std::vector<std::uint32_t> n_fired_;  // by compiled transition
  std::vector<std::uint32_t> n_triggered_;
  std::vector<Pending> pending_;
  std::vector<Happened> happened_;
  std::vector<Given> given_;
  std::vector<std::uint32_t> marked_clocks_;
  std::vector<Expression> watched_;
  std::vector<double> first_true_;
  std::vector<std::size_t> stops_;
  bool stands_still_ = false;
  bool rates_are_current_ = false;
  std::optional<Error> problem_;
};

}  // namespace graftline::sim
