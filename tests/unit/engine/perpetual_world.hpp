// A derivative engine over a made-up perpetual venue that keeps a small account in plain fields; the test changes them,
// pushes records on the private stream, and chooses how requests fail. Answers come at once unless they are held.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/derivative_engine.hpp"
#include "venue/venue.hpp"

namespace calypte::engine::perpetual_test {

using namespace std::chrono_literals;

inline const TradingPair kBtc = "BTC-USDT"_pair;
inline const TradingPair kEth = "ETH-USDT"_pair;
inline Time at(Duration since) { return from_unix_ms(1'700'000'000'000) + since; }

inline constexpr std::array kTypes = {OrderType::limit, OrderType::market, OrderType::limit_maker};
inline constexpr std::array kModes = {PositionMode::one_way, PositionMode::hedge};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = "all", .limit = 100'000, .interval = 1s, .weight = 1, .linked = {}}};

/// What the venue knows, and how it answers.
struct Account {
  std::map<std::string, Decimal> available{{"USDT", Decimal(1000)}};
  std::vector<venue::Fill> fills;
  std::vector<venue::PositionReport> positions;
  std::vector<venue::FundingPayment> payments;
  PositionMode mode = PositionMode::one_way;
  std::map<std::string, std::uint32_t> leverage{{"BTCUSDT", 20}, {"ETHUSDT", 20}};
  std::map<std::string, MarginType> margin{{"BTCUSDT", MarginType::cross}, {"ETHUSDT", MarginType::cross}};
  Time next_funding = at(8h);
  std::size_t payments_a_page = 100;
  std::vector<venue::Request> asked;  ///< in the order in which they were answered
  /// What became of each order of a batch; what they leave out is not mentioned in the answer.
  std::function<void(const venue::NewOrders&, venue::Records&)> place_batch;
  std::function<void(const venue::CancelOrders&, venue::Records&)> cancel_batch;
  /// A failure for requests of this name, instead of the answer.
  std::map<std::string, Status, std::less<>> failing;

  Status answer(const venue::Request& request, venue::Records& out) {
    asked.push_back(request);
    if (const auto it = failing.find(request_name(request)); it != failing.end()) return it->second;
    return std::visit([&](const auto& r) { return reply(r, out); }, request);
  }
  [[nodiscard]] std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(asked.begin(), asked.end(), [&](const auto& r) { return request_name(r) == name; }));
  }
  template <typename T>
  [[nodiscard]] const T* last() const {
    for (auto it = asked.rbegin(); it != asked.rend(); ++it) {
      if (const auto* found = std::get_if<T>(&*it)) return found;
    }
    return nullptr;
  }

 private:
  template <typename T>
  static Status reply(const T&, venue::Records&) {
    return {StatusCode::unsupported, "not here"};
  }
  static Status reply(const venue::QueryInstruments&, venue::Records& out) {
    for (const auto& [symbol, pair] : {std::pair("BTCUSDT", kBtc), std::pair("ETHUSDT", kEth)}) {
      venue::Instrument instrument;
      instrument.symbol = Symbol(symbol);
      instrument.rule.trading_pair = pair;
      instrument.rule.min_price_increment = Decimal::from_parts(1, 1);
      instrument.rule.min_base_amount_increment = Decimal::from_parts(1, 3);
      out.add(instrument);
    }
    return {};
  }
  Status reply(const venue::QueryBalances&, venue::Records& out) {
    for (const auto& [asset, amount] : available) out.add(venue::BalanceReport{asset, Decimal(1000), amount, {}});
    out.add(venue::BalancesComplete{});
    return {};
  }
  Status reply(const venue::QueryFills&, venue::Records& out) {
    for (const auto& fill : fills) out.add(fill);
    return {};
  }
  static Status reply(const venue::QueryOpenOrders&, venue::Records& out) {
    out.add(venue::OpenOrdersComplete{});
    return {};
  }
  Status reply(const venue::QueryPositions&, venue::Records& out) {
    for (const auto& position : positions) out.add(position);
    out.add(venue::PositionsComplete{});
    return {};
  }
  Status reply(const venue::QueryFunding& r, venue::Records& out) {
    venue::FundingReport report;
    report.symbol = r.symbol.value == "BTCUSDT" ? "BTCUSDT" : "ETHUSDT";  // a view that outlives the request
    report.index_price = 101;
    report.mark_price = 102;
    report.rate = Decimal::from_parts(1, 4);
    report.next_funding_time = next_funding;
    out.add(report);
    return {};
  }
  Status reply(const venue::QueryFundingPayments& r, venue::Records& out) {
    std::size_t listed = 0;
    for (const auto& payment : payments) {
      if (payment.venue_time < r.start || payment.venue_time > r.end) continue;
      if (listed++ == payments_a_page) {
        out.add(venue::FundingPaymentsPage{true, payment.venue_time});
        return {};
      }
      out.add(payment);
    }
    return {};
  }
  Status reply(const venue::QueryPositionMode&, venue::Records& out) {
    out.add(venue::PositionModeReport{mode});
    return {};
  }
  Status reply(const venue::SetPositionMode& r, venue::Records&) {
    mode = r.mode;
    return {};
  }
  Status reply(const venue::QueryLeverage& r, venue::Records& out) {
    out.add(venue::LeverageReport{r.symbol, leverage.at(r.symbol.value), margin.at(r.symbol.value)});
    return {};
  }
  Status reply(const venue::SetLeverage& r, venue::Records& out) {
    leverage[r.symbol.value] = r.leverage;
    out.add(venue::LeverageReport{r.symbol, r.leverage, std::nullopt});
    return {};
  }
  Status reply(const venue::SetMarginType& r, venue::Records&) {
    margin[r.symbol.value] = r.type;
    return {};
  }
  Status reply(const venue::NewOrders& r, venue::Records& out) const {
    if (place_batch) {
      place_batch(r, out);
    } else {
      for (const auto& order : r.orders) (void)reply(order, out);
    }
    return {};
  }
  Status reply(const venue::CancelOrders& r, venue::Records& out) const {
    if (cancel_batch) cancel_batch(r, out);
    return {};
  }
  static Status reply(const venue::NewOrder& r, venue::Records& out) {
    venue::OrderReport report;
    report.symbol = r.symbol;
    report.update.client_order_id = r.client_order_id;
    report.update.exchange_order_id = ExchangeOrderId("V-" + r.client_order_id.value);
    report.update.new_state = OrderState::open;
    out.add(report);
    return {};
  }
};

class PerpetualVenue final : public venue::Venue {
 public:
  explicit PerpetualVenue(Account& account) : account_(account) {
    table.name = "perpetual";
    table.kind = ConnectorKind::derivative;
    table.streams.user_stream = venue::UserStreamStyle::none;
    table.streams.max_frames_per_second = 1000;
    table.streams.idle_limit = 24h * 365;
    table.book.stale_after = 24h * 365;
    table.orders.types = kTypes;
    table.orders.balances_in_real_time = false;
    table.positions.modes = kModes;
    table.positions.max_leverage = 125;
    table.limits = kLimits;
  }
  venue::VenueSpec table;
  std::deque<std::function<void(venue::Records&)>> frames;  ///< what the next frames say

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override { return table; }
  [[nodiscard]] std::string_view limit_id(const venue::Request&) const noexcept override { return "all"; }
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp&) override {
    venue::WireRequest wire;
    wire.target = request_name(request);
    return wire;
  }
  Status decode_reply(const venue::Request& asked, const venue::WireReply&, venue::Records& out) override {
    return account_.answer(asked, out);
  }
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override {
    if (!on) return;
    for (const auto& subscription : subscriptions) {
      channels.push_back(subscription);
      out.push_back(std::to_string(id++) + " " + std::to_string(channels.size() - 1));
    }
  }
  Status decode_frame(venue::StreamKind, venue::Bytes, venue::Records& out) override {
    frame_ = std::move(frames.front());  // what it says is viewed until the next one
    frames.pop_front();
    frame_(out);
    return {};
  }
  std::vector<venue::Subscription> channels;  ///< asked for; a frame holds its own id and a place in here

 private:
  Account& account_;
  std::function<void(venue::Records&)> frame_;
};

class LevelLog final : public LogSink {
 public:
  void log(LogLevel level, std::string_view, std::string_view message) override { lines.emplace_back(level, message); }
  [[nodiscard]] bool has(LogLevel level, std::initializer_list<std::string_view> parts) const {
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
      return line.first == level && std::all_of(parts.begin(), parts.end(),
                                                [&](auto part) { return line.second.find(part) != std::string::npos; });
    });
  }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

struct World {
  explicit World(std::vector<TradingPair> pairs = {kBtc}, bool trading = true, Time start = at(0s)) : now(start) {
    auto made = std::make_unique<PerpetualVenue>(account);
    venue = made.get();
    ExchangeEngineOptions options;
    options.trading_pairs = std::move(pairs);
    options.trading_required = trading;
    auto created = DerivativeEngine::create(std::move(made), {Secret("key"), Secret("secret"), Secret()},
                                            std::move(options), log, now);
    EXPECT_TRUE(created.ok()) << created.status().to_string();
    engine = std::move(*created);
  }
  void start() {
    engine->start(now);
    run();
  }
  /// Until nothing is left to be done at this moment.
  void run() {
    for (bool busy = true; busy;) {
      engine->settle();
      std::move(engine->events().begin(), engine->events().end(), std::back_inserter(events));
      engine->events().clear();
      busy = !engine->actions().empty();
      for (auto& action : std::exchange(engine->actions(), {})) carry_out(action);
    }
  }
  void carry_out(const Action& action) {
    if (const auto* open = std::get_if<OpenStream>(&action)) {
      engine->on_stream_up(open->stream, now);
    } else if (const auto* frame = std::get_if<SendFrame>(&action)) {
      const std::uint64_t id = std::stoull(frame->text);
      const auto subscription = venue->channels.at(std::stoull(frame->text.substr(frame->text.find(' '))));
      push(frame->stream, [id](venue::Records& out) { out.add(venue::SubscriptionResult{id, {}, {}}); });
      if (subscription.channel == venue::Channel::depth) {
        const std::string symbol = subscription.symbol.value;
        push(frame->stream, [symbol](venue::Records& out) {
          venue::DepthSnapshot book;
          book.symbol = symbol;
          book.levels = {0, 1, 1};
          out.levels().push_back({{100, 0}, {10, 0}});
          out.levels().push_back({{101, 0}, {10, 0}});
          out.add(book);
        });
      }
    } else if (const auto* request = std::get_if<SendRequest>(&action)) {
      if (hold && hold(request->name)) {
        held.emplace_back(request->id, request->name);
      } else {
        answer(request->id);
      }
    }
  }
  void answer(venue::RequestId id) { outcome(id, venue::RequestOutcome::Kind::replied); }
  void outcome(venue::RequestId id, venue::RequestOutcome::Kind kind) {
    const venue::PaddedBuffer body("");
    venue::RequestOutcome result{.kind = kind, .reply = {}, .error = "cut"};
    result.reply.http_status = 200;
    result.reply.body = body.bytes();
    engine->on_outcome(id, result, now);
  }
  /// Ends the oldest held request.
  void release(venue::RequestOutcome::Kind kind = venue::RequestOutcome::Kind::replied) {
    ASSERT_FALSE(held.empty());
    const auto id = held.front().first;
    held.pop_front();
    outcome(id, kind);
    run();
  }
  void push(venue::StreamId stream, std::function<void(venue::Records&)> frame) {
    venue->frames.push_back(std::move(frame));
    const venue::PaddedBuffer text("frame");
    engine->on_frame(stream, text.bytes(), now);
  }
  template <typename T>
  void user(T record) {
    push({venue::StreamKind::user, 0}, [record](venue::Records& out) { out.add(record); });
    run();
  }
  void market(const venue::FundingReport& report) {
    push({venue::StreamKind::market, 0}, [report](venue::Records& out) { out.add(report); });
    run();
  }
  void pass(Duration duration) {
    const Time until = now + duration;
    while (true) {
      const Time next = engine->next_wakeup();
      if (next > until) break;
      now = std::max(next, now + 1ns);
      engine->on_time(now);
      run();
    }
    now = until;
    engine->on_time(now);
    run();
  }
  void cut(std::string_view reason = "cut") {
    engine->on_stream_down({venue::StreamKind::user, 0}, reason, now);
    run();
  }
  template <typename T>
  [[nodiscard]] std::vector<T> told() const {
    std::vector<T> result;
    for (const auto& event : events) {
      if (const auto* found = std::get_if<T>(&event)) result.push_back(*found);
    }
    return result;
  }
  ClientOrderId order(TradeType side, PositionAction action, const Decimal& amount = 1, const Decimal& price = 100) {
    const OrderOptions options{.position = action};
    const auto id = side == TradeType::buy ? engine->buy(kBtc, amount, OrderType::limit, price, options)
                                           : engine->sell(kBtc, amount, OrderType::limit, price, options);
    run();
    return id;
  }
  [[nodiscard]] venue::Fill fill(std::string_view trade_id, TradeType side, const Decimal& amount,
                                 const ClientOrderId& id = {}) const {
    venue::Fill fill;
    fill.symbol = Symbol("BTCUSDT");
    fill.trade_type = side;
    fill.trade.trade_id = TradeId(trade_id);
    if (!id.empty()) fill.trade.client_order_id = id;
    fill.trade.fill_time = now;
    fill.trade.fill_price = 100;
    fill.trade.fill_base_amount = amount;
    fill.trade.fill_quote_amount = amount * Decimal(100);
    fill.trade.fee.flat_fees = {{"USDT", Decimal::from_parts(4, 2)}};
    return fill;
  }
  static venue::PositionReport position(const Decimal& amount, const Decimal& entry = 100) {
    venue::PositionReport report;
    report.symbol = Symbol("BTCUSDT");
    report.amount = amount;
    report.entry_price = entry;
    report.unrealized_profit = 0;
    return report;
  }
  static venue::FundingPayment payment(std::string_view id, Time time, const Decimal& amount = -1) {
    return {.symbol = Symbol("BTCUSDT"),
            .id = std::string(id),
            .amount = amount,
            .asset = "USDT",
            .rate = Decimal::from_parts(1, 4),
            .venue_time = time};
  }

  Time now;
  Account account;
  LevelLog log;
  PerpetualVenue* venue = nullptr;
  std::unique_ptr<DerivativeEngine> engine;
  std::function<bool(std::string_view)> hold;
  std::deque<std::pair<venue::RequestId, std::string>> held;
  std::vector<Event> events;
};

}  // namespace calypte::engine::perpetual_test
