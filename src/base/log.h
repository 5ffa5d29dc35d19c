// The server's own log (not the logs of executions). Every line about a tenant carries it. Never pass a secret.
#pragma once
#include <fmt/format.h>

#include <string_view>

#include "base/id.h"

namespace insula::log {

enum class Level { debug, info, warn, error };

// Standard error, one line each: `2026-11-24T16:45:31.440286Z INFO  [tenant] message`. Set before threads start.
void set_level(Level level);
void write(Level level, const TenantId* tenant, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) { write(Level::debug, nullptr, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) { write(Level::info, nullptr, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) { write(Level::warn, nullptr, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) { write(Level::error, nullptr, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void info(const TenantId& tenant, fmt::format_string<Args...> text, Args&&... args) { write(Level::info, &tenant, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void warn(const TenantId& tenant, fmt::format_string<Args...> text, Args&&... args) { write(Level::warn, &tenant, fmt::format(text, std::forward<Args>(args)...)); }
template <class... Args>
void error(const TenantId& tenant, fmt::format_string<Args...> text, Args&&... args) { write(Level::error, &tenant, fmt::format(text, std::forward<Args>(args)...)); }

}  // namespace insula::log
