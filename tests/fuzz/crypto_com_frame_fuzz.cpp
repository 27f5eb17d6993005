// Any bytes as a frame and as every kind of reply: no crash, and what is not understood leaves nothing behind. The
// first byte chooses what they are.
#include <cstdlib>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"

namespace {

using namespace calypte;
using namespace calypte::venue;

void check(const Status& status, const Records& records, std::size_t allowed_with_failure) {
  if (!status.ok() && records.items().size() > allowed_with_failure) std::abort();
  for (const Record& record : records.items()) {
    const LevelRange* levels = nullptr;
    if (const auto* book = std::get_if<DepthSnapshot>(&record)) levels = &book->levels;
    if (const auto* update = std::get_if<DepthDiff>(&record)) levels = &update->levels;
    if (levels == nullptr) continue;
    for (const DepthLevel& level : records.bids(*levels)) {
      if (level.price.mantissa < 0 || level.amount.mantissa < 0) std::abort();
    }
    if (records.asks(*levels).size() != levels->ask_count) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static connector::crypto_com::CryptoComExchange exchange;
  static connector::crypto_com::CryptoComV2Replay v2;
  static PaddedBuffer buffer;
  static Records records;
  static const std::array<Request, 10> asked{NewOrder{},     CancelOrder{},   QueryOrder{},       QueryOpenOrders{},
                                             QueryFills{},   QueryBalances{}, QueryInstruments{}, QueryDepth{},
                                             QueryTickers{}, QueryFees{}};
  if (size == 0) return 0;
  const std::size_t choice = data[0] % (asked.size() + 3);
  const Bytes bytes = buffer.assign({reinterpret_cast<const char*>(data) + 1, size - 1});
  records.clear();
  if (choice < asked.size()) {
    const int http = data[0] >= 128 ? 500 : 200;
    check(exchange.decode_reply(asked[choice], {http, {}, bytes}, records), records, 0);
  } else if (choice == asked.size()) {
    check(v2.decode_frame(StreamKind::market, bytes, records), records, 0);
  } else {
    check(exchange.decode_frame(choice % 2 == 0 ? StreamKind::market : StreamKind::user, bytes, records), records, 0);
  }
  return 0;
}
