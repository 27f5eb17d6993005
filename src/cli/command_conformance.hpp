// `calypte conformance`: the conformance cases are a program of their own, `calypte-conformance`, which stands beside
// this one and is linked with the test framework.
#pragma once

#include <string>
#include <vector>

namespace calypte::cli {

/// Becomes that program, with these arguments. Returns only if it is not there: 2, and what to build is on stderr.
int run_conformance(const std::vector<std::string>& arguments);

}  // namespace calypte::cli
