#include "cert.h"

#include "buf.h"
#include "h2.h"
#include "tls_forge.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAY_S = 24 * 60 * 60, ADDRESSES_PER_NET = 250 };

/* Everything that tells one certificate from another. */
struct recipe {
    const char *name;  /* common name */
    const char *names; /* subjectAltName in OpenSSL's notation, or NULL */
    long begin_s;      /* from now */
    long end_s;        /* from now */
    bool is_ca;
};

void ts_cert_address(unsigned index, char *text, size_t size)
{
    (void)snprintf(text, size, "127.0.%u.%u", 1 + index / ADDRESSES_PER_NET,
                   1 + index % ADDRESSES_PER_NET);
}

static void add_good_names(struct ts_buf *names)
{
    ts_buf_add_text(names, "IP:127.0.0.1,IP:::1,DNS:localhost,DNS:www.test,DNS:www.example");
    ts_buf_add_text(names, ",DNS:*.haul.test,DNS:*.haul.example");
    for (char letter = 'a'; letter <= 'z'; letter++)
        ts_buf_add_format(names, ",DNS:%c.test,DNS:%c.example", letter, letter);
}

static void add_addresses(struct ts_buf *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char address[32];
        ts_cert_address(i, address, sizeof(address));
        ts_buf_add_format(names, ",IP:%s", address);
    }
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL)
        return false;
    int added = X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return added == 1;
}

static bool set_serial(X509 *cert)
{
    unsigned char random[8];
    if (RAND_bytes(random, sizeof(random)) != 1)
        return false;
    uint64_t serial = 0;
    memcpy(&serial, random, sizeof(serial));
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1;
}

static bool set_name(X509 *cert, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                      (const unsigned char *)name, -1, -1, 0) == 1;
}

static bool set_extensions(X509 *cert, X509 *issuer, const struct recipe *recipe)
{
    if (!add_extension(cert, issuer, NID_basic_constraints,
                       recipe->is_ca ? "critical,CA:TRUE" : "CA:FALSE"))
        return false;
    if (!add_extension(cert, issuer, NID_subject_key_identifier, "hash"))
        return false;
    if (recipe->is_ca &&
        !add_extension(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign"))
        return false;
    return recipe->names == NULL ||
           add_extension(cert, issuer, NID_subject_alt_name, recipe->names);
}

static bool fill(X509 *cert, X509 *issuer, EVP_PKEY *key, const struct recipe *recipe)
{
    bool ok = X509_set_version(cert, 2) == 1 && set_serial(cert) && set_name(cert, recipe->name) &&
              X509_gmtime_adj(X509_getm_notBefore(cert), recipe->begin_s) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(cert), recipe->end_s) != NULL &&
              X509_set_pubkey(cert, key) == 1;
    if (!ok)
        return false;
    if (X509_set_issuer_name(cert, X509_get_subject_name(issuer)) != 1)
        return false;
    return set_extensions(cert, issuer, recipe);
}

/* 'issuer' NULL: the certificate signs itself. */
static X509 *make(const struct recipe *recipe, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *cert = X509_new();
    if (cert == NULL)
        return NULL;
    if (fill(cert, issuer != NULL ? issuer : cert, key, recipe) &&
        X509_sign(cert, issuer_key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

static SSL_CTX *make_context(X509 *cert, EVP_PKEY *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return NULL;
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate(context, cert) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static bool make_server(struct ts_certs *certs, enum ts_cert_kind kind, const struct recipe *recipe)
{
    bool by_itself = kind == TS_CERT_SELF_SIGNED;
    X509 *cert = make(recipe, certs->server_key, by_itself ? NULL : certs->ca,
                      by_itself ? certs->server_key : certs->ca_key);
    if (cert == NULL)
        return false;
    certs->contexts[kind] = make_context(cert, certs->server_key);
    if (kind == TS_CERT_GOOD)
        certs->server = cert;
    else
        X509_free(cert);
    return certs->contexts[kind] != NULL;
}

static bool make_servers(struct ts_certs *certs, const char *good, const char *many)
{
    const struct recipe recipes[TS_CERT_COUNT] = {
        [TS_CERT_GOOD] = {"localhost", good, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_H2] = {"localhost", good, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_FORGED] = {"localhost", good, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_TLS12] = {"localhost", good, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_MANY] = {"localhost", many, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_SELF_SIGNED] = {"localhost", good, -DAY_S, 30 * DAY_S, false},
        [TS_CERT_WRONG_NAME] = {"wrong.invalid", "DNS:wrong.invalid", -DAY_S, 30 * DAY_S, false},
        [TS_CERT_EXPIRED] = {"localhost", good, -2 * DAY_S, -DAY_S, false},
        [TS_CERT_NOT_YET] = {"localhost", good, DAY_S, 2 * DAY_S, false},
    };
    for (unsigned kind = 0; kind < TS_CERT_COUNT; kind++) {
        if (!make_server(certs, (enum ts_cert_kind)kind, &recipes[kind]))
            return false;
    }
    ts_h2_offer(certs->contexts[TS_CERT_H2]);
    ts_forge_watch(certs->contexts[TS_CERT_FORGED]);
    (void)SSL_CTX_set_max_proto_version(certs->contexts[TS_CERT_TLS12], TLS1_2_VERSION);
    return true;
}

static bool make_authority(struct ts_certs *certs)
{
    const struct recipe recipe = {"haul test authority", NULL, -3 * DAY_S, 30 * DAY_S, true};
    certs->ca_key = EVP_EC_gen("P-256");
    certs->server_key = EVP_EC_gen("P-256");
    if (certs->ca_key == NULL || certs->server_key == NULL)
        return false;
    certs->ca = make(&recipe, certs->ca_key, NULL, certs->ca_key);
    return certs->ca != NULL;
}

bool ts_certs_init(struct ts_certs *certs, unsigned addresses)
{
    *certs = (struct ts_certs){0};
    struct ts_buf good = {0};
    struct ts_buf many = {0};
    add_good_names(&good);
    ts_buf_add(&many, good.data, good.size);
    add_addresses(&many, addresses);
    ts_buf_add(&good, "", 1);
    ts_buf_add(&many, "", 1);
    bool ok = make_authority(certs) && make_servers(certs, good.data, many.data);
    ts_buf_done(&good);
    ts_buf_done(&many);
    return ok;
}

void ts_certs_done(struct ts_certs *certs)
{
    for (unsigned kind = 0; kind < TS_CERT_COUNT; kind++)
        SSL_CTX_free(certs->contexts[kind]);
    X509_free(certs->server);
    X509_free(certs->ca);
    EVP_PKEY_free(certs->server_key);
    EVP_PKEY_free(certs->ca_key);
    *certs = (struct ts_certs){0};
}

static FILE *open_in(const char *dir, const char *name)
{
    char path[4096];
    int size = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (size < 0 || (size_t)size >= sizeof(path))
        return NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return NULL;
    FILE *file = fdopen(fd, "w");
    if (file == NULL)
        (void)close(fd);
    return file;
}

static bool write_cert(const char *dir, const char *name, X509 *cert)
{
    FILE *file = open_in(dir, name);
    if (file == NULL)
        return false;
    int written = PEM_write_X509(file, cert);
    return fclose(file) == 0 && written == 1;
}

static bool write_key(const char *dir, const char *name, EVP_PKEY *key)
{
    FILE *file = open_in(dir, name);
    if (file == NULL)
        return false;
    int written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    return fclose(file) == 0 && written == 1;
}

bool ts_certs_write(const struct ts_certs *certs, const char *dir)
{
    return write_cert(dir, "ca.pem", certs->ca) && write_cert(dir, "server.pem", certs->server) &&
           write_key(dir, "server.key", certs->server_key);
}

void ts_certs_remove(const char *dir)
{
    static const char *const names[] = {"ca.pem", "server.pem", "server.key"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[4096];
        int size = snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        if (size > 0 && (size_t)size < sizeof(path))
            (void)unlink(path);
    }
}
