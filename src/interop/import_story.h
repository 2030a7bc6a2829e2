#pragma once
// Short ways to import a text in tests.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "interop/import.h"
#include "record/facts.h"

namespace graftline::interop::story {

struct Imported {
  std::vector<record::Timeline> timelines;
  ImportReport report;

  // Every entry of a fact, of whichever patient.
  std::vector<const record::Entry*> all(std::string_view fact) const {
    std::vector<const record::Entry*> found;
    for (const auto& timeline : timelines) {
      for (const auto& entry : timeline.entries) {
        if (entry.fact == record::fact_id(fact)) found.push_back(&entry);
      }
    }
    return found;
  }
  // The one entry of a fact.
  const record::Entry& only(std::string_view fact) const {
    const auto found = all(fact);
    REQUIRE(found.size() == 1);
    return *found.front();
  }
  // The patient of this name.
  const record::Timeline& of(std::string_view patient) const {
    for (const auto& timeline : timelines) {
      if (timeline.patient == patient) return timeline;
    }
    FAIL("no such patient: ", patient);
    return timelines.front();
  }
  bool refuses(std::string_view reason) const {
    for (const auto& finding : report.refusals) {
      if (finding.reason == reason) return true;
    }
    return false;
  }
  bool notes(std::string_view reason) const { return report.notes_because.contains(std::string(reason)); }
};

inline Imported import(std::string_view text, const Mapping& mapping = Mapping::defaults(),
                       const ImportOptions& options = {}) {
  Imported result;
  const TimelineSink sink = [&](record::Timeline&& timeline) {
    result.timelines.push_back(std::move(timeline));
  };
  result.report = import_text("input", text, mapping, sink, options);
  CHECK(result.report.adds_up());
  return result;
}

inline Imported import_files(const std::vector<std::string>& paths,
                             const Mapping& mapping = Mapping::defaults(),
                             const ImportOptions& options = {}) {
  Imported result;
  const TimelineSink sink = [&](record::Timeline&& timeline) {
    result.timelines.push_back(std::move(timeline));
  };
  auto report = import_records(paths, mapping, sink, options);
  REQUIRE(report);
  result.report = *std::move(report);
  CHECK(result.report.adds_up());
  return result;
}

#ifdef GRAFTLINE_SOURCE_DIR  // only test programs know where the sources are
inline std::string data(std::string_view below_tests_data) {
  return std::string(GRAFTLINE_SOURCE_DIR "/tests/data/") + std::string(below_tests_data);
}
#endif

inline Mapping mapping(std::string_view toml) {
  auto read = Mapping::from_toml(toml, "site.toml");
  if (!read) FAIL(read.error().message);
  return *std::move(read);
}

inline const Quantity& number(const record::Entry& entry) {
  REQUIRE(std::holds_alternative<Quantity>(entry.value));
  return std::get<Quantity>(entry.value);
}
// "35 U/L", "<60 mL/min/{1.73_m2}".
inline std::string said(const Quantity& quantity) {
  return std::string(symbol(quantity.comparator)) + to_text(quantity.value) + " " + quantity.unit.code;
}
inline std::string said(const record::Entry& entry) { return said(number(entry)); }
// "II", or "II-IV" for a range.
inline std::string level(const record::Entry& entry) {
  REQUIRE(std::holds_alternative<record::Level>(entry.value));
  const auto levels = record::levels_of(record::fact(entry.fact));
  const auto& found = std::get<record::Level>(entry.value);
  std::string text(levels.at(static_cast<std::size_t>(found.low)));
  if (found.high != found.low) text += "-" + std::string(levels.at(static_cast<std::size_t>(found.high)));
  return text;
}
inline bool yes(const record::Entry& entry) {
  REQUIRE(std::holds_alternative<bool>(entry.value));
  return std::get<bool>(entry.value);
}

}  // namespace graftline::interop::story
