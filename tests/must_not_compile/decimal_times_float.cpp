// expect: (invalid operands to binary expression|no match for .operator\*.|deleted)
#include "calypte/decimal.hpp"

calypte::Decimal half(const calypte::Decimal& price) { return price * 0.5F; }
