#include "support/test_data.hpp"

namespace calypte::test {

std::filesystem::path tests_folder() { return CALYPTE_TESTS_FOLDER; }

}  // namespace calypte::test
