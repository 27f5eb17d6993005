// expect: error
// expect: (invalid operands to binary expression|no match for .operator<<.)
#include <ostream>

#include "calypte/credentials.hpp"

void log(const calypte::Secret& secret, std::ostream& out) { out << secret; }
