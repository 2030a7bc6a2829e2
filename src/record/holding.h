#pragma once
// Whether a course, event or statement held: from entries to stretches, and from stretches to an answer.
// Internal to record; rules ask a View.

#include <optional>
#include <vector>

#include "record/view.h"

namespace graftline::record {

// What one visible entry says about whether a fact holds. An ordinal member (a GVHD grade) says yes above its
// lowest level and no at it.
struct Testimony {
  const Entry* entry = nullptr;
  Truth says = Truth::unknown;
  ReasonSet reasons;
  PartialDate when;
  std::optional<PartialDate> until;
  bool is_stop = false;
};

// Of the fact itself and of its ordinal members, oldest first.
std::vector<Testimony> testimonies(const View& view, FactId fact);

// Stretches of the fact itself, without its members.
std::vector<Stretch> own_stretches(const View& view, FactId fact);

// The fact, its members, their members, ...; each once. Ordinal members are left out: they testify for the
// fact above.
std::vector<FactId> with_members(FactId fact);
std::vector<FactId> with_supersets(FactId fact);

// Whether some day of [first, last] lies in the stretch, and whether the fact held on one.
Answer overlaps(const Stretch& stretch, Day first, Day last);
Answer held_in(const Stretch& stretch, Day first, Day last);
// The days a single entry is about, whatever others say.
Stretch on_days(const Testimony& testimony);

// An entry of no use as it stands: unreadable, of unknown status, or preliminary.
ReasonSet reasons_not_to_use(const Entry& entry);

}  // namespace graftline::record
