#include "api/plugin_icons.h"

#include <array>
#include <utility>

#include "base/base.h"

namespace insula::api {
namespace {

// Strokes on a field of 24 by 24.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kStrokes = {{
    {"core.condition", "M12 3l9 9-9 9-9-9zM9 12l2 2 4-4"},
    {"core.debug", "M8 9h8v6a4 4 0 0 1-8 0zM9.5 9a2.5 2.5 0 0 1 5 0M4 12h4M16 12h4M5 18l3-2M19 18l-3-2"},
    {"core.execution", "M7 4l12 8-12 8z"},
    {"core.flow", "M4 5h5v5H4zM15 14h5v5h-5zM9 7.5h4a2 2 0 0 1 2 2V14"},
    {"core.http", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"},
    {"core.log", "M5 4h14v16H5zM8 8h8M8 12h8M8 16h5"},
    {"core.output", "M4 12h11M11 8l4 4-4 4M18 5v14"},
    {"core.runner", "M4 5h16v11H4zM9 20h6M12 16v4"},
    {"core.state", "M5 7c0-2 14-2 14 0v10c0 2-14 2-14 0zM5 7c0 2 14 2 14 0M5 12c0 2 14 2 14 0"},
    {"core.storage", "M4 7h6l2 2h8v10H4z"},
    {"core.trigger", "M13 3L5 14h6l-1 7 8-11h-6z"},
    {"scripts.runner.docker", "M3 12h18c0 5-4 7-9 7s-8-3-9-7zM5 9h3v3H5zM9 9h3v3H9zM13 9h3v3h-3zM9 5h3v3H9z"},
    {"scripts", "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5"},
}};
constexpr std::string_view kCommon = "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5";

std::string_view strokes_of(std::string_view group) {
  constexpr std::string_view package = "io.kestra.plugin.";
  if (!group.starts_with(package)) return kCommon;
  group.remove_prefix(package.size());
  for (const auto& [name, strokes] : kStrokes)
    if (group == name || group.starts_with(std::string(name) + ".")) return strokes;
  return kCommon;
}

}  // namespace

std::string icon_base64(std::string_view group) {
  return base64_encode(fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\" stroke-linecap=\"round\" "
                                   "stroke-linejoin=\"round\"><path d=\"{}\"/></svg>",
                                   strokes_of(group)));
}

}  // namespace insula::api
