// Integers of the virtual machine. Boost.Multiprecision does the arithmetic; only src/evm and the connectors of
// on-chain venues include it.
//
// `Uint256` and `Int256` wrap silently where the virtual machine does; code that must not wrap computes in `Uint512`
// and narrows with a check. An amount of a token is a `Uint256` in the token's smallest unit; `to_decimal` and
// `to_units` (evm/amount.hpp) are the only ways between that and the `Decimal` that a strategy sees.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

namespace calypte::evm {

using Uint256 = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<256, 256, boost::multiprecision::unsigned_magnitude,
                                           boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;
using Int256 = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<256, 256, boost::multiprecision::signed_magnitude,
                                           boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;
using Uint512 = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<512, 512, boost::multiprecision::unsigned_magnitude,
                                           boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;

}  // namespace calypte::evm
