// Any bytes from a server, behind a valid TLS handshake: as the reply to a request, or behind the upgrade of a
// WebSocket. The real client on a real socket, since what is to be tried is how the parsers are set up and driven.
//
// Every request has one outcome and every stream one end. A frame that is told was sent, whole and in its place; a body
// that is told was sent, and neither is larger than allowed.
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "fuzz/support.hpp"
#include "transport/client.hpp"
#include "transport/loop.hpp"
#include "transport/server.hpp"
#include "unit/transport/raw_tls_server.hpp"

namespace {

using namespace calypte;
using fuzz::require;
using transport::testing::RawTlsServer;
using venue::StreamId;

constexpr std::size_t kMaxFrame = 2'000;
constexpr std::size_t kMaxReply = 3'000;
/// A server may say nothing more and stay: two requests must be over well within what one input may take (-timeout=5).
constexpr std::chrono::milliseconds kRequestLimit{500};

class Told final : public transport::ClientEvents {
 public:
  void on_stream_up(StreamId, Time) override {
    require(ups == 0 && downs == 0);
    ++ups;
  }
  void on_stream_down(StreamId, const std::string& reason, Time) override {
    require(downs == 0 && !reason.empty());
    ++downs;
  }
  void on_frame(StreamId, venue::Bytes frame, Time) override {
    require(ups == 1 && downs == 0 && frame.size() <= kMaxFrame);
    for (std::size_t i = 0; i < venue::kPadding; ++i) require(frame.data()[frame.size() + i] == '\0');
    frames.emplace_back(frame.view());
  }
  void on_stream_alive(StreamId, Time) override { require(downs == 0); }
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time) override {
    require(!outcomes.contains(id));
    outcomes[id] = {outcome.kind, std::string(outcome.reply.body.view())};
    if (outcome.kind != venue::RequestOutcome::Kind::replied) {
      require(!outcome.error.empty());
      return;
    }
    require(outcome.reply.http_status >= 200 && outcome.reply.http_status <= 999);
    require(outcome.reply.body.size() <= kMaxReply);
    for (std::size_t i = 0; i < venue::kPadding; ++i) {
      require(outcome.reply.body.data()[outcome.reply.body.size() + i] == '\0');
    }
  }
  int ups = 0;
  int downs = 0;
  std::vector<std::string> frames;
  std::map<venue::RequestId, std::pair<venue::RequestOutcome::Kind, std::string>> outcomes;
};

/// The messages in a server's bytes up to the first thing that is no frame of RFC 6455, read without Beast.
std::vector<std::string> messages_in(std::string_view bytes) {
  std::vector<std::string> messages;
  std::string message;
  bool open = false;
  while (bytes.size() >= 2) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    const unsigned opcode = first & 15U;
    const bool last = (first & 128U) != 0;
    std::size_t header = 2;
    std::uint64_t size = second & 127U;
    if ((first & 112U) != 0 || (second & 128U) != 0) break;  // reserved bits; a server does not mask
    if (size >= 126) {
      const std::size_t extended = size == 126 ? 2 : 8;
      if (bytes.size() < header + extended) break;
      size = 0;
      for (std::size_t i = 0; i < extended; ++i) size = size * 256 + static_cast<unsigned char>(bytes[header + i]);
      header += extended;
    }
    if (size > bytes.size() - header) break;
    const std::string_view payload = bytes.substr(header, size);
    bytes.remove_prefix(header + size);
    if (opcode >= 8) {
      if (opcode > 10 || !last || size > 125 || opcode == 8) break;
      continue;
    }
    if (opcode > 2 || (opcode == 0) != open) break;
    message += payload;
    open = !last;
    if (open) continue;
    messages.push_back(std::exchange(message, {}));
  }
  return messages;
}

const transport::TestCertificates& certificates() {
  static const transport::TestCertificates made = [] {
    const std::string file = "/tmp/calypte_fuzz_client_" + std::to_string(::getpid()) + ".pem";
    auto created = transport::TestCertificates::create(file);
    require(created.ok());
    std::atexit([] { std::remove(certificates().ca_file.c_str()); });
    return std::move(*created);
  }();
  return made;
}

void run_until(transport::Loop& loop, const std::function<bool()>& done) {
  const Time limit = loop.now() + std::chrono::seconds{4};
  while (!done()) {
    require(loop.now() < limit);
    loop.run_for(std::chrono::milliseconds{5});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  static transport::Loop loop;
  transport::testing::RawScript script;
  script.web_socket = in.choice(2) == 1;
  script.answers = 1 + static_cast<int>(in.choice(2));
  script.polite_close = in.choice(2) == 1;
  script.answer = in.rest();
  // A server that waited for more behind the upgrade would stay silent for ever, and so would the client.
  if (script.web_socket) script.answers = 1;
  RawTlsServer server(loop, certificates(), script);
  const std::string place = "127.0.0.1:" + std::to_string(server.port());
  Told told;
  auto client = transport::Client::create(loop,
                                          {.environment = Environment::local,
                                           .rest_url = "https://" + place,
                                           .market_stream_url = "wss://" + place + "/market",
                                           .user_stream_url = "",
                                           .ca_file = certificates().ca_file},
                                          told, {.max_frame_bytes = kMaxFrame, .max_reply_bytes = kMaxReply});
  require(client.ok());
  if (script.web_socket) {
    (*client)->open_stream({});
    (*client)->send_frame({}, "hello\r\n\r\n");
    run_until(loop, [&] { return told.downs == 1; });
    const auto expected = messages_in(script.answer);
    require(told.frames.size() <= expected.size());
    for (std::size_t i = 0; i < told.frames.size(); ++i) require(told.frames[i] == expected[i]);
  } else {
    for (venue::RequestId id = 1; id <= 2; ++id) {
      (*client)->send_request(id, {.method = venue::HttpMethod::get, .target = "/x", .headers = {}, .body = {}},
                              kRequestLimit);
      run_until(loop, [&] { return told.outcomes.contains(id); });
      const auto& [kind, body] = told.outcomes[id];
      const bool chunked =
          script.answer.find("hunked") != std::string::npos || script.answer.find("HUNKED") != std::string::npos;
      if (kind == venue::RequestOutcome::Kind::replied && !chunked) {
        // It may reach over the end of one answer into the next.
        require((script.answer + script.answer).find(body) != std::string::npos);
      }
    }
  }
  client = Status(StatusCode::denied, "gone");
  loop.run_for(std::chrono::milliseconds{0});
  return 0;
}
