#ifndef HAUL_TEST_HARNESS_H
#define HAUL_TEST_HARNESS_H

#include <check.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Runs the built program as its users do: arguments, standard streams, signals, exit status.
 *
 * HAUL_BIN names the program. What cannot be done fails the case at once, with a message, so no
 * function here returns an error. Everything returned lives until the test program ends; nothing is
 * to be freed. One thread: Check runs each case in a process of its own, which is forked from the
 * one that ran the set-up.
 */

/* Unchecked fixtures: a temporary directory for the suite, and its end with all that is in it. */
void it_begin(void);
void it_end(void);

/* A string as by printf. */
const char *it_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The path of `name` in the temporary directory. Nothing is created. */
const char *it_path(const char *name);

/* Creates or overwrites a file. */
void it_write(const char *path, const void *bytes, size_t len);

/* The content of a file, NUL-terminated; `len` may be NULL. */
const char *it_read(const char *path, size_t *len);

/* Removes a directory and everything below, without following symbolic links. */
void it_remove_tree(const char *path);

/* Milliseconds of a clock that never goes back. */
int64_t it_now_ms(void);

/* Waits a moment, for conditions outside that have to be asked for. Fails after a minute of it:
 * `since_ms` is when the waiting began, `what` is what for. */
void it_pause(int64_t since_ms, const char *what);

/* Is the program built with sanitizers (HAUL_SANITIZED=1)? Its memory says nothing then. */
bool it_is_sanitized(void);

/* How to start a program. All zero but argv is fine. */
struct it_call {
    const char *const *argv; /* behind the program's name, ended by NULL */
    const char *program;     /* NULL: HAUL_BIN */
    const char *input;       /* what standard input gives, or NULL: nothing */
    size_t input_len;        /* bytes; 0: input is a string */
    bool keep_input;         /* standard input stays open behind `input`: it_send, it_close_input */
    int output, error;       /* descriptors that become these streams; 0: captured */
    void (*prepare)(void);   /* runs in the child, last thing before the program; or NULL */
    const char *const *env;  /* "NAME=value" to set and "NAME" to unset, ended by NULL; or NULL */
};

#define IT_ARGS(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* What became of it. */
struct it_run {
    int status; /* exit status; -1: killed by `signal` */
    int signal;
    const char *out, *err; /* what it wrote where it was captured; NUL-terminated */
    size_t out_len, err_len;
    int64_t wall_ms;
    long memory_kb; /* peak resident memory; the test's own at the start is a lower bound */
};

/* Starts it, waits for its end, and takes what it wrote. */
struct it_run it_call(const struct it_call *call);

/* The same for a call that has arguments only. */
struct it_run it_haul(const char *const *argv);

/* Starts it in the background. It is killed when the case ends. */
struct it_process;
struct it_process *it_start(const struct it_call *call);

/* Only with keep_input. Sending to a program that is gone, or reads no more, does nothing. */
void it_send(struct it_process *process, const char *text);
void it_close_input(struct it_process *process);

void it_signal(struct it_process *process, int number);
pid_t it_pid(const struct it_process *process);

/* Waits until the captured standard output (or error) holds `text`. */
void it_await_output(struct it_process *process, const char *text);
void it_await_error(struct it_process *process, const char *text);

/* Waits for the first line of its captured standard output and returns it, without newline. */
const char *it_await_line(struct it_process *process);

/* Has it ended? Takes what it wrote; it_finish is still to be called. */
bool it_has_ended(struct it_process *process);

/* Closes the reading end of the captured standard output. */
void it_close_output(struct it_process *process);

/* Closes its standard input, waits for its end, and takes what it wrote. */
struct it_run it_finish(struct it_process *process);

/* ---- reports ---- */

/* The objects of JSON Lines, as an array. Every line must be one. */
const json_t *it_rows(const char *jsonl);

/* By it_end: what these two have given is gone. */
void it_forget_rows(void);

/* One that may stand on many lines; the same. */
const json_t *it_json(const char *text);

/* A field of a row; it must be there and of that type. */
const char *it_str(const json_t *row, const char *key);
json_int_t it_int(const json_t *row, const char *key);

/* "" for null. */
const char *it_str_or_empty(const json_t *row, const char *key);

/* How many rows have that outcome; NULL: all. */
size_t it_count(const json_t *rows, const char *outcome);

/* The row whose url is that; there must be exactly one. */
const json_t *it_row(const json_t *rows, const char *url);

/* The outcome and the reason of a row, as "failed http-404", or "ok". */
const char *it_verdict(const json_t *row);

/* Lines of a text: newlines. */
size_t it_lines(const char *text);

/* Does the summary on standard error say that `lines` is the sum of its parts? */
void it_check_equation(const char *err, uint64_t lines);

/* Main of every test program: runs the suite and returns its exit status. */
int it_main(Suite *suite);

#endif
