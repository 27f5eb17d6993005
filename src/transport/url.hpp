// The addresses that the transport accepts: https and wss with an ordinary host; http and ws for this machine only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::transport {

struct Url {
  std::string host;  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path;  ///< path and query as given; empty if there is none
  bool is_v6 = false;
  bool is_plain = false;  ///< without TLS; then the host is a loopback one

  /// For the Host header: the port only if it is not the scheme's own.
  [[nodiscard]] std::string host_header() const;
  /// For messages: host and port, never the path, which may hold a key.
  [[nodiscard]] std::string place() const;
};

/// `denied` unless `text` is `scheme://host[:port][/path]` with exactly this scheme, a host of letters, digits, dots
/// and hyphens or an IPv6 address in brackets, and a path of printable ASCII. User names and fragments are refused, and
/// for the schemes "http" and "ws" every host but those of `is_loopback`. The message never holds more of `text` than
/// its scheme.
[[nodiscard]] Result<Url> parse_url(std::string_view text, std::string_view scheme);

/// The same place with `target` behind the path; `denied` for what `parse_url` would refuse there.
[[nodiscard]] Result<Url> append_target(const Url& url, std::string_view target);

/// True for "localhost" and its subdomains, for 127.0.0.0/8 and ::1 (also in IPv4-mapped form), and for the unspecified
/// addresses, which the system routes to this machine.
[[nodiscard]] bool names_this_machine(const Url& url);

/// True for what `Environment::local` and plain schemes accept: "localhost", 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(const Url& url);

}  // namespace calypte::transport
