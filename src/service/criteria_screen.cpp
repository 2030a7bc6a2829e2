#include "service/criteria_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/sha256.h"
#include "engine/batch.h"
#include "interop/cohort_reader.h"
#include "interop/import.h"
#include "record/cohort.h"
#include "service/whole_file.h"

namespace graftline::service {
namespace {

namespace fs = std::filesystem;

// What became of a unit.
struct Made {
  std::string rows;                  // formatted, in order
  std::vector<std::uint64_t> names;  // of the patients, hashed
  CriteriaCounts counts;
  std::vector<interop::Finding> refusals;  // the first few
  std::size_t refused = 0;
  bool is_whole = true;  // false: the input has to be gathered first
};

constexpr std::size_t most_refusals_shown = 5;

// FNV-1a: the same everywhere, and good enough to find a patient who stands in two documents.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

void add(const CriteriaCounts& from, CriteriaCounts& to) {
  to.patients += from.patients;
  to.eligible += from.eligible;
  to.not_eligible += from.not_eligible;
  to.unknown += from.unknown;
  to.read_quickly += from.read_quickly;
  to.read_in_full += from.read_in_full;
  to.explained += from.explained;
}

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// One row of one protocol.
struct CriteriaRow {
  std::string_view patient;
  std::string_view protocol;
  engine::Verdict verdict;
  std::vector<std::string_view> failing;
  std::vector<std::string_view> unknown;
  std::vector<std::string> strategies;  // "prophylactic: eligible"
};

void append(const CriteriaRow& row, ScreenFormat format, std::string& out) {
  switch (format) {
    case ScreenFormat::csv:
      out += field(row.patient);
      fmt::format_to(std::back_inserter(out), ",{},{},{},{},{}\n", row.protocol, engine::name(row.verdict),
                     fmt::join(row.failing, " "), fmt::join(row.unknown, " "),
                     field(fmt::format("{}", fmt::join(row.strategies, "; "))));
      return;
    case ScreenFormat::ndjson: {
      const nlohmann::ordered_json line{
          {"patient", row.patient}, {"protocol", row.protocol}, {"verdict", engine::name(row.verdict)},
          {"failing", row.failing}, {"unknown", row.unknown},   {"strategies", row.strategies}};
      out += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
      return;
    }
    case ScreenFormat::table: {
      std::string why = row.failing.empty() ? "" : fmt::format("fails {}", fmt::join(row.failing, " "));
      if (!row.unknown.empty()) {
        why += fmt::format("{}unknown {}", why.empty() ? "" : "; ", fmt::join(row.unknown, " "));
      }
      fmt::format_to(std::back_inserter(out), "{:<20} {:<20} {:<13} {}\n", row.patient, row.protocol,
                     engine::name(row.verdict), why);
    }
  }
}

std::string strategy_text(std::string_view name, Truth open, Truth passes) {
  if (open == Truth::no) return fmt::format("{}: closed", name);
  const engine::Verdict verdict = passes == Truth::yes  ? engine::Verdict::eligible
                                  : passes == Truth::no ? engine::Verdict::not_eligible
                                                        : engine::Verdict::unknown;
  return fmt::format("{}: {}{}", name, engine::name(verdict),
                     open == Truth::unknown ? ", trigger unknown" : "");
}

// Protocols as columns, and one cohort for all of them. Belongs to one thread.
class Asker {
 public:
  Asker(const std::vector<Prepared>& prepared, const CriteriaScreen& screen)
      : prepared_(prepared), screen_(screen), cohort_(facts_of(prepared, batches_)) {}

  record::Cohort& cohort() { return cohort_; }

  // Writes the rows of the cohort behind `made`, and forgets them.
  void flush(Made& made) {
    std::vector<engine::BatchAnswers> answers;
    for (engine::Batch& batch : batches_) answers.push_back(batch.run(cohort_, {screen_.chunk_rows, false}));
    for (std::size_t row = 0; row < cohort_.size(); ++row) {
      made.names.push_back(hash_of(cohort_.patient(static_cast<record::Row>(row))));
      ++made.counts.patients;
      for (std::size_t i = 0; i < batches_.size(); ++i) write(row, i, answers[i], made);
    }
    for (const auto& answer : answers) made.counts.explained += answer.rows_explained;
    cohort_.clear();
  }

 private:
  static std::vector<record::FactId> facts_of(const std::vector<Prepared>& prepared,
                                              std::vector<engine::Batch>& batches) {
    std::set<record::FactId> facts;
    for (const Prepared& one : prepared) {
      batches.emplace_back(one.protocol, one.question.settings, one.question.as_of, one.question.known_on);
      facts.insert(batches.back().facts().begin(), batches.back().facts().end());
    }
    return {facts.begin(), facts.end()};
  }

  void write(std::size_t row, std::size_t protocol, const engine::BatchAnswers& answers, Made& made) {
    const engine::Batch& batch = batches_[protocol];
    CriteriaRow out;
    out.patient = cohort_.patient(static_cast<record::Row>(row));
    out.protocol = prepared_[protocol].protocol.id;
    out.verdict = engine::verdict_of(answers.verdict, row);
    made.counts.eligible += out.verdict == engine::Verdict::eligible ? 1 : 0;
    made.counts.not_eligible += out.verdict == engine::Verdict::not_eligible ? 1 : 0;
    made.counts.unknown += out.verdict == engine::Verdict::unknown ? 1 : 0;
    const auto& strategies = prepared_[protocol].protocol.strategies;
    std::vector<Truth> open(strategies.size(), Truth::yes);
    for (std::size_t i = 0; i < answers.asked.size(); ++i) {
      const engine::Asked& asked = batch.asked()[i];
      const Truth met = answers.asked[i][row];
      if (asked.what == engine::Asked::What::trigger) {
        open[static_cast<std::size_t>(asked.strategy)] = met;
      } else if (asked.strategy == -1) {
        const Truth passes = asked.counts_against ? !met : met;
        if (passes == Truth::no) out.failing.push_back(asked.id);
        if (passes == Truth::unknown) out.unknown.push_back(asked.id);
      }
    }
    for (std::size_t i = 0; i < strategies.size(); ++i) {
      out.strategies.push_back(strategy_text(strategies[i].name, open[i], answers.strategy[i][row]));
    }
    append(out, screen_.format, made.rows);
  }

  const std::vector<Prepared>& prepared_;
  const CriteriaScreen& screen_;
  std::vector<engine::Batch> batches_;
  record::Cohort cohort_;
};

void take(interop::ImportReport&& report, Made& made) {
  made.refused += report.refusals.size() + report.refusals_not_listed;
  for (auto& finding : report.refusals) {
    if (made.refusals.size() < most_refusals_shown) made.refusals.push_back(std::move(finding));
  }
}

}  // namespace

struct CriteriaRun::State {
  const Ask& ask;
  const std::vector<Prepared>& prepared;
  CriteriaScreen screen;
  interop::Mapping mapping = interop::Mapping::defaults();
  interop::ImportOptions options;
  std::vector<interop::Piece> units;
  std::string question;  // fingerprint of everything but the unit
  std::atomic<std::size_t> bytes_read{0};

  // A thread's tools, made once.
  struct Worker {
    explicit Worker(State& state)
        : asker(state.prepared, state.screen), reader(state.mapping, asker.cohort(), state.options) {}
    Asker asker;
    interop::CohortReader reader;
  };

  Made make(std::size_t unit, Worker& worker) {
    Made made;
    const auto before = worker.reader.counts();
    made.is_whole = worker.reader.read(units[unit], screen.chunk_rows, [&] { worker.asker.flush(made); });
    worker.asker.flush(made);
    made.counts.read_quickly = worker.reader.counts().quick - before.quick;
    made.counts.read_in_full = worker.reader.counts().full - before.full;
    made.counts.units = 1;
    take(worker.reader.take_report(), made);
    const auto& u = units[unit];
    std::error_code error;
    bytes_read += u.is_part ? u.end - u.begin : static_cast<std::size_t>(fs::file_size(u.path, error));
    if (ask.progress) ask.progress(bytes_read);
    return made;
  }

  // Patients spread over documents, single resources, tables: everything is brought together first.
  Result<Made> gather(const std::function<void(std::string_view)>& sink) {
    Asker asker(prepared, screen);
    Made made;
    auto report = interop::import_records(
        ask.records, mapping,
        [&](record::Timeline&& timeline) {
          asker.cohort().add(timeline);
          if (asker.cohort().size() < screen.chunk_rows) return;
          asker.flush(made);
          sink(made.rows);
          made.rows.clear();
          made.names.clear();
        },
        options);
    if (!report) return report.error();
    asker.flush(made);
    sink(made.rows);
    made.counts.read_in_full = report->by_type.contains("document") ? report->by_type.at("document").read : 0;
    made.counts.units = 1;
    take(std::move(*report), made);
    return made;
  }

  std::string part_path(std::size_t unit) const {
    return fmt::format("{}/unit-{:06}.part", screen.parts, unit);
  }

  std::string fingerprint(std::size_t unit) const {
    const auto& u = units[unit];
    std::error_code error;
    const auto size = fs::file_size(u.path, error);
    const auto time = fs::last_write_time(u.path, error).time_since_epoch().count();
    return sha256_hex(
        fmt::format("{}\n{}\n{} {}\n{} {} {}", question, u.path, size, time, u.begin, u.end, u.is_part));
  }

  // A part: one line of JSON, then the hashed names, then the rows.
  std::optional<Error> write_part(std::size_t unit, const Made& made) const {
    nlohmann::ordered_json head{{"question", fingerprint(unit)},
                                {"is_whole", made.is_whole},
                                {"patients", made.counts.patients},
                                {"eligible", made.counts.eligible},
                                {"not_eligible", made.counts.not_eligible},
                                {"unknown", made.counts.unknown},
                                {"read_quickly", made.counts.read_quickly},
                                {"read_in_full", made.counts.read_in_full},
                                {"explained", made.counts.explained},
                                {"refused", made.refused},
                                {"refusals", nlohmann::json::array()}};
    for (const auto& f : made.refusals) {
      head["refusals"].push_back({f.origin.file, f.origin.place, f.path, f.reason, f.detail});
    }
    WholeFile file(part_path(unit));
    file.write(head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    file.write({reinterpret_cast<const char*>(made.names.data()), made.names.size() * sizeof(std::uint64_t)});
    file.write(made.rows);
    return file.finish();
  }

  // Absent: there is none, or it answers another question.
  std::optional<Made> read_part(std::size_t unit, bool with_rows) const {
    std::ifstream in(part_path(unit), std::ios::binary);
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    const auto head = nlohmann::json::parse(line, nullptr, false);
    if (head.is_discarded() || head.value("question", "") != fingerprint(unit)) return std::nullopt;
    Made made;
    made.is_whole = head["is_whole"];
    made.counts.patients = head["patients"];
    made.counts.eligible = head["eligible"];
    made.counts.not_eligible = head["not_eligible"];
    made.counts.unknown = head["unknown"];
    made.counts.read_quickly = head["read_quickly"];
    made.counts.read_in_full = head["read_in_full"];
    made.counts.explained = head["explained"];
    made.counts.units = 1;
    made.refused = head["refused"];
    for (const auto& f : head["refusals"]) made.refusals.push_back({{f[0], f[1]}, f[2], f[3], f[4]});
    if (!with_rows) return made;
    made.names.resize(made.counts.patients);
    in.read(reinterpret_cast<char*>(made.names.data()),
            static_cast<std::streamsize>(made.names.size() * sizeof(std::uint64_t)));
    if (!in) return std::nullopt;
    made.rows.assign(std::istreambuf_iterator<char>(in), {});
    return made;
  }
};

CriteriaRun::CriteriaRun(std::unique_ptr<State> state) : state_(std::move(state)) {}
CriteriaRun::~CriteriaRun() = default;
CriteriaRun::CriteriaRun(CriteriaRun&&) noexcept = default;
CriteriaRun& CriteriaRun::operator=(CriteriaRun&&) noexcept = default;

std::size_t CriteriaRun::units() const { return state_->units.size(); }

namespace {

// Counts and refusals of all units, and whether any patient stands in two documents.
class Sum {
 public:
  void take(const Made& made) {
    add(made.counts, counts_);
    ++counts_.units;
    is_whole_ = is_whole_ && made.is_whole;
    refused_ += made.refused;
    for (const auto& finding : made.refusals) {
      if (refusals_.size() < most_refusals_shown) refusals_.push_back(finding);
    }
    names_.insert(names_.end(), made.names.begin(), made.names.end());
  }
  void resumed() { ++counts_.units_resumed; }
  bool is_whole() {
    std::sort(names_.begin(), names_.end());
    return is_whole_ && std::adjacent_find(names_.begin(), names_.end()) == names_.end();
  }
  CriteriaCounts counts() {
    interop::ImportReport report;
    report.refusals = std::move(refusals_);
    report.refusals_not_listed = refused_ - report.refusals.size();
    counts_.notice = import_notice(report);
    return counts_;
  }

 private:
  CriteriaCounts counts_;
  std::vector<interop::Finding> refusals_;
  std::size_t refused_ = 0;
  std::vector<std::uint64_t> names_;
  bool is_whole_ = true;
};

// Rows wait in a file without a name until it is known that no patient stands in two documents.
class Spool {
 public:
  Spool() : file_(std::tmpfile()) {}
  ~Spool() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void write(std::string_view bytes) {
    if (file_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) failed_ = true;
  }
  std::optional<Error> send(const std::function<void(std::string_view)>& sink) {
    if (failed_ || std::fflush(file_) != 0 || std::fseek(file_, 0, SEEK_SET) != 0) {
      return Error{ErrorKind::conflict, "the rows do not fit into the folder for temporary files (TMPDIR)"};
    }
    std::vector<char> buffer(1 << 20);
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file_)) > 0;)
      sink({buffer.data(), n});
    return std::nullopt;
  }

 private:
  std::FILE* file_;
  bool failed_ = false;
};

}  // namespace

Result<CriteriaRun> CriteriaRun::plan(const Ask& ask, const std::vector<Prepared>& prepared,
                                      const CriteriaScreen& screen) {
  auto state = std::unique_ptr<State>(new State{ask, prepared, screen, {}, {}, {}, {}, {}});
  if (!ask.mapping_file.empty()) {
    auto mapping = interop::Mapping::from_file(ask.mapping_file);
    if (!mapping) return mapping.error();
    state->mapping = std::move(*mapping);
  } else {
    state->mapping = interop::Mapping::defaults();
  }
  state->options.read_on = ask.read_on;
  auto units = interop::pieces_of(ask.records, screen.unit_bytes);
  if (!units) return units.error();
  state->units = std::move(*units);
  std::string question = fmt::format("{} {} {} {}\n", static_cast<int>(screen.format), ask.mapping_file,
                                     ask.read_on ? to_text(*ask.read_on) : "", ask.patient);
  if (!ask.mapping_file.empty()) {
    std::ifstream in(ask.mapping_file, std::ios::binary);
    question += std::string(std::istreambuf_iterator<char>(in), {});
  }
  for (const Prepared& one : prepared) {
    question += one.protocol.sha256 + " " + to_text(one.question.as_of) + " " +
                to_text(one.question.known_on.value_or(one.question.as_of)) + "\n";
    const auto& settings = one.question.settings;
    for (const auto* group : {&settings.parameters, &settings.upper_limits, &settings.judgements}) {
      for (const auto& [name, setting] : *group) question += name + "=" + setting.value + "\n";
    }
  }
  state->question = sha256_hex(question);
  if (!screen.parts.empty()) {
    std::error_code error;
    fs::create_directories(screen.parts, error);
    if (error) {
      return Error{ErrorKind::conflict,
                   fmt::format("the folder {} cannot be made: {}", screen.parts, error.message())};
    }
  }
  return CriteriaRun(std::move(state));
}

bool CriteriaRun::has_part(std::size_t unit) const { return state_->read_part(unit, false).has_value(); }

bool CriteriaRun::resumes() const { return state_->screen.resume; }

void CriteriaRun::remove_parts() {
  std::error_code error;
  for (std::size_t unit = 0; unit < units(); ++unit) fs::remove(state_->part_path(unit), error);
  fs::remove(state_->screen.parts, error);
}

std::string CriteriaRun::beside_parts(const std::string& name) const {
  return state_->screen.parts + "/" + name;
}

std::optional<Error> CriteriaRun::make_part(std::size_t unit) {
  State::Worker worker(*state_);
  return state_->write_part(unit, state_->make(unit, worker));
}

Result<CriteriaCounts> CriteriaRun::merge(const std::function<void(std::string_view)>& sink) {
  State& s = *state_;
  Sum sum;
  for (std::size_t unit = 0; unit < s.units.size(); ++unit) {
    auto made = s.read_part(unit, true);
    if (!made) {
      return Error{ErrorKind::not_found, fmt::format("unit {} of {} is not in {}: run again with --resume",
                                                     unit + 1, s.units.size(), s.screen.parts)};
    }
    made->rows.clear();
    sum.take(*made);
  }
  if (!sum.is_whole()) {
    auto gathered = s.gather(sink);
    if (!gathered) return gathered.error();
    Sum whole;
    whole.take(*gathered);
    return whole.counts();
  }
  for (std::size_t unit = 0; unit < s.units.size(); ++unit) sink(s.read_part(unit, true)->rows);
  return sum.counts();
}

Result<CriteriaCounts> CriteriaRun::run(const std::function<void(std::string_view)>& sink) {
  State& s = *state_;
  const std::size_t n = s.units.size();
  std::mutex mutex;
  std::condition_variable moved;
  std::map<std::size_t, Made> waiting;  // finished, not yet written
  std::size_t next_to_write = 0;
  std::atomic<std::size_t> next_unit{0};
  std::optional<Error> problem;
  Sum sum;
  Spool spool;
  const bool is_alone = s.screen.shards <= 1;
  const auto is_ours = [&](std::size_t unit) { return unit % s.screen.shards == s.screen.shard; };

  const auto deliver = [&](std::size_t unit, Made&& made) {
    const std::lock_guard lock(mutex);
    waiting.emplace(unit, std::move(made));
    const auto write = [&](std::map<std::size_t, Made>::iterator at) {
      if (is_alone) spool.write(at->second.rows);
      at->second.rows.clear();
      sum.take(at->second);
      waiting.erase(at);
    };
    if (!s.screen.ordered) {
      write(waiting.find(unit));
      next_to_write = std::max(next_to_write, unit);
    } else {
      for (auto at = waiting.find(next_to_write); at != waiting.end(); at = waiting.find(next_to_write)) {
        write(at);
        ++next_to_write;
        while (next_to_write < n && !is_ours(next_to_write)) ++next_to_write;
      }
    }
    moved.notify_all();
  };
  const auto work = [&] {
    State::Worker worker(s);
    for (;;) {
      const std::size_t unit = next_unit++;
      if (unit >= n) return;
      if (!is_ours(unit)) continue;
      {
        // Nobody runs far ahead of what has been written: finished rows wait in memory.
        std::unique_lock lock(mutex);
        moved.wait(lock, [&] {
          return problem || unit < next_to_write + 4 * s.screen.threads * s.screen.shards + 4;
        });
        if (problem) return;
      }
      std::optional<Made> made;
      const bool keeps = !s.screen.parts.empty();
      if (keeps && s.screen.resume) made = s.read_part(unit, true);
      if (made) {
        const std::lock_guard lock(mutex);
        sum.resumed();
      } else {
        made = s.make(unit, worker);
        if (keeps) {
          if (auto error = s.write_part(unit, *made)) {
            const std::lock_guard lock(mutex);
            problem = std::move(error);
            moved.notify_all();
            return;
          }
        }
      }
      deliver(unit, std::move(*made));
    }
  };
  while (next_to_write < n && !is_ours(next_to_write)) ++next_to_write;
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < std::max(1U, s.screen.threads); ++i) threads.emplace_back(work);
    work();
  }
  if (problem) return *problem;
  if (is_alone && !sum.is_whole()) {
    auto gathered = s.gather(sink);
    if (!gathered) return gathered.error();
    Sum whole;
    whole.take(*gathered);
    return whole.counts();
  }
  if (is_alone) {
    if (auto error = spool.send(sink)) return *error;
  }
  return sum.counts();
}

std::string criteria_header(ScreenFormat format) {
  switch (format) {
    case ScreenFormat::csv:
      return "patient,protocol,verdict,failing,unknown,strategies\n";
    case ScreenFormat::table:
      return fmt::format("{:<20} {:<20} {:<13} {}\n", "patient", "protocol", "eligibility", "criteria");
    case ScreenFormat::ndjson:
      break;
  }
  return "";
}

std::vector<std::string> criteria_by_row(const std::vector<Prepared>& prepared) {
  std::vector<std::string> lines;
  for (const Prepared& one : prepared) {
    const engine::Batch batch(one.protocol, one.question.settings, one.question.as_of, one.question.known_on);
    for (const engine::Asked& asked : batch.asked()) {
      for (const std::string& why : asked.by_row) {
        lines.push_back(fmt::format("{} {}: {}", one.protocol.id, asked.id, why));
      }
    }
  }
  return lines;
}

std::string to_text(const CriteriaCounts& counts) {
  std::string text = fmt::format("{} patients. Eligibility: eligible {}, not eligible {}, unknown {}.\n",
                                 counts.patients, counts.eligible, counts.not_eligible, counts.unknown);
  text += fmt::format(
      "Read: {} documents the short way, {} by the importer; {} questions explained one by one.\n",
      counts.read_quickly, counts.read_in_full, counts.explained);
  if (counts.units_resumed > 0) {
    text += fmt::format("{} of {} units were there already.\n", counts.units_resumed, counts.units);
  }
  return text + counts.notice;
}

}  // namespace graftline::service
