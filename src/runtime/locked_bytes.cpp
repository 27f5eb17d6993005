#include "runtime/locked_bytes.hpp"

#include <sodium.h>
#include <string>
#include <utility>

namespace calypte::runtime {

Status start_sodium() {
  if (sodium_init() < 0) return {StatusCode::unavailable, "the system's source of randomness cannot be used"};
  return {};
}

void LockedBytes::Free::operator()(unsigned char* bytes) const noexcept { sodium_free(bytes); }

Result<LockedBytes> LockedBytes::create(std::size_t size) {
  if (const Status started = start_sodium(); !started.ok()) return started;
  // Where locking is not allowed (RLIMIT_MEMLOCK) the memory is given all the same: wiped, but it may be swapped.
  auto* bytes = static_cast<unsigned char*>(sodium_malloc(size));
  if (bytes == nullptr) return Status(StatusCode::unavailable, "not enough memory for secrets");
  return LockedBytes(bytes, size);
}

Secret to_secret(std::string_view text) { return Secret(std::string(text)); }

}  // namespace calypte::runtime
