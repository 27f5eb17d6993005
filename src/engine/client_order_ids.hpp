// Mints client order ids: unique across clock steps, restarts, processes and hosts, within the venue's length and
// alphabet.
#pragma once

#include <cstdint>
#include <string>

#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte::engine {

/// prefix + side letter + instance epoch + counter, base 36: "calB" + 10 characters of start time and randomness drawn
/// once per process start + a counter that only grows. The clock is read once, so it may step as it likes.
class ClientOrderIds {
 public:
  /// `instance` distinguishes processes started at the same time: random bits from the driver. `max_length` is the
  /// venue's bound; `malformed` if prefix and the rest do not fit, or the prefix has characters besides [A-Za-z0-9-_].
  [[nodiscard]] static Result<ClientOrderIds> create(std::string prefix, std::uint32_t max_length, Time started,
                                                     std::uint64_t instance);
  [[nodiscard]] ClientOrderId next(TradeType side);
  /// True if the id is one of this instance's or of another instance with the same prefix.
  [[nodiscard]] bool has_prefix(const ClientOrderId& id) const;

 private:
  ClientOrderIds() = default;
  std::string prefix_;
  std::string epoch_;
  std::uint64_t counter_ = 0;
};

}  // namespace calypte::engine
