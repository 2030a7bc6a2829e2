#pragma once
// Endpoints of every patient of a set of records: what `graftline analyze endpoints` prints.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/result.h"

namespace graftline::service {

struct EndpointTask {
  std::vector<std::string> records;      // as everywhere; also *.cases, and ADTTE-like CSV or Dataset-JSON
  std::vector<std::string> endpoints;    // ids; empty: all
  std::string time_zero = "transplant";  // transplant, dli, randomisation
  Day cut_off;
  std::optional<Day> known_on;
  std::string mapping_file;
  std::vector<std::string> absence_means_no;  // components, or "all"
  bool censor_at_last_assessment = false;
  std::string study;
  std::string made_at;  // ISO 8601, for Dataset-JSON
  std::string version;
  std::function<void(std::size_t bytes)> progress;
};

enum class EndpointFormat : unsigned char { text, csv, dataset_json, dataset_ndjson };

struct EndpointOutput {
  std::string printed;
  std::string counts;  // by endpoint: events, competing, censored, unknown (with reasons), not at risk
};

// errors   not_found: a path, an endpoint or a component that is not there, with the closest name;
// malformed_input: a case
//          file or table that cannot be read
Result<EndpointOutput> endpoints_of(const EndpointTask& task, EndpointFormat format);

// "grfs  GVHD-free, relapse-free survival ...", one line each.
std::string endpoint_list();

}  // namespace graftline::service
