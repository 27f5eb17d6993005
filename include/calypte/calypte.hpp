// Everything that a strategy needs.
#pragma once

#include "calypte/budget_checker.hpp"   // IWYU pragma: export
#include "calypte/connector.hpp"        // IWYU pragma: export
#include "calypte/credentials.hpp"      // IWYU pragma: export
#include "calypte/decimal.hpp"          // IWYU pragma: export
#include "calypte/derivative.hpp"       // IWYU pragma: export
#include "calypte/events.hpp"           // IWYU pragma: export
#include "calypte/fees.hpp"             // IWYU pragma: export
#include "calypte/in_flight_order.hpp"  // IWYU pragma: export
#include "calypte/key_store.hpp"        // IWYU pragma: export
#include "calypte/limit_order.hpp"      // IWYU pragma: export
#include "calypte/log.hpp"              // IWYU pragma: export
#include "calypte/order_book.hpp"       // IWYU pragma: export
#include "calypte/protocol.hpp"         // IWYU pragma: export
#include "calypte/result.hpp"           // IWYU pragma: export
#include "calypte/runtime.hpp"          // IWYU pragma: export
#include "calypte/strategy.hpp"         // IWYU pragma: export
#include "calypte/time.hpp"             // IWYU pragma: export
#include "calypte/trading_rule.hpp"     // IWYU pragma: export
#include "calypte/types.hpp"            // IWYU pragma: export
