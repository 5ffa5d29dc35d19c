// Filters and functions on dates.
#include "expression/date.h"
#include "expression/evaluate.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
struct Options {
  std::string_view format, existing, zone, locale;
};

// The argument as a text; false when it is something else.
bool text_option(const Call& call, std::size_t index, std::string_view& into, Value& stop) {
  if (call[index].nothing()) return true;
  if (!call[index].is_text()) {
    stop = call.fail_cast(call[index], "java.lang.String");
    return false;
  }
  into = call[index].view();
  return true;
}

Dated<Zone> zone_or_default(const Call& call, std::string_view name) {
  return find_zone(name.empty() ? std::string_view(call.evaluator.environment().zone) : name);
}

bool is_date_input(const Value& value) { return value.is_text() || value.is(Kind::int64) || value.is(Kind::instant) || value.is(Kind::local_date); }

bool is_locale(std::string_view locale) {
  if (locale.empty()) return true;
  const std::size_t language = std::min(locale.find_first_of("_-"), locale.size());
  return language >= 2 && language <= 8 && std::all_of(locale.begin(), locale.begin() + static_cast<std::ptrdiff_t>(language), [](char c) { return c >= 'a' && c <= 'z'; });
}

// The input converted to the zone; false with `stop` set when it is none.
bool input_moment(const Call& call, const Options& options, Moment& moment, Value& stop) {
  if (!is_locale(options.locale)) {
    stop = call.fail_plain(fmt::format("Invalid locale format: {}", options.locale));
    return false;
  }
  const auto zone = zone_or_default(call, options.zone);
  if (!zone) {
    stop = call.fail_plain(zone.error());
    return false;
  }
  if (!is_date_input(call.input)) {
    stop = call.fail_cast(call.input, "java.lang.String");
    return false;
  }
  auto made = to_moment(call.input, options.existing, options.locale, *zone);
  if (!made) {
    stop = call.fail_plain(made.error());
    return false;
  }
  moment = std::move(*made);
  return true;
}

Value formatted(const Call& call, const Moment& moment, const Options& options, std::size_t format_index) {
  if (call[format_index].is_null()) return call.fail_plain("pattern");
  if (!is_locale(options.locale)) return call.fail_plain(fmt::format("Invalid locale format: {}", options.locale));
  auto made = format_date(moment, options.format.data() == nullptr ? "iso" : options.format, options.locale);
  return made ? call.text(std::move(*made)) : call.fail_plain(made.error());
}

Value date_filter(Call& call) {
  if (call.input.is_null()) return {};
  Options options;
  Value stop;
  if (!text_option(call, 0, options.format, stop) || !text_option(call, 1, options.zone, stop) || !text_option(call, 2, options.existing, stop) || !text_option(call, 3, options.locale, stop)) return stop;
  Moment moment;
  if (!input_moment(call, options, moment, stop)) return stop;
  return formatted(call, moment, options, 0);
}

Value date_add(Call& call) {
  if (call.input.is_null()) return {};
  Options options;
  Value stop;
  std::string_view unit;
  if (!text_option(call, 1, unit, stop) || !text_option(call, 2, options.format, stop) || !text_option(call, 3, options.zone, stop) || !text_option(call, 4, options.existing, stop) || !text_option(call, 5, options.locale, stop)) return stop;
  std::int64_t amount = 0;
  if (call[0].is_number()) amount = to_long(call[0]);
  else if (const auto parsed = call[0].is_text() ? parse_long(call[0].view()) : std::nullopt) amount = *parsed;
  else if (call[0].is_text()) return call.fail(fmt::format("{} can't be converted to long", call[0].view()));
  else return call.fail(fmt::format("Incorrect {} format, must be a number", java_text(call[0])));
  Moment moment;
  if (!input_moment(call, options, moment, stop)) return stop;
  if (call[1].nothing()) return call.fail_plain("Name is null");
  auto later = add_to_date(moment, amount, unit);
  return later ? formatted(call, *later, options, 2) : call.fail_plain(later.error());
}

template <std::int64_t per_second>
Value timestamp(Call& call) {
  if (call.input.is_null()) return {};
  Options options;
  Value stop;
  if (!text_option(call, 0, options.zone, stop) || !text_option(call, 1, options.existing, stop)) return stop;
  Moment moment;
  if (!input_moment(call, options, moment, stop)) return stop;
  const auto fraction = static_cast<std::int64_t>(moment.nanos / (1'000'000'000 / per_second));
  if (per_second == 1) return Value::int64(moment.seconds);
  if (per_second == 1'000'000'000) return call.text(fmt::format("{}{:09}", moment.seconds, moment.nanos));
  if (per_second == 1'000'000) return call.text(std::to_string(moment.seconds * per_second + fraction));
  return Value::int64(moment.seconds * per_second + fraction);
}

Value now(Call& call) {
  Options options;
  Value stop;
  if (!text_option(call, 0, options.format, stop) || !text_option(call, 1, options.zone, stop) || !text_option(call, 3, options.locale, stop)) return stop;
  auto zone = zone_or_default(call, options.zone);
  if (!zone) return call.fail_plain(zone.error());
  const std::int64_t micros = call.evaluator.environment().now.time_since_epoch().count();
  const std::int64_t seconds = micros >= 0 ? micros / 1'000'000 : -((999'999 - micros) / 1'000'000);
  return formatted(call, Moment{seconds, static_cast<std::int32_t>((micros - seconds * 1'000'000) * 1000), std::move(*zone)}, options, 0);
}
}  // namespace

std::span<const Builtin> date_filters() {
  using enum Entry::Kind;
  static const Parameter format{"format", "string", false, "iso", "A pattern of DateTimeFormatter, or iso, iso_sec, iso_milli, sql, sql_sec, sql_milli, iso_date_time, iso_local_date, rfc_1123_date_time, full, long, medium, short…"};
  static const Parameter zone{"timeZone", "string", false, "the server's zone", "IANA name or offset of the result"};
  static const Parameter existing{"existingFormat", "string", false, "ISO", "How the input text is written"};
  static const Parameter locale{"locale", "string", false, "en", "Language of names"};
  static const std::vector<Builtin> all = {
      {filter, "date", {format, zone, existing, locale}, "A date as a text in a format and zone.", "{{ now() | date('yyyy-MM-dd') }}", date_filter},
      {filter, "dateAdd", {{"amount", "integer", true, "", "How many, may be negative"}, {"unit", "string", true, "", "NANOS, MICROS, MILLIS, SECONDS, MINUTES, HOURS, HALF_DAYS, DAYS, WEEKS, MONTHS, YEARS, DECADES or CENTURIES"}, format, zone, existing, locale},
       "A date moved by an amount.", "{{ now() | dateAdd(-1, 'DAYS') }}", date_add},
      {filter, "timestamp", {zone, existing}, "Seconds since 1970.", "{{ now() | timestamp }}", timestamp<1>},
      {filter, "timestampMilli", {zone, existing}, "Milliseconds since 1970.", "{{ now() | timestampMilli }}", timestamp<1000>},
      {filter, "timestampMicro", {zone, existing}, "Microseconds since 1970, as a text.", "{{ now() | timestampMicro }}", timestamp<1'000'000>},
      {filter, "timestampNano", {zone, existing}, "Nanoseconds since 1970, as a text.", "{{ now() | timestampNano }}", timestamp<1'000'000'000>},
      {function, "now", {format, zone, existing, locale}, "The current date and time.", "{{ now(timeZone='Europe/Paris') }}", now},
  };
  return all;
}

}  // namespace insula::expression
