// Header fields in the order they came, names compared without case (RFC 9110 §5.1).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace insula::http {

bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

// All fields live in one string: a request costs two allocations, not two per field. Views are valid until the next change.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  // Keeps what is there (Set-Cookie). Line breaks and NUL in a name or value are dropped: no field can smuggle in another.
  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces every field of that name
  void remove(std::string_view name);

  std::optional<std::string_view> find(std::string_view name) const;  // the first
  std::string_view get(std::string_view name) const;                  // the first, or ""
  std::size_t count(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  // Does a comma-separated list of tokens (`Connection: keep-alive, Upgrade`), over all fields of that name, hold this one?
  bool has_token(std::string_view name, std::string_view token) const;

  std::size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  Field operator[](std::size_t index) const;
  void clear();

 private:
  struct Slot {
    std::uint32_t start, name_length, value_length;
  };
  std::string bytes_;  // name, value, name, value …
  std::vector<Slot> slots_;
};

// `text/plain; charset="utf-8"` → its value in lower case without parameters: `text/plain`.
std::string media_type(std::string_view header_value);
// One parameter of `value; name=token; name="quoted \"text\""`; nullopt when it is absent.
std::optional<std::string> header_parameter(std::string_view header_value, std::string_view name);

}  // namespace insula::http
