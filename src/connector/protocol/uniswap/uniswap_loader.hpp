// Reads the protocol from the chain, step by step: the contracts and tokens, which pools there are, their state, the
// words of their tick bitmaps, and the ticks that those name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "calypte/result.hpp"

#include "connector/protocol/uniswap/uniswap_config.hpp"
#include "connector/protocol/uniswap/uniswap_pools.hpp"
#include "evm/protocol_venue.hpp"

namespace calypte::connector::uniswap {

/// For one loading; make a new one for the next. `setup` must outlive it.
class UniswapLoader {
 public:
  explicit UniswapLoader(const UniswapSetup& setup) : setup_(setup) {}
  UniswapLoader(const UniswapLoader&) = delete;
  UniswapLoader& operator=(const UniswapLoader&) = delete;

  [[nodiscard]] std::vector<evm::ReadCall> begin();
  /// The contract of `ProtocolVenue::continue_load`. After a failure this object is of no more use.
  [[nodiscard]] Result<std::vector<evm::ReadCall>> advance(std::span<const evm::ReadResult> answers);

  /// After `advance` has given no more calls: decimals by the place of the token, and the pools.
  [[nodiscard]] const std::vector<int>& decimals() const noexcept { return decimals_; }
  [[nodiscard]] UniswapPools take_pools() { return std::move(pools_); }

 private:
  enum class Phase : std::uint8_t { contracts, discovery, state, bitmaps, ticks, done };
  enum class Read : std::uint8_t {
    v3_factory,
    v2_factory,
    wrapped,
    decimals,
    v2_pool,
    v3_pool,
    token0,
    reserves,
    slot0,
    liquidity,
    tick_spacing,
    bitmap,
    tick,
  };
  struct Question {
    Read read;
    std::size_t subject = 0;  ///< a place in the tokens, or in the sites
    int place = 0;            ///< of a word or a tick
    evm::ReadCall call;
  };
  /// A place where a pool can be, and what is known of it.
  struct Site {
    bool is_v3 = false;
    std::size_t first = 0;   ///< token0, a place in the tokens
    std::size_t second = 0;  ///< token1
    std::uint32_t fee_pips = 0;
    int tick_spacing = 0;
    Address address;  ///< zero: there is no pool
    bool left_out = false;
    V2SyncEvent reserves;
    V3Snapshot snapshot;
  };

  void ask(Read read, std::size_t subject, evm::ReadCall call, int place = 0);
  void ask_phase();
  void ask_contracts();
  void ask_discovery();
  void ask_state();
  void ask_bitmaps();
  void ask_ticks();
  [[nodiscard]] Status take(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status take_contract(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status take_decimals(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status take_discovery(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status take_state(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status take_bitmap(const Question& question, const evm::ReadResult& answer);
  [[nodiscard]] Status build();
  [[nodiscard]] std::vector<evm::ReadCall> next_slice();

  const UniswapSetup& setup_;
  Phase phase_ = Phase::contracts;
  std::vector<Question> questions_;  // of the phase
  std::size_t given_ = 0;            // the first question of the present step
  std::size_t next_ = 0;             // the first one of the next step
  std::vector<int> decimals_;
  std::vector<Site> sites_;
  std::vector<std::pair<std::size_t, int>> ticks_;  // site and tick, found in the bitmaps
  UniswapPools pools_;
};

}  // namespace calypte::connector::uniswap
