#pragma once
// Asking protocols about records: everything check, plan, compare, screen and worklist have in common.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "interop/report.h"
#include "service/answer.h"
#include "service/protocol_library.h"

namespace graftline::service {

struct Ask {
  std::vector<std::string> records;    // files and folders
  std::vector<std::string> protocols;  // ids or paths
  std::vector<std::filesystem::path> protocol_folders;
  std::string patient;       // only this one; empty: all
  std::string site_file;     // empty: none
  std::string mapping_file;  // empty: the defaults
  std::optional<Day>
      read_on;  // the day the records were taken from their source: a drug said to be stopped had stopped
  Question question;  // its settings win over the site file
  std::function<void(std::size_t bytes)> progress;
};

// A protocol with the settings in force for it.
struct Prepared {
  protocol::Protocol protocol;
  Question question;
};

// errors  not_found: no such protocol; malformed_input: its mistakes, each with its place
Result<std::vector<protocol::Protocol>> find_protocols(const Ask& ask);

// errors  not_found: no such site file; malformed_input: of site file and settings, each named
Result<std::vector<Prepared>> prepare(const Ask& ask, std::vector<protocol::Protocol> protocols);

// Called once per patient, in the order of the import: all of them, or the one asked for.
using PatientSink = std::function<void(record::Timeline&&)>;
// errors  as ask_each
Result<interop::ImportReport> each_patient(const Ask& ask, const PatientSink& sink);

// Called once per patient and protocol, patients in the order of the import.
using AnswerSink = std::function<void(const record::Timeline&, const Prepared&, const Answered&)>;

// errors  not_found: a record path, or the patient asked for (with the closest id). Refused records stand in
// the report.
Result<interop::ImportReport> ask_each(const Ask& ask, const std::vector<Prepared>& prepared,
                                       const AnswerSink& sink);

// The one patient that the records hold, or that was named.
// errors  as ask_each; conflict: several patients and none named
struct OnePatient {
  record::Timeline timeline;
  interop::ImportReport report;
};
Result<OnePatient> read_one(const Ask& ask);

// "alt" or any name of the catalogue. errors  not_found with the closest name
std::optional<Error> add_upper_limit(const std::string& fact, const engine::Settings::Setting& setting,
                                     engine::Settings& settings);

// What a person should know of an import before trusting the answers: patients read, refusals; empty when all
// was well.
std::string import_notice(const interop::ImportReport& report);

}  // namespace graftline::service
