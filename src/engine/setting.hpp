// One setting of the account and the question after it: the small states behind engine/account_settings.hpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "calypte/derivative.hpp"
#include "calypte/time.hpp"

namespace calypte::engine {

template <typename T>
class Setting {
 public:
  using State = typename AccountSetting<T>::State;

  [[nodiscard]] AccountSetting<T> read() const { return {state_, value_}; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const std::optional<T>& value() const noexcept { return value_; }
  [[nodiscard]] bool is(const T& wanted) const { return state_ == State::confirmed && value_ == wanted; }
  [[nodiscard]] const std::optional<T>& wanted() const noexcept { return wanted_; }

  /// A change has an unknown outcome, and the venue has not yet said what it is.
  [[nodiscard]] bool is_lost() const noexcept { return lost_.has_value(); }

  /// A change is sent.
  void begin(const T& wanted) {
    before_ = state_;
    state_ = State::changing;
    wanted_ = wanted;
  }
  /// It was refused for certain.
  void refused() {
    state_ = before_;
    wanted_.reset();
  }
  /// Nobody knows what became of the change. Until `settled` it may still take effect: that it did not is believed
  /// only if the venue was asked later than that.
  void lost(Time settled) {
    state_ = State::unknown;
    lost_ = std::move(wanted_);
    wanted_.reset();
    settled_ = settled;
  }
  /// The venue says what it is: in an answer to a question that was `asked` then, or by a push (`asked` is then the
  /// time of receipt). True if that is news for the strategy: a change, or the end of not knowing what became of one.
  bool told(const T& value, Time asked, Time now) {
    if (asked < newest_) return false;
    if (lost_ && *lost_ != value && asked < settled_) return false;
    newest_ = now;
    const bool news = lost_.has_value() || (value_ && *value_ != value) || wanted_ == value;
    value_ = value;
    lost_.reset();
    // What somebody else set does not answer our own change.
    if (state_ == State::changing && wanted_ != value) {
      before_ = State::confirmed;
    } else {
      state_ = State::confirmed;
      wanted_.reset();
    }
    return news;
  }
  /// The venue carried out the change, to this value.
  void succeeded(const T& value, Time now) {
    value_ = value;
    state_ = State::confirmed;
    wanted_.reset();
    lost_.reset();
    newest_ = now;
  }

 private:
  State state_ = State::unknown;
  State before_ = State::unknown;  // the state to go back to if a change is refused
  std::optional<T> value_;
  std::optional<T> wanted_;  // while it is changing
  std::optional<T> lost_;    // a change of which nobody knows what became
  Time settled_{};
  Time newest_{};  // when the newest news came; an answer to an older question says nothing
};

/// A question that is repeated with a growing pause until it has an answer.
class Inquiry {
 public:
  void ask(Time now) {
    if (given_up_) return;
    due_ = std::min(due_, now);
    again_ = again_ || under_way_;
  }
  /// Nothing is asked, and nothing will be until `ask`; false as well if the venue has no such question.
  [[nodiscard]] bool is_idle() const noexcept { return !under_way_ && !given_up_ && due_ == kNever; }
  [[nodiscard]] bool is_due(Time now) const noexcept { return !under_way_ && now >= due_; }
  [[nodiscard]] Time next_wakeup() const noexcept { return under_way_ ? kNever : due_; }
  void sent() noexcept {
    under_way_ = true;
    again_ = false;
    due_ = kNever;
  }
  /// `known`: nothing is left to be asked, unless it was asked for meanwhile.
  void answered(bool known, Time now) {
    under_way_ = false;
    if (known) {
      failures_ = 0;
      due_ = again_ ? now : kNever;
    } else {
      const Duration pause = kFirst * (1LL << std::min<std::uint32_t>(failures_++, 5));
      due_ = now + std::min(pause, kLongest);
    }
    again_ = false;
  }
  /// The venue has no such question.
  void give_up() noexcept {
    under_way_ = false;
    given_up_ = true;
    due_ = kNever;
  }

 private:
  static constexpr Duration kFirst = std::chrono::seconds{1};
  static constexpr Duration kLongest = std::chrono::seconds{30};
  Time due_ = kNever;
  bool under_way_ = false;
  bool again_ = false;
  bool given_up_ = false;
  std::uint32_t failures_ = 0;
};

}  // namespace calypte::engine
