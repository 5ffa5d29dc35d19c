// Names of months and days (facts of the Unicode CLDR) in the languages that flows most often ask for; others read English.
#include "expression/date.h"

namespace insula::expression {

namespace {
struct Names {
  std::string_view language;
  std::string_view months_short, months_full, days_short, days_full;  // separated by blanks; weeks begin on Monday
};

constexpr Names all_names[] = {
    {"en",
     "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
     "January February March April May June July August September October November December",
     "Mon Tue Wed Thu Fri Sat Sun", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"},
    {"fr",
     "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
     "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
     "lun. mar. mer. jeu. ven. sam. dim.", "lundi mardi mercredi jeudi vendredi samedi dimanche"},
    {"de",
     "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
     "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
     "Mo. Di. Mi. Do. Fr. Sa. So.", "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"},
    {"es",
     "ene feb mar abr may jun jul ago sept oct nov dic",
     "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
     "lun mar mié jue vie sáb dom", "lunes martes miércoles jueves viernes sábado domingo"},
    {"it",
     "gen feb mar apr mag giu lug ago set ott nov dic",
     "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
     "lun mar mer gio ven sab dom", "lunedì martedì mercoledì giovedì venerdì sabato domenica"},
    {"pt",
     "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
     "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
     "seg. ter. qua. qui. sex. sáb. dom.", "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"},
    {"nl",
     "jan feb mrt apr mei jun jul aug sep okt nov dec",
     "januari februari maart april mei juni juli augustus september oktober november december",
     "ma di wo do vr za zo", "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"},
    {"pl",
     "sty lut mar kwi maj cze lip sie wrz paź lis gru",
     "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
     "pon. wt. śr. czw. pt. sob. niedz.", "poniedziałek wtorek środa czwartek piątek sobota niedziela"},
    {"sv",
     "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.",
     "januari februari mars april maj juni juli augusti september oktober november december",
     "mån tis ons tors fre lör sön", "måndag tisdag onsdag torsdag fredag lördag söndag"},
    {"ja",
     "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
     "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
     "月 火 水 木 金 土 日", "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"},
    {"zh",
     "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
     "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
     "周一 周二 周三 周四 周五 周六 周日", "星期一 星期二 星期三 星期四 星期五 星期六 星期日"},
};

const Names& names_of(std::string_view locale) {
  const std::string_view language = locale.substr(0, locale.find_first_of("_-"));
  for (const Names& names : all_names) if (names.language == language) return names;
  return all_names[0];
}

std::string_view nth(std::string_view words, int index) {
  for (; index > 0; --index) words.remove_prefix(words.find(' ') + 1);
  return words.substr(0, words.find(' '));
}

// The first letter of the full name, in English form.
std::string_view first_letter(std::string_view word) { return word.substr(0, static_cast<unsigned char>(word[0]) < 0x80 ? 1 : (static_cast<unsigned char>(word[0]) >> 4) == 14 ? 3 : 2); }
}  // namespace

std::string_view month_name(int month, TextStyle style, std::string_view locale) {
  const Names& names = names_of(locale);
  const std::string_view full = nth(names.months_full, month - 1);
  if (style == TextStyle::narrow) return first_letter(names.language == "en" ? full : nth(names.months_short, month - 1));
  return style == TextStyle::full ? full : nth(names.months_short, month - 1);
}

std::string_view day_name(int iso_day, TextStyle style, std::string_view locale) {
  const Names& names = names_of(locale);
  const std::string_view full = nth(names.days_full, iso_day - 1);
  if (style == TextStyle::narrow) return first_letter(full);
  return style == TextStyle::full ? full : nth(names.days_short, iso_day - 1);
}

}  // namespace insula::expression
