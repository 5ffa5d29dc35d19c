#include "app/ports.h"

int main(int argc, char** argv) { return insula::cli::run(argc, argv, insula::app::command_line_ports()); }
