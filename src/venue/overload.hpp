// One visitor out of several lambdas, for `std::visit`.
#pragma once

namespace calypte::venue {

template <typename... F>
struct Overload : F... {
  using F::operator()...;
};
template <typename... F>
Overload(F...) -> Overload<F...>;

}  // namespace calypte::venue
