// What we send: addresses, request texts, dates, query strings, and the requests of every connector made of any texts.
// The first byte chooses which. What one side writes, the other reads back the same; a request that is not refused is
// one request, read by a parser that is not ours.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <simdjson.h>
#include <utility>
#include <vector>

#include "connector/registry.hpp"
#include "fuzz/support.hpp"
#include "sim/dialects/binance/parameters.hpp"
#include "transport/http_text.hpp"
#include "transport/server_session.hpp"
#include "transport/url.hpp"
#include "venue/http_date.hpp"
#include "venue/json.hpp"
#include "venue/query_string.hpp"

namespace {

using namespace calypte;
using fuzz::require;
namespace http = boost::beast::http;

void address(fuzz::Input in) {
  constexpr std::array<std::string_view, 4> kSchemes = {"https", "wss", "http", "ws"};
  const std::string_view scheme = kSchemes[in.choice(kSchemes.size())];
  const auto url = transport::parse_url(in.rest(), scheme);
  if (!url.ok()) {
    require(url.status().code() == StatusCode::denied);
    return;
  }
  const auto again = transport::parse_url(std::string(scheme) + "://" + url->place() + url->path, scheme);
  require(again.ok() && again->host == url->host && again->port == url->port && again->path == url->path &&
          again->is_v6 == url->is_v6 && again->is_plain == url->is_plain);
  require(url->port != 0 && !url->host.empty());
  require(!transport::is_loopback(*url) || transport::names_this_machine(*url));
  require(url->is_plain == (scheme == "http" || scheme == "ws"));
  require(!url->is_plain || transport::is_loopback(*url));
  const auto longer = transport::append_target(*url, "/x?key=1");
  require(longer.ok() && longer->path == url->path + "/x?key=1");
}

/// Reads one request with Beast and compares every part of it.
void require_one_request(std::string_view text, std::string_view base, const venue::WireRequest& sent) {
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.header_limit(1U << 20U);
  boost::system::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(text.data(), text.size()), error);
  require(!error && used == text.size() && parser.is_done());
  const auto& read = parser.get();
  std::string target = std::string(base) + sent.target;
  if (target.empty()) target = "/";
  require(std::string_view(read.target()) == target);
  require(read.body() == sent.body);
  require(read.method_string() == venue::to_string(sent.method));
  std::size_t ours = 0;
  for (const auto& field : read) {
    const std::string_view name = field.name_string();
    const bool is_ours = name == "Host" || name == "Content-Length" ||
                         (name == "User-Agent" && std::string_view(field.value()) == "calypte");
    if (is_ours) ++ours;
  }
  const auto fields = static_cast<std::size_t>(std::distance(read.begin(), read.end()));
  require(fields >= sent.headers.size() + 1 && fields - ours <= sent.headers.size());
}

void request_text(fuzz::Input in) {
  constexpr std::array kMethods = {venue::HttpMethod::get, venue::HttpMethod::post, venue::HttpMethod::put,
                                   venue::HttpMethod::del};
  venue::WireRequest request;
  request.method = kMethods[in.choice(kMethods.size())];
  const transport::Url base{
      .host = "venue.example", .port = 443, .path = in.choice(2) == 0 ? "" : "/v1", .is_v6 = false};
  request.target = in.line();
  for (std::size_t i = in.choice(4); i > 0; --i) {
    const std::string_view name = in.until(':');
    request.headers.push_back({std::string(name), std::string(in.line())});
  }
  request.body = in.rest();
  const auto text = transport::http_text(base, request);
  if (text.ok()) {
    require_one_request(*text, base.path, request);
  } else {
    require(text.status().code() == StatusCode::denied);
  }
}

void date(fuzz::Input in) {
  constexpr std::int64_t kLast = 7'258'118'400;  // the year 2200; no later date is believed
  if (in.choice(2) == 0) {
    const auto time = venue::parse_http_date(in.rest());
    if (time && *time < from_unix_ms(kLast * 1'000)) {
      require(venue::parse_http_date(transport::http_date(*time)) == time);
    }
    return;
  }
  std::int64_t seconds = 0;
  for (int i = 0; i < 5; ++i) seconds = seconds * 256 + in.byte();
  seconds %= kLast;
  const Time time = from_unix_ms(seconds * 1'000);
  require(venue::parse_http_date(transport::http_date(time + std::chrono::milliseconds{999})) == time);
}

void query(fuzz::Input in) {
  std::string encoded;
  venue::append_percent_encoded(encoded, in.rest());
  require(sim::binance::decode_percent(encoded) == in.rest());
  require(encoded.find_first_of("&=+#/? \r\n") == std::string::npos);

  venue::QueryString query;
  std::vector<std::pair<std::string, std::string>> sent;
  while (!in.empty() && sent.size() < 16) {
    const std::string_view name = in.until('=');
    const std::string_view value = in.line();
    query.add(name, value);
    sent.emplace_back(name, value);
  }
  sim::binance::Parameters read;
  read.add_encoded(query.text());
  for (auto pair = sent.begin(); pair != sent.end(); ++pair) {
    const auto first = std::find_if(sent.begin(), pair, [&](const auto& p) { return p.first == pair->first; });
    require(read.all().contains(pair->first) && (first != pair || read.get(pair->first) == pair->second));
  }
  require(query.behind("/p") == (sent.empty() ? "/p" : "/p?" + query.text()));
}

/// Whatever stands in an id or a symbol stays one value of one request. Ours are ASCII, and those of a venue come out
/// of JSON that was checked, so all of them are UTF-8.
void connector_request(fuzz::Input in) {
  if (!simdjson::validate_utf8(in.rest().data(), in.rest().size())) return;
  static const std::vector<std::unique_ptr<venue::Venue>> venues = [] {
    std::vector<std::unique_ptr<venue::Venue>> made;
    for (const auto& row : connector::venues()) made.push_back(row.make());
    return made;
  }();
  static const Credentials keys{Secret("key"), Secret("secret"), {}};
  venue::Venue& venue = *venues[in.choice(venues.size())];
  const std::size_t kind = in.choice(10);
  const venue::Stamp stamp{from_unix_ms(1'700'000'000'000), 7, &keys};
  constexpr std::array kTypes = {OrderType::market, OrderType::limit, OrderType::limit_maker, OrderType::amm_swap};
  venue::NewOrder order;
  order.type = kTypes[in.choice(kTypes.size())];
  order.side = in.choice(2) == 0 ? TradeType::buy : TradeType::sell;
  order.time_in_force = static_cast<TimeInForce>(in.choice(3));
  order.position = static_cast<PositionAction>(in.choice(3));
  order.position_side = static_cast<PositionSide>(in.choice(3));
  order.reduce_only = in.choice(2) != 0;
  if (const auto amount = Decimal::parse(in.line()); amount.ok()) order.amount = *amount;
  if (const auto price = Decimal::parse(in.line()); price.ok()) order.price = *price;
  order.client_order_id = ClientOrderId(in.line());
  order.symbol = Symbol(in.line());
  const venue::OrderRef ref{order.client_order_id, ExchangeOrderId(in.line()), order.symbol};
  const std::vector<venue::Request> requests = {order,
                                                venue::CancelOrder{ref},
                                                venue::CancelAllOrders{order.symbol},
                                                venue::QueryOrder{ref},
                                                venue::QueryFills{.symbol = order.symbol, .order = ref},
                                                venue::NewOrders{{order, order}},
                                                venue::CancelOrders{{ref, ref}},
                                                venue::QueryDepth{order.symbol},
                                                venue::QueryFees{order.symbol},
                                                venue::RenewUserStream{order.client_order_id.value}};
  const auto wire = venue.encode(requests[kind], stamp);
  venue::json::Document document;
  if (wire.ok()) {
    const transport::Url base{.host = "venue.example", .port = 443, .path = "/v1", .is_v6 = false};
    const auto text = transport::http_text(base, *wire);
    require(text.ok());
    require_one_request(*text, base.path, *wire);
    if (wire->body.starts_with('{')) {
      const venue::PaddedBuffer buffer(wire->body);
      require(document.parse(buffer.bytes()).ok());
    }
  }
  const auto frame = venue.encode_frame(requests[kind], stamp);
  if (frame.ok()) {
    const venue::PaddedBuffer buffer(*frame);
    require(document.parse(buffer.bytes()).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.choice(5)) {
    case 0:
      address(in);
      break;
    case 1:
      request_text(in);
      break;
    case 2:
      date(in);
      break;
    case 3:
      query(in);
      break;
    default:
      connector_request(in);
      break;
  }
  return 0;
}
