#include <cstdlib>

#include "connector/exchange/toy/toy_exchange.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static calypte::connector::toy::ToyExchange exchange;
  static calypte::venue::PaddedBuffer buffer;
  static calypte::venue::Records records;
  records.clear();
  const auto frame = buffer.assign({reinterpret_cast<const char*>(data), size});
  const auto status = exchange.decode_frame(calypte::venue::StreamKind::user, frame, records);
  if (!status.ok() && !records.empty()) std::abort();
  return 0;
}
