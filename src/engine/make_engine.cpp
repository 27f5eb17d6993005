#include "engine/make_engine.hpp"

#include <utility>

#include "engine/derivative_engine.hpp"

namespace calypte::engine {

Result<std::unique_ptr<ExchangeEngine>> make_engine(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                                    ExchangeEngineOptions options, LogSink& log, Time now) {
  if (venue->spec().kind != ConnectorKind::derivative) {
    return ExchangeEngine::create(std::move(venue), std::move(credentials), std::move(options), log, now);
  }
  auto made = DerivativeEngine::create(std::move(venue), std::move(credentials), std::move(options), log, now);
  if (!made.ok()) return made.status();
  return std::unique_ptr<ExchangeEngine>(std::move(*made));
}

}  // namespace calypte::engine
