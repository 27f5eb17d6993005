#include <gtest/gtest.h>

#include "connector/protocol/uniswap/uniswap_contracts.hpp"
#include "connector/protocol/uniswap/uniswap_router.hpp"
#include "uniswap_call_vectors.hpp"
#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

/// Pools between the tokens A, B and C of the vectors, which are WETH, USDC and DAI elsewhere.
class UniswapCalls : public testing::Test {
 protected:
  V2Pool ab_pair = *V2Pool::make({address_at("0x00000000000000000000000000000000000000f1"), kWeth, kUsdc});
  V2Pool bc_pair = *V2Pool::make({address_at("0x00000000000000000000000000000000000000f2"), kUsdc, kDai});
  V3Pool ab_100 = pool(kWeth, kUsdc, 100, 1);
  V3Pool ab_500 = pool(kWeth, kUsdc, 500, 10);
  V3Pool ab_3000 = pool(kWeth, kUsdc, 3000, 60);
  V3Pool bc_100 = pool(kUsdc, kDai, 100, 1);
  V3Pool bc_10000 = pool(kUsdc, kDai, 10000, 200);

  static V3Pool pool(const Address& a, const Address& b, std::uint32_t fee, int spacing) {
    return *V3Pool::make({address_at("0x00000000000000000000000000000000000000e1"), a, b, fee, spacing});
  }
  static Route route(const std::vector<PoolRef>& pools) {
    auto made = Route::make(pools, kWeth, pools.size() == 1 ? kUsdc : kDai);
    EXPECT_TRUE(made.ok());
    return *made;
  }
  static std::string encoded(const std::vector<PoolRef>& pools, SwapKind kind, const Uint256& amount,
                             const Uint256& limit) {
    const auto data = encode_swap({route(pools), kind, amount, limit, 1893456000, kAccount});
    EXPECT_TRUE(data.ok());
    return data ? evm::to_hex(*data) : std::string{};
  }
};

TEST_F(UniswapCalls, one_v3_pool) {
  EXPECT_EQ(encoded({&ab_500}, SwapKind::exact_in, units("1", 18), 990), kV3In);
  EXPECT_EQ(encoded({&ab_3000}, SwapKind::exact_out, 12345, (Uint256(1) << 200U) + 7), kV3Out);
}

TEST_F(UniswapCalls, two_v3_pools) {
  EXPECT_EQ(encoded({&ab_500, &bc_10000}, SwapKind::exact_in, 77, 66), kV3InTwoPools);
  EXPECT_EQ(encoded({&ab_500, &bc_10000}, SwapKind::exact_out, 77, 88), kV3OutTwoPools);
}

TEST_F(UniswapCalls, v2_pairs) {
  EXPECT_EQ(encoded({&ab_pair}, SwapKind::exact_in, 55, 44), kV2In);
  EXPECT_EQ(encoded({&ab_pair, &bc_pair}, SwapKind::exact_out, 55, 66), kV2OutTwoPairs);
}

TEST_F(UniswapCalls, pools_of_both_versions) {
  EXPECT_EQ(encoded({&ab_pair, &bc_100}, SwapKind::exact_in, 99, 95), kV2ThenV3);
  EXPECT_EQ(encoded({&ab_100, &bc_pair}, SwapKind::exact_in, 99, 95), kV3ThenV2);
  EXPECT_TRUE(router_can(route({&ab_pair, &bc_100}), SwapKind::exact_in));
  EXPECT_FALSE(router_can(route({&ab_pair, &bc_100}), SwapKind::exact_out));
  EXPECT_FALSE(router_can(route({&ab_100, &bc_pair}), SwapKind::exact_out));
  EXPECT_TRUE(router_can(route({&ab_pair, &bc_pair}), SwapKind::exact_out));
}

TEST_F(UniswapCalls, pools_stand_where_the_main_chain_has_them) {
  const Address weth = address_at("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2");
  const Address usdc = address_at("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
  for (const auto& [a, b] : {std::pair{weth, usdc}, std::pair{usdc, weth}}) {
    EXPECT_EQ(v3_pool_address(address_at("0x1F98431c8aD98523631AE4a59f267346ea31F984"), a, b, 500).to_string(),
              "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640");
    EXPECT_EQ(v2_pool_address(address_at("0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f"), a, b).to_string(),
              "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc");
  }
}

}  // namespace
}  // namespace calypte::connector::uniswap
