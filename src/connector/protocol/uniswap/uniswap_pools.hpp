// All pools that the pairs of a configuration can use, kept true by their logs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/result.hpp"

#include "connector/protocol/uniswap/route.hpp"
#include "connector/protocol/uniswap/uniswap_config.hpp"
#include "connector/protocol/uniswap/v2_pool.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"
#include "evm/json_rpc_types.hpp"

namespace calypte::connector::uniswap {

/// The combinations of two tokens between which a pool is of use: those of the pairs, and those that lead from a token
/// of a pair to any third one and on to the other. Places in `setup.tokens`, the first the smaller address; in a fixed
/// order, none twice.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> useful_combinations(const UniswapSetup& setup);

class UniswapPools {
 public:
  UniswapPools() = default;
  UniswapPools(const UniswapPools&) = delete;
  UniswapPools& operator=(const UniswapPools&) = delete;
  UniswapPools(UniswapPools&&) = default;
  UniswapPools& operator=(UniswapPools&&) = default;

  void add(const V2Pool& pool);
  void add(V3Pool pool);
  [[nodiscard]] std::size_t size() const noexcept { return v2_.size() + v3_.size(); }
  [[nodiscard]] std::vector<Address> addresses() const;

  /// The pools of every route of one or two pools from a to b. If there were more routes than kMaxRoutes, the last of
  /// the `between` tokens are left out. Valid until the next `add`; not moved by moving this object.
  [[nodiscard]] std::vector<PoolRef> candidates(const Address& a, const Address& b,
                                                std::span<const Address> between) const;

  /// One log in the order of the chain. One that is not of a pool of ours, or of no interest, changes nothing. After a
  /// failure the state cannot be relied on: a log that cannot follow it or cannot be read (`malformed`), or a price
  /// that has come to the end of the ticks that were read (`unavailable`).
  [[nodiscard]] Status apply(const evm::rpc::Log& log);

 private:
  // Behind pointers, so that routes which refer to pools survive moves and growth.
  std::vector<std::unique_ptr<V2Pool>> v2_;
  std::vector<std::unique_ptr<V3Pool>> v3_;
  std::unordered_map<Address, std::variant<V2Pool*, V3Pool*>> by_address_;
};

/// True if the pool's price is so near to the end of the known ticks that those around it should be read anew.
[[nodiscard]] bool near_unknown_ticks(const V3Pool& pool) noexcept;

}  // namespace calypte::connector::uniswap
