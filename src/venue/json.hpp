// Reading JSON: one pass that checks everything, then access in any order, with the digits of the wire.
//
// A `Document` indexes a text once (simdjson's stage 1: UTF-8, strings, structure) and walks the index into a flat list
// of nodes. After `parse` has succeeded nothing can fail any more but a look-up: a missing member, a wrong index or a
// wrong type gives an empty `Value` or optional, so that chains of look-ups are safe and checked once at their end.
//
// Numbers keep their text, because decimals and checksums need the digits that the venue wrote.
// Every view is valid until the next `parse`, the end of the document, or the end of the parsed bytes.
// simdjson stays behind this header: it is not included here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"

#include "venue/records.hpp"
#include "venue/wire.hpp"

namespace calypte::venue::json {

/// Deeper texts are `malformed`: no venue nests deeper than ten.
inline constexpr std::size_t kMaxDepth = 64;
/// Texts with more values and keys are `malformed`.
inline constexpr std::size_t kMaxNodes = 4'000'000;

enum class Kind : std::uint8_t { missing, null, boolean, number, string, array, object };

class Document;
class Elements;
class Members;

/// One value of a document; a small handle, copied freely.
class Value {
 public:
  Value() = default;

  [[nodiscard]] Kind kind() const noexcept;
  /// True for null and for a value that is missing.
  [[nodiscard]] bool is_null() const noexcept { return kind() <= Kind::null; }
  [[nodiscard]] bool exists() const noexcept { return document_ != nullptr; }
  [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
  [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
  [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
  [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }

  /// The member of an object; where a key stands twice the first one counts. Missing if there is none.
  [[nodiscard]] Value find(std::string_view key) const noexcept;
  /// The element of an array; missing if there are fewer. Takes time in proportion to `index`: iterate for all.
  [[nodiscard]] Value operator[](std::size_t index) const noexcept;
  /// Number of elements or members, counted; 0 for anything else.
  [[nodiscard]] std::size_t size() const noexcept;
  /// `for (json::Value v : array.elements())`; empty for anything but an array.
  [[nodiscard]] Elements elements() const noexcept;
  /// `for (auto [key, value] : object.members())`; empty for anything but an object.
  [[nodiscard]] Members members() const noexcept;

  /// A string without its escapes; empty for anything else.
  [[nodiscard]] std::string_view string() const noexcept;
  /// As it stands in the text: the digits of a number, the inside of a string with its escapes, a whole container.
  [[nodiscard]] std::string_view text() const noexcept;
  /// The inside of a string, the digits of a number, empty for anything else: ids, which come as either.
  [[nodiscard]] std::string_view scalar() const noexcept;
  /// From a number or a string that is an integer and fits; venues write ids and times both ways.
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> unsigned_integer() const noexcept;
  /// From a number or a numeric string.
  [[nodiscard]] std::optional<Decimal> decimal() const;
  /// From a number or a numeric string; false if it is none, or negative, or does not fit.
  [[nodiscard]] bool wire_number(WireNumber& out) const noexcept { return parse_wire_number(scalar(), out); }
  [[nodiscard]] std::optional<bool> boolean() const noexcept;

 private:
  friend class Document;
  friend class Elements;
  friend class Members;
  Value(const Document* document, std::uint32_t node) noexcept : document_(document), node_(node) {}
  const Document* document_ = nullptr;
  std::uint32_t node_ = 0;
};

class Document {
 public:
  Document();
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Reads a whole text. `malformed` with the place for anything that RFC 8259 does not allow, a lone surrogate, or a
  /// text beyond the bounds above. The memory of earlier texts is used again.
  Result<Value> parse(Bytes text);

 private:
  friend class Value;
  friend class Elements;
  friend class Members;
  /// Scalars and keys are one node. A container is followed by its children; an object's are key, value, key, value.
  struct Node {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    std::uint32_t next = 0;  ///< the node behind this one and its children; for an escaped string: place in `arena_`
    Kind kind = Kind::null;
    bool escaped = false;
  };
  class Walk;
  struct Index;

  [[nodiscard]] std::uint32_t behind(std::uint32_t node) const noexcept {
    const Kind kind = nodes_[node].kind;
    return kind >= Kind::array ? nodes_[node].next : node + 1;
  }
  [[nodiscard]] std::string_view raw(std::uint32_t node) const noexcept {
    return {text_ + nodes_[node].begin, nodes_[node].size};
  }
  [[nodiscard]] std::string_view plain(std::uint32_t node) const noexcept;

  std::unique_ptr<Index> index_;
  const char* text_ = nullptr;
  std::vector<Node> nodes_;
  std::string arena_;  ///< un-escaped strings, each behind its size
};

class Elements {
 public:
  class Iterator {
   public:
    Iterator(const Document* document, std::uint32_t node) noexcept : document_(document), node_(node) {}
    [[nodiscard]] Value operator*() const noexcept { return {document_, node_}; }
    Iterator& operator++() noexcept {
      node_ = document_->behind(node_);
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.node_ == b.node_; }

   private:
    const Document* document_;
    std::uint32_t node_;
  };
  [[nodiscard]] Iterator begin() const noexcept { return {document_, first_}; }
  [[nodiscard]] Iterator end() const noexcept { return {document_, end_}; }

 private:
  friend class Value;
  Elements(const Document* document, std::uint32_t first, std::uint32_t end) noexcept
      : document_(document), first_(first), end_(end) {}
  const Document* document_;
  std::uint32_t first_;
  std::uint32_t end_;
};

struct Member {
  std::string_view key;
  Value value;
};

class Members {
 public:
  class Iterator {
   public:
    Iterator(const Document* document, std::uint32_t node) noexcept : document_(document), node_(node) {}
    [[nodiscard]] Member operator*() const noexcept { return {document_->plain(node_), Value(document_, node_ + 1)}; }
    Iterator& operator++() noexcept {
      node_ = document_->behind(node_ + 1);
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.node_ == b.node_; }

   private:
    const Document* document_;
    std::uint32_t node_;
  };
  [[nodiscard]] Iterator begin() const noexcept { return {document_, first_}; }
  [[nodiscard]] Iterator end() const noexcept { return {document_, end_}; }

 private:
  friend class Value;
  Members(const Document* document, std::uint32_t first, std::uint32_t end) noexcept
      : document_(document), first_(first), end_(end) {}
  const Document* document_;
  std::uint32_t first_;
  std::uint32_t end_;
};

}  // namespace calypte::venue::json
