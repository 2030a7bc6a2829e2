#pragma once
// Long work, one piece after another on a thread of its own, with progress and cancelling.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace graftline::server {

class Jobs {
 public:
  struct Progress {
    std::atomic<std::size_t> done{0}, total{0};
    std::atomic<bool> is_cancelled{false}, has_begun{false}, has_ended{false};
  };
  using Work = std::function<void(Progress&)>;

  Jobs();
  ~Jobs();  // cancels what is left
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  std::shared_ptr<Progress> add(const std::string& id, Work work);
  std::shared_ptr<Progress> find(const std::string& id) const;  // null: not of this process
  std::size_t waiting() const;

 private:
  struct Waiting {
    std::shared_ptr<Progress> progress;
    Work work;
  };
  void run();
  mutable std::mutex mutex_;
  std::condition_variable something_waits_;
  std::deque<Waiting> queue_;
  std::map<std::string, std::shared_ptr<Progress>> progress_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace graftline::server
