// A venue of a made-up line format, whose every word is chosen by the test, and small worlds around it.
//
// One line is one record, in a frame and in the body of a reply alike:
//   snapshot SYM 5 bid 100:1 ask 101:2     diff SYM 6 after 5 bid 100:0 ask       trade SYM T1 100:1
//   subscribed 7 depth.SYM                 refused 7 depth.SYM                    login 1 ok | login 1 refused
//   beat 42                                time 1700000000000                     notice words
//   order OID1 EOID1 open 0                fill T1 OID1 EOID1 10                  balance BTC 5 4
//   balances-complete                      open-orders-complete                   more-fills 1700 1800
//   funding SYM 101                        key K /target                          expired
//   used query 7                           outcome OID1 rejected
//   error rejected                         error rate_limited 1700000005000       (replies and answers only)
//   answer 7                               the first line of a frame that answers the request of that id
// "-" stands for an id that is absent. Anything else cannot be understood.
#pragma once

#include <algorithm>
#include <charconv>
#include <deque>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/actions.hpp"
#include "engine/clock_sync.hpp"
#include "engine/instruments.hpp"
#include "engine/order_tracker.hpp"
#include "engine/request_desk.hpp"
#include "engine/throttle.hpp"
#include "venue/venue.hpp"

namespace calypte::engine::stream_test {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

inline Time at(std::int64_t ms) { return from_unix_ms(1'700'000'000'000 + ms); }

inline std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(by), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}
inline std::int64_t integer(std::string_view text) {
  std::int64_t value = -1;
  EXPECT_EQ(std::from_chars(text.data(), text.data() + text.size(), value).ec, std::errc{}) << text;
  return value;
}

class ScriptedVenue final : public venue::Venue, public venue::Auth {
 public:
  ScriptedVenue() {
    table.name = "scripted";
    table.book.continuity = venue::Continuity::prev_link;
    table.streams.user_stream = venue::UserStreamStyle::login_frame;
    table.streams.max_channels_per_frame = 2;
    table.streams.max_frames_per_second = 100;
    table.orders.request_limit = 10s;
  }

  // --- What the test chooses. ---
  venue::VenueSpec table;
  bool one_frame_each = false;  ///< a frame for every subscription, ids counted on
  bool has_auth = true;
  bool takes_frames = false;            ///< orders and cancels can go as frames: "#7 new A"
  Status login_error;                   ///< why no login frame can be made
  std::set<std::string> unsupported{};  ///< first words of requests that cannot be encoded

  // --- What the test reads. ---
  std::vector<venue::Request> asked;  ///< in the order of encoding
  std::vector<venue::Stamp> stamps;   ///< of the requests, as `asked`
  std::vector<venue::Stamp> frame_stamps;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override { return table; }
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override {
    if (std::holds_alternative<venue::NewOrder>(request)) return "order";
    if (std::holds_alternative<venue::CancelOrder>(request)) return "cancel";
    return "query";
  }

  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override {
    const std::string text = describe(request);
    if (unsupported.contains(std::string(split(text, ' ').front()))) return Status(StatusCode::unsupported, text);
    asked.push_back(request);
    stamps.push_back(stamp);
    venue::WireRequest wire;
    wire.target = text;
    return wire;
  }

  Status decode_reply(const venue::Request&, const venue::WireReply& reply, venue::Records& out) override {
    Status status;
    for (const auto line : split(reply.body.view(), '\n')) {
      const auto words = split(line, ' ');
      if (words.at(0) == "error") {
        status = error(words);
      } else if (!read(words, out)) {
        status = Status(StatusCode::malformed, std::string(line));
      }
    }
    return status;
  }

  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override {
    const std::string text = describe(request);
    if (!takes_frames || unsupported.contains("#" + std::string(split(text, ' ').front()))) {
      return Status(StatusCode::unsupported, text);
    }
    frame_stamps.push_back(stamp);
    return "#" + std::to_string(stamp.nonce) + " " + text;
  }

  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked_before,
                                                     venue::Records& out) override {
    const auto mark = out.mark();
    std::optional<venue::Answer> answer;
    for (const auto line : split(frame.view(), '\n')) {
      const auto words = split(line, ' ');
      out.set_channel(words.at(0));
      if (words.at(0) == "answer") {
        const auto id = static_cast<std::uint64_t>(integer(words.at(1)));
        if (asked_before.find(id) != nullptr) answer = venue::Answer{.id = id, .status = {}};
      } else if (words.at(0) == "error") {
        if (answer) answer->status = error(words);
      } else if (!read(words, out)) {
        out.restore(mark);
        if (!answer) return Status(StatusCode::malformed, "no such line");
        answer->status = Status(StatusCode::malformed, std::string(line));
        break;
      }
    }
    return answer;
  }

  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override {
    std::string text;
    for (const auto& subscription : subscriptions) {
      if (text.empty()) text = (on ? "+" : "-") + std::to_string(id++);
      text += " " + word(subscription.channel);
      if (!subscription.symbol.empty()) text += "." + subscription.symbol.value;
      if (one_frame_each) out.push_back(std::exchange(text, {}));
    }
    if (!text.empty()) out.push_back(text);
  }

  Status decode_frame(venue::StreamKind, venue::Bytes frame, venue::Records& out) override {
    const auto mark = out.mark();
    for (const auto line : split(frame.view(), '\n')) {
      const auto words = split(line, ' ');
      out.set_channel(words.at(0));
      if (read(words, out)) continue;
      out.restore(mark);
      return {StatusCode::malformed, "no such line"};
    }
    return {};
  }

  [[nodiscard]] venue::Auth* auth() noexcept override { return has_auth ? this : nullptr; }
  Status sign(venue::WireRequest&, const venue::Stamp&) override { return {}; }
  Result<std::string> login_frame(std::uint64_t id, const venue::Stamp& stamp) override {
    if (!login_error.ok()) return login_error;
    return "login " + std::to_string(id) + (stamp.credentials != nullptr ? " signed" : " unsigned");
  }

  static std::string describe(const venue::Request& request) {
    if (const auto* r = std::get_if<venue::NewOrder>(&request)) return "new " + r->client_order_id.value;
    if (const auto* r = std::get_if<venue::CancelOrder>(&request)) return "cancel " + r->order.client_order_id.value;
    if (const auto* r = std::get_if<venue::QueryOrder>(&request)) return "order " + r->order.client_order_id.value;
    if (const auto* r = std::get_if<venue::QueryDepth>(&request)) return "depth " + r->symbol.value;
    if (const auto* r = std::get_if<venue::QueryFills>(&request)) {
      return r->order ? "fills " + r->order->client_order_id.value : r->symbol ? "fills " + r->symbol->value : "fills";
    }
    if (std::holds_alternative<venue::QueryOpenOrders>(request)) return "open-orders";
    if (std::holds_alternative<venue::QueryBalances>(request)) return "balances";
    if (std::holds_alternative<venue::OpenUserStream>(request)) return "open-key";
    if (const auto* r = std::get_if<venue::ArmDeadMan>(&request)) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(r->after).count();
      return "arm" + (r->symbol ? " " + r->symbol->value + " " + std::to_string(ms) : "");
    }
    if (const auto* r = std::get_if<venue::RenewUserStream>(&request)) return "renew-key " + r->key;
    if (const auto* r = std::get_if<venue::NewOrders>(&request)) {
      std::string text = "new-batch";
      for (const auto& order : r->orders) text += " " + order.client_order_id.value;
      return text;
    }
    if (const auto* r = std::get_if<venue::CancelOrders>(&request)) {
      std::string text = "cancel-batch";
      for (const auto& order : r->orders) text += " " + order.client_order_id.value;
      return text;
    }
    return std::string(request_name(request));
  }

 private:
  static std::string word(venue::Channel channel) {
    constexpr std::string_view kWords[] = {"depth",       "trades",     "ticker",       "funding",
                                           "user.orders", "user.fills", "user.balances"};
    return std::string(kWords[static_cast<std::size_t>(channel)]);
  }

  static Status error(const std::vector<std::string_view>& words, std::size_t at = 1) {
    for (int code = 1; code <= static_cast<int>(StatusCode::unsupported); ++code) {
      std::string name(to_string(static_cast<StatusCode>(code)));
      std::replace(name.begin(), name.end(), ' ', '_');
      if (name != words.at(at)) continue;
      Status status(static_cast<StatusCode>(code), "as the test says");
      if (words.size() > at + 1) status.set_retry_at(from_unix_ms(integer(words[at + 1])));
      return status;
    }
    ADD_FAILURE() << "no status is called " << words.at(at);
    return {StatusCode::malformed, "test"};
  }

  static venue::WireNumber number(std::string_view text) {
    venue::WireNumber n;
    EXPECT_TRUE(venue::parse_wire_number(text, n)) << text;
    return n;
  }
  static Decimal decimal(std::string_view text) { return to_decimal(number(text)); }

  static venue::LevelRange levels(const std::vector<std::string_view>& words, std::size_t from, venue::Records& out) {
    venue::LevelRange range{.begin = static_cast<std::uint32_t>(out.levels().size())};
    bool bids = true;
    for (std::size_t i = from; i < words.size(); ++i) {
      const auto parts = split(words[i], ':');
      if (parts.size() == 2) {
        out.levels().push_back({number(parts[0]), number(parts[1])});
        ++(bids ? range.bid_count : range.ask_count);
      } else {
        bids = words[i] == "bid";
      }
    }
    return range;
  }

  template <typename Id>
  static std::optional<Id> id(std::string_view text) {
    return text == "-" ? std::nullopt : std::optional(Id(text));
  }

  static bool read(const std::vector<std::string_view>& w, venue::Records& out) {
    const auto kind = w.at(0);
    const auto unsigned_at = [&w](std::size_t i) { return static_cast<std::uint64_t>(integer(w.at(i))); };
    if (kind == "snapshot") {
      venue::DepthSnapshot snapshot;
      snapshot.symbol = w.at(1);
      snapshot.levels = levels(w, 3, out);
      snapshot.ids.last = unsigned_at(2);
      out.add(snapshot);
    } else if (kind == "diff") {
      venue::DepthDiff diff;
      diff.symbol = w.at(1);
      diff.levels = levels(w, 5, out);
      diff.ids.last = unsigned_at(2);
      diff.ids.prev = unsigned_at(4);
      out.add(diff);
    } else if (kind == "trade") {
      const auto parts = split(w.at(3), ':');
      venue::PublicTrade trade;
      trade.symbol = w.at(1);
      trade.trade_id = w.at(2);
      trade.price = number(parts.at(0));
      trade.amount = number(parts.at(1));
      out.add(trade);
    } else if (kind == "subscribed" || kind == "refused") {
      venue::SubscriptionResult result{.id = unsigned_at(1), .channel = {}, .status = {}};
      if (w.size() > 2) result.channel = w[2];
      if (kind == "refused") result.status = Status(StatusCode::rejected, "no such channel");
      out.add(result);
    } else if (kind == "login") {
      venue::LoginResult result{.id = unsigned_at(1), .status = {}};
      if (w.at(2) != "ok") result.status = Status(StatusCode::unauthenticated, "bad key");
      out.add(result);
    } else if (kind == "beat") {
      out.add(venue::HeartbeatRequest{"answer " + std::string(w.at(1))});
    } else if (kind == "time") {
      out.add(venue::ServerTime{from_unix_ms(integer(w.at(1))), {}});
    } else if (kind == "notice") {
      out.add(venue::VenueNotice{Status(StatusCode::rejected, std::string(w.at(1))), "error"});
    } else if (kind == "order") {
      venue::OrderReport report;
      report.symbol = Symbol("COINHBOT");
      report.update.client_order_id = id<ClientOrderId>(w.at(1));
      report.update.exchange_order_id = id<ExchangeOrderId>(w.at(2));
      report.update.new_state = w.at(3) == "open"       ? OrderState::open
                                : w.at(3) == "canceled" ? OrderState::canceled
                                                        : OrderState::filled;
      report.update.executed_amount_base = decimal(w.at(4));
      out.add(report);
    } else if (kind == "fill") {
      venue::Fill fill;
      fill.symbol = Symbol("COINHBOT");
      fill.trade.trade_id = TradeId(w.at(1));
      fill.trade.client_order_id = id<ClientOrderId>(w.at(2));
      fill.trade.exchange_order_id = id<ExchangeOrderId>(w.at(3));
      fill.trade.fill_price = 1;
      fill.trade.fill_base_amount = decimal(w.at(4));
      fill.trade.fill_quote_amount = decimal(w.at(4));
      out.add(fill);
    } else if (kind == "balance") {
      out.add(venue::BalanceReport{std::string(w.at(1)), decimal(w.at(2)), decimal(w.at(3)), {}});
    } else if (kind == "balances-complete") {
      out.add(venue::BalancesComplete{});
    } else if (kind == "open-orders-complete") {
      out.add(venue::OpenOrdersComplete{});
    } else if (kind == "more-fills") {
      venue::FillsPage page{.more = true, .next_start = {}, .next_end = {}};
      page.next_start = from_unix_ms(integer(w.at(1)));
      if (w.size() > 2) page.next_end = from_unix_ms(integer(w[2]));
      out.add(page);
    } else if (kind == "funding") {
      venue::FundingReport funding;
      funding.symbol = w.at(1);
      funding.mark_price = decimal(w.at(2));
      out.add(funding);
    } else if (kind == "key") {
      out.add(venue::UserStreamKey{std::string(w.at(1)), std::string(w.at(2))});
    } else if (kind == "expired") {
      out.add(venue::UserStreamExpired{});
    } else if (kind == "used") {
      out.add(venue::UsedWeight{w.at(1), static_cast<std::uint32_t>(unsigned_at(2))});
    } else if (kind == "outcome") {
      out.add(venue::OrderOutcome{ClientOrderId(w.at(1)), error(w, 2)});
    } else {
      return false;
    }
    return true;
  }
};

/// What lies in `actions`, in order, as "open market", "close user", "ping market", "text of a frame", "ask request";
/// drains. With requests their ids go to `ids`.
inline List drain(Actions& actions, std::deque<std::pair<venue::RequestId, std::string>>* ids = nullptr) {
  List done;
  for (auto& action : std::exchange(actions, {})) {
    if (const auto* open = std::get_if<OpenStream>(&action))
      done.push_back("open " + to_string(open->stream) + (open->target.empty() ? "" : " " + open->target));
    if (const auto* close = std::get_if<CloseStream>(&action)) done.push_back("close " + to_string(close->stream));
    if (const auto* ping = std::get_if<SendPing>(&action)) done.push_back("ping " + to_string(ping->stream));
    if (const auto* frame = std::get_if<SendFrame>(&action)) done.push_back(frame->text);
    if (const auto* request = std::get_if<SendRequest>(&action)) {
      done.push_back("ask " + request->request.target);
      if (ids != nullptr) ids->emplace_back(request->id, request->request.target);
    }
  }
  return done;
}

class LinesLog : public LogSink {
 public:
  void log(LogLevel level, std::string_view, std::string_view message) override {
    if (level >= LogLevel::warning) lines.emplace_back(message);
  }
  [[nodiscard]] bool has(std::string_view part) const {
    return std::any_of(lines.begin(), lines.end(),
                       [part](const auto& line) { return line.find(part) != std::string::npos; });
  }
  List lines;  ///< warnings and errors
};

/// A desk over the scripted venue, with the driver's part played by the test.
struct DeskWorld {
  explicit DeskWorld(std::vector<venue::RateLimit> rows = {}, Throttle::Options options = {})
      : limits(std::move(rows)), desk(venue, *Throttle::create(limits, options), clock, credentials, actions, log) {}

  /// Lets the desk act and gives what was done, drained; requests are remembered until they are answered.
  List done() {
    desk.on_time(now);
    return drain(actions, &outstanding);
  }
  /// Answers the oldest outstanding request.
  void outcome(venue::RequestOutcome::Kind kind, std::string_view text = {}) {
    ASSERT_FALSE(outstanding.empty()) << "nothing was asked";
    const auto id = outstanding.front().first;
    outstanding.pop_front();
    outcome_of(id, kind, text);
  }
  void outcome_of(venue::RequestId id, venue::RequestOutcome::Kind kind, std::string_view text) {
    const venue::PaddedBuffer body(text);
    venue::RequestOutcome result{.kind = kind, .reply = {}, .error = std::string(text)};
    result.reply.http_status = 200;
    result.reply.body = body.bytes();
    desk.on_outcome(id, result, now);
  }
  void reply(std::string_view body) { outcome(venue::RequestOutcome::Kind::replied, body); }

  Time now = at(0);
  std::vector<venue::RateLimit> limits;
  ScriptedVenue venue;
  Credentials credentials{Secret("key"), Secret("secret"), Secret()};
  ClockSync clock;
  Actions actions;
  LinesLog log;
  std::deque<std::pair<venue::RequestId, std::string>> outstanding;
  RequestDesk desk;
};

/// The orders of an account at the scripted venue: COINALPHA-HBOT, which the venue calls COINHBOT.
struct AccountWorld : DeskWorld {
  AccountWorld() : DeskWorld() {
    venue::Instrument instrument;
    instrument.symbol = Symbol("COINHBOT");
    instrument.rule.trading_pair = "COINALPHA-HBOT"_pair;
    instrument.rule.min_price_increment = 1;
    instrument.rule.min_base_amount_increment = 1;
    EXPECT_TRUE(instruments.replace({instrument}).empty());
  }
  /// An order of 10 created now; with a venue id if it is open.
  void track(std::string_view id, std::string_view venue_id = {}) {
    InFlightOrder::Intent intent;
    intent.client_order_id = ClientOrderId(id);
    intent.trading_pair = "COINALPHA-HBOT"_pair;
    intent.amount = 10;
    intent.price = 1;
    intent.creation_time = now;
    EXPECT_TRUE(orders.start_tracking_order(InFlightOrder(intent)).ok());
    if (!venue_id.empty()) report(id, venue_id, OrderState::open);
  }
  void report(std::string_view id, std::string_view venue_id, OrderState state) {
    OrderUpdate update;
    update.client_order_id = ClientOrderId(id);
    update.exchange_order_id = ExchangeOrderId(venue_id);
    update.new_state = state;
    orders.process_order_update(update, now);
  }
  [[nodiscard]] const InFlightOrder& order(std::string_view id) const { return *orders.fetch_order(ClientOrderId(id)); }

  OrderTracker orders;
  Instruments instruments;
};

}  // namespace calypte::engine::stream_test
