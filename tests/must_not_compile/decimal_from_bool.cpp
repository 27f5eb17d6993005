// expect: (deleted constructor|deleted function)
#include "calypte/decimal.hpp"

calypte::Decimal price(bool known) { return calypte::Decimal(known); }
