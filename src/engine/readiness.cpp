#include "engine/readiness.hpp"

namespace calypte::engine {

void Readiness::add(ConnectorStatus& status, std::string_view name, bool initialized, bool live,
                    std::string detail) const {
  const auto known = live_since_.find(name);
  status.conditions.push_back({.name = std::string(name),
                               .initialized = initialized,
                               .live = live,
                               .since = known == live_since_.end() ? Time{} : known->second.second,
                               .detail = live ? std::string() : std::move(detail)});
}

void Readiness::update(const ConnectorStatus& status, bool running, Time now, std::vector<Event>& events) {
  for (const auto& condition : status.conditions) {
    auto [it, added] = live_since_.try_emplace(condition.name, condition.live, now);
    if (!added && it->second.first != condition.live) it->second = {condition.live, now};
  }
  const bool ready = running && status.ready();
  if (ready == ready_) return;
  ready_ = ready;
  events.push_back(ReadyEvent{.timestamp = now, .ready = ready});
}

}  // namespace calypte::engine
