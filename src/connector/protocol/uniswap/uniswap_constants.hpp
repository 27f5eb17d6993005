// Uniswap V2 and V3 as data: where its contracts stand, which pools can exist, and how much of them is read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace calypte::connector::uniswap {

inline constexpr std::string_view kName = "uniswap";

// --- The roles that a configuration can name. ----------------------------------------------------------------------

inline constexpr std::string_view kV2FactoryRole = "v2_factory";
inline constexpr std::string_view kV3FactoryRole = "v3_factory";
/// A SwapRouter02: the only published router that swaps on both versions.
inline constexpr std::string_view kRouterRole = "router";

/// A chain on which Uniswap itself has deployed its contracts, as its sdk-core lists them. The V2 factory is left out
/// where the router is not known to have been built with it.
struct Deployment {
  std::uint64_t chain_id = 0;
  std::string_view v2_factory;
  std::string_view v3_factory;
  std::string_view router;
  std::string_view wrapped;         ///< the wrapped coin that the router must name; empty: not compared
  std::string_view wrapped_symbol;  ///< a token that need not be configured; empty with `wrapped`
};
inline constexpr std::array kDeployments = {
    Deployment{1, "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f", "0x1F98431c8aD98523631AE4a59f267346ea31F984",
               "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH"},
    Deployment{10, "", "0x1F98431c8aD98523631AE4a59f267346ea31F984", "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45", "",
               ""},
    Deployment{137, "", "0x1F98431c8aD98523631AE4a59f267346ea31F984", "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45", "",
               ""},
    Deployment{8453, "", "0x33128a8fC17869897dcE68Ed026d694621f6FDfD", "0x2626664c2603336E57B271c5C0b26F421741e481", "",
               ""},
    Deployment{42161, "", "0x1F98431c8aD98523631AE4a59f267346ea31F984", "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45",
               "", ""},
    Deployment{11155111, "", "0x0227628f3F023bb0B980b67D528571c95c6DaC1c", "0x3bFA4769FB09eefC5a80d6E87c3B9C650f7Ae48E",
               "", ""},
};

// --- Pools. --------------------------------------------------------------------------------------------------------

struct FeeTier {
  std::uint32_t fee_pips = 0;
  int tick_spacing = 0;
};
inline constexpr std::array kFeeTiers = {FeeTier{100, 1}, FeeTier{500, 10}, FeeTier{3000, 60}, FeeTier{10000, 200}};
inline constexpr std::uint32_t kV2FeePips = 3000;

/// Hashes of the code that creates a pool. The router has them built in and finds pools by them without asking.
inline constexpr std::string_view kV2InitCodeHash =
    "0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f";
inline constexpr std::string_view kV3InitCodeHash =
    "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54";

/// Recipients that the router replaces: itself, and whoever calls it. (1 would be the caller.)
inline constexpr std::uint8_t kRouterItself = 2;
/// An amount to swap that the router replaces by what it owns of the token.
inline constexpr std::uint64_t kRouterBalance = 0;

// --- Bounds. -------------------------------------------------------------------------------------------------------

/// More tokens than this are refused: the pools to look for grow with their square.
inline constexpr std::size_t kMaxTokens = 32;
/// Trading pairs; more are refused.
inline constexpr std::size_t kMaxPairs = 64;
/// Reads that one step of the loading asks for. What is more waits for the next step.
inline constexpr std::size_t kMaxReadsAStep = 4096;
/// Words of the tick bitmap up to which all of it is read. Of a larger one (spacing 1 has 6,932) the words around the
/// price: 64 words are 16,384 ticks, a factor of five in the price.
inline constexpr int kMaxBitmapWords = 1024;
inline constexpr int kWindowWords = 64;
/// The state is loaded anew when the price comes closer than this to the end of the window.
inline constexpr int kWindowMarginWords = 8;
/// Initialised ticks of one pool. Whoever lets a pool have more spends a fortune to keep us from it: it is left out.
inline constexpr std::size_t kMaxTicksAPool = 32'768;
/// The same of all pools together; a loading that meets more fails.
inline constexpr std::size_t kMaxTicks = 524'288;
/// Decimals of a token; the largest in use is 24.
inline constexpr int kMaxTokenDecimals = 30;

// --- What traders see. ---------------------------------------------------------------------------------------------

/// Significant digits of a price: together with the digits of an amount they fit a `Decimal`.
inline constexpr int kPriceDigits = 10;
inline constexpr int kMaxPriceScale = 30;
inline constexpr std::size_t kBookLevels = 20;
/// The last level of a book is the largest of the tried sizes whose price is at most this much worse than that of a
/// small amount, in hundredths.
inline constexpr unsigned kBookImpactPercent = 5;

}  // namespace calypte::connector::uniswap
