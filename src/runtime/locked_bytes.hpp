// Memory for plain texts and derived keys: never swapped where the system allows that, between guard pages, overwritten
// when it is released. Fixed in size, because growing would leave copies behind.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"

namespace calypte::runtime {

class LockedBytes {
 public:
  /// `unavailable` if there is no memory. The bytes are not initialised.
  static Result<LockedBytes> create(std::size_t size);

  [[nodiscard]] unsigned char* data() noexcept { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view text(std::size_t size) const noexcept {
    return {reinterpret_cast<const char*>(bytes_.get()), size};
  }
  [[nodiscard]] std::string_view text() const noexcept { return text(size_); }

 private:
  struct Free {
    void operator()(unsigned char* bytes) const noexcept;
  };
  LockedBytes(unsigned char* bytes, std::size_t size) noexcept : bytes_(bytes), size_(size) {}
  std::unique_ptr<unsigned char, Free> bytes_;
  std::size_t size_ = 0;
};

/// libsodium must be told once before it is used; further calls cost nothing.
Status start_sodium();

/// A copy that leaves nothing else behind.
[[nodiscard]] Secret to_secret(std::string_view text);

}  // namespace calypte::runtime
