#include "server/sessions.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/sha256.h"

namespace graftline::server {

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && !a.empty() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sessions::Opened Sessions::open(const std::string& account, Clock::time_point now) {
  Opened made{random_token(), random_token()};
  const std::lock_guard lock(mutex_);
  forget_old(now);
  sessions_[sha256_hex(made.id)] = {account, made.csrf, now, now, now};
  return made;
}

std::optional<Sessions::Found> Sessions::find(const std::string& id, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(sha256_hex(id));
  if (found == sessions_.end()) return std::nullopt;
  Session& session = found->second;
  if (now - session.used > idle || now - session.begun > longest) {
    sessions_.erase(found);
    return std::nullopt;
  }
  session.used = now;
  Found answer{session, ""};
  if (now - session.rotated > rotates_after) {
    answer.new_id = random_token();
    Session fresh = session;
    fresh.rotated = now;
    // What is under way with the old id may end; nothing new begins with it.
    session.begun = now - longest + old_id_lives;
    session.rotated = now + longest;
    sessions_[sha256_hex(answer.new_id)] = fresh;
  }
  return answer;
}

void Sessions::close(const std::string& id) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(sha256_hex(id));
}

void Sessions::close_others(const std::string& account, const std::string& id) {
  const std::string keep = sha256_hex(id);
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_,
                [&](const auto& one) { return one.second.account == account && one.first != keep; });
}

std::size_t Sessions::count() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void Sessions::forget_old(Clock::time_point now) {
  if (now - swept_ < std::chrono::minutes(1)) return;
  swept_ = now;
  std::erase_if(sessions_, [&](const auto& one) {
    return now - one.second.used > idle || now - one.second.begun > longest;
  });
}

namespace {
constexpr int free_tries = 5;
constexpr int longest_wait = 300;
constexpr std::chrono::minutes forgets_after{15};
constexpr std::size_t most_keys = 100000;
}  // namespace

int Throttle::wait(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(key);
  if (found == failures_.end() || found->second.n < free_tries) return 0;
  const int doublings = std::min(found->second.n - free_tries, 9);
  const auto until = found->second.last + std::chrono::seconds(std::min(1 << doublings, longest_wait));
  if (now >= until) return 0;
  return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(until - now).count()) + 1;
}

void Throttle::failed(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (failures_.size() >= most_keys)
    std::erase_if(failures_, [&](const auto& one) { return now - one.second.last > forgets_after; });
  Failures& failures = failures_[key];
  if (now - failures.last > forgets_after) failures.n = 0;
  ++failures.n;
  failures.last = now;
}

void Throttle::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

}  // namespace graftline::server
