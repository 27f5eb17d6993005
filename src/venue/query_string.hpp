// Builds "name=value&name=value" with percent-encoding (RFC 3986: only unreserved characters stay).
#pragma once

#include <string>
#include <string_view>

namespace calypte::venue {

void append_percent_encoded(std::string& out, std::string_view text);

class QueryString {
 public:
  QueryString& add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    append_percent_encoded(text_, name);
    text_ += '=';
    append_percent_encoded(text_, value);
    return *this;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// The path alone if there are no parameters.
  [[nodiscard]] std::string behind(std::string_view path) const {
    std::string target(path);
    if (!text_.empty()) target.append("?").append(text_);
    return target;
  }

 private:
  std::string text_;
};

}  // namespace calypte::venue
