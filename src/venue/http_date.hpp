// What venues without a clock request still tell of their clock: the Date header of every reply.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "calypte/time.hpp"

#include "venue/records.hpp"
#include "venue/wire.hpp"

namespace calypte::venue {

/// The value of the first header of this name, letters of any case; empty if there is none.
[[nodiscard]] std::string_view header(std::span<const Header> headers, std::string_view name) noexcept;
/// Reads an IMF-fixdate (RFC 9110), "Sun, 06 Nov 1994 08:49:37 GMT"; the weekday is not judged.
[[nodiscard]] std::optional<Time> parse_http_date(std::string_view text) noexcept;
/// The Date header as a sample of the venue's clock, which counts whole seconds there.
[[nodiscard]] std::optional<ServerTime> server_time_of(const WireReply& reply) noexcept;

}  // namespace calypte::venue
