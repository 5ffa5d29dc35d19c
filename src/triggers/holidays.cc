// A table of rules instead of dates, so that it needs no data for future years. Rules, separated by spaces:
//   12-25          a date                     e+39           days after Easter Sunday
//   mon3-01        the third Monday of January   monL-05     the last Monday of May
//   wed<11-23      the last Wednesday before a date
// Behind a rule: `@2019` from that year on; `:BE,MV` only in these parts of the country; `!SCT` everywhere but there; `~` a day on a weekend is also kept on a
// working day beside it (Friday or Monday); `>` likewise, but on the next working day.
#include "triggers/holidays.h"

namespace insula::triggers {

namespace {

using namespace std::chrono;

const std::map<std::string_view, std::string_view>& countries() {
  static const std::map<std::string_view, std::string_view> rules{
      {"AT", "01-01 01-06 e+1 05-01 e+39 e+50 e+60 08-15 10-26 11-01 12-08 12-25 12-26"},
      {"BE", "01-01 e+1 05-01 e+39 e+50 07-21 08-15 11-01 11-11 12-25"},
      {"CA", "01-01 e-2 07-01 mon1-09 12-25"},
      {"CH", "01-01 e+39 08-01 12-25"},
      {"DE", "01-01 e-2 e+1 05-01 e+39 e+50 10-03 12-25 12-26 01-06:BW,BY,ST 03-08@2019:BE 03-08@2023:MV e+60:BW,BY,HE,NW,RP,SL 08-15:SL 09-20@2019:TH "
             "10-31:BB,MV,SN,ST,TH 10-31@2018:HB,HH,NI,SH 11-01:BW,BY,NW,RP,SL wed<11-23:SN"},
      {"DK", "01-01 e-3 e-2 e+0 e+1 e+39 e+49 e+50 12-25 12-26"},
      {"ES", "01-01 01-06 e-2 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
      {"FR", "01-01 e+1 05-01 05-08 e+39 e+50 07-14 08-15 11-01 11-11 12-25 e-2:57,67,68 12-26:57,67,68"},
      {"GB", "01-01> e-2 e+1!SCT mon1-05 monL-05 monL-08!SCT mon1-08:SCT 01-02:SCT 11-30:SCT 03-17:NIR 07-12:NIR 12-25> 12-26>"},
      {"IE", "01-01 mon1-02@2023 03-17 e+1 mon1-05 mon1-06 mon1-08 monL-10 12-25 12-26"},
      {"IT", "01-01 01-06 e+0 e+1 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26"},
      {"LU", "01-01 e+1 05-01 05-09@2019 e+39 e+50 06-23 08-15 11-01 12-25 12-26"},
      {"NL", "01-01 e+0 e+1 04-27 e+39 e+49 e+50 12-25 12-26"},
      {"NO", "01-01 e-3 e-2 e+0 e+1 05-01 05-17 e+39 e+49 e+50 12-25 12-26"},
      {"PL", "01-01 01-06 e+0 e+1 05-01 05-03 e+49 e+60 08-15 11-01 11-11 12-24@2025 12-25 12-26"},
      {"PT", "01-01 e-2 e+0 04-25 05-01 e+60 06-10 08-15 10-05 11-01 12-01 12-08 12-25"},
      {"SE", "01-01 01-06 e-2 e+0 e+1 05-01 e+39 e+49 06-06 12-25 12-26"},
      {"US", "01-01~ mon3-01 mon3-02 monL-05 06-19@2021~ 07-04~ mon1-09 mon2-10 11-11~ thu4-11 12-25~"},
  };
  return rules;
}

// Gauss's rule in the form of Meeus, Jones and Butcher.
sys_days easter(int year) {
  const int a = year % 19, b = year / 100, c = year % 100;
  const int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
  return sys_days(std::chrono::year(year) / (f / 31) / (f % 31 + 1));
}

int number(std::string_view digits) { return std::atoi(std::string(digits).c_str()); }

std::chrono::weekday weekday_of(std::string_view name) {
  static constexpr std::array<std::string_view, 7> names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  return std::chrono::weekday(static_cast<unsigned>(std::ranges::find(names, name) - names.begin()));
}

sys_days month_day(int year, std::string_view text) {
  return sys_days(std::chrono::year(year) / number(text.substr(0, 2)) / number(text.substr(3, 2)));
}

sys_days day_of(std::string_view rule, int year) {
  if (rule[0] == 'e') return easter(year) + days(number(rule.substr(1)));
  if (std::isdigit(static_cast<unsigned char>(rule[0])) != 0) return month_day(year, rule);
  const std::chrono::weekday day = weekday_of(rule.substr(0, 3));
  if (rule[3] == '<') {
    const sys_days before = month_day(year, rule.substr(4)) - days(1);
    return before - (std::chrono::weekday(before) - day);
  }
  const std::chrono::month month(static_cast<unsigned>(number(rule.substr(5))));
  if (rule[3] == 'L') return sys_days(std::chrono::year(year) / month / day[last]);
  return sys_days(std::chrono::year(year) / month / day[static_cast<unsigned>(rule[3] - '0')]);
}

struct Rule {
  std::string_view day, divisions;
  int since = 0;
  bool everywhere_but = false, moves_to_nearest = false, moves_on = false;
};

Rule read_rule(std::string_view text) {
  Rule rule;
  const std::size_t end = std::min(text.find_first_of("@:!~>"), text.size());
  rule.day = text.substr(0, end);
  for (std::size_t at = end; at < text.size();) {
    const char mark = text[at++];
    const std::size_t next = std::min(text.find_first_of("@:!~>", at), text.size());
    if (mark == '@') rule.since = number(text.substr(at, next - at));
    if (mark == ':' || mark == '!') rule.divisions = text.substr(at, next - at);
    rule.everywhere_but |= mark == '!';
    rule.moves_to_nearest |= mark == '~';
    rule.moves_on |= mark == '>';
    at = next;
  }
  return rule;
}

bool applies(const Rule& rule, int year, const std::string& division) {
  if (year < rule.since) return false;
  if (rule.divisions.empty()) return true;
  const std::vector<std::string> named = split(rule.divisions, ',');
  return (std::ranges::find(named, division) != named.end()) != rule.everywhere_but;
}

bool is_weekend(sys_days day) { return std::chrono::weekday(day) == Saturday || std::chrono::weekday(day) == Sunday; }

}  // namespace

Result<bool> is_holiday(year_month_day date, std::string_view country, std::string_view division) {
  std::string code(country.empty() ? "US" : country), part(division);
  for (std::string* text : {&code, &part}) std::ranges::transform(*text, text->begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto known = countries().find(code);
  if (known == countries().end()) {
    std::vector<std::string> names;
    for (const auto& [name, rules] : countries()) names.emplace_back(name);
    return fail(ErrorKind::invalid, "country-unknown",
                fmt::format("The public holidays of the country '{}' are not known here; set `country` to one of {}.", code, join(names, ", ")));
  }
  const sys_days day(date);
  // Holidays that fell on a weekend, and the days they are kept on, must not meet: those of the turn of the year are looked at too.
  std::set<sys_days> holidays, moving;
  for (int year = static_cast<int>(date.year()) - 1; year <= static_cast<int>(date.year()) + 1; ++year) {
    for (const std::string& text : split(known->second, ' ')) {
      const Rule rule = read_rule(text);
      if (!applies(rule, year, part)) continue;
      const sys_days own = day_of(rule.day, year);
      holidays.insert(own);
      if (rule.moves_on && is_weekend(own)) moving.insert(own);
      if (rule.moves_to_nearest && std::chrono::weekday(own) == Saturday) holidays.insert(own - days(1));
      if (rule.moves_to_nearest && std::chrono::weekday(own) == Sunday) holidays.insert(own + days(1));
    }
  }
  for (sys_days own : moving) {
    while (is_weekend(own) || holidays.contains(own)) own += days(1);
    holidays.insert(own);
  }
  return holidays.contains(day);
}

}  // namespace insula::triggers
