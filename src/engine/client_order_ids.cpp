#include "engine/client_order_ids.hpp"

#include <algorithm>
#include <string_view>

#include "core/random.hpp"

namespace calypte::engine {
namespace {

constexpr std::uint64_t kBase = 36;
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kPrefixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// 2020-01-01: six digits count the seconds from here until 2088.
constexpr Time kFirstSecond = from_unix_ms(1'577'836'800'000);

constexpr std::uint64_t power(std::uint32_t digits) {
  std::uint64_t value = 1;
  for (std::uint32_t i = 0; i < digits; ++i) value *= kBase;
  return value;
}
static_assert(power(ClientOrderIds::kMaxRandomDigits) / power(ClientOrderIds::kMaxRandomDigits - 1) == kBase);

/// The last `digits` digits, with leading zeros.
void append(std::string& text, std::uint64_t value, std::uint32_t digits) {
  text.append(digits, '0');
  for (auto at = text.rbegin(); digits > 0; --digits, ++at, value /= kBase) *at = kDigits[value % kBase];
}

}  // namespace

Result<ClientOrderIds> ClientOrderIds::create(std::string prefix, std::uint32_t max_length, Time started,
                                              std::uint64_t instance) {
  if (prefix.find_first_not_of(kPrefixAlphabet) != std::string::npos) {
    return Status{StatusCode::malformed, "client order id prefix: only letters, digits, '-' and '_' are allowed"};
  }
  constexpr std::uint32_t kLeastEpoch = kSecondDigits + kMinRandomDigits;
  const std::uint64_t fixed = prefix.size() + 1;
  if (max_length < fixed + kLeastEpoch + kMinCounterDigits) {
    return Status{StatusCode::malformed, "client order id prefix: " + std::to_string(prefix.size()) +
                                             " characters leave too little of the " + std::to_string(max_length) +
                                             " that the venue allows"};
  }
  const auto room = static_cast<std::uint32_t>(max_length - fixed);

  ClientOrderIds ids;
  ids.counter_digits_ = std::min(room - kLeastEpoch, kMaxCounterDigits);
  ids.random_digits_ = std::min(room - ids.counter_digits_ - kSecondDigits, kMaxRandomDigits);
  ids.prefix_ = std::move(prefix);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(started - kFirstSecond).count();
  append(ids.seconds_, static_cast<std::uint64_t>(seconds) % power(kSecondDigits), kSecondDigits);
  // The time is mixed in so that even a driver without randomness differs from start to start.
  const auto nanoseconds = static_cast<std::uint64_t>(to_unix_ns(started));
  core::Random random(core::Random(instance).next() ^ core::Random(~nanoseconds).next());
  ids.random_ = random.below(power(ids.random_digits_));
  return ids;
}

ClientOrderId ClientOrderIds::next(TradeType side) {
  std::string text;
  text.reserve(prefix_.size() + 1 + seconds_.size() + random_digits_ + counter_digits_);
  text.append(prefix_).push_back(side == TradeType::buy ? 'B' : 'S');
  text += seconds_;
  append(text, random_, random_digits_);
  append(text, counter_, counter_digits_);
  if (++counter_ == power(counter_digits_)) {
    counter_ = 0;
    random_ = (random_ + 1) % power(random_digits_);
  }
  return ClientOrderId(std::move(text));
}

bool ClientOrderIds::has_prefix(const ClientOrderId& id) const {
  const std::string_view text = id.value;
  if (!text.starts_with(prefix_)) return false;
  const std::string_view rest = text.substr(prefix_.size());
  constexpr std::size_t kLeast = 1 + kSecondDigits + kMinRandomDigits + kMinCounterDigits;
  return rest.size() >= kLeast && (rest.front() == 'B' || rest.front() == 'S') &&
         rest.find_first_not_of(kDigits, 1) == std::string_view::npos;
}

}  // namespace calypte::engine
