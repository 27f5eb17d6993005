#include "engine/login.hpp"

#include <string>
#include <utility>

namespace calypte::engine {

void send_login(Session& session, venue::Venue& venue, RequestDesk& desk, Time now) {
  auto* auth = venue.auth();
  const std::uint64_t id = desk.next_nonce();
  auto frame = auth == nullptr ? Result<std::string>(Status(StatusCode::unsupported, "no signer"))
                               : auth->login_frame(id, desk.stamp(now));
  if (frame.ok()) {
    session.send(std::move(*frame), now);
  } else {
    session.on_login(frame.status(), now);
  }
}

}  // namespace calypte::engine
