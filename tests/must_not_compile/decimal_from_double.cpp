// expect: (deleted constructor|deleted function).*
#include "calypte/decimal.hpp"

calypte::Decimal price() { return calypte::Decimal(0.1); }
