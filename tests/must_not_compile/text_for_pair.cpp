// expect: (no viable conversion|could not convert|conversion from .const char)
#include "calypte/types.hpp"

calypte::TradingPair pair() { return "BTC-USDT"; }
