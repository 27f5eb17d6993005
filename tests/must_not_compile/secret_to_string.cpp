// expect: (no viable conversion|could not convert|conversion from .const calypte::Secret. )
#include "calypte/credentials.hpp"

std::string text_of(const calypte::Secret& secret) { return secret; }
