// The newest blocks of the chain as we follow it, each known to be the child of the one before.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "evm/hash32.hpp"
#include "evm/json_rpc_types.hpp"

namespace calypte::engine {

class ChainView {
 public:
  /// How many blocks are remembered; deeper ones count as final here.
  static constexpr std::size_t kDepth = 512;

  [[nodiscard]] bool empty() const noexcept { return blocks_.empty(); }
  /// Precondition: not empty.
  [[nodiscard]] const evm::rpc::BlockHeader& head() const noexcept { return blocks_.back(); }
  [[nodiscard]] bool extends(const evm::rpc::BlockHeader& block) const noexcept {
    return !empty() && block.parent_hash == head().hash && block.number == head().number + 1;
  }
  /// Precondition: `extends(block)`.
  void append(const evm::rpc::BlockHeader& block) {
    blocks_.push_back(block);
    if (blocks_.size() > kDepth) blocks_.pop_front();
  }
  /// Begins anew: after the start, a reorganisation, or a gap that is too long.
  void reset(const evm::rpc::BlockHeader& block) {
    blocks_.clear();
    blocks_.push_back(block);
  }
  /// Is this block part of the chain? Empty if that height is not remembered.
  [[nodiscard]] std::optional<bool> contains(std::uint64_t number, const evm::Hash32& hash) const noexcept {
    if (empty() || number > head().number || number < blocks_.front().number) return std::nullopt;
    return blocks_[static_cast<std::size_t>(number - blocks_.front().number)].hash == hash;
  }

 private:
  std::deque<evm::rpc::BlockHeader> blocks_;  // consecutive, oldest first
};

}  // namespace calypte::engine
