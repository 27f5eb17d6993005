// expect: (no matching function|invalid initialization of reference|no known conversion)
// expect: Symbol
#include "calypte/types.hpp"

void ask(const calypte::Symbol&);
void ask_for(const calypte::TradingPair& pair) { ask(pair); }
