#include "evm/erc20.hpp"

#include "evm/abi.hpp"
#include "evm/abi_decoder.hpp"

namespace calypte::evm::erc20 {

namespace {

/// The arguments are of types that always fit.
ByteString encoded(const abi::Function& function, const abi::Encoder& arguments) {
  auto data = function.call(arguments);
  return data.ok() ? std::move(*data) : ByteString{};
}

}  // namespace

ByteString balance_of(const Address& owner) {
  static const abi::Function kBalanceOf("balanceOf(address)");
  return encoded(kBalanceOf, abi::Encoder().address(owner));
}

ByteString allowance(const Address& owner, const Address& spender) {
  static const abi::Function kAllowance("allowance(address,address)");
  return encoded(kAllowance, abi::Encoder().address(owner).address(spender));
}

ByteString approve(const Address& spender, const Uint256& amount) {
  static const abi::Function kApprove("approve(address,uint256)");
  return encoded(kApprove, abi::Encoder().address(spender).uint(amount));
}

Result<Uint256> decode_amount(ByteView returned) {
  abi::Decoder in(returned);
  Uint256 amount = in.uint();
  if (Status status = in.status(); !status.ok()) return status;
  return amount;
}

bool says_yes(ByteView returned) {
  if (returned.empty()) return true;
  abi::Decoder in(returned);
  const bool yes = in.boolean();
  return in.ok() && yes;
}

}  // namespace calypte::evm::erc20
