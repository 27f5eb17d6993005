// Writing JSON by appending to a string. Commas are set by looking at the character before, so the writer has no state
// but the place where it began; it does not check that brackets match. Texts must be UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace calypte::venue::json {

/// Appends a text with the escapes that JSON demands, without quotes around it.
inline void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4U];
          out += kHex[static_cast<unsigned char>(c) & 15U];
        } else {
          out += c;
        }
    }
  }
}

class Writer {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit Writer(std::string& out) noexcept : out_(out), begin_(out.size()) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name) {
    string(name);
    out_ += ':';
    return *this;
  }
  Writer& string(std::string_view text) {
    separate();
    out_ += '"';
    append_escaped(out_, text);
    out_ += '"';
    return *this;
  }
  /// A text that is JSON already: a number, a literal, a container.
  Writer& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  Writer& integer(std::int64_t value) { return raw(std::to_string(value)); }
  Writer& integer(std::uint64_t value) { return raw(std::to_string(value)); }
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  /// A member whose value is a string.
  Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }

 private:
  void separate() {
    if (out_.size() == begin_) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
  }
  Writer& open(char bracket) {
    separate();
    out_ += bracket;
    return *this;
  }
  Writer& close(char bracket) {
    out_ += bracket;
    return *this;
  }

  std::string& out_;
  std::size_t begin_;
};

}  // namespace calypte::venue::json
