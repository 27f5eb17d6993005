// expect: (no viable conversion|cannot convert)
#include "calypte/decimal.hpp"

double rounded(const calypte::Decimal& price) { return price; }
