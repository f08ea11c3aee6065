#ifndef HAUL_TEST_READER_H
#define HAUL_TEST_READER_H

#include <stdint.h>

#include "base/buf.h"
#include "harness.h"

/*
 * A reader of haul's report that stops: it holds the other end of the smallest pipe there is, and
 * reads when the test says so. One at a time.
 */

enum { READER_PIPE_SIZE = 4096 }; /* bytes, a page */

struct reader {
    int fd;              /* the reading end */
    struct haul_buf out; /* what was read */
    long peak_kb;        /* the most resident memory that was seen of the writer */
};

/* Makes the pipe, and starts haul on its other end: options and list as in batch.h. */
struct it_process *reader_start(struct reader *reader, const char *options, const char *path);

/*
 * Waits until nothing moves: for `quiet_ms` the test server saw no new request and the pipe,
 * which has bytes in it, got none; and then all threads of `process` are asleep.
 */
void reader_await_standstill(struct reader *reader, struct it_process *process, int64_t quiet_ms);

/* Reads to the end of the report, and waits for the end of the process. The run has its text. */
struct it_run reader_finish(struct reader *reader, struct it_process *process);

/* Reads so slowly that each piece takes its time, for `for_ms`. */
void reader_read_slowly(struct reader *reader, int64_t for_ms);

/* Waits for the end of the process, at most `limit_ms`, and reads only what the pipe holds then. */
struct it_run reader_finish_unread(struct reader *reader, struct it_process *process,
                                   int64_t limit_ms);

#endif
