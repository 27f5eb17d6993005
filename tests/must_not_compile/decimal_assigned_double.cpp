// expect: deleted
#include "calypte/decimal.hpp"

void set(calypte::Decimal& price) { price = 0.1; }
