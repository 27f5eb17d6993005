// Asks the venue what became of an order, again and again with a growing pause, until there is a positive answer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/clock_sync.hpp"
#include "engine/instruments.hpp"
#include "engine/order_tracker.hpp"
#include "engine/request_desk.hpp"

namespace calypte::engine {

class OrderInquiries {
 public:
  /// Applies the private records of a reply; the user stream tracker's job.
  using Apply = std::function<void(const Reply&)>;

  OrderInquiries(const venue::VenueSpec& spec, RequestDesk& desk, const ClockSync& clock, OrderTracker& orders,
                 const Instruments& instruments, Apply apply)
      : spec_(spec), desk_(desk), clock_(clock), orders_(orders), instruments_(instruments), apply_(std::move(apply)) {}

  /// Asks for the state, or for the fills, of an order, not before `due`. Asking again while an inquiry waits only
  /// moves it forward.
  void ask(OrderQuestion::Kind kind, const ClientOrderId& id, Time due);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;
  void clear() { open_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }

 private:
  struct Key {
    ClientOrderId id;
    OrderQuestion::Kind kind;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Inquiry {
    Time due{};
    std::uint32_t attempt = 0;
    bool asked = false;  // an answer is awaited
  };

  void send(const Key& key, Inquiry& inquiry, Time now);
  void answered(const Key& key, const Reply& reply);

  const venue::VenueSpec& spec_;
  RequestDesk& desk_;
  const ClockSync& clock_;
  OrderTracker& orders_;
  const Instruments& instruments_;
  Apply apply_;
  std::map<Key, Inquiry> open_;
};

}  // namespace calypte::engine
