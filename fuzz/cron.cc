// A cron expression either is refused or has dates that only grow.
#include "fuzz.h"
#include "schedule/schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace insula;
  const std::string_view text = fuzz::text_of(data, size);
  for (const bool with_seconds : {false, true}) {
    const auto cron = schedule::Cron::parse(text, with_seconds);
    if (!cron) continue;
    static const auto zone = schedule::zone("Europe/Berlin");
    Instant at(std::chrono::seconds(1'790'000'000));
    for (int i = 0; i < 5; ++i) {
      const auto next = cron->next(at, *zone);
      if (!next) break;
      fuzz::expect(*next > at, "the next date is later");
      at = *next;
    }
  }
  return 0;
}
