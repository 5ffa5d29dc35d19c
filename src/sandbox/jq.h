// jq programs in processes of their own, which are used again: what a program of one tenant takes cannot harm the server or another tenant.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "base/base.h"

namespace insula::sandbox {

class JqProcesses {
 public:
  struct Limits {
    std::size_t processes_max = 4;                       // kept while idle; more run when more threads ask
    Duration time = std::chrono::seconds(3);             // of one program
    std::size_t results_max = 1'000'000;
    std::size_t output_bytes_max = 32u << 20;
    std::size_t requests_of_a_process_max = 1'000;       // then a fresh one: what libjq loses is gone
  };
  JqProcesses();
  explicit JqProcesses(Limits limits);
  ~JqProcesses();                                        // no run() may be going on
  JqProcesses(const JqProcesses&) = delete;
  JqProcesses& operator=(const JqProcesses&) = delete;

  // Every result as JSON text. `input` is JSON text; `steps_max` counts calls of `debug`. Blocks; any thread.
  // Errors: `jq-failed` (the program does not parse, or fails), `expression-too-long` (steps, time), `expression-too-large` (memory, results), `process-failed` (no process can be started).
  Result<std::vector<std::string>> run(std::string_view program, std::string_view input, std::size_t steps_max);

 private:
  class Worker;
  Result<std::unique_ptr<Worker>> take();
  void give_back(std::unique_ptr<Worker> worker);
  Limits limits_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace insula::sandbox
