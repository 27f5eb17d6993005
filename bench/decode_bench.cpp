// Bytes to records and orders to bytes, for one venue: what a message costs before any book or strategy sees it.
#include <benchmark/benchmark.h>
#include <string>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "venue/json.hpp"

namespace {

using namespace calypte;

/// An update with `levels` a side, with prices and amounts as long as those of the venue.
std::string book_update(int levels) {
  const auto side = [&](int from) {
    std::string text = "[";
    for (int i = 0; i < levels; ++i) {
      text += (i == 0 ? "" : ",") + std::string(R"([")") + std::to_string(from + i) + "." + std::to_string(10 + i) +
              R"(","0.)" + std::to_string(1234 + i * 7) + R"(",")" + std::to_string(1 + i % 9) + "\"]";
    }
    return text + "]";
  };
  return R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USD","subscription":)"
         R"("book.BTC_USD.50","channel":"book.update","depth":50,"data":[{"update":{"asks":)" +
         side(62936) + R"(,"bids":)" + side(62900) +
         R"(},"t":1790114273659,"tt":1790114273655,"u":375554807336512,"pu":375554807297984,"cs":1522984915}]}})";
}

void report_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(size));
}

void json_parse(benchmark::State& state) {
  const venue::PaddedBuffer buffer(book_update(static_cast<int>(state.range(0))));
  venue::json::Document document;
  for (auto _ : state) {
    const auto root = document.parse(buffer.bytes());
    if (!root.ok()) return state.SkipWithError("not read");
    benchmark::DoNotOptimize(&root);
  }
  report_bytes(state, buffer.bytes().size());
}
BENCHMARK(json_parse)->Arg(1)->Arg(20)->Arg(50);

void decode_book_update(benchmark::State& state) {
  const venue::PaddedBuffer buffer(book_update(static_cast<int>(state.range(0))));
  connector::crypto_com::CryptoComExchange exchange;
  venue::Records records;
  for (auto _ : state) {
    records.clear();
    const Status status = exchange.decode_frame(venue::StreamKind::market, buffer.bytes(), records);
    if (!status.ok() || records.items().size() != 1) return state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(records.levels().data());
  }
  report_bytes(state, buffer.bytes().size());
}
BENCHMARK(decode_book_update)->Arg(1)->Arg(20)->Arg(50);

void encode_new_order(benchmark::State& state) {
  connector::crypto_com::CryptoComExchange exchange;
  const Credentials credentials{Secret("token"), Secret("secretKey"), {}};
  venue::NewOrder order;
  order.client_order_id = ClientOrderId("cal-0123456789abcdef01234567");
  order.symbol = Symbol("BTC_USD");
  order.type = OrderType::limit_maker;
  order.amount = Decimal::from_parts(1500, 4);
  order.price = Decimal::from_parts(6293627, 2);
  const venue::Request request = order;
  venue::Stamp stamp{from_unix_ms(1790114273659), 1, &credentials};
  for (auto _ : state) {
    ++stamp.nonce;
    const auto wire = exchange.encode(request, stamp);
    if (!wire.ok()) return state.SkipWithError("not encoded");
    benchmark::DoNotOptimize(&wire);
  }
}
BENCHMARK(encode_new_order);

}  // namespace
