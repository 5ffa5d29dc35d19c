// The files of the web application, which the binary carries (cmake/pack_ui.py says how they are packed).
#pragma once
#include "base/base.h"

namespace insula::api {

struct InterfaceFile {
  std::string_view content_type, etag, plain, gzip;   // gzip: empty when it would not be smaller
};

class InterfacePack {
 public:
  // Empty for a pack that cannot be read: the server works without pages.
  explicit InterfacePack(std::string_view pack);
  static const InterfacePack& built_in();

  const InterfaceFile* find(std::string_view path) const;   // `assets/index-abc.js`; nullptr: no such file
  bool empty() const { return files_.empty(); }

 private:
  std::map<std::string, InterfaceFile, std::less<>> files_;   // views into the pack, which outlives this
};

}  // namespace insula::api
