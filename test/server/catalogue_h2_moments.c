#include "catalogue.h"

#include "catalogue_frames.h"

#include <stdio.h>
#include <string.h>

/*
 * Frames of every type at every moment of an answer, on every stream that they may be sent on:
 * generated, with what RFC 9113 says about each as code. Numbers in brackets are its sections.
 *
 * The answer is HEADERS (200, length 5), DATA "he", DATA "llo" with END_STREAM. One frame more is
 * put into it.
 */

enum moment { BEFORE_HEAD, IN_HEAD, AFTER_HEAD, IN_BODY, AFTER_END, MOMENT_COUNT };

static const struct {
    const char *name, *text;
} moments[] = {{"before", "before the head"},
               {"in-head", "between HEADERS and CONTINUATION"},
               {"after-head", "behind the head"},
               {"in-body", "in the body"},
               {"after-end", "behind END_STREAM"}};

static const struct {
    const char *name, *text;
    enum ts_frame_stream stream;
} places[] = {{"ours", "of our stream", TS_STREAM_OURS},
              {"zero", "of stream 0", TS_STREAM_CONNECTION},
              {"idle", "of a stream that is idle", TS_STREAM_NEXT},
              {"over", "of a stream that is closed", TS_STREAM_OVER}};
enum { PLACE_COUNT = sizeof(places) / sizeof(places[0]) };

enum kind {
    KIND_DATA,
    KIND_HEAD,
    KIND_INTERIM,
    KIND_TRAILERS,
    KIND_PRIORITY,
    KIND_RST,
    KIND_SETTINGS,
    KIND_SETTINGS_ACK,
    KIND_PUSH,
    KIND_PING,
    KIND_PING_ACK,
    KIND_GOAWAY,
    KIND_WINDOW,
    KIND_CONTINUATION,
    KIND_ALTSVC,
    KIND_ORIGIN,
    KIND_UNKNOWN,
    KIND_COUNT
};

/* DATA is empty on our stream, where its bytes would be counted. */
static const struct {
    const char *name;
    struct ts_frame frame;
} kinds[] = {
    [KIND_DATA] = {"data", {FRAME(DATA, 0, "evil")}},
    [KIND_HEAD] = {"head", {FIELDS(HEADERS, WHOLE, OK_LINE)}},
    [KIND_INTERIM] = {"interim", {FIELDS(HEADERS, WHOLE, ":status: 103")}},
    [KIND_TRAILERS] = {"trailers", {FIELDS(HEADERS, WHOLE | END, "x: y")}},
    [KIND_PRIORITY] = {"priority", {FRAME(PRIORITY, 0, "\0\0\0\0\x10")}},
    [KIND_RST] = {"rst", {FRAME(RST_STREAM, 0, "\0\0\0\x08")}},
    [KIND_SETTINGS] = {"settings", {FRAME(SETTINGS, 0, "\0\x04\0\0\xff\xff")}},
    [KIND_SETTINGS_ACK] = {"settings-ack", {FRAME(SETTINGS, TS_FLAG_ACK, "")}},
    [KIND_PUSH] = {"push", {FRAME(PUSH_PROMISE, WHOLE, "\0\0\0\x02\x82\x84\x87\x41\x01x")}},
    [KIND_PING] = {"ping", {FRAME(PING, 0, "12345678")}},
    [KIND_PING_ACK] = {"ping-ack", {FRAME(PING, TS_FLAG_ACK, "12345678")}},
    [KIND_GOAWAY] = {"goaway",
                     {FRAME(GOAWAY, 0, "\0\0\0\0"), .body = TS_BODY_GOAWAY,
                      .names = TS_STREAM_LAST_EVER}},
    [KIND_WINDOW] = {"window", {FRAME(WINDOW_UPDATE, 0, "\0\0\0\x01")}},
    [KIND_CONTINUATION] = {"continuation", {FIELDS(CONTINUATION, 0, "x: y")}},
    [KIND_ALTSVC] = {"altsvc", {.type = 0x0a, .text = "\0\0h2=\":1\"", .text_size = 9}},
    [KIND_ORIGIN] = {"origin", {.type = 0x0c, .text = "\0\4evil", .text_size = 6}},
    [KIND_UNKNOWN] = {"unknown", {.type = 0xfa, .text = "hello", .text_size = 5}},
};

/* ---- the rule ---- */

enum verdict {
    FINE,      /* nothing is wrong, or nobody minds */
    VIOLATION, /* the client says so, and fails */
    RESET_OURS,
    TOO_SHORT, /* the end comes before the bytes that were announced (8.1.1) */
    MAY_FAIL   /* the RFC leaves it to the client, or says nothing */
};

/* A frame that is of the connection as a whole must be of stream 0. */
static bool is_of_connection(enum kind kind)
{
    return kind == KIND_SETTINGS || kind == KIND_SETTINGS_ACK || kind == KIND_PING ||
           kind == KIND_PING_ACK || kind == KIND_GOAWAY;
}

static enum verdict on_connection(enum kind kind)
{
    if (kind == KIND_SETTINGS_ACK)
        return MAY_FAIL; /* nothing is said about one that acknowledges nothing (6.5.3) */
    if (is_of_connection(kind) || kind == KIND_WINDOW)
        return FINE;  /* 6.5, 6.7, 6.8, 6.9 */
    return VIOLATION; /* 6.1, 6.2, 6.3, 6.4, 6.6: of a stream */
}

static enum verdict on_idle(enum kind kind)
{
    return kind == KIND_PRIORITY ? FINE : VIOLATION; /* 5.1, "idle"; 6.4 */
}

static enum verdict on_over(enum kind kind)
{
    if (kind == KIND_PRIORITY || kind == KIND_RST || kind == KIND_WINDOW)
        return FINE; /* 5.1, "closed": they may have been under way */
    return MAY_FAIL; /* "MAY treat receipt of any other type [...] as a connection error" */
}

static enum verdict on_ours(enum kind kind, enum moment moment)
{
    switch (kind) {
    case KIND_DATA:
        return moment == BEFORE_HEAD ? VIOLATION : FINE; /* 8.1: the head comes first */
    case KIND_INTERIM:
        return moment == BEFORE_HEAD ? FINE : VIOLATION; /* 8.1: before the final head only */
    case KIND_TRAILERS:
        return moment == BEFORE_HEAD ? VIOLATION : TOO_SHORT; /* 8.3.2: no :status */
    case KIND_HEAD:
        return VIOLATION; /* 8.1: a second head is no trailers, and does not end the stream */
    case KIND_RST:
        return RESET_OURS;
    default:
        return FINE; /* PRIORITY (6.3), WINDOW_UPDATE (6.9) */
    }
}

static enum verdict rule(enum kind kind, enum moment moment, enum ts_frame_stream stream)
{
    if (moment == AFTER_END)
        return FINE;       /* the answer was whole before */
    if (moment == IN_HEAD) /* 6.2, 6.10: nothing but CONTINUATION of the same stream */
        return kind == KIND_CONTINUATION && stream == TS_STREAM_OURS ? FINE : VIOLATION;
    if (kind == KIND_ALTSVC || kind == KIND_ORIGIN || kind == KIND_UNKNOWN)
        return FINE; /* 4.1, 5.5: unknown types are ignored, whatever their stream */
    if (kind == KIND_PUSH || kind == KIND_CONTINUATION)
        return VIOLATION; /* 8.4: pushing is off; 6.10: no HEADERS before it */
    if (stream == TS_STREAM_CONNECTION)
        return on_connection(kind);
    if (is_of_connection(kind))
        return VIOLATION; /* 6.5, 6.7, 6.8 */
    if (stream == TS_STREAM_NEXT)
        return on_idle(kind);
    return stream == TS_STREAM_OVER ? on_over(kind) : on_ours(kind, moment);
}

/* ---- the table ---- */

enum {
    FRAMES_MAX = 6,
    NAME_SIZE = 64,
    TEXT_SIZE = 96,
    COUNT = KIND_COUNT * MOMENT_COUNT * PLACE_COUNT
};

static struct {
    struct ts_frame frames[FRAMES_MAX];
    char name[NAME_SIZE], text[TEXT_SIZE];
} parts[COUNT];
static struct ts_fault faults[COUNT];
static struct ts_fault_table table = {faults, 0};

static void add_frames(struct ts_frame *list, const struct ts_frame *more, enum moment moment)
{
    static const struct ts_frame head = HEAD(FIVE), begun = PART(HEADERS, 0, FIVE);
    static const struct ts_frame rest = PART(CONTINUATION, WHOLE, "x: y");
    static const struct ts_frame data = DATA("he"), end = DATA_END("llo");
    size_t count = 0;
    if (moment == BEFORE_HEAD)
        list[count++] = *more;
    list[count++] = moment == IN_HEAD ? begun : head;
    if (moment == IN_HEAD || moment == AFTER_HEAD)
        list[count++] = *more;
    if (moment == IN_HEAD)
        list[count++] = rest;
    list[count++] = data;
    if (moment == IN_BODY)
        list[count++] = *more;
    list[count++] = end;
    if (moment == AFTER_END)
        list[count++] = *more;
    list[count] = (struct ts_frame){.body = TS_BODY_LAST};
}

static void add_verdict(struct ts_fault *fault, enum verdict verdict)
{
    static const struct {
        const char *outcome, *reason;
    } words[] = {[FINE] = {"ok", ""},
                 [VIOLATION] = {"failed", "protocol"},
                 [RESET_OURS] = {"failed", "reset"},
                 [TOO_SHORT] = {"failed", "truncated|protocol"},
                 [MAY_FAIL] = {"ok|failed", "protocol"}};
    fault->outcome = words[verdict].outcome;
    fault->reason = words[verdict].reason;
    fault->verified = verdict == FINE;
    fault->size_body = verdict == FINE ? 5 : -1;
}

/* A stream's own fault, or none, leaves the connection to the others. */
static const char *needs_of(enum kind kind, enum moment moment, size_t place)
{
    bool twice = places[place].stream == TS_STREAM_OVER;
    bool alone =
        moment != AFTER_END && kind != KIND_GOAWAY &&
        (rule(kind, moment, places[place].stream) == FINE ||
         (kind == KIND_RST && places[place].stream == TS_STREAM_OURS && moment != IN_HEAD));
    if (twice)
        return alone ? "ca,redirects" : "ca,redirects,connection";
    return alone ? "ca" : "ca,connection";
}

static void add_one(enum kind kind, enum moment moment, size_t place)
{
    size_t i = table.count++;
    struct ts_frame more = kinds[kind].frame;
    more.stream = places[place].stream;
    if (kind == KIND_DATA && more.stream == TS_STREAM_OURS)
        more.text_size = 0;
    add_frames(parts[i].frames, &more, moment);
    (void)snprintf(parts[i].name, NAME_SIZE, "h2-%s-%s-%s", moments[moment].name, kinds[kind].name,
                   places[place].name);
    (void)snprintf(parts[i].text, TEXT_SIZE, "a frame '%s' %s, %s", kinds[kind].name,
                   places[place].text, moments[moment].text);
    faults[i] = (struct ts_fault){.name = parts[i].name,
                                  .description = parts[i].text,
                                  .frames = parts[i].frames,
                                  .scheme = "https",
                                  .listener = "h2",
                                  .asks_twice = more.stream == TS_STREAM_OVER,
                                  .needs = needs_of(kind, moment, place)};
    add_verdict(&faults[i], rule(kind, moment, more.stream));
}

const struct ts_fault_table *ts_faults_h2_moments(void)
{
    for (size_t i = table.count; i < COUNT; i++)
        add_one((enum kind)(i / PLACE_COUNT % KIND_COUNT),
                (enum moment)(i / PLACE_COUNT / KIND_COUNT), i % PLACE_COUNT);
    return &table;
}
