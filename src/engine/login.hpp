// Logs a connection in, where a private stream wants a frame for it.
#pragma once

#include "calypte/time.hpp"

#include "engine/request_desk.hpp"
#include "engine/session.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

/// On `Session::Signal::login_needed`. A frame that cannot be made counts as a refused log-in.
void send_login(Session& session, venue::Venue& venue, RequestDesk& desk, Time now);

}  // namespace calypte::engine
