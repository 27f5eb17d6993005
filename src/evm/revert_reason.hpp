// Why a call was reverted: `Error(string)`, `Panic(uint256)` and custom errors of contracts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "evm/bytes.hpp"

namespace calypte::evm {

struct RevertReason {
  enum class Kind : std::uint8_t {
    none,     ///< reverted without a word
    message,  ///< Error(string): `text` is the string
    panic,    ///< Panic(uint256): `text` says what the code stands for
    custom,   ///< an error of the contract: `text` is its signature if it is known, otherwise its selector
    other,    ///< bytes that follow no convention: `text` is their beginning in hexadecimal
  };
  Kind kind = Kind::none;
  /// For a person and for a log: printable ASCII, never longer than 200 characters; other characters become '?'.
  std::string text;
  /// The whole data if it is at most 4 KiB, else its beginning.
  ByteString data;
};

/// `known` are canonical signatures of custom errors, "Expired(uint256)". Never fails: what cannot be read is `other`.
[[nodiscard]] RevertReason decode_revert(ByteView data, std::span<const std::string_view> known = {});

/// Printable ASCII with '?' for the rest, cut at `limit`: for every text of a node or a contract that reaches a person.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace calypte::evm
