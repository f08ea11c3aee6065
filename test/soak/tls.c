#include "tls.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

enum { DAY_S = 24 * 3600 };

static bool sign(X509 *cert, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(cert);

    return ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(cert), 30L * DAY_S) && X509_set_pubkey(cert, key) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"soak", -1,
                                      -1, 0) &&
           X509_set_issuer_name(cert, name) && X509_sign(cert, key, EVP_sha256());
}

SSL_CTX *soak_tls_create(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool is_made = context && key && cert && sign(cert, key) &&
                   SSL_CTX_use_certificate(context, cert) == 1 &&
                   SSL_CTX_use_PrivateKey(context, key) == 1;

    X509_free(cert);
    EVP_PKEY_free(key);
    if (!is_made) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}
