#include "server/jobs.h"

namespace graftline::server {

Jobs::Jobs() : thread_([this] { run(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    for (const auto& [id, progress] : progress_) progress->is_cancelled = true;
  }
  something_waits_.notify_one();
  thread_.join();
}

std::shared_ptr<Jobs::Progress> Jobs::add(const std::string& id, Work work) {
  auto progress = std::make_shared<Progress>();
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(progress_, [](const auto& one) { return one.second->has_ended.load(); });
    progress_[id] = progress;
    queue_.push_back({progress, std::move(work)});
  }
  something_waits_.notify_one();
  return progress;
}

std::shared_ptr<Jobs::Progress> Jobs::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = progress_.find(id);
  return found == progress_.end() ? nullptr : found->second;
}

std::size_t Jobs::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Jobs::run() {
  for (;;) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      something_waits_.wait(lock, [&] { return ends_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    next.progress->has_begun = true;
    next.work(*next.progress);
    next.progress->has_ended = true;
  }
}

}  // namespace graftline::server
