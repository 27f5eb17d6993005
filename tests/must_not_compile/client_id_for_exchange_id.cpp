// expect: (no viable overloaded .=.|no match for .operator=.)
#include "calypte/types.hpp"

void remember(calypte::ExchangeOrderId& theirs, const calypte::ClientOrderId& ours) { theirs = ours; }
