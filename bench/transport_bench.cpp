// Round trips over real TLS on the loopback device: what the transport costs, wake-ups of the system included. The
// percentiles are counters in microseconds; the mean is the time that the benchmark reports.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "transport/client.hpp"
#include "transport/loop.hpp"
#include "transport/server.hpp"

namespace calypte::transport {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatch = 500;
constexpr venue::StreamId kStream{};

class Echo final : public venue::WireServer {
 public:
  venue::ServerReply on_request(const venue::ServerRequest& request, Time) override {
    return {.http_status = 200, .headers = {}, .body = request.body};
  }
  bool on_connect(venue::ConnectionId, const std::string&, Time) override { return true; }
  void on_text(venue::ConnectionId id, venue::Bytes text, Time) override {
    actions_.push_back(venue::SendText{id, std::string(text.view())});
  }
  void on_disconnect(venue::ConnectionId, Time) override {}
  void on_time(Time) override {}
  [[nodiscard]] Time next_wakeup() const override { return kNever; }
  [[nodiscard]] std::vector<venue::ServerAction>& actions() override { return actions_; }

 private:
  std::vector<venue::ServerAction> actions_;
};

/// The server on a thread of its own, and a client that sends again as soon as it got an answer.
class RoundTrips final : public ClientEvents {
 public:
  RoundTrips(bool spin, bool over_http, std::size_t bytes) : spin_(spin), over_http_(over_http), payload_(bytes, 'x') {
    const auto certificates = TestCertificates::create("/tmp/calypte_bench_" + std::to_string(::getpid()) + ".pem");
    if (!certificates) return;
    auto server = Server::create(server_loop_, echo_, *certificates);
    if (!server) return;
    server_ = std::move(*server);
    thread_ = std::thread([this] { server_loop_.run(spin_); });
    const std::string place = "localhost:" + std::to_string(server_->port());
    auto client = Client::create(loop_,
                                 {.environment = Environment::local,
                                  .rest_url = "https://" + place,
                                  .market_stream_url = "wss://" + place + "/",
                                  .user_stream_url = {},
                                  .ca_file = certificates->ca_file},
                                 *this);
    ::unlink(certificates->ca_file.c_str());
    if (!client) return;
    client_ = std::move(*client);
    // The first trip connects; it is not counted.
    if (over_http_) {
      run(1);
    } else {
      client_->open_stream(kStream);
      loop_.run(spin_);
      run(1);
    }
    trips_.clear();
  }
  ~RoundTrips() override {
    server_loop_.stop();
    if (thread_.joinable()) thread_.join();
  }
  RoundTrips(const RoundTrips&) = delete;
  RoundTrips& operator=(const RoundTrips&) = delete;

  /// Makes `count` round trips, one after the other.
  void run(int count) {
    left_ = count;
    send();
    loop_.run(spin_);
  }
  [[nodiscard]] bool is_sound() const { return client_ && !failed_; }
  [[nodiscard]] std::vector<double>& trips() { return trips_; }

 private:
  void send() {
    sent_ = Clock::now();
    if (over_http_) {
      client_->send_request(++id_, {.method = venue::HttpMethod::post, .target = "/", .headers = {}, .body = payload_},
                            std::chrono::seconds{5});
    } else {
      client_->send_frame(kStream, payload_);
    }
  }
  void arrived(bool whole) {
    trips_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - sent_).count());
    failed_ = failed_ || !whole;
    if (--left_ > 0 && whole) return send();
    loop_.stop();
  }
  void on_stream_up(venue::StreamId, Time) override { loop_.stop(); }
  void on_stream_down(venue::StreamId, const std::string&, Time) override {
    failed_ = true;
    loop_.stop();
  }
  void on_frame(venue::StreamId, venue::Bytes frame, Time) override { arrived(frame.size() == payload_.size()); }
  void on_stream_alive(venue::StreamId, Time) override {}
  void on_outcome(venue::RequestId, const venue::RequestOutcome& outcome, Time) override {
    arrived(outcome.kind == venue::RequestOutcome::Kind::replied && outcome.reply.body.size() == payload_.size());
  }

  bool spin_;
  bool over_http_;
  std::string payload_;
  Echo echo_;
  Loop server_loop_;
  Loop loop_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
  std::thread thread_;
  Clock::time_point sent_;
  std::vector<double> trips_;
  venue::RequestId id_ = 0;
  int left_ = 0;
  bool failed_ = false;
};

void round_trips(benchmark::State& state, bool spin, bool over_http) {
  RoundTrips trips(spin, over_http, static_cast<std::size_t>(state.range(0)));
  while (trips.is_sound() && state.KeepRunningBatch(kBatch)) {
    const auto before = trips.trips().size();
    trips.run(kBatch);
    double sum = 0;
    for (std::size_t i = before; i < trips.trips().size(); ++i) sum += trips.trips()[i];
    state.SetIterationTime(sum / 1e6);
  }
  if (!trips.is_sound()) return state.SkipWithError("the round trip failed");
  auto& sorted = trips.trips();
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return sorted.empty() ? 0.0 : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["p99.9_us"] = at(0.999);
}

void transport_wss_blocking(benchmark::State& state) { round_trips(state, false, false); }
void transport_wss_spin(benchmark::State& state) { round_trips(state, true, false); }
void transport_https_blocking(benchmark::State& state) { round_trips(state, false, true); }
void transport_https_spin(benchmark::State& state) { round_trips(state, true, true); }

BENCHMARK(transport_wss_blocking)->Arg(200)->Arg(4000)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(transport_wss_spin)->Arg(200)->Arg(4000)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(transport_https_blocking)->Arg(200)->Arg(4000)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(transport_https_spin)->Arg(200)->Arg(4000)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace calypte::transport
