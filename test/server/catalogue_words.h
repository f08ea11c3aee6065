/* The words that the tables of faults are written in; for catalogue_*.c only. */
#ifndef TS_CATALOGUE_WORDS_H
#define TS_CATALOGUE_WORDS_H

/* Fields of an entry. A literal may hold NUL bytes. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define FAULT(id, text) .name = (id), .description = (text)
#define SEND(literal) .head = TEXT(literal)
#define AGAIN(literal, count) .unit = TEXT(literal), .times = (count)
#define THEN(literal) .tail = TEXT(literal)
#define CLOSE .end = TS_END_CLOSE
#define CUT .end = TS_END_CUT
#define RESET .end = TS_END_RESET
#define HANG .end = TS_END_HANG
#define LISTENER(port) .listener = (port)
#define TLS .scheme = "https", .listener = "tls"
#define NEEDS(words) .needs = (words)
#define OK(size) .outcome = "ok", .reason = "", .size_body = (size), .verified = true
#define UNVERIFIED(size) .outcome = "ok", .reason = "", .size_body = (size), .verified = false
#define FAILED(words) .outcome = "failed", .reason = (words), .size_body = -1
#define EITHER(words) .outcome = "ok|failed", .reason = (words), .size_body = -1

/* A table of all entries of an array. */
#define TABLE(array)                                                                               \
    {                                                                                              \
        .faults = (array), .count = sizeof(array) / sizeof((array)[0])                             \
    }

/* Repetition of a literal. */
#define TEN(text) text text text text text text text text text text
#define HUNDRED(text) TEN(TEN(text))

#endif
