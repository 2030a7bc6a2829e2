#include "interop/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "interop/buckets.h"
#include "interop/csv/reader.h"
#include "interop/fhir/document.h"
#include "interop/gather.h"
#include "interop/inputs.h"
#include "interop/ledger.h"
#include "interop/source.h"
#include "interop/value.h"

namespace graftline::interop {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// Reads files one after the other; the same object serves the census and the import itself.
class Importer {
 public:
  Importer(const Mapping& mapping, const ImportOptions& options, Ledger& ledger, Gatherer& gatherer)
      : options_(options),
        values_(mapping),
        ledger_(ledger),
        gatherer_(gatherer),
        documents_(values_, options.read_on, options.deepest_nesting) {}

  void read(const std::string& path) {
    auto source = LineSource::open(path, options_.largest_document);
    if (!source) {
      refuse_file(path, "cannot be opened", source.error().message);
      return;
    }
    read(*source, path);
  }

  void read(LineSource& source, const std::string& path);

  // Puts every document into the bucket of its patient instead of reading it. False: there is something else
  // than single resources, each of one patient.
  bool divide(const std::vector<Input>& inputs, Buckets& buckets);
  // Reads what was put there.
  std::optional<Error> read(Buckets& buckets);
  void ignore(std::string reason) { ledger_.count("file", ignored(std::move(reason))); }
  void finish() {
    documents_.finish(ledger_, gatherer_);
    gatherer_.finish();
  }

 private:
  void refuse_file(const std::string& path, std::string reason, std::string detail) {
    ledger_.count("document", refused(reason));
    ledger_.refuse({{path, {}}, {}, std::move(reason), std::move(detail)});
  }
  void refuse_too_long(const std::string& place) {
    refuse_file(place, "larger than allowed",
                fmt::format("longer than {} bytes; nothing of it is read", options_.largest_document));
  }
  // One document, to be read or to be put into a bucket.
  void read_document(std::string_view document, const std::string& place);
  void read_lines(LineSource& source, std::string_view first, const std::string& path);
  void read_whole(LineSource& source, const std::string& path);
  bool is_a_document(std::string_view line) {
    return static_cast<bool>(probe_.read(line, options_.deepest_nesting, [](const auto&) {}));
  }
  void tell_progress(const LineSource& source) {
    if (options_.progress && source.bytes_read() >= told_ + (std::size_t{1} << 22)) {
      told_ = source.bytes_read();
      options_.progress(done_ + told_);
    }
  }

  const ImportOptions& options_;
  ValueReader values_;
  Ledger& ledger_;
  Gatherer& gatherer_;
  fhir::DocumentReader documents_;
  fhir::JsonReader probe_;
  Buckets* buckets_ = nullptr;  // while dividing
  bool is_divisible_ = true;
  std::size_t done_ = 0;  // bytes of finished files
  std::size_t told_ = 0;
};

void Importer::read(LineSource& source, const std::string& path) {
  ledger_.opened_file();
  std::string_view line;
  LineSource::Got got = source.next(line);
  while (got == LineSource::Got::line && trimmed(without_byte_order_mark(line)).empty())
    got = source.next(line);
  const std::string name = base_name_without_gz(path);
  if (got == LineSource::Got::end) {
    refuse_file(path, "empty", "there is nothing in it");
  } else if (got == LineSource::Got::broken) {
    refuse_file(path, "damaged or cut short", "the gzip stream or the file ends before it should");
  } else if (got == LineSource::Got::too_long) {
    refuse_too_long(fmt::format("{}:{}", path, source.line_number()));
    read_lines(source, {}, path);
  } else if (const auto foreign = foreign_encoding(line); !foreign.empty()) {
    refuse_file(path, "wrong encoding", fmt::format("it looks like {}; save it as UTF-8", foreign));
  } else if (trimmed(without_byte_order_mark(line)).front() == '<') {
    refuse_file(path, "XML is not read", "export FHIR as JSON");
  } else if (const std::string_view text = trimmed(without_byte_order_mark(line));
             text.front() == '{' || text.front() == '[') {
    if (is_one_document_per_line(name) || (text.back() == '}' && is_a_document(text))) {
      read_lines(source, text, path);
    } else {
      read_whole(source, path);
    }
  } else {
    is_divisible_ = false;
    if (buckets_ != nullptr) return;
    source.unread();
    csv::Table table(source, options_.largest_document);
    csv::CsvReader(values_, ledger_, gatherer_).read(table, path);
  }
  done_ += source.bytes_read();
  told_ = 0;
  if (options_.progress) options_.progress(done_);
}

void Importer::read_lines(LineSource& source, std::string_view first, const std::string& path) {
  std::string_view line = first;
  LineSource::Got got = LineSource::Got::line;
  for (;;) {
    const std::string place = fmt::format("{}:{}", path, source.line_number());
    switch (got) {
      case LineSource::Got::end:
        return;
      case LineSource::Got::broken:
        refuse_file(path, "damaged or cut short", "the gzip stream or the file ends before it should");
        return;
      case LineSource::Got::too_long:
        refuse_too_long(place);
        break;
      case LineSource::Got::line:
        if (!trimmed(line).empty()) read_document(line, place);
        break;
    }
    if (buckets_ != nullptr && !is_divisible_) return;
    tell_progress(source);
    got = source.next(line);
  }
}

void Importer::read_whole(LineSource& source, const std::string& path) {
  std::string_view document;
  switch (source.rest(document)) {
    case LineSource::Got::broken:
      refuse_file(path, "damaged or cut short", "the gzip stream or the file ends before it should");
      return;
    case LineSource::Got::too_long:
      refuse_too_long(path);
      return;
    case LineSource::Got::line:
    case LineSource::Got::end:
      break;
  }
  read_document(without_byte_order_mark(document), path);
}

void Importer::read_document(std::string_view document, const std::string& place) {
  if (buckets_ == nullptr) {
    documents_.read(document, place, ledger_, gatherer_);
    return;
  }
  const auto belonging = documents_.belonging_of(document);
  using To = fhir::DocumentReader::Belonging::To;
  if (belonging.to == To::unclear) is_divisible_ = false;
  if (belonging.to == To::everybody) buckets_->add_to_all(document, place);
  if (belonging.to == To::patient) buckets_->add(belonging.patient, document, place);
}

bool Importer::divide(const std::vector<Input>& inputs, Buckets& buckets) {
  buckets_ = &buckets;
  for (const auto& input : inputs) {
    if (!input.is_read) {
      ignore("not a kind of file that is read");
    } else {
      read(input.path);
    }
    if (!is_divisible_) break;
  }
  buckets_ = nullptr;
  return is_divisible_;
}

std::optional<Error> Importer::read(Buckets& buckets) {
  Buckets::Kept kept;
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    buckets.rewind(bucket);
    while (buckets.next(kept)) documents_.read(kept.document, kept.place, ledger_, gatherer_, kept.is_copy);
    finish();
  }
  return buckets.problem();
}

std::size_t expected_bytes(const std::vector<Input>& inputs) {
  std::size_t bytes = 0;
  for (const auto& input : inputs) {
    std::error_code error;
    const auto size = std::filesystem::file_size(input.path, error);
    if (!error) bytes += static_cast<std::size_t>(size) * (ends_with(input.path, ".gz") ? 12 : 1);
  }
  return bytes;
}

void read_all(Importer& importer, const std::vector<Input>& inputs) {
  for (const auto& input : inputs) {
    if (!input.is_read) {
      importer.ignore("not a kind of file that is read");
    } else {
      importer.read(input.path);
    }
  }
  importer.finish();
}

}  // namespace

Result<ImportReport> import_records(const std::vector<std::string>& paths, const Mapping& mapping,
                                    const TimelineSink& sink, const ImportOptions& options) {
  const auto inputs = inputs_of(paths);
  if (!inputs) return inputs.error();
  if (const std::size_t bytes = expected_bytes(*inputs); bytes > options.divide_above) {
    constexpr std::size_t bucket_bytes = std::size_t{4} << 20;
    constexpr std::size_t most_buckets = 400;  // files that may be open at once, and some to spare
    Ledger ledger(options.most_listed);
    Gatherer gatherer(sink, ledger, options.read_on);
    Importer importer(mapping, options, ledger, gatherer);
    Buckets buckets(std::min(bytes / bucket_bytes + 1, most_buckets));
    if (importer.divide(*inputs, buckets)) {
      if (const auto problem = importer.read(buckets)) return *problem;
      return std::move(ledger).take();
    }
  }
  Ledger ledger(options.most_listed);
  Gatherer gatherer(sink, ledger, options.read_on);
  if (expected_bytes(*inputs) > options.keep_all_below) {
    const TimelineSink nobody = [](record::Timeline&&) {};
    Ledger unused(0);
    Gatherer census(nobody, unused);
    census.begin_census();
    Importer counting(mapping, options, unused, census);
    read_all(counting, *inputs);
    gatherer.stream_except(census.take_census());
  }
  Importer importer(mapping, options, ledger, gatherer);
  read_all(importer, *inputs);
  return std::move(ledger).take();
}

ImportReport import_text(std::string_view name, std::string_view bytes, const Mapping& mapping,
                         const TimelineSink& sink, const ImportOptions& options) {
  Ledger ledger(options.most_listed);
  Gatherer gatherer(sink, ledger, options.read_on);
  Importer importer(mapping, options, ledger, gatherer);
  auto source = LineSource::of(bytes, options.largest_document);
  importer.read(source, std::string(name));
  importer.finish();
  return std::move(ledger).take();
}

}  // namespace graftline::interop
