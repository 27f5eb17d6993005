// What a person or a file gives us: numbers, pairs, words, environments, addresses, prefixes, keys from a descriptor.
// The first byte chooses which. What is accepted is printed and read again as the same; what is accepted together
// cannot mix two environments.
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

#include "calypte/runtime.hpp"

#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "fuzz/support.hpp"
#include "runtime/endpoints.hpp"
#include "runtime/locked_bytes.hpp"
#include "runtime/password_source.hpp"
#include "transport/url.hpp"

namespace {

using namespace calypte;
using fuzz::require;

void number(std::string_view text) {
  const auto value = Decimal::parse(text);
  venue::WireNumber wire;
  const bool is_wire = venue::parse_wire_number(text, wire);
  // The short form never reads a text as another number, or one that is none.
  if (is_wire) require(value.ok() && venue::to_decimal(wire) == *value && !value->is_negative());
  if (!value.ok()) {
    require(value.status().code() == StatusCode::malformed);
    return;
  }
  const std::string once = value->to_string();
  require(once.size() <= Decimal::kMaxTextSize);
  const auto again = Decimal::parse(once);
  require(again.ok() && *again == *value && again->scale() == value->scale());
  std::array<char, Decimal::kMaxTextSize> written{};
  require(std::string_view(written.data(), value->write_to(written.data())) == once);
  const Decimal least = value->normalized();
  require(least == *value && least.scale() <= value->scale() &&
          std::hash<Decimal>()(least) == std::hash<Decimal>()(*value));
  require(least.significant_digits() == value->significant_digits() && least.significant_digits() <= 38);
  require(-(-*value) == *value && (*value - *value).is_zero());
  require((value->abs() == *value) == !value->is_negative());
  const auto sum = Decimal::checked_add(*value, 1);
  if (sum) require(Decimal::checked_sub(*sum, 1) == value.value() && *sum > *value);
}

void pair(std::string_view text) {
  const auto pair = TradingPair::parse(text);
  if (!pair.ok()) return;
  require(pair->to_string() == text && std::count(text.begin(), text.end(), '-') == 1);
  require(std::string(pair->base()) + "-" + std::string(pair->quote()) == text);
  require(TradingPair::from_assets(pair->base(), pair->quote()) == *pair);
}

void words(std::string_view text) {
  if (const auto e = parse_environment(text); e.ok()) require(to_string(*e) == text);
  if (const auto t = parse_order_type(text); t.ok()) require(to_string(*t) == text);
  if (const auto t = parse_trade_type(text); t.ok()) require(to_string(*t) == text);
  if (const auto a = parse_position_action(text); a.ok()) require(to_string(*a) == text);
}

/// Silent; only what `Client::create` asks of it.
class Nobody final : public transport::ClientEvents {
 public:
  void on_stream_up(venue::StreamId, Time) override {}
  void on_stream_down(venue::StreamId, const std::string&, Time) override {}
  void on_frame(venue::StreamId, venue::Bytes, Time) override {}
  void on_stream_alive(venue::StreamId, Time) override {}
  void on_outcome(venue::RequestId, const venue::RequestOutcome&, Time) override {}
};

void addresses(fuzz::Input in) {
  static transport::Loop loop;
  static Nobody nobody;
  const auto rows = connector::venues();
  const auto venue = rows[in.choice(rows.size())].make();
  ConnectorConfig config;
  config.environment = static_cast<Environment>(in.choice(3));
  const bool local = in.choice(2) == 0;
  if (local) {
    config.local.emplace();
    for (std::string* url : {&config.local->rest_url, &config.local->market_stream_url, &config.local->user_stream_url,
                             &config.local->trade_stream_url, &config.local->order_stream_url}) {
      *url = in.line();
    }
    config.local->ca_file = "/nowhere";
  }
  auto endpoints = runtime::endpoints(venue->spec(), config);
  if (!endpoints.ok()) {
    require(endpoints.status().code() == StatusCode::denied);
    return;
  }
  require(endpoints->environment == config.environment && local == (config.environment == Environment::local));
  endpoints->ca_file.clear();
  if (!transport::Client::create(loop, *endpoints, nobody).ok()) {
    require(local);  // the table's own addresses are good
    return;
  }
  for (const auto& [text, scheme] : {std::pair{&endpoints->rest_url, "https"},
                                     {&endpoints->market_stream_url, "wss"},
                                     {&endpoints->user_stream_url, "wss"},
                                     {&endpoints->trade_stream_url, "wss"},
                                     {&endpoints->order_stream_url, "wss"}}) {
    if (text->empty()) continue;
    const auto url = transport::parse_url(*text, scheme);
    require(url.ok() && transport::is_loopback(*url) == local && transport::names_this_machine(*url) == local);
  }
}

void options(fuzz::Input in) {
  const auto rows = connector::venues();
  auto venue = rows[in.choice(rows.size())].make();
  const std::size_t longest = venue->spec().orders.max_client_order_id_length;
  engine::ExchangeEngineOptions options;
  options.instance = in.byte();
  options.trading_required = in.choice(2) == 0;
  options.client_order_id_prefix = in.line();
  if (const auto share = Decimal::parse(in.line()); share.ok()) options.rate_limits_share = *share;
  while (!in.empty() && options.trading_pairs.size() < 8) {
    if (auto pair = TradingPair::parse(in.line()); pair.ok()) options.trading_pairs.push_back(std::move(*pair));
  }
  const bool can_be_right =
      !options.trading_pairs.empty() && options.rate_limits_share.is_positive() && options.rate_limits_share <= 1;
  const auto engine = engine::make_engine(std::move(venue), {Secret("key"), Secret("c2VjcmV0"), {}}, options,
                                          null_log(), from_unix_ms(1'700'000'000'000));
  if (!engine.ok()) {
    require(engine.status().code() == StatusCode::denied && !engine.status().message().empty());
    return;
  }
  require(can_be_right);
  (*engine)->start(from_unix_ms(1'700'000'000'000));
  (void)(*engine)->settle();
  if (!options.trading_required) return;
  const ClientOrderId first = (*engine)->buy(options.trading_pairs[0], 1, OrderType::limit, Decimal(1), {});
  const ClientOrderId second = (*engine)->sell(options.trading_pairs[0], 1, OrderType::limit, Decimal(1), {});
  require(first != second && !first.empty() && first.value.size() <= longest && second.value.size() <= longest);
  require(first.value.starts_with(options.client_order_id_prefix));
}

std::string without_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

void secrets(std::string_view text) {
  const int file = ::memfd_create("fuzz", 0);
  require(file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::lseek(file, 0, SEEK_SET);
  const auto line = runtime::read_secret_line(file);
  const std::string_view first = text.substr(0, text.find('\n'));
  require(line.ok() == (first.size() <= runtime::kMaxTypedBytes));
  if (line.ok()) {
    require(line->reveal() == without_line_ends(first));
    const std::string_view behind = text.substr(std::min(text.size(), first.size() + 1));
    const auto rest = runtime::read_secret_rest(file);
    require(rest.ok() == (behind.size() <= runtime::kMaxTypedBytes));
    if (rest.ok()) require(rest->reveal() == without_line_ends(behind));
  }
  ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.choice(6)) {
    case 0:
      number(in.rest());
      break;
    case 1:
      pair(in.rest());
      break;
    case 2:
      words(in.rest());
      break;
    case 3:
      addresses(in);
      break;
    case 4:
      options(in);
      break;
    default:
      secrets(in.rest());
      break;
  }
  return 0;
}
