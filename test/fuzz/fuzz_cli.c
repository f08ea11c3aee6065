/* memfd_create */
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owned.h"
#include "cli/options.h"

/*
 * Whatever arguments, environment and configuration file there are: they are taken, or refused with
 * one line of plain text, and the same twice; haul does not end there, and leaves no descriptor
 * open. No file is opened but the configuration, which is also called "f". Texts that end in NUL:
 * the file's, a variable's (or none), and the arguments.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGS_MAX = 64 };

static int is_parsing;

static void require(int holds)
{
    if (!holds)
        abort();
}

static void on_exit_of_haul(void)
{
    require(!is_parsing);
}

/* ---- files ---- */

/* Whatever an option names would be opened, a pipe too. So two names are that of the one file that
 * there is, its own and a short one, and others of none. The linker puts this in (meson.build). */
static const char *only_file = "";
static const char short_name[] = "f";

int __real_haul_owned_open_input(const char *path, struct stat *info,
                                 struct haul_owned_found *found);
int __wrap_haul_owned_open_input(const char *path, struct stat *info,
                                 struct haul_owned_found *found);

int __wrap_haul_owned_open_input(const char *path, struct stat *info,
                                 struct haul_owned_found *found)
{
    bool is_there = !strcmp(path, only_file) || !strcmp(path, short_name);

    return __real_haul_owned_open_input(is_there ? only_file : "", info, found);
}

/* ---- arguments ---- */

struct call {
    const char *file; /* its text */
    const char *environment[2];
    size_t count;
    const char *arg[ARGS_MAX];
};

/* `text` ends in NUL, and holds others. */
static void cut(const char *text, size_t len, struct call *call)
{
    const char *end = text + len;

    *call = (struct call){.file = text};
    text += strlen(text) + 1;
    if (text < end) {
        call->environment[0] = *text ? text : NULL;
        text += strlen(text) + 1;
    }
    for (; text < end && call->count < ARGS_MAX; text += strlen(text) + 1)
        call->arg[call->count++] = text;
}

static int lowest_free_descriptor(void)
{
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd;
}

/* ---- one call ---- */

static void check_message(enum haul_err err, const struct haul_buf *message)
{
    const char *at = haul_buf_str(message);

    require(err != HAUL_ERR_USAGE || (*at && !strchr(at, '\n')));
    for (size_t i = 0; i < message->len; i++)
        require(at[i] == '\n' || (at[i] >= 0x20 && at[i] < 0x7f));
    for (; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n'))
        require(!strncmp(at, "haul: ", 6));
}

static void parse(const struct call *call, char **argv, int argc, struct haul_buf *said)
{
    struct haul_options_result result;
    struct haul_config config;
    enum haul_err err;

    is_parsing = 1;
    err = haul_options_parse(argc, argv, call->environment, &config, &result, said);
    is_parsing = 0;
    require(!err || err == HAUL_ERR_USAGE);
    check_message(err, said);
    if (!err && !result.help && !result.version) {
        require(config.jobs >= 1 && config.jobs <= 1024);
        require(config.streams >= 1 && config.streams <= 256);
    }
    haul_buf_addf(said, "%d", (int)err);
    haul_config_done(&config);
}

/* Secrets are overwritten in argv, so each call has its own. */
static void run(const struct call *call, int file, struct haul_buf *said)
{
    char path[64], *argv[ARGS_MAX + 4] = {NULL};
    const char *first[] = {"haul", "--config", path};
    int argc = 0;

    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    only_file = path;
    for (int i = 0; i < 3; i++)
        argv[argc++] = strdup(first[i]);
    for (size_t i = 0; i < call->count; i++)
        argv[argc++] = strdup(call->arg[i]);
    parse(call, argv, argc, said);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    only_file = "";
}

static int make_file(const char *text)
{
    int fd = memfd_create("f", MFD_CLOEXEC);

    require(fd >= 0 && !fchmod(fd, 0600));
    require(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    return fd;
}

/* That what names the file reaches it, and what is only called alike is parsed as well. */
static void check_reach(void)
{
    const char *const arg[] = {"haul", "--config=f",      "--user-file",
                               "f",    "--list-keys=all", "--print-config"};
    char *argv[sizeof arg / sizeof *arg];
    struct haul_options_result result;
    struct haul_config config;
    struct haul_buf said;
    char path[64];
    int file = make_file("user-agent = me:pass");

    haul_buf_init(&said, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    only_file = path;
    for (size_t i = 0; i < sizeof arg / sizeof *arg; i++)
        argv[i] = strdup(arg[i]);
    require(!haul_options_parse(sizeof arg / sizeof *arg, argv, NULL, &config, &result, &said));
    require(result.print_config && config.list_keys == HAUL_LIST_KEYS_ALL);
    require(config.user_agent && !strcmp(config.user_agent, "me:pass"));
    require(config.user && !strcmp(config.user, "user-agent = me:pass"));
    haul_config_done(&config);
    for (size_t i = 0; i < sizeof arg / sizeof *arg; i++)
        free(argv[i]);
    only_file = "";
    haul_buf_done(&said);
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_watched;
    struct haul_buf one, other;
    struct call call;
    char *text;
    int file, descriptor;

    if (!is_watched) {
        is_watched = !atexit(on_exit_of_haul);
        check_reach();
    }
    text = calloc(size + 1, 1);
    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    cut(text, size + 1, &call);
    haul_buf_init(&one, 0);
    haul_buf_init(&other, 0);
    file = make_file(call.file);
    descriptor = lowest_free_descriptor();
    run(&call, file, &one);
    run(&call, file, &other);
    require(descriptor == lowest_free_descriptor());
    require(one.len == other.len && !memcmp(one.data, other.data, one.len));
    close(file);
    haul_buf_done(&one);
    haul_buf_done(&other);
    free(text);
    return 0;
}
