#include "support/local_http.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace calypte::test {
namespace {

constexpr timeval kLimit{.tv_sec = 60, .tv_usec = 0};

std::size_t content_length(std::string_view head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kName = "\r\ncontent-length:";
  auto at = lower.find(kName);
  if (at == std::string::npos) throw std::runtime_error("an answer without a length: " + lower);
  at = lower.find_first_not_of(' ', at + kName.size());
  std::size_t length = 0;
  std::from_chars(lower.data() + at, lower.data() + lower.size(), length);
  return length;
}

}  // namespace

LocalHttp::~LocalHttp() { disconnect(); }

void LocalHttp::disconnect() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void LocalHttp::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    disconnect();
    throw std::runtime_error("nobody listens on port " + std::to_string(port_));
  }
}

void LocalHttp::send(std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("a request could not be sent");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string LocalHttp::receive() {
  std::string answer;
  std::size_t head = std::string::npos;
  std::size_t wanted = 0;
  std::array<char, 65536> piece{};
  while (head == std::string::npos || answer.size() < wanted) {
    const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) throw std::runtime_error("no answer: " + answer);
    answer.append(piece.data(), static_cast<std::size_t>(size));
    if (head != std::string::npos) continue;
    head = answer.find("\r\n\r\n");
    if (head != std::string::npos) wanted = head + 4 + content_length(std::string_view(answer).substr(0, head));
  }
  if (!answer.starts_with("HTTP/1.1 200")) throw std::runtime_error("not what was asked for: " + answer);
  return answer.substr(head + 4);
}

std::string LocalHttp::post(std::string_view body) {
  // Between requests nothing is sent to us, so what can be read is the end of the connection.
  pollfd idle{.fd = socket_, .events = POLLIN, .revents = 0};
  if (socket_ >= 0 && ::poll(&idle, 1, 0) != 0) disconnect();
  if (socket_ < 0) connect();
  try {
    std::string request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ";
    request += std::to_string(body.size());
    request += "\r\n\r\n";
    request += body;
    send(request);
    return receive();
  } catch (...) {
    disconnect();
    throw;
  }
}

}  // namespace calypte::test
