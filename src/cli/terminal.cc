#include <unistd.h>

#include "cli/cli.h"

namespace insula::cli {

bool Terminal::colours() {
  static const bool on = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return on;
}

std::string Terminal::paint(std::string_view text, std::string_view colour) {
  if (!colours()) return std::string(text);
  const char* code = colour == "red" ? "31" : colour == "green" ? "32" : colour == "yellow" ? "33" : colour == "blue" ? "34" : colour == "grey" ? "90" : "1";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string log_line(std::string_view timestamp, std::string_view level, std::string_view task, std::string_view message) {
  const std::string_view colour = level == "ERROR" ? "red" : level == "WARN" ? "yellow" : level == "INFO" ? "green" : "grey";
  const std::string_view time = timestamp.size() >= 23 ? timestamp.substr(11, 12) : timestamp;
  // Control characters of a message must not reach the terminal as commands.
  std::string safe;
  for (const char c : message) safe += (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : c;
  return fmt::format("{} {} {} {}", Terminal::paint(time, "grey"), Terminal::paint(fmt::format("{:<5}", level), colour), Terminal::paint(task.empty() ? "-" : task, "blue"), safe);
}

std::string state_text(std::string_view state) {
  const std::string_view colour = state == "SUCCESS" ? "green" : state == "WARNING" ? "yellow" : state == "FAILED" || state == "KILLED" ? "red" : "blue";
  return Terminal::paint(state, colour);
}

}  // namespace insula::cli
