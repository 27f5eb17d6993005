// Any bytes as a private frame, as an answer of the order stream and as every kind of private reply of both markets of
// Binance: no crash, and what is not understood leaves nothing behind. The first byte chooses what they are.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "connector/registry.hpp"

namespace {

using namespace calypte;
using namespace calypte::venue;

const std::array<Request, 9>& requests() {
  static const std::array<Request, 9> all{NewOrder{},      CancelOrder{},     CancelAllOrders{},
                                          QueryOrder{},    QueryOpenOrders{}, QueryFills{},
                                          QueryBalances{}, QueryPositions{},  QueryFees{}};
  return all;
}

class Asked final : public AskedRequests {
 public:
  [[nodiscard]] const Request* find(std::uint64_t id) const override {
    return id < requests().size() ? &requests()[id] : nullptr;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array venues{connector::make_venue("binance"), connector::make_venue("binance_perpetual")};
  static PaddedBuffer buffer;
  static Records records;
  if (size == 0) return 0;
  Venue& venue = *venues[data[0] % venues.size()];
  const std::size_t kind = data[0] / venues.size() % (requests().size() + 2);
  const Bytes bytes = buffer.assign({reinterpret_cast<const char*>(data) + 1, size - 1});
  records.clear();
  Status status;
  if (kind < requests().size()) {
    status = venue.decode_reply(requests()[kind], {data[0] >= 200 ? 503 : 200, {}, bytes}, records);
  } else if (kind == requests().size()) {
    status = venue.decode_frame(StreamKind::user, bytes, records);
  } else {
    status = venue.decode_answer(bytes, Asked(), records).status();
  }
  if (!status.ok() && !records.empty()) std::abort();
  for (const Record& record : records.items()) {
    const auto* fill = std::get_if<Fill>(&record);
    if (fill != nullptr && (fill->trade.trade_id.empty() || !fill->trade.fill_base_amount.is_positive())) std::abort();
    const auto* report = std::get_if<OrderReport>(&record);
    if (report != nullptr && !report->update.exchange_order_id) std::abort();
  }
  return 0;
}
