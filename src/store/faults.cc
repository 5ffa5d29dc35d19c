#include "store/database.h"
#include "store/stores.h"

namespace insula::store {

void throw_fault(Fault fault) {
  switch (fault) {
    case Fault::full: throw StoreFailure(StoreFailure::Cause::unavailable, Error{ErrorKind::unavailable, "store-full", "The disk of the data folder is full. Free space, then try again.", "a fault that was asked for", {}});
    case Fault::away: throw StoreFailure(StoreFailure::Cause::unavailable, Error{ErrorKind::unavailable, "store-unavailable", "The database cannot be reached.", "a fault that was asked for", {}});
    case Fault::unknown: break;
  }
  throw StoreFailure(StoreFailure::Cause::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "Whether the last change was written is not known.", "a fault that was asked for", {}});
}

}  // namespace insula::store
