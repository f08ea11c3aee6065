#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "transfer/curl_reason.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* The details are the texts of libcurl 7.88.1. */
static const struct reason_row {
    CURLcode code;
    const char *detail;
    long os_errno;
    enum haul_reason reason;
} rows[] = {
    {CURLE_OK, "", 0, HAUL_REASON_NONE},
    {CURLE_OK, "Operation too slow", EMFILE, HAUL_REASON_NONE},
    {CURLE_COULDNT_RESOLVE_HOST, "Could not resolve host: h", 0, HAUL_REASON_DNS},
    {CURLE_COULDNT_RESOLVE_PROXY, "Could not resolve proxy: p", 0, HAUL_REASON_DNS},
    {CURLE_COULDNT_CONNECT, "Failed to connect", ECONNREFUSED, HAUL_REASON_CONNECT},
    {CURLE_COULDNT_CONNECT, "", 0, HAUL_REASON_CONNECT},
    {CURLE_COULDNT_CONNECT, "", EMFILE, HAUL_REASON_NO_RESOURCE},
    {CURLE_COULDNT_CONNECT, "", ENFILE, HAUL_REASON_NO_RESOURCE},
    {CURLE_COULDNT_CONNECT, "", ENOBUFS, HAUL_REASON_NO_RESOURCE},
    {CURLE_COULDNT_CONNECT, "", EADDRNOTAVAIL, HAUL_REASON_NO_RESOURCE},
    {CURLE_INTERFACE_FAILED, "", EADDRNOTAVAIL, HAUL_REASON_NO_RESOURCE},
    {CURLE_PROXY, "", 0, HAUL_REASON_CONNECT},
    {CURLE_OPERATION_TIMEDOUT, "Operation timed out after 2000 milliseconds", 0,
     HAUL_REASON_TIMEOUT},
    {CURLE_OPERATION_TIMEDOUT, "Connection timeout after 10001 ms", 0, HAUL_REASON_TIMEOUT},
    {CURLE_OPERATION_TIMEDOUT, "Resolving timed out after 2000 milliseconds", 0,
     HAUL_REASON_TIMEOUT},
    {CURLE_OPERATION_TIMEDOUT,
     "Operation too slow. Less than 1 bytes/sec transferred the last 30 seconds", 0,
     HAUL_REASON_STALL},
    {CURLE_OPERATION_TIMEDOUT, "", 0, HAUL_REASON_TIMEOUT},
    {CURLE_GOT_NOTHING, "Empty reply from server", 0, HAUL_REASON_EMPTY_REPLY},
    {CURLE_PARTIAL_FILE, "transfer closed with 1 bytes remaining to read", 0,
     HAUL_REASON_TRUNCATED},
    {CURLE_RECV_ERROR, "Recv failure: Connection reset by peer", ECONNRESET, HAUL_REASON_RESET},
    {CURLE_RECV_ERROR, "Illegal or missing hexadecimal sequence in chunked-encoding", 0,
     HAUL_REASON_BAD_FRAMING},
    {CURLE_RECV_ERROR, "Too large response headers: 307201 > 307200", 0,
     HAUL_REASON_HEADERS_TOO_LARGE},
    {CURLE_WEIRD_SERVER_REPLY, "Nul byte in header", 0, HAUL_REASON_BAD_HEADER},
    {CURLE_WEIRD_SERVER_REPLY, "Header without colon", 0, HAUL_REASON_BAD_HEADER},
    {CURLE_WEIRD_SERVER_REPLY, "Invalid Content-Length: value", 0, HAUL_REASON_BAD_LENGTH},
    {CURLE_BAD_CONTENT_ENCODING, "Reject response due to more than 5 content encodings", 0,
     HAUL_REASON_BAD_ENCODING},
    {CURLE_SEND_ERROR, "", EPIPE, HAUL_REASON_RESET},
    {CURLE_HTTP2_STREAM, "", 0, HAUL_REASON_RESET},
    {CURLE_HTTP2_STREAM, "HTTP/2 stream 1 was not closed cleanly: CANCEL (err 8)", 0,
     HAUL_REASON_RESET},
    {CURLE_HTTP2_STREAM, "HTTP/2 stream 1 was not closed cleanly: PROTOCOL_ERROR (err 1)", 0,
     HAUL_REASON_PROTOCOL},
    {CURLE_HTTP2, "Error in the HTTP2 framing layer", 0, HAUL_REASON_RESET},
    {CURLE_UNSUPPORTED_PROTOCOL, "Received HTTP/0.9 when not allowed", 0, HAUL_REASON_PROTOCOL},
    {CURLE_WEIRD_SERVER_REPLY, "", 0, HAUL_REASON_PROTOCOL},
    {CURLE_BAD_CONTENT_ENCODING, "", 0, HAUL_REASON_BAD_FRAMING},
    {CURLE_FILESIZE_EXCEEDED, "Maximum file size exceeded", 0, HAUL_REASON_TOO_LARGE},
    {CURLE_URL_MALFORMAT, "", 0, HAUL_REASON_BAD_URL},
    {CURLE_OUT_OF_MEMORY, "", 0, HAUL_REASON_NO_MEMORY},
    {CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: self-signed certificate", 0,
     HAUL_REASON_TLS},
    {CURLE_SSL_CONNECT_ERROR, "", 0, HAUL_REASON_TLS},
    {CURLE_SSL_CACERT_BADFILE, "", 0, HAUL_REASON_TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, "", 0, HAUL_REASON_TLS},
    {CURLE_SSL_CLIENTCERT, "", 0, HAUL_REASON_TLS},
    {CURLE_USE_SSL_FAILED, "", 0, HAUL_REASON_TLS},
    {CURLE_BAD_FUNCTION_ARGUMENT, "", 0, HAUL_REASON_INTERNAL},
    {CURLE_FAILED_INIT, "", 0, HAUL_REASON_INTERNAL},
};

START_TEST(code_has_the_reason_told)
{
    const struct reason_row *row = &rows[_i];

    ck_assert_int_eq(haul_curl_reason(row->code, row->detail, row->os_errno), row->reason);
}
END_TEST

/* Codes of a later libcurl among them: no failure may pass for a success. */
START_TEST(any_code_but_ok_has_a_reason)
{
    for (int code = 1; code < CURL_LAST + 50; code++) {
        enum haul_reason reason = haul_curl_reason((CURLcode)code, "", 0);

        ck_assert_int_ne(reason, HAUL_REASON_NONE);
        ck_assert_int_lt(reason, HAUL_REASON_COUNT);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("curl_reason");
    TCase *tcase = tcase_create("curl_reason");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, code_has_the_reason_told, 0, COUNT(rows));
    tcase_add_test(tcase, any_code_but_ok_has_a_reason);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
