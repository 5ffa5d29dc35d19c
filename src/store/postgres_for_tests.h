// A PostgreSQL for tests: the one of INSULA_TEST_POSTGRES (a libpq connection text), else a private cluster in a temporary folder, started
// at first use and gone with the process.
#pragma once
#include <string>

namespace insula::store {

// The connection text. Ends the test program with a reason when no server can be started: a suite that runs on one database only is no suite.
const std::string& postgres_for_tests();

}  // namespace insula::store
