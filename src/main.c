#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/callfilter.h"
#include "base/io.h"
#include "base/message.h"
#include "base/out.h"
#include "base/sandbox.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/print.h"
#include "command/command.h"
#include "haul/batch.h"
#include "haul/exit.h"
#include "transfer/net.h"

/*
 * argv -> configuration -> batch -> exit status. What a run does is told in engine/batch.c.
 */

extern char **environ; /* POSIX declares it nowhere */

/*
 * A closed standard descriptor would be given to the first file or socket that is opened, and the
 * report written into it. Reading or writing the stand-in fails, which is the truth.
 */
static int open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    }
    return 0;
}

/* Jobs are made by one thread and freed by another: with many arenas much of each would lie idle.
 * */
static void limit_arenas(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 4);
#endif
}

static int print_text(struct haul_buf *text)
{
    const struct haul_terminal term = haul_terminal_look(STDERR_FILENO);
    struct haul_out *out = haul_out_create(STDOUT_FILENO);
    enum haul_err err = text->err || !out ? HAUL_ERR_NOMEM : HAUL_OK;
    bool reader_left = false;
    char cause[HAUL_IO_ERROR_MAX];

    if (!err) {
        haul_out_add(out, haul_buf_str(text), text->len);
        err = haul_out_flush(out);
        reader_left = haul_out_error(out) == EPIPE;
    }
    if (err && !reader_left) {
        haul_buf_clear(text);
        haul_buf_addf(text, "standard output: %s",
                      err == HAUL_ERR_NOMEM ? haul_err_text(err)
                                            : haul_io_error_text(haul_out_error(out), cause));
        haul_message_say(&term, haul_buf_str(text));
    }
    haul_out_free(out);
    if (reader_left)
        return HAUL_COMMAND_READER_LEFT;
    return err ? HAUL_EXIT_INTERNAL : HAUL_EXIT_OK;
}

/* "Landlock ABI 7, seccomp", or "none: this kernel has no Landlock". */
static const char *describe_sandbox(struct haul_buf *text)
{
    struct haul_buf kernel;
    bool is_there;

    haul_buf_init(&kernel, 0);
    is_there = haul_sandbox_describe(&kernel);
    haul_buf_addf(text, "%s%s%s", is_there ? "" : "none: ", haul_buf_str(&kernel),
                  haul_callfilter_is_there() ? ", seccomp" : "");
    haul_buf_done(&kernel);
    return haul_buf_str(text);
}

static int print_request(const struct haul_options_result *request)
{
    struct haul_buf text, sandbox;
    char uv[64];
    int status;

    haul_buf_init(&text, 0);
    haul_buf_init(&sandbox, 0);
    snprintf(uv, sizeof uv, "libuv/%s", uv_version_string());
    if (request->help)
        haul_help_add(&text);
    else if (request->print_config)
        haul_print_config_add(&text, request);
    else
        haul_help_add_version(&text, haul_net_version(), uv, haul_net_features(),
                              describe_sandbox(&sandbox));
    status = print_text(&text);
    haul_buf_done(&sandbox);
    haul_buf_done(&text);
    return status;
}

static int run(enum haul_verb verb, const struct haul_config *config)
{
    switch (verb) {
    case HAUL_VERB_DRY_RUN:
        return haul_command_dry_run(config);
    case HAUL_VERB_REPORT:
        return haul_command_report(config);
    case HAUL_VERB_DIFF:
        return haul_command_diff(config);
    case HAUL_VERB_HISTORY:
        return haul_command_history(config);
    default:
        return haul_batch_run(config);
    }
}

/* What the command line, the environment and files are told, in lines that are escaped already. */
static void print_message(const struct haul_buf *message, enum haul_err err)
{
    const char *text = message->len || !err ? haul_buf_str(message) : haul_err_text(err);

    haul_message_write(text, strlen(text));
    haul_message_write("\n", *text != '\0');
}

int main(int argc, char **argv)
{
    struct haul_options_result request = {0};
    struct haul_config config;
    struct haul_buf message;
    enum haul_err err;
    int status;

    if (open_standard_streams())
        return HAUL_EXIT_INTERNAL;
    limit_arenas();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    haul_buf_init(&message, 0);
    err = haul_options_parse(argc, argv, (const char *const *)environ, &config, &request, &message);
    if (err || !config.quiet)
        print_message(&message, err);
    if (err) {
        status = err == HAUL_ERR_USAGE ? HAUL_EXIT_USAGE : HAUL_EXIT_INTERNAL;
    } else if (request.help || request.version || request.print_config) {
        status = print_request(&request);
    } else {
        status = run(request.verb, &config);
    }
    haul_buf_done(&message);
    haul_config_done(&config);
    return status;
}
