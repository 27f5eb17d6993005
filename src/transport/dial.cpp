#include "transport/dial.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <utility>

#include "transport/loop_impl.hpp"

namespace calypte::transport {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<std::shared_ptr<TlsContext>> make_client_tls(const std::string& ca_file) {
  auto tls = std::make_shared<TlsContext>();
  error_code error;
  if (ca_file.empty()) {
    tls->ssl.set_default_verify_paths(error);
  } else {
    tls->ssl.load_verify_file(ca_file, error);
  }
  if (!error) tls->ssl.set_verify_mode(ssl::verify_peer, error);
  if (error) {
    const std::string what = ca_file.empty() ? "the system's certificates" : "CA file " + ca_file;
    return Status(StatusCode::denied, "cannot read " + what + ": " + error.message());
  }
  if (SSL_CTX_set_min_proto_version(tls->ssl.native_handle(), TLS1_2_VERSION) != 1) {
    return Status(StatusCode::denied, "cannot require TLS 1.2");
  }
  return tls;
}

Dial::Dial(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Done done)
    : tls_(std::move(tls)),
      url_(url),
      done_(std::move(done)),
      resolver_(loop.impl().context),
      timer_(loop.impl().context),
      socket_(url.is_plain ? std::make_unique<Socket>(tcp::socket(loop.impl().context))
                           : std::make_unique<Socket>(tcp::socket(loop.impl().context), tls_->ssl)) {}

std::shared_ptr<Dial> Dial::start(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Time deadline,
                                  Done done) {
  std::shared_ptr<Dial> dial(new Dial(loop, std::move(tls), url, std::move(done)));
  when_unanswered(
      loop, dial->timer_, deadline, [dial] { return dial->done_ != nullptr; },
      [dial] { dial->fail("no answer within the limit"); });
  asio::post(loop.impl().context, [dial] { dial->resolve(); });
  return dial;
}

void Dial::cancel() {
  done_ = nullptr;
  finish({});
}

void Dial::resolve() {
  if (!done_) return;
  error_code error;
  const auto address = asio::ip::make_address(url_.host, error);
  if (!error) return connect({tcp::endpoint(address, url_.port)});
  if (is_loopback(url_)) {
    return connect({tcp::endpoint(asio::ip::address_v4::loopback(), url_.port),
                    tcp::endpoint(asio::ip::address_v6::loopback(), url_.port)});
  }
  resolver_.async_resolve(url_.host, std::to_string(url_.port), tcp::resolver::numeric_service,
                          [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
                            if (!self->done_) return;
                            if (failed) return self->fail(failed.message());
                            self->connect({found.begin(), found.end()});
                          });
}

void Dial::connect(std::vector<tcp::endpoint> endpoints) {
  phase_ = "connect";
  endpoints_ = std::move(endpoints);
  asio::async_connect(socket_->next_layer(), endpoints_,
                      [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                        if (!self->done_) return;
                        if (!error) self->socket_->next_layer().set_option(tcp::no_delay(true), error);
                        if (error) return self->fail(error.message());
                        if (self->url_.is_plain) return self->finish({std::move(self->socket_), {}});
                        self->handshake(*self->socket_->tls());
                      });
}

void Dial::handshake(Socket::Tls& tls) {
  phase_ = "tls";
  SSL* const native = tls.native_handle();
  error_code not_an_address;
  asio::ip::make_address(url_.host, not_an_address);
  // OpenSSL's own check of the name gives the precise reason; Asio's callback repeats it and has the last word.
  auto* const parameters = SSL_get0_param(native);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool named = not_an_address ? SSL_set1_host(native, url_.host.c_str()) == 1 &&
                                          SSL_set_tlsext_host_name(native, url_.host.c_str()) == 1
                                    : X509_VERIFY_PARAM_set1_ip_asc(parameters, url_.host.c_str()) == 1;
  if (!named) return fail("cannot set the host name to verify");
  error_code error;
  tls.set_verify_mode(ssl::verify_peer, error);
  if (!error) tls.set_verify_callback(ssl::host_name_verification(url_.host), error);
  if (error) return fail(error.message());
  tls.async_handshake(ssl::stream_base::client, [self = shared_from_this(), native](error_code failed) {
    if (!self->done_) return;
    const long verified = SSL_get_verify_result(native);
    if (failed) {
      std::string message = failed.message();
      if (verified != X509_V_OK) message.append(" (").append(X509_verify_cert_error_string(verified)).append(")");
      return self->fail(message);
    }
    if (verified != X509_V_OK) return self->fail("the certificate was not verified");
    self->finish({std::move(self->socket_), {}});
  });
}

void Dial::fail(const std::string& error) { finish({nullptr, std::string(phase_) + ": " + error}); }

void Dial::finish(Dialled dialled) {
  timer_.cancel();
  resolver_.cancel();
  if (socket_) {
    error_code ignored;
    socket_->next_layer().close(ignored);
  }
  // What `done` captured may own this attempt, so it is released even if nobody is to be told.
  const auto done = std::exchange(done_, nullptr);
  if (done) done(std::move(dialled));
}

}  // namespace calypte::transport
