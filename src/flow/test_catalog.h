// A small catalog for the tests of this folder: one type of each shape.
#pragma once
#include "flow/catalog.h"

namespace insula::flow {
const Catalog& test_catalog();
}  // namespace insula::flow
