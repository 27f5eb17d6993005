// Any bytes as every kind of reply, as an answer of the order stream and as a frame of every stream, of every venue.
// The first three bytes choose the venue, what the bytes are, and the HTTP status with or without headers.
//
// Decoding twice gives the same. What was not understood leaves nothing behind. What was understood makes sense. No
// page of a gateway ends an order.
#include <array>
#include <memory>
#include <vector>

#include "connector/registry.hpp"
#include "fuzz/support.hpp"
#include "venue/json.hpp"

namespace {

using namespace calypte;
using namespace calypte::venue;
using fuzz::require;

const std::vector<Request>& requests() {
  static const std::vector<Request> all = [] {
    const Symbol symbol("BTCUSDT");
    const NewOrder order{.client_order_id = ClientOrderId("cal-1"), .symbol = symbol, .amount = 1, .price = 2};
    NewOrder other = order;
    other.client_order_id = ClientOrderId("cal-2");
    const OrderRef ref{ClientOrderId("cal-1"), ExchangeOrderId("11"), symbol};
    const OrderRef other_ref{ClientOrderId("cal-2"), ExchangeOrderId("12"), symbol};
    return std::vector<Request>{order,
                                CancelOrder{ref},
                                CancelAllOrders{symbol},
                                QueryOrder{ref},
                                QueryOpenOrders{symbol},
                                QueryFills{.symbol = symbol, .start = from_unix_ms(0), .end = from_unix_ms(1)},
                                QueryBalances{},
                                QueryInstruments{},
                                QueryDepth{symbol},
                                QueryTickers{},
                                QueryServerTime{},
                                QueryFees{symbol},
                                NewOrders{{order, other}},
                                CancelOrders{{ref, other_ref}},
                                OpenUserStream{},
                                RenewUserStream{"key"},
                                QueryPositions{},
                                QueryFunding{symbol},
                                QueryFundingPayments{.symbol = symbol},
                                QueryPositionMode{},
                                SetPositionMode{},
                                QueryLeverage{symbol},
                                SetLeverage{symbol, 5},
                                SetMarginType{symbol},
                                ArmDeadMan{symbol, std::chrono::seconds{60}}};
  }();
  return all;
}
constexpr std::array kStreams = {StreamKind::market, StreamKind::user, StreamKind::trades, StreamKind::orders};
constexpr std::array kHttp = {200, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504};

class Asked final : public AskedRequests {
 public:
  [[nodiscard]] const Request* find(std::uint64_t id) const override {
    return id < requests().size() ? &requests()[id] : nullptr;
  }
};

void check_levels(const Records& records, const LevelRange& levels) {
  require(std::size_t{levels.begin} + levels.bid_count + levels.ask_count <= records.mark().levels);
  for (const auto side : {records.bids(levels), records.asks(levels)}) {
    for (const DepthLevel& level : side) require(level.price.mantissa >= 0 && level.amount.mantissa >= 0);
  }
}

void check(const Records& records) {
  for (const Record& record : records.items()) {
    if (const auto* book = std::get_if<DepthSnapshot>(&record)) check_levels(records, book->levels);
    if (const auto* update = std::get_if<DepthDiff>(&record)) check_levels(records, update->levels);
    if (const auto* fill = std::get_if<Fill>(&record)) {
      require(!fill->trade.trade_id.empty() && fill->trade.fill_base_amount.is_positive());
      require(fill->trade.client_order_id || fill->trade.exchange_order_id);
    }
    if (const auto* report = std::get_if<OrderReport>(&record)) {
      require(report->update.exchange_order_id || report->update.client_order_id);
      require(!report->update.executed_amount_base || !report->update.executed_amount_base->is_negative());
    }
    if (const auto* outcome = std::get_if<OrderOutcome>(&record)) require(!outcome->client_order_id.empty());
    if (const auto* instrument = std::get_if<Instrument>(&record)) {
      require(!instrument->symbol.empty() && instrument->rule.validate().ok());
    }
  }
}

/// May come with a failure as well: they speak of the clock and of rate limits, not of what was asked.
void require_nothing_said(const Records& records) {
  for (const Record& record : records.items()) {
    require(std::holds_alternative<ServerTime>(record) || std::holds_alternative<UsedWeight>(record));
  }
}

/// Did anybody speak who knows the venue's language? A gateway does not.
bool is_of_the_venue(std::string_view body) {
  static json::Document document;
  static PaddedBuffer buffer;
  const auto root = document.parse(buffer.assign(body));
  return root.ok() && (root->find("code").exists() || root->find("msg").exists());
}

void reply(Venue& venue, const Request& asked, int http, bool with_headers, std::string_view body) {
  static PaddedBuffer buffer;
  static Records records;
  std::array<std::string, 2> seen;
  Status status;
  for (std::string& text : seen) {
    WireReply reply{http, {}, buffer.assign(body)};
    if (with_headers) {
      reply.headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"X-MBX-USED-WEIGHT-1M", "12"}, {"Retry-After", "7"}};
    }
    records.clear();
    status = venue.decode_reply(asked, reply, records);
    text = fuzz::described(status, records);
  }
  require(seen[0] == seen[1]);
  if (status.code() == StatusCode::malformed) require_nothing_said(records);
  check(records);
  // 403, 418 and 429 are said by those who did not let the request in.
  const bool let_in = http != 403 && http != 418 && http != 429 && http != 401;
  if (places_orders(asked) && let_in && !is_of_the_venue(body)) {
    // A venue without accounts knows no orders.
    require(!status.certainly_without_effect() || status.code() == StatusCode::unsupported);
    require(http == 200 || !status.ok());
  }
}

void frame(Venue& venue, StreamKind stream, std::string_view body) {
  static PaddedBuffer buffer;
  static Records records;
  std::array<std::string, 2> seen;
  for (std::string& text : seen) {
    records.clear();
    const Status status = venue.decode_frame(stream, buffer.assign(body), records);
    text = fuzz::described(status, records);
    require(status.ok() || records.empty());
  }
  require(seen[0] == seen[1]);
  check(records);
}

void answer(Venue& venue, std::string_view body) {
  static PaddedBuffer buffer;
  static Records records;
  std::array<std::string, 2> seen;
  for (std::string& text : seen) {
    records.clear();
    const auto answer = venue.decode_answer(buffer.assign(body), Asked(), records);
    text = fuzz::described(answer.status(), records);
    if (!answer.ok()) require(records.empty());
    if (!answer.ok() || !*answer) continue;
    text += fuzz::described((*answer)->status);
    require((*answer)->id < requests().size());
    if ((*answer)->status.code() == StatusCode::malformed) require_nothing_said(records);
  }
  require(seen[0] == seen[1]);
  check(records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::unique_ptr<Venue>> venues = [] {
    std::vector<std::unique_ptr<Venue>> made;
    for (const auto& row : connector::venues()) made.push_back(row.make());
    return made;
  }();
  fuzz::Input in(data, size);
  Venue& venue = *venues[in.choice(venues.size())];
  const std::size_t kind = in.choice(requests().size() + kStreams.size() + 1);
  const std::size_t http = in.choice(kHttp.size() * 2);
  if (kind < requests().size()) {
    reply(venue, requests()[kind], kHttp[http % kHttp.size()], http >= kHttp.size(), in.rest());
  } else if (kind < requests().size() + kStreams.size()) {
    frame(venue, kStreams[kind - requests().size()], in.rest());
  } else {
    answer(venue, in.rest());
  }
  return 0;
}
