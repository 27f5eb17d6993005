#include "transport/url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace calypte::transport {

namespace {

Status refuse(std::string_view why) { return {StatusCode::denied, "URL refused: " + std::string(why)}; }

constexpr std::uint16_t kTlsPort = 443;
constexpr std::uint16_t kPlainPort = 80;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_host_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

bool is_path_char(char c) { return c > ' ' && c < 127 && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\'; }

}  // namespace

std::string Url::place() const {
  const std::string name = is_v6 ? "[" + host + "]" : host;
  return name + ":" + std::to_string(port);
}

std::string Url::host_header() const {
  if (port != (is_plain ? kPlainPort : kTlsPort)) return place();
  return is_v6 ? "[" + host + "]" : host;
}

Result<Url> parse_url(std::string_view text, std::string_view scheme) {
  const std::string prefix = std::string(scheme) + "://";
  if (text.size() < prefix.size() ||
      !std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == lower(b); })) {
    return refuse("it must begin with " + prefix);
  }
  text.remove_prefix(prefix.size());
  const auto path_at = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, path_at);
  Url url;
  url.is_plain = scheme == "http" || scheme == "ws";
  url.port = url.is_plain ? kPlainPort : kTlsPort;
  url.path = std::string(text.substr(path_at));
  if (!url.path.empty() && url.path[0] != '/') return refuse("a path must begin with a slash");
  if (!std::all_of(url.path.begin(), url.path.end(), is_path_char))
    return refuse("its path holds a character it may not");

  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return refuse("a bracket is not closed");
    url.is_v6 = true;
    url.host = std::string(authority.substr(1, end - 1));
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v6(url.host, error);
    if (error || address.scope_id() != 0) return refuse("what stands in brackets is no IPv6 address");
    url.host = address.to_string();
    authority.remove_prefix(end + 1);
    if (!authority.empty() && authority[0] != ':') return refuse("only a port may follow the brackets");
    port = authority;
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = std::string(authority.substr(0, colon));
    std::transform(url.host.begin(), url.host.end(), url.host.begin(), lower);
    port = authority.substr(colon);
    if (url.host.empty() || url.host.size() > 253) return refuse("it has no usable host");
    if (!std::all_of(url.host.begin(), url.host.end(), is_host_char)) {
      return refuse("its host holds a character it may not");
    }
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.port == 0) return refuse("its port is no port");
  }
  if (url.is_plain && !is_loopback(url)) {
    return refuse("only 127.0.0.0/8, ::1 and localhost are spoken to without TLS; elsewhere it must be " +
                  std::string(scheme) + "s://");
  }
  return url;
}

Result<Url> append_target(const Url& url, std::string_view target) {
  Url whole = url;
  whole.path.append(target);
  if (!whole.path.empty() && whole.path[0] != '/') return refuse("a path must begin with a slash");
  if (!std::all_of(target.begin(), target.end(), is_path_char)) return refuse("its path holds a character it may not");
  return whole;
}

bool is_loopback(const Url& url) {
  if (url.host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(url.host, error);
  return !error && address.is_loopback();
}

bool names_this_machine(const Url& url) {
  std::string_view host = url.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == "localhost" || host.ends_with(".localhost") || is_loopback(url)) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(url.host, error);
  if (error) {
    // Resolvers also read "127.1" or "2130706433" as addresses; no venue's name ends in a number.
    const auto last = host.substr(host.rfind('.') + 1);
    return std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
  if (address.is_unspecified()) return true;
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return false;
  const auto inner = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  return inner.is_loopback() || inner.is_unspecified();
}

}  // namespace calypte::transport
