#include "transport/http_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace calypte::transport {

namespace {

constexpr std::array<std::string_view, 6> kOurs = {"host",    "connection", "content-length", "transfer-encoding",
                                                   "upgrade", "expect"};

bool same_word(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](unsigned char x, char y) { return static_cast<char>(std::tolower(x)) == y; });
}

bool is_name_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view method_word(venue::HttpMethod method) {
  switch (method) {
    case venue::HttpMethod::get:
      return "GET";
    case venue::HttpMethod::post:
      return "POST";
    case venue::HttpMethod::put:
      return "PUT";
    case venue::HttpMethod::del:
      return "DELETE";
  }
  return "GET";
}

}  // namespace

Result<std::string> http_text(const Url& base, const venue::WireRequest& request) {
  const auto refuse = [](std::string_view what) { return Status(StatusCode::denied, std::string(what)); };
  std::string target = base.path + request.target;
  if (target.empty()) target = "/";
  if (target[0] != '/') return refuse("the target must begin with a slash");
  if (!std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 127 && c != '#'; })) {
    return refuse("the target holds a character that must be escaped");
  }
  std::string text;
  text.reserve(512 + target.size() + request.body.size());
  text.append(method_word(request.method)).append(" ").append(target).append(" HTTP/1.1\r\nHost: ");
  text.append(base.host_header()).append("\r\n");
  bool names_agent = false;
  for (const auto& header : request.headers) {
    if (header.name.empty() || !std::all_of(header.name.begin(), header.name.end(), is_name_char)) {
      return refuse("a header's name is not a word");
    }
    const auto is_bad = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; };
    if (std::any_of(header.value.begin(), header.value.end(), is_bad)) {
      return refuse("the value of header " + header.name + " holds a control character");
    }
    for (const auto ours : kOurs) {
      if (same_word(header.name, ours)) return refuse("header " + header.name + " is written by the transport");
    }
    names_agent = names_agent || same_word(header.name, "user-agent");
    text.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!names_agent) text += "User-Agent: calypte\r\n";
  if (!request.body.empty() || request.method == venue::HttpMethod::post || request.method == venue::HttpMethod::put) {
    text.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  text.append("\r\n").append(request.body);
  return text;
}

}  // namespace calypte::transport
