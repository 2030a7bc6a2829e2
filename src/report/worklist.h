#pragma once
// Who is due, overdue, blocked by what: the page a coordinator opens on Monday.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "engine/plan.h"
#include "protocol/protocol.h"

namespace graftline::report {

enum class Lane : unsigned char {
  overdue,   // could have been given: the recommended or last day has passed
  due,       // everything allows it today
  upcoming,  // waits for a date
  blocked,   // held, or something is missing or has to be asked
  closed,    // stopped, not eligible, or outside window or table
};
std::string_view name(Lane lane);

struct WorklistRow {
  Lane lane = Lane::blocked;
  std::string patient;
  std::string protocol;
  std::string strategy;
  std::string decision;     // give, hold, ...
  std::string day;          // "+100": days since day 0
  std::string dose;         // both ways
  std::string cells;        // "7.2 million CD3+ cells for 72 kg"
  std::optional<Day> date;  // due since, or waits until
  std::optional<Day> latest;
  int days_overdue = 0;
  std::string blocked_by;  // the sentence behind it
  std::vector<std::string> missing;
  std::vector<std::string> cautions;
  std::string detail;  // the whole decision as text, for those who open the row
};

WorklistRow worklist_row(const engine::Decision& decision, const engine::Plan& plan,
                         const protocol::Protocol& protocol);

struct Worklist {
  Day as_of;
  std::vector<WorklistRow> rows;
  std::string import_notice;
  // By lane, then date, then patient.
  void sort();
};

std::string to_text(const Worklist& worklist);
std::string to_csv(const Worklist& worklist);

// One file: styles inside, no script needed to read it, nothing fetched; prints on paper.
std::string to_html(const Worklist& worklist);

}  // namespace graftline::report
