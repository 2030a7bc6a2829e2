#pragma once
// One line per patient: what a screening log or a registry query wants.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/answer.h"

namespace graftline::service {

enum class ScreenFormat : unsigned char { table, csv, ndjson };

struct ScreenRow {
  std::string patient;
  std::string protocol;
  std::string verdict;
  std::string decision;
  std::string strategy;
  std::string dose;
  std::string earliest;  // of the next infusion, ISO; empty: none
  std::string latest;
  std::vector<std::string> failing;
  std::vector<std::string> missing;
  std::string because;
};

ScreenRow screen_row(const Answered& answered);

std::string header(ScreenFormat format);  // with its line end; empty for NDJSON
std::string to_line(const ScreenRow& row, ScreenFormat format);

// Counts at the end of a screening: by verdict, by decision, by missing fact.
class ScreenCounts {
 public:
  void add(const ScreenRow& row);
  std::size_t answers() const { return patients_; }
  std::string to_text() const;

 private:
  std::map<std::string, std::size_t> verdicts_, decisions_, missing_, failing_;
  std::size_t patients_ = 0;
};

}  // namespace graftline::service
