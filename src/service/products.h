#pragma once
// From donor to bag, one function per question: from values as typed to an answer in text or JSON.
//
// errors of all  malformed_input, unit_mismatch, out_of_range naming the option; not_found: files, protocols,
// patients

#include <optional>
#include <string>
#include <vector>

#include "product/bag_moves.h"
#include "service/calculators.h"
#include "service/ladder.h"

namespace graftline::service {

// An answer as printed. `is_sound` is false when a limit is broken, nothing could be proposed, or a stock has
// problems.
struct Printed {
  std::string text;
  bool is_sound = true;
};

struct CollectRequest {
  LadderRequest ladder;
  std::string site_file;
  std::vector<std::string> values;         // NAME=VALUE of product::site_values()
  Typed wbc, lymphocytes, cd3, mnc;        // "6.0" x 10^3/uL, percentages
  Typed cd3_count, mnc_count;              // "1476" per uL
  Typed efficiency, recovery;              // percent
  Typed donor_weight, donor_blood_volume;  // "80 kg", "4900 mL"
  Typed volume;                            // "7000 mL": what will it yield?
  Typed collected;  // "4.2e9 CD3": with volume and blood count, the CE2 that was reached
};
Result<Printed> collect(const CollectRequest& request, bool json);

struct SplitOptions {
  LadderRequest ladder;
  std::string site_file;
  std::vector<std::string> values;
  Typed product;         // as counted
  Typed kind;            // "CD3"
  Typed recovery, dmso;  // percent
  Typed freeze_at;       // "5e7" viable cells per mL
  Typed age;             // hours from collection to freezing
  Typed fills;           // "10,20,50"
  Typed reserve;         // "1", or for each dose "1,0,2"
  bool upper_ends = false;
  bool fewest_thaws_first = false;
};
Result<Printed> split(const SplitOptions& options, bool json);

struct DoseOptions {
  LadderRequest ladder;  // of a protocol: its next dose
  std::string site_file;
  std::vector<std::string> values;
  Typed product, governing;
  Typed frozen;              // yes, no, unknown
  Typed dmso;                // percent
  Typed age;                 // hours
  Typed collected, infused;  // instead of the age: times
  Typed thawed_minutes;
  Typed red_cells;  // mL per mL of product
  Typed abo;        // none, minor, major, bidirectional
  Typed prepared_weight;
};
Result<Printed> dose_to_volume(const DoseOptions& options, bool json);

struct ProposeOptions {
  LadderRequest ladder;
  std::string site_file;
  std::vector<std::string> values;
  std::string stock;
  Typed recipient, donor, governing, abo, order;
  Day on;
};
Result<Printed> propose_bag(const ProposeOptions& options, bool json);

struct StockOptions {
  std::string stock;
  Typed recipient;      // only bags for this one
  Typed product_names;  // the site's table of product description codes
  std::optional<Day> as_of;
};
enum class StockFormat : unsigned char { text, json, csv };
Result<Printed> show_stock(const StockOptions& options, StockFormat format);

// The stock after one bag has moved.
struct MoveOptions {
  std::string stock, bag, to, at, by, second_person, reason, recipient;
  Typed infused_ml;
  std::string site_file;
  std::vector<std::string> values;
};
Result<Printed> move_bag(const MoveOptions& options, StockFormat format);

// What a typed or scanned label says, line by line.
Result<Printed> read_label(const std::string& text, bool is_keyed, const Typed& product_names, bool json);

// "none", "minor", "major", "bidirectional"; absent: unknown.
Result<product::AboMismatch> read_abo(const Typed& text);
Result<std::optional<Kind>> read_kind(std::string_view field, const Typed& text);

}  // namespace graftline::service
