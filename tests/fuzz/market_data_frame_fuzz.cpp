// Any bytes as a frame and as every kind of reply of the venues of market data: no crash, and what is not understood
// leaves nothing behind. The first byte chooses venue and kind.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "connector/registry.hpp"

namespace {

using namespace calypte;
using namespace calypte::venue;

constexpr std::array kNames = {"binance", "binance_perpetual", "kraken", "kraken_v1", "okx", "okx_2022"};

void check(const Status& status, const Records& records) {
  if (!status.ok() && !records.empty()) std::abort();
  for (const Record& record : records.items()) {
    const LevelRange* levels = nullptr;
    if (const auto* book = std::get_if<DepthSnapshot>(&record)) levels = &book->levels;
    if (const auto* update = std::get_if<DepthDiff>(&record)) levels = &update->levels;
    if (levels == nullptr) continue;
    if (records.bids(*levels).size() != levels->bid_count) std::abort();
    if (records.asks(*levels).size() != levels->ask_count) std::abort();
    if (std::size_t{levels->begin} + levels->bid_count + levels->ask_count > records.mark().levels) std::abort();
    for (const auto side : {records.bids(*levels), records.asks(*levels)}) {
      for (const DepthLevel& level : side) {
        if (level.price.mantissa < 0 || level.amount.mantissa < 0) std::abort();
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<std::unique_ptr<Venue>, kNames.size()> venues;
  static PaddedBuffer buffer;
  static Records records;
  static const std::array<Request, 4> asked{QueryInstruments{}, QueryDepth{Symbol("X")}, QueryTickers{},
                                            QueryServerTime{}};
  if (size == 0) return 0;
  auto& venue = venues[data[0] % kNames.size()];
  if (!venue) venue = connector::make_venue(kNames[data[0] % kNames.size()]);
  const std::size_t kind = data[0] / kNames.size() % (asked.size() * 2);
  const Bytes bytes = buffer.assign({reinterpret_cast<const char*>(data) + 1, size - 1});
  records.clear();
  if (kind < asked.size()) {
    const int http_status = data[0] >= 128 ? 429 : 200;
    check(venue->decode_reply(asked[kind], {http_status, {}, bytes}, records), records);
  } else {
    check(venue->decode_frame(StreamKind::market, bytes, records), records);
  }
  return 0;
}
