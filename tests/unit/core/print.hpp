// Lets a failing test show a Decimal as a number.
#pragma once

#include <ostream>

#include "calypte/decimal.hpp"

namespace calypte {

inline void PrintTo(const Decimal& d, std::ostream* out) { *out << d.to_string(); }

}  // namespace calypte
