// The figure of a stored patient with its table twin.
#include "service/patient_timeline.h"
#include "service/workplace/state.h"

namespace graftline::service {
namespace {

Result<std::string> drawn(Workplace::State& state, const AnyPermit& permit, const std::string& id,
                          const Asked& asked, TimelineFormat format, std::int64_t& version) {
  const auto item = state.patient(permit, id);
  if (!item) return item.error();
  const Day as_of = asked.as_of.value_or(permit.occasion().today);
  const Day known_on = asked.known_on.value_or(as_of);
  const auto timeline = state.timeline(*item, known_on);
  if (!timeline) return timeline.error();
  auto text = timeline_of(**timeline, {as_of, known_on, asked.width, asked.language, format});
  if (!text) return text.error();
  if (auto problem = state.seen(permit, "timeline", id, id, item->site,
                                {{"as_of", to_text(as_of)}, {"known_on", to_text(known_on)}}))
    return *problem;
  version = item->seq;
  return text;
}

}  // namespace

Result<Reply> Workplace::timeline(const Permit<Task::read_patients>& permit, const std::string& id,
                                  const Asked& asked) {
  std::int64_t version = 0;
  const auto text = drawn(*state_, permit, id, asked, TimelineFormat::json, version);
  if (!text) return text.error();
  return Reply{*text, version, false};
}

Result<Reply> Workplace::timeline_svg(const Permit<Task::read_patients>& permit, const std::string& id,
                                      const Asked& asked) {
  std::int64_t version = 0;
  auto text = drawn(*state_, permit, id, asked, TimelineFormat::svg, version);
  if (!text) return text.error();
  return Reply{std::move(*text), version, false};
}

}  // namespace graftline::service
