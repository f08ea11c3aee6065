/* prctl, wait4, pipe2, nftw, execveat: no POSIX program could bound its children as strictly. */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum {
    PAUSE_MS = 5,
    PATIENCE_MS = 60000,
    READ_SIZE = 64 * 1024,
    OPEN_DIRECTORIES = 16,
};

/* What was handed out, in a list so that leak checkers see that it is still in use. */
struct kept {
    struct kept *next;
    char text[];
};

static struct kept *kept;
static char directory[256];

static char *keep_room(size_t len)
{
    struct kept *item = malloc(sizeof *item + len + 1);

    ck_assert_ptr_nonnull(item);
    item->next = kept;
    kept = item;
    item->text[len] = '\0';
    return item->text;
}

static char *keep(const char *bytes, size_t len)
{
    char *text = keep_room(len);

    if (len)
        memcpy(text, bytes, len);
    return text;
}

/* ---- the suite ---- */

void it_begin(void)
{
    const char *base = getenv("TMPDIR");

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGHUP, SIG_DFL); /* nohup may have started the tests */
    (void)snprintf(directory, sizeof directory, "%s/haul-test.XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(directory)) {
        perror(directory);
        exit(EXIT_FAILURE);
    }
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void it_remove_tree(const char *path)
{
    (void)nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
}

void it_end(void)
{
    it_remove_tree(directory);
    while (kept) {
        struct kept *next = kept->next;

        free(kept);
        kept = next;
    }
    it_forget_rows();
}

int it_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failures;

    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* ---- texts and files ---- */

const char *it_text(const char *format, ...)
{
    va_list args, again;
    int len;
    char *text;

    ck_assert_ptr_nonnull(format);
    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ck_assert_int_ge(len, 0);
    text = keep_room((size_t)len);
    (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

const char *it_path(const char *name)
{
    return it_text("%s/%s", directory, name);
}

void it_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wbe");

    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static void read_some(int fd, struct haul_buf *into, bool *ended)
{
    char *room = haul_buf_reserve(into, READ_SIZE);
    ssize_t got;

    ck_assert_ptr_nonnull(room);
    got = read(fd, room, READ_SIZE);
    if (got > 0)
        haul_buf_grew(into, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        *ended = true;
}

const char *it_read(const char *path, size_t *len)
{
    struct haul_buf bytes;
    bool ended = false;
    const char *text;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    haul_buf_init(&bytes, 0);
    while (!ended)
        read_some(fd, &bytes, &ended);
    (void)close(fd);
    text = keep(bytes.data, bytes.len);
    if (len)
        *len = bytes.len;
    haul_buf_done(&bytes);
    return text;
}

size_t it_lines(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

/* ---- time ---- */

int64_t it_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void it_pause(int64_t since_ms, const char *what)
{
    const struct timespec moment = {.tv_nsec = PAUSE_MS * 1000000L};

    ck_assert_msg(it_now_ms() - since_ms < PATIENCE_MS, "waited in vain for %s", what);
    (void)nanosleep(&moment, NULL);
}

bool it_is_sanitized(void)
{
    const char *value = getenv("HAUL_SANITIZED");

    return value && strcmp(value, "1") == 0;
}

/* ---- programs ---- */

struct it_process {
    pid_t pid;
    int input, output, error; /* our ends; -1: closed, or not captured */
    bool keep_input;          /* `pending` is not all that is to come */
    struct haul_buf pending;  /* for its standard input */
    struct haul_buf out, err;
    int64_t begun_ms;
};

struct ends {
    int ours, theirs;
};

static struct ends make_pipe(bool we_write)
{
    int fd[2];

    ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
    (void)fcntl(fd[we_write], F_SETFL, O_NONBLOCK);
    return we_write ? (struct ends){fd[1], fd[0]} : (struct ends){fd[0], fd[1]};
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* The tests may themselves run where a log is looked through. */
static void leave_ci(void)
{
    static const char *const names[] = {
        "CI",        "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION",
        "GITLAB_CI", "BUILDKITE",      "TRAVIS",   "JENKINS_URL"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unsetenv(names[i]);
}

static void change_environment(const char *const *env)
{
    for (; env && *env; env++) {
        const char *equals = strchr(*env, '=');

        if (!equals)
            (void)unsetenv(*env);
        else
            (void)setenv(it_text("%.*s", (int)(equals - *env), *env), equals + 1, 1);
    }
}

/* The child, up to the program. */
static void become(const struct it_call *call, pid_t parent, const int stream[3])
{
    enum { ARGS_MAX = 256 };
    const char *program = call->program ? call->program : getenv("HAUL_BIN");
    const char *argv[ARGS_MAX] = {program};
    int file = program ? open(program, O_PATH | O_CLOEXEC) : -1;
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || !program)
        _exit(126);
    for (size_t i = 0; i < ARGS_MAX - 2 && call->argv && call->argv[i]; i++)
        argv[i + 1] = call->argv[i];
    leave_ci();
    change_environment(call->env);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++)
        if (dup2(stream[i], i) < 0)
            _exit(126);
    if (call->prepare)
        call->prepare();
    (void)execv(program, (char *const *)(uintptr_t)argv);
    /* Another user may not get to where the tests are. */
    (void)execveat(file, "", (char *const *)(uintptr_t)argv, environ, AT_EMPTY_PATH);
    _exit(127);
}

struct it_process *it_start(const struct it_call *call)
{
    struct it_process *p = calloc(1, sizeof *p);
    struct ends in = make_pipe(true);
    struct ends out = call->output ? (struct ends){-1, call->output} : make_pipe(false);
    struct ends err = call->error ? (struct ends){-1, call->error} : make_pipe(false);
    pid_t self = getpid();

    ck_assert_ptr_nonnull(p);
    *p = (struct it_process){.input = in.ours, .output = out.ours, .error = err.ours};
    haul_buf_init(&p->pending, 0);
    haul_buf_init(&p->out, 0);
    haul_buf_init(&p->err, 0);
    p->keep_input = call->keep_input;
    if (call->input)
        haul_buf_add(&p->pending, call->input,
                     call->input_len ? call->input_len : strlen(call->input));
    p->begun_ms = it_now_ms();
    p->pid = fork();
    ck_assert_int_ge(p->pid, 0);
    if (p->pid == 0)
        become(call, self, (const int[]){in.theirs, out.theirs, err.theirs});
    (void)close(in.theirs);
    if (!call->output)
        (void)close(out.theirs);
    if (!call->error)
        (void)close(err.theirs);
    return p;
}

/* ---- its streams ---- */

static void send_pending(struct it_process *p)
{
    ssize_t sent = 0;

    if (p->input >= 0 && p->pending.len) {
        sent = write(p->input, p->pending.data, p->pending.len);
        if (sent > 0)
            haul_buf_consume(&p->pending, (size_t)sent);
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        haul_buf_clear(&p->pending);
    if (!p->pending.len && !p->keep_input)
        close_end(&p->input);
}

static void receive(int *fd, struct haul_buf *into)
{
    bool ended = false;

    read_some(*fd, into, &ended);
    if (ended)
        close_end(fd);
}

/* Moves what can be moved, and waits a moment if that is nothing. */
static void pump(struct it_process *p)
{
    struct pollfd set[] = {{.fd = p->output, .events = POLLIN},
                           {.fd = p->error, .events = POLLIN},
                           {.fd = p->pending.len ? p->input : -1, .events = POLLOUT}};

    send_pending(p);
    if (poll(set, 3, PAUSE_MS) <= 0)
        return;
    if (set[0].revents)
        receive(&p->output, &p->out);
    if (set[1].revents)
        receive(&p->error, &p->err);
}

void it_send(struct it_process *p, const char *text)
{
    int64_t since_ms = it_now_ms();

    haul_buf_add_str(&p->pending, text);
    while (p->pending.len) {
        pump(p);
        ck_assert_msg(it_now_ms() - since_ms < PATIENCE_MS, "the input is not read");
    }
}

void it_close_input(struct it_process *p)
{
    p->keep_input = false;
    send_pending(p);
}

void it_close_output(struct it_process *p)
{
    close_end(&p->output);
}

static void await(struct it_process *p, const int *fd, const struct haul_buf *buf, const char *text)
{
    int64_t since_ms = it_now_ms();

    while (!strstr(haul_buf_str(buf), text)) {
        ck_assert_msg(*fd >= 0, "it ended without saying '%s':\n%.1000s", text, haul_buf_str(buf));
        ck_assert_msg(it_now_ms() - since_ms < PATIENCE_MS, "waited in vain for '%s' in:\n%.1000s",
                      text, haul_buf_str(buf));
        pump(p);
    }
}

void it_await_output(struct it_process *p, const char *text)
{
    await(p, &p->output, &p->out, text);
}

void it_await_error(struct it_process *p, const char *text)
{
    await(p, &p->error, &p->err, text);
}

const char *it_await_line(struct it_process *p)
{
    const char *text;

    it_await_output(p, "\n");
    text = haul_buf_str(&p->out);
    return keep(text, (size_t)(strchr(text, '\n') - text));
}

void it_signal(struct it_process *p, int number)
{
    ck_assert_int_eq(kill(p->pid, number), 0);
}

pid_t it_pid(const struct it_process *p)
{
    return p->pid;
}

/* ---- its end ---- */

bool it_has_ended(struct it_process *p)
{
    siginfo_t info = {0};

    pump(p);
    return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == p->pid;
}

static void take_texts(struct it_process *p, struct it_run *run)
{
    run->out_len = p->out.len;
    run->out = keep(p->out.data, p->out.len);
    run->err_len = p->err.len;
    run->err = keep(p->err.data, p->err.len);
    haul_buf_done(&p->out);
    haul_buf_done(&p->err);
    haul_buf_done(&p->pending);
}

struct it_run it_finish(struct it_process *p)
{
    struct it_run run = {0};
    struct rusage usage;
    int status = 0;
    pid_t gone = 0;

    p->keep_input = false;
    while (gone == 0) {
        pump(p);
        gone = wait4(p->pid, &status, WNOHANG, &usage);
    }
    ck_assert_int_eq(gone, p->pid);
    run.wall_ms = it_now_ms() - p->begun_ms;
    while (p->output >= 0 || p->error >= 0)
        pump(p);
    close_end(&p->input);
    take_texts(p, &run);
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    run.memory_kb = usage.ru_maxrss;
    free(p);
    return run;
}

struct it_run it_call(const struct it_call *call)
{
    return it_finish(it_start(call));
}

struct it_run it_haul(const char *const *argv)
{
    return it_call(&(struct it_call){.argv = argv});
}
