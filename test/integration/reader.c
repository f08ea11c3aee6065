/* pipe2, F_SETPIPE_SZ */
#define _GNU_SOURCE
#include "reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "batch.h"

enum { FAST_PIPE_SIZE = 1 << 20, READ_SIZE = 64 * 1024, LOOK_MS = 20 };

struct it_process *reader_start(struct reader *reader, const char *options, const char *path)
{
    struct it_process *process;
    int fd[2];

    *reader = (struct reader){.fd = -1};
    haul_buf_init(&reader->out, 0);
    ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
    ck_assert_int_eq(fcntl(fd[0], F_SETPIPE_SZ, READER_PIPE_SIZE), READER_PIPE_SIZE);
    reader->fd = fd[0];
    process = start_call((struct it_call){.output = fd[1]}, options, path);
    (void)close(fd[1]);
    return process;
}

/* ---- the writer, as the system sees it ---- */

/* False: there is no such file, or not any more. */
static bool read_proc(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        (void)close(fd);
    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

static void note_peak(struct reader *reader, const struct it_process *process)
{
    char path[64], text[4096];
    const char *at;
    long kb;

    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)it_pid(process));
    if (!read_proc(path, text, sizeof text) || !(at = strstr(text, "VmHWM:")))
        return; /* it has ended */
    kb = atol(at + strlen("VmHWM:"));
    if (kb > reader->peak_kb)
        reader->peak_kb = kb;
}

static bool is_thread_asleep(const char *directory, const char *name)
{
    char path[512], text[1024];
    const char *state;

    (void)snprintf(path, sizeof path, "%s/%s/stat", directory, name);
    if (*name == '.' || !read_proc(path, text, sizeof text))
        return true;
    state = strrchr(text, ')');
    return state && strncmp(state, ") S", 3) == 0;
}

static bool is_asleep(const struct it_process *process)
{
    char path[64];
    bool asleep = true;
    struct dirent *entry;
    DIR *threads;

    (void)snprintf(path, sizeof path, "/proc/%ld/task", (long)it_pid(process));
    threads = opendir(path);
    ck_assert_ptr_nonnull(threads);
    while (asleep && (entry = readdir(threads)))
        asleep = is_thread_asleep(path, entry->d_name);
    (void)closedir(threads);
    return asleep;
}

void reader_await_standstill(struct reader *reader, struct it_process *process, int64_t quiet_ms)
{
    int64_t since_ms = it_now_ms(), moved_ms = since_ms;
    json_int_t requests = -1;
    int held = -1;

    for (;;) {
        json_int_t seen = it_stat("requests");
        int bytes = 0;

        ck_assert_int_eq(ioctl(reader->fd, FIONREAD, &bytes), 0);
        if (seen != requests || bytes != held || !bytes)
            moved_ms = it_now_ms();
        requests = seen;
        held = bytes;
        if (it_now_ms() - moved_ms >= quiet_ms && is_asleep(process))
            break;
        ck_assert_msg(!it_has_ended(process), "it has ended though nobody reads");
        it_pause(since_ms, "a standstill");
    }
    note_peak(reader, process);
}

/* ---- reading on ---- */

/* Whether there may be more. */
static bool read_some(struct reader *reader, int wait_ms)
{
    struct pollfd set = {.fd = reader->fd, .events = POLLIN};
    char *room = haul_buf_reserve(&reader->out, READ_SIZE);
    ssize_t len;

    ck_assert_ptr_nonnull(room);
    if (poll(&set, 1, wait_ms) <= 0)
        return true;
    len = read(reader->fd, room, READ_SIZE);
    if (len > 0)
        haul_buf_grew(&reader->out, (size_t)len);
    return len > 0;
}

static struct it_run finish(struct reader *reader, struct it_process *process)
{
    struct it_run run = it_finish(process);

    (void)close(reader->fd);
    run.out = it_text("%s", haul_buf_str(&reader->out));
    run.out_len = reader->out.len;
    haul_buf_done(&reader->out);
    return run;
}

struct it_run reader_finish(struct reader *reader, struct it_process *process)
{
    int64_t looked_ms = 0, read_ms = it_now_ms();
    size_t len = 0;

    (void)fcntl(reader->fd, F_SETPIPE_SZ, FAST_PIPE_SIZE);
    while (read_some(reader, LOOK_MS)) {
        if (reader->out.len != len)
            read_ms = it_now_ms();
        len = reader->out.len;
        if (it_now_ms() - looked_ms < LOOK_MS)
            continue;
        looked_ms = it_now_ms();
        note_peak(reader, process);
        (void)it_has_ended(process); /* takes what it says meanwhile */
        it_pause(read_ms, "more of the report");
    }
    return finish(reader, process);
}

void reader_read_slowly(struct reader *reader, int64_t for_ms)
{
    enum { PAUSE_MS = 500 };
    int64_t since_ms = it_now_ms();

    while (it_now_ms() - since_ms < for_ms) {
        (void)poll(NULL, 0, PAUSE_MS);
        (void)read_some(reader, LOOK_MS);
    }
}

struct it_run reader_finish_unread(struct reader *reader, struct it_process *process,
                                   int64_t limit_ms)
{
    int64_t since_ms = it_now_ms();

    while (!it_has_ended(process)) {
        ck_assert_msg(it_now_ms() - since_ms < limit_ms, "has not ended after %lld ms",
                      (long long)limit_ms);
        it_pause(since_ms, "the end of a run whose report is not read");
    }
    while (read_some(reader, LOOK_MS))
        continue;
    return finish(reader, process);
}
