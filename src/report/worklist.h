#pragma once
// Who is due, overdue, blocked by what: the page a coordinator opens on Monday.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "engine/plan.h"
#include "protocol/protocol.h"
#include "report/worklist_words.h"

namespace graftline::report {

enum class Lane : unsigned char {
  overdue,   // could have been given: the recommended or last day has passed
  due,       // everything allows it today
  upcoming,  // waits for a date
  blocked,   // held, or something is missing or has to be asked
  closed,    // stopped, not eligible, or outside window or table
};
std::string_view name(Lane lane);  // "overdue", ...: for CSV and anchors

struct WorklistRow {
  Lane lane = Lane::blocked;
  std::string patient;
  std::string protocol;
  std::string strategy;
  engine::Action decision = engine::Action::need_data;
  std::string day;            // "+100": days since day 0
  std::string dose;           // both ways
  std::string cells;          // "7.2 million CD3+ cells"; empty: no weight
  std::string weight;         // "72 kg", always of the recipient
  std::string weighed_on;     // its date
  std::string ratio;          // "10": the next dose over the last
  bool is_range = false;      // of doses: the ratio is that of the highest
  std::string last_infusion;  // its date; empty: none
  std::optional<Day> date;    // due since, or waits until
  std::optional<Day> latest;
  int days_overdue = 0;
  std::string blocked_by;            // the sentence behind it
  std::vector<std::string> failing;  // "E12 left ventricular ejection fraction below 50 %"
  std::vector<std::string> missing;  // as the protocol names them
  std::vector<std::string> missing_phrases;
  std::vector<std::string> cautions;
  std::string detail;  // the whole decision as text, for those who open the row
};

WorklistRow worklist_row(const engine::Decision& decision, const engine::Plan& plan,
                         const protocol::Protocol& protocol);

struct Worklist {
  Day as_of;
  std::vector<WorklistRow> rows;
  std::string import_notice;
  Language language = Language::english;
  // By lane, then date, then patient.
  void sort();
};

std::string to_text(const Worklist& worklist);  // lines of at most 110 columns, where words allow
std::string to_csv(const Worklist& worklist);   // column names and lanes are English in every language

// One file: styles inside, no script needed to read it, nothing fetched; prints on paper.
std::string to_html(const Worklist& worklist);

}  // namespace graftline::report
