#pragma once
// What the files of this folder share. Internal to service/workplace.

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <shared_mutex>

#include "interop/mapping.h"
#include "product/bag.h"
#include "product/site_values.h"
#include "record/timeline.h"
#include "service/ask.h"
#include "service/workplace/workplace.h"
#include "store/store.h"

namespace graftline::service {

using json = nlohmann::ordered_json;

// The fields of a request's body. Each read says what it expects; the first mistake is the answer.
class Fields {
 public:
  static Result<Fields> of(std::string_view body, std::vector<std::string_view> known);

  bool has(std::string_view name) const;
  std::string text(std::string_view name);      // empty: not given
  std::string required(std::string_view name);  // not empty
  std::optional<Day> day(std::string_view name);
  bool flag(std::string_view name);
  int integer(std::string_view name, int low, int high);
  json value(std::string_view name) const;  // null: not given
  const std::optional<Error>& error() const { return error_; }
  void wrong(std::string_view name, std::string_view expected);

 private:
  json body_;
  std::optional<Error> error_;
};

struct TimelineOf {
  std::int64_t version = 0;
  std::shared_ptr<const record::Timeline> timeline;
};

struct Workplace::State {
  State(store::Store& log, WorkplaceOptions given) : store(log), options(std::move(given)) {}

  store::Store& store;
  WorkplaceOptions options;
  std::map<std::string, Prepared, std::less<>> library;  // every usable protocol, by id
  std::vector<std::string> broken;                       // files that cannot be used
  product::SiteValues site_values;
  interop::Mapping mapping = interop::Mapping::defaults();

  std::mutex timelines_mutex;
  std::map<std::pair<std::string, std::int32_t>, TimelineOf> timelines;  // by patient and day known
  std::mutex rows_mutex;
  std::map<std::string, std::string> rows;  // worklist rows as JSON, by patient, version, protocol and day

  // --- reading
  Result<store::Item> item(std::string_view kind, const std::string& id) const;  // not_found
  // A patient that the actor's site may see.
  Result<store::Item> patient(const AnyPermit& permit, const std::string& id) const;
  Result<std::vector<store::Item>> all(const store::ItemQuery& query) const;
  Result<std::shared_ptr<const record::Timeline>> timeline(const store::Item& patient, Day known_on);
  Result<std::vector<product::Bag>> bags() const;
  // The protocols asked about, with the question's day and strategy in their settings.
  Result<std::vector<Prepared>> questions(const AnyPermit& permit, const Asked& asked) const;
  std::vector<Prepared> prepared_in_order() const;                // those asked when none is named
  std::string text_of(const protocol::Protocol& protocol) const;  // as written
  Result<Prepared> question(const AnyPermit& permit, const Asked& asked) const;  // exactly one

  // --- recording
  store::NewEvent event(const AnyPermit& permit, std::string kind, std::string subject,
                        const json& payload) const;
  store::NewEvent event_about(const AnyPermit& permit, const store::Item& patient, std::string kind,
                              std::string subject, const json& payload) const;
  // That something was shown: in the log before it is.
  std::optional<Error> seen(const AnyPermit& permit, std::string kind, std::string subject,
                            std::string patient, std::string site, const json& payload);
  // Runs a writing task once per request key: `make` gives the events, `render` the answer from them.
  Result<Reply> once(const AnyPermit& permit, const std::function<Result<store::Group>()>& make,
                     const std::function<Result<Reply>(const std::vector<store::Event>&)>& render);

  // --- JSON shared by several answers
  json patient_head(const store::Item& patient) const;
  Result<json> hold(const std::string& patient) const;  // null: none
  Result<json> order_json(const AnyPermit& permit, const store::Item& order) const;
  json entry_json(const record::Entry& entry) const;
};

json signature_json(const store::Item& item);
std::string printed(const json& value);
template <class Item>
json page_json(const std::vector<Item>& rows, std::size_t total, const Asked& asked,
               const std::function<json(const Item&)>& to) {
  json items = json::array();
  for (const Item& row : rows) items.push_back(to(row));
  return {{"items", std::move(items)}, {"total", total}, {"offset", asked.offset}, {"limit", asked.limit}};
}
Error unavailable(const Error& error);
bool is_id(std::string_view text);  // letters, digits, . _ - ; 1 to 64
Error malformed(std::string message);

}  // namespace graftline::service
