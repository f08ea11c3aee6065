#include "catalogue.h"

#include "catalogue_replies.h"

/*
 * What TLS brings that is no byte of an answer, and ends of a connection that TLS does not know of
 * (RFC 8446; numbers in brackets are its sections). Without close_notify nothing tells that the end
 * of the TCP stream is the server's (6.1): an answer that has no other end is not whole then.
 */

#define FORGED .scheme = "https", .listener = "tls-forged"
#define TLS12 .scheme = "https", .listener = "tls12"
#define RECORD(kind, literal)                                                                      \
    .type = TS_RECORD_##kind, .data = (literal), .size = sizeof(literal) - 1
#define RECORDS(...)                                                                               \
    .records = (const struct ts_record[])                                                          \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            .type = 0                                                                              \
        }                                                                                          \
    }
#define ONE(kind, literal) RECORDS({RECORD(kind, literal)})
#define TIMES(kind, literal, count) RECORDS({RECORD(kind, literal), .times = (count)})
#define NOTIFY .end = TS_END_NOTIFY
#define TRUST NEEDS("ca")
#define TRUST_REUSE NEEDS("ca,reuse")
#define FLOOD NEEDS("ca,deadline"), FAILED("stall|timeout|flood|tls|reset")

/* Messages (4). */
#define TICKET                                                                                     \
    "\x04\0\0\x1e\0\0\x1c\x20\1\2\3\4\1\0\0\x10"                                                   \
    "0123456789abcdef\0\0"
#define KEY_UPDATE "\x18\0\0\1\0"
#define KEY_UPDATE_ASKED "\x18\0\0\1\1"
#define HELLO_REQUEST "\0\0\0\0"
#define CERTIFICATE_REQUEST "\x0d\0\0\3\0\0\0"
/* Alerts (6): level and description. */
#define CLOSE_NOTIFY "\x01\x00"
#define USER_CANCELED "\x01\x5a"
#define NO_RENEGOTIATION "\x01\x64"
#define INTERNAL_ERROR "\x02\x50"

/* Records at each moment; 'verdict' is that of an answer that they stand in. Behind it they spoil
 * nothing any more. */
#define EACH(id, text, list, verdict)                                                              \
    {FAULT("tls-" id "-before", text " before the answer"),                                        \
     FORGED,                                                                                       \
     list,                                                                                         \
     THEN(GOOD),                                                                                   \
     TRUST,                                                                                        \
     verdict},                                                                                     \
        {FAULT("tls-" id "-in-head", text " in the head"),                                         \
         FORGED,                                                                                   \
         SEND(LINE),                                                                               \
         list,                                                                                     \
         THEN(FIVE "\r\nhello"),                                                                   \
         TRUST,                                                                                    \
         verdict},                                                                                 \
        {FAULT("tls-" id "-in-body", text " in the body"),                                         \
         FORGED,                                                                                   \
         SEND(LINE FIVE "\r\nhe"),                                                                 \
         list,                                                                                     \
         THEN("llo"),                                                                              \
         TRUST,                                                                                    \
         verdict},                                                                                 \
        {FAULT("tls-" id "-in-chunks", text " between chunks"),                                    \
         FORGED,                                                                                   \
         SEND(LINE CHUNKED "\r\n2\r\nhe\r\n"),                                                     \
         list,                                                                                     \
         THEN("3\r\nllo\r\n0\r\n\r\n"),                                                            \
         TRUST,                                                                                    \
         verdict},                                                                                 \
    {                                                                                              \
        FAULT("tls-" id "-behind", text " behind the answer"), FORGED, SEND(GOOD), list,           \
            TRUST_REUSE, OK(5)                                                                     \
    }

static const struct ts_fault faults[] = {
    {FAULT("tls-forged-fine", "nothing wrong, TLS 1.3 alone"), FORGED, SEND(GOOD), TRUST, OK(5)},
    {FAULT("tls12-fine", "nothing wrong, TLS 1.2 alone"), TLS12, SEND(GOOD), TRUST, OK(5)},

    /* ---- the TCP stream ends without close_notify ---- */
    {FAULT("tls-cut-before-reply", "cut instead of a reply"), TLS, CUT, TRUST,
     FAILED("empty-reply|truncated")},
    {FAULT("tls-cut-in-status", "cut in the status line"), TLS, SEND("HTTP/1.1 2"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-cut-in-head", "cut in the head"), TLS, SEND(LINE "Content-"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-cut-after-head", "cut behind the head"), TLS, SEND(LINE FIVE "\r\n"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-cut-in-body", "cut in the body"), TLS, SEND(LINE FIVE "\r\nhe"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-cut-in-size", "cut in a chunk size"), TLS, SEND(LINE CHUNKED "\r\n5"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-cut-in-chunks", "cut between chunks"), TLS, SEND(LINE CHUNKED "\r\n5\r\nhello\r\n"),
     CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-in-trailer", "cut before the very last line end"), TLS,
     SEND(LINE CHUNKED "\r\n5\r\nhello\r\n0\r\n"), CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-unframed-empty", "cut behind a head without length"), TLS, SEND(LINE "\r\n"),
     CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-unframed-large", "cut in 100 kB without length"), TLS, SEND(LINE "\r\n"),
     AGAIN(HUNDRED("0123456789"), 100), CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-http10", "HTTP/1.0 without length, cut"), TLS,
     SEND("HTTP/1.0 200 OK\r\n\r\nhello"), CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-says-close", "Connection: close, no length, cut"), TLS,
     SEND(LINE "Connection: close\r\n\r\nhello"), CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-after-103", "103, then cut"), TLS, SEND("HTTP/1.1 103 Early Hints\r\n\r\n"),
     CUT, TRUST, FAILED("truncated")},
    {FAULT("tls-cut-204", "204, then cut"), TLS, SEND("HTTP/1.1 204 No Content\r\n\r\n"), CUT,
     TRUST_REUSE, OK(0)},
    {FAULT("tls-cut-404", "404 with a length, then cut"), TLS,
     SEND("HTTP/1.1 404 Not Found\r\n" FIVE "\r\nhello"), CUT, TRUST_REUSE, FAILED("http-404")},
    {FAULT("tls-cut-redirect", "a redirect, then cut"), TLS,
     SEND("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /size?n=5\r\n\r\n"), CUT,
     NEEDS("ca,reuse,redirects"), OK(5)},
    {FAULT("tls-cut-later", "the idle connection is cut"), TLS, SEND(GOOD), .idle_ms = 20,
     .idle_end = TS_END_CUT, TRUST_REUSE, OK(5)},
    {FAULT("tls-cut-next", "the next request meets a cut"), TLS, SEND(GOOD), .reuse = TS_END_CUT,
     TRUST_REUSE, OK(5)},

    /* ---- close_notify, but the TCP stream stays open: nothing more will come (6.1) ---- */
    {FAULT("tls-notify", "close_notify behind a whole answer, left open"), TLS, SEND(GOOD), NOTIFY,
     TRUST_REUSE, OK(5)},
    {FAULT("tls-notify-unframed", "close_notify is the end, left open"), TLS,
     SEND(LINE "\r\nhello"), NOTIFY, TRUST, UNVERIFIED(5)},
    {FAULT("tls-notify-before-reply", "close_notify instead of a reply, left open"), TLS, NOTIFY,
     TRUST, FAILED("empty-reply")},
    {FAULT("tls-notify-in-head", "close_notify in the head, left open"), TLS, SEND(LINE "Content-"),
     NOTIFY, TRUST, FAILED("truncated")},
    {FAULT("tls-notify-in-body", "close_notify in the body, left open"), TLS,
     SEND(LINE FIVE "\r\nhe"), NOTIFY, TRUST, FAILED("truncated")},
    {FAULT("tls-notify-in-chunk", "close_notify in a chunk, left open"), TLS,
     SEND(LINE CHUNKED "\r\n5\r\nhe"), NOTIFY, TRUST, FAILED("truncated")},
    {FAULT("tls-notify-later", "close_notify on the idle connection, left open"), TLS, SEND(GOOD),
     .idle_ms = 20, .idle_end = TS_END_NOTIFY, TRUST_REUSE, OK(5)},
    {FAULT("tls-notify-more-before", "close_notify, then an answer, which is void"), FORGED,
     ONE(ALERT, CLOSE_NOTIFY), THEN(GOOD), CUT, TRUST, FAILED("empty-reply")},
    {FAULT("tls-notify-more-in-body", "close_notify, then the rest of the body, which is void"),
     FORGED, SEND(LINE FIVE "\r\nhe"), ONE(ALERT, CLOSE_NOTIFY), THEN("llo"), CUT, TRUST,
     FAILED("truncated")},
    {FAULT("tls-notify-more-unframed", "close_notify, then more of the body, which is void"),
     FORGED, SEND(LINE "\r\nhello"), ONE(ALERT, CLOSE_NOTIFY), THEN("evil"), CUT, TRUST,
     UNVERIFIED(5)},

    /* ---- alerts (6) ---- */
    EACH("canceled", "user_canceled, which is a warning,", ONE(ALERT, USER_CANCELED), OK(5)),
    EACH("warning", "a warning that TLS 1.3 does not have", ONE(ALERT, NO_RENEGOTIATION),
         FAILED("tls|reset")),
    EACH("fatal", "a fatal alert", ONE(ALERT, INTERNAL_ERROR), FAILED("tls|reset")),
    EACH("alert-short", "half an alert", ONE(ALERT, "\x01"), FAILED("tls|reset")),
    {FAULT("tls-fatal-unframed", "a fatal alert where the close is the end"), FORGED,
     SEND(LINE "\r\nhello"), ONE(ALERT, INTERNAL_ERROR), CUT, TRUST, FAILED("tls|reset")},
    {FAULT("tls-endless-canceled", "warnings without end"), FORGED, SEND(LINE FIVE "\r\nhe"),
     TIMES(ALERT, USER_CANCELED, TS_FOREVER), FLOOD},

    /* ---- records (5) ---- */
    EACH("empty", "ten empty records", TIMES(DATA, "", 10), OK(5)),
    EACH("spoilt", "a record that does not decrypt", ONE(SPOILT, "hello"), FAILED("tls|reset")),
    EACH("unknown", "a record of an unknown type", ONE(UNKNOWN, "hello"), FAILED("tls|reset")),
    {FAULT("tls-empty-unframed", "an empty record in a body without length"), FORGED,
     SEND(LINE "\r\nhe"), ONE(DATA, ""), THEN("llo"), CLOSE, TRUST, UNVERIFIED(5)},
    {FAULT("tls-spoilt-unframed", "a record that does not decrypt where the close is the end"),
     FORGED, SEND(LINE "\r\nhello"), ONE(SPOILT, "hello"), CUT, TRUST, FAILED("tls|reset")},
    {FAULT("tls-endless-empty", "empty records without end"), FORGED, SEND(LINE FIVE "\r\nhe"),
     TIMES(DATA, "", TS_FOREVER), FLOOD},
    {FAULT("tls-record-cut-before", "the first record is cut"), FORGED,
     RECORDS({RECORD(DATA, GOOD), .missing = 10}), CUT, TRUST, FAILED("truncated|empty-reply|tls")},
    {FAULT("tls-record-cut-in-head", "a record of the head is cut"), FORGED, SEND(LINE),
     RECORDS({RECORD(DATA, FIVE "\r\nhello"), .missing = 1}), CUT, TRUST, FAILED("truncated|tls")},
    {FAULT("tls-record-cut-in-body", "a record of the body is cut"), FORGED,
     SEND(LINE FIVE "\r\nhe"), RECORDS({RECORD(DATA, "llo"), .missing = 1}), CUT, TRUST,
     FAILED("truncated|tls")},
    {FAULT("tls-record-cut-unframed", "a record is cut where the close is the end"), FORGED,
     SEND(LINE "\r\nhello"), RECORDS({RECORD(DATA, "hello"), .missing = 1}), CUT, TRUST,
     FAILED("truncated|tls")},
    {FAULT("tls-record-cut-at-head", "cut in the head of a record, where the close is the end"),
     FORGED, SEND(LINE "\r\nhello"), RECORDS({RECORD(DATA, "hello"), .missing = 24}), CUT, TRUST,
     FAILED("truncated|tls")},
    {FAULT("tls-record-cut-behind", "cut in a record behind the answer"), FORGED, SEND(GOOD),
     RECORDS({RECORD(DATA, "hello"), .missing = 1}), CUT, TRUST_REUSE, OK(5)},
    {FAULT("tls-record-cut-stall", "half a record, then silence"), FORGED, SEND(LINE FIVE "\r\nhe"),
     RECORDS({RECORD(DATA, "llo"), .missing = 1}), HANG, NEEDS("ca,time"), FAILED("stall|timeout")},
    {FAULT("tls-records-single", "each byte in a record"), TLS, SEND(GOOD), .bytewise = true, TRUST,
     OK(5)},

    /* ---- messages behind the handshake (4.6) ---- */
    EACH("tickets", "ten session tickets", TIMES(HANDSHAKE, TICKET, 10), OK(5)),
    EACH("keys", "ten key updates", TIMES(HANDSHAKE, KEY_UPDATE, 10), OK(5)),
    EACH("keys-asked", "ten key updates that ask for one", TIMES(HANDSHAKE, KEY_UPDATE_ASKED, 10),
         OK(5)),
    EACH("hello", "a HelloRequest, which TLS 1.3 does not have", ONE(HANDSHAKE, HELLO_REQUEST),
         FAILED("tls|reset")),
    EACH("certificate", "a certificate asked for (4.6.2)", ONE(HANDSHAKE, CERTIFICATE_REQUEST),
         EITHER("tls|reset")),
    {FAULT("tls-endless-tickets", "session tickets without end before the answer"), FORGED,
     TIMES(HANDSHAKE, TICKET, TS_FOREVER), FLOOD},
    {FAULT("tls-endless-tickets-body", "session tickets without end in the body"), FORGED,
     SEND(LINE FIVE "\r\nhe"), TIMES(HANDSHAKE, TICKET, TS_FOREVER), FLOOD},
    {FAULT("tls-endless-tickets-behind", "session tickets without end behind the answer"), FORGED,
     SEND(GOOD), TIMES(HANDSHAKE, TICKET, TS_FOREVER), TRUST_REUSE, OK(5)},
    {FAULT("tls-endless-keys", "key updates without end"), FORGED, SEND(LINE FIVE "\r\nhe"),
     TIMES(HANDSHAKE, KEY_UPDATE, TS_FOREVER), FLOOD},
    {FAULT("tls-endless-keys-asked", "key updates that ask for one, without end"), FORGED,
     SEND(LINE FIVE "\r\nhe"), TIMES(HANDSHAKE, KEY_UPDATE_ASKED, TS_FOREVER), FLOOD},

    /* ---- another handshake (RFC 5246, 7.4.1.1) ---- */
    {FAULT("tls-again-before", "another handshake before the answer"), TLS12, .renegotiates = true,
     THEN(GOOD), TRUST, OK(5)},
    {FAULT("tls-again-in-head", "another handshake in the head"), TLS12, SEND(LINE),
     .renegotiates = true, THEN(FIVE "\r\nhello"), TRUST, OK(5)},
    {FAULT("tls-again-in-body", "another handshake in the body"), TLS12, SEND(LINE FIVE "\r\nhe"),
     .renegotiates = true, THEN("llo"), TRUST, OK(5)},
    {FAULT("tls-again-unframed", "another handshake in a body without length"), TLS12,
     SEND(LINE "\r\nhe"), .renegotiates = true, THEN("llo"), CLOSE, TRUST, UNVERIFIED(5)},
    {FAULT("tls-again-behind", "another handshake behind the answer"), TLS12, SEND(GOOD),
     .renegotiates = true, TRUST_REUSE, OK(5)},
};

const struct ts_fault_table ts_faults_tls = TABLE(faults);
