// The one place that has the key of an account.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/hash32.hpp"
#include "evm/signature.hpp"

namespace calypte::evm {

/// Signs, and never gives the key away: there is no way to read it, and no message holds a part of it. Signing is
/// deterministic (RFC 6979) with a low s. One thread at a time.
class Signer {
 public:
  /// From 64 hexadecimal digits, with or without "0x". `denied` with `authentication` for another text, zero, or a
  /// number that is not below the order of the group. `blinding` are 32 random bytes of the caller, new for each
  /// signer: they hide the key from who measures time or power, and do not change what is signed.
  [[nodiscard]] static Result<Signer> make(const Secret& key, std::span<const std::uint8_t, 32> blinding);

  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;
  ~Signer();

  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// Signs a digest as it is: the caller has made it from a transaction or from typed data, never from foreign bytes.
  /// `denied` if the library fails, which it does for a key in range only in theory.
  [[nodiscard]] Result<Signature> sign(const Hash32& digest) const;

 private:
  struct Context;
  Signer(std::unique_ptr<Context> context, const Address& address) noexcept;
  std::unique_ptr<Context> context_;
  Address address_;
};

}  // namespace calypte::evm
