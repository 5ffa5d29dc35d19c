#include "api/interface_pack.h"

__asm__(".section .rodata\n.global insula_interface\ninsula_interface:\n.incbin \"" INSULA_INTERFACE_FILE "\"\n.global insula_interface_end\ninsula_interface_end:\n.previous\n");
extern "C" {
extern const char insula_interface[];
extern const char insula_interface_end[];
}

namespace insula::api {

InterfacePack::InterfacePack(std::string_view pack) {
  const auto line = [&] {
    const std::size_t end = std::min(pack.find('\n'), pack.size());
    const std::string_view found = pack.substr(0, end);
    pack.remove_prefix(std::min(end + 1, pack.size()));
    return found;
  };
  constexpr std::string_view magic = "insula-ui ";
  const std::string_view head = line();
  if (!head.starts_with(magic)) return;
  struct Entry {
    std::string path;
    InterfaceFile file;
    std::size_t plain = 0, gzip = 0;
  };
  std::vector<Entry> entries(static_cast<std::size_t>(std::max(0, std::atoi(std::string(head.substr(magic.size())).c_str()))));
  for (Entry& entry : entries) {
    std::array<std::string_view, 5> cells;
    std::string_view rest = line();
    for (std::string_view& cell : cells) {
      const std::size_t end = std::min(rest.find('\t'), rest.size());
      cell = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    entry.path = cells[0];
    entry.file.content_type = cells[1];
    entry.file.etag = cells[2];
    entry.plain = std::strtoull(std::string(cells[3]).c_str(), nullptr, 10);
    entry.gzip = std::strtoull(std::string(cells[4]).c_str(), nullptr, 10);
  }
  for (Entry& entry : entries) {
    if (entry.plain + entry.gzip > pack.size()) {
      files_.clear();
      return;
    }
    entry.file.plain = pack.substr(0, entry.plain);
    entry.file.gzip = pack.substr(entry.plain, entry.gzip);
    pack.remove_prefix(entry.plain + entry.gzip);
    files_.emplace(std::move(entry.path), entry.file);
  }
}

const InterfaceFile* InterfacePack::find(std::string_view path) const {
  const auto at = files_.find(path);
  return at == files_.end() ? nullptr : &at->second;
}

const InterfacePack& InterfacePack::built_in() {
  static const InterfacePack pack({insula_interface, static_cast<std::size_t>(insula_interface_end - insula_interface)});
  return pack;
}

}  // namespace insula::api
