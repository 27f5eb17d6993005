// Any traffic into the simulated venues: the server's side of every dialect. The first byte chooses the venue; then
// each line is a request, a signed request, a connection, a frame, an end, or a step of time.
//
// Every request is answered with JSON or an error page; what is pushed is JSON for a connection that is open; time
// moves on.
#include <array>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "connector/registry.hpp"
#include "fuzz/support.hpp"
#include "sim/simulated_venue.hpp"
#include "venue/http_date.hpp"
#include "venue/json.hpp"

namespace {

using namespace calypte;
using namespace std::chrono_literals;
using fuzz::require;

bool is_json(std::string_view text) {
  static venue::json::Document document;
  static venue::PaddedBuffer buffer;
  return document.parse(buffer.assign(text)).ok();
}

class Run {
 public:
  explicit Run(fuzz::Input in) : in_(in) {
    const auto names = sim::simulated_venue_names();
    const std::string_view name = names[in_.choice(names.size())];
    venue_ = sim::make_simulated_venue(name, {.seed = 1, .orders_per_second = 0}, now_);
    client_ = connector::make_venue(name);
    credentials_ = {Secret(std::string(venue_->test_api_key())), Secret(std::string(venue_->test_api_secret())), {}};
  }

  void run() {
    for (int steps = 0; !in_.empty() && steps < 30; ++steps) {
      step(fuzz::Input(in_.line()));
    }
  }

 private:
  void step(fuzz::Input line) {
    constexpr std::array kMethods = {venue::HttpMethod::get, venue::HttpMethod::post, venue::HttpMethod::put,
                                     venue::HttpMethod::del};
    const std::size_t kind = line.choice(6);
    switch (kind) {
      case 0:
      case 1: {  // a<method><target> <body>; b: signed as a connector would
        venue::WireRequest wire;
        wire.method = kMethods[line.choice(kMethods.size())];
        wire.target = line.until(' ');
        wire.body = line.rest();
        if (kind == 1) (void)client_->auth()->sign(wire, stamp());
        return request(std::move(wire));
      }
      case 2: {  // c<target>
        const venue::ConnectionId id = next_++;
        if (venue_->on_connect(id, std::string(line.rest()), now_)) open_.insert(id);
        break;
      }
      case 3: {  // d<connection><text>
        const venue::ConnectionId id = 1 + line.choice(4);
        if (!open_.contains(id)) return;
        static venue::PaddedBuffer buffer;
        if (line.rest() == "login") {
          const auto frame = client_->auth()->login_frame(1, stamp());
          if (frame.ok()) venue_->on_text(id, buffer.assign(*frame), now_);
        } else {
          venue_->on_text(id, buffer.assign(line.rest()), now_);
        }
        break;
      }
      case 4: {  // e<connection>
        const venue::ConnectionId id = 1 + line.choice(4);
        if (open_.erase(id) != 0) venue_->on_disconnect(id, now_);
        break;
      }
      default:  // f<milliseconds>
        return pass(std::chrono::milliseconds{line.byte()} * (1 + line.choice(16)));
    }
    drain();
  }
  [[nodiscard]] venue::Stamp stamp() { return {now_, ++nonce_, &credentials_}; }

  void request(venue::WireRequest wire) {
    venue::ServerRequest request{wire.method, std::move(wire.target), std::move(wire.headers), std::move(wire.body)};
    const venue::ServerReply reply = venue_->on_request(request, now_);
    require(reply.http_status >= 200 && reply.http_status <= 599);
    // What no endpoint answers, the web server in front of a venue does, with a page.
    const bool page = venue::header(reply.headers, "Content-Type") == "text/html" && reply.http_status >= 400;
    require(!reply.cut_connection && (page || is_json(reply.body)));
    drain();
  }
  void pass(Duration duration) {
    const Time until = now_ + duration;
    for (int i = 0; venue_->next_wakeup() <= until; ++i) {
      require(i < 10'000);
      now_ = std::max(now_, venue_->next_wakeup());
      venue_->on_time(now_);
      drain();
    }
    now_ = until;
    venue_->on_time(now_);
    drain();
  }
  void drain() {
    for (const venue::ServerAction& action : venue_->actions()) {
      if (const auto* text = std::get_if<venue::SendText>(&action)) {
        require(open_.contains(text->connection) && is_json(text->text));
      }
      if (const auto* closed = std::get_if<venue::CloseConnection>(&action)) {
        require(closed->code >= 1000 && closed->code < 5000);
        // As the server does it: the end is told once the socket is closed.
        if (open_.erase(closed->connection) != 0) ended_.push_back(closed->connection);
      }
    }
    venue_->actions().clear();
    for (const venue::ConnectionId id : std::exchange(ended_, {})) venue_->on_disconnect(id, now_);
    venue_->actions().clear();
  }

  fuzz::Input in_;
  Time now_ = from_unix_ms(1'790'000'000'500);
  std::unique_ptr<sim::SimulatedVenue> venue_;
  std::unique_ptr<venue::Venue> client_;
  Credentials credentials_;
  std::set<venue::ConnectionId> open_;
  std::vector<venue::ConnectionId> ended_;
  venue::ConnectionId next_ = 1;
  std::uint64_t nonce_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Run(fuzz::Input(data, size)).run();
  return 0;
}
