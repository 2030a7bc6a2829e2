#pragma once
// Keeps the books of an import. One ledger stands for one document until it is known to be whole; then it is
// posted to the ledger of the import, or thrown away with the document.

#include <cstddef>
#include <string>
#include <string_view>

#include "interop/report.h"

namespace graftline::interop {

// What became of one thing read.
struct Outcome {
  enum class Kind : unsigned char { mapped, ignored, refused };
  Kind kind = Kind::mapped;
  std::string reason;  // of ignored and refused
};
inline Outcome mapped() { return {}; }
inline Outcome ignored(std::string reason) { return {Outcome::Kind::ignored, std::move(reason)}; }
inline Outcome refused(std::string reason) { return {Outcome::Kind::refused, std::move(reason)}; }

class Ledger {
 public:
  explicit Ledger(std::size_t most_listed) : most_listed_(most_listed) {}

  void count(std::string_view type, const Outcome& outcome);
  void count_unmapped(std::string_view system, std::string_view code);
  void count_entry(const record::Entry& entry);
  void count_duplicates(std::size_t entries) { report_.exact_duplicates += entries; }
  void refuse(Finding finding);  // lists; `count` is called for the thing itself
  void note(Finding finding);
  void opened_file() { ++report_.files; }
  void sent_patient() { ++report_.patients; }

  void post(Ledger&& document);  // adds everything of a document that proved whole
  const ImportReport& report() const { return report_; }
  ImportReport take() && { return std::move(report_); }

 private:
  std::size_t most_listed_;
  ImportReport report_;
};

}  // namespace graftline::interop
