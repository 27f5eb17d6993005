// expect: (invalid operands to binary expression|no match for .operator==.)
#include "calypte/types.hpp"

bool same(const calypte::ExchangeOrderId& theirs, const calypte::ClientOrderId& ours) { return theirs == ours; }
