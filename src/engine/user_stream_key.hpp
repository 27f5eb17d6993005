// The key of a private stream (`UserStreamStyle::listen_key`): asked for by REST, renewed before it expires, replaced
// when it is worth nothing any more. At most one request is under way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "calypte/log.hpp"
#include "calypte/time.hpp"

#include "engine/backoff.hpp"
#include "engine/request_desk.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class UserStreamKey {
 public:
  /// Called from `on_time` and from replies of the desk.
  struct Owner {
    std::function<void(const std::string& target, Time)> opened;  ///< there is a new key: connect with it
    std::function<void(std::string_view reason, Time)> lost;      ///< a connection made with the key is worth nothing
    std::function<void(const Status&, Time)> trouble;             ///< the venue did not give or renew a key
  };

  UserStreamKey(const venue::VenueSpec& spec, RequestDesk& desk, core::Random random, Owner owner, LogSink& log)
      : spec_(spec), desk_(desk), backoff_({}, random), owner_(std::move(owner)), log_(log) {}

  void start(Time now);
  /// Forgets the key; what is still answered changes nothing.
  void stop();
  /// The key is over, or doubtful since a connect with it has failed: another one at once, but not again and again.
  void replace(std::string_view reason, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;
  [[nodiscard]] bool held() const noexcept { return key_.has_value(); }

 private:
  void open(Time now);
  void renew(Time now);
  void on_opened(const Reply& reply);
  void on_renewed(const Reply& reply);

  const venue::VenueSpec& spec_;
  RequestDesk& desk_;
  Backoff backoff_;
  Owner owner_;
  LogSink& log_;
  std::optional<std::string> key_;
  bool running_ = false;
  bool asking_ = false;
  std::uint64_t generation_ = 0;  // answers that belong to an older one are worth nothing
  Time opened_at_{};
  Time known_good_at_{};  // when it was opened or renewed last
  Time due_ = kNever;     // of the next request
};

}  // namespace calypte::engine
