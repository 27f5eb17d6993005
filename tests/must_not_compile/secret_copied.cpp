// expect: (call to|uses|use of) deleted (constructor|function)
#include "calypte/credentials.hpp"

calypte::Secret copy_of(const calypte::Secret& secret) { return calypte::Secret(secret); }
