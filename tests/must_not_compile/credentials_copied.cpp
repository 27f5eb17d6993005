// expect: (deleted|delete).*Credentials
#include "calypte/credentials.hpp"

calypte::Credentials copy_of(const calypte::Credentials& credentials) { return calypte::Credentials(credentials); }
