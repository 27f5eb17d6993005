// Any bytes as a key store and as its decrypted records: refused, or read and written back the same.
#include <cstdlib>

#include "runtime/key_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace calypte;
  if (!runtime::start_sodium().ok()) std::abort();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Deriving a key takes too long here and has no input that the header's bounds do not check.
  const auto cost = runtime::read_key_header(text, runtime::kLeastKeyCost);
  if (cost.ok() && cost->memory_kib > runtime::kMostKeyCost.memory_kib) std::abort();
  const auto records = runtime::read_key_records(text);
  if (records.ok()) {
    const auto back = runtime::write_key_records(*records);
    if (!back.ok() || back->text() != text) std::abort();
  }
  return 0;
}
