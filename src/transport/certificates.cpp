#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstdio>
#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "transport/server.hpp"

namespace calypte::transport {

namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

constexpr long kVersion3 = 2;

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// What every certificate here has; unsigned. Empty on failure.
Certificate blank_certificate(EVP_PKEY* key, const std::string& name, const TestCertificates::Options& options) {
  Certificate certificate(X509_new());
  if (!certificate) return nullptr;
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return nullptr;
  const auto seconds = [](Duration d) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(d).count());
  };
  const long from = seconds(options.valid_from_offset);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const bool made =
      X509_set_version(certificate.get(), kVersion3) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), from + seconds(options.valid_for)) != nullptr &&
      X509_set_pubkey(certificate.get(), key) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                                 -1, 0) == 1;
  return made ? std::move(certificate) : nullptr;
}

std::string alternative_names(const std::string& host) {
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return "IP:" + host;
  return host == "localhost" ? "DNS:localhost,IP:127.0.0.1,IP:::1" : "DNS:" + host;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_X509(bio.get(), certificate) == 1 ? text_of(bio.get()) : std::string();
}

std::string pem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  const bool written = bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return written ? text_of(bio.get()) : std::string();
}

/// Writes beside the file and renames, so that a reader never sees half of it.
bool write_public_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::FILE* const file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return false;
  const bool wrote = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool opened_up = ::fchmod(::fileno(file), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) == 0;
  const bool closed = std::fclose(file) == 0;
  return wrote && opened_up && closed && std::rename(beside.c_str(), path.c_str()) == 0;
}

}  // namespace

Result<TestCertificates> TestCertificates::create(const std::string& ca_file, Options options) {
  const Status failed(StatusCode::denied, "cannot make test certificates");
  const Key ca_key(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  if (!ca_key || !key) return failed;

  // The authority itself is valid now, whatever its certificate for the server is made to be, and as long as that.
  Options ca_options;
  ca_options.valid_for = std::max(ca_options.valid_for, options.valid_for);
  const Certificate ca = blank_certificate(ca_key.get(), "Calypte test authority", ca_options);
  if (!ca) return failed;
  const bool ca_done = X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1 &&
                       add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                       add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                       add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash") &&
                       X509_sign(ca.get(), ca_key.get(), EVP_sha256()) != 0;
  const Certificate leaf = blank_certificate(key.get(), options.host_name, options);
  if (!ca_done || !leaf) return failed;
  const bool leaf_done =
      X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get())) == 1 &&
      add_extension(leaf.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(leaf.get(), ca.get(), NID_key_usage, "critical,digitalSignature") &&
      add_extension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth") &&
      add_extension(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid") &&
      add_extension(leaf.get(), ca.get(), NID_subject_alt_name, alternative_names(options.host_name)) &&
      X509_sign(leaf.get(), ca_key.get(), EVP_sha256()) != 0;
  if (!leaf_done) return failed;

  TestCertificates made;
  made.ca_file = ca_file;
  made.certificate_pem = pem(leaf.get());
  made.private_key_pem = pem(key.get());
  const std::string ca_pem = pem(ca.get());
  if (made.certificate_pem.empty() || made.private_key_pem.empty() || ca_pem.empty()) return failed;
  if (!write_public_file(ca_file, ca_pem)) {
    return Status(StatusCode::denied, "cannot write the test authority's certificate to " + ca_file);
  }
  return made;
}

}  // namespace calypte::transport
