// A request as the bytes of HTTP/1.1.
#pragma once

#include <string>

#include "calypte/result.hpp"

#include "transport/url.hpp"
#include "venue/wire.hpp"

namespace calypte::transport {

/// One text, so that it leaves in one TLS record where it fits. `denied` for a target or header that could smuggle in a
/// second header or request, and for headers that the transport writes itself. The result holds credentials.
[[nodiscard]] Result<std::string> http_text(const Url& base, const venue::WireRequest& request);

}  // namespace calypte::transport
