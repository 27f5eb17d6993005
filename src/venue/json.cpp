#include "venue/json.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <simdjson.h>

namespace calypte::venue::json {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

/// RFC 8259: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(std::string_view t) noexcept {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < t.size() && is_digit(t[i])) ++i;
    return i - begin;
  };
  if (i < t.size() && t[i] == '-') ++i;
  const bool zero = i < t.size() && t[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < t.size() && t[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == t.size();
}

/// Four hexadecimal digits; 0x10000 if they are none.
std::uint32_t hex4(std::string_view t) noexcept {
  if (t.size() < 4) return 0x10000;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(t.data(), t.data() + 4, value, 16);
  return error == std::errc{} && end == t.data() + 4 ? value : 0x10000;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
    byte(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  }
}

/// Appends `raw` without its escapes. False if one of them is none, or a lone surrogate.
bool unescape(std::string_view raw, std::string& out) {
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\') {
      out.push_back(raw[i++]);
      continue;
    }
    if (i + 1 >= raw.size()) return false;
    const char c = raw[i + 1];
    i += 2;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out.push_back(c);
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u': {
        std::uint32_t code = hex4(raw.substr(i));
        if (code > 0xFFFF || (code >= 0xDC00 && code <= 0xDFFF)) return false;
        i += 4;
        if (code >= 0xD800 && code <= 0xDBFF) {
          if (raw.substr(i, 2) != "\\u") return false;
          const std::uint32_t low = hex4(raw.substr(i + 2));
          if (low < 0xDC00 || low > 0xDFFF) return false;
          i += 6;
          code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        append_utf8(out, code);
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

template <typename T>
std::optional<T> whole_number(std::string_view text) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

/// simdjson's first stage: the places of all brackets, commas, colons, and of the first byte of every scalar. It picks
/// the fastest kernel of the machine at run time, which On-Demand, compiled into us, cannot; and it needs no
/// exceptions.
struct Document::Index {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1;
};

/// One pass over the index. Every function returns false at the first error, with `place` at it.
class Document::Walk {
 public:
  Walk(Document& document, std::string_view text) noexcept
      : document_(document),
        text_(text),
        indexes_(document.index_->stage1->structural_indexes.get()),
        count_(document.index_->stage1->n_structural_indexes) {}

  bool run() {
    if (!value()) return false;
    while (depth_ > 0) {
      if (!step()) return false;
    }
    return at_ == count_;  // trailing garbage otherwise
  }
  [[nodiscard]] std::size_t place() const noexcept { return at_ < count_ ? indexes_[at_] : text_.size(); }

 private:
  [[nodiscard]] char peek() const noexcept { return at_ < count_ ? text_[indexes_[at_]] : '\0'; }

  /// Continues inside the innermost open container: behind its opening bracket or behind one of its values.
  bool step() {
    const std::uint32_t container = open_[depth_ - 1];
    const bool object = document_.nodes_[container].kind == Kind::object;
    const bool empty = document_.nodes_.size() == container + 1U;
    if (peek() == (object ? '}' : ']')) {
      Node& node = document_.nodes_[container];
      node.size = indexes_[at_] + 1 - node.begin;
      node.next = static_cast<std::uint32_t>(document_.nodes_.size());
      ++at_;
      --depth_;
      return true;
    }
    if (!empty) {
      if (peek() != ',') return false;
      ++at_;
    }
    if (object) {
      if (peek() != '"' || !string()) return false;
      if (peek() != ':') return false;
      ++at_;
    }
    return value();
  }

  bool value() {
    switch (peek()) {
      case '{':
        return open(Kind::object);
      case '[':
        return open(Kind::array);
      case '"':
        return string();
      case 't':
        return literal("true", Kind::boolean);
      case 'f':
        return literal("false", Kind::boolean);
      case 'n':
        return literal("null", Kind::null);
      default:
        return number();
    }
  }

  bool open(Kind kind) {
    if (depth_ == kMaxDepth) return false;
    open_[depth_++] = static_cast<std::uint32_t>(document_.nodes_.size());
    return add(kind, indexes_[at_++], 0);
  }

  /// The text from here to the next index, without the white space before that.
  [[nodiscard]] std::string_view token() const noexcept {
    const std::size_t begin = indexes_[at_];
    std::size_t end = at_ + 1 < count_ ? indexes_[at_ + 1] : text_.size();
    while (end > begin && is_space(text_[end - 1])) --end;
    return text_.substr(begin, end - begin);
  }

  bool string() {
    const std::string_view quoted = token();
    if (quoted.size() < 2 || quoted.back() != '"') return false;
    const std::string_view raw = quoted.substr(1, quoted.size() - 2);
    if (!add(Kind::string, indexes_[at_] + 1, raw.size())) return false;
    if (std::memchr(raw.data(), '\\', raw.size()) != nullptr) {
      Node& node = document_.nodes_.back();
      std::string& arena = document_.arena_;
      const std::size_t place = arena.size();
      node.escaped = true;
      node.next = static_cast<std::uint32_t>(place);
      arena.append(sizeof(std::uint32_t), '\0');
      if (!unescape(raw, arena)) return false;
      const auto size = static_cast<std::uint32_t>(arena.size() - place - sizeof(std::uint32_t));
      std::memcpy(arena.data() + place, &size, sizeof size);
    }
    ++at_;
    return true;
  }

  bool literal(std::string_view word, Kind kind) { return token() == word && add(kind, indexes_[at_++], word.size()); }

  bool number() {
    if (at_ >= count_) return false;
    const std::string_view digits = token();
    return is_number(digits) && add(Kind::number, indexes_[at_++], digits.size());
  }

  bool add(Kind kind, std::size_t begin, std::size_t size) {
    if (document_.nodes_.size() == kMaxNodes) return false;
    Node node;
    node.begin = static_cast<std::uint32_t>(begin);
    node.size = static_cast<std::uint32_t>(size);
    node.kind = kind;
    document_.nodes_.push_back(node);
    return true;
  }

  Document& document_;
  std::string_view text_;
  const std::uint32_t* indexes_;
  std::uint32_t count_;
  std::uint32_t at_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint32_t, kMaxDepth> open_{};
};

Document::Document() : index_(std::make_unique<Index>()) {}
Document::~Document() = default;

Result<Value> Document::parse(Bytes text) {
  constexpr std::size_t kSmallest = 4096;
  nodes_.clear();
  arena_.clear();
  text_ = text.data();
  auto& stage1 = index_->stage1;
  // Half of what 32 bits can count, so that the un-escaped strings with their sizes fit too.
  if (text.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
    return Status(StatusCode::malformed, "JSON text is too long");
  }
  if (!stage1 || stage1->capacity() < text.size()) {
    const std::size_t capacity = std::max(kSmallest, text.size() + text.size() / 2);
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage1);
    if (error != simdjson::SUCCESS) return Status(StatusCode::malformed, "no memory for a JSON text of this size");
  }
  const auto error =
      stage1->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) {
    return Status(StatusCode::malformed, std::string("JSON: ") + simdjson::error_message(error));
  }
  Walk walk(*this, text.view());
  if (!walk.run()) {
    nodes_.clear();
    return Status(StatusCode::malformed, "JSON: unexpected text at byte " + std::to_string(walk.place()));
  }
  return Value(this, 0);
}

std::string_view Document::plain(std::uint32_t node) const noexcept {
  if (!nodes_[node].escaped) return raw(node);
  const char* place = arena_.data() + nodes_[node].next;
  std::uint32_t size = 0;
  std::memcpy(&size, place, sizeof size);
  return {place + sizeof size, size};
}

Kind Value::kind() const noexcept { return document_ == nullptr ? Kind::missing : document_->nodes_[node_].kind; }

Value Value::find(std::string_view key) const noexcept {
  if (kind() != Kind::object) return {};
  const std::uint32_t end = document_->behind(node_);
  for (std::uint32_t at = node_ + 1; at != end; at = document_->behind(at + 1)) {
    if (document_->plain(at) == key) return {document_, at + 1};
  }
  return {};
}

Value Value::operator[](std::size_t index) const noexcept {
  for (const Value value : elements()) {
    if (index-- == 0) return value;
  }
  return {};
}

std::size_t Value::size() const noexcept {
  std::size_t count = 0;
  for ([[maybe_unused]] const Value value : elements()) ++count;
  for ([[maybe_unused]] const Member member : members()) ++count;
  return count;
}

Elements Value::elements() const noexcept {
  if (kind() != Kind::array) return {nullptr, 0, 0};
  return {document_, node_ + 1, document_->behind(node_)};
}

Members Value::members() const noexcept {
  if (kind() != Kind::object) return {nullptr, 0, 0};
  return {document_, node_ + 1, document_->behind(node_)};
}

std::string_view Value::string() const noexcept { return is_string() ? document_->plain(node_) : std::string_view{}; }

std::string_view Value::text() const noexcept { return exists() ? document_->raw(node_) : std::string_view{}; }

std::string_view Value::scalar() const noexcept {
  if (is_string()) return document_->plain(node_);
  return is_number() ? document_->raw(node_) : std::string_view{};
}

std::optional<std::int64_t> Value::integer() const noexcept { return whole_number<std::int64_t>(scalar()); }

std::optional<std::uint64_t> Value::unsigned_integer() const noexcept { return whole_number<std::uint64_t>(scalar()); }

std::optional<Decimal> Value::decimal() const {
  const std::string_view digits = scalar();
  if (digits.empty()) return std::nullopt;
  auto parsed = Decimal::parse(digits);
  if (!parsed) return std::nullopt;
  return *parsed;
}

std::optional<bool> Value::boolean() const noexcept {
  if (kind() != Kind::boolean) return std::nullopt;
  return document_->nodes_[node_].size == 4;
}

}  // namespace calypte::venue::json
