// Whom a client trusts. Verification of the peer and of its host name has no switch.
#pragma once

#include <memory>
#include <string>

#include "calypte/result.hpp"

namespace calypte::transport {

struct TlsContext;  // dial.hpp

/// TLS 1.2 or newer. Trusts the authorities in `ca_file` and no others, or the system's store if it is empty.
/// `denied` if the file cannot be read or holds no certificate.
[[nodiscard]] Result<std::shared_ptr<TlsContext>> make_client_tls(const std::string& ca_file);

}  // namespace calypte::transport
