// Points in time and durations. The only clock type of the project.
//
// `Time` is UTC in nanoseconds since the Unix epoch. The runtime makes it from the steady clock, anchored once to
// the wall clock at start, so it never steps back; the engine receives it as an argument and asks no clock.
// `std::chrono::sys_time` is used for its arithmetic; nothing below the runtime calls `system_clock::now()`.
#pragma once

#include <chrono>
#include <cstdint>

namespace calypte {

using Duration = std::chrono::nanoseconds;
using Time = std::chrono::sys_time<Duration>;

/// The latest representable time: "no wake-up is needed".
inline constexpr Time kNever = Time::max();

[[nodiscard]] constexpr Time from_unix_ms(std::int64_t ms) noexcept { return Time{std::chrono::milliseconds{ms}}; }
[[nodiscard]] constexpr Time from_unix_us(std::int64_t us) noexcept { return Time{std::chrono::microseconds{us}}; }
[[nodiscard]] constexpr Time from_unix_ns(std::int64_t ns) noexcept { return Time{Duration{ns}}; }

[[nodiscard]] constexpr std::int64_t to_unix_ms(Time t) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}
[[nodiscard]] constexpr std::int64_t to_unix_us(Time t) noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count();
}
[[nodiscard]] constexpr std::int64_t to_unix_ns(Time t) noexcept { return t.time_since_epoch().count(); }

}  // namespace calypte
