#pragma once
// The few entries of a record that an answer on one day can depend on, so that asking on many days costs what
// the entries at hand cost and not what the whole record does.

#include <map>
#include <vector>

#include "engine/borders.h"
#include "record/timeline.h"

namespace graftline::engine {

// The selection answers every one of `dependents` exactly as a view of the whole timeline does:
//   - entries of facts that none of them reads are left out;
//   - of a fact of which all of them read only the latest value before the end of a window, the newest
//   visible
//     entry of a whole day before the earliest such end is kept, with everything that may be as late: older
//     ones are beaten in every window that holds it, and in every other window they are not.
class Selection {
 public:
  // `timeline` must be arranged and outlive the selection.
  Selection(const record::Timeline& timeline, const std::vector<const Dependent*>& dependents);

  // Arranged. cost  the entries selected, and those passed over between them
  record::Timeline at(Day as_of, Day known_on) const;

 private:
  struct Facts {
    const record::Entry* first = nullptr;
    const record::Entry* last = nullptr;
    bool latest_only = true;
    int widest = 0;                // of an imprecise date, in days
    std::vector<CountedDay> ends;  // of the windows it is read in; today stands among them
  };
  void add_latest(const Facts& facts, Day first_end, Day last_end, Day known_on,
                  std::vector<const record::Entry*>& selected) const;

  const record::Timeline& timeline_;
  std::map<record::FactId, Facts> facts_;
};

}  // namespace graftline::engine
