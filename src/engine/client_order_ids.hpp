// Mints client order ids: unique across clock steps, restarts, processes and hosts, within the venue's length and
// alphabet.
#pragma once

#include <cstdint>
#include <string>

#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte::engine {

/// prefix + side letter (B or S) + epoch + counter, the last two in base 36. The epoch is the second of the start, in
/// six characters, and 4 to 12 characters from `instance` and the start time; the counter has 4 to 7. The venue's bound
/// decides how many: "cal" makes 29 characters where 36 are allowed and 20 where 20 are. The clock is read once, so it
/// may step as it likes; a counter that has run through carries into the epoch. All ids of one instance have the same
/// length. Owned by one engine, used on its thread.
class ClientOrderIds {
 public:
  static constexpr std::uint32_t kSecondDigits = 6;
  static constexpr std::uint32_t kMinRandomDigits = 4;
  static constexpr std::uint32_t kMaxRandomDigits = 12;
  static constexpr std::uint32_t kMinCounterDigits = 4;
  static constexpr std::uint32_t kMaxCounterDigits = 7;

  /// `instance` distinguishes processes started at the same time: random bits from the driver. `max_length` is the
  /// venue's bound; `malformed` if it is less than prefix + 15, or the prefix has characters besides [A-Za-z0-9-_].
  [[nodiscard]] static Result<ClientOrderIds> create(std::string prefix, std::uint32_t max_length, Time started,
                                                     std::uint64_t instance);
  [[nodiscard]] ClientOrderId next(TradeType side);
  /// True if the id has the form of one of this instance or of another one with the same prefix.
  [[nodiscard]] bool has_prefix(const ClientOrderId& id) const;

 private:
  ClientOrderIds() = default;
  std::string prefix_;
  std::string seconds_;
  std::uint64_t random_ = 0;
  std::uint64_t counter_ = 0;
  std::uint32_t random_digits_ = 0;
  std::uint32_t counter_digits_ = 0;
};

}  // namespace calypte::engine
