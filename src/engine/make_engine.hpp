// The right engine for a venue.
#pragma once

#include <memory>

#include "engine/exchange_engine.hpp"

namespace calypte::engine {

/// A `DerivativeEngine` for a venue of derivatives, an `ExchangeEngine` for any other; fails as their `create` does.
Result<std::unique_ptr<ExchangeEngine>> make_engine(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                                    ExchangeEngineOptions options, LogSink& log, Time now);

}  // namespace calypte::engine
