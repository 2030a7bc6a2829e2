#pragma once
// Who is signed in, and how often somebody may try.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace graftline::server {

using Clock = std::chrono::steady_clock;

// 64 hexadecimal digits of the system's generator.
std::string random_token();
bool is_same(const std::string& a, const std::string& b);  // in the same time, whatever differs

struct Session {
  std::string account;
  std::string csrf;
  Clock::time_point begun, used, rotated;
};

// Kept in memory by the hash of their id: a restart signs everybody out, and a copy of the memory's file
// signs nobody in.
class Sessions {
 public:
  static constexpr std::chrono::minutes idle{30};
  static constexpr std::chrono::hours longest{12};
  static constexpr std::chrono::minutes rotates_after{15};
  static constexpr std::chrono::seconds old_id_lives{60};

  struct Opened {
    std::string id, csrf;
  };
  Opened open(const std::string& account, Clock::time_point now);
  struct Found {
    Session session;
    std::string new_id;  // to be set as the cookie; empty: unchanged
  };
  std::optional<Found> find(const std::string& id, Clock::time_point now);
  void close(const std::string& id);
  // All of an account but the one with this id.
  void close_others(const std::string& account, const std::string& id);
  std::size_t count() const;

 private:
  void forget_old(Clock::time_point now);
  mutable std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // by hash of the id
  Clock::time_point swept_{};
};

// After five failures each further try has to wait, twice as long each time, at most five minutes. Counted by
// account and by address.
class Throttle {
 public:
  // Seconds to wait; 0: may try now.
  int wait(const std::string& key, Clock::time_point now);
  void failed(const std::string& key, Clock::time_point now);
  void succeeded(const std::string& key);

 private:
  struct Failures {
    int n = 0;
    Clock::time_point last;
  };
  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
};

}  // namespace graftline::server
