#include "interop/cohort_reader.h"

#include <fmt/format.h>

#include <utility>

#include "interop/fhir/document.h"
#include "interop/fhir/quick.h"
#include "interop/gather.h"
#include "interop/ledger.h"
#include "interop/source.h"
#include "interop/value.h"

namespace graftline::interop {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

struct CohortReader::State {
  State(const Mapping& mapping, record::Cohort& rows, const ImportOptions& import_options)
      : cohort(rows),
        options(import_options),
        values(mapping),
        ledger(import_options.most_listed),
        to_cohort([this](record::Timeline&& timeline) { cohort.add(timeline); }),
        gatherer(to_cohort, ledger, import_options.read_on),
        documents(values, options.read_on, options.deepest_nesting),
        quick(mapping, cohort, options.read_on, options.deepest_nesting) {
    gatherer.stream_except({});
  }

  record::Cohort& cohort;
  const ImportOptions& options;
  ValueReader values;
  Ledger ledger;
  std::function<void(record::Timeline&&)> to_cohort;
  Gatherer gatherer;
  fhir::DocumentReader documents;
  fhir::QuickReader quick;
  Counts counts;

  void refuse(const std::string& place, std::string reason, std::string detail) {
    ledger.count("document", refused(reason));
    ledger.refuse({{place, {}}, {}, std::move(reason), std::move(detail)});
  }
  void read(std::string_view document, const std::string& place) {
    if (quick.read(document, place, ledger)) {
      ++counts.quick;
      ledger.sent_patient();
      return;
    }
    ++counts.full;
    documents.read(document, place, ledger, gatherer);
  }
};

CohortReader::CohortReader(const Mapping& mapping, record::Cohort& cohort, const ImportOptions& options)
    : state_(std::make_unique<State>(mapping, cohort, options)) {}
CohortReader::~CohortReader() = default;

const CohortReader::Counts& CohortReader::counts() const { return state_->counts; }

ImportReport CohortReader::take_report() {
  ImportReport report = std::move(state_->ledger).take();
  state_->ledger = Ledger(state_->options.most_listed);
  return report;
}

bool CohortReader::read(const Piece& piece, std::size_t rows, const std::function<void()>& full) {
  State& s = *state_;
  auto opened = piece.is_part
                    ? LineSource::open(piece.path, piece.begin, piece.end, s.options.largest_document)
                    : LineSource::open(piece.path, s.options.largest_document);
  if (!opened) {
    s.refuse(piece.path, "cannot be opened", opened.error().message);
    return true;
  }
  LineSource& source = *opened;
  s.ledger.opened_file();
  const bool by_lines = is_one_document_per_line(base_name_without_gz(piece.path));
  bool is_first = true;
  for (;;) {
    std::string_view line;
    const LineSource::Got got = source.next(line);
    std::string place = fmt::format("{}:{}", piece.path, source.line_number());
    if (piece.is_part)
      place = fmt::format("{} from byte {}, line {}", piece.path, piece.begin, source.line_number());
    if (got == LineSource::Got::end) return true;
    if (got == LineSource::Got::broken) {
      s.refuse(piece.path, "damaged or cut short", "the gzip stream or the file ends before it should");
      return true;
    }
    if (got == LineSource::Got::too_long) {
      s.refuse(place, "larger than allowed",
               fmt::format("longer than {} bytes; nothing of it is read", s.options.largest_document));
      continue;
    }
    const std::string_view text = trimmed(is_first ? without_byte_order_mark(line) : line);
    if (text.empty()) continue;
    // What is not JSON (tables, other encodings, XML) is for the importer.
    if (is_first && text.front() != '{') return false;
    // One document, perhaps spread over lines; several of them, for the importer.
    if (is_first && !by_lines) {
      const bool is_perhaps_whole = text.back() == '}';
      const std::size_t length = text.size();
      std::string_view document;
      if (source.rest(document) != LineSource::Got::line) return false;
      document = trimmed(without_byte_order_mark(document));
      if (is_perhaps_whole && document.size() != length) return false;
      s.read(document, piece.path);
      if (s.documents.has_loose()) return false;
      if (s.cohort.size() >= rows) full();
      return true;
    }
    is_first = false;
    s.read(text, place);
    if (s.documents.has_loose()) return false;
    if (s.cohort.size() >= rows) full();
  }
}

}  // namespace graftline::interop
