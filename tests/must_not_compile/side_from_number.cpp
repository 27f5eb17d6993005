// expect: (cannot initialize return object|cannot convert)
#include "calypte/types.hpp"

calypte::TradeType side() { return 1; }
